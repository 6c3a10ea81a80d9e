//! A scenario at work: a state machine that does a bounded slice of work per call and says what it found.

mod adjusting;
mod checkpoint;
mod measuring;
mod notices;
mod training;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use data::{ClassOrder, Dataset, ImageShape, Seed, Tampering};
use protocol::{Adjusted, Event, Fault, ModelCard, ModelId, Packed, Phase, PhaseKind, Read, Scenario, Stage};

use crate::counts::{CLASSES, DIMS, PHASES, TRAINING_ITEMS};
use crate::export::{ModelFile, Provenance, digest, write_model};
use crate::images::{TestImages, TrainingImages};
use crate::methods::method;
use crate::plan::Plan;
use crate::presets::choices_with;
use crate::readouts::further::{Further, StreamItems};
use crate::readouts::knowledge::Knowledge;
use crate::readouts::retrieval::{self, Measured, Plane};
use crate::ready_made::ready_made;
use crate::stored::Embedded;
use crate::{Bridge, Engine, Kept, LabError, Model, PortableModel};
pub use checkpoint::Checkpoint;
use notices::{nothing_to_forget, smaller_classes};
pub(crate) use training::Active;

/// Milliseconds since some fixed moment. Given by the caller: the runner has no clock of its own.
pub type Clock = fn() -> f64;

/// Runs a scenario slice by slice.
pub struct Runner {
    pub(crate) scenario: Scenario,
    /// The scenario with the settings as they are now.
    pub(crate) current: Scenario,
    /// What changed since the start.
    pub(crate) adjusted: BTreeMap<ModelId, Vec<Adjusted>>,
    pub(crate) dataset: Arc<Dataset>,
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    pub(crate) test: TestImages,
    pub(crate) plan: Plan,
    pub(crate) phases: Vec<Phase>,
    /// Events that wait to be given out before any work.
    pub(crate) pending: Vec<Event>,
    pub(crate) phase: usize,
    pub(crate) active: Option<Active>,
    pub(crate) models: BTreeMap<ModelId, Arc<dyn Model>>,
    /// Those of them that came with the dataset: they are not made here.
    pub(crate) given: Vec<ModelId>,
    /// Numbers of those that were trained here, for checkpoints.
    pub(crate) weights: BTreeMap<ModelId, Vec<f32>>,
    /// What those left for the models that go on from them.
    pub(crate) kept: BTreeMap<ModelId, Kept>,
    /// Test embeddings of every finished model.
    pub(crate) galleries: BTreeMap<ModelId, Embedded>,
    /// What lies between a finished model's space and that of the model before, with the side information of every test
    /// item, if it needs any.
    pub(crate) bridges: BTreeMap<ModelId, (Bridge, Option<Embedded>)>,
    pub(crate) plane: Option<Plane>,
    /// What the finished models answer.
    pub(crate) knowledge: Knowledge,
    /// What else is measured of them.
    pub(crate) further: Further,
    pub(crate) matrix: Vec<Measured>,
    /// Units of the final measurement that are done.
    pub(crate) measured: usize,
    /// Finished models that were looked at.
    pub(crate) looked: BTreeSet<ModelId>,
    pub(crate) steps: BTreeMap<ModelId, u32>,
    /// Seconds that training took; models that were given have none.
    pub(crate) seconds: BTreeMap<ModelId, f64>,
    /// Milliseconds of work before the slice under way.
    pub(crate) worked_ms: f64,
    /// When the slice under way began.
    slice_ms: Option<f64>,
    /// Whether the losses of the next step are read, whatever the interval between readings.
    attended: bool,
    pub(crate) over: bool,
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
    /// [`LabError::UnknownMethod`] if this program lacks a method, [`LabError::Scenario`] if parameters cannot work together, [`LabError::Data`] if there are too few images.
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
        mut models: BTreeMap<ModelId, Arc<dyn Model>>,
    ) -> Result<Self, LabError> {
        // Another method in its place would be another run.
        scenario.stages.iter().try_for_each(|stage| method(&stage.method.id).map(drop))?;
        let mut notices = scenario.settle(&choices_with(&dataset)?);
        let plan = Plan::new(&scenario)?;
        let came = ready_made(&plan, &dataset)?;
        plan.check(&scenario, dataset.train.items().shape())?;
        let seed = Seed(scenario.seed);
        // First, so that who tampers with a class and who reads of it mean the same one.
        let dataset = match ClassOrder::of(&scenario.data.values) {
            Some(order) => Arc::new(order.apply(&dataset)),
            None => dataset,
        };
        let tampering = Tampering::of(&scenario.data.values);
        let dataset = match tampering {
            Some(tampering) => Arc::new(tampering.apply(&dataset, scenario.data.train_per_class as usize, seed)?),
            None => dataset,
        };
        let test = TestImages::new(&dataset, &scenario.data, seed)?;
        let mut all_steps = BTreeMap::new();
        let mut images = 0;
        let mut seen: BTreeMap<ModelId, BTreeSet<u32>> = BTreeMap::new();
        for model in plan.models() {
            let Some((stage, known)) = plan.task(&scenario, model) else { continue };
            let training = TrainingImages::new(&dataset, &scenario.data, &stage, known, seed)?;
            images = training.indices().len();
            notices.extend(nothing_to_forget(&plan, model, &training));
            if !model.independent {
                let classes = match plan.merges(model) {
                    true => plan.parents(model).iter().filter_map(|old| seen.get(old)).flatten().copied().collect(),
                    false => training.classes(&dataset),
                };
                seen.insert(model, classes);
            }
            let steps = match plan.streams(model) {
                true => StreamItems::new(&test, &stage, seed)?.steps()?,
                false => training.steps_per_epoch() * stage.schedule.epochs,
            };
            all_steps.insert(model, steps);
        }
        let given: Vec<ModelId> = came.keys().copied().collect();
        // It took no step to get them.
        let steps = given.iter().map(|&model| (model, 0)).collect();
        models.extend(came);
        let there: Vec<ModelId> = models.keys().copied().collect();
        let phases = plan.phases(|model| all_steps.get(&model).copied().unwrap_or(0), &there);
        notices.extend(smaller_classes(&dataset, &scenario.data));
        if plan.reads(Read::Retrieval) {
            notices.push(retrieval::sampling(&scenario, &test));
        }
        let labels = test.labels.iter().map(|&label| CLASSES.number(label as usize));
        let labels = labels.collect::<Result<_, _>>()?;
        let mut pending = vec![Event::RunStarted {
            scenario: scenario.clone(),
            engine: engine.report().clone(),
            plan: phases.clone(),
            program: concat!("upgrade-lab ", env!("CARGO_PKG_VERSION")).to_owned(),
        }];
        pending.extend(notices.into_iter().map(|text| Event::Noticed { text }));
        pending.push(Event::DatasetLoaded {
            name: dataset.name.clone(),
            source: dataset.provenance.in_words(),
            class_names: dataset.class_names.clone(),
            train: TRAINING_ITEMS.count(images)?,
            test_labels: Packed(labels),
        });
        let knowledge = Knowledge::new(&seen, |model| plan.line(model));
        let further = Further::new(&plan, &dataset, &test, tampering, seed)?;
        let quantities = measuring::quantities(&plan, &dataset);
        if !quantities.is_empty() {
            pending.push(Event::QuantitiesDeclared { quantities });
        }
        pending.extend(further.opening());
        Ok(Self {
            current: scenario.clone(),
            adjusted: BTreeMap::new(),
            scenario,
            dataset,
            engine,
            clock,
            test,
            plan,
            phases,
            pending,
            phase: 0,
            active: None,
            models,
            given,
            weights: BTreeMap::new(),
            kept: BTreeMap::new(),
            galleries: BTreeMap::new(),
            bridges: BTreeMap::new(),
            plane: None,
            knowledge,
            further,
            matrix: Vec::new(),
            measured: 0,
            looked: BTreeSet::new(),
            steps,
            seconds: BTreeMap::new(),
            worked_ms: 0.0,
            slice_ms: None,
            attended: false,
            over: false,
        })
    }

    /// Prepares a run from exported models: those are not trained again, the others of their scenario are.
    ///
    /// # Errors
    /// [`LabError::File`] if the files are of different runs or lack a model that another goes on from, or as [`Runner::new`].
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
        let steps: Vec<(ModelId, u32)> = files.iter().map(|(card, _)| (card.model, card.steps)).collect();
        let models: BTreeMap<ModelId, Arc<dyn Model>> =
            files.into_iter().map(|(card, model)| (card.model, Arc::new(model) as Arc<dyn Model>)).collect();
        let mut runner = Self::with_models(scenario, dataset, engine, clock, models)?;
        for model in runner.models().filter(|&model| !runner.plan.is_plain(model)) {
            let lacking = runner.plan.line(model).into_iter().filter(|older| !runner.models.contains_key(older));
            let lacking: Vec<String> = lacking.map(|older| older.to_string()).collect();
            if !lacking.is_empty() {
                return Err(LabError::File(format!(
                    "{model} was trained to go with {}, of which there is no file; choose the .safetensors files of all of them together",
                    lacking.join(" and ")
                )));
            }
        }
        runner.steps.extend(steps);
        Ok(runner)
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
        self.slice_ms = Some((self.clock)());
        let done = self.slice().await;
        self.worked_ms = self.worked();
        self.slice_ms = None;
        match done {
            Ok(events) => Some(events),
            Err(error) => {
                self.over = true;
                Some(vec![Event::Faulted { fault: self.fault(&error) }])
            }
        }
    }

    /// Has the losses of the next training step read, whatever the interval between readings: somebody watches it.
    pub fn attend(&mut self) {
        self.attended = true;
    }

    /// Milliseconds of work so far. What lies between two slices, pauses and waits of whoever drives the run, is none.
    pub(crate) fn worked(&self) -> f64 {
        self.worked_ms + self.slice_ms.map_or(0.0, |begun| (self.clock)() - begun)
    }

    /// Where the run stands.
    pub fn position(&self) -> Position {
        let active = self.active.as_ref();
        Position {
            phase: self.phase,
            step: active.map_or(0, |active| active.step),
            epoch_steps: active.map_or(0, Active::epoch_steps),
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

    /// Models that are done, imported ones included, and can be exported: not those that came with the dataset.
    pub fn models(&self) -> impl Iterator<Item = ModelId> + '_ {
        self.models.keys().copied().filter(|model| !self.given.contains(model))
    }

    /// A model that is done, for another run over the same data in which it need not be trained again.
    pub fn finished(&self, model: ModelId) -> Option<Arc<dyn Model>> {
        self.models.get(&model).cloned()
    }

    /// What a finished model has for those that go on from it, for another run as [`Runner::finished`]: the numbers of its training, and
    /// what it left.
    pub fn numbers(&self, model: ModelId) -> (Vec<f32>, Kept) {
        let weights = self.weights.get(&model).cloned().unwrap_or_default();
        (weights, self.kept.get(&model).cloned().unwrap_or_default())
    }

    /// Takes the [`Runner::numbers`] of a model that was given to it.
    pub fn take_numbers(&mut self, model: ModelId, (weights, kept): (Vec<f32>, Kept)) {
        self.weights.insert(model, weights);
        self.kept.insert(model, kept);
    }

    /// Pictures of the test items in the order of their ids, 8 bits per channel, and the shape of one. An item of which there is no
    /// image shows its first embedding.
    ///
    /// # Errors
    /// [`LabError::Data`] if an image is missing.
    pub fn test_pictures(&self) -> Result<(ImageShape, Vec<u8>), LabError> {
        self.test.pictures(&self.dataset)
    }

    /// Number of test items.
    pub fn test_len(&self) -> usize {
        self.test.len()
    }

    /// A finished model as a file.
    ///
    /// # Errors
    /// [`LabError::Missing`] if it is not trained yet, [`LabError::Scenario`] if it came with the dataset, [`LabError::Engine`] if the
    /// device was lost.
    pub async fn export(&self, model: ModelId) -> Result<(ModelCard, ModelFile), LabError> {
        if let Some(given) = self.given_name(model) {
            return Err(LabError::Scenario(format!(
                "{model} is {given}, which came with the dataset: there are no weights of it."
            )));
        }
        let mut lineage = Vec::new();
        for (&older, weights) in self.models.iter().filter(|(older, _)| self.plan.is_ancestor(**older, model)) {
            lineage.push(match self.given_name(older) {
                // It has no weights to take a digest of.
                Some(given) => (older, format!("{}/{given}", self.dataset.id)),
                None => (older, digest(weights.as_ref()).await?),
            });
        }
        let weights = self.models.get(&model).ok_or_else(|| LabError::Missing(model.to_string()))?;
        let before = self.plan.before(model).first().and_then(|old| self.models.get(old));
        let names_it = |measured: &&Measured| measured.cell.query == model || measured.cell.gallery == model;
        let provenance = Provenance {
            scenario: &self.scenario,
            model,
            steps: self.steps.get(&model).copied().unwrap_or(0),
            adjusted: self.adjusted.get(&model).cloned().unwrap_or_default(),
            lineage,
            metrics: self.matrix.iter().filter(names_it).map(|measured| measured.cell.clone()).collect(),
            prefix: before.map(|old| DIMS.count(old.dims())).transpose()?,
            test: &self.test,
        };
        write_model(weights.as_ref(), &self.dataset, &self.engine, provenance).await
    }

    async fn slice(&mut self) -> Result<Vec<Event>, LabError> {
        let Some(phase) = self.phases.get(self.phase).cloned() else {
            self.over = true;
            return Ok(Vec::new());
        };
        match phase.kind {
            PhaseKind::Train => match self.active.take() {
                None => {
                    let mut events = vec![Event::PhaseStarted { phase: PHASES.number(self.phase)? }];
                    events.extend(self.index_given().await?);
                    let active = self.begin(phase.model, phase.steps).await?;
                    events.extend(active.training.notices().into_iter().map(|text| Event::Noticed { text }));
                    // What is fitted in closed form is there at once.
                    if active.steps == 0 {
                        return self.finish(active, events).await;
                    }
                    self.active = Some(active);
                    Ok(events)
                }
                Some(mut active) => {
                    active.attended = std::mem::take(&mut self.attended);
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
        self.scenario.stage(model).ok_or_else(|| LabError::Missing(format!("The stage of {model}")))
    }

    /// The fault of an error in this run.
    fn fault(&self, error: &LabError) -> Fault {
        if self.given.is_empty() { error.fault() } else { error.fault_of_given() }
    }

    /// What a model is called that came with the dataset.
    fn given_name(&self, model: ModelId) -> Option<&str> {
        self.dataset
            .given
            .get(self.plan.at(model)?)
            .filter(|_| self.given.contains(&model))
            .map(|given| given.name.as_str())
    }

    pub(crate) fn model(&self, model: ModelId) -> Result<Arc<dyn Model>, LabError> {
        self.finished(model).ok_or_else(|| LabError::Missing(model.to_string()))
    }
}
