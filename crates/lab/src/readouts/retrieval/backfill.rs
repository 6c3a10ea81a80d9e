//! Curves of partial backfill over the last upgrade.

use measure::backfill::Order;
use protocol::{Backfill, BackfillOrder, Event};

use super::evaluation::backfill;
use crate::LabError;
use crate::plan::Curve;
use crate::runner::Runner;

impl Runner {
    /// Measures a curve; nothing for an order that needs what these models cannot tell.
    pub(crate) async fn measure_backfill(&self, curve: Curve) -> Result<Option<Event>, LabError> {
        Ok(self.curve(curve).await?.map(|backfill| Event::BackfillMeasured { backfill }))
    }

    async fn curve(&self, (query, gallery, order, dual): Curve) -> Result<Option<Backfill>, LabError> {
        let (new, (asked, items)) = (self.gallery(query)?, self.brought(&self.galleries, query, gallery).await?);
        let uncertainty = match (order, self.bridges.get(&query)) {
            (BackfillOrder::Uncertainty, Some((bridge, notes))) => {
                bridge.uncertainty(self.gallery(gallery)?, notes.as_ref(), self.engine.device()).await?
            }
            _ => None,
        };
        let by = match (order, &uncertainty) {
            (BackfillOrder::Random, _) => Order::Random { seed: self.scenario.seed },
            (BackfillOrder::ClassMean, _) => Order::FarthestFromClassMean,
            (BackfillOrder::Uncertainty, Some(numbers)) => Order::Descending(numbers),
            (BackfillOrder::Uncertainty, None) => return Ok(None),
        };
        // The old model's own queries meet the old gallery as it is.
        let (asked, items) = if dual { (self.gallery(gallery)?, self.gallery(gallery)?) } else { (&*asked, &*items) };
        Ok(Some(backfill((query, new, asked), (gallery, items), &self.test, (order, &by), dual)?))
    }
}
