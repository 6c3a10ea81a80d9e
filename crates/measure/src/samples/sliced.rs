//! Sliced Wasserstein distance (Rabin et al., 2011; Bonneel et al., 2015).

use std::f64::consts::PI;

use super::same_width;
use crate::{Features, MeasureError, features::NORM_FLOOR};

/// Lines through the origin on which points are projected.
///
/// They are passed in and not drawn anew, so that two models are measured along the same lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Directions {
    /// `[lines, dim]` row-major, each row of length 1.
    values: Vec<f64>,
    dim: usize,
}

impl Directions {
    /// The directions of the rows of `rows`, of any length but 0. Rows of independent normal numbers give directions that are uniform
    /// on the sphere.
    ///
    /// # Errors
    /// When a row is shorter than [`NORM_FLOOR`] and so points nowhere.
    pub fn new(rows: &Features) -> Result<Self, MeasureError> {
        let mut values = Vec::with_capacity(rows.values().len());
        for row in rows.iter() {
            let norm = row.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
            if norm < NORM_FLOOR {
                return Err(MeasureError::NumberOutOfRange {
                    what: "the length of a direction",
                    value: norm,
                    min: NORM_FLOOR,
                    max: f64::INFINITY,
                });
            }
            values.extend(row.iter().map(|&value| f64::from(value) / norm));
        }
        Ok(Self { values, dim: rows.dim() })
    }

    /// `lines` directions in the plane at the angles `i pi / lines`, without any chance. Half a turn is enough: a line and its reverse
    /// project alike.
    ///
    /// # Errors
    /// When there are no lines.
    pub fn evenly_spaced(lines: u32) -> Result<Self, MeasureError> {
        if lines == 0 {
            return Err(MeasureError::OutOfRange {
                what: "the number of lines",
                value: 0,
                min: 1,
                max: u32::MAX as usize,
            });
        }
        let angle = |line: u32| PI * f64::from(line) / f64::from(lines);
        Ok(Self { values: (0..lines).flat_map(|line| [angle(line).cos(), angle(line).sin()]).collect(), dim: 2 })
    }

    /// Width of the points that can be projected.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Number of lines, at least 1.
    pub fn lines(&self) -> usize {
        self.values.len() / self.dim
    }
}

/// Which power of the distance the moved mass pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// W1: the distance itself.
    First,
    /// W2: its square. Far strays weigh more.
    Second,
}

/// Sliced Wasserstein distance `( mean over lines of W_p^p )^(1/p)` between two sets of points, each point of a set of equal weight.
///
/// On a line the best way to move mass keeps the order of the points, so `W_p` is exact: sort both sets and pair their quantiles, cutting
/// points into parts where the sets differ in number. It is in the units of the points, 0 for equal sets, and for a set that was
/// shifted by `s` along all lines of the plane W2 is `|s| / sqrt(2)`. Takes `O(lines (dim n + n log n))` time.
///
/// # Errors
/// When the two sets and the directions are not of one width.
pub fn sliced_wasserstein(
    real: &Features,
    generated: &Features,
    directions: &Directions,
    order: Order,
) -> Result<f64, MeasureError> {
    same_width(real, generated)?;
    if directions.dim != real.dim() {
        let (what, expected, found) = ("coordinates of a direction", real.dim(), directions.dim);
        return Err(MeasureError::LengthMismatch { what, expected, found });
    }
    let cost = |line| moved(&projected(real, line), &projected(generated, line), order);
    let mean = directions.values.chunks_exact(directions.dim).map(cost).sum::<f64>() / directions.lines() as f64;
    Ok(match order {
        Order::First => mean,
        Order::Second => mean.sqrt(),
    })
}

/// Places of all points along a line, ascending.
fn projected(points: &Features, line: &[f64]) -> Vec<f64> {
    let place = |point: &[f32]| point.iter().zip(line).map(|(&value, axis)| f64::from(value) * axis).sum();
    let mut places: Vec<f64> = points.iter().map(place).collect();
    places.sort_unstable_by(f64::total_cmp);
    places
}

/// `W_p^p` between two ascending, non-empty lists of numbers.
fn moved(left: &[f64], right: &[f64], order: Order) -> f64 {
    // Mass is counted in parts of 1 / (n m), so that the ends of quantiles meet exactly: a left point holds m parts, a right one n.
    let (left_parts, right_parts) = (right.len() as u64, left.len() as u64);
    let (mut lefts, mut rights) = (left.iter(), right.iter());
    let (mut here, mut there) = ((lefts.next(), left_parts), (rights.next(), right_parts));
    let mut cost = 0.0;
    while let ((Some(from), have), (Some(to), need)) = (here, there) {
        let parts = have.min(need);
        let gap = (from - to).abs();
        cost += parts as f64 * if order == Order::First { gap } else { gap * gap };
        here = if have == parts { (lefts.next(), left_parts) } else { (Some(from), have - parts) };
        there = if need == parts { (rights.next(), right_parts) } else { (Some(to), need - parts) };
    }
    cost / (left.len() as f64 * right.len() as f64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn plane(values: &[f32]) -> Features<'_> {
        Features::new(values, 2).unwrap()
    }

    #[test]
    fn one_line_by_hand() {
        // {0, 3} to {1, 1, 4}: a third each moves 0 to 1, a sixth 0 to 1, a sixth 3 to 1, a third 3 to 4.
        assert!((moved(&[0.0, 3.0], &[1.0, 1.0, 4.0], Order::First) - (2.0 + 1.0 + 2.0 + 2.0) / 6.0).abs() < 1e-12);
        assert!((moved(&[0.0, 3.0], &[1.0, 1.0, 4.0], Order::Second) - (2.0 + 1.0 + 4.0 + 2.0) / 6.0).abs() < 1e-12);
        // The order along the line is kept, not that of the list.
        assert_eq!(moved(&[-1.0, 1.0], &[0.0], Order::Second), 1.0);
    }

    #[test]
    fn a_shift_costs_its_length_along_each_line() {
        let (here, there) = ([0.0, 0.0, 1.0, 0.0], [3.0, 4.0, 4.0, 4.0]);
        let axes = Directions::evenly_spaced(2).unwrap();
        let distance = |order| sliced_wasserstein(&plane(&here), &plane(&there), &axes, order).unwrap();
        // 3 along the first axis and 4 along the second.
        assert!((distance(Order::First) - 3.5).abs() < 1e-12);
        assert!((distance(Order::Second) - 12.5_f64.sqrt()).abs() < 1e-12);
        // Evenly spaced lines measure a shift of 5 alike whatever their number: the mean of cos^2 is 1/2.
        for lines in [2, 3, 17, 64] {
            let lines = Directions::evenly_spaced(lines).unwrap();
            let found = sliced_wasserstein(&plane(&here), &plane(&there), &lines, Order::Second).unwrap();
            assert!((found - 5.0 / 2.0_f64.sqrt()).abs() < 1e-12, "{found}");
        }
    }

    #[test]
    fn the_same_points_in_another_number_are_the_same_distribution() {
        let (once, thrice) = ([0.0, 1.0, 2.0, 5.0], [2.0, 5.0, 0.0, 1.0, 2.0, 5.0, 0.0, 1.0, 0.0, 1.0, 2.0, 5.0]);
        let lines = Directions::evenly_spaced(5).unwrap();
        for order in [Order::First, Order::Second] {
            assert_eq!(sliced_wasserstein(&plane(&once), &plane(&thrice), &lines, order).unwrap(), 0.0);
        }
    }

    #[test]
    fn directions_have_length_one_and_must_fit() {
        let given = Directions::new(&plane(&[3.0, 4.0, 0.0, -2.0])).unwrap();
        assert_eq!(given, Directions { values: vec![0.6, 0.8, 0.0, -1.0], dim: 2 });
        assert_eq!((given.lines(), given.dim()), (2, 2));
        assert!(Directions::new(&plane(&[1.0, 0.0, 0.0, 0.0])).is_err());
        assert!(Directions::evenly_spaced(0).is_err());
        let solid = Features::new(&[1.0, 2.0, 3.0], 3).unwrap();
        let refused =
            |real, generated| sliced_wasserstein(real, generated, &given, Order::First).unwrap_err().to_string();
        assert_eq!(refused(&solid, &solid), "coordinates of a direction: 2 given for 3; pass exactly one for each");
        assert!(refused(&plane(&[0.0, 0.0]), &solid).starts_with("coordinates of a generated point: 3 given for 2"));
    }
}
