//! The claims, each with the rule that it is judged by. Every number is oriented so that more is better for the claim. One table, so that
//! a claim is found in one place: hence the length.

use measure::compatibility::{UpgradeScores, p_1};
use protocol::{BackfillOrder, ChainScores, Choice, ModelId, Rates, Verdict};

use super::execute::SeedOutcomes;
use super::outcome::Pair;

/// A claim with its rule.
pub struct Row {
    /// Short name, as reports use it; a claim with several rules has several rows.
    pub id: &'static str,
    /// Id of the method whose card it belongs to; empty for what concerns the lab itself.
    pub method: &'static str,
    /// The claim in a sentence.
    pub claim: &'static str,
    /// Who claims it.
    pub paper: &'static str,
    /// The rule in words.
    pub rule: &'static str,
    /// Names of the arms that it is about; the last is the one to try it with.
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
const THIRD: ModelId = ModelId { stage: 3, independent: false };
const STAR: ModelId = ModelId { stage: 2, independent: true };

/// Status quo: old queries, old gallery.
const OLD_OLD: Pair = (OLD, OLD);
/// Cross-test: new queries, old gallery.
const NEW_OLD: Pair = (NEW, OLD);
/// Self-test: new queries, new gallery.
const NEW_NEW: Pair = (NEW, NEW);
/// Skip-compatibility: queries two versions on, old gallery.
const THIRD_OLD: Pair = (THIRD, OLD);
/// Ceiling: the same stage trained without compatibility.
const STAR_STAR: Pair = (STAR, STAR);

const LAB: &str = "this lab";
const BCT: &str = "Shen et al. 2020 (BCT)";
const BT2: &str = "Zhou et al. 2023 (BT²)";
const OCA: &str = "Ricci et al. 2024 (OCA)";
const CORES: &str = "Biondi et al. 2023 (CoReS)";
const HOC: &str = "Biondi et al. 2024 (IAM-CL2R)";
const ADAPTERS: &str = "Vejendla 2025 (Drift-Adapter); Ricci et al. 2026";
const LAMBDA: &str = "Ricci et al. 2025 (λ-orthogonality)";
const FCT: &str = "Ramanujan et al. 2022 (FCT)";
const FASTFILL: &str = "Jaeckle et al. 2023 (FastFill)";

/// Points between two fractions.
fn points(difference: f64) -> f64 {
    100.0 * difference
}

fn verdict<'o>(outcomes: &'o SeedOutcomes, arm: &str) -> Option<&'o Verdict> {
    outcomes.get(arm).map(|outcome| &outcome.verdict)
}

/// Scores by mAP of an arm's models as a chain.
fn chain<'o>(outcomes: &'o SeedOutcomes, arm: &str) -> Option<&'o ChainScores> {
    Some(&outcomes.get(arm)?.chain.as_ref()?.map)
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

/// Kendall's tau between the order given and a number of the arms: 1 where it grows from arm to arm, -1 where it falls.
fn trend(arms: &[&'static str], number: impl Fn(&'static str) -> Option<f64>) -> Option<f64> {
    let numbers = arms.iter().map(|&arm| number(arm));
    let numbers = numbers.collect::<Option<Vec<f64>>>()?;
    let pairs =
        numbers.iter().enumerate().flat_map(|(at, low)| numbers.iter().skip(at + 1).map(move |high| high - low));
    let signs: Vec<f64> = pairs.map(|step| if step == 0.0 { 0.0 } else { step.signum() }).collect();
    measure::statistics::mean(&signs)
}

/// mAP of a cell over queries of the classes that came later, in points.
fn unseen(outcomes: &SeedOutcomes, (arm, (query, gallery)): Cell) -> Option<f64> {
    let cell = outcomes.get(arm)?.cells.iter().find(|cell| cell.query == query && cell.gallery == gallery)?;
    cell.unseen.map(|rates| points(rates.map))
}

/// P1, the harmonic mean of what an upgrade keeps of the self-test and gains in the cross-test, in percent.
fn harmonic(outcomes: &SeedOutcomes, arm: &str) -> Option<f64> {
    let verdict = verdict(outcomes, arm)?;
    let scores = UpgradeScores {
        old: verdict.old_old.map,
        cross: verdict.new_old.map,
        new: verdict.new_new.map,
        oracle: verdict.ceiling.map,
    };
    p_1(&[scores]).map(points)
}

/// P1 of an arm beyond that of BCT, in percent.
fn beyond_bct(outcomes: &SeedOutcomes, arm: &str) -> Option<f64> {
    Some(harmonic(outcomes, arm)? - harmonic(outcomes, "bct")?)
}

/// Area and dip, in points, of the backfill of an arm by this model in this order.
fn backfill(outcomes: &SeedOutcomes, arm: &str, model: ModelId, order: BackfillOrder) -> Option<(f64, f64)> {
    let mut all = outcomes.get(arm)?.backfills.iter();
    let found = all.find(|backfill| backfill.query == model && backfill.order == order && !backfill.dual)?;
    Some((points(found.area), points(found.dip)))
}

/// Whether the last upgrade of an arm is compatible, 1 or 0: its AC.
fn average_compatibility(outcomes: &SeedOutcomes, arm: &str) -> Option<f64> {
    Some(f64::from(u8::from(verdict(outcomes, arm)?.compatible_map)))
}

/// Points by which frozen galleries fall faster than re-indexed ones over the old classes of the last upgrade.
fn frozen_gap(outcomes: &SeedOutcomes, arm: &str) -> Option<f64> {
    let verdict = verdict(outcomes, arm)?;
    Some(points(verdict.forgetting_frozen - verdict.forgetting_reindexed))
}

/// All claims, in the order of the report.
pub const ROWS: &[Row] = &[
    Row {
        id: "headroom-old",
        method: "",
        claim: "There is headroom: old/old mAP is at least 30 % and at most 60 %",
        paper: LAB,
        rule: "points to the nearer end of 30 to 60 %",
        arms: &["bt2"],
        value: Value::Number(|seed| Some(within(verdict(seed, "bt2")?.old_old.map, 0.3, 0.6))),
        at_least: 0.0,
    },
    Row {
        id: "headroom-ceiling",
        method: "",
        claim: "There is headroom: independent/independent mAP is at least 60 % and at most 90 %",
        paper: LAB,
        rule: "points to the nearer end of 60 to 90 %",
        arms: &["bt2"],
        value: Value::Number(|seed| Some(within(verdict(seed, "bt2")?.ceiling.map, 0.6, 0.9))),
        at_least: 0.0,
    },
    Row {
        id: "1-chance",
        method: Choice::PLAIN,
        claim: "Independent models are incompatible: independent/old mAP is within twice the chance level",
        paper: BCT,
        rule: "points of independent/old mAP below twice the chance level",
        arms: &["bt2"],
        value: Value::Number(|seed| below_twice_chance(seed, "bt2", |verdict| verdict.independent_old)),
        at_least: 0.0,
    },
    Row {
        id: "1-cka",
        method: Choice::PLAIN,
        claim: "Independent models are alike all the same: debiased linear CKA is above 0.3",
        paper: BCT,
        rule: "CKA(independent, old)",
        arms: &["bt2"],
        value: Value::Number(|seed| Some(verdict(seed, "bt2")?.cka_independent)),
        at_least: 0.3,
    },
    Row {
        id: "2-map",
        method: "bct",
        claim: "BCT is compatible by mAP",
        paper: BCT,
        rule: "M(n,o) - M(o,o), points of mAP",
        arms: &["bct"],
        value: Value::Difference { base: ("bct", OLD_OLD), other: ("bct", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "2-top1",
        method: "bct",
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
        method: "bct",
        claim: "BCT pays a tax on the self-test",
        paper: BCT,
        rule: "M(*,*) - M(n,n), points of mAP",
        arms: &["bct"],
        value: Value::Difference { base: ("bct", NEW_NEW), other: ("bct", STAR_STAR) },
        at_least: 0.0,
    },
    Row {
        id: "3-trend",
        method: "bct",
        claim: "BCT's tax grows with λ",
        paper: BCT,
        rule: "Kendall's τ between λ in {0, 0.1, 1, 10} and the tax",
        arms: &["bct, lambda 0", "bct, lambda 0.1", "bct", "bct, lambda 10"],
        value: Value::Number(|seed| {
            trend(&["bct, lambda 0", "bct, lambda 0.1", "bct", "bct, lambda 10"], |arm| Some(verdict(seed, arm)?.tax))
        }),
        at_least: 0.0,
    },
    Row {
        id: "4-self",
        method: "bct",
        claim: "λ = 0 is the independent model: no tax to speak of",
        paper: BCT,
        rule: "1 point of mAP minus the distance of M(n,n) from M(*,*)",
        arms: &["bct, lambda 0"],
        value: Value::Number(|seed| Some(1.0 - points(verdict(seed, "bct, lambda 0")?.tax).abs())),
        at_least: 0.0,
    },
    Row {
        id: "4-cross",
        method: "bct",
        claim: "λ = 0 breaks compatibility: the cross-test is within twice the chance level",
        paper: BCT,
        rule: "points of M(n,o) below twice the chance level",
        arms: &["bct, lambda 0"],
        value: Value::Number(|seed| below_twice_chance(seed, "bct, lambda 0", |verdict| verdict.new_old)),
        at_least: 0.0,
    },
    Row {
        id: "bt2-compatible",
        method: "bt2",
        claim: "BT² is compatible by mAP",
        paper: BT2,
        rule: "M(n,o) - M(o,o), points of mAP",
        arms: &["bt2"],
        value: Value::Difference { base: ("bt2", OLD_OLD), other: ("bt2", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "5-self",
        method: "bt2",
        claim: "BT² keeps the self-test: it stays within a point of the independent model's",
        paper: BT2,
        rule: "M(n,n) - M(*,*), points of mAP",
        arms: &["bt2"],
        value: Value::Difference { base: ("bt2", STAR_STAR), other: ("bt2", NEW_NEW) },
        at_least: -1.0,
    },
    Row {
        id: "5-bct",
        method: "bt2",
        claim: "BT²'s self-test is at least BCT's",
        paper: BT2,
        rule: "paired difference, points of mAP",
        arms: &["bct", "bt2"],
        value: Value::Difference { base: ("bct", NEW_NEW), other: ("bt2", NEW_NEW) },
        at_least: 0.0,
    },
    Row {
        id: "6",
        method: "bt2",
        claim: "BT²'s cross-test is at least BCT's",
        paper: BT2,
        rule: "paired difference, points of mAP",
        arms: &["bct", "bt2"],
        value: Value::Difference { base: ("bct", NEW_OLD), other: ("bt2", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "8-small",
        method: "bt2",
        claim: "A small r is enough: with r = 8 the cross-test is at most a point below r = 32",
        paper: BT2,
        rule: "cross-test with r = 8 minus r = 32, points of mAP",
        arms: &["bt2", "bt2, r 32"],
        value: Value::Difference { base: ("bt2, r 32", NEW_OLD), other: ("bt2", NEW_OLD) },
        at_least: -1.0,
    },
    Row {
        id: "8-none",
        method: "bt2",
        claim: "r = 0 is worse: the cross-test with r = 8 is above r = 0",
        paper: BT2,
        rule: "cross-test with r = 8 minus r = 0, points of mAP",
        arms: &["bt2", "bt2, r 0"],
        value: Value::Difference { base: ("bt2, r 0", NEW_OLD), other: ("bt2", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "9",
        method: "bt2",
        claim: "A large C keeps the new branch's own ranking: with C = 8 the self-test is within a point of the branch alone",
        paper: BT2,
        rule: "1 point minus the distance of M(n,n) from the self-test of f, mAP",
        arms: &["bt2, C 8"],
        value: Value::Number(|seed| {
            let verdict = verdict(seed, "bt2, C 8")?;
            Some(1.0 - points(verdict.new_new.map - verdict.branch?.map).abs())
        }),
        at_least: 0.0,
    },
    Row {
        id: "11-self",
        method: "bt2",
        claim: "BT² keeps the self-test when an MLP becomes a CNN, within a point",
        paper: BT2,
        rule: "M(n,n) - M(*,*), points of mAP",
        arms: &["cnn bt2"],
        value: Value::Difference { base: ("cnn bt2", STAR_STAR), other: ("cnn bt2", NEW_NEW) },
        at_least: -1.0,
    },
    Row {
        id: "11-cross",
        method: "bt2",
        claim: "When an MLP becomes a CNN, BT²'s cross-test is at least BCT's",
        paper: BT2,
        rule: "paired difference, points of mAP",
        arms: &["cnn bct", "cnn bt2"],
        value: Value::Difference { base: ("cnn bct", NEW_OLD), other: ("cnn bt2", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "11-vit-self",
        method: "bt2",
        claim: "BT² keeps the self-test when an MLP becomes a vision transformer, within a point",
        paper: BT2,
        rule: "M(n,n) - M(*,*), points of mAP",
        arms: &["vit bt2"],
        value: Value::Difference { base: ("vit bt2", STAR_STAR), other: ("vit bt2", NEW_NEW) },
        at_least: -1.0,
    },
    Row {
        id: "11-vit-cross",
        method: "bt2",
        claim: "When an MLP becomes a vision transformer, BT²'s cross-test is at least BCT's",
        paper: BT2,
        rule: "paired difference, points of mAP",
        arms: &["vit bct", "vit bt2"],
        value: Value::Difference { base: ("vit bct", NEW_OLD), other: ("vit bt2", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "10-bt2",
        method: "bt2",
        claim: "Over a chain BT² stays compatible two versions on: v3 queries on the v1 gallery",
        paper: BT2,
        rule: "M(3,1) - M(1,1), points of mAP",
        arms: &["chain bt2"],
        value: Value::Difference { base: ("chain bt2", OLD_OLD), other: ("chain bt2", THIRD_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "10-bct",
        method: "bct",
        claim: "Over a chain BCT loses compatibility: v3 does worse than v2 on the v1 gallery",
        paper: BT2,
        rule: "M(2,1) - M(3,1), points of mAP",
        arms: &["chain bct"],
        value: Value::Difference { base: ("chain bct", THIRD_OLD), other: ("chain bct", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "12-self",
        method: "oca",
        claim: "OCA needs no teacher: its self-test is at most half a point below BCT's",
        paper: OCA,
        rule: "paired difference, points of mAP",
        arms: &["bct", "oca"],
        value: Value::Difference { base: ("bct", NEW_NEW), other: ("oca", NEW_NEW) },
        at_least: -0.5,
    },
    Row {
        id: "12-compatible",
        method: "oca",
        claim: "OCA is compatible by mAP",
        paper: OCA,
        rule: "M(n,o) - M(o,o), points of mAP",
        arms: &["oca"],
        value: Value::Difference { base: ("oca", OLD_OLD), other: ("oca", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "12-rotation",
        method: "oca",
        claim: "The rotation of OCA adds nothing that a free head has not: both cross-tests are within a point",
        paper: LAB,
        rule: "1 point minus the distance of the cross-tests with and without, mAP",
        arms: &["oca, no rotation", "oca"],
        value: Value::Number(|seed| {
            let cross = |arm| Some(points(verdict(seed, arm)?.new_old.map));
            Some(1.0 - (cross("oca")? - cross("oca, no rotation")?).abs())
        }),
        at_least: 0.0,
    },
    Row {
        id: "naive-cross",
        method: "naive-extra-dims",
        claim: "Extra dims alone are not enough: BT²'s cross-test is above theirs",
        paper: BT2,
        rule: "paired difference, points of mAP",
        arms: &["naive extra dims", "bt2"],
        value: Value::Difference { base: ("naive extra dims", NEW_OLD), other: ("bt2", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "l2-self",
        method: "l2",
        claim: "The self-test of L2 is poor: BCT's is above",
        paper: BCT,
        rule: "paired difference, points of mAP",
        arms: &["l2", "bct"],
        value: Value::Difference { base: ("l2", NEW_NEW), other: ("bct", NEW_NEW) },
        at_least: 0.0,
    },
    Row {
        id: "14",
        method: "simplex",
        claim: "Two networks trained apart under one simplex are compatible, under learned heads they are not",
        paper: CORES,
        rule: "AC with the simplex minus AC with learned rows",
        arms: &["simplex, learned rows", "simplex"],
        value: Value::Number(|seed| {
            Some(average_compatibility(seed, "simplex")? - average_compatibility(seed, "simplex, learned rows")?)
        }),
        at_least: 0.5,
    },
    Row {
        id: "14-random",
        method: "simplex",
        claim: "It is the fixed rows that do it: random ones are as good as the simplex, within a point",
        paper: LAB,
        rule: "cross-test with random rows minus simplex, points of mAP",
        arms: &["simplex", "simplex, random rows"],
        value: Value::Difference { base: ("simplex", NEW_OLD), other: ("simplex, random rows", NEW_OLD) },
        at_least: -1.0,
    },
    Row {
        id: "16-ac",
        method: "hoc",
        claim: "Over a sequence of tasks HOC has a higher average compatibility than the task loss alone",
        paper: HOC,
        rule: "difference of AC by mAP, points",
        arms: &["tasks, task loss alone", "tasks hoc"],
        value: Value::Number(|seed| {
            let score = |arm| Some(points(chain(seed, arm)?.ac));
            Some(score("tasks hoc")? - score("tasks, task loss alone")?)
        }),
        at_least: 0.0,
    },
    Row {
        id: "16-aa",
        method: "hoc",
        claim: "Over a sequence of tasks HOC has a higher average accuracy than the task loss alone",
        paper: HOC,
        rule: "difference of AA by mAP, points",
        arms: &["tasks, task loss alone", "tasks hoc"],
        value: Value::Number(|seed| {
            let score = |arm| Some(points(chain(seed, arm)?.aa));
            Some(score("tasks hoc")? - score("tasks, task loss alone")?)
        }),
        at_least: 0.0,
    },
    Row {
        id: "16-still",
        method: "hoc",
        claim: "As long as nothing replaces the model most upgrades under HOC are compatible by mAP",
        paper: HOC,
        rule: "AC by mAP",
        arms: &["tasks hoc, no replacement"],
        value: Value::Number(|seed| Some(chain(seed, "tasks hoc, no replacement")?.ac)),
        at_least: 0.5,
    },
    Row {
        id: "16-still-ac",
        method: "hoc",
        claim: "As long as nothing replaces the model HOC has a higher average compatibility than the task loss alone",
        paper: HOC,
        rule: "difference of AC by mAP, points",
        arms: &["tasks, task loss alone, no replacement", "tasks hoc, no replacement"],
        value: Value::Number(|seed| {
            let score = |arm| Some(points(chain(seed, arm)?.ac));
            Some(score("tasks hoc, no replacement")? - score("tasks, task loss alone, no replacement")?)
        }),
        at_least: 0.0,
    },
    Row {
        id: "17-gap",
        method: "hoc",
        claim: "After fine-tuning with a learned head frozen galleries fall faster than re-indexed ones",
        paper: HOC,
        rule: "frozen-gallery minus re-indexed forgetting, points of mAP",
        arms: &["tasks, learned head"],
        value: Value::Number(|seed| frozen_gap(seed, "tasks, learned head")),
        at_least: 0.0,
    },
    Row {
        id: "17-shrinks",
        method: "hoc",
        claim: "Under a simplex and HOC that gap is smaller",
        paper: HOC,
        rule: "gap with a learned head minus gap with HOC, points of mAP",
        arms: &["tasks, learned head", "tasks hoc"],
        value: Value::Number(|seed| Some(frozen_gap(seed, "tasks, learned head")? - frozen_gap(seed, "tasks hoc")?)),
        at_least: 0.0,
    },
    Row {
        id: "20-compatible",
        method: "procrustes",
        claim: "Procrustes alone makes independent models compatible by mAP",
        paper: ADAPTERS,
        rule: "M(g(n),o) - M(o,o), points of mAP",
        arms: &["procrustes"],
        value: Value::Difference { base: ("procrustes", OLD_OLD), other: ("procrustes", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "20-affine",
        method: "affine",
        claim: "An affine map adapts: fitted on all classes it is at least as good as Procrustes",
        paper: ADAPTERS,
        rule: "paired difference, points of mAP",
        arms: &["procrustes", "affine"],
        value: Value::Difference { base: ("procrustes", NEW_OLD), other: ("affine", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "20-held-out",
        method: "procrustes",
        claim: "Procrustes preserves: fitted on old classes it is better than an affine map for queries of the others",
        paper: ADAPTERS,
        rule: "difference over queries of unseen classes, points of mAP",
        arms: &["affine, old classes", "procrustes, old classes"],
        value: Value::Number(|seed| {
            Some(unseen(seed, ("procrustes, old classes", NEW_OLD))? - unseen(seed, ("affine, old classes", NEW_OLD))?)
        }),
        at_least: 0.0,
    },
    Row {
        id: "21-cross",
        method: "lambda-orthogonal",
        claim: "A larger λ adapts more: the cross-test grows with it",
        paper: LAMBDA,
        rule: "Kendall's τ between λ in {0, 1, 3, free} and the cross-test",
        arms: &["rotation", "lambda 1", "lambda free", "lambda 3"],
        value: Value::Number(|seed| {
            trend(&["rotation", "lambda 1", "lambda 3", "lambda free"], |arm| Some(verdict(seed, arm)?.new_old.map))
        }),
        at_least: 0.0,
    },
    Row {
        id: "21-self",
        method: "lambda-orthogonal",
        claim: "A larger λ preserves less: the tax grows with it",
        paper: LAMBDA,
        rule: "Kendall's τ between λ in {0, 1, 3, free} and the tax",
        arms: &["rotation", "lambda 1", "lambda free", "lambda 3"],
        value: Value::Number(|seed| {
            trend(&["rotation", "lambda 1", "lambda 3", "lambda free"], |arm| Some(verdict(seed, arm)?.tax))
        }),
        at_least: 0.0,
    },
    Row {
        id: "21-held-out",
        method: "lambda-orthogonal",
        claim: "A larger λ carries less far: fitted on old classes, the cross-test of the others falls with it",
        paper: LAMBDA,
        rule: "minus Kendall's τ between λ in {0, 1, 3, free} and the cross-test of unseen classes",
        arms: &["rotation, old classes", "lambda 1, old classes", "lambda free, old classes", "lambda 3, old classes"],
        value: Value::Number(|seed| {
            let arms =
                ["rotation, old classes", "lambda 1, old classes", "lambda 3, old classes", "lambda free, old classes"];
            Some(-trend(&arms, |arm| unseen(seed, (arm, NEW_OLD)))?)
        }),
        at_least: 0.0,
    },
    Row {
        id: "22",
        method: "fastfill",
        claim: "Backfill by uncertainty beats random order",
        paper: FASTFILL,
        rule: "difference of the areas under the backfill curves, points of mAP",
        arms: &["fastfill"],
        value: Value::Number(|seed| {
            let area = |order| Some(backfill(seed, "fastfill", NEW, order)?.0);
            Some(area(BackfillOrder::Uncertainty)? - area(BackfillOrder::Random)?)
        }),
        at_least: 0.0,
    },
    Row {
        id: "23-independent",
        method: Choice::PLAIN,
        claim: "An index that mixes independent models dips below both of its ends",
        paper: LAB,
        rule: "depth of the dip in random order, points of mAP",
        arms: &["bct"],
        value: Value::Number(|seed| Some(-backfill(seed, "bct", STAR, BackfillOrder::Random)?.1)),
        at_least: 0.1,
    },
    Row {
        id: "23-bct",
        method: "bct",
        claim: "An index that mixes models compatible by BCT does not dip by more than a point",
        paper: LAB,
        rule: "1 point minus the depth of the dip in random order, mAP",
        arms: &["bct"],
        value: Value::Number(|seed| Some(1.0 + backfill(seed, "bct", NEW, BackfillOrder::Random)?.1)),
        at_least: 0.0,
    },
    Row {
        id: "23-bt2",
        method: "bt2",
        claim: "An index that mixes models compatible by BT² does not dip by more than a point",
        paper: LAB,
        rule: "1 point minus the depth of the dip in random order, mAP",
        arms: &["bt2"],
        value: Value::Number(|seed| Some(1.0 + backfill(seed, "bt2", NEW, BackfillOrder::Random)?.1)),
        at_least: 0.0,
    },
    Row {
        id: "24",
        method: "slerp",
        claim: "The best fused query is better than both models' own",
        paper: ADAPTERS,
        rule: "M(fused,o) minus the larger of M(o,o) and Procrustes, points of mAP",
        arms: &["procrustes", "slerp"],
        value: Value::Number(|seed| {
            let cross = |arm| Some(points(verdict(seed, arm)?.new_old.map));
            Some(cross("slerp")? - cross("procrustes")?.max(points(verdict(seed, "slerp")?.old_old.map)))
        }),
        at_least: 0.01,
    },
    Row {
        id: "25",
        method: "ract",
        claim: "RACT turns fewer right answers wrong than BCT",
        paper: "Zhang et al. 2022 (RACT)",
        rule: "NFR of BCT minus NFR of RACT, points",
        arms: &["bct", "ract"],
        value: Value::Number(|seed| Some(points(verdict(seed, "bct")?.nfr - verdict(seed, "ract")?.nfr))),
        at_least: 0.0,
    },
    Row {
        id: "26-cka",
        method: "darkrank",
        claim: "Relations alone make the spaces more alike: CKA rises",
        paper: LAB,
        rule: "CKA(new, old) - CKA(independent, old)",
        arms: &["darkrank"],
        value: Value::Number(|seed| {
            let verdict = verdict(seed, "darkrank")?;
            Some(verdict.cka_new - verdict.cka_independent)
        }),
        at_least: 0.0,
    },
    Row {
        id: "26-cross",
        method: "darkrank",
        claim: "Relations alone do not make them compatible: the cross-test is within twice the chance level",
        paper: LAB,
        rule: "points of M(n,o) below twice the chance level",
        arms: &["darkrank"],
        value: Value::Number(|seed| below_twice_chance(seed, "darkrank", |verdict| verdict.new_old)),
        at_least: 0.0,
    },
    Row {
        id: "28-compatible",
        method: "fct",
        claim: "New queries find more in the mapped old gallery than old queries in the old one",
        paper: FCT,
        rule: "M(n,h(o,s)) - M(o,o), points of mAP",
        arms: &["fct"],
        value: Value::Difference { base: ("fct", OLD_OLD), other: ("fct", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "28-side",
        method: "fct",
        claim: "Side information helps",
        paper: FCT,
        rule: "cross-test with minus without, points of mAP",
        arms: &["fct, no side", "fct"],
        value: Value::Difference { base: ("fct, no side", NEW_OLD), other: ("fct", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "29",
        method: "mixbct",
        claim: "MixBCT needs no extra loss: with one cross entropy it is compatible by mAP",
        paper: "Liang et al. 2023 (MixBCT)",
        rule: "M(n,o) - M(o,o), points of mAP",
        arms: &["mixbct"],
        value: Value::Difference { base: ("mixbct", OLD_OLD), other: ("mixbct", NEW_OLD) },
        at_least: 0.0,
    },
    Row {
        id: "30-advbct",
        method: "advbct",
        claim: "AdvBCT's P1 is at least BCT's",
        paper: "Pan et al. 2023 (AdvBCT)",
        rule: "difference of P1, percent",
        arms: &["bct", "advbct"],
        value: Value::Number(|seed| beyond_bct(seed, "advbct")),
        at_least: 0.0,
    },
    Row {
        id: "30-lce",
        method: "lce",
        claim: "LCE's P1 is at least BCT's",
        paper: "Meng et al. 2021 (LCE)",
        rule: "difference of P1, percent",
        arms: &["bct", "lce"],
        value: Value::Number(|seed| beyond_bct(seed, "lce")),
        at_least: 0.0,
    },
    Row {
        id: "30-unibct",
        method: "unibct",
        claim: "UniBCT's P1 is at least BCT's",
        paper: "Zhang et al. 2022 (UniBCT)",
        rule: "difference of P1, percent",
        arms: &["bct", "unibct"],
        value: Value::Number(|seed| beyond_bct(seed, "unibct")),
        at_least: 0.0,
    },
    Row {
        id: "31-chance",
        method: "mini-vec2vec",
        claim: "Without pairs new queries find at least four times what chance finds",
        paper: "Dar 2025 (mini-vec2vec)",
        rule: "M(g(n),o) over the chance level",
        arms: &["mini-vec2vec"],
        value: Value::Number(|seed| {
            let outcome = seed.get("mini-vec2vec")?;
            Some(outcome.verdict.new_old.map / outcome.chance.map)
        }),
        at_least: 4.0,
    },
    Row {
        id: "31-pairs",
        method: "mini-vec2vec",
        claim: "With pairs, Procrustes finds more",
        paper: "Dar 2025 (mini-vec2vec)",
        rule: "paired difference, points of mAP",
        arms: &["mini-vec2vec", "procrustes"],
        value: Value::Difference { base: ("mini-vec2vec", NEW_OLD), other: ("procrustes", NEW_OLD) },
        at_least: 0.0,
    },
];
