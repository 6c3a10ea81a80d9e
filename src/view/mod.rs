//! What is shown, as plain functions of the run log and the scenario: no browser, no signals, tested natively.
//!
//! | module | what it makes |
//! | --- | --- |
//! | [`about`] | what a reader must know beside the numbers |
//! | [`actions`] | the one table behind buttons, keys and the list of shortcuts |
//! | [`form`] | the set-up form, from described parameters |
//! | [`claims`] | what is claimed of a method and what was found |
//! | [`timeline`], [`transport`], [`summary`] | where a run stands: as a stepper, as a status line, as a spoken sentence |
//! | [`matrix`], [`verdict`] | the compatibility matrix and the judgement on it |
//! | [`speed`] | how fast the engines are |
//! | [`strips`] | one query and what it finds under each pair of models |
//! | [`ledger`], [`classes`] | what an upgrade did to each query, and to each class |
//! | [`scores`], `histogram` | how alike pairs of one class and of two look, as histograms |
//! | [`curves`], [`decimate`], `chart` | curves, thinned to pixel columns, drawn as SVG |
//! | [`map`] | old and new embeddings in one plane |
//! | [`upgrade`], [`theme`], [`format`] | roles of models, colours, numbers in words |

pub mod about;
pub mod actions;
#[cfg(feature = "page")]
pub mod chart;
pub mod claims;
pub mod classes;
pub mod curves;
pub mod decimate;
pub mod form;
pub mod format;
#[cfg(feature = "page")]
pub mod histogram;
pub mod ledger;
pub mod map;
pub mod matrix;
pub mod scores;
pub mod speed;
pub mod strips;
pub mod summary;
#[cfg(feature = "page")]
mod svg;
#[cfg(test)]
pub(crate) mod testing;
pub mod theme;
pub mod timeline;
pub mod transport;
pub mod upgrade;
pub mod verdict;
