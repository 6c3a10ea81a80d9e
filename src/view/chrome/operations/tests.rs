use protocol::{Backfill, BackfillOrder, BackfillPoint, Catalogue, Choice, Event, ModelId, RunLog, Scenario, Stage};

use super::*;
use crate::view::testing::{CEILING, NEW, OLD, cell, chain, half_way, rates};
use crate::view::upgrade::Upgrade;

const RANDOM: Way = Way { order: BackfillOrder::Random, dual: false };
const BOTH: Way = Way { order: BackfillOrder::Random, dual: true };

/// Six items, indexed in 0.3 s by v1 with 32 dims and in 0.6 s by v2 with 48; old/old is 40.0.
fn measured(cross: f64) -> RunLog {
    let mut log = half_way();
    log.scenario.as_mut().unwrap().stages[1].method = Choice::of("bct");
    log.apply(&Event::GalleryIndexed { model: OLD, items: 6, seconds: 0.3 });
    log.apply(&Event::ModelTrained { model: NEW, steps: 80, seconds: 2.0, parameters: 1, dims: 48 });
    log.apply(&Event::GalleryIndexed { model: NEW, items: 6, seconds: 0.6 });
    let cells = vec![cell(OLD, OLD, 0.4), cell(NEW, OLD, cross), cell(NEW, NEW, 0.6)];
    log.apply(&Event::MatrixMeasured { cells, chance: rates(0.1) });
    let point = |fraction, map| BackfillPoint { fraction, map, cmc1: map + 0.1 };
    let curve = |query, dual, points| Event::BackfillMeasured {
        backfill: Backfill { query, gallery: OLD, order: BackfillOrder::Random, dual, points, area: 0.5, dip: 0.0 },
    };
    log.apply(&curve(NEW, false, vec![point(0.0, cross), point(0.5, 0.52), point(1.0, 0.6)]));
    log.apply(&curve(NEW, true, vec![point(0.0, 0.4), point(0.5, 0.47), point(1.0, 0.6)]));
    log.apply(&curve(CEILING, false, vec![point(0.0, 0.1), point(1.0, 0.62)]));
    log
}

fn facts(log: &RunLog) -> Facts {
    Facts::of(log, Upgrade::to_stage(2), &Catalogue::default())
}

fn state(operation: &Operation, facts: &Facts) -> (u32, u32, String) {
    let state = IndexState::of(operation, facts);
    (state.by_old, state.by_new, state.finds().map(|(map, _)| map).unwrap_or_default())
}

#[test]
fn an_upgrade_goes_its_way_and_each_step_finds_what_was_measured() {
    let facts = facts(&measured(0.45));
    let mut it = Operation::default();
    assert_eq!(state(&it, &facts), (6, 0, "mAP 40.0".to_owned()));
    it.press(Act::Deploy, &facts);
    assert_eq!(state(&it, &facts), (6, 0, "mAP 45.0 (+5.0)".to_owned()));
    assert_eq!(IndexState::of(&it, &facts).holds(&facts), "6 by v1, all stale");
    it.press(Act::DualWrite, &facts);
    it.backfill(50, &facts);
    assert_eq!(state(&it, &facts), (3, 3, "mAP 52.0 (+12.0)".to_owned()));
    assert_eq!(IndexState::of(&it, &facts).holds(&facts), "3 by v1 (50 % stale), 3 by v2");
    it.choose(BOTH, &facts);
    assert_eq!(state(&it, &facts), (3, 3, "mAP 47.0 (+7.0)".to_owned()));
    it.press(Act::CutOver, &facts);
    assert_eq!(it.sentence(&facts), "Cut over after the backfill is done: 50 % of the items are still by v1.");
    it.backfill(100, &facts);
    it.press(Act::CutOver, &facts);
    assert_eq!(state(&it, &facts), (0, 6, "mAP 60.0 (+20.0)".to_owned()));
    assert_eq!(it.sentence(&facts), "Cut over to v2; v1 vectors are kept for a rollback.");
    it.press(Act::RollBack, &facts);
    assert_eq!(state(&it, &facts), (6, 0, "mAP 40.0".to_owned()));
    assert_eq!(it.sentence(&facts), "Back to v1, whose vectors were all there.");
    it.press(Act::Deploy, &facts);
    assert_eq!((it.share(), it.way()), (0, BOTH), "the next attempt starts from nothing");
}

#[test]
fn nobody_knows_how_long_a_given_model_embeds() {
    let mut log = measured(0.45);
    for stage in &mut log.scenario.as_mut().unwrap().stages {
        stage.encoder = Choice::of(Choice::GIVEN);
    }
    let facts = facts(&log);
    let mut it = Operation::default();
    it.press(Act::Deploy, &facts);
    it.backfill(50, &facts);
    let cost = IndexState::of(&it, &facts).cost;
    assert_eq!((cost.items, cost.bytes, cost.seconds), (3, Some(576), None));
}

#[test]
fn the_meter_counts_items_bytes_seconds_and_what_is_stored_twice() {
    let facts = facts(&measured(0.45));
    let cost = |it: &Operation| IndexState::of(it, &facts).cost;
    let mut it = Operation::default();
    // 6 items of 32 floats of 4 bytes.
    let nothing = Cost { items: 0, bytes: Some(0), seconds: Some(0.0), stored: Some(768), spare: Some(0) };
    assert_eq!(cost(&it), nothing);
    it.press(Act::Deploy, &facts);
    it.backfill(50, &facts);
    // 3 of 32 and 3 of 48 floats; half of 0.6 s.
    let half = Cost { items: 3, bytes: Some(576), seconds: Some(0.3), stored: Some(960), spare: Some(0) };
    assert_eq!(cost(&it), half);
    it.backfill(0, &facts);
    it.press(Act::DualWrite, &facts);
    it.backfill(50, &facts);
    assert_eq!(cost(&it), Cost { stored: Some(1344), spare: Some(384), ..half });
    assert_eq!(cost(&it).in_words(), "3 re-embedded, 576 B, 0.3 s; stored 1 kB, 384 B of it twice");
}

#[test]
fn a_rollback_without_dual_write_costs_an_embedding_and_is_asked_about() {
    let facts = facts(&measured(0.45));
    let mut it = Operation::default();
    it.press(Act::Deploy, &facts);
    it.backfill(100, &facts);
    it.press(Act::DualWrite, &facts);
    assert_eq!(it.sentence(&facts), "Dual-write has to start before the backfill: 6 items are by v2 alone.");
    it.press(Act::CutOver, &facts);
    it.press(Act::RollBack, &facts);
    let question = "Without dual-write v1 has to embed 6 items again, 0.3 s. Roll back anyway?";
    assert_eq!(it.sentence(&facts), question);
    assert_eq!(state(&it, &facts).1, 6, "not done yet");
    it.press(Act::RollBack, &facts);
    let cost = IndexState::of(&it, &facts).cost;
    // Six by v2, six by v1 again: 6 * (48 + 32) * 4 bytes, 0.6 s + 0.3 s.
    assert_eq!((cost.items, cost.bytes, cost.stored), (12, Some(1920), Some(768)));
    assert!((cost.seconds.unwrap() - 0.9).abs() < 1e-12);
    assert_eq!(it.sentence(&facts), "Back to v1, which embedded 6 items again.");
}

#[test]
fn incompatible_models_are_mixed_only_after_a_second_press_and_with_a_warning() {
    let mut log = measured(0.277);
    let warning = "v2 queries find 12.3 points less in the v1 gallery than v1 queries do.";
    let unlike = facts(&log);
    let mut it = Operation::default();
    it.press(Act::Deploy, &unlike);
    assert_eq!(it.sentence(&unlike), format!("{warning} Mixed anyway?"));
    assert_eq!(state(&it, &unlike).2, "mAP 40.0", "not done yet");
    assert_eq!(steps(&it, &unlike)[3].name, "Deploy v2 anyway");
    it.press(Act::DualWrite, &unlike);
    it.press(Act::Deploy, &unlike);
    assert!(!it.is_mixed(), "another press in between takes the first one back");
    it.press(Act::Deploy, &unlike);
    assert_eq!(state(&it, &unlike).2, "mAP 27.7 (\u{2212}12.3)");
    for share in [0, 50] {
        it.backfill(share, &unlike);
        assert_eq!(it.sentence(&unlike), format!("{warning} Mixed all the same."));
    }
    it.backfill(100, &unlike);
    assert_eq!(it.sentence(&unlike), "The backfill is done: v2 can be cut over to.");

    // By luck an independent model may find more; it is asked about all the same.
    log = measured(0.45);
    log.scenario.as_mut().unwrap().stages[1].method = Choice::of("independent");
    let lucky = facts(&log);
    let mut it = Operation::default();
    it.press(Act::Deploy, &lucky);
    assert_eq!(it.sentence(&lucky), "v2 was trained without regard to v1. Mixed anyway?");
}

#[test]
fn nothing_is_deployed_before_it_is_trained_and_tested() {
    let early = facts(&half_way());
    let mut it = Operation::default();
    assert_eq!(it.sentence(&early), "Items and queries are by v1; v2 is not trained yet.");
    let says = |it: &mut Operation, act| {
        it.press(act, &early);
        it.sentence(&early)
    };
    assert_eq!(says(&mut it, Act::Deploy), "Deploy v2 once it is trained.");
    assert_eq!(says(&mut it, Act::CutOver), "Deploy v2 first.");
    assert_eq!(says(&mut it, Act::RollBack), "Nothing to roll back: v2 is not deployed.");
    it.backfill(50, &early);
    assert_eq!(state(&it, &early), (6, 0, String::new()));
    assert_eq!(it.sentence(&early), "Deploy v2 once it is trained.");
    let views = steps(&it, &early);
    let states: Vec<&str> = views.iter().map(|step| step.state.word()).collect();
    assert_eq!(states, ["done", "done", "closed", "closed", "closed", "closed", "closed", "closed"]);
    let whys: Vec<&str> = views.iter().map(|step| step.why.as_str()).collect();
    assert_eq!(whys[..3], ["", "", "The run does this by itself."]);
    assert_eq!((whys[3], whys[5]), ("Deploy v2 once it is trained.", "Deploy v2 once it is trained."));
    assert_eq!(steps(&it, &facts(&measured(0.45)))[5].why, "Deploy v2 first.");

    let mut log = half_way();
    log.apply(&Event::ModelTrained { model: NEW, steps: 80, seconds: 2.0, parameters: 1, dims: 48 });
    it.press(Act::Deploy, &facts(&log));
    assert!(it.sentence(&facts(&log)).starts_with("Deploy v2 after the cross-test"));
}

#[test]
fn a_backfill_that_is_not_on_says_what_it_waits_for() {
    let facts = facts(&measured(0.45));
    let mut it = Operation::default();
    let refused = |it: &mut Operation, why: &str| {
        let before = it.share();
        assert_eq!(steps(it, &facts)[5].why, why);
        it.backfill(50, &facts);
        assert_eq!((it.share(), it.sentence(&facts).as_str(), it.warns(&facts)), (before, why, true));
    };
    refused(&mut it, "Deploy v2 first.");
    it.press(Act::Deploy, &facts);
    assert_eq!((it.is_mixed(), it.warns(&facts)), (true, false));
    assert_eq!(steps(&it, &facts)[5].why, "");
    it.backfill(100, &facts);
    it.press(Act::CutOver, &facts);
    refused(&mut it, "Cut over to v2 already.");
    it.press(Act::RollBack, &facts);
    it.press(Act::RollBack, &facts);
    refused(&mut it, "Deploy v2 first.");
}

#[test]
fn an_upgrade_within_a_chain_knows_its_ends_and_the_way_on() {
    let mut log = chain();
    let stage = Stage { method: Choice::of("bct"), ..Stage::default() };
    log.scenario = Some(Scenario { stages: vec![stage; 4], ..Scenario::default() });
    for stage in 1..=4 {
        log.apply(&Event::GalleryIndexed { model: ModelId::deployed(stage), items: 0, seconds: 0.1 });
    }
    let facts = |stage| Facts::of(&log, Upgrade::to_stage(stage), &Catalogue::default());
    let mut it = Operation::default();
    assert_eq!(it.shares(&facts(2)), [0, 100]);
    it.press(Act::Deploy, &facts(2));
    it.backfill(70, &facts(2));
    assert_eq!((it.share(), it.next(&facts(2))), (100, None));
    it.press(Act::CutOver, &facts(2));
    assert_eq!(it.next(&facts(2)), Some(ModelId::deployed(3)));
    assert_eq!(it.next(&facts(4)), None);
    assert_eq!(facts(2).points(RANDOM).len(), 2);
}
