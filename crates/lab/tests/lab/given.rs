//! Upgrades between models of which only the embeddings are at hand.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::sync::Arc;

use crate::common::{drive, engine, no_time};
use burn::tensor::Device;
use data::{Dataset, Items, Normalisation, Part, Provenance, Seed};
use lab::{Checkpoint, Init, Runner, catalogue, random_orthogonal, read_model};
use pollster::block_on;
use protocol::{Choice, Event, GivenModel, ModelId, RunLog, RunState, Scenario, Stage};

const CLASSES: usize = 4;
const DIMS: usize = 12;

/// Old rows scattered around a direction per class; each new row is the old one turned, behind it.
fn part(each: usize, name: &str, rotation: &[f32]) -> Part {
    let mut rng = Seed(3).stream(name);
    let mut rows = Vec::new();
    let labels: Vec<u32> = (0..CLASSES as u32).flat_map(|class| vec![class; each]).collect();
    for &label in &labels {
        let old: Vec<f32> =
            (0..DIMS).map(|at| if at == label as usize { 1.0 } else { 0.0 } + 0.6 * rng.normal()).collect();
        let new = (0..DIMS).map(|to| (0..DIMS).map(|from| old[from] * rotation[from * DIMS + to]).sum::<f32>());
        let new: Vec<f32> = new.collect();
        rows.extend([old, new].concat());
    }
    Part::new(Items::rows(2 * DIMS, rows).unwrap(), labels, CLASSES).unwrap()
}

fn dataset() -> Dataset {
    let rotation = random_orthogonal(DIMS, &mut Init::new(Seed(5).stream("rotation"), Device::default()));
    let (train, test) = (part(30, "train", &rotation), part(12, "test", &rotation));
    let model = |name: &str| GivenModel { name: name.to_owned(), dims: DIMS as u32 };
    Dataset {
        id: "own-embedded".to_owned(),
        name: "Turned".to_owned(),
        class_names: ["a", "b", "c", "d"].map(str::to_owned).into(),
        normalisation: Normalisation::of(train.items()),
        train,
        test,
        given: vec![model("old"), model("new")],
        provenance: Provenance {
            package: "made here".to_owned(),
            package_version: Provenance::IMPORTED.to_owned(),
            licence: "CC0-1.0".to_owned(),
            copyright: String::new(),
            homepage: String::new(),
        },
    }
}

fn scenario(method: Choice) -> Scenario {
    let mut scenario =
        Scenario { stages: vec![Stage::default(), Stage { method, ..Stage::default() }], ..Scenario::default() };
    scenario.data.dataset = "own-embedded".to_owned();
    scenario.stages[1].schedule.epochs = 2;
    scenario
}

fn runner(method: Choice) -> Runner {
    Runner::new(scenario(method), Arc::new(dataset()), engine(), no_time).unwrap()
}

fn log(method: Choice) -> RunLog {
    let log = RunLog::of(&block_on(drive(&mut runner(method.clone()))));
    assert_eq!((&log.state, &log.fault), (&RunState::Finished, &None), "{method:?}");
    log
}

#[test]
fn a_rotation_between_given_models_is_found_again() {
    let log = log(Choice::of("procrustes"));
    let verdict = &log.verdicts[0];
    let close = |left: f64, right: f64| assert!((left - right).abs() < 1e-9, "{left} {right}");
    // Turned rows have the same cosines among themselves, and turned back the same with the old ones.
    close(verdict.new_new.map, verdict.old_old.map);
    close(verdict.new_old.map, verdict.old_old.map);
    close(verdict.ceiling.map, verdict.new_new.map);
    assert!(verdict.old_old.map > 0.5 && verdict.independent_old.map < verdict.old_old.map - 0.1, "{verdict:?}");
    assert_eq!((verdict.cost.stored, verdict.cost.stored_before, verdict.cost.passes), (12, 12, 0));
    assert_eq!(log.test_labels.len(), CLASSES * 12);
}

#[test]
fn every_method_that_trains_no_model_runs_on_given_ones() {
    let catalogue = catalogue();
    let frozen: Vec<&str> =
        catalogue.methods.iter().filter(|card| card.is_frozen()).map(|card| card.id.as_str()).collect();
    assert!(frozen.contains(&Choice::PLAIN), "{frozen:?}");
    for id in frozen {
        let log = log(Choice::of(id));
        let trained = log.models.values().filter(|model| !model.losses.is_empty()).count();
        assert!(trained <= 1, "{id} trains its map at most");
        let verdict = &log.verdicts[0];
        // Twelve dims hold four classes with room to spare: whatever is done with the new rows leaves most of them found.
        assert!(verdict.new_new.map > 0.4, "{id}: {verdict:?}");
    }
}

#[test]
fn a_method_that_trains_a_model_is_replaced_and_says_so() {
    let events = block_on(drive(&mut runner(Choice::of("bct"))));
    let said =
        |text: &str| events.iter().any(|event| matches!(event, Event::Noticed { text: it } if it.contains(text)));
    assert!(said("BCT trains a model, but the models are given; Procrustes is used."));
    let plan = events.iter().find_map(|event| match event {
        Event::RunStarted { plan, .. } => Some(plan.clone()),
        _ => None,
    });
    let models: Vec<String> = plan.unwrap().iter().map(|phase| phase.model.to_string()).collect();
    assert_eq!(models, ["v2", "v2"], "the map is fitted, then all is measured");
}

#[test]
fn what_is_made_between_given_models_is_exported_and_they_are_not() {
    for id in ["procrustes", "mlp-adapter", "concatenation", "fct"] {
        let mut first = runner(Choice::of(id));
        block_on(drive(&mut first));
        let [old, new, star] = [ModelId::deployed(1), ModelId::deployed(2), ModelId::independent(2)];
        assert_eq!(first.models().collect::<Vec<_>>(), [new]);
        let refused = block_on(first.export(star)).unwrap_err().to_string();
        assert_eq!(refused, "v2* is new, which came with the dataset: there are no weights of it.");
        let (card, file) = block_on(first.export(new)).unwrap();
        assert_eq!(card.lineage, [(old, "own-embedded/old".to_owned()), (star, "own-embedded/new".to_owned())]);
        // The reader checks the file against the self-check that it carries.
        let model = block_on(read_model(&file.0, &engine())).unwrap();
        let mut again = Runner::import(vec![model], Arc::new(dataset()), engine(), no_time).unwrap();
        let (first, again) = (log(Choice::of(id)), RunLog::of(&block_on(drive(&mut again))));
        let gap = first.verdicts[0].new_old.map - again.verdicts[0].new_old.map;
        assert!(gap.abs() < 1e-6, "{id}: {gap}");
    }
}

#[test]
fn an_interrupted_map_goes_on_from_its_checkpoint() {
    let mut plain = runner(Choice::of("mlp-adapter"));
    let all = block_on(drive(&mut plain));
    let mut first = runner(Choice::of("mlp-adapter"));
    let mut events = Vec::new();
    for _ in 0..4 {
        events.extend(block_on(first.next()).unwrap());
    }
    let bytes = block_on(first.checkpoint()).unwrap().unwrap().write().unwrap();
    let checkpoint = Checkpoint::read(&bytes).unwrap();
    let mut second = block_on(Runner::resume(&checkpoint, Arc::new(dataset()), engine(), no_time)).unwrap();
    events.extend(block_on(drive(&mut second)));
    assert_eq!(events, all);
}

#[test]
fn an_item_without_an_image_shows_its_first_embedding() {
    let (shape, pixels) = runner(Choice::of("procrustes")).test_pictures().unwrap();
    assert_eq!((shape.channels, shape.height, shape.width), (1, 4, 4));
    assert_eq!(pixels.len(), CLASSES * 12 * 16);
    // Cells beyond the twelve dims have the grey of zero.
    assert!(
        pixels.chunks(16).all(|cells| cells[12..] == [128; 4] && cells[..12].iter().any(|&it| it == 0 || it == 255))
    );
}

#[test]
fn classes_with_fewer_items_than_asked_for_are_told() {
    let mut uneven = dataset();
    let mut labels = uneven.train.labels().to_vec();
    labels[..5].fill(1);
    uneven.train = Part::new(uneven.train.items().clone(), labels, CLASSES).unwrap();
    let notices = |dataset: Dataset| -> Vec<String> {
        let scenario = scenario(Choice::of("procrustes"));
        let events = block_on(Runner::new(scenario, Arc::new(dataset), engine(), no_time).unwrap().next()).unwrap();
        let texts = events.into_iter().filter_map(|event| match event {
            Event::Noticed { text } => Some(text),
            _ => None,
        });
        texts.filter(|text| text.contains("classes have fewer")).collect()
    };
    assert_eq!(
        notices(uneven),
        ["3 of 4 classes have fewer than 35 training items, the smallest 25: they give all they have."]
    );
    assert_eq!(notices(dataset()), Vec::<String>::new());
}
