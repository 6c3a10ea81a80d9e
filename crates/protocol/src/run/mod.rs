//! A run: its facts, what they fold into, and the recording that any moment of it can be shown from.

mod backfill;
mod blocks;
mod chain;
mod event;
mod hot;
mod left_out;
mod log;
mod model;
mod packed;
mod progress;
mod quantity;
mod recording;
mod scores;
mod verdict;

pub use backfill::{Backfill, BackfillOrder, BackfillPoint};
pub use blocks::{Block, Blocks};
pub use chain::{Chain, ChainScores, Growth};
pub use event::{
    Cell, EngineKind, EngineReport, EqualCosines, Event, Fault, FaultKind, LossTerm, Phase, PhaseKind, Rates, Sample,
};
pub use hot::{Adjusted, Adjustment, Setting};
pub use left_out::LeftOut;
pub use log::{Evaluation, LossPoint, ModelLog, Projection, Prototypes, Ranking, RunLog, RunState};
pub use model::{ModelId, ModelIdError};
pub use packed::Packed;
pub use progress::{Progress, StepTimes};
pub use quantity::{Better, Exhibit, Quantity, Reading, Table, Things};
pub use recording::{CHECKPOINTS, Recording, RecordingError};
pub use scores::Scores;
pub use verdict::{Cost, Upkeep, Verdict};
