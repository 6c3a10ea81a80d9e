//! What is measured of models, apart from how they are trained: each readout turns what the runner holds into facts.
//!
//! Retrieval and what models know every program measures. The rest is [`further`] and comes with the families that ask for it: a program
//! without them is compiled with an empty room in its place, since a readout that awaits something stays in a program that never calls it.

#[cfg(feature = "wide")]
mod cost;
#[cfg(feature = "wide")]
pub(crate) mod further;
#[cfg(not(feature = "wide"))]
#[path = "no_further.rs"]
pub(crate) mod further;
#[cfg(feature = "wide")]
mod items;
pub(crate) mod knowledge;
#[cfg(feature = "wide")]
mod places;
#[cfg(feature = "wide")]
mod probes;
pub(crate) mod retrieval;
#[cfg(feature = "wide")]
mod samples;
#[cfg(feature = "wide")]
mod stream;
