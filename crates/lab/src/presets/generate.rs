//! Models that make points up.

use protocol::{Choice, DataSpec, EvaluationSpec, Preset, Schedule, Stage};

use super::{mlp, preset, shorter};

/// A flow, two rounds of reflow that go on from it, one as it is trained now and one as it was before, and a second round on the first.
fn flows() -> [Stage; 4] {
    let schedule = Schedule { batch: 256, decay: 0.0, ..shorter(30, 2e-3) };
    let stage = |method: Choice, from: u8| Stage {
        classes: 8,
        encoder: mlp(128).with("depth", 3.0),
        schedule: schedule.clone(),
        method,
        from: (from > 0).then_some(from).into_iter().collect(),
        ..Stage::default()
    };
    let reflow = || Choice::of("reflow");
    let as_before = reflow().with("sharpness", 0.0).with("loss", 1.0);
    [stage(Choice::of("flow-matching"), 0), stage(reflow(), 1), stage(as_before, 1), stage(reflow(), 2)]
}

/// A preset of these stages on a world of points, all of which it sees.
fn on_points<const N: usize>(world: &str, id: &str, name: &str, summary: &str, stages: [Stage; N]) -> Preset {
    let mut preset = preset(id, name, summary, stages);
    preset.scenario.data =
        DataSpec { dataset: world.to_owned(), train_per_class: 1000, shift: 0, noise: 0.0, ..DataSpec::default() };
    preset.scenario.evaluation = EvaluationSpec { loss_every: 10, every: 30, ..EvaluationSpec::default() };
    preset
}

/// The same four models on two worlds.
pub(super) fn presets() -> Vec<Preset> {
    vec![
        on_points(
            "ring",
            "reflow",
            "Straight from noise to data",
            "A flow carries noise to eight places on a ring, on curved paths that take many steps. Reflow goes on from it and learns from \
             what it makes to go there straight: watch what one Euler step makes of the same noise before and after, and whether all eight \
             places and the old samples are still there. v3 is reflow as it was trained before, v4 a second round on v2.",
            flows(),
        ),
        on_points(
            "checkerboard",
            "checkerboard",
            "Reflow with sharp edges",
            "The same four models on a checkerboard, whose cells touch at their corners, so that paths must part late. Watch how much of the \
             board one step fills after reflow, and what of it falls between the cells.",
            flows(),
        ),
    ]
}
