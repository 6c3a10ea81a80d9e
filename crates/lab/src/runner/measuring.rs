//! When what is measured: on the way, of a model that is done, and in the end. What a measurement is, the readouts know.

use data::Dataset;
use protocol::{Event, ModelId, Quantity, Read};

use super::Runner;
use super::training::Active;
use crate::LabError;
use crate::counts::PHASES;
use crate::plan::Plan;
use crate::readouts::further;
use crate::readouts::knowledge::Knowledge;

/// What the numbers mean that a run of this plan measures beside retrieval.
pub(super) fn quantities(plan: &Plan, dataset: &Dataset) -> Vec<Quantity> {
    // What a family is about comes first.
    let mut quantities = further::quantities(plan, dataset);
    // Of models of which only embeddings are at hand nobody knows what they would answer.
    if dataset.given.is_empty() && (plan.reads(Read::Retrieval) || plan.reads(Read::Knowledge)) {
        quantities.extend(match further::asks_by_place(dataset) {
            true => further::quantities_by_place(),
            false => Knowledge::quantities(),
        });
    }
    // No family is about what its models cost.
    quantities.extend(further::quantities_of_cost(plan, dataset));
    quantities
}

impl Runner {
    /// Looks at the model in training, on a sample.
    pub(super) async fn live(&self, active: &Active) -> Result<Vec<Event>, LabError> {
        let (id, step, model) = (active.model, active.step, active.training.model()?);
        let mut events = Vec::new();
        if self.plan.reads(Read::Retrieval) {
            events.extend(self.retrieval_live(id, step, model.as_ref()).await?);
        }
        events.extend(self.further_live(active).await?);
        Ok(events)
    }

    /// Looks at a finished model on the whole test set.
    pub(super) async fn index(&mut self, id: ModelId) -> Result<Vec<Event>, LabError> {
        let model = self.model(id)?;
        let mut events = Vec::new();
        if self.plan.reads(Read::Retrieval) {
            events.extend(self.embed_gallery(id, model.as_ref()).await?);
        }
        if !further::asks_by_place(&self.dataset) {
            events.extend(self.ask(id, model.as_ref()).await?);
        }
        events.extend(self.further(id, model.as_ref()).await?);
        if self.plan.reads(Read::Retrieval) {
            events.extend(self.place_on_map(id, model.as_ref()).await?);
        }
        self.looked.insert(id);
        Ok(events)
    }

    /// Indexes models that were given and not trained here, oldest first.
    pub(super) async fn index_given(&mut self) -> Result<Vec<Event>, LabError> {
        let mut events = Vec::new();
        for model in self.plan.models().collect::<Vec<_>>() {
            if self.models.contains_key(&model) && !self.looked.contains(&model) {
                events.extend(self.index(model).await?);
            }
        }
        Ok(events)
    }

    /// Does one more unit of the final measurement: a pair of models on the whole test set, after the last one the judgement, then the
    /// backfills one by one.
    pub(super) async fn measure(&mut self) -> Result<Vec<Event>, LabError> {
        let mut events = Vec::new();
        let (pairs, curves) = (self.plan.pairs().len(), self.plan.backfills().len());
        if self.measured == 0 {
            events.push(Event::PhaseStarted { phase: PHASES.number(self.phase)? });
            events.extend(self.index_given().await?);
        }
        if let Some(&(query, gallery)) = self.plan.pairs().get(self.measured) {
            events.extend(self.measure_pair(query, gallery).await?);
        } else if let Some(&curve) = self.plan.backfills().get(self.measured.saturating_sub(pairs)) {
            events.extend(self.measure_backfill(curve).await?);
        }
        self.measured += 1;
        if self.measured == pairs.max(1) {
            match self.judge_pairs().await {
                Ok(judgements) => events.extend(judgements),
                // The matrix is worth keeping even if it cannot be judged.
                Err((measured, error)) => {
                    events.extend(measured);
                    events.push(Event::Faulted { fault: self.fault(&error) });
                    self.over = true;
                    return Ok(events);
                }
            }
        }
        if self.measured >= (pairs + curves).max(1) {
            events.push(Event::RunFinished { seconds: self.worked() / 1000.0 });
            self.phase += 1;
            self.over = true;
        }
        Ok(events)
    }
}
