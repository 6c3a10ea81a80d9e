//! A control: both embeddings are stored, the old one first.
//!
//! `phi = [c phi_o ; phi_*]`, unit parts. The first d_o dims are the old embedding up to a scale, so the cross-test is the status
//! quo exactly; the price is the storage of both models, two encoders for every image, and a self-test in which the old model
//! has its say with the square of c.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use protocol::{Claim, MethodCard, Need, Parameter, Role, Stage};

use super::PREFIX;
use crate::frames::fitted::done;
use crate::methods::{Before, Method, anything_goes};
use crate::{Inputs, LabError, Model, Portable, Setup, Training, normalize};

pub(super) const METHOD: Method =
    Method { id: "concatenation", card, claims: &[], check: anything_goes, stored_dims, start };

fn stored_dims(stage: &Stage, before: Option<Before>) -> usize {
    stage.dims as usize + before.map_or(0, |before| before.dims)
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "Concatenation")
        .summary("A control: every item stores the old embedding and the independent one behind it.")
        .role(Role::Adapter)
        .needs([Need::OldWeights, Need::Teacher])
        .keeps_prefix()
        .comparison(PREFIX)
        .parameters([Parameter::real(
            "c",
            "Old share c",
            (0.05, 4.0, 0.05),
            0.5,
            "Length of the old part against the new one's in the self-test.",
        )])
        .claims([Claim::new(
            "compatible by construction",
            "The cross-test is old/old exactly, at the storage of both models.",
        )])
}

fn start(setup: Setup) -> Result<Box<dyn Training>, LabError> {
    let (old, new) = (setup.parent()?.model()?.clone(), setup.independent()?.clone());
    Ok(done(Arc::new(Both { old, new, scale: setup.value("c")?, device: setup.engine.device().clone() })))
}

/// Both models.
struct Both {
    old: Arc<dyn Model>,
    new: Arc<dyn Model>,
    scale: f64,
    device: Device,
}

impl Model for Both {
    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        let old = normalize(self.old.embed(items)?).mul_scalar(self.scale);
        Ok(Tensor::cat(vec![old, normalize(self.new.embed(items)?)], 1))
    }

    fn dims(&self) -> usize {
        self.old.dims() + self.new.dims()
    }

    fn parameters(&self) -> u64 {
        self.old.parameters() + self.new.parameters()
    }

    fn portable(&self) -> Portable {
        let (mut old, mut new) = (self.old.portable(), self.new.portable());
        old.normalize();
        old.scale(self.scale, self.old.dims(), &self.device);
        new.normalize();
        let mut file = Portable::default();
        file.concat([("old.", old), ("new.", new)]);
        file
    }
}
