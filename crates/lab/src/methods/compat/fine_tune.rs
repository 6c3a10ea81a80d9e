//! A control: the new model goes on from the old one's weights, with nothing else to keep it compatible.
//!
//! A warm start makes the cross-test look good for free, which is why it must be told apart from what a method does. The
//! head starts anew.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;
use protocol::{Claim, MethodCard, Need, Stage};

use super::{Features, Independent};
use crate::frames::{Addition, Extended};
use crate::methods::{Before, Method, encoder_dims};
use crate::{Batch, LabError, Portable, Setup, Term, start};

pub(super) const METHOD: Method =
    Method { id: "fine-tune", card, claims: &[], check, stored_dims: encoder_dims, start: start::<Extended<FineTune>> };

/// Nothing but another start.
#[derive(Module, Debug)]
pub struct FineTune {}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "Fine-tuned")
        .summary("A control: the new model starts from the old one's weights, and nothing keeps it there.")
        .needs([Need::OldWeights])
        .comparison("All dims of both embeddings, re-normalised; only the common start makes the two spaces agree.")
        .losses([Claim::new("task", "Cross entropy of scaled cosine logits.")])
        .claims([Claim::new(
            "partly compatible for free",
            "A warm start alone lifts the cross-test far above an independent model's.",
        )])
}

/// Refuses what cannot go on from the weights before.
pub(in crate::methods) fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    let Some(Before { stage: old, dims, .. }) = before else { return Ok(()) };
    if old.encoder != stage.encoder {
        return Err(LabError::Scenario(
            "What goes on from the old model's weights has its encoder: choose the same for both stages.".to_owned(),
        ));
    }
    // Its encoder has two branches, and so more outputs than dims are stored.
    if old.method.id == super::bt2::METHOD.id {
        return Err(LabError::Scenario(
            "A stage that goes on from the old model's weights cannot take those of BT²: the encoder of BT² has other outputs; choose another method for the stage before.".to_owned(),
        ));
    }
    if dims != stage.dims as usize {
        return Err(LabError::Scenario(format!(
            "A stage that goes on from the old model's weights has its dims: it has {dims} and the new one {}; choose {dims}.",
            stage.dims
        )));
    }
    Ok(())
}

impl Addition for FineTune {
    fn new(setup: &mut Setup, base: &mut Independent) -> Result<Self, LabError> {
        go_on(setup, base)?;
        Ok(Self {})
    }

    fn terms(&self, _: &Independent, _: &Features, _: &Batch) -> Result<Vec<Term>, LabError> {
        Ok(Vec::new())
    }
}

/// Starts from the weights of the old encoder.
pub(in crate::methods) fn go_on(setup: &Setup, base: &mut Independent) -> Result<(), LabError> {
    let file = setup.parent()?.model()?.portable();
    let mut load = Load { file: &file, path: vec!["encoder".to_owned()], missing: None };
    base.encoder = base.encoder.clone().map(&mut load);
    match load.missing {
        Some(name) => Err(LabError::Scenario(format!(
            "A stage that goes on from the old model's weights needs each of its own, but it has no tensor '{name}' of the shape that the new encoder has."
        ))),
        None => Ok(()),
    }
}

/// Puts the tensors of a written model into the parameters of the same names.
struct Load<'a> {
    file: &'a Portable,
    path: Vec<String>,
    /// Name of the last parameter that found none.
    missing: Option<String>,
}

impl ModuleMapper for Load<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        match self.file.find(&name, param.val().dims()) {
            Some(tensor) => param.map(|_| tensor.autodiff().require_grad()),
            None => {
                self.missing = Some(name);
                param
            }
        }
    }

    fn enter_module(&mut self, name: &str, container: &str) {
        // Written names say nothing of which encoder it is.
        if !container.starts_with("Enum:") {
            self.path.push(name.to_owned());
        }
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        if !container.starts_with("Enum:") {
            self.path.pop();
        }
    }
}
