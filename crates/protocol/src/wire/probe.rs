//! How fast an engine is, found out before a run.

use serde::{Deserialize, Serialize};

use crate::{EngineReport, Scenario};

/// A piece of work that is timed. All start from random numbers and use no dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Workload {
    /// One training step of an MLP 784-256-128 on 128 images.
    MlpStep,
    /// One training step of a CNN with 16 and 32 channels and 128 dims on 64 images.
    CnnStep,
    /// The MLP's step under BCT, an old model of 128 dims beside it where the method asks for one.
    BctStep,
    /// The same under BT², with its teacher.
    Bt2Step,
    /// The same under OCA.
    OcaStep,
    /// One product of two 512x512 matrices.
    MatrixProduct,
    /// Fitting an affine adapter on 10,000 pairs of 128 dims, its test on held-out pairs included. On the host.
    AdapterFit,
    /// Ranking 2000 gallery items for each of 2000 queries by 64 dims, and scoring the rankings. On the host, whatever the engine.
    Evaluation,
}

impl Workload {
    /// The training step that says most of how fast a scenario will run: that of its last encoder's kind.
    pub fn of(scenario: &Scenario) -> Self {
        match scenario.stages.last().map(|stage| stage.encoder.id.as_str()) {
            Some("cnn") => Self::CnnStep,
            _ => Self::MlpStep,
        }
    }
}

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// What was timed.
    pub workload: Workload,
    /// On what: CPU where the engine asked for is not there.
    pub engine: EngineReport,
    /// Milliseconds each time, the median.
    pub ms: f64,
    /// How many times it was done, without warm-up.
    pub repetitions: u32,
}
