//! One upgrade, judged by the four scores that every table of the field shows.
//!
//! `M(q, g)` is a retrieval score, a fraction in `0..=1`, with queries embedded by `q` and the gallery by `g`: `o` the old model, `n` the
//! new one, `*` the new one trained without any regard for compatibility. The criterion is the one of Shen et al. (CVPR 2020), the
//! P-scores are those of AdvBCT (CVPR 2023). The verdict depends on the score, so name the score wherever a verdict is shown.

use serde::{Deserialize, Serialize};

/// Smallest `M(*,*) - M(o,o)` over which a gain is put in proportion; a smaller one would only magnify noise.
pub const MIN_ORACLE_GAIN: f64 = 0.02;

/// The scores of one upgrade on one test set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct UpgradeScores {
    /// `M(o, o)`: the status quo.
    pub old: f64,
    /// `M(n, o)`, the cross-test: new queries on the gallery as it is.
    pub cross: f64,
    /// `M(n, n)`, the self-test: after re-embedding the whole gallery.
    pub new: f64,
    /// `M(*, *)`, the oracle: the independent new model on its own gallery.
    pub oracle: f64,
}

impl UpgradeScores {
    /// The criterion: new queries do strictly better on the old gallery than old queries, `M(n,o) > M(o,o)`.
    pub fn is_compatible(&self) -> bool {
        self.cross > self.old
    }

    /// `M(n,o) - M(o,o)`: what the upgrade gains before any item is re-embedded.
    pub fn absolute_gain(&self) -> f64 {
        self.cross - self.old
    }

    /// `[M(n,o) - M(o,o)] / [M(*,*) - M(o,o)]`: the share of the oracle's gain had without re-embedding, 1 being all of it.
    ///
    /// `None` when the oracle gains less than [`MIN_ORACLE_GAIN`].
    pub fn update_gain(&self) -> Option<f64> {
        let oracle_gain = self.oracle - self.old;
        (oracle_gain >= MIN_ORACLE_GAIN).then(|| self.absolute_gain() / oracle_gain)
    }

    /// `M(*,*) - M(n,n)`: what compatibility cost the new model. Negative when it helped.
    pub fn tax(&self) -> f64 {
        self.oracle - self.new
    }
}

/// `P_up`: mean over test sets of `sigmoid([M(n,n) - M(*,*)] / M(*,*))`, in `0..=1`, one half meaning no tax.
///
/// `None` without test sets or when an oracle scores 0.
pub fn p_up(tests: &[UpgradeScores]) -> Option<f64> {
    mean_sigmoid(tests, |test| (test.oracle > 0.0).then(|| -test.tax() / test.oracle))
}

/// `P_comp`: mean over test sets of the sigmoid of the [update gain](UpgradeScores::update_gain), in `0..=1`, one half meaning
/// that the cross-test only equals the status quo.
///
/// `None` without test sets or when one of them has no update gain.
pub fn p_comp(tests: &[UpgradeScores]) -> Option<f64> {
    mean_sigmoid(tests, UpgradeScores::update_gain)
}

/// The P1-score: harmonic mean of [`p_up`] and [`p_comp`], in `0..=1`; `None` when either is.
pub fn p_1(tests: &[UpgradeScores]) -> Option<f64> {
    let (up, comp) = (p_up(tests)?, p_comp(tests)?);
    Some(2.0 * up * comp / (up + comp))
}

fn mean_sigmoid(tests: &[UpgradeScores], value: impl Fn(&UpgradeScores) -> Option<f64>) -> Option<f64> {
    let values: Option<Vec<f64>> = tests.iter().map(|test| Some(1.0 / (1.0 + (-value(test)?).exp()))).collect();
    crate::statistics::mean(&values?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const BT2: UpgradeScores = UpgradeScores { old: 0.336, cross: 0.387, new: 0.624, oracle: 0.627 };
    const BCT: UpgradeScores = UpgradeScores { old: 0.336, cross: 0.250, new: 0.600, oracle: 0.627 };

    #[test]
    fn the_cifar_table_of_bt2_reads_as_published() {
        assert!(BT2.is_compatible() && !BCT.is_compatible());
        assert!((BT2.absolute_gain() - 0.051).abs() < 1e-12);
        assert!((BT2.update_gain().unwrap() - 0.051 / 0.291).abs() < 1e-12);
        assert!((BCT.tax() - 0.027).abs() < 1e-12);
    }

    #[test]
    fn the_criterion_is_strict_and_small_denominators_have_no_gain() {
        let level = UpgradeScores { old: 0.4, cross: 0.4, new: 0.4, oracle: 0.41 };
        assert!(!level.is_compatible());
        assert_eq!(level.update_gain(), None);
        assert_eq!(UpgradeScores { oracle: 0.3, ..level }.update_gain(), None);
        assert_eq!(UpgradeScores { oracle: 0.5, ..level }.update_gain(), Some(0.0));
    }

    #[test]
    fn p_scores_are_one_half_at_break_even() {
        let even = UpgradeScores { old: 0.3, cross: 0.3, new: 0.6, oracle: 0.6 };
        assert_eq!((p_up(&[even]), p_comp(&[even]), p_1(&[even])), (Some(0.5), Some(0.5), Some(0.5)));
        let up = 1.0 / (1.0 + (0.027_f64 / 0.627).exp());
        assert!((p_up(&[BCT, even]).unwrap() - (up + 0.5) / 2.0).abs() < 1e-12);
        let comp = 1.0 / (1.0 + (-0.051_f64 / 0.291).exp());
        assert!((p_comp(&[BT2]).unwrap() - comp).abs() < 1e-12);
        assert_eq!((p_up(&[]), p_comp(&[]), p_1(&[])), (None, None, None));
        assert_eq!(p_1(&[even, UpgradeScores { oracle: 0.31, ..even }]), None);
    }
}
