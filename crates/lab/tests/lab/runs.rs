//! What holds of whole runs: they repeat, they keep test labels out of training, they end well or say why.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::common::{dataset, drive, engine, golden, no_time, runner, small, tiny};
use burn::tensor::Tensor;
use data::{Dataset, Normalisation, Part};
use lab::{Inputs, LabError, Model, Portable, PortableModel, Runner, read_model};
use pollster::block_on;
use protocol::{Choice, Event, FaultKind, ModelId, PhaseKind, Progress, RunLog, RunState, Scenario, Stage};

/// Runs the scenario on another dataset.
fn run_on(dataset: Dataset, scenario: Scenario) -> Vec<Event> {
    let mut runner = Runner::new(scenario, Arc::new(dataset), engine(), no_time).unwrap();
    block_on(drive(&mut runner))
}

fn losses(events: &[Event]) -> Vec<&Event> {
    events.iter().filter(|event| matches!(event, Event::LossMeasured { .. })).collect()
}

#[test]
fn the_same_scenario_gives_the_same_events() {
    // The last three draw random numbers or look at their own features while they train.
    for method in ["bct", "bt2", "mixbct", "nccl", "unibct"] {
        let run = |seed| {
            let mut scenario = tiny(method, Choice::of("mlp").with("hidden", 32.0));
            scenario.seed = seed;
            block_on(drive(&mut runner(scenario)))
        };
        let first = run(1);
        assert_eq!(first, run(1));
        assert_ne!(losses(&first), losses(&run(2)), "another seed is another run");
    }
}

#[test]
fn which_classes_are_old_is_drawn_by_a_setting_and_not_by_the_seed() {
    let names = |seed, order: f64| -> Vec<String> {
        let mut scenario = tiny("bct", Choice::of("mlp").with("hidden", 32.0));
        scenario.seed = seed;
        scenario.data.values.insert("class_order".to_owned(), order);
        let events = block_on(runner(scenario).next()).unwrap();
        let loaded = events.into_iter().find_map(|event| match event {
            Event::DatasetLoaded { class_names, .. } => Some(class_names),
            _ => None,
        });
        loaded.unwrap()
    };
    let dataset = dataset();
    let as_they_come = &dataset.class_names;
    assert_eq!(names(1, 0.0), *as_they_come);
    let mut drawn = names(1, 1.0);
    assert!(drawn != *as_they_come && drawn != names(1, 2.0));
    assert_eq!(drawn, names(2, 1.0));
    drawn.sort_unstable();
    let mut sorted = as_they_come.clone();
    sorted.sort_unstable();
    assert_eq!(drawn, sorted);
}

#[test]
fn the_map_of_two_dims_is_the_embedding_itself() {
    let mut scenario = tiny("bct", Choice::of("mlp").with("hidden", 32.0));
    // The least that a scenario may ask for; a wider model is shown by its first dims.
    scenario.stages[0].dims = 2;
    scenario.stages[1].dims = 3;
    let log = RunLog::of(&block_on(drive(&mut runner(scenario))));
    assert_eq!(log.state, RunState::Finished);
    for model in [1, 2].map(ModelId::deployed) {
        let projection = log.models[&model].projection.as_ref().unwrap();
        assert!((projection.explained - 1.0).abs() < 1e-9);
        assert!(projection.points.chunks(2).all(|point| (point[0].hypot(point[1]) - 1.0).abs() < 1e-4), "{model}");
    }
}

#[test]
fn prototypes_are_on_the_map_with_the_angle_that_a_simplex_has() {
    let run = |stage: fn(&mut Stage)| {
        let mut scenario = tiny("simplex", Choice::of("mlp").with("hidden", 32.0));
        for it in &mut scenario.stages {
            it.method = Choice::of("simplex");
            stage(it);
        }
        RunLog::of(&block_on(drive(&mut runner(scenario))))
    };
    let of = |log: &RunLog, model| log.models[&model].prototypes.clone().unwrap();
    let [old, new, star] = [ModelId::deployed(1), ModelId::deployed(2), ModelId::independent(2)];
    let log = run(|stage| stage.dims = 16);
    let (before, after) = (of(&log, old), of(&log, new));
    assert_eq!((before.points.len(), after.points.len()), (2 * 5, 2 * 10), "a point per class that is trained on");
    assert_eq!(before.points, after.points[..10], "the corners are the same for every model");
    let equal = after.equal.unwrap();
    assert_eq!((after.learned, equal.vectors, equal.exact), (false, 17, -1.0 / 16.0));
    assert!(equal.deviation < 1e-6, "{}", equal.deviation);
    let alone = of(&log, star);
    assert_eq!((alone.learned, alone.equal), (true, None));

    // Three corners in the plane are 120 degrees apart, on the unit circle around the origin.
    let flat = run(|stage| (stage.dims, stage.classes) = (2, 3));
    let points = of(&flat, new).points;
    let dot = |i: usize, j: usize| points[2 * i] * points[2 * j] + points[2 * i + 1] * points[2 * j + 1];
    for (i, j) in [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)] {
        let expected = if i == j { 1.0 } else { -0.5 };
        assert!((dot(i, j) - expected).abs() < 1e-6, "{i} and {j}: {}", dot(i, j));
    }

    let random = run(|stage| {
        stage.dims = 16;
        stage.method = Choice::of("simplex").with("head", 1.0);
    });
    assert_eq!((of(&random, new).learned, of(&random, new).equal), (false, None));
}

#[test]
fn a_head_on_a_branch_of_its_own_has_no_prototypes_on_the_map() {
    let log = RunLog::of(&block_on(drive(&mut runner(small()))));
    let learned = |model| log.models[&model].prototypes.as_ref().map(|it| it.learned);
    assert_eq!([ModelId::deployed(1), ModelId::independent(2)].map(learned), [Some(true); 2]);
    assert_eq!(learned(ModelId::deployed(2)), None);
}

#[test]
fn a_picture_finds_what_the_same_test_image_finds_as_a_query() {
    // A prefix; queries that are mapped and fused with what the old model says; a gallery that is mapped.
    for method in ["bt2", "slerp", "fct"] {
        let mut runner = runner(tiny(method, Choice::of("mlp").with("hidden", 32.0)));
        let (shape, pixels) = runner.test_pictures().unwrap();
        let picture = |item: usize| pixels[item * shape.size()..(item + 1) * shape.size()].to_vec();
        assert_eq!(block_on(runner.find(picture(0))).unwrap(), [], "nothing is trained yet");
        let log = RunLog::of(&block_on(drive(&mut runner)));
        for item in [3_u16, 40] {
            let found = block_on(runner.find(picture(usize::from(item)))).unwrap();
            assert_eq!(found.len(), log.matrix.len(), "{method}");
            for nearest in found {
                // As a query it does not find itself.
                let others: Vec<u16> = nearest.items.0.iter().copied().filter(|it| *it != item).collect();
                let ranking = log.rankings[&(nearest.query, nearest.gallery)].of(item).unwrap();
                assert_eq!((nearest.items.0.len(), &others[..]), (10, &ranking[..others.len()]), "{method}");
            }
        }
        let narrow = block_on(runner.find(vec![0; 27])).unwrap_err();
        assert!(matches!(narrow, LabError::Data(_)), "{narrow}");
    }
}

#[test]
fn a_run_does_what_its_plan_says() {
    let mut runner = runner(small());
    let mut log = RunLog::default();
    let (mut fraction, mut phases, mut readings) = (0.0, Vec::new(), BTreeMap::new());
    block_on(async {
        while let Some(events) = runner.next().await {
            for event in &events {
                log.apply(event);
                match event {
                    Event::PhaseStarted { phase } => phases.push(*phase as usize),
                    Event::LossMeasured { model, step, .. } => {
                        assert_eq!(log.plan[log.phase.unwrap()].model, *model);
                        readings.insert(*model, *step);
                    }
                    _ => {}
                }
            }
            let progress = Progress::of(&log).fraction;
            assert!((fraction..=1.0).contains(&progress), "progress went from {fraction} to {progress}");
            fraction = progress;
        }
        assert!(runner.next().await.is_none(), "what is over stays over");
    });
    assert_eq!((log.state, fraction), (RunState::Finished, 1.0));
    assert_eq!(phases, (0..log.plan.len()).collect::<Vec<_>>());
    let trained: Vec<_> = log.plan.iter().filter(|phase| phase.kind == PhaseKind::Train).collect();
    assert_eq!(trained.len(), 3);
    for phase in trained {
        assert_eq!(readings.get(&phase.model), Some(&phase.steps), "{}", phase.model);
        assert_eq!(log.models[&phase.model].trained, Some(phase.steps), "{}", phase.model);
        assert!(log.models[&phase.model].index_seconds.is_some(), "{} indexed the gallery", phase.model);
    }
    assert_eq!((log.matrix.len(), log.verdicts.len()), (5, 1));
    assert!(log.matrix.iter().all(|cell| cell.all.queries == 200), "the matrix uses the whole test set");
    let scored = log.scores.iter().map(|scores| format!("{}/{}", scores.query, scores.gallery)).collect::<Vec<_>>();
    assert_eq!(scored, ["v1/v1", "v2/v1", "v2/v2"]);
    let pairs = |scores: &protocol::Scores| scores.same.0.iter().chain(&scores.different.0).sum::<u32>();
    assert!(log.scores.iter().all(|scores| pairs(scores) == 200 * 199), "no item is paired with itself");
    assert_eq!(runner.models().count(), 3);
}

/// Four small generations, one after the other, of which the last is a vision transformer.
fn chain() -> Scenario {
    let mut scenario = tiny("bt2", Choice::of("cnn").with("channels", 4.0));
    let link = |classes, encoder, r| {
        let method = Choice::of("bt2").with("head", 1.0).with("r", r);
        Stage { classes, encoder, method, ..scenario.stages[1].clone() }
    };
    let vit = Choice::of("vit").with("width", 16.0).with("layers", 1.0);
    let links = [
        link(7, Choice::of("cnn").with("channels", 4.0), 4.0),
        link(9, Choice::of("mlp").with("hidden", 32.0), 8.0),
        link(10, vit, 12.0),
    ];
    scenario.stages.truncate(1);
    scenario.stages.extend(links);
    scenario
}

#[test]
fn a_chain_of_four_is_measured_as_a_whole() {
    let log = RunLog::of(&block_on(drive(&mut runner(chain()))));
    assert_eq!((log.state, &log.fault), (RunState::Finished, &None));
    let dims: Vec<_> = (1..=4).map(|stage| log.models[&ModelId::deployed(stage)].dims).collect();
    assert_eq!(dims, [16, 20, 24, 28].map(Some));
    assert_eq!((log.matrix.len(), log.verdicts.len()), (16, 3));
    // The prefixes nest: each model has the blocks of those before it and one more.
    for (blocks, stage) in log.blocks.iter().zip(2..) {
        let whose: Vec<_> = blocks.blocks.iter().map(|block| block.model).collect();
        assert_eq!(whose, (1..=stage).map(ModelId::deployed).collect::<Vec<_>>());
        let dims: Vec<_> = blocks.blocks.iter().map(|block| block.dims).collect();
        assert_eq!(dims, [16, 4, 4, 4][..usize::from(stage)]);
        assert!((blocks.blocks.iter().map(|block| block.energy).sum::<f64>() - 1.0).abs() < 1e-12);
        for block in &blocks.blocks {
            let cell = log.cell(blocks.model, block.model).unwrap().all;
            assert_eq!(block.cross.unwrap_or(block.through), cell, "{} on {}", blocks.model, block.model);
        }
    }
    assert_eq!(log.blocks.len(), 3);
    let chain = log.chain.as_ref().unwrap();
    assert_eq!((chain.models, chain.upgrades()), (4, 6));
    let score = |query, gallery| log.cell(ModelId::deployed(query), ModelId::deployed(gallery)).unwrap().all.map;
    let passing =
        [(2, 1), (3, 1), (3, 2), (4, 1), (4, 2), (4, 3)].iter().filter(|(i, j)| score(*i, *j) > score(*j, *j));
    let passing = passing.count();
    assert!((chain.map.ac - passing as f64 / 6.0).abs() < 1e-12);
    assert_eq!(chain.map.failed.len(), 6 - passing);
    let triangle: Vec<f64> = (1..=4).flat_map(|i| (1..=i).map(move |j| score(i, j))).collect();
    assert!((chain.map.aa - triangle.iter().sum::<f64>() / 10.0).abs() < 1e-12);
    let two = RunLog::of(&block_on(drive(&mut runner(tiny("bct", Choice::of("mlp").with("hidden", 32.0))))));
    assert_eq!(two.chain, None, "one upgrade is no chain");
}

#[test]
fn test_labels_do_not_reach_training() {
    let scenario = tiny("bt2", Choice::of("mlp").with("hidden", 32.0));
    let honest = run_on(dataset().as_ref().clone(), scenario.clone());
    let mut lied = dataset().as_ref().clone();
    let labels = lied.test.labels().iter().map(|label| (label + 3) % 10).collect();
    lied.test = Part::new(lied.test.items().clone(), labels, 10).unwrap();
    let other = run_on(lied, scenario);
    assert_eq!(losses(&honest), losses(&other));
    let matrix = |events: &[Event]| RunLog::of(events).matrix;
    assert_ne!(matrix(&honest), matrix(&other), "the labels do reach the measurement");
}

#[test]
fn training_only_sees_its_own_classes() {
    // Every image of the classes that no stage is trained on is blackened; nothing may change.
    let mut scenario = tiny("bt2", Choice::of("mlp").with("hidden", 32.0));
    scenario.stages[1].classes = 7;
    let whole = run_on(dataset().as_ref().clone(), scenario.clone());
    let mut less = dataset().as_ref().clone();
    let size = less.train.items().shape().size();
    let mut pixels = less.train.items().all_pixels().to_vec();
    for (image, label) in pixels.chunks_exact_mut(size).zip(less.train.labels()) {
        if *label >= 7 {
            image.fill(0);
        }
    }
    let images = data::Items::pixels(less.train.items().image_shape().unwrap(), pixels).unwrap();
    less.train = Part::new(images, less.train.labels().to_vec(), 10).unwrap();
    assert_eq!(losses(&whole), losses(&run_on(less, scenario)));
}

/// An old model that gives out at the turn of a switch.
struct Failing {
    model: PortableModel,
    broken: Arc<AtomicBool>,
}

impl Model for Failing {
    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        let rows = self.model.embed(items)?;
        Ok(if self.broken.load(Ordering::Relaxed) { rows.mul_scalar(f32::NAN) } else { rows })
    }

    fn dims(&self) -> usize {
        self.model.dims()
    }

    fn parameters(&self) -> u64 {
        self.model.parameters()
    }

    fn portable(&self) -> Portable {
        self.model.portable()
    }
}

#[test]
fn a_task_rehearses_a_few_images_of_old_classes_and_its_ceiling_sees_all() {
    let mut scenario = tiny("fine-tune", small().stages[0].encoder.clone());
    scenario.data.train_per_class = 40;
    scenario.stages.iter_mut().for_each(|stage| stage.schedule.batch = 20);
    scenario.stages[1].rehearsal = 8;
    let log = RunLog::of(&block_on(drive(&mut runner(scenario))));
    let steps = |model: ModelId| log.models[&model].trained.unwrap();
    // Two epochs: of five old classes 8 images each, of five new ones 40; all of them for the ceiling.
    assert_eq!(steps(ModelId::deployed(2)), 2 * (5 * 8 + 5 * 40) / 20);
    assert_eq!(steps(ModelId::independent(2)), 2 * 10 * 40 / 20);
    assert_eq!(log.state, RunState::Finished, "{:?}", log.fault);
}

#[test]
fn a_loss_that_is_no_number_ends_the_run_and_keeps_its_log() {
    block_on(async {
        let mut scenario = tiny("bt2", Choice::of("mlp").with("hidden", 32.0));
        let mut first = runner(Scenario { stages: vec![scenario.stages[0].clone()], ..scenario.clone() });
        drive(&mut first).await;
        let (old, new) = (ModelId::deployed(1), ModelId::deployed(2));
        let (_, file) = first.export(old).await.unwrap();
        let (_, model) = read_model(&file.0, &engine()).await.unwrap();

        let broken = Arc::new(AtomicBool::new(false));
        let model: Arc<dyn Model> = Arc::new(Failing { model, broken: broken.clone() });
        scenario.evaluation.every = 1000;
        let mut runner =
            Runner::with_models(scenario, dataset(), engine(), no_time, BTreeMap::from([(old, model)])).unwrap();
        let mut log = RunLog::default();
        while let Some(events) = runner.next().await {
            events.iter().for_each(|event| log.apply(event));
            broken.store(log.models.get(&new).is_some_and(|new| new.step == 3), Ordering::Relaxed);
        }
        let fault = log.fault.as_ref().unwrap();
        assert_eq!((log.state, fault.kind), (RunState::Faulted, FaultKind::NotFinite));
        assert_eq!(fault.message, "The loss term 'old' of v2 is no longer a number at step 4.");
        assert!(fault.action.starts_with("Lower the learning rate"), "{}", fault.action);
        assert_eq!(log.models[&new].losses.len(), 3, "what was read before is kept");
        assert_eq!(log.models[&ModelId::independent(2)].trained, Some(14));
    });
}

#[test]
fn a_collapsed_model_ends_the_run_with_its_matrix_kept() {
    // Inputs of 1e17 at the highest rate: norms overflow, and every image gets the same embedding.
    let mut loud = dataset().as_ref().clone();
    loud.normalisation = Normalisation { mean: vec![0.0], std: vec![1e-17] };
    let mut scenario = small();
    scenario.stages.iter_mut().for_each(|stage| (stage.schedule.rate, stage.schedule.warmup) = (0.1, 0.0));
    let log = RunLog::of(&run_on(loud, scenario));
    let fault = log.fault.as_ref().unwrap();
    assert!(fault.message.contains("the embedding has collapsed"), "{}", fault.message);
    assert!(fault.action.starts_with("Lower the learning rate"), "{}", fault.action);
    assert_eq!((log.state, log.matrix.len(), log.verdicts.len()), (RunState::Faulted, 5, 0));
}

#[test]
fn stages_that_cannot_follow_each_other_are_refused_before_the_run() {
    let mut scenario = small();
    scenario.stages[1].method = Choice::of("bct");
    scenario.stages[1].dims = 8;
    let error = Runner::new(scenario, dataset(), engine(), no_time).map(|_| ()).unwrap_err();
    assert_eq!(error.fault().kind, FaultKind::Scenario);
    assert!(error.to_string().starts_with("Stage 2: BCT compares the first 16 dims"), "{error}");
}

/// Losses of the first steps of every model of the small scenario, by model.
type Golden = BTreeMap<ModelId, Vec<f64>>;

/// How many steps of each model are kept.
const STEPS: usize = 20;

/// `UPDATE_GOLDEN=1` writes the file anew. The browser's tests compare with the same file, on either engine.
#[test]
fn the_first_steps_are_those_of_the_golden_file() {
    let log = RunLog::of(&block_on(drive(&mut runner(small()))));
    let totals = |model: &protocol::ModelLog| model.losses.iter().take(STEPS).map(|point| point.total).collect();
    let found: Golden = log.models.iter().map(|(id, model)| (*id, totals(model))).collect();
    let path = golden("cpu_20_steps.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let expected: Golden = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(expected.values().map(Vec::len).collect::<Vec<_>>(), [STEPS; 3]);
    assert!(found.keys().eq(expected.keys()));
    for (model, expected) in &expected {
        for (step, (found, expected)) in found[model].iter().zip(expected).enumerate() {
            // Processors differ in the order of their sums; twenty steps of Adam make little of that.
            let off = (found - expected).abs() / expected.abs();
            assert!(off < 1e-3, "{model}, step {}: {found}, not {expected}", step + 1);
        }
    }
}
