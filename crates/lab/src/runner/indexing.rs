//! The measuring part of a run: galleries, pairs, verdicts.

use std::borrow::Cow;

use burn::tensor::{Tensor, TensorData};
use measure::backfill::Order;
use measure::cosines::Cosines;
use protocol::{Backfill, BackfillOrder, Cell, Cost, Event, ModelId, Need, Rates, Side, Upkeep};

use super::{Runner, live_extent};
use crate::LabError;
use crate::chain::chain;
use crate::counts::{DIMS, PASSES, PHASES, TEST_ITEMS};
use crate::engine::read;
use crate::evaluation::{Extent, Measured, Plane, backfill, chance, verdict};
use crate::stored::Embedded;

/// What is said in place of the scores of a chain.
const NO_CHAIN: &str = "Not every model goes on from the one before it, so there is no chain: its scores (AC, AA, BC, FC) are left out; each upgrade is judged alone.";

impl Runner {
    /// Embeds the whole test set with a model, puts its live sample on the map and measures its blocks.
    pub(super) async fn index(&mut self, id: ModelId) -> Result<Vec<Event>, LabError> {
        let model = self.model(id)?;
        let started_ms = (self.clock)();
        let rows = self.test.embed(model.as_ref(), &self.dataset, &self.engine, self.test.len()).await?;
        let seconds = ((self.clock)() - started_ms) / 1000.0;
        let indexed = Event::GalleryIndexed { model: id, items: TEST_ITEMS.count(self.test.len())?, seconds };
        let rows = Embedded { rows, dims: model.dims() };
        if let Some(bridge) = model.bridge()? {
            let notes = self.notes(&bridge, self.test.len()).await?;
            self.bridges.insert(id, (bridge, notes));
        }
        if self.plane.is_none() {
            self.plane = Some(Plane::fit(&rows)?);
        }
        let count = live_extent(&self.scenario, &self.test).gallery;
        let step = self.steps.get(&id).copied().unwrap_or(0);
        let known = self.ask(id, model.as_ref(), &rows).await?;
        self.galleries.insert(id, rows);
        // On the map stands what is compared with the gallery before.
        let before = self.plan.before(id).first().filter(|_| self.bridges.contains_key(&id));
        let rows = match before {
            Some(&before) => self.brought(id, before).await?.0,
            None => Cow::Borrowed(self.gallery(id)?),
        };
        let point = self.plane.as_ref().map(|plane| plane.project(id, &rows, step, count)).transpose()?;
        let prototypes = self.prototypes(id, model.as_ref(), step).await?;
        let blocks = self.blocks(id)?;
        Ok([indexed].into_iter().chain(known).chain(point).chain(prototypes).chain(blocks).collect())
    }

    /// Indexes models that were given and not trained here, oldest first.
    pub(super) async fn index_given(&mut self) -> Result<Vec<Event>, LabError> {
        let mut events = Vec::new();
        for model in self.plan.models().collect::<Vec<_>>() {
            if self.models.contains_key(&model) && !self.galleries.contains_key(&model) {
                events.extend(self.index(model).await?);
            }
        }
        Ok(events)
    }

    /// Measures one more pair of models on the whole test set; after the last one judges, then goes through the backfills.
    pub(super) async fn measure(&mut self) -> Result<Vec<Event>, LabError> {
        let mut events = Vec::new();
        let pairs = self.plan.pairs().len();
        if self.matrix.is_empty() {
            events.push(Event::PhaseStarted { phase: PHASES.number(self.phase)? });
            events.extend(self.index_given().await?);
        }
        if let Some(&(query, gallery)) = self.plan.pairs().get(self.matrix.len()) {
            let everything = Extent { queries: self.test.len(), gallery: self.test.len() };
            let seen = self.seen_classes();
            let (queries, items) = self.brought(query, gallery).await?;
            let mut cosines = self.plan.is_of_last_upgrade(query, gallery).then(Cosines::default);
            let (query, gallery) = ((query, &*queries), (gallery, &*items));
            let measured = Measured::counting(query, gallery, &self.test, everything, seen, cosines.as_mut())?;
            events.push(measured.ranking(self.steps.get(&query.0).copied().unwrap_or(0))?);
            events.extend(cosines.map(|cosines| measured.scores(&cosines)));
            self.matrix.push(measured);
            if self.matrix.len() == pairs {
                let cells: Vec<Cell> = self.matrix.iter().map(|measured| measured.cell.clone()).collect();
                let judged = self.judge(&cells).await;
                let chance = chance(&self.test)?;
                events.push(Event::MatrixMeasured { cells, chance });
                events.extend(self.knowledge.tables(&self.dataset.class_names));
                // The matrix is worth keeping even if it cannot be judged.
                match judged {
                    Ok(judgements) => events.extend(judgements),
                    Err(error) => {
                        events.push(Event::Faulted { fault: error.fault() });
                        self.over = true;
                    }
                }
            }
            return Ok(events);
        }
        let curves = self.plan.backfills().len();
        if let Some(&(query, gallery, order, dual)) = self.plan.backfills().get(self.backfilled) {
            self.backfilled += 1;
            let backfill = self.backfill(query, gallery, order, dual).await?;
            events.extend(backfill.map(|backfill| Event::BackfillMeasured { backfill }));
        }
        if self.backfilled == curves {
            events.push(Event::RunFinished { seconds: ((self.clock)() - self.started_ms) / 1000.0 });
            self.phase += 1;
            self.over = true;
        }
        Ok(events)
    }

    /// A curve of partial backfill; `None` for an order that needs what these models cannot tell.
    async fn backfill(
        &self,
        query: ModelId,
        gallery: ModelId,
        order: BackfillOrder,
        dual: bool,
    ) -> Result<Option<Backfill>, LabError> {
        let (new, (asked, items)) = (self.gallery(query)?, self.brought(query, gallery).await?);
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

    /// Queries of one model and a gallery of another as they are compared: where models between them have bridges, the
    /// queries are brought down step by step and the gallery up.
    async fn brought(
        &self,
        query: ModelId,
        gallery: ModelId,
    ) -> Result<(Cow<'_, Embedded>, Cow<'_, Embedded>), LabError> {
        let (mut queries, mut items) = (Cow::Borrowed(self.gallery(query)?), Cow::Borrowed(self.gallery(gallery)?));
        if query.independent {
            return Ok((queries, items));
        }
        let device = self.engine.device();
        let way = self.plan.way(query, gallery);
        let bridge =
            |&(new, old): &(ModelId, ModelId)| self.bridges.get(&new).map(|(bridge, notes)| (old, bridge, notes));
        // Nothing passes a bridge of the other kind: it leads the other way.
        let down = way.iter().filter_map(bridge);
        for (old, bridge, _) in down.take_while(|(_, bridge, _)| bridge.side() == Side::Query) {
            let old = self.gallery(old)?;
            queries = Cow::Owned(bridge.queries(queries.into_owned(), old, device).await?);
        }
        let up = way.iter().rev().filter_map(bridge);
        for (_, bridge, notes) in up.take_while(|(_, bridge, _)| bridge.side() == Side::Gallery) {
            items = Cow::Owned(bridge.gallery(items.into_owned(), notes.as_ref(), device).await?);
        }
        Ok((queries, items))
    }

    /// The chain, if it is one, and each upgrade in it.
    async fn judge(&self, cells: &[Cell]) -> Result<Vec<Event>, LabError> {
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
            // A fit in closed form is no training.
            passes: PASSES.count(trained().filter(|&model| self.steps.get(model) != Some(&0)).count())?,
            seconds: trained().map(|model| self.seconds.get(model)).sum(),
            upkeep: match bridge {
                None => Upkeep::Nothing,
                Some((bridge, _)) => bridge.upkeep(),
            },
        })
    }
}
