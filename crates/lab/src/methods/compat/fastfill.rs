//! FastFill: the map of FCT also says how uncertain it is of each item, and the most uncertain are re-embedded first.
//!
//! With `l = |h - n(phi_*)|^2 + w CE(s cos(W, h), y)` per item, `W` the new model's head, frozen, and `u` an output of the
//! last hidden layer: `L = mean( exp(-u) l / 2 + u / 2 )` (Jaeckle et al., ICLR 2023). The backfill goes by `u`.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;
use protocol::{BackfillOrder, Claim, MethodCard, Need, Parameter, Role};

use super::MAPPED_GALLERY;
use super::fct::{self, Transfer};
use crate::claims::{Arm, Change, Fact, Measure, NEW, Rule, judged};
use crate::frames::fitted::no_tax;
use crate::frames::{Adaptation, Adapted};
use crate::methods::{Method, anything_goes, encoder_dims};
use crate::{
    Batch, Bridge, LabError, Setup, Term, cosine_logits, cross_entropies, normalize, squared_distances, start,
};

pub(super) const METHOD: Method = Method {
    id: "fastfill",
    card,
    claims: judged(CLAIMS),
    check: anything_goes,
    stored_dims: encoder_dims,
    start: start::<Adapted<FastFill>>,
};

/// The map and its uncertainty.
#[derive(Module, Debug)]
pub struct FastFill {
    transfer: Transfer,
    uncertainty: Linear,
    /// Class rows of the new model, `[classes, dims]`; `None` if it has no classifier.
    rows: Option<Tensor<2>>,
    scale: f64,
}

fn card() -> MethodCard {
    let mut parameters = fct::parameters();
    parameters.push(
        Parameter::real(
            "weight",
            "Class weight",
            (0.0, 5.0, 0.1),
            1.0,
            "Weight of the cross entropy of mapped items under the new model's frozen head.",
        )
        .hot(),
    );
    MethodCard::new(METHOD.id, "FastFill")
        .summary("FCT that knows its doubts: what the map is least sure of is re-embedded first.")
        .paper("Jaeckle, Faghri, Farhadi, Tuzel, Pouransari: FastFill: Efficient Compatible Model Update, ICLR 2023")
        .role(Role::Adapter)
        .needs([Need::OldFeatures, Need::Teacher])
        .comparison(MAPPED_GALLERY)
        .parameters(parameters)
        .losses([Claim::new(
            "likelihood",
            "Distance and class loss of each mapped item, discounted by its uncertainty, which costs as much.",
        )])
        .claims([
            no_tax(),
            Claim::new("order", "Backfill by uncertainty has more area under its curve than backfill in random order."),
        ])
}

const FASTFILL: &Arm = &Arm::extended("fastfill", Change::Last("fastfill", &[]));

const CLAIMS: &[Rule] = &[Rule::new(
    "22",
    "Jaeckle et al. 2023 (FastFill)",
    "Backfill by uncertainty beats random order",
    Measure::Difference {
        base: (FASTFILL, Fact::BackfillArea(NEW, BackfillOrder::Random)),
        other: (FASTFILL, Fact::BackfillArea(NEW, BackfillOrder::Uncertainty)),
    },
)
.said("difference of the areas under the backfill curves, points of mAP")
.published(
    "Area under the backfill curve, mAP, FastFill by uncertainty and FCT in random order: \
     CIFAR-100, 50 to 100 classes, 32.5 and 29.1; ImageNet, 500 to 1000, no side information, 44.8 \
     and 40.5",
)
.differs(
    "Those numbers compare two maps as well as two orders, where here one map is backfilled in \
     both, so that the gain can only be smaller.",
)];

impl Adaptation for FastFill {
    fn new(setup: &mut Setup) -> Result<Self, LabError> {
        let transfer = Transfer::new(setup)?;
        let hidden = setup.value("hidden")? as usize;
        let rows = setup.independent()?.classifier().map(|rows| rows.to_device(&setup.engine.training()));
        let scale = setup.stage.schedule.scale;
        Ok(Self { transfer, uncertainty: setup.init.linear(hidden, 1), rows, scale })
    }

    fn terms(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let hidden = self.transfer.hidden(batch)?;
        let mapped = self.transfer.output(hidden.clone());
        let mut losses = squared_distances(mapped.clone(), batch.teacher_features()?);
        if let Some(rows) = &self.rows {
            let logits = cosine_logits(normalize(mapped), rows.clone(), self.scale);
            losses = losses + cross_entropies(logits, batch.labels()?, 0.0).mul_scalar(batch.weight("weight")?);
        }
        let doubt: Tensor<1> = self.uncertainty.forward(hidden).squeeze_dim(1);
        let value = (doubt.clone().neg().exp() * losses + doubt).mul_scalar(0.5).mean();
        Ok(vec![Term::new("likelihood", 1.0, value)])
    }

    fn bridge(&self) -> Result<Bridge, LabError> {
        let uncertainty = self.transfer.ending_in("bridge.uncertainty", &self.uncertainty)?;
        Ok(self.transfer.bridge()?.with_uncertainty(uncertainty))
    }
}
