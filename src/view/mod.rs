//! What is shown, as plain functions of the run log and the scenario: no browser, no signals, tested natively.
//!
//! - [`chrome`]: what stands around the instruments
//! - [`instruments`]: what the panels show
//! - [`draw`]: what drawings are made of
//! - [`upgrade`]: roles of models, which all of them know
//!
//! Each may use what is named below it here.

pub mod chrome;
pub mod draw;
pub mod instruments;
#[cfg(test)]
pub(crate) mod testing;
pub mod upgrade;
