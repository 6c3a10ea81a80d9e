//! The one training loop: every method brings its losses, nobody brings a loop.

use std::sync::Arc;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Int, Tensor};
use data::{ImageShape, Rng, Seed};
use protocol::{Stage, Values};

use crate::adam::Adam;
use crate::encoders::EncoderConfig;
use crate::methods::method;
use crate::numbers::{load, parameters};
use crate::{Bridge, Engine, FixedHead, Init, LabError, Model, Portable, Predecessor, StoredFeatures, normalize};

/// What a method is given to start from.
pub struct Setup<'a> {
    /// The stage of the scenario, settled.
    pub stage: &'a Stage,
    /// Shape of the images.
    pub input: ImageShape,
    /// Classes to be trained on.
    pub classes: usize,
    /// What trains.
    pub engine: &'a Engine,
    /// Makes weights on the training device.
    pub init: Init,
    /// Seed of the run, for numbers that all of its models share.
    pub seed: Seed,
    /// The deployed system before this stage; `None` for a first or an independent model.
    pub old: Option<Predecessor>,
    /// The independent model of this stage, if the method needs one.
    pub teacher: Option<Arc<dyn Model>>,
    /// Its features of the images that [`Predecessor::stored`] is of, in the same order, if the method needs pairs.
    pub paired: Option<StoredFeatures>,
}

impl Setup<'_> {
    /// A parameter of the method that holds for the whole training; see [`Batch::weight`] for the others.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if it is missing.
    pub fn value(&self, id: &str) -> Result<f64, LabError> {
        value(&self.stage.method.values, id)
    }

    /// The deployed system.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if there is none.
    pub fn predecessor(&self) -> Result<&Predecessor, LabError> {
        let method = &self.stage.method.id;
        self.old
            .as_ref()
            .ok_or_else(|| LabError::Scenario(format!("{method} needs a model before it; move it to a later stage.")))
    }

    /// The independent model of this stage.
    ///
    /// # Errors
    /// [`LabError::Missing`] if the method's card does not say that it needs one.
    pub fn independent(&self) -> Result<&Arc<dyn Model>, LabError> {
        self.teacher.as_ref().ok_or_else(|| LabError::Missing("The independent model".to_owned()))
    }

    /// The old class means, `[classes, dims of the old model]`, as constants of the training device.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if there is no model before it.
    pub fn prototypes(&self) -> Result<Tensor<2>, LabError> {
        Ok(self.predecessor()?.prototypes.clone().to_device(&self.engine.training()))
    }

    /// Floats that the method stores per item, where it does not take the old model's along.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if the stage names no known method.
    pub fn stored_dims(&self) -> Result<usize, LabError> {
        Ok((method(&self.stage.method.id)?.stored_dims)(self.stage, None))
    }

    /// The encoder of the stage with `dims` outputs.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if the stage names no known encoder or one that cannot take the images.
    pub fn encoder(&mut self, dims: usize) -> Result<crate::encoders::Encoder, LabError> {
        EncoderConfig::of(&self.stage.encoder)?.init(self.input, dims, &mut self.init)
    }
}

/// The images of one step, with what frozen models say of the very same augmented pixels.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[batch, channels, height, width]`.
    pub images: Tensor<4>,
    /// `[batch]`, in `0..classes`.
    pub labels: Tensor<1, Int>,
    /// Embedding by the deployed model, `[batch, dims]`, if the method needs it.
    pub old: Option<Tensor<2>>,
    /// Embedding by the independent model, `[batch, dims]`, if the method needs it.
    pub teacher: Option<Tensor<2>>,
    /// Share of the training that lies before this step, in `0..1`.
    pub progress: f64,
    /// The method's parameters as they are now: hot ones may have changed since the start.
    pub values: Values,
    /// Random numbers of this step, for methods that draw.
    pub rng: Rng,
}

impl Batch {
    /// Unit features by the deployed model, `[batch, dims]`.
    ///
    /// # Errors
    /// [`LabError::Missing`] if the method's card does not say that it needs them.
    pub fn old_features(&self) -> Result<Tensor<2>, LabError> {
        unit(&self.old, "old features")
    }

    /// The weight of a loss term by the parameter that sets it: one that is [`hot`](protocol::Parameter::hot), which only a
    /// batch knows as it is now.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if it is missing.
    pub fn weight(&self, id: &str) -> Result<f64, LabError> {
        value(&self.values, id)
    }

    /// Unit features by the independent model, `[batch, dims]`.
    ///
    /// # Errors
    /// [`LabError::Missing`] if the method's card does not say that it needs them.
    pub fn teacher_features(&self) -> Result<Tensor<2>, LabError> {
        unit(&self.teacher, "independent features")
    }
}

/// The value of a parameter of a method; settled scenarios have them all.
fn value(values: &Values, id: &str) -> Result<f64, LabError> {
    let value = values.get(id).copied();
    value.ok_or_else(|| LabError::Scenario(format!("The method lacks its parameter '{id}'.")))
}

fn unit(features: &Option<Tensor<2>>, what: &str) -> Result<Tensor<2>, LabError> {
    let features = features.clone().ok_or_else(|| LabError::Missing(format!("The {what} of the batch")))?;
    Ok(normalize(features))
}

/// A named loss term.
#[derive(Clone, Debug)]
pub struct Term {
    /// Name, as on the method's card.
    pub name: &'static str,
    /// Weight in the sum.
    pub weight: f64,
    /// Value before weighting, shape `[1]`.
    pub value: Tensor<1>,
}

impl Term {
    /// A named loss term.
    pub fn new(name: &'static str, weight: f64, value: Tensor<1>) -> Self {
        Self { name, weight, value }
    }
}

/// What a method trains: an encoder with heads and layers of its own.
pub trait System: Module + Send + Sync + 'static {
    /// Makes the system of a stage.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if the stage lacks what the method needs.
    fn new(setup: &mut Setup) -> Result<Self, LabError>;

    /// The embedding that is stored and compared.
    ///
    /// # Shapes
    /// - images: `[batch, channels, height, width]`
    /// - output: `[batch, dims]`
    fn embed(&self, images: Tensor<4>) -> Tensor<2>;

    /// The loss terms on a batch, in the order of the card.
    ///
    /// # Errors
    /// [`LabError::Missing`] if the batch lacks what the card says that the method needs.
    fn losses(&self, batch: &Batch) -> Result<Vec<Term>, LabError>;

    /// Floats stored per item.
    fn dims(&self) -> usize;

    /// Writes the forward pass of [`System::embed`] down.
    fn portable(&self) -> Portable;

    /// See [`Model::classifier`].
    fn classifier(&self) -> Option<Tensor<2>> {
        None
    }

    /// See [`Model::fixed_head`].
    fn fixed_head(&self) -> Option<FixedHead> {
        None
    }

    /// See [`Model::branch`].
    fn branch(&self) -> Option<Tensor<2>> {
        None
    }

    /// See [`Model::orthogonality`].
    fn orthogonality(&self) -> Option<Tensor<1>> {
        None
    }

    /// See [`Model::bridge`].
    ///
    /// # Errors
    /// As there.
    fn bridge(&self) -> Result<Option<Bridge>, LabError> {
        Ok(None)
    }

    /// Whether the method wants to [`observe`](System::observe) before the step at this `progress`; see [`Batch::progress`].
    fn wants_features(&self, _progress: f64) -> bool {
        false
    }

    /// Takes its own embeddings of all training images as they are now, without augmentation, in the order of
    /// [`Predecessor::stored`].
    ///
    /// # Shapes
    /// - features: `[images, dims]`, row-major
    fn observe(&mut self, _features: &[f32]) {}

    /// What it has observed and keeps in no parameter, for a checkpoint.
    fn memory(&self) -> Option<Tensor<1>> {
        None
    }

    /// Takes back what [`System::memory`] gave.
    fn remember(&mut self, _memory: &[f32]) {}
}

/// A training under way, whatever the method.
pub trait Training {
    /// Takes one step at this learning rate and gives the loss terms before the step, not yet read back.
    ///
    /// # Errors
    /// What the method's losses say.
    fn step(&mut self, batch: &Batch, rate: f64) -> Result<Vec<Term>, LabError>;

    /// The model as it is now.
    ///
    /// # Errors
    /// [`LabError::Missing`] after a step that failed.
    fn model(&self) -> Result<Arc<dyn Model>, LabError>;

    /// See [`System::wants_features`].
    fn wants_features(&self, progress: f64) -> bool;

    /// See [`System::observe`].
    fn observe(&mut self, features: &[f32]);

    /// What a reader of the results must know of how it started, in sentences.
    fn notices(&self) -> Vec<String> {
        Vec::new()
    }

    /// What the model has that a training of the same [`Setup`] does not start with: its parameters and what it has observed, in
    /// an order of its own; `None` if there is nothing.
    fn weights(&self) -> Option<Tensor<1>> {
        None
    }

    /// What the optimiser remembers, in an order of its own.
    fn moments(&self) -> Option<Tensor<1>> {
        None
    }

    /// Goes on from the `weights` and `moments` of a training of the same [`Setup`]; without moments from the weights alone, which
    /// is enough for a model that is done.
    ///
    /// # Errors
    /// [`LabError::Checkpoint`] if they are of another training.
    fn restore(&mut self, weights: &[f32], moments: &[f32]) -> Result<(), LabError> {
        match (weights, moments) {
            ([], []) => Ok(()),
            _ => Err(LabError::Checkpoint("it holds numbers of a model that has none".to_owned())),
        }
    }
}

/// Starts to train the system of a method: the [`start`](crate::methods::Method::start) of them all.
///
/// # Errors
/// What [`System::new`] says.
pub fn start<S: System>(mut setup: Setup) -> Result<Box<dyn Training>, LabError> {
    let system = S::new(&mut setup)?;
    Ok(Box::new(Trainer::new(system, setup.stage.schedule.decay)))
}

/// Trains a [`System`] with Adam.
pub struct Trainer<S> {
    system: Option<S>,
    optimizer: Adam,
}

impl<S: System> Trainer<S> {
    /// A training of `system`.
    pub fn new(system: S, decay: f64) -> Self {
        Self { system: Some(system), optimizer: Adam::new(decay as f32) }
    }
}

impl<S: System> Training for Trainer<S> {
    fn step(&mut self, batch: &Batch, rate: f64) -> Result<Vec<Term>, LabError> {
        // Taken out, not cloned: the optimiser then owns the only handle and can update in place.
        let system = self.system.take().ok_or_else(|| LabError::Missing("The system in training".to_owned()))?;
        let terms = system.losses(batch)?;
        let weighted = terms.iter().filter(|term| term.weight != 0.0);
        let total = weighted.map(|term| term.value.clone().mul_scalar(term.weight)).reduce(|sum, value| sum + value);
        self.system = Some(match total {
            Some(total) => {
                let gradients = GradientsParams::from_grads(total.backward(), &system);
                self.optimizer.step(rate, system, gradients)
            }
            // Weights that were set to zero on the way can be raised again.
            None if batch.progress > 0.0 => system,
            None => {
                return Err(LabError::Scenario("Every loss weight is zero; nothing can be learned.".to_owned()));
            }
        });
        Ok(terms.into_iter().map(|term| Term { value: term.value.inner(), ..term }).collect())
    }

    fn model(&self) -> Result<Arc<dyn Model>, LabError> {
        let system = self.system.as_ref().ok_or_else(|| LabError::Missing("The system in training".to_owned()))?;
        Ok(Arc::new(Trained(system.valid())))
    }

    fn wants_features(&self, progress: f64) -> bool {
        self.system.as_ref().is_some_and(|system| system.wants_features(progress))
    }

    fn observe(&mut self, features: &[f32]) {
        if let Some(system) = &mut self.system {
            system.observe(features);
        }
    }

    fn weights(&self) -> Option<Tensor<1>> {
        // Read without gradients.
        let system = self.system.as_ref()?.valid();
        let mut parts = parameters(&system);
        parts.extend(system.memory());
        (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
    }

    fn moments(&self) -> Option<Tensor<1>> {
        let parts = self.optimizer.moments(self.system.as_ref()?);
        (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
    }

    fn restore(&mut self, weights: &[f32], moments: &[f32]) -> Result<(), LabError> {
        let others = || LabError::Checkpoint("its numbers are not those of this model".to_owned());
        let system = self.system.take().ok_or_else(|| LabError::Missing("The system in training".to_owned()))?;
        let (mut system, left) = load(system, weights);
        match left {
            Some([]) => {}
            Some(memory) if system.memory().is_some_and(|own| own.shape().num_elements() == memory.len()) => {
                system.remember(memory);
            }
            _ => return Err(others()),
        }
        if !moments.is_empty() {
            self.optimizer.restore(&system, moments).ok_or_else(others)?;
        }
        self.system = Some(system);
        Ok(())
    }
}

/// A system that no longer trains.
struct Trained<S>(S);

impl<S: System> Model for Trained<S> {
    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        self.0.embed(images)
    }

    fn dims(&self) -> usize {
        self.0.dims()
    }

    fn parameters(&self) -> u64 {
        self.0.num_params() as u64
    }

    fn portable(&self) -> Portable {
        self.0.portable()
    }

    fn classifier(&self) -> Option<Tensor<2>> {
        self.0.classifier()
    }

    fn fixed_head(&self) -> Option<FixedHead> {
        self.0.fixed_head()
    }

    fn branch(&self) -> Option<Tensor<2>> {
        self.0.branch()
    }

    fn orthogonality(&self) -> Option<Tensor<1>> {
        self.0.orthogonality()
    }

    fn bridge(&self) -> Result<Option<Bridge>, LabError> {
        self.0.bridge()
    }
}
