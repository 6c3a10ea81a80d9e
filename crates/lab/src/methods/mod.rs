//! The methods, one file each, in families. A method is a card, a check of its parameters and a way to start training.
//!
//! To add one: write its file, add its line to the table of its family. Controls, links, flags, curves and reports follow from
//! the card.

pub mod compat;
pub mod continual;
pub mod merge;
pub mod unlearn;

use protocol::{MethodCard, ModelId, Parameter, Stage};

use crate::claims::Rule;
use crate::{LabError, Setup, Training};

/// A published way of changing a model, or a control.
pub struct Method {
    /// Id used by [`Stage::method`].
    pub id: &'static str,
    /// Paper, parameters, needs, loss terms, claims.
    pub card: fn() -> MethodCard,
    /// What is claimed of it, with the rules that the claims report judges by; empty for what nobody claims anything of.
    pub claims: &'static [Rule],
    /// Refuses parameters that cannot work together, with the bound in the sentence. `before` is `None` for a first stage.
    pub check: fn(stage: &Stage, before: Option<Before>) -> Result<(), LabError>,
    /// Floats stored per item by a stage that uses it; `before` as above.
    pub stored_dims: fn(stage: &Stage, before: Option<Before>) -> usize,
    /// Starts training; [`start`](crate::start) with the method's [`System`](crate::System).
    pub start: fn(Setup) -> Result<Box<dyn Training>, LabError>,
}

/// The stage before the one that is checked; of several the first.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a> {
    /// Its settings.
    pub stage: &'a Stage,
    /// Floats that it stores per item.
    pub dims: usize,
    /// The deployed models that it goes on from itself.
    pub from: &'a [ModelId],
    /// The other stages that the one that is checked goes on from.
    pub others: &'a [Before<'a>],
}

impl<'a> Before<'a> {
    /// All stages that the one that is checked goes on from.
    pub fn all(self) -> impl Iterator<Item = Before<'a>> {
        std::iter::once(self).chain(self.others.iter().copied())
    }
}

/// The tables of the families, in the order in which they are offered.
const FAMILIES: &[&[Method]] = &[compat::METHODS, continual::METHODS, merge::METHODS, unlearn::METHODS];

/// Every method that the lab knows: none, published ones, baselines and controls.
pub fn methods() -> impl Iterator<Item = &'static Method> {
    FAMILIES.iter().copied().flatten()
}

/// The method with this id.
///
/// # Errors
/// [`LabError::Scenario`] if there is none.
pub fn method(id: &str) -> Result<&'static Method, LabError> {
    let found = methods().find(|method| method.id == id);
    found.ok_or_else(|| LabError::Scenario(format!("There is no method '{id}'; choose one of the catalogue.")))
}

/// The parameter of adapters that [`old_only`] describes.
pub(crate) const OLD_ONLY: &str = "old_only";

/// Whether an adapter is made on images of the old classes alone.
pub(crate) fn old_only() -> Parameter {
    Parameter::flag(
        OLD_ONLY,
        "Old classes only",
        false,
        "Makes the map on the classes that the old model was trained on, so that the later ones show how far it carries.",
    )
}

/// For methods whose parameters are independent of each other.
fn anything_goes(_: &Stage, _: Option<Before>) -> Result<(), LabError> {
    Ok(())
}

/// For methods that store what the encoder gives.
fn encoder_dims(stage: &Stage, _: Option<Before>) -> usize {
    stage.dims as usize
}
