//! One of several models that go on from the same weights, each on data of its own, so that they can be merged afterwards.
//!
//! It is fine-tuning under a head that has a row for every class of the run. Rows of classes that the model before does not know
//! begin with numbers that all branches of the run share. So branches of one model have the same parameters, and begin as the same
//! model to the last bit. What it leaves is that start, and the diagonal of its Fisher information.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use protocol::{Claim, MethodCard, Need, Parameter, Read, Reference, Stage};

use super::ensemble;
use crate::frames::{Addition, Extended, fisher};
use crate::methods::compat::{Features, Independent, fine_tune};
use crate::methods::{Before, Method, encoder_dims};
use crate::numbers::parameters;
use crate::{Batch, Inputs, LabError, Setup, Term, start};

pub(super) const METHOD: Method =
    Method { id: "branch", card, claims: &[], check, stored_dims: encoder_dims, start: start::<Extended<Branch>> };

/// What a branch leaves: its parameters as they were before the first step.
pub(super) const START: &str = "start";
/// What a branch leaves: the diagonal of the Fisher information of its parameters.
pub(super) const FISHER: &str = "fisher";
/// Parameter: items that the Fisher information is taken on.
const SAMPLES: &str = "fisher_samples";
/// The stream of the rows that no model before has.
const ROWS: &str = "rows of all branches";

/// Another start, and what is left for the merge.
#[derive(Module, Debug)]
pub struct Branch {
    /// All parameters before the first step, flat.
    start: Tensor<1>,
    samples: usize,
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "Branch")
        .summary("Goes on from the model before on data of its own, under a head for all classes of the run, so that branches can be merged.")
        .needs([Need::OldHead, Need::OldWeights])
        .reference(Reference::None)
        .reads([Read::Retrieval, Read::Knowledge, Read::Cost])
        .comparison("All dims of both embeddings, re-normalised; only the common start makes the two spaces agree.")
        .parameters([Parameter::integer(
            SAMPLES,
            "Fisher samples",
            (16, 1024),
            256,
            "Training images on which it is measured, once it is done, how much each weight matters; each costs a pass per class.",
        )])
        .losses([Claim::new("task", "Cross entropy of scaled cosine logits over all classes of the run.")])
        .claims([Claim::new("a narrow expert", "It is best at its own classes and loses those of the other branch.")])
}

fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    fine_tune::check(stage, before)?;
    match before.filter(|before| before.stage.method.id == ensemble::METHOD.id) {
        Some(_) => Err(LabError::Scenario(
            "A branch goes on from the weights of one model, but an ensemble has those of several; choose another stage.".to_owned(),
        )),
        None => Ok(()),
    }
}

impl Addition for Branch {
    fn new(setup: &mut Setup, base: &mut Independent) -> Result<Self, LabError> {
        fine_tune::go_on(setup, base)?;
        let (parent, dims) = (setup.parent()?, setup.stage.dims as usize);
        let known =
            parent.head()?.filter(|rows| parent.model().is_ok_and(|model| model.is_cosine()) && rows.dims()[1] == dims);
        let Some(known) = known else {
            return Err(LabError::Scenario(
                "A branch goes on from the head of the model before, but that one does not answer by cosines with rows of its own; choose another method for it.".to_owned(),
            ));
        };
        let [old, _] = known.dims();
        let rows = setup.all_classes.max(setup.classes).max(old);
        let (mut rng, bound) = (setup.seed.stream(ROWS), (dims as f32).sqrt().recip());
        let drawn: Vec<f32> = (0..rows * dims).map(|_| rng.uniform(-bound, bound)).collect();
        let device = setup.init.device();
        let drawn = Tensor::<2>::from_data(TensorData::new(drawn, [rows, dims]), device);
        *base = base.clone().with_rows(drawn, setup.classes.max(old), setup.stage.schedule.scale);
        base.head.go_on(known.to_device(device));
        let start = Tensor::cat(parameters(base), 0).detach();
        Ok(Self { start, samples: setup.value(SAMPLES)? as usize })
    }

    fn terms(&self, _: &Independent, _: &Features, _: &Batch) -> Result<Vec<Term>, LabError> {
        Ok(Vec::new())
    }

    fn wants_items(&self) -> usize {
        self.samples
    }

    fn leave(&self, base: &Independent, items: Option<&Inputs>) -> Result<BTreeMap<&'static str, Tensor<1>>, LabError> {
        let mut left = BTreeMap::from([(START, self.start.clone().inner())]);
        if let Some(items) = items {
            left.insert(FISHER, fisher(base, items, Independent::log_probabilities)?);
        }
        Ok(left)
    }
}
