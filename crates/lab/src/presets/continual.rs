//! Task after task.

use protocol::{Choice, Preset, Stage};

use super::{mlp, preset};

/// A task of a stream: two classes, from number `first` on; those before do not come back.
fn of_stream(first: u32, method: Choice, stage: &Stage) -> Stage {
    let sees = [("first".to_owned(), f64::from(first))].into();
    Stage { classes: first + 2, sees, method, ..stage.clone() }
}

/// NMC behind a first model, on five tasks of two classes.
pub(super) fn presets() -> Vec<Preset> {
    let old = Stage { encoder: mlp(64), ..Stage::default() };
    vec![preset(
        "stream",
        "Five tasks",
        "Two classes at a time, and those before do not come back: the first model's encoder is frozen, and each later class is \
             no more than the mean of its features. Watch what each task is worth to the later models, and that no gallery ever breaks; \
             then take sequential fine-tuning for the later stages, or EWC for all of them, or rehearse a few images, and watch what is forgotten.",
        [
            of_stream(0, Choice::plain(), &old),
            of_stream(2, Choice::of("nmc"), &old),
            of_stream(4, Choice::of("nmc"), &old),
            of_stream(6, Choice::of("nmc"), &old),
            of_stream(8, Choice::of("nmc"), &old),
        ],
    )]
}
