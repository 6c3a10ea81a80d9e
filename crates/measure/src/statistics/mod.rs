//! How much of a difference is luck.
//!
//! Two sources of luck, two tools. Over **seeds** (a handful of runs): [`Summary`] with a t-interval. Over **queries** (thousands, one
//! run): [`bootstrap_mean`] of the paired differences. Always pair: both models answer the same queries, and the difference of two means
//! is far more certain than either mean.
//!
//! For findings that many tests stand behind:
//!
//! | what is asked | what answers |
//! | --- | --- |
//! | is the mean over runs another than a bound | [`t_test`], beside it [`signed_rank_test`], which needs no normal values |
//! | is it within a range | [`equivalence_test`] |
//! | how often does something happen | [`share_interval`]; on which side of a bound, [`sign_test`] |
//! | does it rise from arm to arm | [`trend_test`] |
//! | would other runs, images or classes say the same | [`Crossed::bootstrap`] |
//! | how large is it beside its spread | [`effect_size`] |
//! | what could so few runs have seen | [`detectable`] |
//! | which of many findings are more than the luck of many tries | [`holm`] |

mod distributions;
mod effect;
mod equivalence;
mod exact;
mod holm;
mod one_sample;
mod power;
mod resample;
mod trend;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

pub use effect::{EffectSize, effect_size};
pub use equivalence::{Equivalence, equivalence_test};
pub use exact::{share_interval, sign_test};
pub use holm::holm;
pub use one_sample::{MAX_SIGNED_RANKS, signed_rank_test, t_test, varies};
pub use power::{POWER, detectable};
pub use resample::{Average, Crossed, Level, Plan, Resampled, Run, Splits};
pub use trend::{MAX_ARMS, Trend, trend_test};

use crate::{MeasureError, features::one_per_row};

/// Part of a value by which rounding alone may move it.
const ROUNDING: f64 = 1e-12;

/// A range: unless said otherwise one that holds the true value with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `value` lies in the range, ends included. A difference whose interval does not contain 0 is significant at 5 %.
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// A sample in four numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Number of values, at least 1.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Sample standard deviation (denominator `count - 1`); `None` for a single value.
    pub standard_deviation: Option<f64>,
    /// Standard error of the mean; `None` for a single value.
    pub standard_error: Option<f64>,
    /// 95 % t-interval of the mean, `mean +- t(0.975, count - 1) * standard_error`; `None` for a single value.
    ///
    /// It assumes values that are independent and roughly normal, as scores over seeds are. There is no switch to the normal quantile:
    /// Student's t has all but become normal by the time it would matter.
    pub interval: Option<Interval>,
}

impl Summary {
    /// Summarises a sample; `None` when it is empty.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mean = mean(values)?;
        let standard_deviation = sample_deviation(values);
        let standard_error = standard_deviation.map(|deviation| deviation / (values.len() as f64).sqrt());
        let interval = standard_error.map(|error| {
            let reach = t_quantile(values.len() - 1) * error;
            Interval { low: mean - reach, high: mean + reach }
        });
        Some(Self { count: values.len(), mean, standard_deviation, standard_error, interval })
    }
}

/// Arithmetic mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The middle value, or the mean of the two in the middle; `None` of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get(sorted.len().saturating_sub(1) / 2)?;
    Some(lower.midpoint(upper))
}

/// Sample standard deviation, denominator `n - 1`; `None` with fewer than two values.
pub fn sample_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() as f64 - 1.0)).sqrt())
}

/// Paired differences `other - base`, leaving out pairs in which either value is missing.
///
/// Takes `&[f64]` (one score per seed) or `&[Option<f64>]` (one per query, see
/// [`Retrieval::average_precisions`](crate::Retrieval::average_precisions)). Summarise them with [`Summary::of`].
///
/// # Errors
/// When the two do not pair up.
pub fn paired_differences<T: Copy + Into<Option<f64>>>(base: &[T], other: &[T]) -> Result<Vec<f64>, MeasureError> {
    one_per_row("values to pair", base.len(), other.len())?;
    let pairs = base.iter().zip(other);
    Ok(pairs.filter_map(|(&base, &other)| Some(other.into()? - base.into()?)).collect())
}

/// A mean with its bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// Mean of the values as given.
    pub mean: f64,
    /// 95 % percentile interval of the mean over the resamples.
    pub interval: Interval,
    /// Number of values, each resample drawing as many.
    pub count: usize,
    /// Number of resamples drawn.
    pub resamples: usize,
}

/// Bootstraps the mean of `values`: draws them anew with replacement `resamples` times and reads the 2.5 % and 97.5 % points.
///
/// Given the [`paired_differences`] of two retrievals this is the paired bootstrap over queries. It speaks of other queries from the same
/// source, not of other training seeds. The same seed gives the same interval on every platform; 1000 resamples or more are usual.
///
/// # Errors
/// When `values` or `resamples` is empty.
pub fn bootstrap_mean(values: &[f64], resamples: usize, seed: u64) -> Result<Bootstrap, MeasureError> {
    const MEASURE: &str = "the bootstrap";
    let mean = mean(values).ok_or(MeasureError::TooFewRows { measure: MEASURE, needed: 1, found: 0 })?;
    // Indices are drawn as u32 so that 32-bit and 64-bit platforms draw alike.
    let too_many = MeasureError::TooManyRows { rows: values.len(), max: u32::MAX as usize };
    let count = u32::try_from(values.len()).map_err(|_| too_many)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut means = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        let drawn = (0..count).filter_map(|_| values.get(rng.random_range(0..count) as usize));
        means.push(drawn.sum::<f64>() / f64::from(count));
    }
    means.sort_unstable_by(f64::total_cmp);
    let ends = quantile(&means, 0.025).zip(quantile(&means, 0.975));
    let (low, high) =
        ends.ok_or(MeasureError::OutOfRange { what: "the number of resamples", value: 0, min: 1, max: usize::MAX })?;
    Ok(Bootstrap { mean, interval: Interval { low, high }, count: values.len(), resamples })
}

/// Quantile of ascending values by linear interpolation between neighbours (type 7); `share` in `0..=1`.
fn quantile(ascending: &[f64], share: f64) -> Option<f64> {
    let at = share * ascending.len().checked_sub(1)? as f64;
    let low = ascending.get(at as usize)?;
    let high = ascending.get(at as usize + 1).unwrap_or(low);
    Some(low + at.fract() * (high - low))
}

/// Checks that a sample holds numbers only.
fn all_finite(what: &'static str, values: &[f64]) -> Result<(), MeasureError> {
    match values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((at, &value)) => Err(MeasureError::ValueNotFinite { what, at, value }),
        None => Ok(()),
    }
}

/// The 97.5 % quantile of Student's t, tabulated to 30 degrees of freedom and by the Cornish-Fisher expansion beyond (error below 1e-6).
fn t_quantile(degrees: usize) -> f64 {
    const TABLE: [f64; 30] = [
        12.706_205, 4.302_653, 3.182_446, 2.776_445, 2.570_582, 2.446_912, 2.364_624, 2.306_004, 2.262_157, 2.228_139,
        2.200_985, 2.178_813, 2.160_369, 2.144_787, 2.131_450, 2.119_905, 2.109_816, 2.100_922, 2.093_024, 2.085_963,
        2.079_614, 2.073_873, 2.068_658, 2.063_899, 2.059_539, 2.055_529, 2.051_831, 2.048_407, 2.045_230, 2.042_272,
    ];
    const Z: f64 = 1.959_963_984_540_054;
    if let Some(&quantile) = degrees.checked_sub(1).and_then(|row| TABLE.get(row)) {
        return quantile;
    }
    let (v, z2) = (degrees as f64, Z * Z);
    let first = (z2 + 1.0) / 4.0;
    let second = ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    let third = (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    let fourth = ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0;
    Z * (1.0 + (first + (second + (third + fourth / v) / v) / v) / v)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_summary_by_hand() {
        let summary = Summary::of(&[0.5, 0.6, 0.7]).unwrap();
        assert!((summary.mean - 0.6).abs() < 1e-12);
        assert!((summary.standard_deviation.unwrap() - 0.1).abs() < 1e-12);
        assert!((summary.standard_error.unwrap() - 0.1 / 3.0_f64.sqrt()).abs() < 1e-12);
        // t(0.975, 2) = 4.302653.
        assert!((summary.interval.unwrap().high - (0.6 + 4.302_653 * 0.1 / 3.0_f64.sqrt())).abs() < 1e-6);
        assert_eq!(Summary::of(&[]), None);
        let single = Summary { count: 1, mean: 0.5, standard_deviation: None, standard_error: None, interval: None };
        assert_eq!(Summary::of(&[0.5]), Some(single));
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_two_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[9.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn pairing_removes_what_both_share() {
        let base = [0.30, 0.50, 0.70];
        let differences = paired_differences(&base, &base.map(|score| score + 0.02)).unwrap();
        let summary = Summary::of(&differences).unwrap();
        assert!((summary.mean - 0.02).abs() < 1e-12 && summary.standard_error.unwrap() < 1e-12);
        assert!(!summary.interval.unwrap().contains(0.0));
        let gaps = paired_differences(&[Some(0.1), None, Some(0.3)], &[Some(0.3), Some(0.5), None]).unwrap();
        assert!((gaps[0] - 0.2).abs() < 1e-12 && gaps.len() == 1);
        assert!(paired_differences(&[0.1], &[]).is_err());
    }

    #[test]
    fn the_bootstrap_agrees_with_the_normal_theory_and_repeats() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i * 7 % 100) / 100.0).collect();
        let found = bootstrap_mean(&values, 4000, 1).unwrap();
        let error = sample_deviation(&values).unwrap() / 20.0;
        assert!((found.mean - 0.495).abs() < 1e-12);
        assert!(((found.interval.high - found.interval.low) / (2.0 * 1.96 * error) - 1.0).abs() < 0.05);
        assert_eq!(found, bootstrap_mean(&values, 4000, 1).unwrap());
        assert_ne!(found, bootstrap_mean(&values, 4000, 2).unwrap());
        assert_eq!(bootstrap_mean(&[0.25; 9], 10, 1).unwrap().interval, Interval { low: 0.25, high: 0.25 });
        assert!(bootstrap_mean(&[], 10, 1).is_err() && bootstrap_mean(&[1.0], 0, 1).is_err());
    }

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), Some(3.0));
        assert_eq!(
            (quantile(&[1.0], 0.3), quantile(&[1.0, 2.0], 1.0), quantile(&[], 0.5)),
            (Some(1.0), Some(2.0), None)
        );
    }

    #[test]
    fn the_t_quantile_has_no_step_where_the_table_ends() {
        let quantiles: Vec<f64> = (1..200).map(t_quantile).collect();
        assert!(quantiles.is_sorted_by(|a, b| a > b));
        // scipy.stats.t.ppf(0.975, df)
        for (degrees, expected) in
            [(3, 3.182_446), (30, 2.042_272), (31, 2.039_513), (60, 2.000_298), (1000, 1.962_339)]
        {
            assert!((t_quantile(degrees) - expected).abs() < 1e-6, "{degrees}");
        }
    }
}
