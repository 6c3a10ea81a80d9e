//! What a model makes up, held against what there is.

use protocol::{Event, ModelId, Quantity};

use crate::runner::Runner;
use crate::{LabError, Model};

/// What its numbers mean.
pub(crate) fn quantities() -> Vec<Quantity> {
    Vec::new()
}

impl Runner {
    /// Looks at a few samples of a model in training.
    pub(crate) async fn samples_live(
        &self,
        _id: ModelId,
        _step: u32,
        _model: &dyn Model,
    ) -> Result<Vec<Event>, LabError> {
        Ok(Vec::new())
    }

    /// Looks at the samples of a finished model.
    pub(crate) async fn samples(&self, _id: ModelId, _model: &dyn Model) -> Result<Vec<Event>, LabError> {
        Ok(Vec::new())
    }
}
