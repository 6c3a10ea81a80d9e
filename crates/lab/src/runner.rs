//! A scenario at work: a state machine that does a bounded slice of work per call and says what it found.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};
use data::{Dataset, Seed};
use protocol::{Event, LossTerm, ModelCard, ModelId, Packed, Phase, PhaseKind, Sample, Scenario, Stage};

use crate::engine::read;
use crate::evaluation::{Embedded, Extent, Measured, Plane, verdict};
use crate::export::{ModelFile, Provenance, digest, write_model};
use crate::images::{TestImages, TrainingImages, embed};
use crate::methods::method;
use crate::{
    Batch, Engine, Init, LabError, Model, PortableModel, Predecessor, Setup, Term, Training, catalogue, learning_rate,
    plan,
};

/// Milliseconds since some fixed moment. Given by the caller: the runner has no clock of its own.
pub type Clock = fn() -> f64;

/// Runs a scenario slice by slice.
pub struct Runner {
    scenario: Scenario,
    dataset: Arc<Dataset>,
    engine: Engine,
    clock: Clock,
    test: TestImages,
    plan: Vec<Phase>,
    /// Events that wait to be given out before any work.
    pending: Vec<Event>,
    phase: usize,
    active: Option<Active>,
    models: BTreeMap<ModelId, Arc<dyn Model>>,
    /// Test embeddings of every finished model.
    galleries: BTreeMap<ModelId, Embedded>,
    plane: Option<Plane>,
    matrix: Vec<Measured>,
    steps: BTreeMap<ModelId, u32>,
    started_ms: f64,
    over: bool,
}

/// A model in training.
struct Active {
    model: ModelId,
    training: Box<dyn Training>,
    images: TrainingImages,
    old: Option<Predecessor>,
    teacher: Option<Arc<dyn Model>>,
    step: u32,
    steps: u32,
    started_ms: f64,
    /// Time spent in steps since the last reading, and how many.
    stepping_ms: f64,
    stepped: u32,
}

/// Where a run stands, for callers that stop at certain points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Position in the plan.
    pub phase: usize,
    /// Training steps taken in this phase.
    pub step: u32,
    /// Steps of one epoch; 0 while nothing trains.
    pub epoch_steps: u32,
}

impl Runner {
    /// Prepares a run. The scenario is settled; what that changed becomes notices of the run.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if parameters cannot work together, [`LabError::Data`] if there are too few images.
    pub fn new(scenario: Scenario, dataset: Arc<Dataset>, engine: Engine, clock: Clock) -> Result<Self, LabError> {
        Self::with_models(scenario, dataset, engine, clock, BTreeMap::new())
    }

    /// Prepares a run in which some models are given: they are not trained again, the others are.
    ///
    /// # Errors
    /// As [`Runner::new`].
    pub fn with_models(
        mut scenario: Scenario,
        dataset: Arc<Dataset>,
        engine: Engine,
        clock: Clock,
        models: BTreeMap<ModelId, Arc<dyn Model>>,
    ) -> Result<Self, LabError> {
        let mut notices = scenario.settle(&catalogue());
        plan::check(&scenario)?;
        let seed = Seed(scenario.seed);
        let test = TestImages::new(&dataset, &scenario.data, seed)?;
        let mut steps = Vec::new();
        let mut images = 0;
        for stage in &scenario.stages {
            let training = TrainingImages::new(&dataset, &scenario.data, stage, seed)?;
            images = training.indices().len();
            steps.push(training.steps_per_epoch() * stage.schedule.epochs);
        }
        let given: Vec<ModelId> = models.keys().copied().collect();
        let plan = plan::phases(&scenario, |stage| steps.get(usize::from(stage) - 1).copied().unwrap_or(0), &given);
        let extent = live_extent(&scenario, &test);
        notices.push(format!(
            "While training, retrieval is measured on {} queries and {} gallery items of {}; the final matrix uses all.",
            extent.queries,
            extent.gallery,
            test.len()
        ));
        let mut pending = vec![Event::RunStarted {
            scenario: scenario.clone(),
            engine: engine.report().clone(),
            plan: plan.clone(),
            program: concat!("upgrade-lab ", env!("CARGO_PKG_VERSION")).to_owned(),
        }];
        pending.extend(notices.into_iter().map(|text| Event::Noticed { text }));
        pending.push(Event::DatasetLoaded {
            name: dataset.name.clone(),
            class_names: dataset.class_names.clone(),
            train: images as u32,
            test_labels: Packed(test.labels.iter().map(|&label| label as u8).collect()),
        });
        Ok(Self {
            scenario,
            dataset,
            engine,
            clock,
            test,
            plan,
            pending,
            phase: 0,
            active: None,
            models,
            galleries: BTreeMap::new(),
            plane: None,
            matrix: Vec::new(),
            steps: BTreeMap::new(),
            started_ms: clock(),
            over: false,
        })
    }

    /// Prepares a run from exported models: those are not trained again, the others of their scenario are.
    ///
    /// # Errors
    /// [`LabError::File`] if the files are of different runs, or as [`Runner::new`].
    pub fn import(
        files: Vec<(ModelCard, PortableModel)>,
        dataset: Arc<Dataset>,
        engine: Engine,
        clock: Clock,
    ) -> Result<Self, LabError> {
        let Some((first, _)) = files.first() else {
            return Err(LabError::File("there is none; choose files that this lab exported".to_owned()));
        };
        let scenario = first.scenario.clone();
        if let Some((other, _)) = files.iter().find(|(card, _)| card.scenario != scenario) {
            let message =
                format!("{} is of another run than {}; import the files of one run together", other.model, first.model);
            return Err(LabError::File(message));
        }
        let steps = files.iter().map(|(card, _)| (card.model, card.steps)).collect();
        let models: BTreeMap<ModelId, Arc<dyn Model>> =
            files.into_iter().map(|(card, model)| (card.model, Arc::new(model) as Arc<dyn Model>)).collect();
        Ok(Self { steps, ..Self::with_models(scenario, dataset, engine, clock, models)? })
    }

    /// Does one slice of work: a training step with what is due after it, or one pair of models. `None` when the run is
    /// over. What goes wrong is the last event.
    pub async fn next(&mut self) -> Option<Vec<Event>> {
        if !self.pending.is_empty() {
            return Some(std::mem::take(&mut self.pending));
        }
        if self.over {
            return None;
        }
        match self.slice().await {
            Ok(events) => Some(events),
            Err(error) => {
                self.over = true;
                Some(vec![Event::Faulted { fault: error.fault() }])
            }
        }
    }

    /// Where the run stands.
    pub fn position(&self) -> Position {
        let active = self.active.as_ref();
        Position {
            phase: self.phase,
            step: active.map_or(0, |active| active.step),
            epoch_steps: active.map_or(0, |active| active.images.steps_per_epoch()),
        }
    }

    /// What is run, settled.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// What runs it.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Models that are done, imported ones included.
    pub fn models(&self) -> impl Iterator<Item = ModelId> + '_ {
        self.models.keys().copied()
    }

    /// Test images in the order of their ids, 8 bits per channel.
    ///
    /// # Errors
    /// [`LabError::Data`] if an image is missing.
    pub fn test_pixels(&self) -> Result<Vec<u8>, LabError> {
        self.test.pixels(&self.dataset)
    }

    /// Number and shape (channels, height, width) of the test images.
    pub fn test_shape(&self) -> (usize, [usize; 3]) {
        let shape = self.dataset.test.images().shape();
        (self.test.len(), [shape.channels, shape.height, shape.width])
    }

    /// A finished model as a file.
    ///
    /// # Errors
    /// [`LabError::Missing`] if it is not trained yet, [`LabError::Engine`] if the device was lost.
    pub async fn export(&self, model: ModelId) -> Result<(ModelCard, ModelFile), LabError> {
        let mut lineage = Vec::new();
        for (&older, weights) in self.models.iter().filter(|(older, _)| plan::is_ancestor(**older, model)) {
            lineage.push((older, digest(weights.as_ref()).await?));
        }
        let weights = self.models.get(&model).ok_or_else(|| LabError::Missing(model.to_string()))?;
        let names_it = |measured: &&Measured| measured.cell.query == model || measured.cell.gallery == model;
        let provenance = Provenance {
            scenario: &self.scenario,
            model,
            steps: self.steps.get(&model).copied().unwrap_or(0),
            lineage,
            metrics: self.matrix.iter().filter(names_it).map(|measured| measured.cell.clone()).collect(),
            prefix: (model.stage > 1)
                .then(|| self.models.get(&ModelId::deployed(model.stage - 1)).map(|old| old.dims() as u32))
                .flatten(),
            test: &self.test,
        };
        write_model(weights.as_ref(), &self.dataset, &self.engine, provenance).await
    }

    async fn slice(&mut self) -> Result<Vec<Event>, LabError> {
        let Some(phase) = self.plan.get(self.phase).cloned() else {
            self.over = true;
            return Ok(Vec::new());
        };
        match phase.kind {
            PhaseKind::Train => match self.active.take() {
                None => {
                    let mut events = vec![Event::PhaseStarted { phase: self.phase as u32 }];
                    events.extend(self.index_given().await?);
                    self.active = Some(self.begin(phase.model, phase.steps).await?);
                    Ok(events)
                }
                Some(mut active) => {
                    let events = self.train(&mut active).await?;
                    if active.step < active.steps {
                        self.active = Some(active);
                        return Ok(events);
                    }
                    self.finish(active, events).await
                }
            },
            PhaseKind::Measure => self.measure().await,
        }
    }

    /// The stage of a model.
    fn stage(&self, model: ModelId) -> Result<&Stage, LabError> {
        let stage = self.scenario.stages.get(usize::from(model.stage).wrapping_sub(1));
        stage.ok_or_else(|| LabError::Missing(format!("The stage of {model}")))
    }

    /// Makes the system of a model and what it needs of those before it.
    async fn begin(&mut self, model: ModelId, steps: u32) -> Result<Active, LabError> {
        let mut stage = self.stage(model)?.clone();
        if model.independent {
            stage.method = protocol::Choice::of("independent");
        }
        let seed = Seed(self.scenario.seed);
        let images = TrainingImages::new(&self.dataset, &self.scenario.data, &stage, seed)?;
        let method = method(&stage.method.id)?;
        let needs = (method.card)().needs;
        let old = match model.stage > 1 && !model.independent {
            true => Some(self.predecessor(model.stage - 1, &stage, &images).await?),
            false => None,
        };
        let teacher = match needs.teacher {
            true => Some(self.model(plan::ceiling(&self.scenario, model.stage))?),
            false => None,
        };
        let training = (method.start)(Setup {
            stage: &stage,
            input: self.dataset.train.images().shape(),
            classes: stage.classes as usize,
            engine: &self.engine,
            init: Init::new(seed.stream(&format!("weights/{model}")), self.engine.training()),
            old: old.clone(),
            teacher: teacher.clone(),
        })?;
        let started_ms = (self.clock)();
        Ok(Active { model, training, images, old, teacher, step: 0, steps, started_ms, stepping_ms: 0.0, stepped: 0 })
    }

    fn model(&self, model: ModelId) -> Result<Arc<dyn Model>, LabError> {
        self.models.get(&model).cloned().ok_or_else(|| LabError::Missing(model.to_string()))
    }

    /// The deployed system of a stage, with its class means over the new stage's training images, not augmented.
    async fn predecessor(&self, stage: u8, new: &Stage, images: &TrainingImages) -> Result<Predecessor, LabError> {
        let model = self.model(ModelId::deployed(stage))?;
        let train = &self.dataset.train;
        let rows = embed(model.as_ref(), &self.dataset, train, images.indices(), &self.engine).await?;
        let (dims, classes) = (model.dims(), new.classes as usize);
        let unit = measure::Features::new(&rows, dims)?.prefix(dims)?;
        let mut sums = vec![0f64; classes * dims];
        let mut counts = vec![0u32; classes];
        for (&index, row) in images.indices().iter().zip(unit.chunks_exact(dims)) {
            let Some(&label) = train.labels().get(index) else { continue };
            let start = label as usize * dims;
            if let (Some(sum), Some(count)) = (sums.get_mut(start..start + dims), counts.get_mut(label as usize)) {
                sum.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value));
                *count += 1;
            }
        }
        let per_class = counts.iter().map(|&count| f64::from(count.max(1)));
        let means: Vec<f32> = sums
            .chunks_exact(dims)
            .zip(per_class)
            .flat_map(|(sum, count)| sum.iter().map(move |value| (value / count) as f32))
            .collect();
        let prototypes = Tensor::from_data(TensorData::new(means, [classes, dims]), self.engine.device());
        Ok(Predecessor { model, classes: self.stage(ModelId::deployed(stage))?.classes as usize, prototypes })
    }

    /// One training step and what is due after it.
    async fn train(&self, active: &mut Active) -> Result<Vec<Event>, LabError> {
        let stage = self.stage(active.model)?;
        let (schedule, epoch_steps) = (&stage.schedule, active.images.steps_per_epoch());
        let rate = learning_rate(active.step, active.steps, schedule.warmup * f64::from(epoch_steps), schedule.rate);
        let before_ms = (self.clock)();
        let (images, labels) = active.images.batch(&self.dataset, active.step, self.engine.device())?;
        let needs = active.training.needs();
        let old = active.old.as_ref().filter(|_| needs.old_features).map(|old| old.model.embed(images.clone()));
        let teacher = active.teacher.as_ref().filter(|_| needs.teacher).map(|model| model.embed(images.clone()));
        let batch = Batch {
            images: images.autodiff(),
            labels: labels.autodiff(),
            old: old.map(Tensor::autodiff),
            teacher: teacher.map(Tensor::autodiff),
        };
        let terms = active.training.step(&batch, rate)?;
        active.step += 1;
        active.stepped += 1;
        let last = active.step == active.steps;
        let spec = &self.scenario.evaluation;
        let mut events = Vec::new();
        if last || active.step.is_multiple_of(spec.loss_every.max(1)) || active.step == 1 {
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
            events.extend(self.look(active).await?);
        }
        Ok(events)
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

    /// Measures retrieval of the model in training on the live sample.
    async fn look(&self, active: &Active) -> Result<Vec<Event>, LabError> {
        let extent = live_extent(&self.scenario, &self.test);
        let model = active.training.model()?;
        let rows = self.test.embed(model.as_ref(), &self.dataset, &self.engine, extent.gallery).await?;
        let rows = Embedded { rows, dims: model.dims() };
        let (new, step) = (active.model, active.step);
        let seen = self.seen_classes();
        let mut measured = vec![Measured::new((new, &rows), (new, &rows), &self.test, extent, seen)?];
        if new.stage > 1 {
            let old = ModelId::deployed(new.stage - 1);
            let gallery = self.galleries.get(&old).ok_or_else(|| LabError::Missing(format!("The gallery of {old}")))?;
            measured.push(Measured::new((new, &rows), (old, gallery), &self.test, extent, seen)?);
            measured.push(Measured::new((old, gallery), (old, gallery), &self.test, extent, seen)?);
        }
        let sample =
            Sample { queries: extent.queries as u32, gallery: extent.gallery as u32, of: self.test.len() as u32 };
        let cells = measured.iter().map(|measured| measured.cell.clone()).collect();
        let mut events = vec![Event::RetrievalMeasured { model: new, step, sample, cells }];
        events.extend(measured.iter().map(|measured| measured.ranking(step)));
        if let Some(plane) = &self.plane {
            events.push(plane.project(new, &rows, step, extent.gallery)?);
        }
        Ok(events)
    }

    /// Classes that the first stage was trained on.
    fn seen_classes(&self) -> u32 {
        self.scenario.stages.first().map_or(u32::MAX, |stage| stage.classes)
    }

    /// Indexes the whole test set with a model that is done training.
    async fn finish(&mut self, active: Active, mut events: Vec<Event>) -> Result<Vec<Event>, LabError> {
        events.extend(self.look(&active).await?);
        let model = active.training.model()?;
        events.push(Event::ModelTrained {
            model: active.model,
            steps: active.step,
            seconds: ((self.clock)() - active.started_ms) / 1000.0,
            parameters: model.parameters(),
            dims: model.dims() as u32,
        });
        self.steps.insert(active.model, active.step);
        self.models.insert(active.model, model);
        events.extend(self.index(active.model).await?);
        self.phase += 1;
        Ok(events)
    }

    /// Embeds the whole test set with a model and puts its live sample on the map.
    async fn index(&mut self, id: ModelId) -> Result<Vec<Event>, LabError> {
        let model = self.model(id)?;
        let rows = self.test.embed(model.as_ref(), &self.dataset, &self.engine, self.test.len()).await?;
        let rows = Embedded { rows, dims: model.dims() };
        if self.plane.is_none() {
            self.plane = Some(Plane::fit(&rows)?);
        }
        let count = live_extent(&self.scenario, &self.test).gallery;
        let step = self.steps.get(&id).copied().unwrap_or(0);
        let point = self.plane.as_ref().map(|plane| plane.project(id, &rows, step, count)).transpose()?;
        self.galleries.insert(id, rows);
        Ok(point.into_iter().collect())
    }

    /// Indexes models that were given and not trained here, oldest first.
    async fn index_given(&mut self) -> Result<Vec<Event>, LabError> {
        let mut events = Vec::new();
        for model in plan::models(&self.scenario) {
            if self.models.contains_key(&model) && !self.galleries.contains_key(&model) {
                events.extend(self.index(model).await?);
            }
        }
        Ok(events)
    }

    /// Measures one more pair of models on the whole test set; after the last one, judges.
    async fn measure(&mut self) -> Result<Vec<Event>, LabError> {
        let mut events = Vec::new();
        let pairs = plan::pairs(&self.scenario);
        if self.matrix.is_empty() {
            events.push(Event::PhaseStarted { phase: self.phase as u32 });
            events.extend(self.index_given().await?);
        }
        let everything = Extent { queries: self.test.len(), gallery: self.test.len() };
        if let Some(&(query, gallery)) = pairs.get(self.matrix.len()) {
            let rows = |model: ModelId| {
                let rows = self.galleries.get(&model);
                rows.map(|rows| (model, rows)).ok_or_else(|| LabError::Missing(format!("The gallery of {model}")))
            };
            let seen = self.seen_classes();
            let measured = Measured::new(rows(query)?, rows(gallery)?, &self.test, everything, seen)?;
            events.push(measured.ranking(self.steps.get(&query).copied().unwrap_or(0)));
            self.matrix.push(measured);
        }
        if self.matrix.len() == pairs.len() {
            let cells = self.matrix.iter().map(|measured| measured.cell.clone()).collect();
            let chance = crate::evaluation::chance(&self.test)?;
            events.push(Event::MatrixMeasured { cells, chance });
            for stage in 2..=self.scenario.stages.len() as u8 {
                let verdict = verdict(&self.scenario, stage, &self.matrix, &self.galleries)?;
                events.push(Event::VerdictReached { verdict });
            }
            events.push(Event::RunFinished { seconds: ((self.clock)() - self.started_ms) / 1000.0 });
            self.phase += 1;
            self.over = true;
        }
        Ok(events)
    }
}

/// The live sample: the first items, whose order says nothing about their class. Queries are part of the gallery.
fn live_extent(scenario: &Scenario, test: &TestImages) -> Extent {
    let gallery = (scenario.evaluation.gallery as usize).min(test.len());
    Extent { queries: (scenario.evaluation.queries as usize).min(gallery), gallery }
}
