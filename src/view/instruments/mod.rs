//! What the panels show of a run, each a function of the log.
//!
//! | module | what it makes |
//! | --- | --- |
//! | [`matrix`], [`verdict`] | the compatibility matrix and the judgement on it |
//! | [`strips`], [`own_query`] | one query and what it finds under each pair of models; a picture of the reader's own as one |
//! | [`ledger`], [`classes`] | what an upgrade did to each query, and to each class |
//! | [`blocks`] | what the parts of a stored vector hold and find |
//! | [`scores`], `histogram` | how alike pairs of one class and of two look, as histograms |
//! | [`curves`] | what happened over the training and over a backfill |
//! | [`map`], [`prototypes`], [`selection`] | old and new embeddings and class vectors in one plane, and the items selected there |
//! | [`lens`], [`find`] | the part of the map on show, and items found on it |
//! | [`marks`] | the marks of the map as pixels |
//! | [`grid`], [`grid_drawing`] | any table that was measured, on the page and as a file |
//! | [`numbers`] | readings of any quantity, over the training or over the models |
//! | [`exhibits`], `exhibit_drawing` | what models made: points, pictures, sentences |

pub mod blocks;
pub mod classes;
pub mod curves;
#[cfg(feature = "page")]
pub mod exhibit_drawing;
pub mod exhibits;
pub mod find;
pub mod grid;
pub mod grid_drawing;
#[cfg(feature = "page")]
pub mod histogram;
pub mod ledger;
pub mod lens;
pub mod map;
pub mod marks;
pub mod matrix;
pub mod numbers;
pub mod own_query;
pub mod prototypes;
pub mod scores;
pub mod selection;
pub mod strips;
pub mod verdict;
