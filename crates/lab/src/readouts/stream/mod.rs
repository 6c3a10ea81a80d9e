//! What a model answers on the way: error and recall of what it is asked while it adapts, by corruption and severity.
//!
//! Every answer counts once, as it was given, before the model learned from the batch. Its embedding is a query in the clean gallery that
//! the model before left: what a silent change of the model in use does to an index that nobody touched.

mod answered;
mod queries;

use std::collections::BTreeMap;

use data::Drift;
use measure::online::Tally;
use measure::{Features, Items, retrieve};
use protocol::{Event, ModelId, Reading};

pub(crate) use answered::quantities;
pub(crate) use queries::{Queries, StreamItems};

use crate::answers::highest;
use crate::engine::read;
use crate::images::TestImages;
use crate::runner::Runner;
use crate::stored::Embedded;
use crate::{Answers, Kept, LabError};
use answered::{Answered, ERROR, LATEST, Outcome};

/// Under what a model leaves what came of its stream.
pub(crate) const KEPT: &str = "stream";

/// Answers to a batch, on the host.
#[derive(Clone, Debug)]
struct Answer {
    /// `[batch, classes]` row-major; the largest of a row is the answer.
    scores: Embedded,
    /// What was embedded for it, if it was.
    features: Option<Embedded>,
}

/// The stream of the model in use, as far as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    /// What came of the domains that are over.
    done: Vec<Outcome>,
    open: Open,
}

/// The domain at hand.
#[derive(Clone, Debug, Default)]
struct Open {
    answers: Tally,
    /// Positions of the items so far.
    items: Vec<u32>,
    /// What was embedded for them, `[items, dims]` row-major; empty where nothing is.
    features: Vec<f32>,
}

impl Heard {
    /// Takes the answers to these items in; `gallery` is what their embeddings are searched in.
    ///
    /// # Errors
    /// [`LabError::Missing`] if an item is none of the test items, [`LabError::Measure`] if an embedding holds what is no number.
    fn take(
        &mut self,
        domain: usize,
        answer: &Answer,
        items: &[usize],
        test: &TestImages,
        gallery: Option<&Embedded>,
    ) -> Result<(), LabError> {
        if domain > self.done.len() {
            self.close(test, gallery)?;
        }
        let labels = items.iter().map(|&item| test.labels.get(item).copied());
        let labels = labels.collect::<Option<Vec<u32>>>();
        let labels = labels.ok_or_else(|| LabError::Missing("An item of the stream".to_owned()))?;
        let place = |row: &[f32]| highest((0..).zip(row.iter().copied())).unwrap_or_default();
        let answers: Vec<u32> = answer.scores.rows.chunks_exact(answer.scores.dims.max(1)).map(place).collect();
        self.open.answers = self.open.answers.with(Tally::of(&answers, &labels)?);
        self.open.items.extend(items.iter().filter_map(|&item| test.ids.get(item)));
        if let Some(features) = answer.features.as_ref().filter(|it| gallery.is_some_and(|to| to.dims == it.dims)) {
            self.open.features.extend(&features.rows);
        }
        Ok(())
    }

    /// Ends the domain at hand: searches for all of its items.
    fn close(&mut self, test: &TestImages, gallery: Option<&Embedded>) -> Result<(), LabError> {
        let Open { answers, items, features } = std::mem::take(&mut self.open);
        let mut outcome = Outcome { answers, ..Outcome::default() };
        if let Some(gallery) = gallery.filter(|_| !features.is_empty()) {
            let labels: Vec<u32> = items.iter().filter_map(|&item| test.labels.get(item as usize)).copied().collect();
            let queries = Items::new(Features::new(&features, gallery.dims)?, &labels, &items)?;
            let found = retrieve(&queries, &Items::new(gallery.features()?, &test.labels, &test.ids)?, 1)?;
            let right = found.queries.iter().filter(|query| query.first_hit() == Some(1)).count();
            if let Some(summary) = found.summary() {
                outcome.queries = Tally { asked: summary.queries as u64, right: right as u64 };
                outcome.precision = summary.map as f32;
            }
        }
        self.done.push(outcome);
        Ok(())
    }

    /// The errors so far: over all and in the domain at hand.
    fn readings(&self) -> Vec<Reading> {
        let so_far = self.done.iter().fold(self.open.answers, |sum, outcome| sum.with(outcome.answers));
        let numbers = [(ERROR, so_far.error()), (LATEST, self.open.answers.error())];
        numbers.into_iter().filter_map(|(quantity, value)| Reading::of(quantity, "", value?)).collect()
    }

    /// All of it in a row of numbers, for a checkpoint: how many domains are over and what came of them, then the domain at hand.
    pub(crate) fn write(&self) -> Vec<f32> {
        let Open { answers, items, features } = &self.open;
        // Counts of at most 2^16 items are exact.
        let mut numbers = vec![self.done.len() as f32];
        numbers.extend(self.done.iter().flat_map(|outcome| outcome.write()));
        numbers.extend([answers.right as f32, items.len() as f32]);
        numbers.extend(items.iter().map(|&item| item as f32));
        numbers.extend(features);
        numbers
    }

    /// Takes back what [`Heard::write`] wrote; `None` of what is none of it.
    fn read(numbers: &[f32]) -> Option<Self> {
        let (&domains, rest) = numbers.split_first()?;
        let (done, rest) = rest.split_at_checked(domains as usize * Outcome::default().write().len())?;
        let (&[right, count], rest) = rest.split_first_chunk::<2>()?;
        let (items, features) = rest.split_at_checked(count as usize)?;
        let answers = Tally { asked: count as u64, right: right as u64 };
        let items = items.iter().map(|&item| item as u32).collect();
        Some(Self { done: Outcome::read(done), open: Open { answers, items, features: features.to_vec() } })
    }
}

impl Runner {
    /// The test embeddings of the model before one: what the items of its stream are searched in.
    fn clean_gallery(&self, model: ModelId) -> Option<&Embedded> {
        self.galleries.get(self.plan.parents(model).first()?)
    }

    /// Takes in what a model answered to a batch with this step. Where it is the first of a domain, the errors up to the end of the one
    /// before are told.
    pub(crate) async fn answered(
        &self,
        (model, step): (ModelId, u32),
        StreamItems { heard, .. }: &mut StreamItems,
        queries: &Queries,
        Answers { scores, features }: Answers,
    ) -> Result<Option<Event>, LabError> {
        let before =
            (queries.domain() > heard.done.len()).then(|| self.stream_live(model, step.saturating_sub(1), heard));
        let [_, dims] = scores.dims();
        let scores = Embedded { rows: read(scores).await?, dims };
        let features = match features {
            Some(features) => {
                let [_, dims] = features.dims();
                Some(Embedded { rows: read(features).await?, dims })
            }
            None => None,
        };
        let answer = Answer { scores, features };
        heard.take(queries.domain(), &answer, &queries.positions, &self.test, self.clean_gallery(model))?;
        Ok(before.flatten())
    }

    /// The errors of the model in use so far: at the end of a domain.
    pub(crate) fn stream_live(&self, model: ModelId, step: u32, heard: &Heard) -> Option<Event> {
        let readings = heard.readings();
        (!readings.is_empty()).then_some(Event::Measured { model, step, readings })
    }

    /// Ends the stream of a model: what came of it is left beside what the model itself leaves.
    pub(crate) fn end_stream(&self, model: ModelId, stream: &mut StreamItems, kept: &mut Kept) -> Result<(), LabError> {
        let heard = &mut stream.heard;
        if !heard.open.items.is_empty() {
            heard.close(&self.test, self.clean_gallery(model))?;
        }
        kept.insert(KEPT.to_owned(), heard.done.iter().flat_map(|outcome| outcome.write()).collect());
        Ok(())
    }

    /// What came of the stream of a finished model: its numbers, the tables over all models so far, and its own.
    pub(crate) fn stream_final(&self, model: ModelId) -> Vec<Event> {
        let Some(answered) = self.outcome(model) else { return Vec::new() };
        let step = self.steps.get(&model).copied().unwrap_or(0);
        let measured = Event::Measured { model, step, readings: answered.readings() };
        let all = self.kept.keys().filter_map(|&model| Some((model, self.outcome(model)?)));
        let tables = answered::tables(&all.collect::<BTreeMap<_, _>>());
        [measured].into_iter().chain(tables).chain(answered.table(model)).collect()
    }

    /// What a finished model's stream came to, if it had one.
    fn outcome(&self, model: ModelId) -> Option<Answered> {
        let outcomes = Outcome::read(self.kept.get(&model).filter(|_| self.plan.streams(model))?.get(KEPT)?);
        let drift = Drift::of(&self.scenario.stage(model)?.sees);
        Some(Answered { domains: drift.domains().iter().copied().zip(outcomes).collect() })
    }
}
