//! Runs of models that make something up: what is measured and shown of them, what stops and goes on, what is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::sync::Arc;

use crate::common::{Bench, drive, engine, no_time, values};
use data::Dataset;
use lab::{Checkpoint, Runner, Training};
use pollster::block_on;
use protocol::{
    Choice, DataSpec, EvaluationSpec, Event, Exhibit, ModelId, RunLog, RunState, Scenario, Schedule, Stage, Things,
};

/// A flow on a few points of a world, and reflow on it, twice.
fn scenario(world: &str) -> Scenario {
    let stage = |method: Choice| Stage {
        classes: 8,
        encoder: Choice::of("mlp").with("hidden", 16.0).with("depth", 2.0),
        method,
        schedule: Schedule { epochs: 4, batch: 64, rate: 5e-3, decay: 0.0, ..Schedule::default() },
        ..Stage::default()
    };
    let reflow = || stage(Choice::of("reflow").with("pairs", 600.0).with("euler", 4.0));
    let data = DataSpec {
        dataset: world.to_owned(),
        train_per_class: 40,
        test_per_class: 20,
        shift: 0,
        noise: 0.0,
        ..DataSpec::default()
    };
    Scenario {
        data,
        stages: vec![stage(Choice::of("flow-matching")), reflow(), reflow()],
        evaluation: EvaluationSpec { loss_every: 1, every: 8, ..EvaluationSpec::default() },
        ..Scenario::default()
    }
}

fn made(scenario: &Scenario) -> Arc<Dataset> {
    Arc::new(lab::made(scenario).unwrap().unwrap())
}

fn runner(scenario: Scenario) -> Runner {
    let dataset = made(&scenario);
    Runner::new(scenario, dataset, engine(), no_time).unwrap()
}

fn shown<'a>(events: &'a [Event], id: &'a str, model: ModelId) -> Vec<&'a Exhibit> {
    let exhibits = events.iter().filter_map(|event| match event {
        Event::ExhibitShown { exhibit } => Some(exhibit),
        _ => None,
    });
    exhibits.filter(|exhibit| exhibit.id == id && exhibit.model == model).collect()
}

#[test]
fn a_flow_is_measured_by_what_it_makes_and_not_by_retrieval() {
    for world in ["ring", "checkerboard"] {
        let events = block_on(drive(&mut runner(scenario(world))));
        let log = RunLog::of(&events);
        assert_eq!((log.state, &log.fault, log.matrix.len()), (RunState::Finished, &None, 0), "{world}");
        assert!(log.models.keys().all(|model| !model.independent), "nothing is trained beside");
        let [v1, v2, v3] = [1, 2, 3].map(ModelId::deployed);
        for (model, later) in [(v1, false), (v2, true), (v3, true)] {
            let losses = log.models[&model].losses.len();
            assert_eq!((losses, log.models[&model].trained), (20, Some(20)), "{world} {model}");
            for of in ["1 step", "2 steps", "4 steps", "32 steps"] {
                for quantity in ["sliced-wasserstein", "mmd", "coverage", "modes", "in-modes"] {
                    assert!(log.reading(model, quantity, of).is_some(), "{world} {model}: {quantity} in {of}");
                }
                for quantity in ["coverage-old", "moved"] {
                    assert_eq!(
                        log.reading(model, quantity, of).is_some(),
                        later,
                        "{world} {model}: {quantity} in {of}"
                    );
                }
            }
            assert!(log.reading(model, "straightness", "").is_some());
            // Two looks on the way, and one in the end, of the same points.
            let exhibits = shown(&events, "samples-01", model);
            assert_eq!(exhibits.iter().map(|it| it.step).collect::<Vec<_>>(), [8, 16, 20], "{world} {model}");
            assert!(exhibits.iter().all(|it| it.behind == "target"));
            assert_eq!(shown(&events, "samples-32", model).len(), 1);
        }
        let declared = |id: &str| log.quantity(id).is_some();
        assert!(log.models.values().flat_map(|model| model.numbers.keys()).all(|(quantity, _)| declared(quantity)));
        assert!(!declared("accuracy"), "nothing answers");
        let rows: Vec<usize> = log.tables.iter().map(|table| table.rows.len()).collect();
        assert_eq!(rows, [4, 4, 4, 6, 2, 2], "{world}: distance, coverage, MMD; modes; old samples, moved");
        assert!(log.tables.iter().all(|table| declared(&table.quantity)));
        let target = shown(&events, "target", v1);
        let Things::Points { xy, classes } = &target[0].things else { panic!("no points") };
        assert_eq!((target.len(), xy.0.len(), classes.0.len()), (1, 2 * 160, 160));
    }
}

#[test]
fn reflow_is_trained_on_what_the_model_before_makes() {
    let mut scenario = scenario("ring");
    scenario.stages.iter_mut().for_each(|stage| stage.schedule.epochs = 40);
    let log = RunLog::of(&block_on(drive(&mut runner(scenario))));
    let [v1, v2] = [1, 2].map(ModelId::deployed);
    let number = |model, quantity, of| log.reading(model, quantity, of).unwrap();
    assert!(number(v2, "straightness", "") < 0.1 * number(v1, "straightness", ""));
    // What one step loses against many of the flow before, which reflow learns from, is nearly gone.
    let many = number(v1, "sliced-wasserstein", "32 steps");
    let lost = |model| number(model, "sliced-wasserstein", "1 step") - many;
    assert!(lost(v1) > 0.2 && lost(v2) < 0.25 * lost(v1), "{} and {}", lost(v1), lost(v2));
    // It begins where the old model is, which is near what it makes in many steps.
    assert!(number(v2, "moved", "32 steps") < 0.5, "{}", number(v2, "moved", "32 steps"));
}

#[test]
fn an_interrupted_run_makes_the_same_pairs_again() {
    let mut plain = runner(scenario("ring"));
    let mut all = Vec::new();
    while let Some(events) = block_on(plain.next()) {
        all.push(events);
    }
    // Before, between and after the three steps that make pairs, and in the second round.
    for at in (1..all.len()).step_by(6).chain([24, 25, 26]) {
        let mut first = runner(scenario("ring"));
        (0..at).for_each(|_| drop(block_on(first.next())));
        let bytes = block_on(first.checkpoint()).unwrap().unwrap().write().unwrap();
        let checkpoint = Checkpoint::read(&bytes).unwrap();
        let dataset = made(checkpoint.scenario());
        let mut second = block_on(Runner::resume(&checkpoint, dataset, engine(), no_time)).unwrap();
        assert_eq!(block_on(drive(&mut second)), all[at..].concat(), "after {at} slices");
    }
}

#[test]
fn stages_that_go_on_from_one_model_learn_from_the_same_pairs() {
    let read = |training: &dyn Training| block_on(values(training.weights().unwrap()));
    let pairs = |method: Choice| {
        let bench = Bench::new(method, 8);
        let mut training = bench.training();
        training.step(&bench.batch(0), 0.01).unwrap();
        let before = read(training.as_ref());
        let left = training.finish(None).unwrap();
        assert_eq!(block_on(values(left["rounds"].clone())), [1.0]);
        // What it leaves behind for good are its parameters alone.
        before[read(training.as_ref()).len()..].to_vec()
    };
    let one = pairs(Choice::of("reflow"));
    // Most of the training on the bench is over, so all are there.
    assert_eq!(one.len(), 4096 * 2 * 36);
    assert_eq!(one, pairs(Choice::of("reflow").with("sharpness", 0.0).with("loss", 1.0)));
    assert_ne!(one, pairs(Choice::of("reflow").with("euler", 4.0)));
}

#[test]
fn a_flow_is_exported_with_its_numbers_and_no_forward_pass() {
    let mut runner = runner(scenario("ring"));
    block_on(drive(&mut runner));
    let (card, file) = block_on(runner.export(ModelId::deployed(2))).unwrap();
    assert_eq!((card.dims, card.forward.len(), card.lineage.len()), (0, 0, 1));
    assert!(file.0.len() > 4 * 450, "{} bytes", file.0.len());
    let refused = block_on(lab::read_model(&file.0, &engine())).map(drop).unwrap_err().to_string();
    assert!(refused.contains("its model embeds nothing"), "{refused}");
}

#[test]
fn what_cannot_be_is_refused_with_a_sentence() {
    let refused = |change: fn(&mut Scenario)| {
        let mut scenario = scenario("ring");
        change(&mut scenario);
        let dataset = made(&scenario);
        Runner::new(scenario, dataset, engine(), no_time).map(drop).unwrap_err().to_string()
    };
    let by_vectors = refused(|scenario| scenario.stages[1].method = Choice::of("bt2"));
    assert!(by_vectors.contains("v1 embeds nothing; choose a method of its kind"), "{by_vectors}");
    let after_nothing = refused(|scenario| scenario.stages[0].method = Choice::plain());
    assert!(
        after_nothing.starts_with("Stage 2: Reflow learns from what the model before makes of noise"),
        "{after_nothing}"
    );
    let other = refused(|scenario| scenario.stages[1].encoder = Choice::of("mlp").with("hidden", 32.0));
    assert!(other.contains("the new stage mlp with ") && other.contains("hidden 32; choose mlp"), "{other}");
    // On pictures there is nothing for it to learn from.
    let mut pictures = scenario("ring");
    pictures.data = DataSpec { train_per_class: 20, test_per_class: 10, ..DataSpec::default() };
    let notices = pictures.settle(&lab::catalogue());
    let said = "Stage 1: Flow matching is not made for Fashion-MNIST; Independent is used.";
    assert!(notices.iter().any(|notice| notice == said), "{notices:?}");
}
