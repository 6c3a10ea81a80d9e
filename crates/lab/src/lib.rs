//! Everything that touches tensors: engines, encoders, compatibility methods and the runner that puts a scenario to work.
//!
//! Knows neither browser nor terminal: the [`Runner`] does a bounded slice of work per call and returns events; when to
//! call it, and where the events go, is the caller's affair.
//!
//! Adding a method is one file in `methods/<family>/` and one line in the table of the family.

mod adam;
mod answers;
mod bridge;
pub mod claims;
mod counts;
pub mod encoders;
mod engine;
mod error;
mod export;
mod file;
pub mod frames;
mod functions;
mod images;
mod init;
mod inputs;
mod means;
pub mod methods;
mod model;
mod numbers;
mod older;
mod orthogonal;
mod parent;
mod plan;
mod portable;
mod presets;
mod probe;
mod readouts;
mod ready_made;
mod runner;
mod schedule;
mod source;
mod stored;
mod tokens;
mod training;

/// Whether this program has every family of methods, or that of compatibility alone.
pub const IS_WIDE: bool = cfg!(feature = "wide");

pub use bridge::Bridge;
pub use engine::Engine;
pub use error::LabError;
pub use export::{ModelFile, read_model};
pub use functions::{
    angular_margin, contrast, cosine_distance, cosine_logits, cross_entropies, cross_entropy, largest, normalize,
    rows_at, same_class, squared_distances,
};
pub use init::Init;
pub use inputs::Inputs;
pub use means::Means;
pub use model::{FixedHead, Model};
pub use orthogonal::{Orthogonal, orthogonality_error, random_orthogonal};
pub use parent::{Kept, Parent};
pub use portable::{NamedTensor, Portable, PortableModel, RowMap};
pub use presets::{catalogue, made};
pub use probe::probe;
pub use runner::{Checkpoint, Clock, Position, Runner};
pub use schedule::learning_rate;
pub use stored::StoredFeatures;
pub use training::{Again, Answers, Batch, Draw, Labelled, Setup, Source, Step, System, Term, Training, start};
