//! Maximum mean discrepancy (Gretton et al., 2012) with a Gaussian kernel.

use super::{same_width, squared_distance};
use crate::{Features, MeasureError, statistics::median};

/// Most points, both sets together, whose pairwise distances are held for their median: 16 MiB of them.
pub const MAX_POOLED: usize = 2048;

/// Bandwidths that leave a kernel between points of single precision.
const BANDWIDTHS: (f64, f64) = (1e-6, 1e6);

/// The unbiased estimate of MMD^2 with the kernel `k(x, y) = exp(-|x - y|^2 / (2 bandwidth^2))`:
///
/// ```text
/// mean over i != j of k(x_i, x_j)  +  mean over i != j of k(y_i, y_j)  -  2 mean over i, j of k(x_i, y_j)
/// ```
///
/// A point is not paired with itself, which makes the expectation exactly 0 for equal distributions; single estimates then lie on both
/// sides of it, so a small negative value is no fault. At most 2. Takes `O((n + m)^2 dim)` time.
///
/// # Errors
/// When the sets are not of one width, one has fewer than two points, or `bandwidth` is not in 1e-6 to 1e6.
pub fn mmd_squared(real: &Features, generated: &Features, bandwidth: f64) -> Result<f64, MeasureError> {
    same_width(real, generated)?;
    let (min, max) = BANDWIDTHS;
    if !(min..=max).contains(&bandwidth) {
        return Err(MeasureError::NumberOutOfRange { what: "the bandwidth", value: bandwidth, min, max });
    }
    let kernel = |left: &[f32], right: &[f32]| (-squared_distance(left, right) / (2.0 * bandwidth * bandwidth)).exp();
    let within = |points: &Features| {
        let rows = points.rows();
        if rows < 2 {
            return Err(MeasureError::TooFewRows { measure: "MMD", needed: 2, found: rows });
        }
        let pairs =
            points.iter().enumerate().flat_map(|(at, left)| points.iter().skip(at + 1).map(move |it| (left, it)));
        let sum: f64 = pairs.map(|(left, right)| kernel(left, right)).sum();
        Ok(sum / (rows as f64 * (rows as f64 - 1.0) / 2.0))
    };
    let across: f64 = real.iter().map(|left| generated.iter().map(|right| kernel(left, right)).sum::<f64>()).sum();
    let across = across / (real.rows() as f64 * generated.rows() as f64);
    Ok(within(real)? + within(generated)? - 2.0 * across)
}

/// The median heuristic for a bandwidth: the median Euclidean distance over all pairs of different points of both sets together.
///
/// To compare models, take it once, from two halves of the real points, and keep it: a bandwidth that follows the generated points hides
/// how far off they are.
///
/// # Errors
/// When the sets are not of one width, hold more than [`MAX_POOLED`] points together, or more than half of all pairs coincide, so that
/// the median is 0 and no bandwidth.
pub fn median_distance(real: &Features, generated: &Features) -> Result<f64, MeasureError> {
    same_width(real, generated)?;
    let rows = real.rows() + generated.rows();
    if rows > MAX_POOLED {
        return Err(MeasureError::TooManyRows { rows, max: MAX_POOLED });
    }
    let pooled: Vec<&[f32]> = real.iter().chain(generated.iter()).collect();
    let later = |at: usize| pooled.iter().skip(at + 1);
    let distances =
        pooled.iter().enumerate().flat_map(|(at, left)| later(at).map(|it| squared_distance(left, it).sqrt()));
    let found = median(&distances.collect::<Vec<f64>>()).filter(|&found| found > 0.0);
    found.ok_or(MeasureError::NoVariance { measure: "the median distance", side: "pooled" })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn line(values: &[f32]) -> Features<'_> {
        Features::new(values, 1).unwrap()
    }

    #[test]
    fn mmd_by_hand() {
        // Bandwidth 1 / sqrt(2) makes the kernel exp(-d^2).
        let found = mmd_squared(&line(&[0.0, 1.0]), &line(&[0.0, 2.0]), 0.5_f64.sqrt()).unwrap();
        let kernel = |distance: f64| (-distance * distance).exp();
        let across = (kernel(0.0) + kernel(2.0) + kernel(1.0) + kernel(1.0)) / 4.0;
        assert!((found - (kernel(1.0) + kernel(2.0) - 2.0 * across)).abs() < 1e-12, "{found}");
    }

    #[test]
    fn far_apart_sets_of_coinciding_points_reach_the_most() {
        assert!((mmd_squared(&line(&[0.0, 0.0]), &line(&[99.0, 99.0, 99.0]), 1.0).unwrap() - 2.0).abs() < 1e-12);
        assert!(mmd_squared(&line(&[0.0, 1.0, 5.0]), &line(&[0.0, 1.0, 5.0]), 1.0).unwrap() < 0.0);
    }

    #[test]
    fn the_median_is_over_all_pairs_of_both_sets() {
        // Distances of 0, 1 | 3: 1, 3, 2.
        assert_eq!(median_distance(&line(&[0.0, 1.0]), &line(&[3.0])).unwrap(), 2.0);
        // Of 0, 1 | 3, 7: 1, 3, 7, 2, 6, 4.
        assert_eq!(median_distance(&line(&[0.0, 1.0]), &line(&[3.0, 7.0])).unwrap(), 3.5);
    }

    #[test]
    fn what_has_no_estimate_is_refused() {
        let two = line(&[0.0, 1.0]);
        let single = mmd_squared(&line(&[0.0]), &two, 1.0).unwrap_err().to_string();
        assert_eq!(single, "MMD needs at least 2 rows, 1 given; measure a larger sample");
        for bandwidth in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(mmd_squared(&two, &two, bandwidth).is_err(), "{bandwidth}");
        }
        assert!(matches!(median_distance(&line(&[1.0, 1.0]), &line(&[1.0])), Err(MeasureError::NoVariance { .. })));
        let many = vec![0.0; MAX_POOLED];
        assert!(matches!(median_distance(&line(&many), &two), Err(MeasureError::TooManyRows { rows: 2050, .. })));
        let wide = Features::new(&[0.0, 1.0], 2).unwrap();
        assert!(mmd_squared(&two, &wide, 1.0).is_err() && median_distance(&two, &wide).is_err());
    }
}
