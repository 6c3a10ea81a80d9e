//! Where the class vectors of a head lie among the embeddings.

use measure::Features;
use protocol::{EqualCosines, Event, ModelId, Packed};

use crate::counts::VECTORS;
use crate::engine::read;
use crate::runner::Runner;
use crate::stored::Embedded;
use crate::{FixedHead, LabError, Model, normalize};

impl Runner {
    /// Puts the class vectors of a model on the map, mapped as its queries are; nothing if its head is not on what it stores, or
    /// before there is a map.
    pub(super) async fn prototypes(
        &self,
        id: ModelId,
        model: &dyn Model,
        step: u32,
    ) -> Result<Option<Event>, LabError> {
        let (Some(plane), Some(rows)) = (&self.plane, model.classifier()) else { return Ok(None) };
        let [_, dims] = rows.dims();
        // Whatever the logits are, retrieval looks at directions alone.
        let mut rows = Embedded { rows: read(normalize(rows)).await?, dims };
        if let Some(bridge) = model.bridge()? {
            rows = bridge.unfused(rows, self.engine.device()).await?;
        }
        let head = model.fixed_head();
        let learned = head.is_none();
        let equal = match head {
            Some(FixedHead { rows, equal: Some(exact) }) => {
                let [vectors, dims] = rows.dims();
                let deviation = Features::new(&read(rows).await?, dims)?.cosine_deviation(exact)?;
                Some(EqualCosines { vectors: VECTORS.count(vectors)?, exact, deviation })
            }
            _ => None,
        };
        let points = Packed(plane.points(&rows.features()?)?);
        Ok(Some(Event::PrototypesProjected { model: id, step, points, learned, equal }))
    }
}
