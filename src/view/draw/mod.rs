//! What drawings are made of, whatever they show.
//!
//! | module | what it makes |
//! | --- | --- |
//! | [`series`], [`axis`], [`ticks`] | a chart before it is drawn: curves, what they go by, changes of settings on the way |
//! | [`smoothing`], [`decimate`], `chart`, `svg` | curves smoothed, thinned to pixel columns, drawn as SVG |
//! | [`reading`] | what curves say at a place on their axis |
//! | [`figure`], [`csv`] | what is saved: a chart as a document of its own, a table as text |
//! | [`labels`] | where names stand on a crowded picture |
//! | [`theme`], [`format`] | colours, numbers in words |

pub mod axis;
#[cfg(feature = "page")]
pub mod chart;
pub mod csv;
pub mod decimate;
pub mod figure;
pub mod format;
pub mod labels;
pub mod reading;
pub mod series;
pub mod smoothing;
#[cfg(feature = "page")]
pub(crate) mod svg;
pub mod theme;
pub mod ticks;
