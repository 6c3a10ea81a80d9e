//! From the final matrix to the judgement on each upgrade, and on all of them as a chain.

use burn::tensor::{Tensor, TensorData};
use protocol::{Cell, Cost, Event, ModelId, Need, Rates, Upkeep};

use super::chain::chain;
use super::evaluation::{chance, verdict};
use crate::LabError;
use crate::counts::{DIMS, PASSES};
use crate::engine::read;
use crate::runner::Runner;
use crate::stored::Embedded;

/// What is said in place of the scores of a chain.
const NO_CHAIN: &str = "Not every model goes on from the one before it, so there is no chain: its scores (AC, AA, BC, FC) are left out; each upgrade is judged alone.";

impl Runner {
    /// The final matrix and the judgements on it, once every pair is measured, with what the models know; what was measured all the
    /// same where the judgement fails.
    pub(crate) async fn judge_pairs(&self) -> Result<Vec<Event>, (Vec<Event>, LabError)> {
        let mut events = Vec::new();
        let cells: Vec<Cell> = self.matrix.iter().map(|measured| measured.cell.clone()).collect();
        if !cells.is_empty() {
            let chance = chance(&self.test).map_err(|error| (Vec::new(), error))?;
            events.push(Event::MatrixMeasured { cells: cells.clone(), chance });
        }
        events.extend(self.knowledge.tables(&self.dataset.class_names));
        events.extend(self.further_tables());
        match self.judge(&cells).await {
            Ok(judgements) => events.extend(judgements),
            Err(error) => return Err((events, error)),
        }
        Ok(events)
    }

    /// The chain, if it is one, and each upgrade in it.
    async fn judge(&self, cells: &[Cell]) -> Result<Vec<Event>, LabError> {
        if cells.is_empty() {
            return Ok(Vec::new());
        }
        let mut events: Vec<Event> = Vec::new();
        if let Some(chain) = chain(self.plan.last().stage, cells)? {
            events.push(match self.plan.is_chain() {
                true => Event::ChainMeasured { chain },
                // Its scores count every older model as one that was replaced.
                false => Event::Noticed { text: NO_CHAIN.to_owned() },
            });
        }
        for (new, old) in self.plan.upgrades() {
            let beside = (self.branch(new).await?, self.cost(new, old)?);
            let verdict = verdict((new, old, self.plan.reference(new)), &self.matrix, &self.galleries, beside)?;
            events.push(Event::VerdictReached { verdict: Box::new(verdict) });
        }
        Ok(events)
    }

    /// Self-test of the [`branch`](crate::Model::branch) of a model, if it has one.
    async fn branch(&self, id: ModelId) -> Result<Option<Rates>, LabError> {
        let Some(branch) = self.model(id)?.branch() else { return Ok(None) };
        let whole = self.gallery(id)?;
        let [_, dims] = branch.dims();
        let rows = TensorData::new(whole.rows.clone(), [self.test.len(), whole.dims]);
        let rows = read(Tensor::<2>::from_data(rows, &branch.device()).matmul(branch)).await?;
        let part = Embedded { rows, dims };
        Ok(Some(self.rates((id, &part), (id, &part))?))
    }

    /// Whether a model took steps on training items.
    fn takes_training(&self, model: ModelId) -> bool {
        self.steps.get(&model) != Some(&0) && !self.plan.streams(model)
    }

    /// What a deployed model costs beside one that it goes on from.
    fn cost(&self, new: ModelId, old: ModelId) -> Result<Cost, LabError> {
        let teacher = self.plan.needs(new, Need::Teacher).then(|| self.plan.reference(new));
        let trained: Vec<ModelId> = teacher.into_iter().chain([new]).collect();
        // What came with the dataset was not trained here.
        let trained = || trained.iter().filter(|model| !self.given.contains(model));
        let bridge =
            self.bridges.get(&new).map(|(bridge, notes)| (bridge, notes.as_ref().map_or(0, |notes| notes.dims)));
        Ok(Cost {
            stored: DIMS.count(self.gallery(new)?.dims)?,
            stored_before: DIMS.count(self.gallery(old)?.dims)?,
            notes: DIMS.count(bridge.map_or(0, |(_, notes)| notes))?,
            // A fit in closed form is no training, nor is what a model does in use.
            passes: PASSES.count(trained().filter(|&model| self.takes_training(*model)).count())?,
            seconds: trained().map(|model| self.seconds.get(model)).sum(),
            upkeep: match bridge {
                None => Upkeep::Nothing,
                Some((bridge, _)) => bridge.upkeep(),
            },
        })
    }
}
