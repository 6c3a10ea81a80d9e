//! The one training loop: every method brings its losses, nobody brings a loop.

mod given;

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Tensor;

pub use given::{Batch, Draw, Labelled, Setup, Source};

use crate::frames::Trainer;
use crate::{Bridge, FixedHead, Inputs, LabError, Model, Portable};

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

/// What a step of a training says.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// The loss terms before the step, not yet read back; none of a step that descends no loss.
    pub terms: Vec<Term>,
    /// What it answered before it learned from the batch, of a training that is asked on the way.
    pub answers: Option<Answers>,
}

impl From<Vec<Term>> for Step {
    fn from(terms: Vec<Term>) -> Self {
        Self { terms, answers: None }
    }
}

/// What is answered to a batch of items.
#[derive(Clone, Debug)]
pub struct Answers {
    /// A score for every class that it knows, `[batch, classes]`; the largest is the answer.
    pub scores: Tensor<2>,
    /// Embeddings of the same items, `[batch, dims]`, with which the gallery before is asked, if it has any.
    pub features: Option<Tensor<2>>,
}

/// What a method trains: an encoder with heads and layers of its own.
pub trait System: Module + Send + Sync + 'static {
    /// Makes the system of a stage.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if the stage lacks what the method needs.
    fn new(setup: &mut Setup) -> Result<Self, LabError>;

    /// See [`Model::embed`].
    ///
    /// # Errors
    /// As there.
    fn embed(&self, _items: &Inputs) -> Result<Tensor<2>, LabError> {
        Err(LabError::NoEmbedding)
    }

    /// The loss terms on a batch, in the order of the card.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if it uses of the batch what the card does not say that it needs.
    fn losses(&self, batch: &Batch) -> Result<Vec<Term>, LabError>;

    /// The same in a step of a training, in which a system may note of the batch what it keeps in no parameter.
    ///
    /// # Errors
    /// As [`System::losses`].
    fn losses_of_step(&mut self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        self.losses(batch)
    }

    /// Floats stored per item; 0 of what embeds nothing.
    fn dims(&self) -> usize {
        0
    }

    /// See [`Model::portable`].
    fn portable(&self) -> Portable;

    /// See [`Model::classifier`].
    fn classifier(&self) -> Option<Tensor<2>> {
        None
    }

    /// See [`Model::is_cosine`].
    fn is_cosine(&self) -> bool {
        true
    }

    /// See [`Model::answer`].
    ///
    /// # Errors
    /// As there.
    fn answer(&self, _items: &Inputs) -> Result<Option<Tensor<2>>, LabError> {
        Ok(None)
    }

    /// See [`Model::path`].
    ///
    /// # Errors
    /// As there.
    fn path(&self, _noise: &Inputs, _steps: usize) -> Result<Vec<Inputs>, LabError> {
        Ok(Vec::new())
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
    /// [`Parent::stored`](crate::Parent::stored).
    ///
    /// # Shapes
    /// - features: `[images, dims]`, row-major
    fn observe(&mut self, _features: &[f32]) {}

    /// How many of its training items it wants to see once more when it is done, for [`System::leave`].
    fn wants_items(&self) -> usize {
        0
    }

    /// What it leaves for those that go on from it beside the model, by name. `items` are as many as it wants, or all there are, not
    /// augmented and without regard to class. They and its parameters are on the [host](crate::Engine::host) then; what else it holds is
    /// where it was.
    ///
    /// # Errors
    /// As [`Model::embed`].
    fn leave(&self, _items: Option<&Inputs>) -> Result<BTreeMap<&'static str, Tensor<1>>, LabError> {
        Ok(BTreeMap::new())
    }

    /// What it has observed and keeps in no parameter, for a checkpoint.
    fn memory(&self) -> Option<Tensor<1>> {
        None
    }

    /// Takes back what [`System::memory`] gave.
    fn remember(&mut self, _memory: &[f32]) {}
}

/// What a system that is done is measured with once more.
pub struct Again {
    /// The items of [`System::leave`], on the host, without gradients.
    pub items: Inputs,
    /// What [`Training::weights`] gave.
    pub weights: Vec<f32>,
}

/// A training under way, whatever the method.
pub trait Training {
    /// Takes one step at this learning rate.
    ///
    /// # Errors
    /// What the method's losses say.
    fn step(&mut self, batch: &Batch, rate: f64) -> Result<Step, LabError>;

    /// The model as it is now.
    ///
    /// # Errors
    /// [`LabError::Missing`] after a step that failed.
    fn model(&self) -> Result<Arc<dyn Model>, LabError>;

    /// See [`System::wants_features`].
    fn wants_features(&self, _progress: f64) -> bool {
        false
    }

    /// See [`System::observe`].
    fn observe(&mut self, _features: &[f32]) {}

    /// See [`System::wants_items`].
    fn wants_items(&self) -> usize {
        0
    }

    /// What it leaves, once it is done, for those that go on from it beside the model: read back by the caller as [`Kept`](crate::Kept).
    /// It is given what it [wants](Training::wants_items).
    ///
    /// # Errors
    /// [`LabError::Missing`] after a step that failed.
    fn finish(&mut self, _again: Option<Again>) -> Result<BTreeMap<&'static str, Tensor<1>>, LabError> {
        Ok(BTreeMap::new())
    }

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
