//! What holds of each method: it is the independent model where its own terms weigh nothing, it keeps what it freezes, it
//! refuses what cannot be.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use crate::common::{Bench, OLD_DIMS, dataset, drive, engine, no_time, runner, small, tiny, values};
use burn::module::Module;
use burn::tensor::{Int, Tensor};
use data::Seed;
use lab::frames::Extended;
use lab::methods::compat::{Bct, FineTune, MixBct, Oca, Simplex};
use lab::{Batch, Init, Inputs, Runner, Setup, System, Term, Training, cross_entropy};
use pollster::block_on;
use protocol::{Choice, MethodCard, ModelId, Role, RunLog, Stage};

/// New dims of the model under test; the old one has 8.
const NEW_DIMS: u32 = 12;

/// The value of the term `name` of a system on a batch.
fn term(system: &impl System, batch: &Batch, name: &str) -> f32 {
    let term = system.losses(batch).unwrap().into_iter().find(|term| term.name == name).unwrap();
    block_on(values(term.value))[0]
}

#[test]
fn without_its_own_terms_a_method_is_the_task_alone() {
    let methods = [
        Choice::of("bct").with("lambda", 0.0),
        Choice::of("naive-extra-dims").with("lambda", 0.0).with("r", 0.0),
        Choice::of("mixbct").with("share", 0.0).with("margin", 0.0),
        Choice::of("ract").with("lambda", 0.0).with("contrast", 0.0),
        Choice::of("unibct").with("lambda", 0.0),
        Choice::of("advbct").with("boundary", 0.0).with("adversary", 0.0),
        Choice::of("lce").with("alignment", 0.0).with("boundary", 0.0),
        Choice::of("nccl").with("alpha", 0.0).with("beta", 0.0),
        Choice::of("l2").with("weight", 0.0),
        Choice::of("darkrank").with("weight", 0.0),
    ];
    let mut independent = Bench::new(Choice::plain(), NEW_DIMS).training();
    let benches: Vec<_> = methods.iter().map(|method| Bench::new(method.clone(), NEW_DIMS)).collect();
    let mut trainings: Vec<_> = benches.iter().map(Bench::training).collect();
    for step in 0..5 {
        let batch = benches[0].batch(step);
        let value = |term: &Term| f64::from(block_on(values(term.value.clone()))[0]);
        // Same initial weights, same batches: the whole training is the independent one.
        let alone = value(&independent.step(&batch, 0.01).unwrap().terms[0]);
        for ((method, bench), training) in methods.iter().zip(&benches).zip(&mut trainings) {
            // The same items; beside them stands what the method needs.
            let batch = bench.batch(step);
            let terms = training.step(&batch, 0.01).unwrap().terms;
            let total: f64 = terms.iter().map(|term| term.weight * value(term)).sum();
            assert_eq!((terms[0].name, value(&terms[0]), total), ("task", alone, alone), "{method:?}, step {step}");
        }
    }
}

#[test]
fn terms_are_those_of_the_card_and_finite() {
    for method in crate::common::methods_of_one() {
        let card = (method.card)();
        assert_eq!(card.id, method.id);
        if !card.is_trained() {
            continue;
        }
        // As many dims as the old model has, which suits every method.
        let bench = Bench::new(Choice::of(&card.id), OLD_DIMS as u32);
        let mut training = bench.training();
        for step in 0..3 {
            let terms = training.step(&bench.batch(step), 0.01).unwrap().terms;
            let names: Vec<&str> = terms.iter().map(|term| term.name).collect();
            let on_card: Vec<&str> = card.losses.iter().map(|loss| loss.name.as_str()).collect();
            assert_eq!(names, on_card, "{}", card.id);
            let finite = terms.iter().all(|term| block_on(values(term.value.clone()))[0].is_finite());
            assert!(finite, "{} at step {step}: {terms:?}", card.id);
        }
    }
}

/// The logs of the tiny scenario under methods that map between two models and leave the new one as it is.
fn bridged() -> Vec<(MethodCard, RunLog)> {
    let log = |id: &str| RunLog::of(&block_on(drive(&mut runner(tiny(id, Choice::of("mlp").with("hidden", 32.0))))));
    let maps = |card: &MethodCard| matches!(card.role, Role::Adapter | Role::Fallback) && !card.prefix;
    // It may turn what it stores, too.
    let stores = |card: &MethodCard| card.id != "lambda-orthogonal";
    let cards = lab::methods::methods().map(|method| (method.card)()).filter(maps).filter(stores);
    cards.map(|card| (log(&card.id), card)).map(|(log, card)| (card, log)).collect()
}

#[test]
fn adapters_pay_no_tax_and_their_backfill_ends_where_the_matrix_says() {
    let (old, new, star) = (ModelId::deployed(1), ModelId::deployed(2), ModelId::independent(2));
    for (card, log) in bridged() {
        let (id, closed) = (&card.id, !card.is_trained());
        let cell = |query, gallery| log.cell(query, gallery).unwrap().all;
        assert_eq!(cell(new, new), cell(star, star), "{id}");
        assert_ne!(cell(new, old), cell(star, old), "{id} maps something");
        let trained = log.models[&new].trained.unwrap();
        assert_eq!(trained == 0, closed, "{id} took {trained} steps");
        assert_eq!(log.verdicts[0].cost.passes, if closed { 1 } else { 2 }, "{id}");
        let expected = if id == "fastfill" { 5 } else { 4 };
        assert_eq!(log.backfills.len(), expected, "{id}");
        for backfill in &log.backfills {
            let (query, start) = (backfill.query, if backfill.dual { old } else { backfill.query });
            let ends = (backfill.points.first().unwrap().map, backfill.points.last().unwrap().map);
            assert_eq!(ends, (cell(start, old).map, cell(query, query).map), "{id}: {}", backfill.name());
            assert!(backfill.area > 0.0 && backfill.dip <= 0.0, "{id}: {}", backfill.in_words());
        }
    }
}

#[test]
fn a_concatenation_finds_in_the_old_gallery_what_the_old_model_found() {
    let log = RunLog::of(&block_on(drive(&mut runner(tiny("concatenation", Choice::of("mlp").with("hidden", 32.0))))));
    let (old, new) = (ModelId::deployed(1), ModelId::deployed(2));
    let cell = |query, gallery| log.cell(query, gallery).unwrap().all;
    assert_eq!(cell(new, old), cell(old, old));
    let cost = &log.verdicts[0].cost;
    assert_eq!((cost.stored, cost.stored_before), (2 * cost.stored_before, cost.stored - cost.stored_before));
}

#[test]
fn blocks_add_up_to_what_is_stored_and_to_what_the_matrix_says() {
    let [old, new, star] = [ModelId::deployed(1), ModelId::deployed(2), ModelId::independent(2)];
    for id in ["bt2", "oca", "naive-extra-dims", "concatenation"] {
        let log = RunLog::of(&block_on(drive(&mut runner(tiny(id, Choice::of("mlp").with("hidden", 32.0))))));
        let cell = |query, gallery| log.cell(query, gallery).unwrap().all;
        let [whole] = log.blocks.as_slice() else { panic!("{id}: {} models with blocks", log.blocks.len()) };
        let [before, rest] = whole.blocks.as_slice() else { panic!("{id}: {} blocks", whole.blocks.len()) };
        assert_eq!((whole.model, before.model, rest.model), (new, old, new), "{id}");
        assert_eq!(Some(before.dims), log.models[&old].dims, "{id}");
        assert_eq!(Some(before.dims + rest.dims), log.models[&new].dims, "{id}");
        assert!((before.energy + rest.energy - 1.0).abs() < 1e-12, "{id}: {} and {}", before.energy, rest.energy);
        assert_eq!((before.cross, rest.cross), (Some(cell(new, old)), None), "{id}");
        assert_eq!((before.alone, rest.through), (before.through, cell(new, new)), "{id}");
        assert!(rest.alone.map > 1.5 * log.chance.unwrap().map, "{id}: the rest finds {}", rest.alone.map);
        if id == "concatenation" {
            // Half the length, a quarter of the square; up to rounding the parts are the models themselves.
            assert!((before.energy - 0.2).abs() < 1e-6, "{}", before.energy);
            for (block, model) in [(before, old), (rest, star)] {
                assert!((block.alone.map - cell(model, model).map).abs() < 1e-3, "{model}");
            }
        }
    }
}

#[test]
fn what_is_of_one_piece_has_no_blocks() {
    for id in ["bct", Choice::PLAIN] {
        let mut scenario = tiny(id, Choice::of("mlp").with("hidden", 32.0));
        // As many dims as before, or more of them that no method keeps apart.
        scenario.stages[1].dims = if id == "bct" { scenario.stages[0].dims } else { 2 * scenario.stages[0].dims };
        assert!(RunLog::of(&block_on(drive(&mut runner(scenario)))).blocks.is_empty(), "{id}");
    }
}

#[test]
fn a_reversed_map_loses_the_old_gallery_and_the_self_test_does_not_tell() {
    let (old, new, star) = (ModelId::deployed(1), ModelId::deployed(2), ModelId::independent(2));
    for id in ["procrustes", "affine"] {
        let run = |direction| {
            let mut scenario = tiny(id, Choice::of("mlp").with("hidden", 32.0));
            scenario.stages[1].method = Choice::of(id).with("direction", direction);
            RunLog::of(&block_on(drive(&mut runner(scenario))))
        };
        let (right, reversed) = (run(0.0), run(1.0));
        let map = |log: &RunLog, query, gallery| log.cell(query, gallery).unwrap().all.map;
        let (found, without) = (map(&reversed, new, old), map(&reversed, star, old));
        assert!(map(&right, new, old) > 1.5 * found, "{id}: {} and {found}", map(&right, new, old));
        assert!(found < 2.0 * without, "{id}: {found}, without any map {without}");
        assert_eq!(map(&reversed, new, new), map(&right, new, new), "{id}");
        let says = |log: &RunLog| log.notices.iter().any(|notice| notice.starts_with("A control for teaching"));
        assert!(says(&reversed) && !says(&right), "{id}");
    }
}

#[test]
fn a_rotation_of_the_new_space_keeps_every_rank_of_the_self_test() {
    let mut scenario = tiny("lambda-orthogonal", Choice::of("mlp").with("hidden", 32.0));
    scenario.stages[1].method = Choice::of("lambda-orthogonal").with("lambda", 0.0);
    let log = RunLog::of(&block_on(drive(&mut runner(scenario))));
    let (new, star) = (ModelId::deployed(2), ModelId::independent(2));
    let map = |model| log.cell(model, model).unwrap().all.map;
    // Rounding swaps neighbours whose scores are equal to six digits.
    assert!((map(new) - map(star)).abs() < 1e-4, "{} and {}", map(new), map(star));
    let orthogonality = log.models[&new].losses.last().unwrap().orthogonality.unwrap();
    assert!(orthogonality < 1e-4, "{orthogonality}");
}

#[test]
fn adapters_in_a_chain_bring_queries_down_step_by_step() {
    let mut scenario = small();
    let later = scenario.stages[1].clone();
    scenario.stages[1].method = Choice::of("procrustes");
    scenario.stages.push(Stage { method: Choice::of("procrustes"), ..later });
    let log = RunLog::of(&block_on(drive(&mut runner(scenario))));
    let map = |query, gallery| log.cell(query, gallery).unwrap().all.map;
    let [v1, v2, v3] = [1, 2, 3].map(ModelId::deployed);
    let without = map(ModelId::independent(3), v2);
    assert!(map(v3, v2) > 2.0 * without, "one step down: {} against {without}", map(v3, v2));
    assert!(map(v3, v1) > 0.8 * map(v2, v1), "two steps down: {} against {}", map(v3, v1), map(v2, v1));
}

#[test]
fn few_pairs_are_named() {
    let mut scenario = tiny("procrustes", Choice::of("mlp").with("hidden", 32.0));
    scenario.stages[1].method = Choice::of("procrustes").with("pairs", 20.0);
    let log = RunLog::of(&block_on(drive(&mut runner(scenario))));
    assert!(log.notices.iter().any(|notice| notice.contains("20 pairs are few")), "{:?}", log.notices);
}

#[test]
fn oca_stores_what_lies_before_its_rotation() {
    let embedding = |transform: f64| {
        let bench = Bench::new(Choice::of("oca").with("r", 4.0).with("transform", transform), OLD_DIMS as u32);
        let system = bench.system::<Extended<Oca>>();
        assert_eq!(System::dims(&system), OLD_DIMS + 4);
        if let Some(error) = system.orthogonality() {
            assert!(block_on(values(error))[0] < 1e-5);
        }
        assert_eq!(system.orthogonality().is_some(), transform < 2.0);
        block_on(values(system.valid().embed(&bench.images(99)).unwrap()))
    };
    let with = embedding(0.0);
    assert_eq!(with, embedding(1.0), "the bias is not stored");
    assert_eq!(with, embedding(2.0), "the rotation is not stored");
}

#[test]
fn the_classifier_of_oca_sees_what_its_head_sees() {
    // Without bias and with unit scale the head's logits are the classifier's products with the stored embedding.
    let bench = Bench::new(Choice::of("oca").with("transform", 1.0).with("smoothing", 0.0), OLD_DIMS as u32);
    let system = bench.system::<Extended<Oca>>();
    let batch = bench.batch(0);
    let logits = system.embed(&batch.items).unwrap().matmul(system.classifier().unwrap().transpose());
    let expected = block_on(values(cross_entropy(logits, batch.labels().unwrap())))[0];
    let found = block_on(values(system.losses(&batch).unwrap()[0].value.clone()))[0];
    assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
}

#[test]
fn fixed_heads_are_the_same_for_all_models_and_do_not_train() {
    for head in [0.0, 1.0] {
        let bench = Bench::new(Choice::of("simplex").with("head", head), NEW_DIMS);
        let rows = |setup: &mut Setup| {
            let system = Extended::<Simplex>::new(setup).unwrap();
            block_on(values(system.classifier().unwrap()))
        };
        let mut other = bench.setup();
        other.init = Init::new(Seed(77).stream("other weights"), bench.engine.training());
        let before = rows(&mut bench.setup());
        assert_eq!(before, rows(&mut other), "head {head}");
        let mut training = bench.training();
        (0..3).for_each(|step| drop(training.step(&bench.batch(step), 0.05).unwrap()));
        let after = training.model().unwrap().classifier().unwrap();
        assert_eq!(before, block_on(values(after)), "head {head}");
    }
}

#[test]
fn fine_tuning_starts_as_the_old_model() {
    for card in lab::catalogue().encoders {
        let mut encoder = Choice::of(&card.id);
        // The bench's images have 6 x 6 pixels.
        if card.parameters.iter().any(|parameter| parameter.id == "patch") {
            encoder = encoder.with("patch", 3.0);
        }
        let bench = Bench::with_encoder(Choice::of("fine-tune"), encoder.clone(), OLD_DIMS as u32);
        let old = Bench::with_encoder(Choice::plain(), encoder, OLD_DIMS as u32).training().model().unwrap();
        let mut setup = bench.setup_after(old.clone());
        let images = bench.images(99);
        let expected = block_on(values(old.embed(&images).unwrap()));
        setup.init = Init::new(Seed(77).stream("other weights"), bench.engine.training());
        let new = lab::start::<Extended<FineTune>>(setup).unwrap().model().unwrap();
        assert_eq!(block_on(values(new.embed(&images).unwrap())), expected, "{}", card.id);
    }
}

#[test]
fn fine_tuning_refuses_what_has_other_weights() {
    let bench = Bench::with_encoder(Choice::of("fine-tune"), Choice::of("cnn"), OLD_DIMS as u32);
    let error = lab::start::<Extended<FineTune>>(bench.setup()).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("it has no tensor 'encoder."), "{error}");
}

#[test]
fn unibct_asks_twice_for_its_features_and_changes_its_prototypes() {
    let bench = Bench::new(Choice::of("unibct").with("start", 0.3), NEW_DIMS);
    let mut training = bench.training();
    let influence = |training: &mut Box<dyn Training>| {
        let term = training.step(&bench.batch(0), 0.0).unwrap().terms.pop().unwrap();
        block_on(values(term.value))[0]
    };
    assert!(!training.wants_features(0.29) && training.wants_features(0.3));
    let before = influence(&mut training);
    let features = bench.own_features(training.model().unwrap().as_ref());
    training.observe(&features);
    assert!(!training.wants_features(0.59) && training.wants_features(0.6));
    assert_ne!(before, influence(&mut training), "the prototypes moved");
    training.observe(&features);
    assert!(!training.wants_features(0.99));
}

#[test]
fn influence_on_old_classes_leaves_the_others_alone() {
    let bench = Bench::new(Choice::of("bct").with("influence_on", 1.0), NEW_DIMS);
    let (system, all) = (bench.system::<Extended<Bct>>(), bench.batch(0));
    // The bench's labels go round its six classes, of which the old model saw four.
    let old: Vec<i32> = (0..24).filter(|item| item % 6 < 4).collect();
    let old = Tensor::<1, Int>::from_data(old.as_slice(), &bench.engine.training());
    let seen = Batch {
        items: Inputs::Pixels(all.items.pixels().unwrap().select(0, old.clone())),
        labels: Some(all.labels().unwrap().select(0, old)),
        ..all.clone()
    };
    let (found, expected) = (term(&system, &all, "influence"), term(&system, &seen, "influence"));
    assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
    let unseen = Batch { labels: Some(all.labels().unwrap().zeros_like().add_scalar(5)), ..all };
    assert_eq!(term(&system, &unseen, "influence"), 0.0);
}

#[test]
fn old_embeddings_take_the_place_of_new_ones() {
    let bench = Bench::new(Choice::of("mixbct").with("share", 0.5), OLD_DIMS as u32);
    let (system, batch) = (bench.system::<Extended<MixBct>>(), bench.batch(0));
    let blackened = |from: usize| {
        let items = batch.items.pixels().unwrap().slice_fill(from..from + 12, 0.0);
        term(&system, &Batch { items: Inputs::Pixels(items), ..batch.clone() }, "task")
    };
    let whole = term(&system, &batch, "task");
    assert_eq!(whole, blackened(0), "the first half is not looked at");
    assert_ne!(whole, blackened(12), "the second half is");
    let rng = Seed(6).stream("other numbers");
    assert_ne!(whole, term(&system, &Batch { rng, ..batch.clone() }, "task"), "what is mixed in is drawn anew");
}

#[test]
fn impossible_settings_are_refused_with_the_bound() {
    let sentence = |method: Choice, dims| {
        let mut scenario = small();
        (scenario.stages[1].method, scenario.stages[1].dims) = (method, dims);
        Runner::new(scenario, dataset(), engine(), no_time).map(|_| ()).unwrap_err().to_string()
    };
    let prefix = ["bct", "l2", "oca", "naive-extra-dims", "ract", "lce", "nccl", "unibct", "advbct"];
    for id in prefix {
        let said = sentence(Choice::of(id), 12);
        assert!(said.ends_with("the new model has 12; choose at least 16."), "{id}: {said}");
    }
    assert!(sentence(Choice::of("mixbct"), 32).ends_with("the old model has 16 dims and the new one 32; choose 16."));
    assert!(sentence(Choice::of("simplex"), 32).ends_with("the old model has 16, the new one 32; choose 16."));
    for id in ["translation", "procrustes", "affine"] {
        let said = sentence(Choice::of(id).with("direction", 1.0), 32);
        assert!(said.ends_with("old model, but new queries have 32; choose 16."), "{id}: {said}");
    }
    assert!(sentence(Choice::of("fine-tune"), 16).ends_with("choose the same for both stages."));

    let mut chain = small();
    chain.stages.push(Stage { method: Choice::of("fine-tune"), dims: 24, ..chain.stages[1].clone() });
    let said = Runner::new(chain, dataset(), engine(), no_time).map(|_| ()).unwrap_err().to_string();
    assert!(said.starts_with("Stage 3: ") && said.contains("the encoder of BT² has other outputs"), "{said}");
}
