//! Datasets, seeded splits, augmentation and batches: everything between a file of pictures and the
//! first tensor.
//!
//! Two promises hold this crate together, and both exist because a comparison of two models is only
//! worth something when nothing else changed between them:
//!
//! * **The same seed gives the same numbers**, natively and in WebAssembly, on every processor. All
//!   randomness comes from [`Seed::stream`]; nothing here asks the operating system for entropy, a
//!   clock or a thread, and no value depends on the system's mathematical library ([`Rng::normal`]
//!   says more).
//! * **Bytes are trusted only after they were measured.** [`load`] checks the length and the
//!   SHA-256 of every file against the [`Manifest`] before it reads a pixel.
//!
//! The way through: [`Manifest::parse`] -> [`load`] -> [`Dataset`] -> [`TrainSubset::indices`] ->
//! [`EpochOrder`] -> [`fill_batch`]. Training and test items live in separate [`Part`]s,
//! each with its own indices from 0.

mod augment;
mod batches;
mod corrupt;
mod count;
mod drift;
mod error;
mod gzip;
mod idx;
mod items;
mod load;
mod manifest;
mod order;
mod poison;
mod random;
mod slice;
mod split;
mod stream;
mod tamper;
#[cfg(test)]
mod testing;
mod turn;
pub mod worlds;

pub use augment::{Augmentation, EpochAugmentation, fill_batch};
pub use batches::EpochOrder;
pub use corrupt::{Corruption, MAX_SEVERITY, corrupt, corrupt_all};
pub use count::{Counted, Narrow};
pub use drift::{Domain, Drift, sees_of_pictures};
pub use error::DataError;
pub use gzip::{gunzip, gzip, gzip_telling};
pub use idx::{Element, IdxArray, IdxError};
pub use items::{Dataset, ImageShape, ItemShape, Items, Normalisation, Part};
pub use load::load;
pub use manifest::{
    DatasetManifest, FileEntry, Manifest, PerClassCounts, Provenance, Role, settings_of, sha256, verify,
};
pub use order::ClassOrder;
pub use poison::{Corner, Manipulation, Poison, Trigger, identified};
pub use random::{Rng, Seed};
pub use slice::{Slice, Wanted, sees_of_labelled, sees_of_tampered};
pub use split::{TestSubset, TrainSubset};
pub use stream::{MAX_STREAM_BATCH, StreamOrder, TestStream};
pub use tamper::{Probe, Probes, Tampering};
pub use turn::{TURNS, names_by_turn};
