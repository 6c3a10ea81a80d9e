//! Rules: what they are about is there, they say what they judge, and each measure finds its number in logs written by hand.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use lab::claims::evaluate::{Logs, by_query, value};
use lab::claims::{
    Arm, Change, Fact, Measure, NEW, NEW_NEW, NEW_OLD, OLD_OLD, Rule, STAR_STAR, THIRD_OLD, arms, rules,
};
use protocol::{
    Backfill, BackfillOrder, Better, Cell, Chain, ChainScores, Cost, Growth, ModelId, ModelLog, Packed, Quantity,
    Ranking, Rates, RunLog, Table, Upkeep, Verdict,
};

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

fn ranking(precisions: &[f32]) -> Ranking {
    let queries = (0..).take(precisions.len()).collect();
    Ranking { step: 8, depth: 0, queries, items: vec![], precisions: precisions.to_vec(), turned: vec![] }
}

fn backfill(order: BackfillOrder, dual: bool, area: f64, dip: f64) -> Backfill {
    Backfill { query: NEW, gallery: OLD_OLD.0, order, dual, points: vec![], area, dip }
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
        rankings: [
            (OLD_OLD, ranking(&[0.5, 0.25, f32::NAN, 0.5])),
            (NEW_OLD, ranking(&[0.75, 0.75, f32::NAN, 0.25])),
            (NEW_NEW, ranking(&[0.5])),
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

/// Arm `a` finds 0.45 in the old gallery, `b` 0.6, `c` 0.5.
fn logs() -> Logs {
    [("a", log(0.45)), ("b", log(0.6)), ("c", log(0.5))].into()
}

fn assert_near(measure: Measure, expected: f64) {
    let found = value(&measure, &logs()).unwrap();
    assert!((found - expected).abs() < 1e-9, "{found} for {expected}: {measure:?}");
}

#[test]
fn every_fact_is_found_and_fractions_are_in_points() {
    let p1 = {
        let sigmoid = |value: f64| 1.0 / (1.0 + (-value).exp());
        let (up, comp) = (sigmoid(-0.05 / 0.75), sigmoid(0.05 / 0.35));
        2.0 * up * comp / (up + comp)
    };
    let reading = |quantity, of| Fact::Reading { model: NEW, quantity, of };
    let cell = |table| Fact::Cell { table, row: "2", column: "y" };
    let expected = [
        (Fact::Map(NEW_OLD), 45.0),
        (Fact::Top1(NEW_OLD), 60.0),
        (Fact::UnseenMap(NEW_OLD), 30.0),
        (Fact::Branch, 69.0),
        (Fact::Tax, 5.0),
        (Fact::UpdateGain, 5.0 / 0.35),
        (Fact::NegativeFlips, 2.0),
        (Fact::FrozenGap, 3.0),
        (Fact::Compatible, 1.0),
        (Fact::CkaNew, 0.8),
        (Fact::CkaIndependent, 0.5),
        (Fact::P1, 100.0 * p1),
        (Fact::AverageCompatibility, 75.0),
        (Fact::AverageAccuracy, 60.0),
        (Fact::Growth(3), 75.0),
        (Fact::BackfillArea(NEW, BackfillOrder::Random), 50.0),
        (Fact::DipDepth(NEW, BackfillOrder::Random), 0.2),
        (Fact::Stored, 40.0),
        (Fact::Seconds, 3.5),
        (reading("accuracy", "task 2"), 25.0),
        (cell("shares"), 200.0),
        (cell("lengths"), 2.0),
    ];
    for (fact, expected) in expected {
        assert_near(Measure::Value((A, fact)), expected);
    }
}

#[test]
fn every_measure_by_hand() {
    let cross = |arm| (arm, Fact::Map(NEW_OLD));
    assert_near(Measure::Share((A, Fact::AverageCompatibility)), 0.75);
    assert_near(Measure::Difference { base: (A, Fact::Map(OLD_OLD)), other: cross(B) }, 20.0);
    assert_near(Measure::between(B, A, Fact::Map(NEW_OLD)), -15.0);
    assert_near(Measure::Near { one: cross(A), other: cross(B), by: 1.0 }, -14.0);
    assert_near(Measure::AtMost { number: (A, Fact::Tax), bound: 6.0 }, 1.0);
    assert_near(Measure::Within { number: cross(A), low: 30.0, high: 50.0 }, 5.0);
    assert_near(Measure::Within { number: cross(B), low: 30.0, high: 50.0 }, -10.0);
    assert_near(Measure::BelowTwiceChance((A, NEW_OLD)), -25.0);
    assert_near(Measure::OverChance((B, NEW_OLD)), 6.0);
    // 45 to 60 and 45 to 50 grow, 60 to 50 falls; equal ones do neither.
    assert_near(Measure::Rises { arms: &[A, B, C], fact: Fact::Map(NEW_OLD) }, 1.0 / 3.0);
    assert_near(Measure::Falls { arms: &[A, B, C], fact: Fact::Map(NEW_OLD) }, -1.0 / 3.0);
    assert_near(Measure::Rises { arms: &[A, B, C], fact: Fact::Tax }, 0.0);
    assert_near(Measure::BelowBoth { number: cross(A), others: [cross(C), cross(B)] }, 5.0);
    // 45 is the lowest, in place 1; the tax is the same throughout, so the first counts.
    const LOWEST: &[(&Arm, Fact)] = &[(C, Fact::Map(NEW_OLD)), (A, Fact::Map(NEW_OLD)), (B, Fact::Map(NEW_OLD))];
    assert_near(Measure::Apart { lowest: LOWEST, highest: LOWEST }, 1.0);
    const EQUAL: &[(&Arm, Fact)] = &[(C, Fact::Tax), (A, Fact::Tax), (B, Fact::Tax)];
    assert_near(Measure::Apart { lowest: LOWEST, highest: EQUAL }, 1.0);
    assert_near(Measure::Apart { lowest: EQUAL, highest: EQUAL }, 0.0);
    assert_near(Measure::AboveBoth { number: cross(B), others: [cross(C), (B, Fact::Map(OLD_OLD))] }, 10.0);
}

#[test]
fn a_paired_difference_counts_the_queries_that_both_have() {
    let measure = Measure::compatible(A);
    assert_eq!(by_query((A, OLD_OLD), (A, NEW_OLD), &logs()), Some(vec![25.0, 50.0, -25.0]));
    assert_near(measure, 50.0 / 3.0);
    assert_eq!(value(&Measure::keeps_self_test(A), &logs()), None, "a ranking that is not there");
    assert_eq!(value(&Measure::Paired { base: (A, NEW_NEW), other: (A, NEW_OLD) }, &logs()), None, "other queries");
}

#[test]
fn what_no_run_holds_is_no_number() {
    let absent = [
        Measure::Value((D, Fact::Tax)),
        Measure::Value((A, Fact::Map(THIRD_OLD))),
        Measure::Value((A, Fact::Growth(7))),
        Measure::Value((A, Fact::BackfillArea(NEW, BackfillOrder::ClassMean))),
        Measure::Value((A, Fact::Reading { model: NEW, quantity: "speed", of: "" })),
        Measure::Value((A, Fact::Reading { model: NEW, quantity: "accuracy", of: "" })),
        Measure::Value((A, Fact::Cell { table: "shares", row: "1", column: "y" })),
        Measure::Value((A, Fact::Cell { table: "shares", row: "3", column: "y" })),
        Measure::Rises { arms: &[A], fact: Fact::Tax },
    ];
    for measure in absent {
        assert_eq!(value(&measure, &logs()), None, "{measure:?}");
    }
    let empty: Logs = [("a", RunLog::default())].into();
    for fact in [Fact::Tax, Fact::AverageAccuracy, Fact::Top1(NEW_OLD)] {
        assert_eq!(value(&Measure::Value((A, fact)), &empty), None, "{fact:?}");
    }
    assert_eq!(value(&Measure::OverChance((A, NEW_OLD)), &empty), None);
    let hopeless: Logs = [("a", RunLog { chance: Some(rates(0.0, 0.0)), ..log(0.45) })].into();
    assert_eq!(value(&Measure::OverChance((A, NEW_OLD)), &hopeless), None, "no multiple of nothing");
}

#[test]
fn words_follow_the_measure_unless_a_rule_has_its_own() {
    let said = |measure| Rule::new("", "", "", measure).in_words();
    let cases = [
        (Measure::compatible(A), "M(n,o) - M(o,o), points of mAP"),
        (Measure::keeps_self_test(A), "M(n,n) - M(*,*), points of mAP"),
        (Measure::Paired { base: (A, NEW_OLD), other: (A, THIRD_OLD) }, "M(3,1) - M(2,1), points of mAP"),
        (Measure::cross_tests(A, B), "paired difference, points of mAP"),
        (Measure::between(A, B, Fact::P1), "difference of P1, percent"),
        (Measure::Value((A, Fact::Top1(NEW_OLD))), "M(n,o), points of CMC top-1"),
        (Measure::Share((A, Fact::AverageCompatibility)), "AC by mAP"),
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
        let mut settled = arm.scenario(&preset.scenario);
        assert_eq!(settled.settle(&catalogue), Vec::<String>::new(), "{}", arm.name);
    }
    // Two arms of one name would be taken for one.
    for arm in rules().flat_map(|(_, rule)| rule.arms()) {
        let scenario = |arm: &Arm| arm.scenario(&catalogue.preset(arm.preset).unwrap().scenario);
        let first = arms().into_iter().find(|first| first.name == arm.name).unwrap();
        assert_eq!(scenario(arm), scenario(first), "{}", arm.name);
    }
}

#[test]
fn changes_by_hand() {
    let catalogue = lab::catalogue();
    let methods = |preset: &str, change| {
        let scenario = Arm::new("", "", change).scenario(&catalogue.preset(preset).unwrap().scenario);
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
