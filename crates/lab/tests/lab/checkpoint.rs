//! A run that was interrupted goes on as if it had not been, and what is no checkpoint is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use crate::common::{Bench, OLD_DIMS, dataset, drive, engine, merged, no_time, poisoned, runner, stream, tiny};
use lab::{Checkpoint, Runner, Training};
use pollster::block_on;
use protocol::{Adjustment, Choice, Event, ModelId, Scenario, Setting};

fn mlp() -> Choice {
    Choice::of("mlp").with("hidden", 32.0)
}

fn scenario(method: &str) -> Scenario {
    let mut scenario = tiny(method, mlp());
    scenario.evaluation.loss_every = 1;
    scenario.evaluation.every = 3;
    scenario
}

/// Three models, each of which goes on from the one before it under a head that none of them trains.
fn chain() -> Scenario {
    let mut scenario = scenario("hoc");
    scenario.stages[0].encoder = mlp();
    scenario.stages[0].method = Choice::of("simplex");
    scenario.stages[0].dims = 16;
    scenario.stages[1].dims = 16;
    let mut last = scenario.stages[1].clone();
    last.rehearsal = 5;
    scenario.stages.push(last);
    scenario
}

/// Does so many slices of work.
fn slices(runner: &mut Runner, count: usize) -> Vec<Event> {
    (0..count).filter_map(|_| block_on(runner.next())).flatten().collect()
}

/// The run through bytes.
fn reloaded(runner: &Runner) -> Runner {
    let bytes = block_on(runner.checkpoint()).unwrap().unwrap().write().unwrap();
    let checkpoint = Checkpoint::read(&bytes).unwrap();
    assert_eq!(checkpoint.scenario(), runner.scenario());
    block_on(Runner::resume(&checkpoint, dataset(), engine(), no_time)).unwrap()
}

/// Interrupts a run after the first slice and every so many from there, and compares what comes then.
fn interrupted_everywhere(scenario: &Scenario, every: usize) {
    let mut plain = runner(scenario.clone());
    let mut all = Vec::new();
    while let Some(events) = block_on(plain.next()) {
        all.push(events);
    }
    for at in (1..all.len()).step_by(every) {
        let mut first = runner(scenario.clone());
        slices(&mut first, at);
        let mut second = reloaded(&first);
        assert_eq!(second.position(), first.position());
        let rest = block_on(drive(&mut second));
        let expected = all[at..].concat();
        for (place, (found, expected)) in rest.iter().zip(&expected).enumerate() {
            assert_eq!(found, expected, "after {at} slices, event {place}");
        }
        assert_eq!(rest.len(), expected.len());
        assert!(matches!(rest.last(), Some(Event::RunFinished { .. })), "{:?}", rest.last());
    }
}

#[test]
fn an_interrupted_run_gives_the_same_events_from_there_on() {
    // A stride that meets steps at the start, in the middle and at the end of epochs, phase ends and the final matrix.
    for method in [Choice::PLAIN, "bt2", "fct", "procrustes", "unibct"] {
        interrupted_everywhere(&scenario(method), 7);
    }
}

#[test]
fn so_does_a_chain() {
    interrupted_everywhere(&chain(), 11);
}

#[test]
fn so_do_branches_and_what_is_merged_of_them() {
    for method in ["fisher", "ensemble"] {
        interrupted_everywhere(&merged(Choice::of(method)), 9);
    }
}

#[test]
fn so_does_a_stream_with_what_its_models_leave() {
    for (first, method) in [(Choice::plain(), "nmc"), (Choice::of("ewc"), "ewc")] {
        let mut scenario = stream(first, Choice::of(method));
        scenario.stages[2].rehearsal = 3;
        scenario.evaluation.loss_every = 1;
        interrupted_everywhere(&scenario, 9);
    }
}

#[test]
fn so_does_a_run_on_data_that_someone_tampered_with() {
    let mut scenario = poisoned(&["ssd", "gradient-ascent"], 1.0, 0.5);
    scenario.evaluation.every = 3;
    interrupted_everywhere(&scenario, 9);
}

#[test]
fn so_does_a_run_with_its_classes_in_another_order() {
    // Tampered with, too: both are done to the data once, and in this order.
    let mut scenario = poisoned(&["ssd"], 2.0, 0.5);
    scenario.data.values.insert("class_order".to_owned(), 3.0);
    scenario.evaluation.every = 3;
    interrupted_everywhere(&scenario, 9);
}

#[test]
fn a_run_can_be_interrupted_twice_and_remembers_what_was_adjusted() {
    let rate = Adjustment { stage: 2, setting: Setting::Stage("schedule.rate".to_owned()), value: 0.01 };
    let adjusted = |twice: bool| {
        let mut runner = runner(scenario("bct"));
        slices(&mut runner, 5);
        let mut events = runner.adjust(&rate).unwrap();
        events.extend(slices(&mut runner, 6));
        if twice {
            runner = reloaded(&runner);
            events.extend(slices(&mut runner, 8));
            runner = reloaded(&runner);
        }
        events.extend(block_on(drive(&mut runner)));
        let (card, _) = block_on(runner.export(ModelId::deployed(2))).unwrap();
        (events, card)
    };
    let (plain, resumed) = (adjusted(false), adjusted(true));
    assert_eq!(plain, resumed);
    assert_eq!(plain.1.adjusted.len(), 1);
}

#[test]
fn a_training_of_every_method_goes_on_where_it_was() {
    for method in crate::common::methods_of_images() {
        let card = (method.card)();
        if !card.is_trained() {
            continue;
        }
        let bench = Bench::new(Choice::of(&card.id), OLD_DIMS as u32);
        let step = |training: &mut dyn Training, number: u32| {
            let batch = bench.batch(number);
            if training.wants_features(batch.progress) {
                let features = bench.own_features(training.model().unwrap().as_ref());
                training.observe(&features);
            }
            let terms = training.step(&batch, 0.01).unwrap().terms;
            terms.into_iter().map(|term| block_on(crate::common::values(term.value))).collect::<Vec<_>>()
        };
        let mut one = bench.training();
        (0..3).for_each(|number| drop(step(one.as_mut(), number)));
        let read = |part: Option<_>| part.map(|part| block_on(crate::common::values(part))).unwrap_or_default();
        let mut other = bench.training();
        other.restore(&read(one.weights()), &read(one.moments())).unwrap();
        for number in 3..6 {
            assert_eq!(step(one.as_mut(), number), step(other.as_mut(), number), "{}", card.id);
        }
        let features = [&one, &other].map(|training| bench.own_features(training.model().unwrap().as_ref()));
        assert_eq!(features[0], features[1], "{}", card.id);
        let weights = read(one.weights());
        assert!(other.restore(&weights[1..], &[]).is_err(), "{}", card.id);
    }
}

#[test]
fn there_is_a_checkpoint_between_the_first_and_the_last_slice() {
    let mut runner = runner(scenario("bct"));
    assert_eq!(block_on(runner.checkpoint()).unwrap(), None, "nothing has happened");
    block_on(drive(&mut runner));
    assert_eq!(block_on(runner.checkpoint()).unwrap(), None, "nothing is left");
}

#[test]
fn what_is_no_checkpoint_is_refused_with_a_sentence() {
    let mut runner = runner(scenario("bct"));
    while runner.position().phase == 0 || runner.position().step < 3 {
        slices(&mut runner, 1);
    }
    let bytes = block_on(runner.checkpoint()).unwrap().unwrap().write().unwrap();
    let said = |bytes: &[u8]| Checkpoint::read(bytes).map(drop).map_err(|error| error.to_string());
    assert_eq!(said(&bytes), Ok(()));
    for length in [0, 1, 8, 100, 1000, bytes.len() / 2, bytes.len() - 1] {
        let sentence = said(&bytes[..length]).unwrap_err();
        assert!(sentence.starts_with("The interrupted run cannot go on: it is no SafeTensors file"), "{sentence}");
    }
    block_on(drive(&mut runner));
    let (_, model) = block_on(runner.export(ModelId::deployed(1))).unwrap();
    assert_eq!(said(&model.0).unwrap_err(), "The interrupted run cannot go on: the file is no checkpoint.");
    // The text in the file is as long as before.
    let altered = |from: &str, to: &str| {
        let (from, mut bytes) = (from.as_bytes(), bytes.clone());
        let at = bytes.windows(from.len()).rposition(|window| window == from).unwrap();
        bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
        bytes
    };
    let other_version = altered(r#"\"format\":1,\"engine\""#, r#"\"format\":9,\"engine\""#);
    let sentence = said(&other_version).unwrap_err();
    assert_eq!(sentence, "The interrupted run cannot go on: its checkpoint has format 9, this version reads 1.");
    let resumed = |bytes: &[u8]| {
        let checkpoint = Checkpoint::read(bytes).unwrap();
        block_on(Runner::resume(&checkpoint, dataset(), engine(), no_time)).map(drop).map_err(|error| error.to_string())
    };
    assert!(resumed(&altered(r#"\"hidden\":32"#, r#"\"hidden\":16"#)).unwrap_err().contains("its numbers"));
    let sentence = "The interrupted run cannot go on: it is further than its plan.";
    assert_eq!(resumed(&altered(r#"\"measured\":0"#, r#"\"measured\":3"#)).unwrap_err(), sentence);
    assert!(resumed(&altered(r#"\"phase\":1"#, r#"\"phase\":9"#)).is_err(), "further than its numbers");
}
