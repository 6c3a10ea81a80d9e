//! Feature distillation: the new feature of an image must lie near its old one.
//!
//! `L = CE(s cos(W, f), y) + w mean |n(f[:d_o]) - n(phi_o)|^2`. On unit vectors the distance is twice one minus the cosine.
//! The baseline of Shen et al. 2020 trains on the distance alone and normalises one side only, which makes it weaker than
//! it need be; without the task it is here as well, always on unit vectors.

use burn::module::Module;
use burn::tensor::activation::relu;
use protocol::{Claim, MethodCard, Need, Parameter};

use super::{Features, Independent, PREFIX, bct, holds_prefix};
use crate::claims::arms::BCT;
use crate::claims::{Arm, Change, Measure, Rule, judged};
use crate::frames::{Addition, Extended};
use crate::methods::{Method, encoder_dims};
use crate::{Batch, LabError, Setup, Term, squared_distances, start};

pub(super) const METHOD: Method = Method {
    id: "l2",
    card,
    claims: judged(CLAIMS),
    check: holds_prefix,
    stored_dims: encoder_dims,
    start: start::<Extended<L2>>,
};

/// The distance to the old feature.
#[derive(Module, Debug)]
pub struct L2 {
    margin: f64,
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "L2")
        .summary("The new feature of an image is pulled to its old one: the humble baseline.")
        .paper("Baseline of Shen, Xiong, Xia, Soatto: Towards Backward-Compatible Representation Learning, CVPR 2020")
        .needs([Need::OldFeatures])
        .keeps_prefix()
        .comparison(PREFIX)
        .parameters([
            Parameter::real(
                "weight",
                "Distance weight",
                (0.0, 50.0, 0.5),
                10.0,
                "Weight of the squared distance to the old feature; 0 is the independent model.",
            )
            .hot(),
            Parameter::real(
                "margin",
                "Free distance",
                (0.0, 2.0, 0.05),
                0.0,
                "Squared distances up to this cost nothing; 0.2 is known as weakened L2.",
            ),
            Parameter::flag(
                "task",
                "Task loss",
                true,
                "Off trains on the distance alone, as the first published baseline did.",
            )
            .hot(),
        ])
        .losses([
            Claim::new("task", "Cross entropy under the new head."),
            Claim::new("old", "Squared distance to the old feature of the same image, both of length one."),
        ])
        .claims([
            Claim::new("compatible", "New queries find more in the old gallery than old queries do."),
            Claim::new("tax", "The self-test is poor: the new space inherits the old one's mistakes."),
        ])
}

const ARM: &Arm = &Arm::extended("l2", Change::Last("l2", &[]));

const CLAIMS: &[Rule] =
    &[Rule::new("l2-self", bct::BY, "The self-test of L2 is poor: BCT's is above", Measure::self_tests(ARM, BCT))
        .by_top1()
        .published("ImageNet, ResNet-18 on half of the data to ResNet-50 on all, self-test top-1: L2 43.8, BCT 55.6")
        .differs(
            "The published L2 trains on the distance alone and is weaker than it need be; here it has the \
             task loss beside it and a weight that was chosen as all others' were.",
        )];

impl Addition for L2 {
    fn new(setup: &mut Setup, _: &mut Independent) -> Result<Self, LabError> {
        Ok(Self { margin: setup.value("margin")? })
    }

    fn task_weight(&self, batch: &Batch) -> Result<f64, LabError> {
        batch.weight("task")
    }

    fn terms(&self, _: &Independent, features: &Features, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let old = batch.old_features()?;
        let [_, old_dims] = old.dims();
        let distances = squared_distances(features.prefix(old_dims), old);
        let value = match self.margin > 0.0 {
            true => relu(distances.sub_scalar(self.margin)),
            false => distances,
        };
        Ok(vec![Term::new("old", batch.weight("weight")?, value.mean())])
    }
}
