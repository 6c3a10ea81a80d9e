//! Forms in which methods are in print: what each is, and that it is another.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use crate::common::{Bench, dataset, drive, engine, no_time, runner, tiny, values};
use lab::frames::Extended;
use lab::methods::compat::{AS_IN_BT2, AdvBct, Bct};
use lab::{Batch, Runner, System, Training};
use pollster::block_on;
use protocol::{Choice, ModelId, RunLog};

/// New dims of the model under test; the old one has 8.
const NEW_DIMS: u32 = 12;

/// A method with these settings.
fn set(id: &str, settings: &[(&str, f64)]) -> Choice {
    settings.iter().fold(Choice::of(id), |choice, &(id, value)| choice.with(id, value))
}

/// The value of the term `name` of a system on a batch.
fn term(system: &impl System, batch: &Batch, name: &str) -> f32 {
    let term = system.losses(batch).unwrap().into_iter().find(|term| term.name == name).unwrap();
    block_on(values(term.value))[0]
}

#[test]
fn bct_as_in_the_paper_of_bt2_is_oca_without_what_it_adds() {
    let oca = [("r", 0.0), ("transform", 2.0), ("task", 1.0), ("influence", 10.0), ("old", 0.0)];
    let benches = [set("bct", AS_IN_BT2), set("oca", &oca)].map(|method| Bench::new(method, NEW_DIMS));
    let mut trainings: Vec<Box<dyn Training>> = benches.iter().map(Bench::training).collect();
    for step in 0..5 {
        let steps = benches.iter().zip(&mut trainings).map(|(bench, training)| {
            let terms = training.step(&bench.batch(step), 0.01).unwrap().terms;
            let counted = terms.into_iter().filter(|term| term.weight != 0.0);
            counted.map(|term| (term.name, term.weight, block_on(values(term.value))[0])).collect::<Vec<_>>()
        });
        let steps: Vec<_> = steps.collect();
        // Same initial weights, same batches: the same numbers all along.
        assert_eq!((steps[0].len(), &steps[0]), (2, &steps[1]), "step {step}");
    }
}

#[test]
fn what_old_rows_are_taken_from_matters() {
    let influence = |settings: &[(&str, f64)]| {
        let bench = Bench::new(set("bct", settings), NEW_DIMS);
        term(&bench.system::<Extended<Bct>>(), &bench.batch(0), "influence")
    };
    let [rows, means] = [0.0, 1.0].map(|old_rows| influence(&[("old_rows", old_rows)]));
    assert_ne!(rows, means);
    // Of old classes alone too, and as products of what is not normalised.
    for (id, value) in [("influence_on", 1.0), ("classifier", 1.0)] {
        assert_ne!(influence(&[(id, value)]), influence(&[(id, value), ("old_rows", 1.0)]), "{id}");
    }
    // Under another head the old rows ask the same of the features.
    assert_eq!(rows, influence(&[("classifier", 2.0)]));
}

#[test]
fn a_boundary_on_old_classes_leaves_the_others_alone() {
    let boundary = |settings: &[(&str, f64)], class: i32| {
        let bench = Bench::new(set("advbct", settings), NEW_DIMS);
        let all = bench.batch(0);
        let labels = all.labels().unwrap().zeros_like().add_scalar(class);
        term(&bench.system::<Extended<AdvBct>>(), &Batch { labels: Some(labels), ..all }, "boundary")
    };
    // Of the bench's six classes the old model saw four.
    for class in 0..6 {
        let (all, old) = (boundary(&[], class), boundary(&[("boundary_on", 1.0)], class));
        assert!(all > 0.0, "class {class} lies outside");
        assert_eq!(old, if class < 4 { all } else { 0.0 }, "class {class}");
    }
}

#[test]
fn unibct_without_reach_refines_nothing() {
    let [still, reaching] =
        [0.0, 0.9].map(|a| Bench::new(set("unibct", &[("a", a), ("start", 0.0)]), NEW_DIMS).training());
    assert!(!still.wants_features(0.0) && !still.wants_features(0.99));
    assert!(reaching.wants_features(0.0));
}

#[test]
fn an_adapter_that_sees_further_leaves_its_frozen_model_where_it_is() {
    let with = |further: f64| {
        let mut scenario = tiny("lambda-orthogonal", Choice::of("mlp").with("hidden", 32.0));
        scenario.stages[1].classes = 5;
        scenario.stages[1].method = set("lambda-orthogonal", &[("further", further)]);
        scenario
    };
    let (new, star, old) = (ModelId::deployed(2), ModelId::independent(2), ModelId::deployed(1));
    let [none, five] = [0.0, 5.0].map(|further| RunLog::of(&block_on(drive(&mut runner(with(further))))));
    let map = |log: &RunLog, query, gallery| log.cell(query, gallery).unwrap().all.map;
    let steps = |log: &RunLog, model| log.models[&model].trained.unwrap();
    for (query, gallery) in [(star, star), (star, old)] {
        assert_eq!(map(&none, query, gallery), map(&five, query, gallery));
    }
    assert_ne!(map(&none, new, old), map(&five, new, old));
    assert!(steps(&five, new) > steps(&none, new), "more classes are more images");
    assert!(five.cell(new, old).unwrap().unseen.is_some(), "classes new to both are measured apart");
    // There are ten.
    assert!(Runner::new(with(6.0), dataset(), engine(), no_time).is_err());
}
