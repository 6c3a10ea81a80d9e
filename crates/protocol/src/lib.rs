//! What the parts of the lab say to each other: scenarios, commands, events, and the run log that events fold into.
//!
//! Serde only: no engine, no browser, no clock. Everything here can be written to a file, put in a link or sent to a
//! worker, and everything that a view shows is a function of a [`RunLog`].
//!
//! ```text
//! Scenario --(Command::Start)--> runner --Event, Event, Event--> RunLog --> views
//! ```

mod backfill;
mod blocks;
mod card;
mod catalogue;
mod chain;
mod claim;
mod command;
mod event;
mod fields;
mod hot;
mod link;
mod log;
mod method;
mod model;
mod needs;
mod own;
mod packed;
mod parameter;
mod probe;
mod progress;
mod recording;
mod scenario;
mod scores;
mod settle;
mod verdict;

pub use backfill::{Backfill, BackfillOrder, BackfillPoint};
pub use blocks::{Block, Blocks};
pub use card::{BridgeCard, ModelCard, Notes, SelfCheck, Side, WeightsUse};
pub use catalogue::{Catalogue, DatasetInfo, EncoderCard, GivenModel, Preset};
pub use chain::{Chain, ChainScores, Growth};
pub use claim::{ClaimsReport, Finding, JudgedClaim};
pub use command::{Command, EngineChoice, Message, Pace, StepUnit};
pub use event::{
    Cell, EngineKind, EngineReport, EqualCosines, Event, Fault, FaultKind, LossTerm, Phase, PhaseKind, Rates, Sample,
};
pub use fields::{Field, run_fields, stage_fields};
pub use hot::{Adjusted, Adjustment, Setting};
pub use link::{LinkError, from_link, to_link, view_setting, with_view_setting};
pub use log::{Evaluation, LossPoint, ModelLog, Projection, Prototypes, Ranking, RunLog, RunState};
pub use method::{Claim, ItemKind, MethodCard, Read, Reference, Role, Suits};
pub use model::{ModelId, ModelIdError};
pub use needs::{Need, Needs};
pub use own::{DATA_FOLDER, ImportAnswer, ImportRequest, OWN_CACHE, OWN_FILES, TENSOR_FILES};
pub use packed::Packed;
pub use parameter::{Kind, Parameter, Values};
pub use probe::{Timing, Workload};
pub use progress::Progress;
pub use recording::{CHECKPOINTS, Recording, RecordingError};
pub use scenario::{Choice, DataSpec, EvaluationSpec, Scenario, Schedule, Stage};
pub use scores::Scores;
pub use verdict::{Cost, Upkeep, Verdict};

/// Version of the messages between page and worker. Both sides compare it in the first message, since worker files are
/// not renamed when they change and a cached worker can meet a newer page.
pub const PROTOCOL: u32 = 9;

/// Version of [`Scenario`] as it stands in files and links.
pub const SCENARIO_FORMAT: u32 = 1;
