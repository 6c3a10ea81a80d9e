//! From one number per seed to a finding.

use measure::statistics::{Interval, Summary, bootstrap_mean, paired_differences};
use serde::Serialize;

use super::execute::SeedOutcomes;
use super::rows::{Cell, Row, Value};

/// Resamples of the queries.
const RESAMPLES: usize = 2000;

/// What a rule finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The rule is met, and not by less than the spread over seeds.
    Holds,
    /// The rule is not met, and not by less than the spread over seeds.
    Fails,
    /// The spread over seeds reaches over the bound.
    WithinNoise,
    /// The number does not exist.
    NotMeasured,
}

/// One judged claim.
#[derive(Serialize)]
pub struct Judged {
    pub id: &'static str,
    pub claim: &'static str,
    pub paper: &'static str,
    pub rule: &'static str,
    pub at_least: f64,
    /// One number per seed.
    pub values: Vec<f64>,
    pub mean: Option<f64>,
    /// Sample standard deviation over seeds.
    pub deviation: Option<f64>,
    /// 95 % bootstrap interval over the queries of all seeds, for differences that pair by query.
    pub over_queries: Option<Interval>,
    /// Training seconds of the arms, mean over seeds.
    pub seconds: f64,
    pub finding: Finding,
}

/// Judges one row over all seeds.
pub fn judge(row: &Row, seeds: &[SeedOutcomes]) -> Judged {
    let (values, over_queries) = match &row.value {
        Value::Number(number) => (seeds.iter().map(number).collect(), None),
        Value::Difference { base, other } => differences(*base, *other, seeds),
    };
    let all: Option<Vec<f64>> = values.iter().copied().collect();
    let finding = all.map_or(Finding::NotMeasured, |values| find(&values, row.at_least));
    let values: Vec<f64> = values.into_iter().flatten().collect();
    let summary = Summary::of(&values);
    let took = |seed: &SeedOutcomes| row.arms.iter().filter_map(|arm| Some(seed.get(arm)?.trained_seconds())).sum();
    let seconds: Vec<f64> = seeds.iter().map(took).collect();
    Judged {
        id: row.id,
        claim: row.claim,
        paper: row.paper,
        rule: row.rule,
        at_least: row.at_least,
        mean: summary.map(|summary| summary.mean),
        deviation: summary.and_then(|summary| summary.standard_deviation),
        over_queries,
        seconds: measure::statistics::mean(&seconds).unwrap_or_default(),
        finding,
        values,
    }
}

/// Difference in mAP per seed in points, and its interval over the queries of all seeds.
fn differences(base: Cell, other: Cell, seeds: &[SeedOutcomes]) -> (Vec<Option<f64>>, Option<Interval>) {
    let paired: Vec<Option<Vec<f64>>> = seeds.iter().map(|seed| by_query(base, other, seed)).collect();
    let values = paired.iter().map(|queries| measure::statistics::mean(queries.as_deref()?)).collect();
    let queries: Vec<f64> = paired.into_iter().flatten().flatten().collect();
    let interval = bootstrap_mean(&queries, RESAMPLES, 1).ok().map(|bootstrap| bootstrap.interval);
    (values, interval)
}

/// Difference in average precision per query, in points.
fn by_query(base: Cell, other: Cell, seed: &SeedOutcomes) -> Option<Vec<f64>> {
    let precisions = |(arm, pair): Cell| {
        let values = seed.get(arm)?.precisions(pair)?;
        // NaN stands for a query without anything to find, which no mean counts.
        Some(values.iter().map(|&value| (!value.is_nan()).then_some(100.0 * f64::from(value))).collect())
    };
    let (base, other): (Vec<Option<f64>>, Vec<Option<f64>>) = (precisions(base)?, precisions(other)?);
    paired_differences(&base, &other).ok()
}

/// Holds or fails where the 95 % interval over seeds lies on one side of the bound; with one seed by its value alone.
fn find(values: &[f64], at_least: f64) -> Finding {
    match Summary::of(values) {
        None => Finding::NotMeasured,
        Some(Summary { interval: Some(interval), .. }) if interval.contains(at_least) => Finding::WithinNoise,
        Some(Summary { mean, .. }) if mean >= at_least => Finding::Holds,
        Some(_) => Finding::Fails,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_holds_or_fails_only_beyond_the_spread_over_seeds() {
        assert_eq!(find(&[1.0, 1.1, 0.9], 0.0), Finding::Holds);
        assert_eq!(find(&[1.0, -1.1, 0.9], 0.0), Finding::WithinNoise);
        assert_eq!(find(&[-1.0, -1.1, -0.9], 0.0), Finding::Fails);
        assert_eq!(find(&[-1.0, -1.1, -0.9], -2.0), Finding::Holds);
    }

    #[test]
    fn one_seed_is_judged_by_its_value() {
        assert_eq!(find(&[0.1], 0.0), Finding::Holds);
        assert_eq!(find(&[-0.1], 0.0), Finding::Fails);
        assert_eq!(find(&[f64::NAN], 0.0), Finding::Fails);
        assert_eq!(find(&[], 0.0), Finding::NotMeasured);
    }
}
