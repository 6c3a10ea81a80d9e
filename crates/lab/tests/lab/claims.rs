//! Rules: what they are about is there, they say what they judge, and each measure finds its number in runs written by hand.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use lab::claims::evaluate::{Found, by_group, value};
use lab::claims::{
    Arm, Change, Chosen, Design, Fact, Facts, INDEPENDENT, Measure, NEW, NEW_NEW, NEW_OLD, OLD_OLD, Rule, STAR_STAR,
    THIRD_OLD, arms, asked, rules,
};
use protocol::{
    Backfill, BackfillOrder, BackfillPoint, Better, Bound, Cell, Chain, ChainScores, ClaimMetric, Cost, Growth,
    ModelId, ModelLog, Packed, Quantity, Ranking, Rates, RunLog, Table, Upkeep, Verdict,
};

use ClaimMetric::{Map, Top1};

const A: &Arm = &Arm::extended("a", Change::AsItIs);
const B: &Arm = &Arm::extended("b", Change::AsItIs);
const C: &Arm = &Arm::extended("c", Change::AsItIs);
/// Of which there is no log.
const D: &Arm = &Arm::extended("d", Change::AsItIs);

fn rates(map: f64, cmc1: f64) -> Rates {
    Rates { map, cmc1, ..Rates::default() }
}

fn cell((query, gallery): (ModelId, ModelId), map: f64, cmc1: f64, unseen: f64) -> Cell {
    Cell { query, gallery, all: rates(map, cmc1), seen: None, unseen: Some(rates(unseen, 0.0)) }
}

/// An upgrade from 0.4 by mAP whose cross-test finds `cross`.
fn verdict(cross: f64) -> Verdict {
    Verdict {
        new: NEW,
        old: OLD_OLD.0,
        old_old: rates(0.4, 0.5),
        new_old: rates(cross, 0.6),
        new_new: rates(0.7, 0.8),
        branch: Some(rates(0.69, 0.8)),
        ceiling: rates(0.75, 0.9),
        independent_old: rates(0.1, 0.1),
        compatible_map: cross > 0.4,
        compatible_cmc1: true,
        update_gain: Some((cross - 0.4) / 0.35),
        tax: 0.05,
        nfr: 0.02,
        pfr: 0.12,
        forgetting_reindexed: 0.01,
        forgetting_frozen: 0.04,
        cka_new: 0.8,
        cka_independent: 0.5,
        cost: Cost { stored: 40, stored_before: 32, notes: 0, passes: 2, seconds: Some(3.5), upkeep: Upkeep::Nothing },
    }
}

/// Of four queries, with the best item of each.
fn ranking(precisions: [f32; 4], items: [u16; 4]) -> Ranking {
    let (queries, items, precisions) = (vec![0, 1, 2, 3], items.to_vec(), precisions.to_vec());
    Ranking { step: 8, depth: 1, queries, items, precisions, turned: vec![] }
}

fn backfill(order: BackfillOrder, dual: bool, area: f64, dip: f64) -> Backfill {
    let points = [(0.0, 0.3), (1.0, 0.7)].map(|(fraction, map)| BackfillPoint { fraction, map, cmc1: 0.0 });
    Backfill { query: NEW, gallery: OLD_OLD.0, order, dual, points: points.to_vec(), area, dip }
}

/// A run whose cross-test finds `cross`.
fn log(cross: f64) -> RunLog {
    let scores = |ac| ChainScores { ac, ac_with_ties: 1.0, aa: 0.6, bc: 0.0, fc: 0.0, failed: vec![] };
    let growth = vec![Growth { models: 2, ac: 1.0, aa: 0.5 }, Growth { models: 3, ac: 0.75, aa: 0.6 }];
    let accuracy = |value| (("accuracy".to_owned(), "task 2".to_owned()), vec![(8, 0.1), (16, value)]);
    let table = |id: &str, quantity: &str| Table {
        id: id.to_owned(),
        title: String::new(),
        quantity: quantity.to_owned(),
        row_of: String::new(),
        rows: vec!["1".to_owned(), "2".to_owned()],
        column_of: String::new(),
        columns: vec!["x".to_owned(), "y".to_owned()],
        cells: Packed(vec![0.5, f32::NAN, 0.25, 2.0]),
    };
    RunLog {
        matrix: vec![
            cell(OLD_OLD, 0.4, 0.5, 0.2),
            cell(NEW_OLD, cross, 0.6, 0.3),
            cell(NEW_NEW, 0.7, 0.8, 0.6),
            cell(STAR_STAR, 0.75, 0.9, 0.7),
        ],
        chance: Some(rates(0.1, 0.1)),
        class_names: vec!["boot".to_owned(), "coat".to_owned()],
        test_labels: vec![0, 0, 1, 1],
        rankings: [
            (OLD_OLD, ranking([0.5, 0.25, f32::NAN, 0.5], [1, 0, 0, 2])),
            (NEW_OLD, ranking([0.75, 0.75, f32::NAN, 0.25], [1, 2, 0, 2])),
        ]
        .into(),
        verdicts: vec![verdict(0.0), verdict(cross)],
        chain: Some(Chain { models: 3, map: scores(0.75), cmc1: scores(0.5), growth }),
        backfills: vec![
            backfill(BackfillOrder::Random, true, 0.9, -0.9),
            backfill(BackfillOrder::Random, false, 0.5, -0.002),
            backfill(BackfillOrder::Uncertainty, false, 0.55, 0.0),
        ],
        quantities: vec![
            Quantity::fraction("accuracy", "Accuracy", Better::Higher, "Share of right answers."),
            Quantity::new("distance", "Distance", "", Better::Lower, "How far off."),
        ],
        tables: vec![table("shares", "accuracy"), table("lengths", "distance")],
        models: [(NEW, ModelLog { numbers: [accuracy(0.25)].into(), ..ModelLog::default() })].into(),
        ..RunLog::default()
    }
}

const ACCURACY: Fact = Fact::Reading { model: NEW, quantity: "accuracy", of: "task 2" };
const SHARE: Fact = Fact::Cell { table: "shares", row: "2", column: "y" };
const LENGTH: Fact = Fact::Cell { table: "lengths", row: "2", column: "y" };

/// What is kept of a run by rules that ask for these.
fn facts(log: &RunLog) -> Facts {
    let asking = [ACCURACY, SHARE, LENGTH].map(|fact| Rule::new("", "", "", Measure::Value((A, fact))));
    Facts::of(log, &[], &asked(asking.iter()))
}

/// Arm `a` finds 0.45 in the old gallery, `b` 0.6, `c` 0.5.
fn runs() -> Found {
    [("a", 0.45), ("b", 0.6), ("c", 0.5)].map(|(name, cross)| (name, facts(&log(cross)))).into()
}

fn assert_near(measure: Measure, metric: ClaimMetric, expected: f64) {
    let found = value(&measure, metric, &runs()).unwrap();
    // Facts are kept to seven digits.
    assert!((found - expected).abs() < 2e-5, "{found} for {expected}: {measure:?}");
}

#[test]
fn every_fact_is_found_by_either_score_and_fractions_are_in_points() {
    let expected = [
        (Fact::Score(NEW_OLD), 45.0, 60.0),
        (Fact::Unseen(NEW_OLD), 30.0, 0.0),
        (Fact::Branch, 69.0, 80.0),
        (Fact::UpdateGain, 500.0 / 35.0, 25.0),
        (Fact::Compatible, 1.0, 1.0),
        (Fact::AverageCompatibility, 75.0, 50.0),
        (Fact::AverageAccuracy, 60.0, 60.0),
    ];
    for (fact, by_map, by_top1) in expected {
        assert_near(Measure::Value((A, fact)), Map, by_map);
        assert_near(Measure::Value((A, fact)), Top1, by_top1);
    }
    let expected = [
        (Fact::NegativeFlips, 2.0),
        (Fact::FrozenGap, 3.0),
        (Fact::CkaNew, 0.8),
        (Fact::CkaIndependent, 0.5),
        (Fact::OldNeighbours, 75.0),
        (Fact::Growth(3), 75.0),
        (Fact::BackfillArea(NEW, BackfillOrder::Random), 50.0),
        (Fact::DipDepth(NEW, BackfillOrder::Random), 0.2),
        // From 0.3 to 0.7 it passes 0.4 after a quarter.
        (Fact::BelowBefore(NEW, BackfillOrder::Random), 25.0),
        (Fact::Stored, 40.0),
        (Fact::Seconds, 3.5),
        (ACCURACY, 25.0),
        (SHARE, 200.0),
        (LENGTH, 2.0),
    ];
    for (fact, expected) in expected {
        ClaimMetric::ALL.into_iter().for_each(|metric| assert_near(Measure::Value((A, fact)), metric, expected));
    }
}

#[test]
fn every_measure_by_hand() {
    let cross = |arm| (arm, Fact::Score(NEW_OLD));
    let near = |measure, expected| assert_near(measure, Map, expected);
    near(Measure::Share((A, Fact::AverageCompatibility)), 0.75);
    near(Measure::compatible(A), 5.0);
    assert_near(Measure::compatible(A), Top1, 10.0);
    near(Measure::Difference { base: (A, Fact::Score(OLD_OLD)), other: cross(B) }, 20.0);
    near(Measure::between(B, A, Fact::Score(NEW_OLD)), -15.0);
    near(Measure::Near { one: cross(A), other: cross(B), by: 1.0 }, 15.0);
    near(Measure::AtMost { number: (A, Fact::NegativeFlips), bound: 6.0 }, 4.0);
    near(Measure::Within { number: cross(A), low: 30.0, high: 50.0 }, 45.0);
    near(Measure::BelowTwiceChance((A, NEW_OLD)), -25.0);
    assert_near(Measure::BelowTwiceChance((A, NEW_OLD)), Top1, -40.0);
    near(Measure::OverChance((B, NEW_OLD)), 6.0);
    // 45 to 60 and 45 to 50 grow, 60 to 50 falls; equal ones do neither.
    near(Measure::Rises { arms: &[A, B, C], fact: Fact::Score(NEW_OLD) }, 1.0 / 3.0);
    near(Measure::Falls { arms: &[A, B, C], fact: Fact::Score(NEW_OLD) }, -1.0 / 3.0);
    near(Measure::Rises { arms: &[A, B, C], fact: Fact::NegativeFlips }, 0.0);
    near(Measure::BelowBoth { number: cross(A), others: [cross(C), cross(B)] }, 5.0);
    // 45 is the lowest, in place 1; the flips are the same throughout, so the first counts.
    const LOWEST: &[(&Arm, Fact)] = &[(C, Fact::Score(NEW_OLD)), (A, Fact::Score(NEW_OLD)), (B, Fact::Score(NEW_OLD))];
    near(Measure::Apart { lowest: LOWEST, highest: LOWEST }, 1.0);
    const EQUAL: &[(&Arm, Fact)] = &[(C, Fact::NegativeFlips), (A, Fact::NegativeFlips), (B, Fact::NegativeFlips)];
    near(Measure::Apart { lowest: LOWEST, highest: EQUAL }, 1.0);
    near(Measure::Apart { lowest: EQUAL, highest: EQUAL }, 0.0);
    near(Measure::AboveBoth { number: cross(B), others: [cross(C), (B, Fact::Score(OLD_OLD))] }, 10.0);
}

#[test]
fn p1_is_held_against_the_ceiling_that_is_named() {
    let sigmoid = |value: f64| 1.0 / (1.0 + (-value).exp());
    let p1 = |cross: f64| {
        let (up, comp) = (sigmoid((0.7 - 0.7) / 0.7), sigmoid((cross - 0.4) / (0.7 - 0.4)));
        2.0 * up * comp / (up + comp)
    };
    // The self-test of `c` is its ceiling.
    assert_near(Measure::P1 { ceiling: C, base: A, other: B }, Map, 100.0 * (p1(0.6) - p1(0.45)));
}

#[test]
fn a_paired_difference_comes_group_by_group_where_both_have_something_to_find() {
    let found = by_group(&Measure::compatible(A), Map, &runs());
    let by_hand = [(0, 0, 25.0), (1, 0, 50.0), (6, 1, -25.0)];
    assert_eq!(found.len(), by_hand.len(), "{found:?}");
    for ((group, class, difference), expected) in found.into_iter().zip(by_hand) {
        assert_eq!((group, class), (expected.0, expected.1));
        assert!((difference - expected.2).abs() < 0.01, "{difference}");
    }
    let right: Vec<f64> = by_group(&Measure::compatible(A), Top1, &runs()).into_iter().map(|(.., it)| it).collect();
    assert_eq!(right, [0.0, -100.0, 0.0, 0.0]);
    assert_eq!(by_group(&Measure::self_tests(A, B), Map, &runs()), [], "rankings that are not there");
}

#[test]
fn what_no_run_holds_is_no_number() {
    let absent = [
        Measure::Value((D, Fact::Branch)),
        Measure::Value((A, Fact::Score(THIRD_OLD))),
        Measure::Value((A, Fact::Growth(7))),
        Measure::Value((A, Fact::BackfillArea(NEW, BackfillOrder::ClassMean))),
        Measure::Value((A, Fact::Reading { model: NEW, quantity: "accuracy", of: "" })),
        Measure::Value((A, Fact::Cell { table: "shares", row: "1", column: "y" })),
        Measure::Rises { arms: &[A], fact: Fact::Branch },
    ];
    for measure in absent {
        assert_eq!(value(&measure, Map, &runs()), None, "{measure:?}");
    }
    let empty: Found = [("a", facts(&RunLog::default()))].into();
    for fact in [Fact::Branch, Fact::AverageAccuracy, Fact::Score(NEW_OLD)] {
        assert_eq!(value(&Measure::Value((A, fact)), Map, &empty), None, "{fact:?}");
    }
    let hopeless: Found = [("a", facts(&RunLog { chance: Some(rates(0.0, 0.0)), ..log(0.45) }))].into();
    assert_eq!(value(&Measure::OverChance((A, NEW_OLD)), Map, &hopeless), None, "no multiple of nothing");
}

#[test]
fn words_follow_the_measure_unless_a_rule_has_its_own() {
    let said = |measure| Rule::new("", "", "", measure).in_words();
    let cases = [
        (Measure::compatible(A), "M(n,o) - M(o,o), points of mAP"),
        (Measure::Paired { base: (A, STAR_STAR), other: (A, NEW_NEW) }, "M(n,n) - M(*,*), points of mAP"),
        (Measure::Paired { base: (A, NEW_OLD), other: (A, THIRD_OLD) }, "M(3,1) - M(2,1), points of mAP"),
        (Measure::cross_tests(A, B), "difference of M(n,o), points of mAP"),
        (Measure::P1 { ceiling: C, base: A, other: B }, "difference of P1, percent"),
        (Measure::Value((A, Fact::Score(NEW_OLD))), "M(n,o), points of mAP"),
        (Measure::Share((A, Fact::AverageCompatibility)), "AC"),
        (
            Measure::AtMost { number: (A, Fact::DipDepth(NEW, BackfillOrder::Random)), bound: 1.0 },
            "1 point minus the depth of the dip in random order, mAP",
        ),
        (
            Measure::Value((A, Fact::Reading { model: NEW, quantity: "accuracy", of: "task 2" })),
            "accuracy of v2, task 2",
        ),
    ];
    for (measure, words) in cases {
        assert_eq!(said(measure), words);
    }
    assert_eq!(Rule::new("", "", "", Measure::compatible(A)).said("it gains").in_words(), "it gains");
    let by_top1 = Rule::new("", "", "", Measure::compatible(A)).by_top1();
    assert_eq!((by_top1.in_words().as_str(), by_top1.metrics()), ("M(n,o) - M(o,o), points of top-1", vec![Top1, Map]));
    let flips = Rule::new("", "", "", Measure::between(A, B, Fact::NegativeFlips)).at_least(2.0);
    assert_eq!((flips.metrics(), flips.bound()), (vec![], Bound::AtLeast(2.0)));
    let near = Measure::Near { one: (A, Fact::Branch), other: (B, Fact::Branch), by: 1.5 };
    assert_eq!(Rule::new("", "", "", near).bound(), Bound::Within([-1.5, 1.5]));
}

#[test]
fn runs_are_of_seeds_on_which_nothing_was_chosen_and_those_of_one_order_are_its_own() {
    for arm in arms() {
        let runs: Vec<(u32, u32)> = arm.design().runs().collect();
        let mut seeds: Vec<u32> = runs.iter().map(|&(_, seed)| seed).collect();
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), runs.len(), "{}", arm.name);
        assert!(seeds.iter().all(|&seed| seed > 100), "{}", arm.name);
    }
    let runs: Vec<(u32, u32)> = Design { seeds: 2, orders: &[1, 2] }.runs().collect();
    assert_eq!(runs, [(1, 101), (2, 103), (1, 102), (2, 104)]);
    assert_eq!(INDEPENDENT.design().orders.len(), 3);
}

#[test]
fn rules_have_ids_of_their_own_and_say_something() {
    let mut ids = Vec::new();
    for (_, rule) in rules() {
        assert!(!rule.claim.is_empty() && !rule.claim.ends_with('.') && !rule.by.is_empty(), "{}", rule.id);
        assert!(!rule.in_words().is_empty(), "{}", rule.id);
        assert!(rule.tried().is_some(), "{} is about no arm", rule.id);
        ids.push(rule.id);
    }
    assert!(ids.len() >= 50, "{} rules", ids.len());
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn arms_have_names_of_their_own_and_can_run_as_they_are() {
    let catalogue = lab::catalogue();
    for arm in arms() {
        let preset = catalogue.preset(arm.preset).unwrap();
        let mut settled = arm.scenario(&preset.scenario, &Chosen::default());
        assert_eq!(settled.settle(&catalogue), Vec::<String>::new(), "{}", arm.name);
    }
    // Two arms of one name would be taken for one.
    for arm in rules().flat_map(|(_, rule)| rule.arms()) {
        let scenario = |arm: &Arm| arm.scenario(&catalogue.preset(arm.preset).unwrap().scenario, &Chosen::default());
        let first = arms().into_iter().find(|first| first.name == arm.name).unwrap();
        assert_eq!(scenario(arm), scenario(first), "{}", arm.name);
    }
}

#[test]
fn changes_by_hand() {
    let catalogue = lab::catalogue();
    let methods = |preset: &str, change| {
        let scenario =
            Arm::new("", "", change).scenario(&catalogue.preset(preset).unwrap().scenario, &Chosen::default());
        let stages = scenario.stages.into_iter().map(|stage| (stage.method.id, stage.method.values));
        stages.collect::<Vec<_>>()
    };
    let ids = |preset, change| methods(preset, change).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(ids("extended-class", Change::AsItIs), ["independent", "bt2"]);
    assert_eq!(ids("extended-class", Change::Last("l2", &[])), ["independent", "l2"]);
    assert_eq!(ids("extended-class", Change::Every("simplex", &[])), ["simplex", "simplex"]);
    let replaced = Change::Replaced(&[("hoc", "fine-tune"), ("simplex", "independent")]);
    assert_eq!(ids("sequential", replaced), ["independent", "fine-tune", "independent", "fine-tune", "fine-tune"]);
    let adjusted = methods("extended-class", Change::Adjusted("bt2", &[("r", 32.0)]));
    assert_eq!(adjusted[1].1.get("r"), Some(&32.0));
    assert_eq!(adjusted[1].1.get("head"), Some(&1.0), "what the preset sets stays");
    assert!(adjusted[0].1.is_empty());
}
