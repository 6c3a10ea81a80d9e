//! The methods, one file each, in families. A method is a card, a check of its parameters and a way to start training.
//!
//! To add one: write its file, add its line to the table of its family. Controls, links, flags, curves and reports follow from
//! the card.

#[cfg(feature = "wide")]
pub mod adapt;
pub mod compat;
#[cfg(feature = "wide")]
pub mod continual;
#[cfg(feature = "wide")]
pub mod generate;
#[cfg(feature = "wide")]
pub mod merge;
#[cfg(feature = "wide")]
pub mod sequence;
#[cfg(feature = "wide")]
pub mod unlearn;

#[cfg(feature = "wide")]
use protocol::Choice;
use protocol::{MethodCard, ModelId, Parameter, Stage, UpgradeKind};

use crate::claims::Rule;
use crate::{LabError, Setup, Training};

/// A published way of changing a model, or a control.
pub struct Method {
    /// Id used by [`Stage::method`].
    pub id: &'static str,
    /// Paper, parameters, needs, loss terms, claims.
    pub card: fn() -> MethodCard,
    /// What is claimed of it, with the rules that the claims report judges by; empty for what nobody claims anything of, and in programs
    /// that [carry no rules](crate::claims::judged).
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

/// Methods that change the same about a model.
struct Family {
    kind: UpgradeKind,
    methods: &'static [Method],
}

/// The families that every program has.
const FAMILIES: &[Family] = &[Family { kind: UpgradeKind::Retrain, methods: compat::METHODS }];

/// The families that only wide programs have, in the order in which they are offered.
#[cfg(not(feature = "wide"))]
const WIDE: &[Family] = &[];
#[cfg(feature = "wide")]
const WIDE: &[Family] = &[
    Family { kind: UpgradeKind::Retrain, methods: compat::BEYOND },
    Family { kind: UpgradeKind::Stream, methods: continual::METHODS },
    Family { kind: UpgradeKind::Merge, methods: merge::METHODS },
    Family { kind: UpgradeKind::Unlearn, methods: unlearn::METHODS },
    Family { kind: UpgradeKind::Adapt, methods: adapt::METHODS },
    Family { kind: UpgradeKind::Sequence, methods: sequence::METHODS },
    Family { kind: UpgradeKind::Generate, methods: generate::METHODS },
];

/// Every method that this program has: none, published ones, baselines and controls. Those of compatibility, which every program has, come
/// first.
pub fn methods() -> impl Iterator<Item = &'static Method> {
    every().map(|(family, _)| family).flat_map(|family| family.methods)
}

/// The families that this program has, with a word on those that only wide programs have.
fn every() -> impl Iterator<Item = (&'static Family, bool)> {
    FAMILIES.iter().map(|family| (family, false)).chain(WIDE.iter().map(|family| (family, true)))
}

/// The cards of all methods, each of the kind of its family.
pub(crate) fn cards() -> Vec<MethodCard> {
    let cards = every().flat_map(|(family, wide)| {
        family.methods.iter().map(move |method| MethodCard { wide, ..(method.card)().of_kind(family.kind) })
    });
    cards.collect()
}

/// The method with this id.
///
/// # Errors
/// [`LabError::UnknownMethod`] if this program has none.
pub fn method(id: &str) -> Result<&'static Method, LabError> {
    methods().find(|method| method.id == id).ok_or_else(|| LabError::UnknownMethod(id.to_owned()))
}

/// The parameter of adapters that [`old_only`] describes.
pub(crate) const OLD_ONLY: &str = "old_only";

/// An encoder for a sentence: "mlp with hidden 64".
#[cfg(feature = "wide")]
fn told(encoder: &Choice) -> String {
    let values: Vec<String> = encoder.values.iter().map(|(id, value)| format!("{id} {value}")).collect();
    if values.is_empty() { encoder.id.clone() } else { format!("{} with {}", encoder.id, values.join(", ")) }
}

/// Why a stage cannot take over the weights of one with another encoder.
#[cfg(feature = "wide")]
fn other_encoder(why: &str, old: &Choice, new: &Choice) -> LabError {
    let (old, new) = (told(old), told(new));
    LabError::Scenario(format!("{why}: that has {old}, the new stage {new}; choose {old}."))
}

/// Whether an adapter is made on images of the old classes alone.
pub(crate) fn old_only() -> Parameter {
    Parameter::flag(
        OLD_ONLY,
        "Old classes only",
        false,
        "Makes the map on the classes that the old model was trained on, so that the later ones show how far it carries.",
    )
}

/// The parameter of adapters that [`further`] describes.
pub(crate) const FURTHER: &str = "further";

/// On how many classes an adapter is made that its frozen new model never saw.
pub(crate) fn further() -> Parameter {
    Parameter::integer(
        FURTHER,
        "Further classes",
        (0, 98),
        0,
        "Classes that the map is made on beyond those of the stage, to which the frozen new model keeps: what it adapts to.",
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
