//! Several parents: what is merged of two models of one start is measured against both of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use crate::common::{dataset, drive, engine, merged, no_time, runner, tiny};
use lab::Runner;
use pollster::block_on;
use protocol::{Choice, Event, ModelId, Rates, RunLog, RunState, Scenario};

fn log(scenario: Scenario) -> RunLog {
    let log = RunLog::of(&block_on(drive(&mut runner(scenario))));
    assert_eq!((log.state, &log.fault), (RunState::Finished, &None));
    log
}

fn models() -> [ModelId; 4] {
    [1, 2, 3, 4].map(ModelId::deployed)
}

fn rates(log: &RunLog, query: ModelId, gallery: ModelId) -> Rates {
    log.cell(query, gallery).unwrap().all
}

#[test]
fn a_merged_model_is_judged_against_both_parents() {
    let mut runner = runner(merged(Choice::of("fisher")));
    let events = block_on(drive(&mut runner));
    let log = RunLog::of(&events);
    assert_eq!((log.state, &log.fault), (RunState::Finished, &None));
    let [v1, v2, v3, v4] = models();
    let star = ModelId::independent(4);
    assert_eq!((log.models[&v4].trained, log.models[&v2].trained.is_some_and(|steps| steps > 0)), (Some(0), true));
    let upgrades: Vec<_> = log.verdicts.iter().map(|verdict| (verdict.new, verdict.old)).collect();
    assert_eq!(upgrades, [(v2, v1), (v3, v1), (v4, v2), (v4, v3)]);
    for parent in [v2, v3] {
        let verdict = log.verdicts.iter().find(|verdict| (verdict.new, verdict.old) == (v4, parent)).unwrap();
        assert_eq!((verdict.new_old, verdict.old_old), (rates(&log, v4, parent), rates(&log, parent, parent)));
        assert_eq!((verdict.ceiling, verdict.independent_old), (rates(&log, star, star), rates(&log, star, parent)));
        let curves = log.backfills.iter().filter(|curve| curve.gallery == parent);
        let queries: Vec<_> = curves.map(|curve| (curve.query, curve.dual)).collect();
        assert_eq!(queries, [(v4, false), (v4, false), (v4, true), (star, false)], "from the gallery of {parent}");
    }
    // Every model was deployed after the one before it, but v3 does not descend from v2.
    assert_eq!(log.chain, None);
    let said =
        |text: &str| events.iter().any(|event| matches!(event, Event::Noticed { text: it } if it.contains(text)));
    assert!(said("there is no chain"));
    let table = log.table("accuracy").unwrap();
    assert_eq!(
        (table.rows.as_slice(), table.columns.len()),
        (["v1", "v2", "v3", "v4"].map(str::to_owned).as_slice(), 3)
    );
    let reading = |model, quantity| log.reading(model, quantity, "");
    assert_eq!(reading(v4, "forward-transfer"), None);
    assert!(reading(v4, "average-accuracy").is_some() && reading(v4, "forgetting-best").is_some());
    // The second branch knows its own task and the base's alone.
    let own = [0, 2].map(|task| table.cell(2, task).unwrap());
    assert!((reading(v3, "average-accuracy").unwrap() - (own[0] + own[1]) / 2.0).abs() < 1e-6);
    let lineage = |model| {
        let (card, _) = block_on(runner.export(model)).unwrap();
        card.lineage.into_iter().map(|(older, _)| older).collect::<Vec<_>>()
    };
    assert_eq!((lineage(v3), lineage(v4)), (vec![v1], vec![v1, v2, v3, star]));
}

#[test]
fn the_ends_of_the_share_are_the_parents_themselves() {
    let [_, v2, v3, v4] = models();
    for method in ["fisher", "average"] {
        for (share, parent) in [(1.0, v2), (0.0, v3)] {
            let log = log(merged(Choice::of(method).with("lambda", share)));
            assert_eq!(rates(&log, v4, v4), rates(&log, parent, parent), "{method} at {share}");
            assert_eq!(rates(&log, v4, parent), rates(&log, parent, parent), "{method} at {share}");
            let known = |model, task| log.reading(model, "accuracy", task);
            // The first branch answers among seven classes, the merged model among ten.
            if parent == v3 {
                assert_eq!(known(v4, "task 3"), known(v3, "task 3"), "{method}");
            }
        }
    }
}

#[test]
fn the_order_of_the_parents_does_not_matter_and_half_of_all_changes_is_the_average() {
    let [_, v2, v3, v4] = models();
    let cells = |scenario: Scenario| {
        let log = log(scenario);
        [v2, v3, v4].map(|gallery| rates(&log, v4, gallery))
    };
    for method in ["fisher", "average", "task-arithmetic", "ensemble"] {
        let scenario = merged(Choice::of(method));
        let mut swapped = scenario.clone();
        swapped.stages[3].from.reverse();
        assert_eq!(cells(scenario), cells(swapped), "{method}");
    }
    let average = cells(merged(Choice::of("average")));
    for (rates, average) in cells(merged(Choice::of("task-arithmetic").with("lambda", 0.5))).iter().zip(&average) {
        assert!((rates.map - average.map).abs() < 1e-4, "{} and {}", rates.map, average.map);
    }
    assert_ne!(cells(merged(Choice::of("fisher"))), average, "information counts");
}

#[test]
fn models_that_began_apart_have_no_average_worth_the_name() {
    let [_, v2, v3, v4] = models();
    let mut scenario = merged(Choice::of("average"));
    for stage in &mut scenario.stages[1..3] {
        (stage.method, stage.classes, stage.rehearsal) = (Choice::plain(), 10, 0);
        stage.sees.clear();
        stage.schedule.epochs = 10;
    }
    let log = log(scenario);
    let accuracy = |model| log.reading(model, "accuracy", "").unwrap();
    let worse = accuracy(v2).min(accuracy(v3));
    assert!(accuracy(v4) < 0.7 * worse, "{} of parents with at least {worse}", accuracy(v4));
}

#[test]
fn exported_parents_and_their_merge_give_the_same_matrix_and_cost_the_same() {
    let [_, v2, v3, v4] = models();
    for method in ["fisher", "ensemble"] {
        let mut first = runner(merged(Choice::of(method)));
        let before = RunLog::of(&block_on(drive(&mut first)));
        let files: Vec<_> = first.models().collect::<Vec<_>>();
        let files = files.into_iter().map(|model| block_on(first.export(model)).unwrap().1);
        let read = files.map(|file| block_on(lab::read_model(&file.0, &engine())).unwrap());
        let mut second = Runner::import(read.collect(), dataset(), engine(), no_time).unwrap();
        let after = RunLog::of(&block_on(drive(&mut second)));
        assert_eq!(after.state, RunState::Finished, "{:?}", after.fault);
        for (before, after) in before.matrix.iter().zip(&after.matrix) {
            assert_eq!((before.query, before.gallery), (after.query, after.gallery));
            assert!((before.all.map - after.all.map).abs() < 1e-3, "{method}: {before:?}, {after:?}");
        }
        let cost = |log: &RunLog, model, quantity: &str| log.reading(model, quantity, "");
        let parameters = |model| cost(&before, model, "parameters").unwrap();
        let kept = if method == "ensemble" { parameters(v2) + parameters(v3) } else { parameters(v2) };
        assert_eq!(parameters(v4), kept, "{method}");
        // A branch leaves its start and its Fisher information, of which a file knows nothing.
        assert_eq!([&before, &after].map(|log| cost(log, v2, "stored")), [Some(2.0 * parameters(v2)), None]);
        for model in models() {
            for quantity in ["bytes", "flops"] {
                let [here, there] = [&before, &after].map(|log| cost(log, model, quantity));
                assert!(here.is_some_and(|it| it > 0.0) && here == there, "{method} {model}: {quantity} {here:?}");
            }
        }
    }
}

#[test]
fn a_map_leads_to_the_model_that_its_stage_goes_on_from() {
    // The model in between is wider and of its own space.
    let mut scenario = tiny(Choice::PLAIN, Choice::of("mlp").with("hidden", 32.0));
    scenario.stages.iter_mut().for_each(|stage| stage.schedule.epochs = 6);
    scenario.stages[1].dims = 24;
    let mut last = scenario.stages[1].clone();
    (last.method, last.from) = (Choice::of("procrustes"), vec![1]);
    scenario.stages.push(last);
    let log = log(scenario);
    let [v1, v2, v3, _] = models();
    let upgrades: Vec<_> = log.verdicts.iter().map(|verdict| (verdict.new, verdict.old)).collect();
    assert_eq!((upgrades, &log.chain), (vec![(v2, v1), (v3, v1)], &None));
    let star = rates(&log, ModelId::independent(3), v1).map;
    assert!(rates(&log, v3, v1).map > star + 0.1, "{} beside {star}", rates(&log, v3, v1).map);
}
