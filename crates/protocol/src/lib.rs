//! What the parts of the lab say to each other: scenarios, commands, events, and the run log that events fold into.
//!
//! Serde only: no engine, no browser, no clock. Everything here can be written to a file, put in a link or sent to a
//! worker, and everything that a view shows is a function of a [`RunLog`].
//!
//! ```text
//! Scenario --(Command::Start)--> runner --Event, Event, Event--> RunLog --> views
//! ```

mod card;
mod run;
mod scenario;
mod wire;

pub use card::{
    Bound, BridgeCard, Catalogue, Claim, ClaimMetric, ClaimsReport, DatasetInfo, EncoderCard, Finding, GivenModel,
    ItemKind, JudgedClaim, Kind, MethodCard, ModelCard, Need, Needs, Notes, Parameter, Preset, Read, Reference, Role,
    SelfCheck, Side, Suits, UpgradeKind, Values, WeightsUse,
};
pub use run::{
    Adjusted, Adjustment, Backfill, BackfillOrder, BackfillPoint, Better, Block, Blocks, CHECKPOINTS, Cell, Chain,
    ChainScores, Cost, EngineKind, EngineReport, EqualCosines, Evaluation, Event, Exhibit, Fault, FaultKind, Growth,
    LeftOut, LossPoint, LossTerm, ModelId, ModelIdError, ModelLog, Packed, Phase, PhaseKind, Progress, Projection,
    Prototypes, Quantity, Ranking, Rates, Reading, Recording, RecordingError, RunLog, RunState, Sample, Scores,
    Setting, StepTimes, Table, Things, Upkeep, Verdict,
};
pub use scenario::{
    Choice, DataSpec, EvaluationSpec, Field, LinkError, Scenario, Schedule, Stage, from_link, run_fields, stage_fields,
    to_link, view_setting, with_view_setting,
};
pub use wire::{
    Answered, Answers, Command, DATA_FOLDER, DecideAnswer, DecideRequest, DecideSettings, Decision, EngineChoice,
    GpuProgram, ImportAnswer, ImportProgress, ImportRequest, ImportStage, Message, Nearest, OWN_CACHE, OWN_FILES, Pace,
    ReportPart, ReportSection, StepUnit, TENSOR_FILES, Timing, Workload,
};

/// Version of the messages between page and worker. Both sides compare it in the first message, since worker files are
/// not renamed when they change and a cached worker can meet a newer page.
pub const PROTOCOL: u32 = 11;

/// Version of [`Scenario`] as it stands in files; links count theirs by themselves (`scenario/link.rs`).
pub const SCENARIO_FORMAT: u32 = 1;
