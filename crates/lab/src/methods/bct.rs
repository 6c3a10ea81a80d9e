//! Backward-compatible training: the new features must also satisfy the old classifier.
//!
//! Shen, Xiong, Xia, Soatto: Towards Backward-Compatible Representation Learning, CVPR 2020.
//!
//! `L = CE(s cos(W, f), y) + lambda CE(s cos(W_o, n(f[:d_o])), y)` with `W_o` frozen: the old classifier's rows for
//! classes that it knows, and the mean old feature of the new training images for those that it never saw.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use protocol::{Claim, MethodCard, Needs, Parameter, Stage};

use super::{Independent, Method, encoder_dims};
use crate::{
    Batch, LabError, Portable, Predecessor, Setup, System, Term, Trainer, Training, cosine_logits, cross_entropy,
    normalize,
};

pub(super) const METHOD: Method = Method { card, check, stored_dims: encoder_dims, start };

/// An independent system with the influence loss on top.
#[derive(Module, Debug)]
pub struct Bct {
    new: Independent,
    /// Frozen rows, shape `[classes, d_o]`.
    old_rows: Tensor<2>,
    lambda: f64,
    scale: f64,
}

fn card() -> MethodCard {
    MethodCard {
        id: "bct".to_owned(),
        name: "BCT".to_owned(),
        summary: "The new embedding must be classified correctly by the frozen old classifier, too.".to_owned(),
        paper: "Shen, Xiong, Xia, Soatto: Towards Backward-Compatible Representation Learning, CVPR 2020".to_owned(),
        needs: needs(),
        comparison: "The first d_o dims of the new embedding, re-normalised, against the old gallery.".to_owned(),
        parameters: vec![Parameter::real(
            "lambda",
            "Influence weight λ",
            (0.0, 20.0, 0.1),
            1.0,
            "Weight of the old classifier's loss; 0 is the independent model.",
        )],
        losses: vec![
            Claim::new("task", "Cross entropy under the new head."),
            Claim::new("influence", "Cross entropy under the frozen old classifier."),
        ],
        claims: vec![
            Claim::new("compatible", "New queries find more in the old gallery than old queries do."),
            Claim::new("tax", "The self-test falls below the independent model's, more so as λ grows."),
        ],
    }
}

fn needs() -> Needs {
    Needs { prototypes: true, old_head: true, ..Needs::default() }
}

fn check(stage: &Stage, old_dims: usize) -> Result<(), LabError> {
    let dims = stage.dims as usize;
    if dims < old_dims {
        return Err(LabError::Scenario(format!(
            "BCT compares the first {old_dims} dims, those of the old model, but the new model has {dims}; choose at least {old_dims}."
        )));
    }
    Ok(())
}

fn start(mut setup: Setup) -> Result<Box<dyn Training>, LabError> {
    let system = Bct::new(&mut setup)?;
    Ok(Trainer::new(system, setup.stage.schedule.decay, needs()).boxed())
}

impl Bct {
    /// Makes the system for a stage.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if there is no model before it or a parameter is missing.
    pub fn new(setup: &mut Setup) -> Result<Self, LabError> {
        let lambda = setup.value("lambda")?;
        let old_rows = old_rows(setup.predecessor()?, setup.classes, &setup.engine.training());
        let scale = setup.stage.schedule.scale;
        Ok(Self { new: Independent::new(setup)?, old_rows, lambda, scale })
    }
}

/// The old classifier's rows where it has them, prototypes elsewhere.
///
/// # Shapes
/// - output: `[classes, d_o]`, unit rows
fn old_rows(old: &Predecessor, classes: usize, device: &Device) -> Tensor<2> {
    let prototypes = normalize(old.prototypes.clone());
    let rows = match old.model.classifier() {
        Some(head) if old.classes >= classes => normalize(head).narrow(0, 0, classes),
        Some(head) => {
            let unseen = prototypes.narrow(0, old.classes, classes - old.classes);
            Tensor::cat(vec![normalize(head), unseen], 0)
        }
        None => prototypes,
    };
    rows.to_device(device)
}

impl System for Bct {
    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        self.new.embed(images)
    }

    fn losses(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let features = self.embed(batch.images.clone());
        let [_, old_dims] = self.old_rows.dims();
        let prefix = normalize(features.clone().narrow(1, 0, old_dims));
        let influence = cross_entropy(cosine_logits(prefix, self.old_rows.clone(), self.scale), batch.labels.clone());
        let task = self.new.task(features, batch);
        Ok(vec![Term::new("task", 1.0, task), Term::new("influence", self.lambda, influence)])
    }

    fn dims(&self) -> usize {
        self.new.dims()
    }

    fn portable(&self) -> Portable {
        self.new.portable()
    }

    fn classifier(&self) -> Option<Tensor<2>> {
        self.new.classifier()
    }
}
