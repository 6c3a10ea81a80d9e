//! No compatibility at all: the first model of every run, the ceiling, and the teacher of methods that need one.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use protocol::{Claim, MethodCard, Needs};

use super::{Method, anything_goes, encoder_dims};
use crate::encoders::Encoder;
use crate::{
    Batch, LabError, Portable, Setup, System, Term, Trainer, Training, cosine_logits, cross_entropy, normalize,
};

pub(super) const METHOD: Method = Method { card, check: anything_goes, stored_dims: encoder_dims, start };

/// An encoder with a cosine head: `CE(s cos(W, f), y)` with `f` the unit embedding.
#[derive(Module, Debug)]
pub struct Independent {
    encoder: Encoder,
    /// `W`, shape `[classes, dims]`.
    head: Param<Tensor<2>>,
    scale: f64,
    dims: usize,
}

fn card() -> MethodCard {
    MethodCard {
        id: "independent".to_owned(),
        name: "Independent".to_owned(),
        summary: "Trained as if there were no gallery: the ceiling of the self-test, and incompatible.".to_owned(),
        paper: String::new(),
        needs: Needs::default(),
        comparison: "The common prefix of both embeddings, re-normalised; nothing makes the two spaces agree."
            .to_owned(),
        parameters: Vec::new(),
        losses: vec![Claim::new("task", "Cross entropy of scaled cosine logits.")],
        claims: vec![Claim::new(
            "incompatible though alike",
            "Independent models agree on what is similar (high CKA), yet new queries find nothing in an old gallery.",
        )],
    }
}

fn start(mut setup: Setup) -> Result<Box<dyn Training>, LabError> {
    let system = Independent::new(&mut setup)?;
    Ok(Trainer::new(system, setup.stage.schedule.decay, Needs::default()).boxed())
}

impl Independent {
    /// Makes encoder and head for a stage.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if the stage names no known encoder.
    pub fn new(setup: &mut Setup) -> Result<Self, LabError> {
        let dims = setup.stage.dims as usize;
        let encoder = setup.encoder(dims)?;
        let head = setup.init.uniform([setup.classes, dims], (dims as f32).sqrt().recip());
        Ok(Self { encoder, head, scale: setup.stage.schedule.scale, dims })
    }

    /// The task loss of unit embeddings `[batch, dims]`.
    pub fn task(&self, features: Tensor<2>, batch: &Batch) -> Tensor<1> {
        cross_entropy(cosine_logits(features, self.head.val(), self.scale), batch.labels.clone())
    }
}

impl System for Independent {
    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        normalize(self.encoder.forward(images))
    }

    fn losses(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let features = self.embed(batch.images.clone());
        Ok(vec![Term::new("task", 1.0, self.task(features, batch))])
    }

    fn dims(&self) -> usize {
        self.dims
    }

    fn portable(&self) -> Portable {
        let mut file = Portable::default();
        self.encoder.describe(&mut file);
        file.normalize();
        file
    }

    fn classifier(&self) -> Option<Tensor<2>> {
        Some(self.head.val())
    }
}
