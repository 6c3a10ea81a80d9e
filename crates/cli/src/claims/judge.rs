//! From one number per run to a finding.
//!
//! What is tested depends on the number. A mean that must be at least a bound is tested by Student's t over runs, where a run is a seed
//! under an order of the classes: the interval speaks of other seeds under these orders, and what the orders do to the number widens it.
//! A mean that must lie within a range is tested by two one-sided tests, so that what is too uncertain is not called equal. A trend over
//! arms is tested by Kendall's exact test, combined over runs. A yes or no of each run is tested by its sign alone; what is the same in every run
//! needs no test. All p-values of the page are corrected together (Holm): a finding is one where the corrected p-value is at most 5 %. Beside it stands what
//! the rule would find by the other score, what other images and other classes could do to a difference that pairs by query
//! (pigeonhole bootstrap), how large the effect is, and which size these runs would have seen in four of five repetitions.

use std::collections::BTreeMap;

use lab::claims::evaluate::{self, Found};
use lab::claims::measured::Measured;
use lab::claims::{Measure, Rule, arms::Arm, chosen::Settings};
use measure::statistics::{
    Average, Crossed, Interval, Level, Plan, Run, Splits, Summary, detectable, effect_size, equivalence_test, holm,
    mean, share_interval, sign_test, t_test, trend_test, varies,
};
use protocol::{Bound, ClaimMetric, Finding, JudgedClaim, UpgradeKind};
use serde::Serialize;

use super::look::Looked;

/// Resamples of a bootstrap.
const RESAMPLES: usize = 2000;
/// Largest p-value of a finding.
const LEVEL: f64 = 0.05;

/// What is there of every order of classes and seed.
pub type Runs = BTreeMap<(u32, u64), OfRun>;

/// What is there of one order of classes and seed, by the name of the arm.
#[derive(Clone, Debug, Default)]
pub struct OfRun {
    /// What each arm found.
    pub facts: Found,
    /// Seconds of training all models of each.
    pub trained: BTreeMap<&'static str, f64>,
}

/// The whole report.
#[derive(Serialize)]
pub struct Page {
    /// The command that makes it.
    pub command: String,
    /// Where its runs were made.
    pub machine: String,
    /// Whether hardly anything was trained.
    pub quick: bool,
    /// Runs that are there, and that there are to be.
    pub runs: [usize; 2],
    /// Seconds of all runs together.
    pub seconds: f64,
    /// What was chosen for each method.
    pub chosen: Vec<Settings>,
    /// What presets score where they are set otherwise.
    pub looked: Vec<Looked>,
    /// The claims.
    pub rows: Vec<Judged>,
}

/// A claim with all that is told of it.
#[derive(Serialize)]
pub struct Judged {
    /// What the page of the lab shows of it.
    #[serde(flatten)]
    pub claim: JudgedClaim,
    /// The kind of change that it is about.
    pub kind: UpgradeKind,
    /// What the paper measured.
    pub published: &'static str,
    /// Why the number here may be another one.
    pub differs: &'static str,
    /// Runs that the design asks for.
    pub designed: usize,
    /// All numbers, by the score of the paper.
    pub told: Option<Told>,
    /// The same by the other score, judged by itself alone.
    pub other: Option<Other>,
    /// P-value after Holm's correction over the page.
    pub p_corrected: Option<f64>,
    /// Seconds of training all models that the rule looks at, mean over runs.
    pub seconds: f64,
}

/// What the runs come to by one score.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// What that number is made of.
    pub measured: Measured,
    /// The number of each run.
    pub values: Vec<OfOne>,
    /// Mean over runs.
    pub mean: f64,
    /// Sample standard deviation over runs.
    pub deviation: Option<f64>,
    /// 95 % interval of the mean over runs; of shares of yes and no the exact one.
    pub interval: Option<[f64; 2]>,
    /// P-value by itself.
    pub p: Option<f64>,
    /// Mean distance from the bound over its deviation, corrected for few runs (Hedges' g), with its 95 % interval.
    pub effect: Option<[f64; 3]>,
    /// The smallest difference that these runs would see in four of five repetitions.
    pub detectable: Option<f64>,
    /// 95 % interval over seeds and other orders of the classes.
    pub over_orders: Option<[f64; 2]>,
    /// 95 % interval over runs and other images of these classes.
    pub over_images: Option<[f64; 2]>,
    /// 95 % interval over runs and other classes.
    pub over_classes: Option<[f64; 2]>,
}

/// The number of one run.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct OfOne {
    /// Order of the classes; 0 is as they come.
    pub order: u32,
    /// Seed.
    pub seed: u64,
    /// The number.
    pub value: f64,
}

/// What the rule finds by the score that is not the paper's.
#[derive(Clone, Debug, Serialize)]
pub struct Other {
    /// That score.
    pub metric: ClaimMetric,
    /// What is found by it, without correction.
    pub finding: Finding,
    /// The numbers.
    #[serde(flatten)]
    pub told: Told,
}

/// Judges one rule of a method over all runs, each finding by its own p-value as yet; `link` is the scenario to try it with.
pub fn judge(method: &str, rule: &Rule, runs: &Runs, link: String) -> Judged {
    let arms = rule.arms();
    let metrics = rule.metrics();
    let told = tell(rule, metrics.first().copied().unwrap_or(rule.metric), runs);
    let other = metrics.get(1).and_then(|&metric| {
        let told = tell(rule, metric, runs)?;
        Some(Other { metric, finding: find(rule.bound(), told.mean, told.p), told })
    });
    let finding = told.as_ref().map_or(Finding::NotMeasured, |told| find(rule.bound(), told.mean, told.p));
    let complete = runs.values().filter(|run| arms.iter().all(|arm| run.trained.contains_key(arm.name)));
    let seconds: Vec<f64> = complete.map(|run| arms.iter().filter_map(|arm| run.trained.get(arm.name)).sum()).collect();
    let claim = JudgedClaim {
        id: rule.id.to_owned(),
        method: method.to_owned(),
        claim: rule.claim.to_owned(),
        paper: rule.by.to_owned(),
        on: data_of(&arms),
        metric: metrics.first().copied(),
        rule: rule.in_words(),
        bound: rule.bound(),
        runs: told.as_ref().map_or(0, |told| u32::try_from(told.values.len()).unwrap_or(u32::MAX)),
        mean: told.as_ref().map(|told| told.mean),
        interval: told.as_ref().and_then(|told| told.interval),
        finding,
        link,
    };
    Judged {
        claim,
        kind: kind(method),
        published: rule.published,
        differs: rule.differs,
        designed: arms.iter().map(|arm| arm.design().runs().count()).min().unwrap_or_default(),
        told,
        other,
        p_corrected: None,
        seconds: mean(&seconds).unwrap_or_default(),
    }
}

/// Corrects the p-values of the whole page together, and the findings with them.
pub fn correct(rows: &mut [Judged]) {
    let p_values: Vec<f64> = rows.iter().filter_map(|row| row.told.as_ref()?.p).collect();
    // Every one is a probability, which is all that the correction asks.
    let mut corrected = holm(&p_values).unwrap_or(p_values).into_iter();
    for row in rows {
        let Some(told) = row.told.as_ref().filter(|told| told.p.is_some()) else { continue };
        row.p_corrected = corrected.next();
        row.claim.finding = find(row.claim.bound, told.mean, row.p_corrected);
    }
}

/// What the runs come to by a score; `None` if there are none, or one of them does not hold the number.
fn tell(rule: &Rule, metric: ClaimMetric, runs: &Runs) -> Option<Told> {
    let arms = rule.arms();
    let complete = |run: &&OfRun| arms.iter().all(|arm| run.facts.contains_key(arm.name));
    let complete: Vec<(u32, u64, &OfRun)> =
        runs.iter().filter(|(_, run)| complete(run)).map(|(&(order, seed), run)| (order, seed, run)).collect();
    let of_one = |&(order, seed, run): &(u32, u64, &OfRun)| {
        Some(OfOne { order, seed, value: evaluate::value(&rule.measure, metric, &run.facts)? })
    };
    let values: Vec<OfOne> = complete.iter().map(of_one).collect::<Option<_>>()?;
    let numbers: Vec<f64> = values.iter().map(|of_one| of_one.value).collect();
    let summary = Summary::of(&numbers)?;
    let (p, interval) = match (trend(rule, metric, &complete), rule.bound()) {
        (Some(p), _) => (Some(p), summary.interval),
        (None, bound) => {
            // What holds by how much is not the same as a yes, though it may be 1 in all runs.
            let exact = matches!(bound, Bound::AtLeast(_)) && rule.measure.is_yes_or_no() && are_yes_or_no(&numbers);
            (test(bound, &numbers, exact), interval(&numbers, summary.interval, exact))
        }
    };
    let bound = match rule.bound() {
        Bound::AtLeast(bound) => Some(bound),
        Bound::Within(_) => None,
    };
    let beyond: Option<Vec<f64>> = bound.map(|bound| numbers.iter().map(|value| value - bound).collect());
    let effect = beyond.filter(|_| varies(&numbers)).and_then(|beyond| effect_size(&beyond));
    let over = |level| bootstrap(rule, metric, &complete, level).map(|Interval { low, high }| [low, high]);
    Some(Told {
        mean: summary.mean,
        deviation: summary.standard_deviation,
        interval: interval.map(|Interval { low, high }| [low, high]),
        p,
        effect: effect.map(|effect| [effect.g, effect.interval.low, effect.interval.high]),
        detectable: summary.standard_deviation.and_then(|deviation| detectable(deviation, numbers.len())),
        over_orders: orders(&values).map(|Interval { low, high }| [low, high]),
        over_images: over(Level::RunsAndQueries),
        over_classes: over(Level::RunsAndClasses),
        measured: Measured::of(&rule.measure, metric),
        values,
    })
}

/// The exact p-value of a trend; `None` for what is none.
fn trend(rule: &Rule, metric: ClaimMetric, runs: &[(u32, u64, &OfRun)]) -> Option<f64> {
    let (Measure::Rises { arms, fact } | Measure::Falls { arms, fact }) = rule.measure else { return None };
    let rows = runs.iter().map(|(_, _, run)| evaluate::numbers(arms, fact, metric, &run.facts));
    let rows: Vec<Vec<f64>> = rows.collect::<Option<_>>()?;
    let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    trend_test(&rows).ok().map(|trend| trend.p)
}

/// The p-value that the mean is where it is found against the bound, where yes and no are `exact`; `None` of a single run, and of what is
/// the same in all of them.
fn test(bound: Bound, numbers: &[f64], exact: bool) -> Option<f64> {
    if numbers.len() < 2 {
        return None;
    }
    let mean = mean(numbers)?;
    match bound {
        Bound::AtLeast(bound) if exact => sign_test(numbers, bound).ok(),
        _ if !varies(numbers) => None,
        Bound::AtLeast(bound) => t_test(numbers, bound),
        Bound::Within([low, high]) if (low..=high).contains(&mean) => {
            equivalence_test(numbers, Interval { low, high }).map(|found| found.p)
        }
        Bound::Within([low, high]) => t_test(numbers, if mean < low { low } else { high }),
    }
}

/// Whether each is 1 or 0, of which the spread says nothing.
fn are_yes_or_no(numbers: &[f64]) -> bool {
    numbers.iter().all(|&number| number == 0.0 || number == 1.0)
}

/// The interval of the mean: of yes and no the exact one.
fn interval(numbers: &[f64], usual: Option<Interval>, exact: bool) -> Option<Interval> {
    match exact && numbers.len() > 1 {
        true => share_interval(numbers.iter().filter(|&&number| number == 1.0).count(), numbers.len()).ok(),
        false => usual.filter(|_| varies(numbers)),
    }
}

/// What other runs, and other images or classes, would have said of a paired difference.
fn bootstrap(rule: &Rule, metric: ClaimMetric, runs: &[(u32, u64, &OfRun)], level: Level) -> Option<Interval> {
    struct Columns {
        items: Vec<u32>,
        classes: Vec<u16>,
        differences: Vec<f64>,
    }
    let columns = runs.iter().map(|&(order, seed, run)| {
        let groups = evaluate::by_group(&rule.measure, metric, &run.facts);
        let items = groups.iter().map(|&(group, _, _)| group).collect();
        let classes = groups.iter().map(|&(_, class, _)| class).collect();
        let differences = groups.iter().map(|&(_, _, difference)| difference).collect();
        (order, seed, Columns { items, classes, differences })
    });
    let columns: Vec<(u32, u64, Columns)> = columns.collect();
    let runs = columns.iter().map(|(order, seed, Columns { items, classes, differences })| Run {
        // Not a place among the orders, only a number of its own.
        split: *order as usize,
        seed: *seed,
        items,
        classes,
        differences,
    });
    let runs: Vec<Run<'_>> = runs.collect();
    let plan = Plan { level, splits: Splits::Kept, average: Average::Classes, resamples: RESAMPLES, seed: 1 };
    // Runs without groups, or one run alone, leave nothing to draw.
    if runs.len() < 2 {
        return None;
    }
    Crossed::new(&runs).ok()?.bootstrap(&plan).ok().map(|resampled| resampled.interval)
}

/// What other orders of the classes, and other seeds under each, would have said of the mean; `None` where the classes had one order.
fn orders(values: &[OfOne]) -> Option<Interval> {
    let first = values.first()?.order;
    if values.iter().all(|of_one| of_one.order == first) {
        return None;
    }
    // A run is a number here, so it has one query.
    let runs = values.iter().map(|OfOne { order, seed, value }| Run {
        split: *order as usize,
        seed: *seed,
        items: &[0],
        classes: &[0],
        differences: std::slice::from_ref(value),
    });
    let runs: Vec<Run<'_>> = runs.collect();
    let plan =
        Plan { level: Level::Runs, splits: Splits::Drawn, average: Average::Queries, resamples: RESAMPLES, seed: 1 };
    Crossed::new(&runs).ok()?.bootstrap(&plan).ok().map(|resampled| resampled.interval)
}

/// What a p-value says. Where there is none, of one run or of a number that is the same in all runs, the number speaks for itself; what is
/// the bound itself in all of them, as where two methods do the same, says nothing of it.
fn find(bound: Bound, mean: f64, p: Option<f64>) -> Finding {
    let is_bound = matches!(bound, Bound::AtLeast(bound) if mean == bound);
    match (bound.is_met(mean), p.map_or(!is_bound, |p| p <= LEVEL)) {
        (true, true) => Finding::Holds,
        (false, true) => Finding::Fails,
        (_, false) => Finding::WithinNoise,
    }
}

/// The data that arms are on, each once.
fn data_of(arms: &[&'static Arm]) -> String {
    let catalogue = lab::catalogue();
    let mut names: Vec<String> = Vec::new();
    for arm in arms {
        let preset = catalogue.preset(arm.preset);
        let dataset = preset.and_then(|preset| catalogue.dataset(&preset.scenario.data.dataset));
        let name = dataset.map_or_else(|| arm.preset.to_owned(), |dataset| dataset.name.clone());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// The kind of change that a method is for; that of the lab's own rules is a retraining.
fn kind(method: &str) -> UpgradeKind {
    lab::catalogue().method(method).map_or(UpgradeKind::Retrain, |card| card.kind)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const LEAST: Bound = Bound::AtLeast(0.0);
    const NEAR: Bound = Bound::Within([-1.0, 1.0]);

    fn found(bound: Bound, numbers: &[f64]) -> Finding {
        find(bound, mean(numbers).unwrap(), test(bound, numbers, are_yes_or_no(numbers)))
    }

    #[test]
    fn a_claim_holds_or_fails_only_beyond_the_spread_over_runs() {
        assert_eq!(found(LEAST, &[1.0, 1.1, 0.9]), Finding::Holds);
        assert_eq!(found(LEAST, &[1.0, -1.1, 0.9]), Finding::WithinNoise);
        assert_eq!(found(LEAST, &[-1.0, -1.1, -0.9]), Finding::Fails);
        assert_eq!(found(Bound::AtLeast(-2.0), &[-1.0, -1.1, -0.9]), Finding::Holds);
    }

    #[test]
    fn what_must_be_near_holds_only_where_it_is_certainly_near() {
        assert_eq!(found(NEAR, &[0.1, -0.1, 0.2, 0.0]), Finding::Holds);
        assert_eq!(found(NEAR, &[0.1, -2.0, 2.5, 0.0]), Finding::WithinNoise);
        assert_eq!(found(NEAR, &[1.9, 2.0, 2.1, 2.0]), Finding::Fails);
    }

    #[test]
    fn yes_and_no_go_by_exact_numbers() {
        // Three of three say nothing yet, ten of ten do.
        assert_eq!(found(Bound::AtLeast(0.5), &[1.0; 3]), Finding::WithinNoise);
        assert_eq!(found(Bound::AtLeast(0.5), &[1.0; 10]), Finding::Holds);
        assert_eq!(found(Bound::AtLeast(0.5), &[0.0; 10]), Finding::Fails);
        let Interval { low, high } = interval(&[0.0; 3], None, true).unwrap();
        // 1 - 0.025^(1/3).
        assert!(low == 0.0 && (high - 0.7076).abs() < 1e-3, "{high}");
    }

    #[test]
    fn other_orders_reach_as_far_as_the_orders_differ() {
        let of = |values: &[(u32, f64)]| {
            let one = |(seed, &(order, value)): (usize, &(u32, f64))| OfOne { order, seed: 101 + seed as u64, value };
            orders(&values.iter().enumerate().map(one).collect::<Vec<_>>()).map(|it| [it.low, it.high])
        };
        assert_eq!(of(&[(1, 2.0), (1, 4.0)]), None, "one order says nothing of others");
        // Without spread over seeds the ends are three times the lowest and three times the highest order: each in 1 of 27 draws.
        assert_eq!(of(&[(1, 1.0), (1, 1.0), (2, 4.0), (2, 4.0), (3, 7.0), (3, 7.0)]), Some([1.0, 7.0]));
        assert_eq!(of(&[(1, 4.0), (2, 4.0)]), Some([4.0, 4.0]));
    }

    #[test]
    fn one_run_and_what_is_the_same_in_all_are_judged_by_the_number() {
        assert_eq!(found(LEAST, &[0.1]), Finding::Holds);
        assert_eq!(found(LEAST, &[-0.1]), Finding::Fails);
        assert_eq!(found(LEAST, &[10.0; 3]), Finding::Holds);
        // A dip that is a point in every run is a number, and no vote of all runs.
        assert_eq!((test(LEAST, &[1.0; 3], false), interval(&[1.0; 3], None, false)), (None, None));
        assert_eq!(found(NEAR, &[5.0; 3]), Finding::Fails);
        assert_eq!(found(Bound::AtLeast(10.0), &[10.0; 3]), Finding::WithinNoise, "two that do the same");
    }
}
