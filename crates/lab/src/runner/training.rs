//! The training part of a run: what a model needs, one step, and what is looked at in between.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::{Int, Tensor};
use data::{Rng, Seed};
use protocol::{Event, LossTerm, ModelId, Need, Needs, Stage};

use super::Runner;
use crate::counts::DIMS;
use crate::engine::read;
use crate::images::{TrainingImages, embed};
use crate::methods::method;
use crate::readouts::further::{Queries, StreamItems};
use crate::source::StageItems;
use crate::{
    Again, Batch, Draw, Engine, Init, Inputs, Kept, LabError, Labelled, Means, Model, Parent, Setup, Step,
    StoredFeatures, Term, Training, learning_rate,
};

/// A model in training.
pub(crate) struct Active {
    pub(crate) model: ModelId,
    /// Its settings as they are now.
    pub(super) stage: Stage,
    pub(crate) training: Box<dyn Training>,
    /// Gives each step its random numbers.
    pub(super) rng: Rng,
    pub(super) images: TrainingImages,
    /// What it is asked instead, if it learns from what it is asked.
    pub(crate) stream: Option<StreamItems>,
    /// What it is given beside the items that it learns from.
    pub(super) draws: Vec<Draw>,
    /// The model before, if it runs beside this one.
    pub(super) old: Option<Arc<dyn Model>>,
    /// The independent model, if it teaches this one.
    pub(super) teacher: Option<Arc<dyn Model>>,
    pub(crate) step: u32,
    pub(crate) steps: u32,
    /// Whether the losses of the next step are read, whatever the interval between readings.
    pub(super) attended: bool,
    /// Milliseconds of work in the run before it.
    pub(super) started_ms: f64,
    /// Time spent in steps since the last reading, and how many.
    pub(super) stepping_ms: f64,
    pub(super) stepped: u32,
}

impl Active {
    /// Steps until all that it learns from was seen once.
    pub(super) fn epoch_steps(&self) -> u32 {
        if self.stream.is_some() { self.steps } else { self.images.steps_per_epoch() }
    }
}

impl Runner {
    /// Makes the system of a model and what it needs of those before it.
    pub(super) async fn begin(&mut self, model: ModelId, steps: u32) -> Result<Active, LabError> {
        let task = self.plan.task(&self.current, model);
        let (stage, known) = task.ok_or_else(|| LabError::Missing(format!("The stage of {model}")))?;
        let seed = Seed(self.scenario.seed);
        let images = TrainingImages::new(&self.dataset, &self.scenario.data, &stage, known, seed)?;
        let method = method(&stage.method.id)?;
        let needs = (method.card)().needs;
        let mut parents = Vec::new();
        // What needs nothing of them gets none.
        for &id in self.plan.parents(model).iter().filter(|_| !needs.nothing()) {
            parents.push(self.parent(id, &needs, &stage, &images).await?);
        }
        let old = self.plan.parents(model).first().filter(|_| needs.has(Need::OldFeatures));
        let old = old.map(|&old| self.model(old)).transpose()?;
        let teacher = match needs.has(Need::Teacher) {
            true => Some(self.model(self.plan.reference(model))?),
            false => None,
        };
        let paired = match (needs.has(Need::Pairs), &teacher) {
            (true, Some(teacher)) => Some(self.stored(teacher.as_ref(), &images).await?),
            _ => None,
        };
        let stream = self.plan.streams(model).then(|| StreamItems::new(&self.test, &stage, seed)).transpose()?;
        let rng = seed.stream(&format!("source/{model}"));
        let source = StageItems { images: &images, dataset: &self.dataset, rng, device: self.engine.device() };
        let training = (method.start)(Setup {
            stage: &stage,
            input: self.dataset.train.items().shape(),
            classes: stage.classes as usize,
            all_classes: self.scenario.stages.iter().map(|stage| stage.classes as usize).max().unwrap_or_default(),
            engine: &self.engine,
            seed,
            init: Init::new(seed.stream(&format!("weights/{model}")), self.engine.training()),
            parents,
            teacher: teacher.clone(),
            paired,
            source: needs.has(Need::Forget).then_some(&source),
        })?;
        Ok(Active {
            model,
            stage,
            training,
            rng: seed.stream(&format!("method/{model}")),
            images,
            stream,
            draws: Draw::ALL.into_iter().filter(|draw| needs.has(draw.need())).collect(),
            old,
            teacher,
            step: 0,
            steps,
            attended: false,
            started_ms: self.worked(),
            stepping_ms: 0.0,
            stepped: 0,
        })
    }

    /// What a method with these needs is given of a deployed system, some of it over the training images of the new stage.
    async fn parent(
        &self,
        id: ModelId,
        needs: &Needs,
        new: &Stage,
        images: &TrainingImages,
    ) -> Result<Parent, LabError> {
        let model = self.model(id)?;
        let mut parent = Parent::new(needs, &model, self.stage(id)?.classes as usize);
        if parent.wants_features() {
            let stored = self.stored(model.as_ref(), images).await?;
            parent = parent.with_features(stored, new.classes as usize, self.engine.device());
        }
        let none = Kept::new();
        let kept = self.kept.get(&id).unwrap_or(&none);
        if needs.has(Need::Means) {
            parent = parent.with_means(match Means::of_kept(kept, model.dims()) {
                Some(means) => means,
                None => self.own_means(id, model.as_ref()).await?,
            });
        }
        let weights = self.weights.get(&id).map(Vec::as_slice).unwrap_or_default();
        Ok(parent.with_numbers(weights, kept))
    }

    /// The class means of a system that left none, over the items that it was trained on and no others: what it would have left, had
    /// anyone asked before.
    async fn own_means(&self, id: ModelId, model: &dyn Model) -> Result<Means, LabError> {
        let task = self.plan.task(&self.current, id);
        let (stage, known) = task.ok_or_else(|| LabError::Missing(format!("The stage of {id}")))?;
        let seed = Seed(self.scenario.seed);
        let images = TrainingImages::new(&self.dataset, &self.scenario.data, &stage, known, seed)?;
        let mut means = Means::new(model.dims(), stage.classes as usize);
        means.take_all(&self.stored(model, &images).await?);
        Ok(means)
    }

    /// A model's features of training images, not augmented.
    async fn stored(&self, model: &dyn Model, images: &TrainingImages) -> Result<StoredFeatures, LabError> {
        let train = &self.dataset.train;
        let rows = embed(model, &self.dataset, train, images.indices(), &self.engine).await?;
        let labels = images.indices().iter().filter_map(|&index| train.labels().get(index)).copied().collect();
        StoredFeatures::new(&rows, model.dims(), labels)
    }

    /// One training step and what is due after it.
    pub(super) async fn train(&self, active: &mut Active) -> Result<Vec<Event>, LabError> {
        let (schedule, epoch_steps) = (&active.stage.schedule, active.epoch_steps());
        let rate = learning_rate(active.step, active.steps, schedule.warmup * f64::from(epoch_steps), schedule.rate);
        let before_ms = (self.clock)();
        let progress = f64::from(active.step) / f64::from(active.steps.max(1));
        if active.training.wants_features(progress) {
            let (model, train) = (active.training.model()?, &self.dataset.train);
            let rows = embed(model.as_ref(), &self.dataset, train, active.images.indices(), &self.engine).await?;
            active.training.observe(&rows);
        }
        let (items, labels, beside, queries) = self.next_items(active)?;
        let domain = queries.as_ref().map_or(0, |queries| queries.domain());
        let old = active.old.as_ref().map(|model| model.embed(&items)).transpose()?;
        let teacher = active.teacher.as_ref().map(|model| model.embed(&items)).transpose()?;
        let batch = Batch {
            items: items.autodiff(),
            beside: beside.map(Inputs::autodiff),
            labels: labels.map(Tensor::autodiff),
            parts: self.parts(active)?,
            old: old.map(Tensor::autodiff),
            teacher: teacher.map(Tensor::autodiff),
            progress,
            domain,
            values: active.stage.method.values.clone(),
            rng: active.rng.substream(u64::from(active.step)),
        };
        let Step { terms, answers } = active.training.step(&batch, rate)?;
        active.step += 1;
        active.stepped += 1;
        let last = active.step == active.steps;
        let spec = &self.scenario.evaluation;
        let mut events = Vec::new();
        if let Some((queries, answers)) = queries.zip(answers)
            && let Some(stream) = &mut active.stream
        {
            events.extend(self.answered((active.model, active.step), stream, &queries, answers).await?);
        }
        if terms.is_empty() {
            active.stepping_ms += (self.clock)() - before_ms;
        } else if last || active.attended || active.step.is_multiple_of(spec.loss_every.max(1)) || active.step == 1 {
            let terms = self.read_terms(active, terms).await?;
            active.stepping_ms += (self.clock)() - before_ms;
            let orthogonality = match active.training.model()?.orthogonality() {
                Some(error) => read(error).await?.first().map(|&error| f64::from(error)),
                None => None,
            };
            events.push(Event::LossMeasured {
                model: active.model,
                step: active.step,
                epoch: f64::from(active.step) / f64::from(epoch_steps.max(1)),
                rate,
                total: terms.iter().map(|term| term.weight * term.value).sum(),
                terms,
                orthogonality,
                ms_per_step: active.stepping_ms / f64::from(active.stepped),
            });
            (active.stepping_ms, active.stepped) = (0.0, 0);
        } else {
            active.stepping_ms += (self.clock)() - before_ms;
        }
        if !last && active.step.is_multiple_of(spec.every.max(1)) {
            events.extend(self.live(active).await?);
        }
        Ok(events)
    }

    /// What the next step learns from: training items, or queries without labels.
    #[expect(clippy::type_complexity, reason = "it is taken apart where it is called")]
    fn next_items(
        &self,
        active: &mut Active,
    ) -> Result<(Inputs, Option<Tensor<1, Int>>, Option<Inputs>, Option<Queries>), LabError> {
        if let Some(stream) = &active.stream {
            let queries = stream.batch(active.step, &self.test, &self.dataset, &self.engine)?;
            return Ok((queries.items().clone(), None, None, Some(queries)));
        }
        let (seen, beside) = active.images.batch(&self.dataset, active.step, self.engine.device())?;
        Ok((seen.items, Some(seen.labels), beside, None))
    }

    /// What the next step is given beside what it learns from.
    fn parts(&self, active: &Active) -> Result<BTreeMap<Draw, Labelled>, LabError> {
        let part = |&draw: &Draw| {
            let drawn = active.images.draw(draw, &self.dataset, active.step, self.engine.device())?;
            Ok((draw, Labelled { items: drawn.items.autodiff(), labels: drawn.labels.autodiff() }))
        };
        active.draws.iter().map(part).collect()
    }

    /// Reads all loss terms back in one go and refuses what is no number.
    async fn read_terms(&self, active: &Active, terms: Vec<Term>) -> Result<Vec<LossTerm>, LabError> {
        let values = read(Tensor::cat(terms.iter().map(|term| term.value.clone()).collect(), 0)).await?;
        terms
            .iter()
            .zip(values)
            .map(|(term, value)| match value.is_finite() {
                true => Ok(LossTerm { name: term.name.to_owned(), weight: term.weight, value: f64::from(value) }),
                false => {
                    Err(LabError::NotFinite { model: active.model, step: active.step, term: term.name.to_owned() })
                }
            })
            .collect()
    }

    /// Says what became of a model that is done training, and takes it in.
    pub(super) async fn finish(&mut self, mut active: Active, mut events: Vec<Event>) -> Result<Vec<Event>, LabError> {
        events.extend(self.live(&active).await?);
        let model = active.training.model()?;
        let seconds = (self.worked() - active.started_ms) / 1000.0;
        self.seconds.insert(active.model, seconds);
        events.push(Event::ModelTrained {
            model: active.model,
            steps: active.step,
            seconds,
            parameters: model.parameters(),
            dims: DIMS.count(model.dims())?,
        });
        let mut kept = Kept::new();
        let wanted = active.training.wants_items();
        let stream = Seed(self.scenario.seed).stream(&format!("items/{}", active.model));
        let items = active.images.some(&self.dataset, wanted, stream, &Engine::host())?;
        let again = match items {
            Some(items) => {
                let weights = active.training.weights();
                let weights =
                    weights.ok_or_else(|| LabError::Missing("The weights of the model in training".to_owned()))?;
                Some(Again { items, weights: read(weights).await? })
            }
            None => None,
        };
        for (name, numbers) in active.training.finish(again)? {
            kept.insert(name.to_owned(), read(numbers).await?);
        }
        // As in a checkpoint, which holds no empty rows.
        kept.retain(|_, numbers| !numbers.is_empty());
        if let Some(stream) = &mut active.stream {
            self.end_stream(active.model, stream, &mut kept)?;
        }
        events.extend(self.deploy(active, kept).await?);
        Ok(events)
    }

    /// Takes a model that is done among the finished ones, with what it leaves, and indexes the whole test set with it.
    pub(super) async fn deploy(&mut self, active: Active, kept: Kept) -> Result<Vec<Event>, LabError> {
        let weights = match active.training.weights() {
            Some(weights) => read(weights).await?,
            None => Vec::new(),
        };
        self.weights.insert(active.model, weights);
        self.kept.insert(active.model, kept);
        self.steps.insert(active.model, active.step);
        self.models.insert(active.model, active.training.model()?);
        let events = self.index(active.model).await?;
        self.phase += 1;
        Ok(events)
    }
}
