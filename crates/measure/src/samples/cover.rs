//! Which real points, and which modes, the generated points reach.

use serde::{Deserialize, Serialize};

use super::{same_width, squared_distance};
use crate::{Features, MeasureError};

/// Coverage (Naeem et al., 2020): the share of real points, in `0..=1`, that have a generated point in their ball. The ball of a real
/// point reaches to its `k`-th nearest other real point.
///
/// The ball includes its surface. The code of the authors leaves it out, which differs where a distance is met exactly only: with the
/// surface, a real point that has duplicates is covered when it is generated. A sample as large as the real one and of the same
/// distribution covers about `1 - 2^-k` of it. Takes `O(n (n + m) dim)` time.
///
/// # Errors
/// When the sets are not of one width or `k` is not in 1 to the number of other real points.
pub fn coverage(real: &Features, generated: &Features, k: usize) -> Result<f64, MeasureError> {
    same_width(real, generated)?;
    let others = real.rows() - 1;
    if others == 0 {
        return Err(MeasureError::TooFewRows { measure: "coverage", needed: 2, found: 1 });
    }
    if !(1..=others).contains(&k) {
        return Err(MeasureError::OutOfRange { what: "the number of neighbours", value: k, min: 1, max: others });
    }
    let mut distances = Vec::with_capacity(others);
    let mut covered = 0_usize;
    for (at, point) in real.iter().enumerate() {
        let other = real.iter().enumerate().filter(|&(other, _)| other != at);
        distances.clear();
        distances.extend(other.map(|(_, other)| squared_distance(point, other)));
        let (_, &mut radius, _) = distances.select_nth_unstable_by(k - 1, f64::total_cmp);
        covered += usize::from(generated.iter().any(|it| squared_distance(point, it) <= radius));
    }
    Ok(covered as f64 / real.rows() as f64)
}

/// How many points fell into each mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeCounts {
    /// Points of each mode, in the order of the centres.
    pub points: Vec<usize>,
    /// Points farther than the radius from every centre.
    pub outside: usize,
}

impl ModeCounts {
    /// Number of points, at least 1.
    pub fn total(&self) -> usize {
        self.points.iter().sum::<usize>() + self.outside
    }

    /// Share of all points in each mode, in `0..=1`; what is missing to a sum of 1 lies outside of all.
    pub fn shares(&self) -> Vec<f64> {
        self.points.iter().map(|&count| count as f64 / self.total() as f64).collect()
    }

    /// Number of modes with at least one point.
    pub fn reached(&self) -> usize {
        self.points.iter().filter(|&&count| count > 0).count()
    }
}

/// Gives every generated point to the nearest of `centres` (to the first of several as near) if that is within `radius`, surface
/// included.
///
/// # Errors
/// When points and centres are not of one width or `radius` is negative or no number.
pub fn modes(generated: &Features, centres: &Features, radius: f64) -> Result<ModeCounts, MeasureError> {
    same_width(centres, generated)?;
    if radius.is_nan() || radius < 0.0 {
        let (min, max) = (0.0, f64::INFINITY);
        return Err(MeasureError::NumberOutOfRange { what: "the radius of a mode", value: radius, min, max });
    }
    let mut counts = ModeCounts { points: vec![0; centres.rows()], outside: 0 };
    for point in generated.iter() {
        let distances = centres.iter().map(|centre| squared_distance(point, centre)).enumerate();
        let nearest = distances.min_by(|(_, left), (_, right)| left.total_cmp(right));
        let within = nearest.filter(|(_, distance)| distance.sqrt() <= radius);
        *within.and_then(|(mode, _)| counts.points.get_mut(mode)).unwrap_or(&mut counts.outside) += 1;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn line(values: &[f32]) -> Features<'_> {
        Features::new(values, 1).unwrap()
    }

    #[test]
    fn coverage_by_hand() {
        // Nearest other real points of 0, 1, 3, 10: at 1, 1, 2, 7; second nearest: at 3, 2, 3, 9.
        let real = line(&[0.0, 1.0, 3.0, 10.0]);
        let covers = |generated: &[f32], k| coverage(&real, &line(generated), k).unwrap();
        assert_eq!((covers(&[2.5], 1), covers(&[2.5], 2)), (0.25, 1.0));
        // On the surface of the ball of 1.
        assert_eq!(covers(&[2.0], 1), 0.5);
        assert_eq!(covers(&[100.0], 3), 0.0);
        assert_eq!(covers(&[0.0, 1.0, 3.0, 10.0], 1), 1.0);
    }

    #[test]
    fn duplicates_cover_each_other() {
        assert_eq!(coverage(&line(&[5.0, 5.0, 7.0]), &line(&[5.0]), 1).unwrap(), 1.0);
    }

    #[test]
    fn neighbours_that_do_not_exist_are_refused() {
        let refused = |real: &[f32], k| coverage(&line(real), &line(&[0.0]), k).unwrap_err().to_string();
        assert_eq!(refused(&[0.0, 1.0, 2.0], 3), "the number of neighbours is 3; choose 1 to 2");
        assert!(refused(&[0.0, 1.0], 0).starts_with("the number of neighbours is 0"));
        assert!(refused(&[0.0], 1).starts_with("coverage needs at least 2 rows"));
    }

    #[test]
    fn points_go_to_the_nearest_mode_within_reach() {
        let centres = Features::new(&[0.0, 0.0, 4.0, 0.0, 0.0, 9.0], 2).unwrap();
        let points = Features::new(&[0.0, 1.0, 0.6, 0.8, 2.0, 0.0, 4.0, 0.0, 0.0, 4.4], 2).unwrap();
        // (2, 0) is as near to the first as to the second.
        let wide = modes(&points, &centres, 2.0).unwrap();
        assert_eq!(wide, ModeCounts { points: vec![3, 1, 0], outside: 1 });
        assert_eq!((wide.total(), wide.reached(), wide.shares()), (5, 2, vec![0.6, 0.2, 0.0]));
        assert_eq!(modes(&points, &centres, 0.0).unwrap(), ModeCounts { points: vec![0, 1, 0], outside: 4 });
        assert!(modes(&points, &centres, -1.0).is_err() && modes(&points, &centres, f64::NAN).is_err());
        assert!(modes(&line(&[0.0]), &centres, 1.0).is_err());
    }
}
