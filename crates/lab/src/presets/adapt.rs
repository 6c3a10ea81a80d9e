//! A model in use, asked about pictures that changed.

use protocol::{Choice, DataSpec, EvaluationSpec, Preset, Scenario, Stage};

use super::{cnn, preset, shorter};

/// A network on clean pictures, and side by side what goes on from it when the pictures change: no adaptation, three shares of the
/// batch in its statistics, the batch alone, and TENT.
fn drift() -> Vec<Stage> {
    let source =
        Stage { encoder: cnn(8), method: Choice::of("bn-source"), schedule: shorter(6, 4e-3), ..Stage::default() };
    let alpha = |share| Choice::of("alpha-bn").with("alpha", share);
    let methods = [
        Choice::of("no-adaptation"),
        alpha(0.25),
        alpha(0.5),
        alpha(0.75),
        Choice::of("test-norm"),
        Choice::of("tent"),
    ];
    let in_use = methods.map(|method| Stage {
        method,
        from: vec![1],
        sees: [("stream_batch".to_owned(), 16.0)].into(),
        ..source.clone()
    });
    [source].into_iter().chain(in_use).collect()
}

/// Forty domains, and ways of answering them side by side.
pub(super) fn presets() -> Vec<Preset> {
    let drifts = preset(
        "drift",
        "The camera changed",
        "A network in use is asked about pictures that get noisier, darker and more blurred, forty kinds of bad in turn, and \
             nobody tells it the answers; it normalises by what it was trained on, by the batch at hand, by a share of both, or \
             learns from its own answers (TENT). Watch the online error of each, and whether what errs least still finds its items \
             in the gallery that the clean network indexed; then take batches of 2 or 128 under Data, or sort the stream by class.",
        drift(),
    );
    let scenario = Scenario {
        data: DataSpec { test_per_class: 50, ..DataSpec::default() },
        evaluation: EvaluationSpec { every: 400, queries: 100, gallery: 200, ..EvaluationSpec::default() },
        ..drifts.scenario
    };
    vec![Preset { scenario, ..drifts }]
}
