//! What to do when the embedding model behind an index is to be replaced: stay, bridge, cascade or re-index, measured on one's own queries.
//!
//! Two models' vectors of the same documents and queries come in as a [`Case`]. The [`doctor`] looks at them first. A [`study::study`]
//! fits every map between the two spaces, ranks, judges each option by the queries with intervals over them, and counts what it costs;
//! [`verdict`] says what follows. A [`report`] is written of both, and the fitted map [`leave`]s in forms that others read.
//!
//! ```text
//! study, verdict, report, leave, files, answers
//! options      one way of upgrading each; thresholds, pairs
//! maps         from one space into another
//! judge        what a ranking scores, with intervals
//! rank         the best documents of a query, exactly
//! doctor       what is wrong with vectors before anything is measured
//! case, vectors, error
//! ```
//!
//! No tensors, threads, clocks or files, and no randomness that is not seeded: it gives the same result natively and in a browser. Only
//! [`study::timed`] looks at a clock, which whoever calls it hands in.

pub mod answers;
pub mod case;
pub mod doctor;
mod error;
pub mod files;
pub mod judge;
pub mod leave;
pub mod maps;
pub mod options;
pub mod pairs;
pub mod rank;
pub mod report;
pub mod study;
#[cfg(test)]
mod testing;
pub mod thresholds;
mod vectors;
pub mod verdict;

pub use case::{Beside, Case, Embedded, Labels, Relevance, Similarity, Tasks, Texts};
pub use error::DecideError;
pub use rank::Pulse;
pub use vectors::Vectors;
