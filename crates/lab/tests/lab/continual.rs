//! What holds of learning task after task: a frozen encoder breaks no gallery, what holds nothing is plain training on, and what is
//! left for the next stage is what was said.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use crate::common::{Bench, OLD_DIMS, again, dataset, drive, engine, no_time, runner, stream, values};
use lab::frames::Extended;
use lab::methods::continual::Sequential;
use lab::{Kept, Runner, System};
use pollster::block_on;
use protocol::{Choice, Event, ModelId, RunLog, RunState, Scenario};

fn log(scenario: Scenario) -> RunLog {
    let log = RunLog::of(&block_on(drive(&mut runner(scenario))));
    assert_eq!((log.state, &log.fault), (RunState::Finished, &None));
    log
}

fn nmc() -> Scenario {
    stream(Choice::plain(), Choice::of("nmc"))
}

#[test]
fn no_gallery_of_a_frozen_encoder_ever_breaks() {
    let log = log(nmc());
    let [first, ..] = [1, 2, 3].map(ModelId::deployed);
    let of = |query, gallery| {
        let cell = log.cell(query, gallery).unwrap();
        (cell.all, cell.seen, cell.unseen)
    };
    for query in 1..=3 {
        for gallery in 1..=query {
            let [query, gallery] = [query, gallery].map(ModelId::deployed);
            assert_eq!(of(query, gallery), of(first, first), "{query} in the gallery of {gallery}");
        }
    }
    let last = log.models[&ModelId::deployed(3)].clone();
    assert_eq!((last.trained, last.dims), (Some(0), Some(16)), "no step, no other embedding");
    assert_ne!(
        log.cell(ModelId::independent(3), ModelId::deployed(2)).unwrap().all,
        of(first, first).0,
        "joint training is another model"
    );
}

#[test]
fn a_stream_has_its_tables_and_what_became_of_each_task() {
    for (first, method) in [("independent", "nmc"), ("independent", "sequential"), ("ewc", "ewc")] {
        let log = log(stream(Choice::of(first), Choice::of(method)));
        let table = log.table("accuracy").unwrap();
        assert_eq!((table.rows.as_slice(), table.columns.len()), (["v1", "v2", "v3"].map(str::to_owned).as_slice(), 3));
        for row in 0..3 {
            let known: Vec<bool> = (0..3).map(|task| table.cell(row, task).is_some()).collect();
            assert_eq!(known, [true, row >= 1, row >= 2], "{method}, row {row}");
        }
        let v3 = ModelId::deployed(3);
        for quantity in ["average-accuracy", "forgetting-best", "forgetting-first", "backward-transfer"] {
            let value = log.reading(v3, quantity, "").unwrap();
            assert!((-1.0..=1.0).contains(&value), "{method}, {quantity}: {value}");
        }
        // Class means, or Fisher information with what the numbers were; sequential training leaves nothing.
        let stored = log.reading(v3, "stored", "").unwrap();
        assert_eq!(stored > 0.0, method != "sequential", "{method}: {stored}");
        let operations = |model| log.reading(model, "flops", "").unwrap();
        assert_eq!(operations(v3), operations(ModelId::independent(3)), "{method}: one encoder");
        // Joint training sees six classes, the task two.
        let steps = |model: ModelId| log.models[&model].trained.unwrap();
        assert!(steps(ModelId::independent(3)) > steps(v3), "{method}");
    }
}

#[test]
fn what_nmc_knows_in_the_end_does_not_depend_on_how_the_classes_came() {
    let mut at_once = nmc();
    at_once.stages.remove(1);
    at_once.stages[1].sees.insert("first".to_owned(), 2.0);
    let (one_by_one, at_once) = (log(nmc()), log(at_once));
    let known = |log: &RunLog, model| log.reading(ModelId::deployed(model), "accuracy", "").unwrap();
    assert_eq!(known(&one_by_one, 3), known(&at_once, 2));
    assert!(known(&one_by_one, 3) > 1.0 / 6.0, "better than chance");
}

#[test]
fn a_class_that_nobody_kept_a_mean_of_is_never_answered_and_that_is_said() {
    let mut scenario = nmc();
    scenario.stages[1].method = Choice::of("sequential");
    let events = block_on(drive(&mut runner(scenario)));
    let said = "NMC has no mean of 2 of 6 classes, of which no model in its line kept any; it never answers with them.";
    assert!(events.iter().any(|event| matches!(event, Event::Noticed { text } if text == said)));
    let log = RunLog::of(&events);
    assert_eq!(log.reading(ModelId::deployed(3), "accuracy", "task 1"), Some(0.0));
}

#[test]
fn a_penalty_that_weighs_nothing_is_sequential_training() {
    let held = log(stream(Choice::of("ewc"), Choice::of("ewc").with("lambda", 0.0)));
    let free = log(stream(Choice::plain(), Choice::of("sequential")));
    assert_eq!(held.matrix, free.matrix);
    assert_eq!(held.table("accuracy"), free.table("accuracy"));
    let firm = log(stream(Choice::of("ewc"), Choice::of("ewc").with("lambda", 10_000.0)));
    assert_ne!(firm.matrix, free.matrix);
}

#[test]
fn sequential_training_starts_where_the_old_model_is() {
    let bench = Bench::new(Choice::of("sequential"), OLD_DIMS as u32);
    let (old, new) = (bench.old(), bench.system::<Extended<Sequential>>());
    let images = bench.images(1);
    let rows = |embedded| block_on(values::<2>(embedded));
    assert_eq!(rows(new.embed(&images.clone().autodiff()).unwrap().inner()), rows(old.embed(&images).unwrap()));
    let (before, after) = (rows(old.classifier().unwrap()), rows(new.classifier().unwrap().inner()));
    assert_eq!((before.len(), after.len()), (4 * OLD_DIMS, 6 * OLD_DIMS));
    assert_eq!(before, after[..before.len()]);
    assert!(after[before.len()..].iter().all(|number| *number != 0.0), "classes to come start anew");
}

/// What EWC leaves on the bench, where it started from what an earlier one left.
fn left(gamma: f64) -> Kept {
    let bench = Bench::new(Choice::of("ewc").with("gamma", gamma), OLD_DIMS as u32);
    let mut training = bench.training();
    let again = again(&*training, bench.images(1));
    let left = training.finish(Some(again)).unwrap();
    left.into_iter().map(|(name, numbers)| (name.to_owned(), block_on(values(numbers)))).collect()
}

#[test]
fn fisher_information_adds_up_over_tasks_and_decays() {
    let [none, half, all] = [0.0, 0.5, 1.0].map(left);
    assert_eq!(none["anchor"], all["anchor"]);
    let (new, before) = (&none["fisher"], all["fisher"].iter().zip(&none["fisher"]).map(|(all, new)| all - new));
    let before: Vec<f32> = before.collect();
    assert_eq!(new.len(), none["anchor"].len());
    assert!(new.iter().chain(&before).all(|number| *number >= -1e-6) && before.iter().sum::<f32>() > 1e-3);
    for ((half, new), before) in half["fisher"].iter().zip(new).zip(&before) {
        assert!((half - new - 0.5 * before).abs() < 1e-4 * (1.0 + half.abs()), "{half}: {new} and half of {before}");
    }
    // Two classes more than before: of their rows nothing is held.
    assert_eq!(before[before.len() - 2 * OLD_DIMS..], [0.0; 2 * OLD_DIMS]);
}

fn refusal(scenario: Scenario) -> String {
    Runner::new(scenario, dataset(), engine(), no_time).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn what_cannot_go_on_is_refused_with_what_would() {
    let mut dims = nmc();
    dims.stages[1].dims = 8;
    assert_eq!(
        refusal(dims),
        "Stage 2: NMC keeps the embedding of the model before as it is: it has 16 dims, the new stage 8; choose 16."
    );
    let mut encoder = nmc();
    encoder.stages[2].encoder = Choice::of("mlp").with("hidden", 64.0);
    let other = refusal(encoder);
    assert!(
        other.starts_with("Stage 3: NMC keeps the encoder of the model before as it is: that has mlp with "),
        "{other}"
    );
    assert!(other.contains("hidden 32, the new stage mlp with ") && other.contains("hidden 64; choose mlp"), "{other}");
    assert_eq!(
        refusal(stream(Choice::plain(), Choice::of("ewc"))),
        "Stage 2: EWC needs the Fisher information of the tasks before, which only a stage of EWC leaves; choose EWC for the stage before, too."
    );
    let mut after = nmc();
    after.stages[2].method = Choice::of("sequential");
    assert_eq!(
        refusal(after),
        "Stage 3: The model before answers by class means and has no classifier to go on from; choose a trained method for the stage before."
    );
    let mut first = stream(Choice::of("nmc"), Choice::of("nmc"));
    assert_eq!(
        first.settle(&lab::catalogue()),
        ["Stage 1: a first model has nothing to be compatible with; it is trained independently."]
    );
    let mut first = stream(Choice::of("sequential"), Choice::of("sequential"));
    assert_eq!(first.settle(&lab::catalogue()), Vec::<String>::new(), "it can stand first");
}
