//! What queries find in galleries: live on a sample, then every pair of models on the whole test set, with the judgement on each
//! upgrade and the curves of partial backfill.

mod backfill;
mod blocks;
mod chain;
mod evaluation;
mod judgement;
mod picture;
mod prototypes;

use std::borrow::Cow;
use std::collections::BTreeMap;

use measure::cosines::Cosines;
use protocol::{Event, ModelId, Sample, Scenario, Side};

pub(crate) use evaluation::{DEPTH, Measured, Plane};

use crate::counts::TEST_ITEMS;
use crate::images::TestImages;
use crate::runner::Runner;
use crate::stored::Embedded;
use crate::{Bridge, LabError, Model};
use evaluation::Extent;

impl Runner {
    /// Measures retrieval of a model in training, after `step` steps, on the live sample.
    pub(crate) async fn retrieval_live(
        &self,
        new: ModelId,
        step: u32,
        model: &dyn Model,
    ) -> Result<Vec<Event>, LabError> {
        let extent = live_extent(&self.scenario, &self.test);
        let rows = self.test.embed(model, &self.dataset, &self.engine, extent.gallery).await?;
        let rows = Embedded { rows, dims: model.dims() };
        let seen = self.seen_classes();
        let mut measured = vec![Measured::new((new, &rows), (new, &rows), &self.test, extent, seen)?];
        let mut mapped = None;
        for &old in self.plan.before(new) {
            let gallery = self.gallery(old)?;
            let (mut asked, mut brought) = (Cow::Borrowed(&rows), Cow::Borrowed(gallery));
            if let Some(bridge) = model.bridge()? {
                let notes = self.notes(&bridge, extent.gallery).await?;
                asked = Cow::Owned(bridge.queries(rows.clone(), gallery, self.engine.device()).await?);
                let first = gallery.first(extent.gallery)?.values().to_vec();
                let first = Embedded { rows: first, dims: gallery.dims };
                brought = Cow::Owned(bridge.gallery(first, notes.as_ref(), self.engine.device()).await?);
            }
            measured.push(Measured::new((new, &asked), (old, &brought), &self.test, extent, seen)?);
            measured.push(Measured::new((old, gallery), (old, gallery), &self.test, extent, seen)?);
            if let (Cow::Owned(asked), None) = (asked, &mapped) {
                mapped = Some(asked);
            }
        }
        let [queries, gallery, of] = [extent.queries, extent.gallery, self.test.len()].map(|it| TEST_ITEMS.count(it));
        let sample = Sample { queries: queries?, gallery: gallery?, of: of? };
        let cells = measured.iter().map(|measured| measured.cell.clone()).collect();
        let mut events = vec![Event::RetrievalMeasured { model: new, step, sample, cells }];
        for measured in &measured {
            events.push(measured.ranking(step)?);
        }
        if let Some(plane) = &self.plane {
            events.push(plane.project(new, mapped.as_ref().unwrap_or(&rows), step, extent.gallery)?);
        }
        events.extend(self.prototypes(new, model, step).await?);
        Ok(events)
    }

    /// Embeds the whole test set with a finished model.
    pub(crate) async fn embed_gallery(&mut self, id: ModelId, model: &dyn Model) -> Result<Vec<Event>, LabError> {
        let started_ms = (self.clock)();
        let rows = self.test.embed(model, &self.dataset, &self.engine, self.test.len()).await?;
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
        self.galleries.insert(id, rows);
        Ok(vec![indexed])
    }

    /// Puts the live sample of a finished model on the map, with its class vectors, and measures its blocks.
    pub(crate) async fn place_on_map(&self, id: ModelId, model: &dyn Model) -> Result<Vec<Event>, LabError> {
        let count = live_extent(&self.scenario, &self.test).gallery;
        let step = self.steps.get(&id).copied().unwrap_or(0);
        // On the map stands what is compared with the gallery before.
        let before = self.plan.before(id).first().filter(|_| self.bridges.contains_key(&id));
        let rows = match before {
            Some(&before) => self.brought(&self.galleries, id, before).await?.0,
            None => Cow::Borrowed(self.gallery(id)?),
        };
        let point = self.plane.as_ref().map(|plane| plane.project(id, &rows, step, count)).transpose()?;
        let prototypes = self.prototypes(id, model, step).await?;
        let blocks = self.blocks(id)?;
        Ok(point.into_iter().chain(prototypes).chain(blocks).collect())
    }

    /// Measures a pair of models on the whole test set.
    pub(crate) async fn measure_pair(&mut self, query: ModelId, gallery: ModelId) -> Result<Vec<Event>, LabError> {
        let everything = Extent { queries: self.test.len(), gallery: self.test.len() };
        let seen = self.seen_classes();
        let (queries, items) = self.brought(&self.galleries, query, gallery).await?;
        let mut cosines = self.plan.is_of_last_upgrade(query, gallery).then(Cosines::default);
        let (query, gallery) = ((query, &*queries), (gallery, &*items));
        let measured = Measured::counting(query, gallery, &self.test, everything, seen, cosines.as_mut())?;
        let ranking = measured.ranking(self.steps.get(&query.0).copied().unwrap_or(0))?;
        let scores = cosines.map(|cosines| measured.scores(&cosines));
        self.matrix.push(measured);
        Ok([ranking].into_iter().chain(scores).collect())
    }

    /// Queries of one model and a gallery of another as they are compared: where models between them have bridges, the
    /// queries are brought down step by step and the gallery up. `asked` has the queries as each model embeds them.
    pub(crate) async fn brought<'a>(
        &'a self,
        asked: &'a BTreeMap<ModelId, Embedded>,
        query: ModelId,
        gallery: ModelId,
    ) -> Result<(Cow<'a, Embedded>, Cow<'a, Embedded>), LabError> {
        let mut queries = Cow::Borrowed(embedded(asked, query)?);
        let mut items = Cow::Borrowed(self.gallery(gallery)?);
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
            let old = embedded(asked, old)?;
            queries = Cow::Owned(bridge.queries(queries.into_owned(), old, device).await?);
        }
        let up = way.iter().rev().filter_map(bridge);
        for (_, bridge, notes) in up.take_while(|(_, bridge, _)| bridge.side() == Side::Gallery) {
            items = Cow::Owned(bridge.gallery(items.into_owned(), notes.as_ref(), device).await?);
        }
        Ok((queries, items))
    }

    /// Test embeddings of a finished model.
    pub(crate) fn gallery(&self, model: ModelId) -> Result<&Embedded, LabError> {
        embedded(&self.galleries, model)
    }

    /// Side information of the first `count` test items, if the bridge needs any.
    async fn notes(&self, bridge: &Bridge, count: usize) -> Result<Option<Embedded>, LabError> {
        let Some(notes) = bridge.notes() else { return Ok(None) };
        let rows = self.test.embed(notes, &self.dataset, &self.engine, count).await?;
        Ok(Some(Embedded { rows, dims: notes.dims() }))
    }

    /// Classes that the first stage was trained on.
    fn seen_classes(&self) -> u32 {
        self.scenario.stages.first().map_or(u32::MAX, |stage| stage.classes)
    }
}

/// What a model made of items.
fn embedded(of: &BTreeMap<ModelId, Embedded>, model: ModelId) -> Result<&Embedded, LabError> {
    of.get(&model).ok_or_else(|| LabError::Missing(format!("The gallery of {model}")))
}

/// The live sample: the first items, whose order says nothing about their class. Queries are part of the gallery.
fn live_extent(scenario: &Scenario, test: &TestImages) -> Extent {
    let gallery = (scenario.evaluation.gallery as usize).min(test.len());
    Extent { queries: (scenario.evaluation.queries as usize).min(gallery), gallery }
}

/// What is sampled while training, in a sentence.
pub(crate) fn sampling(scenario: &Scenario, test: &TestImages) -> String {
    let extent = live_extent(scenario, test);
    format!(
        "While training, retrieval is measured on {} queries and {} gallery items of {}; the final matrix uses all.",
        extent.queries,
        extent.gallery,
        test.len()
    )
}
