//! Learning task after task: what a model learned before is not there any more, or hardly.
//!
//! A *stream* is a scenario whose stages begin with a class of their own (`first`); `rehearsal` says how much of the classes before
//! each sees again, so replay is a setting of every method here and not a method. The reference `v2*` is trained on everything so far.
//! Galleries are measured beside: a model that forgets has usually also left the space of its galleries.

mod ewc;
mod nmc;
pub(super) mod sequential;

use protocol::{Choice, MethodCard, ModelId, Read, Reference, Stage};

pub use ewc::Ewc;
pub use sequential::Sequential;

use super::Method;
use crate::claims::{Arm, Change, Fact};

/// The methods of the family, in the order in which they are offered.
pub(super) const METHODS: &[Method] = &[nmc::METHOD, sequential::METHOD, ewc::METHOD];

/// The preset that claims are judged on.
const STREAM: &str = "stream";
/// What its last stage deploys.
const LAST: ModelId = ModelId { stage: 5, independent: false };
/// Mean accuracy over all five tasks in the end.
const AVERAGE: Fact = Fact::Reading { model: LAST, quantity: "average-accuracy", of: "" };

/// Training on the new classes alone.
const SEQUENTIAL: &Arm = &Arm::new("sequential", STREAM, Change::Replaced(&[("nmc", "sequential")]));
/// The same with 20 images of each class before.
const REPLAY: &Arm = &Arm::new("replay", STREAM, Change::With(replay));
/// The same under EWC.
const EWC: &Arm = &Arm::new("ewc", STREAM, Change::Every("ewc", &[]));

/// Later stages train on and rehearse.
fn replay(stages: &mut [Stage]) {
    for stage in stages.iter_mut().skip(1) {
        stage.method = Choice::of(sequential::METHOD.id);
        stage.rehearsal = 20;
    }
}

/// The card of a method of the family: held against joint training, and asked what it knows and what it costs.
fn card(id: &str, name: &str) -> MethodCard {
    MethodCard::new(id, name).reference(Reference::Joint).reads([Read::Retrieval, Read::Knowledge, Read::Cost])
}
