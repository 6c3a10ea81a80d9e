//! Relation distillation: each image must have its old nearest neighbours in the old order.
//!
//! Chen, Wang, Zhang: DarkRank: Accelerating Deep Metric Learning via Cross Sample Similarities Transfer, AAAI 2018; the hard
//! form. It is here as a negative control: distances do not change under a rotation, so neither does this loss, and
//! the new space may be turned against the old one at will.
//!
//! With `S_ij = -alpha |f_i - f_j|^beta` and the old model's L nearest neighbours `j_1 .. j_L` of image i within the batch:
//! `L = CE + w mean_i -sum_r log( exp S_ij_r / sum_{q >= r} exp S_ij_q )`.

use burn::module::Module;
use burn::tensor::{Tensor, activation::log_softmax};
use protocol::{Claim, MethodCard, Need, Parameter};

use super::{Features, Independent};
use crate::claims::{Arm, Change, Fact, LAB, Measure, NEW_OLD, Rule, judged};
use crate::frames::{Addition, Extended};
use crate::methods::{Method, anything_goes, encoder_dims};
use crate::{Batch, LabError, Setup, Term, largest, start};

pub(super) const METHOD: Method = Method {
    id: "darkrank",
    card,
    claims: judged(CLAIMS),
    check: anything_goes,
    stored_dims: encoder_dims,
    start: start::<Extended<DarkRank>>,
};

/// Smallest squared distance, so that its roots have a finite slope.
const DISTANCE_FLOOR: f64 = 1e-12;
/// What is taken off an image's similarity to itself.
const NOT_ITSELF: f64 = 1e4;

/// The order of the old neighbours.
#[derive(Module, Debug)]
pub struct DarkRank {
    alpha: f64,
    beta: f64,
    length: usize,
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "DarkRank")
        .summary("A negative control: each image keeps the order of its old neighbours, wherever it lies itself.")
        .paper("Chen, Wang, Zhang: DarkRank: Accelerating Deep Metric Learning via Cross Sample Similarities Transfer, AAAI 2018")
        .needs([Need::OldFeatures])
        .comparison("The common prefix of both embeddings, re-normalised; the loss does not see how one space is turned against the other.")
        .parameters([
            Parameter::real("weight", "Ranking weight", (0.0, 20.0, 0.5), 1.0, "Weight of the ranking loss; 0 is the independent model.").hot(),
            Parameter::real("alpha", "Sharpness α", (0.5, 10.0, 0.5), 3.0, "Factor of the distance in the score of a neighbour."),
            Parameter::real("beta", "Contrast β", (1.0, 4.0, 0.5), 3.0, "Power of the distance in the score of a neighbour."),
            Parameter::integer("length", "Neighbours L", (2, 16), 4, "Old nearest neighbours whose order is kept."),
        ])
        .losses([
            Claim::new("task", "Cross entropy under the new head."),
            Claim::new("order", "Negative log-likelihood of the order of the old neighbours."),
        ])
        .claims([Claim::new(
            "alike, not compatible",
            "Relations alone raise CKA, yet new queries find nothing in the old gallery.",
        )])
}

const DARKRANK: &Arm = &Arm::extended("darkrank", Change::Last("darkrank", &[]));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "26-cka",
        LAB,
        "Relations alone make the spaces more alike: CKA rises",
        Measure::Difference { base: (DARKRANK, Fact::CkaIndependent), other: (DARKRANK, Fact::CkaNew) },
    ),
    Rule::new(
        "26-cross",
        LAB,
        "Relations alone do not make them compatible: the cross-test is within twice the chance level",
        Measure::BelowTwiceChance((DARKRANK, NEW_OLD)),
    ),
];

impl Addition for DarkRank {
    fn new(setup: &mut Setup, _: &mut Independent) -> Result<Self, LabError> {
        let length = setup.value("length")? as usize;
        Ok(Self { alpha: setup.value("alpha")?, beta: setup.value("beta")?, length })
    }

    fn terms(&self, _: &Independent, features: &Features, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let old = batch.old_features()?;
        let ([items, _], unit) = (old.dims(), features.unit.clone());
        // A last batch may hold fewer images than the list.
        let length = self.length.min(items - 1);
        let itself = Tensor::eye(items, &old.device()).mul_scalar(NOT_ITSELF);
        let neighbours = largest(old.clone().matmul(old.transpose()) - itself, length);
        let squared = unit.clone().matmul(unit.transpose()).mul_scalar(-2.0).add_scalar(2.0);
        let scores = squared.clamp_min(DISTANCE_FLOOR).powf_scalar(self.beta / 2.0).mul_scalar(-self.alpha);
        Ok(vec![Term::new("order", batch.weight("weight")?, list_loss(scores.gather(1, neighbours)))])
    }
}

/// Negative log-likelihood of the given order when items are drawn one after the other by `exp` of their scores.
///
/// # Shapes
/// - scores: `[batch, items]`, in the order whose likelihood is asked for
/// - output: `[1]`, mean over the batch
fn list_loss(scores: Tensor<2>) -> Tensor<1> {
    let [_, items] = scores.dims();
    let first = |from: usize| log_softmax(scores.clone().narrow(1, from, items - from), 1).narrow(1, 0, 1);
    Tensor::cat((0..items).map(first).collect(), 1).sum_dim(1).mean().neg()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use burn::tensor::Device;
    use pollster::block_on;

    use super::*;
    use crate::engine::read;

    #[test]
    fn the_likelihood_of_an_order_by_hand() {
        // exp: 3, 2, 1. First of three with 3/6, second of two with 2/3.
        let scores = Tensor::from_data([[3f32.ln(), 2f32.ln(), 0.0]], &Device::flex());
        let loss = block_on(read(list_loss(scores))).unwrap();
        assert!((loss[0] - 3f32.ln()).abs() < 1e-6, "{loss:?}");
    }
}
