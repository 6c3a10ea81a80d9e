//! Data that someone tampered with: what a stage knows of it is not learned, what never saw it is the ceiling, and what unlearns goes on
//! from what there is.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use crate::common::{Bench, OLD_DIMS, dataset, drive, engine, no_time, poisoned, runner, values};
use lab::frames::Extended;
use lab::methods::unlearn::GradientAscent;
use lab::{Draw, Runner, System};
use pollster::block_on;
use protocol::{Choice, Event, ModelId, Rates, RunLog, RunState, Scenario};

const V1: ModelId = ModelId::deployed(1);
const V2: ModelId = ModelId::deployed(2);
const STAR: ModelId = ModelId::independent(2);

fn log(scenario: Scenario) -> RunLog {
    let log = RunLog::of(&block_on(drive(&mut runner(scenario))));
    assert_eq!((log.state, &log.fault), (RunState::Finished, &None));
    log
}

fn rates(log: &RunLog, query: ModelId, gallery: ModelId) -> Rates {
    log.cell(query, gallery).unwrap().all
}

/// A model of the small scenario, and another that knows so much of what was done to its data.
fn tampered(method: &str, identified: f64) -> Scenario {
    poisoned(&[method], 1.0, identified)
}

#[test]
fn the_probes_are_asked_of_every_model() {
    for kind in [1.0, 2.0] {
        let log = log(poisoned(&["retrain"], kind, 0.5));
        let table = log.table("probes").unwrap();
        assert_eq!(table.rows, ["v1", "v2", "v2*"]);
        for (row, model) in [V1, V2, STAR].into_iter().enumerate() {
            let of = |quantity| log.reading(model, quantity, "").unwrap();
            let known = [
                "clean-accuracy",
                "corrected-accuracy",
                "taught-answers",
                "probe-first-hit",
                "probe-taught-hit",
                "stored-astray",
            ];
            for (column, quantity) in known.into_iter().enumerate() {
                let cell = table.cell(row, column).unwrap();
                assert!(
                    (cell - of(quantity)).abs() < 1e-6 && (0.0..=1.0).contains(&cell),
                    "{model}: {quantity} {cell}"
                );
            }
            assert!(of("corrected-accuracy") + of("taught-answers") <= 1.0, "one answer each");
            let there = log.reading(model, "probe-first-hit", "gallery of v1");
            assert_eq!(there.is_some(), model != V1, "{model}");
        }
    }
}

#[test]
fn nobody_is_asked_where_nothing_was_tampered_with() {
    let clean = log(poisoned(&["retrain"], 0.0, 0.5));
    assert_eq!(clean.table("probes"), None);
    assert!(clean.quantities.iter().all(|quantity| quantity.id != "corrected-accuracy"));
    let mut plain = poisoned(&["retrain"], 0.0, 0.0);
    plain.stages[1].method = Choice::plain();
    let plain = log(plain);
    for gallery in [V1, V2] {
        assert_eq!(rates(&clean, V2, gallery), rates(&plain, V2, gallery), "retraining is plain training");
    }
}

#[test]
fn a_first_model_learns_what_was_tampered_with_and_its_ceiling_never_saw_it() {
    let mut scenario = tampered("retrain", 0.0);
    scenario.data.values.insert("tampered_share".to_owned(), 0.3);
    scenario.stages.iter_mut().for_each(|stage| stage.schedule.epochs = 20);
    let known = log(scenario);
    let of = |model, quantity| known.reading(model, quantity, "").unwrap();
    assert!(
        of(V1, "taught-answers") > 0.5 && of(V2, "taught-answers") > 0.5,
        "nothing is known, so it is learned again"
    );
    assert!(of(STAR, "taught-answers") < 0.3, "{}", of(STAR, "taught-answers"));
    assert!(of(V1, "stored-astray") > of(STAR, "stored-astray"));
}

#[test]
fn a_stage_takes_the_steps_of_what_remains() {
    let steps = |method: &str, identified| {
        let mut scenario = tampered(method, identified);
        scenario.data.values.insert("tampered_share".to_owned(), 0.5);
        // A step for each item: 20 of each of ten classes, of which nine have 10 that were tampered with.
        scenario.stages.iter_mut().for_each(|stage| (stage.schedule.batch, stage.schedule.epochs) = (8, 1));
        let runner = runner(scenario);
        let mut runner = runner;
        let started = block_on(runner.next()).unwrap();
        let plan = started.iter().find_map(|event| match event {
            Event::RunStarted { plan, .. } => Some(plan.clone()),
            _ => None,
        });
        [V1, STAR, V2].map(|model| plan.iter().flatten().find(|phase| phase.model == model).unwrap().steps)
    };
    assert_eq!(steps("retrain", 0.0), [25, 14, 25], "200 items, and 110 that nobody touched");
    assert_eq!(steps("retrain", 0.5), [25, 14, 20], "155 are left where 45 are known");
    assert_eq!(steps("retrain", 1.0), [25, 14, 14]);
    assert_eq!(steps("ssd", 0.5), [25, 14, 0]);
}

#[test]
fn what_knows_of_nothing_leaves_the_model_as_it_is_and_says_so() {
    for kind in [0.0, 1.0] {
        let events = block_on(drive(&mut runner(poisoned(&["ssd"], kind, 0.0))));
        let log = RunLog::of(&events);
        assert_eq!((rates(&log, V2, V2), rates(&log, V2, V1)), (rates(&log, V1, V1), rates(&log, V1, V1)));
        let said = "Stage 2: nothing is known of what was tampered with, so there is nothing to forget.";
        assert!(events.iter().any(|event| matches!(event, Event::Noticed { text } if text == said)));
    }
}

#[test]
fn dampening_changes_the_model_before_and_less_of_it_where_more_is_asked() {
    let of = |alpha, lambda| {
        let mut scenario = tampered("ssd", 1.0);
        scenario.stages[1].method = Choice::of("ssd").with("alpha", alpha).with("lambda", lambda);
        let log = log(scenario);
        [rates(&log, V2, V2), rates(&log, V1, V1)].map(|rates| rates.map)
    };
    let [gentle, firm] = [of(100.0, 1.0), of(0.1, 0.01)];
    assert_eq!(gentle[1], firm[1], "the same model before");
    assert!((gentle[0] - gentle[1]).abs() < (firm[0] - firm[1]).abs(), "{gentle:?}, {firm:?}");
}

#[test]
fn ascent_climbs_the_loss_on_what_is_to_be_forgotten_and_descends_the_other() {
    let bench = Bench::new(Choice::of("gradient-ascent").with("ascent", 1.0), OLD_DIMS as u32);
    let batch = bench.batch(0);
    let system = bench.system::<Extended<GradientAscent>>();
    let terms = system.losses(&batch).unwrap();
    let named: Vec<_> = terms.iter().map(|term| (term.name, term.weight)).collect();
    assert_eq!(named, [("task", 1.0), ("forget", -1.0)]);
    let losses = |remain: f64, ascent: f64| {
        let choice = Choice::of("gradient-ascent").with("remain", remain).with("ascent", ascent);
        let bench = Bench::new(choice, OLD_DIMS as u32);
        let mut training = bench.training();
        let read =
            |step: lab::Step| step.terms.into_iter().map(|term| block_on(values(term.value))[0]).collect::<Vec<_>>();
        let first = read(training.step(&batch_of(&bench), 0.01).unwrap());
        let second = read(training.step(&batch_of(&bench), 0.01).unwrap());
        [second[0] - first[0], second[1] - first[1]]
    };
    assert!(losses(0.0, 1.0)[1] > 0.0, "climbed");
    assert!(losses(1.0, 0.0)[0] < 0.0, "descended");
    assert!(batch.part(Draw::Forget).unwrap().is_some());
}

fn batch_of(bench: &Bench) -> lab::Batch {
    bench.batch(0)
}

#[test]
fn more_classes_than_the_model_before_knows_are_refused() {
    let mut scenario = tampered("ssd", 0.5);
    scenario.stages[0].classes = 5;
    let said = Runner::new(scenario, dataset(), engine(), no_time).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        said,
        "Stage 2: Unlearning goes on from the model before as it is: it knows 5 classes, the new stage 10; choose 5."
    );
}
