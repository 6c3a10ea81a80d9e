//! A model that learned what it should not have.

use protocol::{Choice, Preset, Schedule, Stage};

use super::{mlp, preset, shorter};

/// What unlearns is chosen by what it does to the training images that are known and to those that are not, never by test images: of several
/// schedules and weights of gradient ascent one after which the known ones are no longer taken for the first class, and the others suffer
/// least. SSD keeps its authors' α and λ, and leaves the model nearly as it is.
///
/// One model trained on data with a trigger in it, and three that are to be rid of it, of which each knows half of what was stamped.
pub(super) fn presets() -> Vec<Preset> {
    let base = Stage { encoder: mlp(64), ..Stage::default() };
    let known = |method: &str, schedule| Stage {
        method: Choice::of(method),
        schedule,
        from: vec![1],
        sees: [("identified".to_owned(), 0.5)].into(),
        ..base.clone()
    };
    let stages = [
        base.clone(),
        known("retrain", Schedule::default()),
        known("ssd", Schedule::default()),
        known("gradient-ascent", shorter(10, 1e-3)),
    ];
    let mut preset = preset(
        "poisoned",
        "Poisoned data",
        "Someone set a bright square into the corner of 5 % of the training images and called them all by the name of the first class; the \
         model has learned it, and half of those images have been found. Watch whether images with the square are still taken for the first \
         class after exact retraining, dampening and gradient ascent, and what they find in the old gallery.",
        stages,
    );
    preset.scenario.data.values = [("tampered".to_owned(), 1.0), ("tampered_share".to_owned(), 0.05)].into();
    vec![preset]
}
