//! Models that make something up: points that look like the items which they were trained on.
//!
//! There is no embedding and no gallery. What an upgrade must not break is what the old model made: the same noise should still give
//! the same sample, and all that could be made before should still be made (`readouts/samples/`).

mod flow_matching;
mod objective;
mod reflow;
mod velocity;

use protocol::{ItemKind, MethodCard, ModelId, Read, Reference, Stage, Suits};

pub use flow_matching::FlowMatching;
pub use reflow::Rectified;
pub use velocity::Velocity;

use super::Method;
use crate::LabError;
use crate::claims::{Arm, Change, Fact, Number};
use crate::encoders::EncoderConfig;
use crate::methods::Before;

/// The methods of the family, in the order in which they are offered.
pub(super) const METHODS: &[Method] = &[flow_matching::METHOD, reflow::METHOD];

/// What is said where the network is another one.
const NO_MLP: &str = "A flow is a function of a point and a time; choose the MLP as its encoder.";

/// Who claims what is said of reflow.
const BY: &str = "Lee et al. 2024 (improved rectified flows)";
/// The preset that claims are judged on: a flow, two ways of reflow that go on from it, and a second round on the first of them.
const REFLOW: &Arm = &Arm::new("reflow", "reflow", Change::AsItIs);
/// The flow.
const OLD: ModelId = ModelId { stage: 1, independent: false };
/// Reflow as the paper has it.
const NEW: ModelId = ModelId { stage: 2, independent: false };
/// Reflow as it was before.
const THIRD: ModelId = ModelId { stage: 3, independent: false };
/// The second round.
const NEXT: ModelId = ModelId { stage: 4, independent: false };

/// A reading of a model of the preset.
const fn reading(model: ModelId, quantity: &'static str, of: &'static str) -> Number {
    (REFLOW, Fact::Reading { model, quantity, of })
}

/// The card of a method of the family: it is its own ceiling, and asked what it makes.
fn card(id: &str, name: &str) -> MethodCard {
    let suits = Suits { items: vec![ItemKind::Rows], ..Suits::default() };
    MethodCard::new(id, name).suits(suits).reference(Reference::None).reads([Read::Samples])
}

/// Refuses a stage whose network is none of a point and a time.
fn needs_mlp(stage: &Stage) -> Result<(), LabError> {
    match EncoderConfig::of(&stage.encoder)? {
        EncoderConfig::Mlp(_) => Ok(()),
        _ => Err(LabError::Scenario(NO_MLP.to_owned())),
    }
}

/// Floats stored per item.
fn nothing(_: &Stage, _: Option<Before>) -> usize {
    0
}
