//! A model that learned what it should not have.

use protocol::{Choice, Preset, Schedule, Stage};

use super::{mlp, preset, shorter};

/// What unlearns is set by what it does to training images, never by test images, with a seed that no claim is judged on (11): gradient
/// ascent so that few of the known ones are still taken for the first class, and the others suffer least; SSD so that the fewest are,
/// 77 % of them with α = 0.03 and λ = 0.01, while accuracy on the others falls by 1.4 points. Its authors' α = 10 and λ = 1 leave all.
/// What it costs varies with the seed: as `upgrade-lab record poisoned` has it (seed 1), clean test accuracy falls from 85.4 to 65.7 % where
/// corrected accuracy rises from 0.1 to 52.3 %.
///
/// One model trained on data with a trigger in it, and three that are to be rid of it, of which each knows half of what was stamped.
pub(super) fn presets() -> Vec<Preset> {
    let base = Stage { encoder: mlp(64), ..Stage::default() };
    let known = |method, schedule| Stage {
        method,
        schedule,
        from: vec![1],
        sees: [("identified".to_owned(), 0.5)].into(),
        ..base.clone()
    };
    let stages = [
        base.clone(),
        known(Choice::of("retrain"), Schedule::default()),
        known(Choice::of("ssd").with("alpha", 0.03).with("lambda", 0.01), Schedule::default()),
        known(Choice::of("gradient-ascent"), shorter(10, 1e-3)),
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
