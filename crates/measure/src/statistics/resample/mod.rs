//! What other runs, other images or other classes would have said: the bootstrap of paired differences (Efron and Tibshirani, 1993).
//!
//! Runs and images are **crossed**: every run is asked the same test images. An image that happens to suit one of two methods suits it in
//! every run, so the draw of images is made once for a resample and holds for all its runs. Were images drawn anew in each run, 2000
//! images of ten seeds would count as 20,000 and the luck of the images would all but vanish. The same goes for classes, and for seeds
//! that were run under several splits. Drawing each factor by itself and multiplying how often each comes up is the pigeonhole
//! bootstrap (Owen, 2007). No bootstrap of crossed factors is exact (McCullagh, 2000); this one counts what runs and images do to each
//! other about three times, and so errs towards wide.
//!
//! With few things to draw it errs towards narrow: of `n` of them by the factor `sqrt((n - 1) / n) z(0.975) / t(0.975, n - 1)`
//! (Hesterberg, 2015), which is 0.82 for ten runs and 0.37 for three splits. So whether a mean over few runs is beyond a bound is for
//! [`t_test`](super::t_test) to say; the bootstrap says whether other images or classes could undo it.

mod draws;
mod table;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{Interval, ROUNDING, all_finite, quantile, sample_deviation};
use crate::{MeasureError, features::one_per_row};
use draws::{Design, times};
use table::Table;

/// One run of a comparison: how much better the other of two methods answered each query, both of one seed and one split.
///
/// Several runs of one seed and one split, as the pairs of a chain, are drawn together.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// Number of the split into old and new classes.
    pub split: usize,
    /// Training seed. One number stands for one seed in all splits.
    pub seed: u64,
    /// Which image each query is. One number stands for one image in all runs, so a place in a list that each run has shuffled its own
    /// way is none.
    pub items: &'a [u32],
    /// Class of each query.
    pub classes: &'a [u16],
    /// Difference of each query; those that have none are left out of all three lists.
    pub differences: &'a [f64],
}

/// What is drawn anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Runs alone: speaks of other seeds, on these images.
    Runs,
    /// Runs, and images for all of them: other seeds and other images of these classes.
    RunsAndQueries,
    /// Runs, and whole classes for all of them: other seeds and other classes like these.
    RunsAndClasses,
}

/// What happens to the splits whenever runs are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Splits {
    /// Each stays, and its seeds are drawn: speaks of the mean over these splits. Splits that ran the same seeds share one draw.
    Kept,
    /// Splits are drawn, too, as if there were more like them.
    Drawn,
}

/// What a run is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Average {
    /// The mean over its queries.
    Queries,
    /// The mean over its classes of the means over their queries.
    Classes,
}

/// How to resample. The same plan gives the same resamples on every platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// What is drawn.
    pub level: Level,
    /// Whether splits are.
    pub splits: Splits,
    /// What a run is worth; the statistic is the mean over runs of it.
    pub average: Average,
    /// Number of resamples, at least 2. No p-value falls below 2 over this plus one, so [`holm`](super::holm) over `m` tests asks for more
    /// than `40 m`.
    pub resamples: usize,
    /// Seed of the draws.
    pub seed: u64,
}

/// Runs that were asked the same images.
#[derive(Debug, Clone)]
pub struct Crossed<'a> {
    /// By split and seed, so that their order has no say in what is drawn.
    runs: Vec<Run<'a>>,
}

impl<'a> Crossed<'a> {
    /// Takes the runs together; they may have different queries.
    ///
    /// # Errors
    /// When there are no runs, or one has no queries, not one image and class for each difference, or a difference that is not finite; and
    /// when there are more queries than [`u32::MAX`].
    pub fn new(runs: &[Run<'a>]) -> Result<Self, MeasureError> {
        for run in runs {
            one_per_row("images of the queries", run.differences.len(), run.items.len())?;
            one_per_row("classes of the queries", run.differences.len(), run.classes.len())?;
            all_finite("the differences of a run", run.differences)?;
        }
        if runs.is_empty() || runs.iter().any(|run| run.differences.is_empty()) {
            return Err(MeasureError::TooFewRows { measure: "the bootstrap over runs", needed: 1, found: 0 });
        }
        let queries: usize = runs.iter().map(|run| run.differences.len()).sum();
        let max = u32::MAX as usize;
        if queries > max {
            return Err(MeasureError::TooManyRows { rows: queries, max });
        }
        let mut runs = runs.to_vec();
        runs.sort_by_key(|run| (run.split, run.seed));
        Ok(Self { runs })
    }

    /// Draws anew as the plan says and takes the mean over the drawn runs of what each is worth on the drawn images.
    ///
    /// A run of whose images none was drawn has no say in a resample, and a resample in which none has is left out. Takes
    /// `O(resamples * queries of all runs)` time.
    ///
    /// # Errors
    /// When there are not two resamples.
    pub fn bootstrap(&self, plan: &Plan) -> Result<Resampled, MeasureError> {
        let table = Table::new(&self.runs, plan.level, plan.average);
        let design = Design::new(&self.runs, plan.splits);
        let mut rng = ChaCha8Rng::seed_from_u64(plan.seed);
        let mut means: Vec<f64> = Vec::new();
        for _ in 0..plan.resamples {
            let runs = design.draw(&mut rng);
            means.extend(table.mean(&runs, &times(table.groups(), &mut rng)));
        }
        means.sort_unstable_by(f64::total_cmp);
        let as_given = table.mean(&vec![1; self.runs.len()], &vec![1; table.groups() as usize]);
        let read = |mean: f64| {
            let interval = Interval { low: quantile(&means, 0.025)?, high: quantile(&means, 0.975)? };
            Some((mean, interval, sample_deviation(&means)?))
        };
        let Some((mean, interval, standard_error)) = as_given.and_then(read) else {
            let what = "the number of resamples with a query";
            return Err(MeasureError::OutOfRange { what, value: means.len(), min: 2, max: usize::MAX });
        };
        Ok(Resampled { mean, interval, standard_error, means })
    }
}

/// What came of resampling.
#[derive(Debug, Clone, PartialEq)]
pub struct Resampled {
    /// The statistic of the values as given.
    pub mean: f64,
    /// 95 % percentile interval: the middle of the resamples.
    pub interval: Interval,
    /// Standard deviation of the statistic over the resamples.
    pub standard_error: f64,
    /// Of every resample, ascending.
    means: Vec<f64>,
}

impl Resampled {
    /// Number of resamples, at least 2.
    pub fn resamples(&self) -> usize {
        self.means.len()
    }

    /// Two-sided p-value, above 0 and at most 1, that the true value lies on the other side of `bound`: twice the share of the resamples
    /// that do, or lie at it.
    ///
    /// One is added to both numbers of the share, as the values as given are a draw as well, so it is never 0 (Davison and Hinkley, 1997;
    /// Phipson and Smyth, 2010).
    pub fn p_value(&self, bound: f64) -> f64 {
        // Rounding must not put a resample that meets the bound on one side of it.
        let rounding = ROUNDING * bound.abs().max(self.mean.abs());
        let at_most = self.means.iter().filter(|&&mean| mean <= bound + rounding).count();
        let at_least = self.means.iter().filter(|&&mean| mean >= bound - rounding).count();
        let share = (at_most.min(at_least) + 1) as f64 / (self.means.len() + 1) as f64;
        (2.0 * share).min(1.0)
    }
}

#[cfg(test)]
mod tests;
