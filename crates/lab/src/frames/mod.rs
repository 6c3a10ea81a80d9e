//! The shapes that methods have in common: what a method fills in, so that it brings neither loop nor bookkeeping.

mod adapted;
mod extended;
mod fisher;
pub(crate) mod fitted;
mod head;
mod trainer;

pub use adapted::{Adaptation, Adapted};
pub use extended::{Addition, Extended};
pub use fisher::{fisher, importance};
pub use head::Head;
pub use trainer::Trainer;
#[cfg(feature = "wide")]
pub(crate) use trainer::trained;
