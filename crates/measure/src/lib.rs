//! The science of measuring retrieval across model versions, over plain slices.
//!
//! A model upgrade is judged by retrieval: embed queries with one version of a model, a gallery with another, rank, and compare the
//! score `M(query model, gallery model)` with what the old model reached alone. This crate holds every number made that way and
//! nothing else: no tensors, no threads, no clocks, no randomness that is not seeded, so that it gives the same result natively and
//! in a browser.
//!
//! | module | what it measures |
//! | --- | --- |
//! | [`features`] | the input: row-major embeddings, their labels and identities |
//! | [`retrieval`] | rankings, mAP, CMC, recall |
//! | [`cosines`] | how alike pairs of one class and of two look: histograms, separation |
//! | [`chance`] | the same scores for a random ranking, in closed form |
//! | [`compatibility`] | one upgrade: criterion, gains, tax, P-scores |
//! | [`matrix`] | a chain of upgrades: AC, AA, BC, FC |
//! | [`pairwise`] | how many pairs satisfy the strict pairwise definition of compatibility |
//! | [`regression`] | which queries an upgrade breaks and fixes: NFR, PFR, the table of both models' answers |
//! | [`knowledge`] | what each task scores after each stage: average accuracy, forgetting by its definitions, BWT, FWT |
//! | [`forgetting`] | what a sequence of stages loses, re-indexed and with a frozen gallery |
//! | [`online`] | answers given along a stream before learning from it: online and windowed error, entropy |
//! | [`samples`] | generated points beside real ones: sliced Wasserstein, MMD, coverage, modes |
//! | [`similarity`] | likeness of two spaces up to rotation: linear CKA, mutual k-NN |
//! | [`alignment`] | adapters from one space to another, fitted after training |
//! | [`backfill`] | an index between two models: the score against the fraction re-embedded |
//! | [`projection`] | principal components, for drawing |
//! | [`linear`] | products, Cholesky factors and orthogonal factors of large matrices |
//! | [`statistics`] | spread over seeds, paired differences, exact tests, equivalence, trends, power, bootstraps over runs and queries |
//!
//! Rates and scores are fractions in `0..=1`, never percentages. A value that does not exist (no matching gallery item, no pair of
//! stages) is `None`, not zero and not NaN; input that cannot be measured is a [`MeasureError`].

pub mod alignment;
pub mod backfill;
pub mod chance;
pub mod compatibility;
pub mod cosines;
mod error;
pub mod features;
pub mod forgetting;
pub mod knowledge;
pub mod linear;
pub mod matrix;
pub mod online;
pub mod pairwise;
pub mod projection;
pub mod regression;
pub mod retrieval;
pub mod samples;
mod scores;
pub mod similarity;
pub mod statistics;

pub use error::MeasureError;
pub use features::{Features, Items};
pub use retrieval::{Retrieval, RetrievalSummary, retrieve, retrieve_counting};
