//! What a training is given: a set-up to start from, then a batch for each step.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::{Int, Tensor};
use data::{ItemShape, Rng, Seed};
use protocol::{Need, Stage, Values};

use crate::encoders::EncoderConfig;
use crate::methods::method;
use crate::parent::asked;
use crate::{Engine, Init, Inputs, LabError, Model, Parent, StoredFeatures, normalize};

/// What a method is given to start from.
pub struct Setup<'a> {
    /// The stage of the scenario, settled.
    pub stage: &'a Stage,
    /// Shape of the items.
    pub input: ItemShape,
    /// Classes to be trained on.
    pub classes: usize,
    /// Most classes that any stage of the run is trained on, for heads that all of its models share.
    pub all_classes: usize,
    /// What trains.
    pub engine: &'a Engine,
    /// Makes weights on the training device.
    pub init: Init,
    /// Seed of the run, for numbers that all of its models share.
    pub seed: Seed,
    /// The deployed systems that this stage goes on from; none for a first or an independent model, or where nothing of them is needed.
    pub parents: Vec<Parent>,
    /// The independent model of this stage, if the method needs one.
    pub teacher: Option<Arc<dyn Model>>,
    /// Its features of the images that [`Parent::stored`] is of, in the same order, if the method needs pairs.
    pub paired: Option<StoredFeatures>,
    /// Where it gets items of the stage from, if the method needs what is to be forgotten.
    pub source: Option<&'a dyn Source>,
}

/// Items of a stage, for a method that looks at them before it begins.
pub trait Source {
    /// So many items with their labels, or all if there are fewer, drawn at random and not augmented; on a device without gradients.
    /// Without a kind all that the stage would be trained on if there were nothing to forget. `None` if there are none.
    ///
    /// # Errors
    /// [`LabError::Data`] if an item is missing.
    fn some(&self, kind: Option<Draw>, count: usize) -> Result<Option<Labelled>, LabError>;
}

impl Setup<'_> {
    /// A parameter of the method that holds for the whole training; see [`Batch::weight`] for the others.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if it is missing.
    pub fn value(&self, id: &str) -> Result<f64, LabError> {
        value(&self.stage.method.values, id)
    }

    /// The one deployed system before this stage, or the first of them.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if there is none.
    pub fn parent(&self) -> Result<&Parent, LabError> {
        let method = &self.stage.method.id;
        self.parents
            .first()
            .ok_or_else(|| LabError::Scenario(format!("{method} needs a model before it; move it to a later stage.")))
    }

    /// The independent model of this stage.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if the method's card does not say that it needs one.
    pub fn independent(&self) -> Result<&Arc<dyn Model>, LabError> {
        asked(self.teacher.as_ref(), Need::Teacher)
    }

    /// Features of the same training images by the independent model and by the one before.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if the method's card does not say that it needs them, [`LabError::Scenario`] if there is no model before
    /// it.
    pub fn pairs(&self) -> Result<(&StoredFeatures, &StoredFeatures), LabError> {
        Ok((asked(self.paired.as_ref(), Need::Pairs)?, self.parent()?.stored()?))
    }

    /// Items of the stage; see [`Source::some`].
    ///
    /// # Errors
    /// As there; [`LabError::Unasked`] if the method's card does not say that it needs what is to be forgotten.
    pub fn items(&self, kind: Option<Draw>, count: usize) -> Result<Option<Labelled>, LabError> {
        asked(self.source, Need::Forget)?.some(kind, count)
    }

    /// The old class means, `[classes, dims of the old model]`, as constants of the training device.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if there is no model before it, [`LabError::Unasked`] if the method's card does not say that it needs
    /// them.
    pub fn prototypes(&self) -> Result<Tensor<2>, LabError> {
        Ok(self.parent()?.prototypes()?.clone().to_device(&self.engine.training()))
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

/// The items of one step, with what frozen models say of the very same augmented items.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What is learned from.
    pub items: Inputs,
    /// What stands beside each of them, if anything does.
    pub beside: Option<Inputs>,
    /// `[batch]`, in `0..classes`; `None` of what comes without, as a stream of queries.
    pub labels: Option<Tensor<1, Int>>,
    /// As many items again of each kind that the method draws.
    pub parts: BTreeMap<Draw, Labelled>,
    /// Embedding by the deployed model, `[batch, dims]`, if the method needs it.
    pub old: Option<Tensor<2>>,
    /// Embedding by the independent model, `[batch, dims]`, if the method needs it.
    pub teacher: Option<Tensor<2>>,
    /// Share of the training that lies before this step, in `0..1`.
    pub progress: f64,
    /// The part of a stream that the items come from, counted from 0; 0 of training items.
    pub domain: usize,
    /// The method's parameters as they are now: hot ones may have changed since the start.
    pub values: Values,
    /// Random numbers of this step, for methods that draw.
    pub rng: Rng,
}

/// Another kind of items that a step can draw beside those that it learns from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Draw {
    /// What the stage remembers of those before it.
    Memory,
    /// What it is to forget.
    Forget,
}

impl Draw {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::Memory, Self::Forget];

    /// What a card says of a method that draws it.
    pub(crate) fn need(self) -> Need {
        match self {
            Self::Memory => Need::Memory,
            Self::Forget => Need::Forget,
        }
    }
}

/// Items with their labels.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// The items.
    pub items: Inputs,
    /// `[items]`, in `0..classes`.
    pub labels: Tensor<1, Int>,
}

impl Batch {
    /// The class of each item, `[batch]`, in `0..classes`.
    ///
    /// # Errors
    /// [`LabError::Unlabelled`] if they come without.
    pub fn labels(&self) -> Result<Tensor<1, Int>, LabError> {
        self.labels.clone().ok_or(LabError::Unlabelled)
    }

    /// What stands beside each item.
    ///
    /// # Errors
    /// [`LabError::Missing`] if nothing does.
    pub fn beside(&self) -> Result<&Inputs, LabError> {
        self.beside.as_ref().ok_or_else(|| LabError::Missing("What stands beside the items".to_owned()))
    }

    /// As many items again that were drawn of another kind, fewer if there are not as many; `None` if there are none at all.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if the method's card does not say that it needs them.
    pub fn part(&self, draw: Draw) -> Result<Option<&Labelled>, LabError> {
        match self.parts.get(&draw) {
            Some(part) => Ok(Some(part).filter(|part| !part.items.is_empty())),
            None => Err(LabError::Unasked(draw.need())),
        }
    }

    /// Unit features by the deployed model, `[batch, dims]`.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if the method's card does not say that it needs them.
    pub fn old_features(&self) -> Result<Tensor<2>, LabError> {
        unit(&self.old, Need::OldFeatures)
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
    /// [`LabError::Unasked`] if the method's card does not say that it needs them.
    pub fn teacher_features(&self) -> Result<Tensor<2>, LabError> {
        unit(&self.teacher, Need::Teacher)
    }
}

/// The value of a parameter of a method; settled scenarios have them all.
fn value(values: &Values, id: &str) -> Result<f64, LabError> {
    let value = values.get(id).copied();
    value.ok_or_else(|| LabError::Scenario(format!("The method lacks its parameter '{id}'.")))
}

fn unit(features: &Option<Tensor<2>>, need: Need) -> Result<Tensor<2>, LabError> {
    asked(features.clone(), need).map(normalize)
}
