//! How large a difference is beside its spread.

use serde::{Deserialize, Serialize};

use super::Interval;
use super::distributions::{crossing, noncentral_t_below};
use super::one_sample::Located;

/// A mean in units of the standard deviation over runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EffectSize {
    /// Cohen's `d_z`, mean over sample standard deviation.
    pub d: f64,
    /// `d` without the excess that it has in small samples (Hedges, 1981): times
    /// `Gamma(v / 2) / (sqrt(v / 2) Gamma((v - 1) / 2))` with `v` degrees of freedom.
    pub g: f64,
    /// 95 % interval of the true effect: the effects under which 97.5 % and 2.5 % of all samples have a `d` below this one, by the
    /// noncentral t distribution (Cumming and Finch, 2001). It is exact for normal values and needs no correction.
    pub interval: Interval,
}

/// Effect size of paired differences, one per run, against 0; `None` for fewer than three, or where they do not [vary](super::varies).
pub fn effect_size(differences: &[f64]) -> Option<EffectSize> {
    let located = Located::of(differences).filter(|located| located.degrees >= 2.0)?;
    let (degrees, root) = (located.degrees, (differences.len() as f64).sqrt());
    let t = located.t(0.0);
    let d = t / root;
    let log_ratio = libm::lgamma(0.5 * degrees) - libm::lgamma(0.5 * (degrees - 1.0));
    let g = d * libm::exp(log_ratio) / (0.5 * degrees).sqrt();
    // The more the shift, the less lies below t. The bracket is the widest that two degrees of freedom ask for.
    let reach = 3.0 * t.abs() + 10.0;
    let end = |share: f64| crossing(-reach, reach, |shift| noncentral_t_below(t, degrees, shift) <= share) / root;
    Some(EffectSize { d, g, interval: Interval { low: end(0.975), high: end(0.025) } })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_effect_by_hand() {
        // Mean 2, deviation 1; of two degrees the correction is Gamma(1) / Gamma(1/2).
        let found = effect_size(&[1.0, 2.0, 3.0]).unwrap();
        assert!((found.d - 2.0).abs() < 1e-12);
        assert!((found.g - 2.0 / std::f64::consts::PI.sqrt()).abs() < 1e-12);
        assert!(found.interval.contains(found.d) && found.interval.contains(found.g));
        assert_eq!((effect_size(&[1.0, 2.0]), effect_size(&[1.0; 5])), (None, None));
    }

    #[test]
    fn turning_the_difference_round_turns_the_effect_round() {
        let differences = [0.2, 0.5, -0.1, 0.4];
        let (forth, back) = (effect_size(&differences).unwrap(), effect_size(&differences.map(|x| -x)).unwrap());
        assert!((forth.d + back.d).abs() < 1e-12 && (forth.g + back.g).abs() < 1e-12);
        assert!((forth.interval.low + back.interval.high).abs() < 1e-6);
        assert!(forth.interval.contains(0.0), "t = 1.89 is within the noise of four runs");
    }
}
