//! Whether a mean lies within a range, as in "within a point".

use serde::{Deserialize, Serialize};

use super::Interval;
use super::distributions::{t_above, t_point};
use super::one_sample::Located;

/// What [`equivalence_test`] finds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Equivalence {
    /// The larger of the p-values of the two tests, in `0..=1`.
    pub p: f64,
    /// 90 % t-interval of the mean: it lies within the range exactly where `p` is below 0.05.
    pub interval: Interval,
}

/// Two one-sided t-tests (Schuirmann, 1987) that the mean of the distribution behind the values lies within `range`.
///
/// The hypothesis to be rejected is that it lies outside, so what is too uncertain is not called equal; the distance from the range's
/// middle keeps its sign. Each test is of 5 %, and so is the pair. With a range that is turned round nothing is equivalent. `None` where
/// the values do not [vary](super::varies).
pub fn equivalence_test(values: &[f64], range: Interval) -> Option<Equivalence> {
    let located = Located::of(values)?;
    let (mean, degrees) = (located.mean, located.degrees);
    let above_low = t_above(located.t(range.low), degrees);
    let below_high = t_above(-located.t(range.high), degrees);
    let reach = t_point(0.95, degrees) * located.error;
    let interval = Interval { low: mean - reach, high: mean + reach };
    Some(Equivalence { p: above_low.max(below_high), interval })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const WITHIN_ONE: Interval = Interval { low: -1.0, high: 1.0 };

    #[test]
    fn two_one_sided_tests_by_hand() {
        // Mean 0, standard error 1 / sqrt(3): both tests have t = sqrt(3) at two degrees, 0.5 (1 - t / sqrt(2 + t^2)).
        let found = equivalence_test(&[-1.0, 0.0, 1.0], WITHIN_ONE).unwrap();
        assert!((found.p - 0.5 * (1.0 - (3.0_f64 / 5.0).sqrt())).abs() < 1e-12);
        // t(0.95, 2) = 2.919986.
        assert!((found.interval.high - 2.919_986 / 3.0_f64.sqrt()).abs() < 1e-6);
        assert_eq!(found.interval.low, -found.interval.high);
    }

    #[test]
    fn what_is_uncertain_is_not_equal() {
        let p = |values: &[f64]| equivalence_test(values, WITHIN_ONE).unwrap().p;
        assert!(p(&[0.1, -0.1, 0.05, 0.0]) < 0.05 && p(&[3.0, -3.0, 2.0, -2.0]) > 0.05);
        assert!(p(&[1.6, 1.4, 1.5, 1.5]) > 0.95 && p(&[-1.6, -1.4, -1.5, -1.5]) > 0.95, "outside on either side");
        assert_eq!(equivalence_test(&[0.0; 5], WITHIN_ONE), None);
        let turned = Interval { low: 1.0, high: -1.0 };
        assert!(equivalence_test(&[0.1, -0.1, 0.05, 0.0], turned).unwrap().p > 0.95);
    }
}
