//! Ways to make one model of several that went on from the same weights, and what they are compared with.

mod branch;
mod ensemble;
mod merging;

use protocol::Stage;

pub use branch::Branch;

use crate::LabError;
use crate::methods::{Before, Method, method};

/// The methods of the family, in the order in which they are offered.
pub(super) const METHODS: &[Method] =
    &[branch::METHOD, merging::FISHER, merging::AVERAGE, merging::TASK_ARITHMETIC, ensemble::METHOD];

/// Most models that are merged into one.
const MOST: usize = 8;

/// How queries of a merged model meet the galleries of the models that it was made of, for the cards.
const BOTH: &str = "All dims of both embeddings, re-normalised, against the gallery of each parent; the common start makes the spaces agree.";

/// Refuses parents that store other vectors or know other classes than the stage asks for.
fn alike(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    let Some(before) = before else { return Ok(()) };
    let name = name_of(&stage.method.id)?;
    let most = before.all().map(|parent| parent.stage.classes).max().unwrap_or_default();
    if stage.classes != most {
        return Err(LabError::Scenario(format!(
            "{name} knows the classes that its parents know, the first {most}, but the stage has {}; choose {most}.",
            stage.classes
        )));
    }
    for Before { dims, .. } in before.all() {
        if dims != stage.dims as usize {
            return Err(LabError::Scenario(format!(
                "{name} has the dims of its parents, but one has {dims} and the stage {}; choose {dims}.",
                stage.dims
            )));
        }
    }
    Ok(())
}

/// The name on a method's card.
fn name_of(id: &str) -> Result<String, LabError> {
    Ok((method(id)?.card)().name)
}
