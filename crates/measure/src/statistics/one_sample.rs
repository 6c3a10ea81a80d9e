//! Whether the values of a handful of independent runs lie about a bound.

use std::iter::repeat_n;

use super::distributions::t_above;
use super::{ROUNDING, Summary, all_finite};
use crate::MeasureError;

/// Most values that [`signed_rank_test`] takes: its time grows with their cube.
pub const MAX_SIGNED_RANKS: usize = 200;

/// Whether values are finite and differ by more than rounding, 1e-12 of the largest of them.
///
/// No test that goes by spread says anything of values that do not: a fact that is the same in every run is told as such.
pub fn varies(values: &[f64]) -> bool {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    values.iter().all(|value| value.is_finite()) && high - low > ROUNDING * high.abs().max(low.abs())
}

/// What every t-test goes by.
pub(super) struct Located {
    pub(super) mean: f64,
    pub(super) error: f64,
    pub(super) degrees: f64,
}

impl Located {
    /// `None` where the values do not [vary](varies).
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let summary = Summary::of(values).filter(|_| varies(values))?;
        Some(Self { mean: summary.mean, error: summary.standard_error?, degrees: summary.count as f64 - 1.0 })
    }

    /// Standard errors that the mean lies above `bound`.
    pub(super) fn t(&self, bound: f64) -> f64 {
        (self.mean - bound) / self.error
    }
}

/// Two-sided p-value, in `0..=1`, of Student's t-test that the values come from a distribution of mean `bound`.
///
/// It is below 0.05 exactly where [`Summary::interval`] does not contain the bound, and assumes what that assumes. `None` where the
/// values do not [vary](varies).
pub fn t_test(values: &[f64], bound: f64) -> Option<f64> {
    let located = Located::of(values)?;
    Some(2.0 * t_above(located.t(bound).abs(), located.degrees))
}

/// Two-sided exact p-value, in `0..=1`, of the signed-rank test (Wilcoxon, 1945) that the values lie symmetrically about `bound`.
///
/// Beside [`t_test`] it shows whether a finding rests on the assumption of normal values. Values at the bound are left out before ranking,
/// as Wilcoxon did (`zero_method="wilcox"` in SciPy; Pratt's method keeps them), and tied distances share their mean rank. The
/// distribution is that of all `2^n` signs of the ranks at hand, so it is exact with ties, too. The smallest p that `n` values can
/// have is `2^(1-n)`: 0.002 for 10, which no correction for 60 tests leaves significant. It is 1 where all values are at the bound.
///
/// # Errors
/// When there are no values or more than [`MAX_SIGNED_RANKS`], or one is not finite.
pub fn signed_rank_test(values: &[f64], bound: f64) -> Result<f64, MeasureError> {
    let (min, max) = (1, MAX_SIGNED_RANKS);
    if !(min..=max).contains(&values.len()) {
        let what = "the number of values of a signed-rank test";
        return Err(MeasureError::OutOfRange { what, value: values.len(), min, max });
    }
    all_finite("the signed-rank test", values)?;
    let mut distances: Vec<f64> = values.iter().map(|value| value - bound).collect();
    distances.retain(|&distance| distance != 0.0);
    distances.sort_unstable_by(|one, other| one.abs().total_cmp(&other.abs()));
    // Twice the ranks, so that shared ones are whole; with each whether it lies above.
    let mut ranks: Vec<(usize, bool)> = Vec::with_capacity(distances.len());
    for ties in distances.chunk_by(|one, other| one.abs() == other.abs()) {
        let shared = 2 * ranks.len() + ties.len() + 1;
        ranks.extend(ties.iter().map(|&distance| (shared, distance > 0.0)));
    }
    let total: usize = ranks.iter().map(|&(rank, _)| rank).sum();
    let above: usize = ranks.iter().filter(|&&(_, above)| above).map(|&(rank, _)| rank).sum();
    // The share of all choices of signs that give each sum of ranks above, rank by rank.
    let mut shares = vec![1.0];
    for &(rank, _) in &ranks {
        let without = shares.iter().copied().chain(repeat_n(0.0, rank));
        let with = repeat_n(0.0, rank).chain(shares.iter().copied());
        shares = without.zip(with).map(|(without, with)| 0.5 * (without + with)).collect();
    }
    let tail: f64 = shares.iter().take(above.min(total - above) + 1).sum();
    Ok((2.0 * tail).min(1.0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rounding_is_no_variation() {
        assert!(varies(&[0.1, 0.1 + 1e-9]) && !varies(&[0.1; 10]) && !varies(&[0.3 - 0.1, 0.2]));
        assert!(!varies(&[]) && !varies(&[0.0, 0.0]) && !varies(&[1.0, f64::NAN]) && !varies(&[1.0, f64::INFINITY]));
        assert_eq!((t_test(&[0.1; 10], 0.0), t_test(&[1.0], 0.0)), (None, None));
    }

    #[test]
    fn a_t_test_by_hand() {
        // Mean 2, standard error 1 / sqrt(3); of two degrees the tail has a closed form.
        let t = 12.0_f64.sqrt();
        let expected = 1.0 - t / (2.0 + t * t).sqrt();
        assert!((t_test(&[1.0, 2.0, 3.0], 0.0).unwrap() - expected).abs() < 1e-12);
        assert!((t_test(&[1.0, 2.0, 3.0], 4.0).unwrap() - expected).abs() < 1e-12);
        assert!((t_test(&[1.0, 2.0, 3.0], 2.0).unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn signed_ranks_by_hand() {
        let p = |values: &[f64]| signed_rank_test(values, 0.0).unwrap();
        // Of 8 signs one gives the sum 6 and one 0.
        assert_eq!(p(&[1.0, 2.0, 3.0]), 0.25);
        // The ranks above add up to at least 5: so do those of 2 of 8 signs.
        assert_eq!(p(&[-1.0, 2.0, 3.0]), 0.5);
        // All tied: 1 + 3 of 8 signs have at most one rank above.
        assert_eq!((p(&[1.0, 1.0, -1.0]), p(&[1.0; 3])), (1.0, 0.25));
        // Zeros are left out.
        assert_eq!((p(&[0.0, 1.0, 2.0]), p(&[0.0, 0.0])), (0.5, 1.0));
        assert_eq!(p(&[1.0; 10]), 2.0_f64.powi(-9));
        assert!(signed_rank_test(&[], 0.0).is_err() && signed_rank_test(&[f64::NAN], 0.0).is_err());
        assert!(signed_rank_test(&[1.0; 201], 0.0).is_err());
    }
}
