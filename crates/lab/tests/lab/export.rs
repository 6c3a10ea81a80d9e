//! A model that leaves the lab comes back as the same model, and what is not the same model is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::collections::HashMap;

use crate::common::{Bench, dataset, drive, engine, no_time, runner, tiny, values};
use lab::{LabError, Model, ModelFile, PortableModel, Runner, read_model};
use pollster::block_on;
use protocol::{Choice, Event, FaultKind, ModelCard, ModelId, Reference, Scenario, SelfCheck};
use safetensors::SafeTensors;
use safetensors::tensor::serialize;

fn mlp() -> Choice {
    Choice::of("mlp").with("hidden", 32.0)
}

fn cnn(norm: f64) -> Choice {
    Choice::of("cnn").with("channels", 4.0).with("norm", norm)
}

/// A vision transformer whose patches divide the images of the bench and of the dataset.
fn vit() -> Choice {
    Choice::of("vit").with("width", 16.0).with("patch", 2.0).with("layers", 1.0)
}

/// Runs to the end and exports every model.
async fn run(scenario: Scenario) -> (Vec<Event>, Vec<(ModelCard, ModelFile)>) {
    let mut runner = runner(scenario);
    let events = drive(&mut runner).await;
    let mut files = Vec::new();
    for model in runner.models().collect::<Vec<_>>() {
        files.push(runner.export(model).await.unwrap());
    }
    (events, files)
}

/// Every score of the final matrix.
fn matrix(events: &[Event]) -> Vec<(ModelId, ModelId, [f64; 4])> {
    let cells = events.iter().find_map(|event| match event {
        Event::MatrixMeasured { cells, .. } => Some(cells),
        _ => None,
    });
    let scores = |cell: &protocol::Cell| {
        let rates = cell.all;
        (cell.query, cell.gallery, [rates.map, rates.cmc1, rates.cmc5, rates.recall10])
    };
    cells.unwrap().iter().map(scores).collect()
}

#[test]
fn a_model_without_the_one_before_it_is_refused_with_what_to_bring() {
    block_on(async {
        let (_, files) = run(tiny("bt2", mlp())).await;
        let bring = async |model: ModelId| {
            let (_, file) = files.iter().find(|(card, _)| card.model == model).unwrap();
            Runner::import(vec![read_model(&file.0, &engine()).await.unwrap()], dataset(), engine(), no_time)
        };
        let refused = bring(ModelId::deployed(2)).await.err().unwrap();
        assert_eq!(
            refused.to_string(),
            "The model file cannot be used: v2 was trained to go with v1, of which there is no file; choose the .safetensors files \
             of all of them together."
        );
        assert_eq!(refused.fault().kind, FaultKind::File);
        for alone in [ModelId::deployed(1), ModelId::independent(2)] {
            let events = drive(&mut bring(alone).await.unwrap()).await;
            assert!(matches!(events.last(), Some(Event::RunFinished { .. })), "{alone}: the others are trained");
        }
    });
}

#[test]
fn a_model_that_was_trained_for_itself_comes_alone() {
    block_on(async {
        let (_, files) = run(tiny(Choice::PLAIN, mlp())).await;
        let (_, file) = files.iter().find(|(card, _)| card.model == ModelId::deployed(2)).unwrap();
        let alone = vec![read_model(&file.0, &engine()).await.unwrap()];
        let events = drive(&mut Runner::import(alone, dataset(), engine(), no_time).unwrap()).await;
        assert!(matches!(events.last(), Some(Event::RunFinished { .. })), "the model before it is trained");
    });
}

#[test]
fn imported_models_give_the_same_matrix() {
    // What an earlier stage of its own kind must leave, a plain one does not.
    let alone = |card: &protocol::MethodCard| {
        // What unlearns goes on from a model of the same classes, which this scenario has not.
        let forgets = card.reads.contains(&protocol::Read::Probes) && card.needs.has(protocol::Need::OldWeights);
        !forgets && !card.needs.has(protocol::Need::Kept) && card.reads.contains(&protocol::Read::Retrieval)
    };
    let every =
        crate::common::methods_of_one().map(|method| (method.card)()).filter(alone).map(|card| (card.id, mlp()));
    for (method, encoder) in every.chain([
        ("bt2".to_owned(), cnn(0.0)),
        ("bct".to_owned(), cnn(1.0)),
        ("bt2".to_owned(), vit().with("patch", 7.0)),
    ]) {
        block_on(async {
            let scenario = tiny(&method, encoder.clone());
            let (events, files) = run(scenario).await;
            let card = (lab::methods::method(&method).unwrap().card)();
            assert_eq!(files.len(), if card.reference == Reference::None { 2 } else { 3 }, "{method}");
            assert!(
                events.iter().any(|event| matches!(event, Event::RunFinished { .. })),
                "{method}: {:?}",
                events.last()
            );
            let mut models = Vec::new();
            for (card, file) in &files {
                let (read, model) = read_model(&file.0, &engine()).await.unwrap();
                assert_eq!(&read, card);
                assert_eq!(model.dims() as u32, card.dims);
                models.push((read, model));
            }
            let mut again = Runner::import(models, dataset(), engine(), no_time).unwrap();
            let repeated = drive(&mut again).await;
            assert!(
                !repeated.iter().any(|event| matches!(event, Event::LossMeasured { .. })),
                "given models are not trained"
            );
            let indexed = repeated.iter().filter(|event| matches!(event, Event::GalleryIndexed { .. }));
            assert_eq!(indexed.count(), files.len(), "given models index the gallery once");
            let (first, second) = (matrix(&events), matrix(&repeated));
            assert_eq!(first.len(), second.len());
            for (left, right) in first.iter().zip(&second) {
                assert_eq!((left.0, left.1), (right.0, right.1));
                let worst = left.2.iter().zip(right.2).map(|(left, right)| (left - right).abs()).fold(0.0, f64::max);
                assert!(worst < 1e-5, "{method} {encoder:?} {}/{}: off by {worst}", left.0, left.1);
            }
            for (card, _) in &files {
                let (copy, _) = again.export(card.model).await.unwrap();
                // Folding rotations into weights rounds otherwise than applying them one after the other.
                let told = |card: &ModelCard| {
                    let self_check = SelfCheck { embedding: Vec::new(), ..card.self_check.clone() };
                    ModelCard { metrics: Vec::new(), self_check, ..card.clone() }
                };
                assert_eq!(told(&copy), told(card), "a copy of a copy is the same model and says the same of itself");
            }
        });
    }
}

#[test]
fn the_written_forward_pass_is_the_forward_pass() {
    let methods = [
        Choice::plain(),
        Choice::of("bct"),
        Choice::of("bt2").with("r", 3.0),
        Choice::of("bt2").with("r", 8.0),
        Choice::of("bt2").with("r", 0.0),
        Choice::of("oca"),
    ];
    for method in methods {
        for encoder in [mlp(), mlp().with("depth", 3.0), cnn(0.0), cnn(1.0), vit(), vit().with("layers", 2.0)] {
            block_on(async {
                let bench = Bench::with_encoder(method.clone(), encoder.clone(), 12);
                let mut training = bench.training();
                for step in 0..3 {
                    training.step(&bench.batch(step), 0.01).unwrap();
                }
                let model = training.model().unwrap();
                let (steps, tensors) = model.portable().into_host().await.unwrap();
                let device = bench.engine.device();
                let copy = PortableModel::new(&steps, &tensors, [1, 6, 6], model.dims(), device).unwrap();
                let images = bench.images(99);
                let (left, right) =
                    (values(model.embed(&images).unwrap()).await, values(copy.embed(&images).unwrap()).await);
                let worst = left.iter().zip(&right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max);
                assert!(left.len() == right.len() && worst < 1e-5, "{method:?} {encoder:?}: off by {worst}");
            });
        }
    }
}

#[test]
fn the_card_says_where_a_model_comes_from() {
    let (_, files) = block_on(run(tiny("bt2", mlp())));
    let id = |stage, independent| {
        let model = ModelId { stage, independent };
        let (card, _) = files.iter().find(|(card, _)| card.model == model).unwrap();
        (model, card.id.clone())
    };
    let (card, _) = files.iter().find(|(card, _)| card.model == ModelId::deployed(2)).unwrap();
    assert_eq!(card.lineage, [id(1, false), id(2, true)]);
    assert_eq!((card.prefix, card.classes.len(), card.dims), (Some(16), 10, 24));
    assert!(card.orthogonality.is_some_and(|error| error < 1e-4), "{:?}", card.orthogonality);
    assert_eq!(card.metrics.len(), 2, "new/old and new/new");
    let (first, _) = files.iter().find(|(card, _)| card.model == ModelId::deployed(1)).unwrap();
    assert_eq!((first.lineage.len(), first.prefix, first.classes.len()), (0, None, 5));
    assert_eq!(first.metrics.len(), 3, "old/old, new/old and independent/old");
}

/// The sentence with which bytes are refused, after "The model file cannot be used: ".
fn refusal(bytes: &[u8]) -> String {
    let error = block_on(read_model(bytes, &engine())).map(|(card, _)| card.id).unwrap_err();
    assert_eq!(error.fault().kind, FaultKind::File);
    let LabError::File(reason) = &error else { panic!("{error:?}") };
    reason.clone()
}

/// The same tensors with other metadata.
fn with_metadata(bytes: &[u8], metadata: Option<HashMap<String, String>>) -> Vec<u8> {
    serialize(SafeTensors::deserialize(bytes).unwrap().iter(), metadata).unwrap()
}

#[test]
fn what_is_no_model_of_the_lab_is_refused() {
    let (_, files) = block_on(run(tiny("bct", mlp())));
    let (card, ModelFile(bytes)) = &files[0];

    for length in [0, 4, 100, bytes.len() - 1] {
        let sentence = refusal(&bytes[..length]);
        assert!(sentence.starts_with("it is no SafeTensors file ("), "cut to {length}: {sentence}");
    }

    let mut altered = bytes.clone();
    *altered.last_mut().unwrap() ^= 1;
    let sentence = refusal(&altered);
    assert!(sentence.starts_with("its weights were altered: their digest is sha256:"), "{sentence}");
    assert!(sentence.ends_with(&card.id), "{sentence}");

    assert_eq!(refusal(&with_metadata(bytes, None)), "it has no card; only files that this lab exported do");

    let card_of = |text: String| Some(HashMap::from([("card".to_owned(), text)]));
    let sentence = refusal(&with_metadata(bytes, card_of("{}".to_owned())));
    assert!(sentence.starts_with("its card cannot be read ("), "{sentence}");

    let changed = |change: fn(&mut ModelCard)| {
        let mut card = card.clone();
        change(&mut card);
        refusal(&with_metadata(bytes, card_of(serde_json::to_string(&card).unwrap())))
    };
    assert_eq!(changed(|card| card.format = 1), "its card has format 1, this version reads 2");
    assert_eq!(changed(|card| card.dims = 5), "its forward pass ends in 16 numbers, the card says 5");
    let sentence = changed(|card| card.self_check.embedding[0] += 0.5);
    assert!(sentence.starts_with("its self-check is off by 0."), "{sentence}");
    let sentence = changed(|card| card.pixel_mean = vec![0.9]);
    assert!(sentence.starts_with("its self-check is off by "), "{sentence}");
}

#[test]
fn what_older_versions_exported_still_loads() {
    for (bytes, dims) in
        [(&include_bytes!("../older/bt2.safetensors")[..], 6), (&include_bytes!("../older/narrow.safetensors")[..], 4)]
    {
        assert!(bytes.windows(20).any(|part| part == b"basis_transformation"));
        // That it embeds as it did then is checked as it is read.
        let (card, model) = block_on(read_model(bytes, &engine())).unwrap();
        assert_eq!((card.dims, model.dims()), (dims, dims as usize));
        let (steps, tensors) = block_on(model.portable().into_host()).unwrap();
        assert_eq!(steps, card.forward, "a copy is written in general steps");
        let copy = PortableModel::new(&steps, &tensors, [1, 2, 3], model.dims(), engine().device()).unwrap();
        assert_eq!(copy.parameters(), model.parameters());
    }
    let change = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len(), "offsets stay");
        let mut bytes = include_bytes!("../older/bt2.safetensors").to_vec();
        let at = bytes.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        refusal(&bytes)
    };
    assert_eq!(change(r#"\"split\": 4"#, r#"\"split\": 3"#), "a layer takes 6 numbers where 5 come");
    assert_eq!(change(r#"\"split\": 4"#, r#"\"split\": 9"#), "it takes 9 numbers from number 0 on of a row of 5");
    assert_eq!(
        change(r#"\"from_new\": \"transformation.from_new"#, r#"\"from_new\": \"transformation.from_now"#),
        "it has no tensor 'transformation.from_now'"
    );
}

#[test]
fn a_model_that_is_not_trained_yet_is_not_exported() {
    let runner = runner(tiny("bct", mlp()));
    let error = block_on(runner.export(ModelId::deployed(2))).unwrap_err();
    assert!(matches!(error, LabError::Missing(_)), "{error:?}");
}
