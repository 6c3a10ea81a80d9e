//! What can be chosen and what is said of it: catalogue, methods, parameters, claims, and the card that goes with exported weights.

mod catalogue;
mod claim;
mod export;
mod method;
mod needs;
mod parameter;
mod upgrade;

pub use catalogue::{Catalogue, DatasetInfo, EncoderCard, GivenModel, Preset};
pub use claim::{Bound, ClaimMetric, ClaimsReport, Finding, JudgedClaim};
pub use export::{BridgeCard, ModelCard, Notes, SelfCheck, Side, WeightsUse};
pub use method::{Claim, ItemKind, MethodCard, Read, Reference, Role, Suits};
pub use needs::{Need, Needs};
pub use parameter::{Kind, Parameter, Values};
pub use upgrade::UpgradeKind;

/// A sentence for people, where a program that makes cards itself also shows them: workers do not.
fn prose(text: &str) -> String {
    if cfg!(feature = "prose") { text.to_owned() } else { String::new() }
}
