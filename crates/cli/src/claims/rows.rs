//! The claims, each with the rule that it is judged by. Every number is oriented so that more is better for the claim.

use protocol::{ModelId, Rates, Verdict};

use super::execute::SeedOutcomes;
use super::outcome::Pair;

/// A claim with its rule.
pub struct Row {
    /// Short name, as reports use it; a claim with several rules has several rows.
    pub id: &'static str,
    /// The claim in a sentence.
    pub claim: &'static str,
    /// Who claims it.
    pub paper: &'static str,
    /// The rule in words.
    pub rule: &'static str,
    /// Names of the arms that it is about.
    pub arms: &'static [&'static str],
    /// The number that is judged, one per seed.
    pub value: Value,
    /// The number must be at least this.
    pub at_least: f64,
}

/// Where the number of a row comes from.
pub enum Value {
    /// mAP of `other` minus mAP of `base` in points: paired by query, so it comes with an interval over queries.
    Difference { base: Cell, other: Cell },
    /// Any other number; `None` where it does not exist.
    Number(fn(&SeedOutcomes) -> Option<f64>),
}

/// A cell of an arm's matrix.
pub type Cell = (&'static str, Pair);

const OLD: ModelId = ModelId { stage: 1, independent: false };
const NEW: ModelId = ModelId { stage: 2, independent: false };
const STAR: ModelId = ModelId { stage: 2, independent: true };

/// Status quo: old queries, old gallery.
const OLD_OLD: Pair = (OLD, OLD);
/// Cross-test: new queries, old gallery.
const NEW_OLD: Pair = (NEW, OLD);
/// Self-test: new queries, new gallery.
const NEW_NEW: Pair = (NEW, NEW);
/// Ceiling: the same stage trained without compatibility.
const STAR_STAR: Pair = (STAR, STAR);

const LAB: &str = "this lab";
const BCT: &str = "Shen et al. 2020 (BCT)";
const BT2: &str = "Zhou et al. 2023 (BT²)";

/// Points between two fractions.
fn points(difference: f64) -> f64 {
    100.0 * difference
}

fn verdict<'o>(outcomes: &'o SeedOutcomes, arm: &str) -> Option<&'o Verdict> {
    outcomes.get(arm).map(|outcome| &outcome.verdict)
}

/// Points by which a score keeps clear of the nearer end of a range.
fn within(value: f64, low: f64, high: f64) -> f64 {
    points((value - low).min(high - value))
}

/// Points that a score stays below twice the chance level.
fn below_twice_chance(outcomes: &SeedOutcomes, arm: &str, score: fn(&Verdict) -> Rates) -> Option<f64> {
    let outcome = outcomes.get(arm)?;
    Some(points(2.0 * outcome.chance.map - score(&outcome.verdict).map))
}

/// Kendall's tau between the order given and the tax: 1 where it grows from arm to arm, -1 where it falls.
fn tax_trend(outcomes: &SeedOutcomes, arms: &[&str]) -> Option<f64> {
    let taxes = arms.iter().map(|arm| verdict(outcomes, arm).map(|verdict| verdict.tax));
    let taxes = taxes.collect::<Option<Vec<f64>>>()?;
    let pairs = taxes.iter().enumerate().flat_map(|(at, low)| taxes.iter().skip(at + 1).map(move |high| high - low));
    let signs: Vec<f64> = pairs.map(|step| if step == 0.0 { 0.0 } else { step.signum() }).collect();
    measure::statistics::mean(&signs)
}

/// All claims, in the order of the report.
pub const ROWS: &[Row] = &[
    Row {
        id: "headroom-old",
        claim: "There is headroom: old/old mAP is at least 30 % and at most 60 %",
        paper: LAB,
        rule: "points to the nearer end of 30 to 60 %",
        arms: &["bt2"],
        value: Value::Number(|seed| Some(within(verdict(seed, "bt2")?.old_old.map, 0.3, 0.6))),
        at_least: 0.0,
    },
    Row {
        id: "headroom-ceiling",
        claim: "There is headroom: independent/independent mAP is at least 60 % and at most 90 %",
        paper: LAB,
        rule: "points to the nearer end of 60 to 90 %",
        arms: &["bt2"],
        value: Value::Number(|seed| Some(within(verdict(seed, "bt2")?.ceiling.map, 0.6, 0.9))),
        at_least: 0.0,
    },
    Row {
        id: "1-chance",
        claim: "Independent models are incompatible: independent/old mAP is within twice the chance level",
        paper: BCT,
        rule: "points of independent/old mAP below twice the chance level",
        arms: &["bt2"],
        value: Value::Number(|seed| below_twice_chance(seed, "bt2", |verdict| verdict.independent_old)),
        at_least: 0.0,
    },
    Row {
        id: "1-cka",
        claim: "Independent models are alike all the same: debiased linear CKA is above 0.3",
        paper: BCT,
        rule: "CKA(independent, old)",
        arms: &["bt2"],
        value: Value::Number(|seed| Some(verdict(seed, "bt2")?.cka_independent)),
        at_least: 0.3,
    },
    Row {
        id: "2-map",
        claim: "BCT is compatible by mAP",
        paper: BCT,
        rule: "M(n,o) - M(o,o), points of mAP",
        arms: &["bct"],
        value: Value::Difference { base: ("bct", OLD_OLD), other: ("bct", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "2-top1",
        claim: "BCT is compatible by top-1",
        paper: BCT,
        rule: "M(n,o) - M(o,o), points of CMC top-1",
        arms: &["bct"],
        value: Value::Number(|seed| {
            let verdict = verdict(seed, "bct")?;
            Some(points(verdict.new_old.cmc1 - verdict.old_old.cmc1))
        }),
        at_least: 0.0,
    },
    Row {
        id: "3-tax",
        claim: "BCT pays a tax on the self-test",
        paper: BCT,
        rule: "M(*,*) - M(n,n), points of mAP",
        arms: &["bct"],
        value: Value::Difference { base: ("bct", NEW_NEW), other: ("bct", STAR_STAR) },
        at_least: 0.0,
    },
    Row {
        id: "3-trend",
        claim: "BCT's tax grows with λ",
        paper: BCT,
        rule: "Kendall's τ between λ in {0, 0.1, 1, 10} and the tax",
        arms: &["bct, lambda 0", "bct, lambda 0.1", "bct", "bct, lambda 10"],
        value: Value::Number(|seed| tax_trend(seed, &["bct, lambda 0", "bct, lambda 0.1", "bct", "bct, lambda 10"])),
        at_least: 0.0,
    },
    Row {
        id: "4-self",
        claim: "λ = 0 is the independent model: no tax to speak of",
        paper: BCT,
        rule: "1 point of mAP minus the distance of M(n,n) from M(*,*)",
        arms: &["bct, lambda 0"],
        value: Value::Number(|seed| Some(1.0 - points(verdict(seed, "bct, lambda 0")?.tax).abs())),
        at_least: 0.0,
    },
    Row {
        id: "4-cross",
        claim: "λ = 0 breaks compatibility: the cross-test is within twice the chance level",
        paper: BCT,
        rule: "points of M(n,o) below twice the chance level",
        arms: &["bct, lambda 0"],
        value: Value::Number(|seed| below_twice_chance(seed, "bct, lambda 0", |verdict| verdict.new_old)),
        at_least: 0.0,
    },
    Row {
        id: "bt2-compatible",
        claim: "BT² is compatible by mAP",
        paper: BT2,
        rule: "M(n,o) - M(o,o), points of mAP",
        arms: &["bt2"],
        value: Value::Difference { base: ("bt2", OLD_OLD), other: ("bt2", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "5-self",
        claim: "BT² keeps the self-test: it stays within a point of the independent model's",
        paper: BT2,
        rule: "M(n,n) - M(*,*), points of mAP",
        arms: &["bt2"],
        value: Value::Difference { base: ("bt2", STAR_STAR), other: ("bt2", NEW_NEW) },
        at_least: -1.0,
    },
    Row {
        id: "5-bct",
        claim: "BT²'s self-test is at least BCT's",
        paper: BT2,
        rule: "paired difference, points of mAP",
        arms: &["bct", "bt2"],
        value: Value::Difference { base: ("bct", NEW_NEW), other: ("bt2", NEW_NEW) },
        at_least: 0.0,
    },
    Row {
        id: "6",
        claim: "BT²'s cross-test is at least BCT's",
        paper: BT2,
        rule: "paired difference, points of mAP",
        arms: &["bct", "bt2"],
        value: Value::Difference { base: ("bct", NEW_OLD), other: ("bt2", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "8-small",
        claim: "A small r is enough: with r = 8 the cross-test is at most a point below r = 32",
        paper: BT2,
        rule: "cross-test with r = 8 minus r = 32, points of mAP",
        arms: &["bt2", "bt2, r 32"],
        value: Value::Difference { base: ("bt2, r 32", NEW_OLD), other: ("bt2", NEW_OLD) },
        at_least: -1.0,
    },
    Row {
        id: "8-none",
        claim: "r = 0 is worse: the cross-test with r = 8 is above r = 0",
        paper: BT2,
        rule: "cross-test with r = 8 minus r = 0, points of mAP",
        arms: &["bt2", "bt2, r 0"],
        value: Value::Difference { base: ("bt2, r 0", NEW_OLD), other: ("bt2", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "11-self",
        claim: "BT² keeps the self-test when an MLP becomes a CNN, within a point",
        paper: BT2,
        rule: "M(n,n) - M(*,*), points of mAP",
        arms: &["cnn bt2"],
        value: Value::Difference { base: ("cnn bt2", STAR_STAR), other: ("cnn bt2", NEW_NEW) },
        at_least: -1.0,
    },
    Row {
        id: "11-cross",
        claim: "When an MLP becomes a CNN, BT²'s cross-test is at least BCT's",
        paper: BT2,
        rule: "paired difference, points of mAP",
        arms: &["cnn bct", "cnn bt2"],
        value: Value::Difference { base: ("cnn bct", NEW_OLD), other: ("cnn bt2", NEW_OLD) },
        at_least: 0.0,
    },
];
