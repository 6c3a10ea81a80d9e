//! Models of sequences: what a recurrence can follow along a string of symbols.
//!
//! A row goes on from the weights of the model before or begins anew; the upgrade is a constant of the recurrence, all else stays. Its
//! models answer after every symbol and embed nothing, so there is no gallery: what they know is measured by length
//! (`readouts/places.rs`).

mod claims;
mod delta_net;
mod diagonal_ssm;
mod net;
mod scan;
mod tracker;

use protocol::{Claim, ItemKind, MethodCard, Need, Read, Reference, Stage, Suits};

pub use delta_net::DeltaNet;
pub use diagonal_ssm::DiagonalSsm;
pub use tracker::Tracker;

use super::{Before, Method};

/// The methods of the family, in the order in which they are offered.
pub(super) const METHODS: &[Method] = &[delta_net::METHOD, diagonal_ssm::METHOD];

/// The card of a method of the family.
fn card(id: &str, name: &str) -> MethodCard {
    MethodCard::new(id, name)
        .paper("Grazzi, Siems, Zela, Franke, Hutter, Pontil: Unlocking State-Tracking in Linear RNNs Through Negative Eigenvalues, ICLR 2025")
        .needs([Need::OldWeights])
        .suits(Suits { items: vec![ItemKind::Tokens], parents: [0, 1] })
        .reference(Reference::None)
        .reads([Read::Knowledge])
        .brings_its_net()
        .comparison("Nothing is stored: models are compared by what they answer.")
        .losses([Claim::new("task", "Cross entropy of the state after every symbol that is shown.")])
}

/// Floats stored per item: none, nothing is embedded.
fn nothing_stored(_: &Stage, _: Option<Before>) -> usize {
    0
}
