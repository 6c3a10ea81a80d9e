//! Settings that change while a run goes on: what takes effect, from when on, and what is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use crate::common::{Bench, OLD_DIMS, drive, runner, tiny, values};
use lab::{Batch, Runner, Training, learning_rate};
use pollster::block_on;
use protocol::{Adjustment, Choice, Event, ModelId, RunLog, Scenario, Setting};

const NEW: ModelId = ModelId { stage: 2, independent: false };
const CEILING: ModelId = ModelId { stage: 2, independent: true };

fn rate() -> Setting {
    Setting::Stage("schedule.rate".to_owned())
}

fn lambda() -> Setting {
    Setting::Method("lambda".to_owned())
}

fn adjustment(stage: u8, setting: Setting, value: f64) -> Adjustment {
    Adjustment { stage, setting, value }
}

/// BCT, every loss read.
fn scenario() -> Scenario {
    let mut scenario = tiny("bct", Choice::of("mlp").with("hidden", 32.0));
    scenario.evaluation.loss_every = 1;
    scenario
}

/// Goes on until `model` has taken so many steps; gives what happened.
fn until(runner: &mut Runner, model: ModelId, steps: u32) -> Vec<Event> {
    let mut all = Vec::new();
    loop {
        let events = block_on(runner.next()).unwrap();
        all.extend(events);
        let there = |event: &Event| matches!(event, Event::LossMeasured { model: of, step, .. } if *of == model && *step == steps);
        if all.iter().any(there) {
            return all;
        }
    }
}

/// A whole run in which a setting changes once `model` has taken so many steps.
fn adjusted(model: ModelId, steps: u32, adjustment: &Adjustment) -> RunLog {
    let mut runner = runner(scenario());
    let mut events = until(&mut runner, model, steps);
    events.extend(runner.adjust(adjustment).unwrap());
    events.extend(block_on(drive(&mut runner)));
    RunLog::of(&events)
}

/// Total and rate of each reading of a model.
fn readings(log: &RunLog, model: ModelId) -> Vec<(f64, f64)> {
    log.models[&model].losses.iter().map(|point| (point.total, point.rate)).collect()
}

#[test]
fn a_rate_set_before_the_first_step_is_the_rate_of_the_scenario() {
    let log = adjusted(ModelId::deployed(1), 3, &adjustment(2, rate(), 0.01));
    let mut faster = scenario();
    faster.stages[1].schedule.rate = 0.01;
    let expected = RunLog::of(&block_on(drive(&mut runner(faster))));
    for model in [NEW, CEILING] {
        assert_eq!(readings(&log, model), readings(&expected, model), "{model}");
        let ticks = &log.models[&model].adjustments;
        assert_eq!((ticks.len(), ticks[0].step, ticks[0].what.as_str(), ticks[0].to), (1, 0, "Learning rate", 0.01));
    }
    assert_eq!(log.matrix, expected.matrix);
}

#[test]
fn a_rate_holds_from_the_next_step_on_at_its_place_in_the_schedule() {
    let scenario = scenario();
    let plain = RunLog::of(&block_on(drive(&mut runner(scenario.clone()))));
    let log = adjusted(CEILING, 5, &adjustment(2, rate(), 0.01));
    let (found, before) = (readings(&log, CEILING), readings(&plain, CEILING));
    assert_eq!(found[..5], before[..5]);
    let (steps, schedule) = (found.len() as u32, &scenario.stages[1].schedule);
    let warmup = schedule.warmup * f64::from(steps / schedule.epochs);
    for (step, (_, rate)) in found.iter().enumerate().skip(5) {
        assert_eq!(*rate, learning_rate(step as u32, steps, warmup, 0.01), "step {step}");
    }
    assert_eq!(found[5].0, before[5].0, "its loss is read before the step that it changes");
    assert_ne!(found[6].0, before[6].0);
    let ticks = |model| log.models[&model].adjustments.iter().map(|it| (it.step, it.from, it.to)).collect::<Vec<_>>();
    assert_eq!(ticks(CEILING), [(5, schedule.rate, 0.01)]);
    assert_eq!(ticks(NEW), [(0, schedule.rate, 0.01)], "the deployed model of the stage is still to come");
}

#[test]
fn a_weight_changes_the_total_from_the_next_reading_on() {
    let plain = RunLog::of(&block_on(drive(&mut runner(scenario()))));
    let log = adjusted(NEW, 4, &adjustment(2, lambda(), 3.0));
    let (found, before) = (&log.models[&NEW].losses, &plain.models[&NEW].losses);
    assert_eq!(found[..4], before[..4]);
    let (now, then) = (&found[4], &before[4]);
    let influence =
        |point: &protocol::LossPoint| point.terms.iter().find(|term| term.name == "influence").unwrap().clone();
    assert_eq!((influence(now).weight, influence(then).weight), (3.0, 1.0));
    assert_eq!(influence(now).value, influence(then).value);
    assert!((now.total - then.total - 2.0 * influence(now).value).abs() < 1e-9);
    assert_eq!(readings(&log, CEILING), readings(&plain, CEILING), "the ceiling has no such weight");
    assert!(log.models[&CEILING].adjustments.is_empty());
}

#[test]
fn what_cannot_change_is_refused_with_a_sentence_and_what_is_the_same_is_nothing_new() {
    let mut runner = runner(scenario());
    until(&mut runner, NEW, 2);
    let mut said =
        |stage, setting, value| runner.adjust(&adjustment(stage, setting, value)).map_err(|error| error.to_string());
    let method = |id: &str| Setting::Method(id.to_owned());
    let dims = said(2, Setting::Stage("dims".to_owned()), 8.0).unwrap_err();
    assert_eq!(dims, "The setting 'dims' cannot change while a run goes on; reset to apply it.");
    for id in ["smoothing", "nonsense"] {
        assert!(said(2, method(id), 0.1).unwrap_err().ends_with("reset to apply it."), "{id}");
    }
    let trained = said(1, rate(), 0.01).unwrap_err();
    assert_eq!(trained, "v1 is trained already; reset to train it with another setting.");
    for stage in [0, 3] {
        assert_eq!(
            said(stage, rate(), 0.01).unwrap_err(),
            format!("There is no stage {stage} to change a setting of.")
        );
    }
    assert_eq!(said(2, lambda(), 1.0).unwrap(), []);
    let [Event::Adjusted { adjusted, .. }] = &said(2, lambda(), 500.0).unwrap()[..] else { panic!("one change") };
    assert_eq!((adjusted.step, adjusted.from, adjusted.to), (2, 1.0, 20.0), "brought within bounds");
    block_on(drive(&mut runner));
    assert!(runner.adjust(&adjustment(2, lambda(), 2.0)).is_err());
    let (card, _) = block_on(runner.export(NEW)).unwrap();
    assert_eq!((card.adjusted.len(), card.scenario.stages[1].method.values["lambda"]), (1, 1.0));
}

#[test]
fn every_hot_parameter_of_every_method_counts_at_once() {
    let mut hot = 0;
    for method in crate::common::methods_of_images() {
        let card = (method.card)();
        let bench = Bench::new(Choice::of(&card.id), OLD_DIMS as u32);
        for parameter in card.parameters.iter().filter(|parameter| parameter.hot) {
            let terms = |value: f64| {
                let mut batch = bench.batch(0);
                batch.values.insert(parameter.id.clone(), value);
                let terms = bench.training().step(&batch, 0.01).unwrap().terms;
                terms.iter().map(|term| (term.weight, block_on(values(term.value.clone())))).collect::<Vec<_>>()
            };
            assert_ne!(terms(parameter.default), terms(0.5 * parameter.default), "{} {}", card.id, parameter.id);
            hot += 1;
        }
    }
    assert!(hot > 20, "{hot} weights");
}

#[test]
fn weights_that_all_become_zero_halt_the_learning_and_not_the_run() {
    let bench = Bench::new(Choice::of("l2").with("weight", 0.0), OLD_DIMS as u32);
    let mut training = bench.training();
    let mut batch = bench.batch(0);
    batch.values.insert("task".to_owned(), 0.0);
    let embedded = |training: &dyn Training| bench.own_features(training.model().unwrap().as_ref());
    let before = embedded(training.as_ref());
    assert_eq!(training.step(&batch, 0.01).unwrap().terms.len(), 2);
    assert_eq!(embedded(training.as_ref()), before);
    training.step(&bench.batch(0), 0.01).unwrap();
    assert_ne!(embedded(training.as_ref()), before);
    assert!(bench.training().step(&Batch { progress: 0.0, ..batch }, 0.01).is_err(), "but not from the start");
}
