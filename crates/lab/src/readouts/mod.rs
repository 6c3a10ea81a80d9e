//! What is measured of models, apart from how they are trained: each readout turns what the runner holds into facts.

pub(crate) mod knowledge;
pub(crate) mod retrieval;
