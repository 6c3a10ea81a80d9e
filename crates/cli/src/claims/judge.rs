//! From one number per seed to a finding.

use lab::claims::evaluate::{self, Logs};
use lab::claims::{Cell, Measure, Rule};
use measure::statistics::{Interval, Summary, bootstrap_mean, mean};
use protocol::{Finding, JudgedClaim, RunLog};

/// Resamples of the queries.
const RESAMPLES: usize = 2000;

/// Judges one rule of a method over all seeds; `link` is the scenario to try it with.
pub fn judge(method: &str, rule: &Rule, seeds: &[Logs], link: String) -> JudgedClaim {
    let values: Vec<Option<f64>> = seeds.iter().map(|logs| evaluate::value(&rule.measure, logs)).collect();
    let over_queries = match rule.measure {
        Measure::Paired { base, other } => over_queries(base, other, seeds),
        _ => None,
    };
    let all: Option<Vec<f64>> = values.iter().copied().collect();
    let finding = all.map_or(Finding::NotMeasured, |values| find(&values, rule.at_least));
    let values: Vec<f64> = values.into_iter().flatten().collect();
    let summary = Summary::of(&values);
    let arms = rule.arms();
    let took = |logs: &Logs| arms.iter().filter_map(|arm| logs.get(arm.name)).map(trained_seconds).sum();
    let seconds: Vec<f64> = seeds.iter().map(took).collect();
    JudgedClaim {
        id: rule.id.to_owned(),
        method: method.to_owned(),
        claim: rule.claim.to_owned(),
        paper: rule.by.to_owned(),
        rule: rule.in_words(),
        at_least: rule.at_least,
        mean: summary.map(|summary| summary.mean),
        deviation: summary.and_then(|summary| summary.standard_deviation),
        over_queries: over_queries.map(|interval| [interval.low, interval.high]),
        seconds: mean(&seconds).unwrap_or_default(),
        finding,
        link,
        values,
    }
}

/// Interval of a difference in mAP, in points, over the queries of all seeds.
fn over_queries(base: Cell, other: Cell, seeds: &[Logs]) -> Option<Interval> {
    let paired = seeds.iter().filter_map(|logs| evaluate::by_query(base, other, logs));
    let queries: Vec<f64> = paired.flatten().collect();
    bootstrap_mean(&queries, RESAMPLES, 1).ok().map(|bootstrap| bootstrap.interval)
}

/// Seconds that training all models of a run took.
fn trained_seconds(log: &RunLog) -> f64 {
    log.models.values().filter_map(|model| model.seconds).sum()
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
