//! The methods, one file each. A method is a card, a check of its parameters and a way to start training.
//!
//! To add one: write its file, add its line to [`METHODS`]. Controls, links, flags, curves and reports follow from the card.

mod adapted;
mod advbct;
mod affine;
mod bct;
mod bt2;
mod concatenation;
mod darkrank;
mod extended;
mod fastfill;
mod fct;
mod fine_tune;
mod fitted;
mod head;
mod hoc;
mod independent;
mod l2;
mod lambda_orthogonal;
mod lce;
mod mini_vec2vec;
mod mixbct;
mod mlp_adapter;
mod naive_extra_dims;
mod nccl;
mod oca;
mod procrustes;
mod ract;
mod simplex;
mod slerp;
mod translation;
mod unibct;

use protocol::{MethodCard, Parameter, Stage};

pub use adapted::{Adaptation, Adapted};
pub use advbct::AdvBct;
pub use bct::Bct;
pub use bt2::Bt2;
pub use darkrank::DarkRank;
pub use extended::{Addition, Extended};
pub use fastfill::FastFill;
pub use fct::Fct;
pub use fine_tune::FineTune;
pub use head::Head;
pub use hoc::Hoc;
pub use independent::{Features, Independent};
pub use l2::L2;
pub use lambda_orthogonal::LambdaOrthogonal;
pub use lce::Lce;
pub use mixbct::MixBct;
pub use mlp_adapter::MlpAdapter;
pub use nccl::Nccl;
pub use oca::Oca;
pub use ract::Ract;
pub use simplex::{Simplex, simplex};
pub use unibct::UniBct;

use crate::{LabError, Setup, Training};

/// A published way of changing a model, or a control.
pub struct Method {
    /// Paper, parameters, needs, loss terms, claims.
    pub card: fn() -> MethodCard,
    /// Refuses parameters that cannot work together, with the bound in the sentence. `before` is `None` for a first stage.
    pub check: fn(stage: &Stage, before: Option<Before>) -> Result<(), LabError>,
    /// Floats stored per item by a stage that uses it; `before` as above.
    pub stored_dims: fn(stage: &Stage, before: Option<Before>) -> usize,
    /// Starts training; [`start`](crate::start) with the method's [`System`](crate::System).
    pub start: fn(Setup) -> Result<Box<dyn Training>, LabError>,
}

/// The stage before the one that is checked.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a> {
    /// Its settings.
    pub stage: &'a Stage,
    /// Floats that it stores per item.
    pub dims: usize,
}

/// Every method that the lab knows: none, published ones, baselines and controls.
pub const METHODS: &[Method] = &[
    independent::METHOD,
    bct::METHOD,
    bt2::METHOD,
    oca::METHOD,
    simplex::METHOD,
    hoc::METHOD,
    mixbct::METHOD,
    ract::METHOD,
    unibct::METHOD,
    advbct::METHOD,
    lce::METHOD,
    nccl::METHOD,
    l2::METHOD,
    naive_extra_dims::METHOD,
    darkrank::METHOD,
    fine_tune::METHOD,
    concatenation::METHOD,
    translation::METHOD,
    procrustes::METHOD,
    affine::METHOD,
    mlp_adapter::METHOD,
    slerp::METHOD,
    mini_vec2vec::METHOD,
    lambda_orthogonal::METHOD,
    fct::METHOD,
    fastfill::METHOD,
];

/// The method with this id.
///
/// # Errors
/// [`LabError::Scenario`] if there is none.
pub fn method(id: &str) -> Result<&'static Method, LabError> {
    let found = METHODS.iter().find(|method| (method.card)().id == id);
    found.ok_or_else(|| LabError::Scenario(format!("There is no method '{id}'; choose one of the catalogue.")))
}

/// How most methods compare, for their cards.
const PREFIX: &str = "The first d_o dims of the new embedding, re-normalised, against the old gallery.";

/// How adapters of queries compare, for their cards.
const MAPPED_QUERY: &str = "The new query, mapped into the old space, against the old gallery as it is.";

/// How maps of the gallery compare, for their cards.
const MAPPED_GALLERY: &str = "The new query as it is against the old gallery, mapped into the new space.";

/// The parameter of adapters that [`old_only`] describes.
pub(crate) const OLD_ONLY: &str = "old_only";

/// Whether an adapter is made on images of the old classes alone.
fn old_only() -> Parameter {
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

/// For methods that make the first dims comparable with the old embedding: there must be as many.
fn holds_prefix(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    let (dims, old_dims) = (stage.dims as usize, before.map_or(0, |before| before.dims));
    if dims < old_dims {
        return Err(LabError::Scenario(format!(
            "{} compares the first {old_dims} dims, those of the old model, but the new model has {dims}; choose at least {old_dims}.",
            (method(&stage.method.id)?.card)().name
        )));
    }
    Ok(())
}

/// For methods that store what the encoder gives.
fn encoder_dims(stage: &Stage, _: Option<Before>) -> usize {
    stage.dims as usize
}

/// The parameter `r` of methods that store more than the stage's dims.
fn extra_dims(stage: &Stage) -> usize {
    stage.method.values.get("r").map_or(8, |&r| r as usize)
}

/// For methods that store extra dims.
fn extended_dims(stage: &Stage, before: Option<Before>) -> usize {
    encoder_dims(stage, before) + extra_dims(stage)
}
