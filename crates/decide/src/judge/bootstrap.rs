//! What other queries of the same kind would have said (Efron and Tibshirani, 1993).

use std::sync::OnceLock;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Estimate, PerQuery, common, largest, mean, settled};

/// Times that queries are drawn anew.
pub const RESAMPLES: usize = 1000;

/// Sums that grow side by side.
const LANES: usize = 8;

/// The same resamples of queries for everything that is compared (paired): each draws as many queries as are judged, with replacement.
///
/// What is compared by the same queries is drawn alike. Where queries are missing, those left are drawn in their order from the same seed.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    seed: u64,
    all: Resamples,
    /// Of the first other number of queries that was asked for: mostly that of the judged ones, which is the same for all options.
    judged: OnceLock<Resamples>,
}

/// How often each query comes up in each resample.
#[derive(Clone, Debug)]
struct Resamples {
    queries: usize,
    /// `[RESAMPLES, queries]`. None comes up 256 times: the chance is at most 1 / 256!, below 10^-500.
    times: Vec<u8>,
}

impl Bootstrap {
    /// [`RESAMPLES`] of so many queries. The same seed gives the same on every machine.
    pub fn new(queries: usize, seed: u64) -> Self {
        Self { seed, all: Resamples::new(queries, seed), judged: OnceLock::new() }
    }

    /// Mean over the judged queries; `None` without any.
    pub fn mean(&self, scores: &PerQuery) -> Option<Estimate> {
        let [scores] = common([scores]);
        let [means] = self.means([&scores])?;
        estimate(mean(&scores), means)
    }

    /// Mean of `scores - base` over the queries that both have.
    pub fn difference(&self, scores: &PerQuery, base: &PerQuery) -> Option<Estimate> {
        let [scores, base] = common([scores, base]);
        let differences = minus(&scores, &base);
        let [means] = self.means([&differences])?;
        estimate(mean(&differences), means)
    }

    /// `mean(scores) / mean(full)` over the queries that both have; `None` where `full` scores nothing. Resamples in which it scores nothing
    /// have no share and are left out.
    pub fn retention(&self, scores: &PerQuery, full: &PerQuery) -> Option<Estimate> {
        let [scores, full] = common([scores, full]);
        self.ratio(&scores, &full)
    }

    /// `(mean(scores) - mean(old)) / (mean(full) - mean(old))` over the queries that all have; `None` where the interval of the gain
    /// `full - old` is not all above 0: there is no gain to share.
    pub fn share_of_gain(&self, scores: &PerQuery, old: &PerQuery, full: &PerQuery) -> Option<Estimate> {
        let [scores, old, full] = common([scores, old, full]);
        let gains = minus(&full, &old);
        let [means] = self.means([&gains])?;
        let gain = estimate(mean(&gains), means)?;
        (gain.low > 0.0).then_some(())?;
        self.ratio(&minus(&scores, &old), &gains)
    }

    /// The ratio of two means of the same queries; `None` where the second is not above 0.
    fn ratio(&self, over: &[f64], under: &[f64]) -> Option<Estimate> {
        let whole = mean(under);
        (whole > 0.0).then_some(())?;
        let [overs, unders] = self.means([over, under])?;
        let ratios = overs.into_iter().zip(unders).filter(|&(_, under)| under != 0.0).map(|(over, under)| over / under);
        estimate(mean(over) / whole, ratios.collect())
    }

    /// The means of every resample, list by list of one number a query; `None` without queries.
    fn means<const LISTS: usize>(&self, lists: [&[f64]; LISTS]) -> Option<[Vec<f64>; LISTS]> {
        let queries = lists.first().map_or(0, |list| list.len());
        (queries > 0).then_some(())?;
        let drawn;
        let resamples = if queries == self.all.queries {
            &self.all
        } else {
            let kept = self.judged.get_or_init(|| Resamples::new(queries, self.seed));
            if kept.queries == queries {
                kept
            } else {
                drawn = Resamples::new(queries, self.seed);
                &drawn
            }
        };
        Some(lists.map(|values| {
            let (sums, size) =
                (resamples.times.chunks_exact(queries).map(|times| weighted(times, values)), largest(values));
            sums.map(|sum| settled(sum / queries as f64, size)).collect()
        }))
    }
}

impl Resamples {
    fn new(queries: usize, seed: u64) -> Self {
        // Drawn as u32, so that 32-bit and 64-bit platforms draw alike.
        let Some(count) = u32::try_from(queries).ok().filter(|&count| count > 0) else {
            return Self { queries: 0, times: Vec::new() };
        };
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut times = vec![0_u8; RESAMPLES * queries];
        for times in times.chunks_exact_mut(queries) {
            for _ in 0..count {
                if let Some(times) = times.get_mut(rng.random_range(0..count) as usize) {
                    *times = times.saturating_add(1);
                }
            }
        }
        Self { queries, times }
    }
}

/// Sum of the values, each so many times.
fn weighted(times: &[u8], values: &[f64]) -> f64 {
    let ((times, times_left), (values, values_left)) = (times.as_chunks::<LANES>(), values.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (times, values) in times.iter().zip(values) {
        for (sum, (&times, &value)) in sums.iter_mut().zip(times.iter().zip(values)) {
            *sum += f64::from(times) * value;
        }
    }
    let left = times_left.iter().zip(values_left).map(|(&times, &value)| f64::from(times) * value);
    sums.into_iter().chain(left).sum()
}

fn minus(values: &[f64], others: &[f64]) -> Vec<f64> {
    let difference = |(value, other): (&f64, &f64)| settled(value - other, value.abs().max(other.abs()));
    values.iter().zip(others).map(difference).collect()
}

/// A value with the middle 95 % of the resamples; `None` without any.
fn estimate(value: f64, mut resampled: Vec<f64>) -> Option<Estimate> {
    resampled.retain(|value| value.is_finite());
    resampled.sort_unstable_by(f64::total_cmp);
    let (low, high) = (percentile(&resampled, 0.025)?, percentile(&resampled, 0.975)?);
    value.is_finite().then_some(Estimate { value, low, high })
}

/// Percentile of ascending values by linear interpolation, as NumPy's default; `share` is 0 to 1.
fn percentile(ascending: &[f64], share: f64) -> Option<f64> {
    let at = share * ascending.len().checked_sub(1)? as f64;
    let low = *ascending.get(at as usize)?;
    let high = ascending.get(at as usize + 1).copied().unwrap_or(low);
    Some(low + at.fract() * (high - low))
}

#[cfg(test)]
mod tests;
