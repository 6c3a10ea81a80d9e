//! What only some families are measured by: sequences by place, generators by what they make up, streams as they are answered, what became
//! of data that someone tampered with, and what models cost.

use data::{Dataset, Seed, Tampering};
use protocol::{Event, ModelId, Quantity, Read};

use super::cost;
use super::places::{self, Places};
use super::probes::{self, Probes};
use super::samples::{self, Samples, Yardstick};
use super::stream;
pub(crate) use super::stream::{Queries, StreamItems};
use crate::images::TestImages;
use crate::plan::Plan;
use crate::runner::{Active, Runner};
use crate::{LabError, Model};

/// What these readouts know of a run.
pub(crate) struct Further {
    /// What finished models answer along sequences.
    pub(super) places: Places,
    /// What the generators among them make up, if they are asked.
    pub(super) generated: Option<Samples>,
    /// What they make of test items that someone tampered with; `None` where nobody did or nobody asks.
    pub(super) probes: Option<Probes>,
}

impl Further {
    /// What a run of this plan will be asked.
    ///
    /// # Errors
    /// [`LabError::Data`] if the test items cannot be tampered with in this way or be compared as points, or if there are too many.
    pub(crate) fn new(
        plan: &Plan,
        dataset: &Dataset,
        test: &TestImages,
        tampering: Option<Tampering>,
        seed: Seed,
    ) -> Result<Self, LabError> {
        let generated = match plan.reads(Read::Samples) {
            true => Some(Samples::new(Yardstick::of(dataset, test, seed)?)),
            false => None,
        };
        let probes = match plan.reads(Read::Probes) {
            true => Probes::new(tampering, dataset, test)?,
            false => None,
        };
        Ok(Self { places: Places::default(), generated, probes })
    }

    /// What is shown before the first step.
    pub(crate) fn opening(&self) -> Option<Event> {
        self.generated.as_ref().and_then(|generated| generated.target(ModelId::deployed(1)))
    }
}

/// Whether models of this dataset are asked at every place of an item, and not once per item.
pub(crate) fn asks_by_place(dataset: &Dataset) -> bool {
    dataset.test.beside().is_some()
}

/// What the accuracies by place mean.
pub(crate) fn quantities_by_place() -> Vec<Quantity> {
    places::quantities()
}

/// What the other numbers mean that a run of this plan measures.
pub(crate) fn quantities(plan: &Plan, dataset: &Dataset) -> Vec<Quantity> {
    let mut quantities = Vec::new();
    if plan.reads(Read::Stream) {
        quantities.extend(stream::quantities());
    }
    if plan.reads(Read::Samples) {
        quantities.extend(samples::quantities());
    }
    // Where nobody tampered with anything there is nothing to ask about.
    if plan.reads(Read::Probes) && !dataset.train.tampered().is_empty() {
        quantities.extend(probes::quantities());
    }
    quantities
}

/// What the numbers mean that say what models cost.
pub(crate) fn quantities_of_cost(plan: &Plan, dataset: &Dataset) -> Vec<Quantity> {
    if counts_cost(plan, dataset) { cost::quantities() } else { Vec::new() }
}

/// Whether it is counted what models cost: nobody knows of those of which only embeddings are at hand.
fn counts_cost(plan: &Plan, dataset: &Dataset) -> bool {
    plan.reads(Read::Cost) && dataset.given.is_empty()
}

impl Runner {
    /// Looks at the model in training, on a sample.
    pub(crate) async fn further_live(&self, active: &Active) -> Result<Vec<Event>, LabError> {
        let (id, step, model) = (active.model, active.step, active.training.model()?);
        let mut events = Vec::new();
        if self.plan.reads(Read::Knowledge) && asks_by_place(&self.dataset) {
            events.extend(self.places_live(id, step, model.as_ref()).await?);
        }
        if self.plan.reads(Read::Samples) {
            events.extend(self.samples_live(id, step, model.as_ref()).await?);
        }
        // The ends of earlier domains were told as they came.
        if let Some(stream) = active.stream.as_ref().filter(|_| step == active.steps) {
            events.extend(self.stream_live(id, step, &stream.heard));
        }
        if self.plan.reads(Read::Probes) {
            events.extend(self.probe_live(id, step, model.as_ref()).await?);
        }
        Ok(events)
    }

    /// Looks at a finished model on the whole test set.
    pub(crate) async fn further(&mut self, id: ModelId, model: &dyn Model) -> Result<Vec<Event>, LabError> {
        let mut events = Vec::new();
        if self.plan.reads(Read::Knowledge) && asks_by_place(&self.dataset) {
            events.extend(self.places(id, model).await?);
        }
        if self.plan.reads(Read::Samples) {
            events.extend(self.samples(id, model).await?);
        }
        if self.plan.reads(Read::Probes) {
            events.extend(self.probe(id, model).await?);
        }
        if self.plan.reads(Read::Stream) {
            events.extend(self.stream_final(id));
        }
        if counts_cost(&self.plan, &self.dataset) {
            events.push(self.costs(id, model)?);
        }
        Ok(events)
    }

    /// The tables over all models, after the last.
    pub(crate) fn further_tables(&self) -> Vec<Event> {
        self.further.probes.iter().flat_map(Probes::tables).collect()
    }
}
