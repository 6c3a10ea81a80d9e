//! What is shown, as plain functions of the run log and the scenario: no browser, no signals, tested natively.
//!
//! | module | what it makes |
//! | --- | --- |
//! | [`about`] | what a reader must know beside the numbers |
//! | [`actions`], [`chord`] | the one table behind buttons, keys, the palette and the list of shortcuts |
//! | [`palette`] | what the command palette lists, and how it is found |
//! | [`history`] | undo of settings |
//! | [`hidden`], [`instrument`] | which controls a link hides, and which instrument it gives all the room |
//! | [`tour`] | short tours that follow what the reader does |
//! | [`hot`] | what a change asks of a run under way: an adjustment, or a reset |
//! | [`form`] | the set-up form, from described parameters |
//! | [`claims`] | what is claimed of a method and what was found |
//! | [`timeline`], [`transport`], [`summary`] | where a run stands: as a stepper, as a status line, as a spoken sentence |
//! | [`phases`] | what a training step does, part by part |
//! | [`matrix`], [`verdict`] | the compatibility matrix and the judgement on it |
//! | [`opened`] | what files that a reader opens are for |
//! | [`operations`] | the upgrade in operation: deploy, backfill, cut over, roll back |
//! | [`speed`] | how fast the engines are |
//! | [`strips`] | one query and what it finds under each pair of models |
//! | [`ledger`], [`classes`] | what an upgrade did to each query, and to each class |
//! | [`runs`] | finished runs that are kept, and how they compare |
//! | [`sweep`] | several methods and seeds at once: which runs, how far they are, what came of them |
//! | [`blocks`] | what the parts of a stored vector hold and find |
//! | [`scores`], `histogram` | how alike pairs of one class and of two look, as histograms |
//! | [`ticks`] | changes of settings on the way, as marks on a chart |
//! | [`curves`], [`axis`], [`smoothing`], [`decimate`], `chart` | curves over an axis, smoothed, thinned to pixel columns, drawn as SVG |
//! | [`figure`], [`csv`] | what is saved: a chart as a document of its own, a table as text |
//! | [`map`], [`prototypes`], [`selection`] | old and new embeddings and class vectors in one plane, and the items selected there |
//! | [`marks`], [`labels`] | the marks of the map as pixels, and where names stand among them |
//! | [`upgrade`], [`theme`], [`format`] | roles of models, colours, numbers in words |

pub mod about;
pub mod actions;
pub mod axis;
pub mod blocks;
#[cfg(feature = "page")]
pub mod chart;
pub mod chord;
pub mod claims;
pub mod classes;
pub mod csv;
pub mod curves;
pub mod decimate;
pub mod figure;
pub mod form;
pub mod format;
pub mod hidden;
#[cfg(feature = "page")]
pub mod histogram;
pub mod history;
pub mod hot;
pub mod instrument;
pub mod labels;
pub mod ledger;
pub mod map;
pub mod marks;
pub mod matrix;
pub mod opened;
pub mod operations;
pub mod palette;
pub mod phases;
pub mod prototypes;
pub mod runs;
pub mod scores;
pub mod selection;
pub mod smoothing;
pub mod speed;
pub mod strips;
pub mod summary;
#[cfg(feature = "page")]
mod svg;
pub mod sweep;
#[cfg(test)]
pub(crate) mod testing;
pub mod theme;
pub mod ticks;
pub mod timeline;
pub mod tour;
pub mod transport;
pub mod upgrade;
pub mod verdict;
