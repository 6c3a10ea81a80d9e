//! Learning task after task: what a model learned before is not there any more, or hardly.
//!
//! A *stream* is a scenario whose stages begin with a class of their own (`first`); `rehearsal` says how much of the classes before
//! each sees again, so replay is a setting of every method here and not a method. The reference `v2*` is trained on everything so far.
//! Galleries are measured beside: a model that forgets has usually also left the space of its galleries.

mod ewc;
mod nmc;
mod sequential;

use protocol::{MethodCard, Read, Reference};

pub use ewc::Ewc;
pub use sequential::Sequential;

use super::Method;

/// The methods of the family, in the order in which they are offered.
pub(super) const METHODS: &[Method] = &[nmc::METHOD, sequential::METHOD, ewc::METHOD];

/// The card of a method of the family: held against joint training, and asked what it knows.
fn card(id: &str, name: &str) -> MethodCard {
    MethodCard::new(id, name).reference(Reference::Joint).reads([Read::Retrieval, Read::Knowledge])
}
