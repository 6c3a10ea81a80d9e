//! What travels between page and workers.

mod command;
mod decide;
mod gpu_program;
mod own;
mod probe;

pub use command::{Command, EngineChoice, Message, Nearest, Pace, StepUnit};
pub use decide::{Answered, Answers, DecideAnswer, DecideRequest, DecideSettings, Decision, ReportPart, ReportSection};
pub use gpu_program::GpuProgram;
pub use own::{
    DATA_FOLDER, ImportAnswer, ImportProgress, ImportRequest, ImportStage, OWN_CACHE, OWN_FILES, TENSOR_FILES,
};
pub use probe::{Timing, Workload};
