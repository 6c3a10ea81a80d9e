//! What is shown, as plain functions of the run log and the scenario: no browser, no signals, tested natively.
//!
//! - [`chrome`]: what stands around the instruments
//! - [`instruments`]: what the panels show
//! - [`draw`]: what drawings are made of
//! - [`terms`]: which words are explained; [`upgrade`]: roles of models; `few`: sorting; all of them know these
//!
//! Each may use what is named below it here.

pub mod chrome;
pub mod draw;
pub(crate) mod few;
pub mod instruments;
pub mod terms;
#[cfg(test)]
pub(crate) mod testing;
pub mod upgrade;
