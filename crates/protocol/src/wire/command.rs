//! What the page asks of a worker and what a worker answers.

use serde::{Deserialize, Serialize};

use crate::{Adjustment, EngineReport, Event, ModelId, Packed, Scenario, Timing, Workload};

/// A request, in the imperative.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Drop the current run and prepare this scenario, paused.
    Prepare {
        /// What to run.
        scenario: Scenario,
        /// On which engine.
        engine: EngineChoice,
    },
    /// Drop the current run and make ready to go on from the checkpoint that travels beside this message, paused. The events up
    /// to it are not said again.
    Resume,
    /// Run until told otherwise.
    Play,
    /// Stop after the current slice of work.
    Pause,
    /// Do this much, then pause.
    Step {
        /// How much.
        unit: StepUnit,
    },
    /// How fast to go.
    SetPace {
        /// The pace.
        pace: Pace,
    },
    /// Change a setting of models that are not trained yet, without a reset.
    Adjust {
        /// Which one, and to what.
        adjustment: Adjustment,
    },
    /// Write a trained model to a SafeTensors file.
    Export {
        /// Which one.
        model: ModelId,
    },
    /// Rebuild models from SafeTensors files, which travel beside this message, and measure them.
    Import,
    /// Search every gallery for a picture that travels beside this message, with every model that is done. It is of the size of the
    /// dataset's pictures, 8 bits per channel, one channel after the other.
    Find,
    /// Time a piece of work, whatever run there is.
    Probe {
        /// On which engine.
        engine: EngineChoice,
        /// The work.
        workload: Workload,
        /// When to stop repeating it.
        budget_ms: f64,
    },
    /// Take files of an own dataset that the browser does not keep, for as long as the worker lives. They travel beside this message, in
    /// this order.
    Lend {
        /// Paths of the files, relative to the folder of the datasets.
        paths: Vec<String>,
    },
    /// Say [`Message::Alive`] as soon as a message is heard, whatever is under way.
    Ping,
}

/// Which engine to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineChoice {
    /// WebGPU where it is usable and faster, else CPU.
    #[default]
    Auto,
    /// CPU.
    Cpu,
    /// WebGPU.
    Webgpu,
}

/// A unit of stepping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepUnit {
    /// One training step.
    Batch,
    /// To the end of the epoch.
    Epoch,
    /// To the end of the phase.
    Phase,
}

/// How fast a run goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// As fast as the engine can.
    #[default]
    Full,
    /// At most this many training steps a second.
    StepsPerSecond(f64),
}

/// What a picture finds under one pair of models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nearest {
    /// Model that embedded the picture.
    pub query: ModelId,
    /// Model that embedded the gallery.
    pub gallery: ModelId,
    /// Ids of the best gallery items, best first.
    pub items: Packed<u16>,
}

/// A worker's answer. Images and weights travel beside it as transferred buffers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// First message: the worker can listen now.
    Hello {
        /// [`crate::PROTOCOL`] of the worker.
        protocol: u32,
    },
    /// Facts of the run, in order.
    Events {
        /// The facts.
        events: Vec<Event>,
    },
    /// Whether the run is going on, and on what.
    Pacing {
        /// Whether it is going on by itself.
        playing: bool,
        /// The engine in use.
        engine: EngineReport,
    },
    /// The test images, 8 bits per channel; the pixels travel beside this message.
    Images {
        /// How many.
        count: u32,
        /// Channels: 1 or 3.
        channels: u32,
        /// Rows.
        height: u32,
        /// Columns.
        width: u32,
    },
    /// The run after all events so far, as a file to go on from; its bytes travel beside this message.
    Checkpointed,
    /// A model file; its bytes travel beside this message.
    Exported {
        /// Suggested file name.
        file: String,
        /// The card that is also inside the file, as JSON: the page saves it and need not be able to read it.
        card: String,
    },
    /// What a probe found.
    Probed(Timing),
    /// What a picture finds that was to be searched for: no fact of the run, since it is no item of the dataset.
    Found {
        /// Under every pair of models that are done.
        nearest: Vec<Nearest>,
    },
    /// The files that were to be imported are of a run with methods that only a program with every family has. They travel beside this
    /// message, to be brought there; the run is as it was.
    Elsewhere,
    /// The worker hears what it is told.
    Alive,
    /// A request could not be done; the run is as it was.
    Refused {
        /// Why, and what to do.
        reason: String,
    },
}
