//! Ways to make the embeddings of two models of one kind compatible, and their baselines and controls.

mod advbct;
mod affine;
mod bct;
mod bt2;
mod concatenation;
mod darkrank;
mod fastfill;
mod fct;
pub(super) mod fine_tune;
mod hoc;
mod independent;
mod l2;
mod lambda_orthogonal;
mod lce;
#[cfg(feature = "wide")]
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

use protocol::Stage;

pub use advbct::AdvBct;
pub use bct::{AS_IN_BT2, Bct};
pub use bt2::Bt2;
pub use darkrank::DarkRank;
pub use fastfill::FastFill;
pub use fct::Fct;
pub use fine_tune::FineTune;
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

use crate::LabError;
use crate::methods::{Before, Method, encoder_dims, method};

/// The methods of the family, in the order in which they are offered.
pub(super) const METHODS: &[Method] = &[
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
    lambda_orthogonal::METHOD,
    fct::METHOD,
    fastfill::METHOD,
];

/// Those that only wide programs have, since they need what no other does: clusters and their assignment.
#[cfg(feature = "wide")]
pub(super) const BEYOND: &[Method] = &[mini_vec2vec::METHOD];

/// How most methods compare, for their cards.
const PREFIX: &str = "The first d_o dims of the new embedding, re-normalised, against the old gallery.";

/// How adapters of queries compare, for their cards.
const MAPPED_QUERY: &str = "The new query, mapped into the old space, against the old gallery as it is.";

/// How maps of the gallery compare, for their cards.
const MAPPED_GALLERY: &str = "The new query as it is against the old gallery, mapped into the new space.";

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

/// The parameter `r` of methods that store more than the stage's dims.
fn extra_dims(stage: &Stage) -> usize {
    stage.method.values.get("r").map_or(8, |&r| r as usize)
}

/// For methods that store extra dims.
fn extended_dims(stage: &Stage, before: Option<Before>) -> usize {
    encoder_dims(stage, before) + extra_dims(stage)
}
