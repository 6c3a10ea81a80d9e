//! What a reader of a run must know of its data before it begins, in sentences.

use data::{Dataset, Part};
use protocol::{DataSpec, ModelId, Need};

use crate::Draw;
use crate::images::TrainingImages;
use crate::plan::Plan;

/// Says that a model is to forget something and knows of nothing, if it is so.
pub(super) fn nothing_to_forget(plan: &Plan, model: ModelId, training: &TrainingImages) -> Option<String> {
    let wants = plan.needs(model, Need::Forget) && !model.independent;
    (wants && training.beside(Draw::Forget).is_empty()).then(|| {
        format!("Stage {}: nothing is known of what was tampered with, so there is nothing to forget.", model.stage)
    })
}

/// Says that some classes have fewer items than are asked for, if they do.
pub(super) fn smaller_classes(dataset: &Dataset, spec: &DataSpec) -> Option<String> {
    let classes = dataset.class_names.len();
    let short = |part: &Part, asked: u32, name: &str| {
        let counts: Vec<usize> = part.by_class(classes).iter().map(Vec::len).collect();
        let fewer = counts.iter().filter(|&&count| count < asked as usize).count();
        let least = counts.into_iter().min().unwrap_or_default();
        (fewer > 0)
            .then(|| format!("{fewer} of {classes} classes have fewer than {asked} {name} items, the smallest {least}"))
    };
    let train = short(&dataset.train, spec.train_per_class, "training");
    let test = short(&dataset.test, spec.test_per_class, "test");
    let found: Vec<String> = train.into_iter().chain(test).collect();
    (!found.is_empty()).then(|| format!("{}: they give all they have.", found.join("; ")))
}
