//! One model made of several.

use protocol::{Choice, Preset, Stage};

use super::{mlp, preset, shorter};

/// A model of four classes, two branches with three more each, and what is merged of them, by a share that was chosen as
/// `methods/merge/merging.rs` says.
fn merge() -> [Stage; 4] {
    let base = Stage { classes: 4, encoder: mlp(128), ..Stage::default() };
    let branch = |classes, first| Stage {
        classes,
        rehearsal: 20,
        method: Choice::of("branch"),
        schedule: shorter(10, 5e-4),
        from: vec![1],
        sees: [("first".to_owned(), first)].into(),
        ..base.clone()
    };
    let merged =
        Stage { classes: 10, method: Choice::of("fisher").with("lambda", 0.75), from: vec![2, 3], ..base.clone() };
    [base.clone(), branch(7, 4.0), branch(10, 7.0), merged]
}

/// Two branches and what is merged of them.
pub(super) fn presets() -> Vec<Preset> {
    vec![preset(
        "merge",
        "Two models, one wanted",
        "One model went into two teams, and each trained it on classes of its own. Their weights are put together without a step of \
             training: watch what the merged model knows of both teams' classes, and what its queries find in either gallery.",
        merge(),
    )]
}
