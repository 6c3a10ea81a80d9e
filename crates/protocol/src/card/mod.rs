//! What can be chosen and what is said of it: catalogue, parameters, claims, and the card that goes with exported weights.

mod catalogue;
mod claim;
mod export;
mod parameter;

pub use catalogue::{Catalogue, Claim, DatasetInfo, EncoderCard, GivenModel, MethodCard, Needs, Preset};
pub use claim::{ClaimsReport, Finding, JudgedClaim};
pub use export::{BridgeCard, ModelCard, Notes, SelfCheck, Side, WeightsUse};
pub use parameter::{Kind, Parameter, Values};
