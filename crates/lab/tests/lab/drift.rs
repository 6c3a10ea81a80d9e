//! Models in use that adapt to a stream of corrupted pictures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::collections::BTreeMap;

use crate::common::{dataset, drive, engine, no_time, runner, small};
use lab::{Checkpoint, Runner};
use pollster::block_on;
use protocol::{Choice, Event, ModelId, RunLog, Scenario, Stage};

const ERROR: &str = "online-error";
const RECALL: &str = "stream-recall";

/// A small network on clean pictures and what goes on from it, over two corruptions at one severity: 200 items of the stream each.
fn scenario(methods: &[Choice], sees: &[(&str, f64)]) -> Scenario {
    let mut scenario = small();
    let source = Stage {
        classes: 10,
        dims: 16,
        method: Choice::of("bn-source").with("channels", 4.0),
        ..scenario.stages[0].clone()
    };
    scenario.data.test_per_class = 10;
    scenario.data.train_per_class = 60;
    scenario.evaluation.every = 3;
    let sees: BTreeMap<String, f64> = sees.iter().map(|&(id, value)| (id.to_owned(), value)).collect();
    let after = |method: &Choice| Stage { method: method.clone(), from: vec![1], sees: sees.clone(), ..source.clone() };
    scenario.stages = [source.clone()].into_iter().chain(methods.iter().map(after)).collect();
    scenario
}

/// Blur at its worst, in batches of this size and this order.
fn blurred(batch: f64, order: f64) -> [(&'static str, f64); 4] {
    [("corruption", 4.0), ("severity", 5.0), ("stream_batch", batch), ("order", order)]
}

fn log(methods: &[Choice], sees: &[(&str, f64)]) -> RunLog {
    let events = block_on(drive(&mut runner(scenario(methods, sees))));
    assert!(matches!(events.last(), Some(Event::RunFinished { .. })), "{:?}", events.last());
    RunLog::of(&events)
}

fn alpha(share: f64) -> Choice {
    Choice::of("alpha-bn").with("alpha", share)
}

fn reading(log: &RunLog, stage: u8, quantity: &str, of: &str) -> f64 {
    log.reading(ModelId::deployed(stage), quantity, of).unwrap_or_else(|| panic!("v{stage} has no {quantity} of {of}"))
}

#[test]
fn the_ends_of_alpha_are_the_source_and_the_batch_alone() {
    let methods = [alpha(0.0), Choice::of("no-adaptation"), alpha(1.0), Choice::of("test-norm"), alpha(0.5)];
    let log = log(&methods, &blurred(16.0, 0.0));
    let numbers = |stage| [ERROR, RECALL, "stream-map"].map(|quantity| reading(&log, stage, quantity, ""));
    assert_eq!(numbers(2), numbers(3));
    assert_eq!(numbers(4), numbers(5));
    assert!(numbers(2) != numbers(4) && numbers(6) != numbers(2) && numbers(6) != numbers(4));
    // What is left of a model that looked at nothing of its batches is the source, query for query.
    let of_source = |query| log.cell(ModelId::deployed(query), ModelId::deployed(1)).unwrap().all;
    assert_eq!(of_source(2), of_source(1));
    assert_ne!(of_source(4), of_source(1));
}

#[test]
fn an_answer_of_the_source_does_not_depend_on_what_comes_with_it_and_that_of_a_batch_does() {
    let methods = [Choice::of("no-adaptation"), Choice::of("test-norm")];
    let [shuffled, sorted] = [0.0, 1.0].map(|order| log(&methods, &blurred(10.0, order)));
    for quantity in [ERROR, RECALL] {
        assert_eq!(reading(&shuffled, 2, quantity, ""), reading(&sorted, 2, quantity, ""));
    }
    // A batch of one class tells nothing of the others: all of its statistics are taken for the corruption's.
    let [fair, unfair] = [&shuffled, &sorted].map(|log| reading(log, 3, ERROR, ""));
    assert!(unfair > fair + 0.1, "{unfair} sorted, {fair} shuffled");
}

#[test]
fn every_item_is_answered_once_in_every_domain() {
    let sees = [("severity", 3.0), ("stream_batch", 32.0)];
    let log = log(&[Choice::of("no-adaptation"), Choice::of("tent")], &sees);
    // 100 items make four batches, in eight domains.
    assert_eq!(log.models[&ModelId::deployed(3)].trained, Some(32));
    let by_corruption = log.table(ERROR).unwrap();
    assert_eq!((by_corruption.rows.len(), by_corruption.columns.len()), (2, 8));
    for stage in [2, 3] {
        let mean = (0..8).map(|column| by_corruption.cell(usize::from(stage) - 2, column).unwrap()).sum::<f64>() / 8.0;
        assert!((mean - reading(&log, stage, ERROR, "")).abs() < 1e-6);
        assert_eq!(reading(&log, stage, ERROR, ""), reading(&log, stage, ERROR, "severity 3"));
        let column = by_corruption.columns.iter().position(|name| name == "Pixelate").unwrap();
        let cell = by_corruption.cell(usize::from(stage) - 2, column).unwrap();
        assert!((cell - reading(&log, stage, ERROR, "Pixelate")).abs() < 1e-6);
    }
    let live = log.models[&ModelId::deployed(3)].numbers[&(ERROR.to_owned(), String::new())].clone();
    assert!(live.len() >= 8, "a curve on the way: {live:?}");
    assert!(log.models[&ModelId::deployed(2)].losses.is_empty(), "nothing is trained");
    assert_eq!(log.models[&ModelId::deployed(3)].losses.last().unwrap().terms[0].name, "entropy");
}

#[test]
fn an_interrupted_stream_goes_on_as_if_it_had_not_been() {
    let methods = [alpha(0.5), Choice::of("tent").with("resets", 0.0)];
    let scenario = scenario(&methods, &[("corruption", 2.0), ("stream_batch", 40.0)]);
    let mut plain = runner(scenario.clone());
    let mut all = Vec::new();
    while let Some(events) = block_on(plain.next()) {
        all.push(events);
    }
    for at in (1..all.len()).step_by(11) {
        let mut first = runner(scenario.clone());
        (0..at).for_each(|_| drop(block_on(first.next())));
        let bytes = block_on(first.checkpoint()).unwrap().unwrap().write().unwrap();
        let checkpoint = Checkpoint::read(&bytes).unwrap();
        let mut second = block_on(Runner::resume(&checkpoint, dataset(), engine(), no_time)).unwrap();
        let rest = block_on(drive(&mut second));
        let expected = all[at..].concat();
        for (place, (found, expected)) in rest.iter().zip(&expected).enumerate() {
            assert_eq!(found, expected, "after {at} slices, event {place}");
        }
        assert_eq!(rest.len(), expected.len());
    }
}

#[test]
fn a_model_that_is_lent_brings_what_came_of_its_stream() {
    let scenario = scenario(&[alpha(0.5)], &blurred(20.0, 0.0));
    let mut first = runner(scenario.clone());
    let expected = RunLog::of(&block_on(drive(&mut first)));
    let models: Vec<ModelId> = first.models().collect();
    let lent = models.iter().map(|&model| (model, first.finished(model).unwrap())).collect();
    let mut second = Runner::with_models(scenario, dataset(), engine(), no_time, lent).unwrap();
    models.iter().for_each(|&model| second.take_numbers(model, first.numbers(model)));
    let log = RunLog::of(&block_on(drive(&mut second)));
    for quantity in [ERROR, RECALL] {
        assert_eq!(reading(&log, 2, quantity, ""), reading(&expected, 2, quantity, ""));
    }
}

#[test]
fn what_cannot_be_adapted_is_refused_with_what_would_fit() {
    let refused = |change: fn(&mut Scenario)| {
        let mut scenario = scenario(&[alpha(0.5)], &[]);
        change(&mut scenario);
        Runner::new(scenario, dataset(), engine(), no_time).map(drop).unwrap_err().to_string()
    };
    let said = refused(|scenario| scenario.stages[0].method = Choice::plain());
    assert!(said.starts_with("Stage 2: ") && said.contains("choose CNN with batch norm"), "{said}");
    let said = refused(|scenario| scenario.stages[1].classes = 5);
    assert!(said.ends_with("the one before has 10, the stage 5; choose 10."), "{said}");
    let said = refused(|scenario| scenario.stages[1].dims = 8);
    assert!(said.ends_with("the one before has 16 dims, the stage 8; choose 16."), "{said}");
}
