//! The methods, one file each. A method is a card, a check of its parameters and a way to start training.
//!
//! To add one: write its file, add its line to [`METHODS`]. Controls, links, flags, curves and reports follow from the card.

mod bct;
mod bt2;
mod independent;

use protocol::{MethodCard, Stage};

pub use bct::Bct;
pub use bt2::Bt2;
pub use independent::Independent;

use crate::{LabError, Setup, Training};

/// A published way of changing a model, or a control.
pub struct Method {
    /// Paper, parameters, needs, loss terms, claims.
    pub card: fn() -> MethodCard,
    /// Refuses parameters that cannot work together, with the bound in the sentence. `old_dims` are the floats per item
    /// that the stage before stores.
    pub check: fn(stage: &Stage, old_dims: usize) -> Result<(), LabError>,
    /// Floats stored per item by a stage that uses it.
    pub stored_dims: fn(stage: &Stage) -> usize,
    /// Starts training.
    pub start: fn(Setup) -> Result<Box<dyn Training>, LabError>,
}

/// Every method that the lab knows.
pub const METHODS: &[Method] = &[independent::METHOD, bct::METHOD, bt2::METHOD];

/// The method with this id.
///
/// # Errors
/// [`LabError::Scenario`] if there is none.
pub fn method(id: &str) -> Result<&'static Method, LabError> {
    let found = METHODS.iter().find(|method| (method.card)().id == id);
    found.ok_or_else(|| LabError::Scenario(format!("There is no method '{id}'; choose one of the catalogue.")))
}

/// For methods whose parameters are independent of each other.
fn anything_goes(_: &Stage, _: usize) -> Result<(), LabError> {
    Ok(())
}

/// For methods that store what the encoder gives.
fn encoder_dims(stage: &Stage) -> usize {
    stage.dims as usize
}
