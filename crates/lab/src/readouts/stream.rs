//! What a model answers on the way, before it learns from what it was asked.

use protocol::{Event, ModelId, Quantity};

use crate::runner::Runner;
use crate::stream::Queries;
use crate::{Answers, LabError};

/// What its numbers mean.
pub(crate) fn quantities() -> Vec<Quantity> {
    Vec::new()
}

impl Runner {
    /// Takes in what a model answered to a batch.
    pub(crate) async fn answered(
        &self,
        _model: ModelId,
        _step: u32,
        _queries: &Queries,
        _answers: Answers,
    ) -> Result<Vec<Event>, LabError> {
        Ok(Vec::new())
    }
}
