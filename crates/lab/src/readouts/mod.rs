//! What is measured of models, apart from how they are trained: each readout turns what the runner holds into facts.

pub(crate) mod knowledge;
pub(crate) mod places;
pub(crate) mod probes;
pub(crate) mod retrieval;
pub(crate) mod samples;
pub(crate) mod stream;
