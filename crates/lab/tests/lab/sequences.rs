//! Linear recurrences on sequences that are made from a seed: what is measured by length, what goes on from old weights, what is kept.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::sync::Arc;

use crate::common::{drive, engine, no_time, values};
use lab::{Checkpoint, Inputs, LabError, Runner, read_model};
use pollster::block_on;
use protocol::{Event, ModelId, RunLog, Scenario, Stage};

/// A preset, of `per_class` training sequences of each class and so many epochs.
fn preset(id: &str, per_class: u32, epochs: u32) -> Scenario {
    let mut scenario = lab::catalogue().preset(id).unwrap().scenario.clone();
    scenario.data.train_per_class = per_class;
    scenario.data.test_per_class = 40;
    scenario.evaluation.every = 3;
    scenario.stages.iter_mut().for_each(|stage| stage.schedule.epochs = epochs);
    scenario
}

fn runner(scenario: &Scenario) -> Runner {
    let dataset = Arc::new(lab::made(scenario).unwrap().unwrap());
    Runner::new(scenario.clone(), dataset, engine(), no_time).unwrap()
}

fn deployed(stage: u8) -> ModelId {
    ModelId::deployed(stage)
}

#[test]
fn a_checkpoint_that_goes_on_with_negative_eigenvalues_learns_what_it_could_not() {
    let mut scenario = preset("parity", 1000, 4);
    scenario.stages.truncate(2);
    let events = block_on(drive(&mut runner(&scenario)));
    let log = RunLog::of(&events);
    let at = |stage, length: &str| log.reading(deployed(stage), "accuracy", length).unwrap();
    // Eighty sequences: five standard errors of a guess are 0.28.
    assert!((at(1, "length 40") - 0.5).abs() < 0.28 && at(1, "unseen lengths") < 0.6, "{:?}", log.tables);
    assert!(at(2, "length 8") > 0.95 && at(2, "length 20") > 0.95 && at(2, "length 40") > 0.9, "{:?}", log.tables);
    let over_chance = log.reading(deployed(2), "accuracy-over-chance", "length 40").unwrap();
    assert!((over_chance - (2.0 * at(2, "length 40") - 1.0)).abs() < 1e-9);
}

#[test]
fn every_model_is_measured_by_length_and_nothing_is_searched() {
    let mut scenario = preset("permutations", 20, 1);
    scenario.data.values.insert("asked".to_owned(), 24.0);
    let events = block_on(drive(&mut runner(&scenario)));
    let faults = events.iter().filter(|event| matches!(event, Event::Faulted { .. } | Event::Noticed { .. }));
    assert_eq!(faults.count(), 0, "{events:?}");
    assert!(matches!(events.last(), Some(Event::RunFinished { .. })));
    let log = RunLog::of(&events);
    let table = log.table("accuracy-by-length").unwrap();
    assert_eq!((table.rows.len(), table.columns.len()), (4, 24));
    for (row, (_, cells)) in (1..).zip(table.by_row()) {
        let last = log.reading(deployed(row), "accuracy", "length 24").unwrap();
        assert!((cells[23].unwrap() - last).abs() < 1e-6);
        assert!(cells.iter().all(|cell| cell.is_some_and(|cell| (0.0..=1.0).contains(&cell))));
        for of in ["", "length 8", "length 20", "unseen lengths"] {
            assert!(log.reading(deployed(row), "accuracy", of).is_some(), "{of}");
        }
    }
    assert!(log.matrix.is_empty() && log.verdicts.is_empty());
    let live = events.iter().filter(|event| matches!(event, Event::Measured { .. })).count();
    assert!(live > 4, "they are asked on the way, too: {live}");
}

#[test]
fn an_interrupted_run_goes_on_event_for_event() {
    let mut scenario = preset("parity", 64, 2);
    // Four models of two epochs of two steps each, read at every step.
    scenario.evaluation.loss_every = 1;
    let mut plain = runner(&scenario);
    let mut all = Vec::new();
    while let Some(events) = block_on(plain.next()) {
        all.push(events);
    }
    let dataset = Arc::new(lab::made(&scenario).unwrap().unwrap());
    for at in (1..all.len()).step_by(4) {
        let mut first = runner(&scenario);
        (0..at).for_each(|_| drop(block_on(first.next())));
        let bytes = block_on(first.checkpoint()).unwrap().unwrap().write().unwrap();
        let checkpoint = Checkpoint::read(&bytes).unwrap();
        let mut second = block_on(Runner::resume(&checkpoint, dataset.clone(), engine(), no_time)).unwrap();
        assert_eq!(block_on(drive(&mut second)), all[at..].concat(), "after {at} slices");
    }
}

#[test]
fn what_goes_on_begins_as_the_model_before_and_what_begins_anew_does_not() {
    let mut scenario = preset("parity", 64, 1);
    let first = scenario.stages[0].clone();
    let with = |parameter: &str, value: f64, rate: f64| {
        let mut stage = Stage { method: first.method.clone().with(parameter, value), ..first.clone() };
        stage.schedule.rate = rate;
        stage
    };
    // A rate that moves nothing.
    scenario.stages =
        vec![first.clone(), with("range", 0.0, 1e-30), with("range", 1.0, 1e-30), with("start", 1.0, 1e-30)];
    scenario.stages[3].from = vec![1];
    let mut runner = runner(&scenario);
    assert!(matches!(block_on(drive(&mut runner)).last(), Some(Event::RunFinished { .. })));
    let dataset = lab::made(&scenario).unwrap().unwrap();
    let symbols: Vec<i32> = dataset.test.items().sequence(0).unwrap().iter().map(|&symbol| i32::from(symbol)).collect();
    let symbols = burn::tensor::TensorData::new(symbols, [1, 80]);
    let items = Inputs::Tokens(burn::tensor::Tensor::from_data(symbols, engine().device()));
    let answers = |stage: u8| {
        let model = runner.finished(deployed(stage)).unwrap();
        assert!(matches!(model.embed(&items), Err(LabError::NoEmbedding)));
        block_on(values(model.answer(&items).unwrap().unwrap()))
    };
    let [one, same, wider, anew] = [1, 2, 3, 4].map(answers);
    assert_eq!(one.len(), 160, "two states at each of 80 places");
    assert_eq!(one, same);
    assert_ne!(one, wider, "the same weights under another range answer otherwise");
    assert_ne!(one, anew);
    let weights = |stage: u8| runner.numbers(deployed(stage)).0;
    assert_eq!(weights(1), weights(3));
    assert_ne!(weights(1), weights(4));
}

#[test]
fn a_model_is_exported_with_its_weights_under_their_names() {
    let mut scenario = preset("counting", 32, 1);
    scenario.stages.truncate(1);
    let mut runner = runner(&scenario);
    block_on(drive(&mut runner));
    let (card, file) = block_on(runner.export(deployed(1))).unwrap();
    assert_eq!(card.dims, 0);
    let text = String::from_utf8_lossy(&file.0);
    for name in ["symbols", "layers.0.mixer.decays.weight", "layers.0.expand.bias", "output.weight"] {
        assert!(text.contains(&format!("\"{name}\"")), "{name}");
    }
    let refused = block_on(read_model(&file.0, &engine())).map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("its model embeds nothing"), "{refused}");
}

#[test]
fn other_weights_and_impossible_lengths_are_refused_before_anything_is_trained() {
    let refused = |scenario: &Scenario| {
        let dataset = Arc::new(lab::made(scenario)?.unwrap());
        Runner::new(scenario.clone(), dataset, engine(), no_time).map(|_| ())
    };
    let mut other = preset("parity", 32, 1);
    other.stages[1].method = other.stages[1].method.clone().with("width", 32.0);
    let sentence = refused(&other).unwrap_err().to_string();
    assert!(sentence.starts_with("Stage 2: DeltaNet goes on from the weights of the model before"), "{sentence}");
    let mut short = preset("parity", 32, 1);
    short.data.values.insert("asked".to_owned(), 10.0);
    let sentence = refused(&short).unwrap_err().to_string();
    assert_eq!(sentence, "Parity cannot be made like this: the length of test sequences is 10; choose 20 to 256.");
}
