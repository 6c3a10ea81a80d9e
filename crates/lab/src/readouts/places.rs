//! What a model knows at every place of a sequence.

use protocol::{Event, ModelId, Quantity};

use crate::runner::Runner;
use crate::{LabError, Model};

/// What its numbers mean.
pub(crate) fn quantities() -> Vec<Quantity> {
    Vec::new()
}

impl Runner {
    /// Asks a model in training at every place of a few sequences.
    pub(crate) async fn places_live(
        &self,
        _id: ModelId,
        _step: u32,
        _model: &dyn Model,
    ) -> Result<Vec<Event>, LabError> {
        Ok(Vec::new())
    }

    /// Asks a finished model at every place of all sequences.
    pub(crate) async fn places(&self, _id: ModelId, _model: &dyn Model) -> Result<Vec<Event>, LabError> {
        Ok(Vec::new())
    }
}
