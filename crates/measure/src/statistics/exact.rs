//! What can be said of yes and no in a handful of runs.

use super::distributions::{beta_below, crossing};
use super::{Interval, all_finite};
use crate::MeasureError;

/// What each end of a two-sided 95 % interval leaves beyond it.
const TAIL: f64 = 0.025;

/// Two-sided 95 % interval of a share of which `successes` of `trials` independent trials were one (Clopper and Pearson, 1934).
///
/// It holds the true share with at least 95 % confidence whatever that share and however few the trials, and contains
/// `successes / trials`: of 0 in 3 it reaches 0.71. Trials are independent things, as runs; the pairs of one chain are not.
///
/// # Errors
/// When there are no trials, or fewer than successes.
pub fn share_interval(successes: usize, trials: usize) -> Result<Interval, MeasureError> {
    if trials == 0 {
        return Err(MeasureError::TooFewRows { measure: "the interval of a share", needed: 1, found: 0 });
    }
    let Some(failures) = trials.checked_sub(successes) else {
        let what = "the number of successes";
        return Err(MeasureError::OutOfRange { what, value: successes, min: 0, max: trials });
    };
    let (hits, misses) = (successes as f64, failures as f64);
    // P(this many or more) is TAIL at the lower end, P(this many or fewer) at the upper one.
    let low = match successes {
        0 => 0.0,
        _ => crossing(0.0, 1.0, |share| beta_below(share, hits, misses + 1.0) >= TAIL),
    };
    let high = match failures {
        0 => 1.0,
        _ => crossing(0.0, 1.0, |share| beta_below(1.0 - share, misses, hits + 1.0) <= TAIL),
    };
    Ok(Interval { low, high })
}

/// Two-sided exact p-value, in `0..=1`, of the sign test that values lie above `bound` as often as below.
///
/// It assumes nothing but independent values, and so serves for those of which most or all are alike. Values at the bound are left out
/// (Dixon and Mood, 1946); it is 1 where all are. The smallest p of `n` values is `2^(1-n)`.
///
/// # Errors
/// When there are no values, or one is not finite.
pub fn sign_test(values: &[f64], bound: f64) -> Result<f64, MeasureError> {
    const MEASURE: &str = "the sign test";
    if values.is_empty() {
        return Err(MeasureError::TooFewRows { measure: MEASURE, needed: 1, found: 0 });
    }
    all_finite(MEASURE, values)?;
    let above = values.iter().filter(|&&value| value > bound).count();
    let below = values.iter().filter(|&&value| value < bound).count();
    let (fewer, more) = (above.min(below), above.max(below));
    if more == 0 {
        return Ok(1.0);
    }
    // The share of all choices of signs in which at most `fewer` lie on one side.
    let tail = beta_below(0.5, more as f64, fewer as f64 + 1.0);
    Ok((2.0 * tail).min(1.0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_interval_of_none_and_of_all_has_a_closed_form() {
        let reach = 1.0 - 0.025_f64.cbrt();
        let (none, all) = (share_interval(0, 3).unwrap(), share_interval(3, 3).unwrap());
        assert_eq!((none.low, all.high), (0.0, 1.0));
        assert!((none.high - reach).abs() < 1e-12 && (all.low - (1.0 - reach)).abs() < 1e-12);
        assert!((reach - 0.7076).abs() < 1e-4);
        assert!(share_interval(0, 0).is_err() && share_interval(4, 3).is_err());
    }

    #[test]
    fn signs_by_hand() {
        let p = |values: &[f64]| sign_test(values, 0.0).unwrap();
        assert!((p(&[1.0; 10]) - 2.0_f64.powi(-9)).abs() < 1e-14);
        // (1 + 4) / 16, twice.
        assert!((p(&[1.0, 2.0, -9.0, 3.0, 0.0]) - 0.625).abs() < 1e-14);
        assert_eq!((p(&[1.0, -1.0]), p(&[0.0; 4])), (1.0, 1.0));
        assert!(sign_test(&[], 0.0).is_err() && sign_test(&[f64::NAN], 0.0).is_err());
    }
}
