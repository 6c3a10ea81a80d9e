//! Hot refresh: BCT, and negatives among both old and new items, so that a half re-embedded gallery stays in order.
//!
//! Zhang, Ge, Shen, Li, Yuan, Xu, Wang, Shan: Hot-Refresh Model Upgrades with Regression-Alleviating Compatible Training in
//! Image Retrieval, ICLR 2022.
//!
//! With n_i the first d_o dims of the new feature and o_i the old one: a softmax over `[<n_i, o_i>, the k largest <n_i, o_j>,
//! the k largest <n_i, n_j>] / tau`, j of other classes, must pick the first.
//!
//! In the authors' code (OpenCompatible), and in its copy beside AdvBCT, this contrast stands in the place of BCT's loss, with
//! tau = 0.01; here it comes on top, with tau = 0.07. `lambda` = 0 and `temperature` = 0.01 are theirs. What remains: they take negatives
//! of the batches of all machines, here there is one batch. Against BCT's NFR rule `25` holds the contrast alone, `25-both` both losses,
//! each with tau = 0.07.

use burn::module::Module;
use burn::tensor::{Bool, Int, Tensor};
use protocol::{Claim, MethodCard, Need, Parameter};

use super::{Bct, Features, Independent, bct, holds_prefix};
use crate::claims::arms::BCT;
use crate::claims::{Arm, Change, Fact, LAB, Measure, Rule, judged};
use crate::frames::{Addition, Extended};
use crate::methods::{Method, encoder_dims};
use crate::{Batch, LabError, Setup, Term, cross_entropy, largest, same_class, start};

pub(super) const METHOD: Method = Method {
    id: "ract",
    card,
    claims: judged(CLAIMS),
    check: holds_prefix,
    stored_dims: encoder_dims,
    start: start::<Extended<Ract>>,
};

/// BCT's parameter that means something else here: without it the contrast is still there.
const LAMBDA: &str = "lambda";
/// Similarity that items of the same class get, so that they are no negatives.
const NO_NEGATIVE: f64 = -1e4;

/// BCT and the contrast with old and new negatives.
#[derive(Module, Debug)]
pub struct Ract {
    bct: Bct,
    temperature: f64,
    negatives: usize,
}

fn card() -> MethodCard {
    let bct = bct::card();
    let own = "Cross entropy of the own old feature against the hardest old and new negatives.";
    let losses = [bct.losses.clone(), vec![Claim::new("contrast", own)]].concat();
    bct.called(METHOD.id, "RACT")
        .summary("BCT, and a contrast with both old and new negatives: fewer queries that were right become wrong.")
        .paper("Zhang, Ge, Shen, Li, Yuan, Xu, Wang, Shan: Hot-Refresh Model Upgrades with Regression-Alleviating Compatible Training in Image Retrieval, ICLR 2022")
        .needs([Need::Prototypes, Need::OldHead, Need::OldFeatures])
        .parameters([
            vec![
                Parameter::real("contrast", "Contrast weight", (0.0, 10.0, 0.1), 1.0, "Weight of the contrast; 0 is BCT.").hot(),
                Parameter::real("temperature", "Temperature τ", (0.01, 1.0, 0.01), 0.07, "What similarities are divided by; 0.01 as published."),
                Parameter::integer("negatives", "Hard negatives", (1, 32), 10, "How many of the most similar items of other classes count, old ones and new ones each."),
                Parameter::real(LAMBDA, "Influence weight λ", (0.0, 20.0, 0.1), 1.0, "Weight of the old classifier's loss; 0 leaves the contrast in its place, as published.").hot(),
            ],
            bct::parameters().into_iter().filter(|it| it.id != LAMBDA).collect::<Vec<_>>(),
        ]
        .concat())
        .losses(losses)
        .claims([
            Claim::new("compatible", "New queries find more in the old gallery than old queries do."),
            Claim::new("fewer regressions", "At the same top-1, fewer queries turn from right to wrong (NFR) than under BCT."),
        ])
}

const ALONE: &Arm = &Arm::extended("ract, contrast alone", Change::Last("ract", &[("lambda", 0.0)]));
const RACT: &Arm = &Arm::extended("ract", Change::Last("ract", &[]));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "25",
        "Zhang et al. 2022 (RACT)",
        "RACT turns fewer right answers wrong than BCT",
        Measure::between(ALONE, BCT, Fact::NegativeFlips),
    )
    .tried_with(ALONE)
    .said("NFR of BCT minus NFR of RACT, its contrast alone as published, points")
    .published(
        "No NFR is at hand; P1, trained on GLDv2, ResNet-18, 30 to 100 % of the classes: RACT 47.57, \
         BCT 50.41 (AdvBCT's table)",
    )
    .differs(
        "Negatives come from one batch, the temperature is 0.07 instead of 0.01, and BCT has the old \
         classifier's rows.",
    ),
    Rule::new(
        "25-both",
        LAB,
        "So it does with BCT's loss beside its contrast",
        Measure::between(RACT, BCT, Fact::NegativeFlips),
    )
    .tried_with(RACT)
    .said("NFR of BCT minus NFR of RACT, points")
    .differs("With both losses RACT has more to hold it than BCT has, which the published one does not."),
];

impl Addition for Ract {
    fn new(setup: &mut Setup, base: &mut Independent) -> Result<Self, LabError> {
        let bct = Bct::new(setup, base)?;
        let negatives = setup.value("negatives")? as usize;
        Ok(Self { bct, temperature: setup.value("temperature")?, negatives })
    }

    fn task(&self, base: &Independent, features: &Features, batch: &Batch) -> Result<Tensor<1>, LabError> {
        self.bct.task(base, features, batch)
    }

    fn terms(&self, base: &Independent, features: &Features, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let mut terms = self.bct.terms(base, features, batch)?;
        let old = batch.old_features()?;
        let [_, old_dims] = old.dims();
        let logits = logits(features.prefix(old_dims), old, batch.labels()?, self.negatives);
        let own = batch.labels()?.zeros_like();
        terms.push(Term::new(
            "contrast",
            batch.weight("contrast")?,
            cross_entropy(logits.div_scalar(self.temperature), own),
        ));
        Ok(terms)
    }
}

/// Similarity of each new feature to its own old one, to the hardest old and to the hardest new negatives.
///
/// # Shapes
/// - new, old: `[batch, d_o]`, unit rows
/// - labels: `[batch]`
/// - output: `[batch, 1 + 2 negatives]`
fn logits(new: Tensor<2>, old: Tensor<2>, labels: Tensor<1, Int>, negatives: usize) -> Tensor<2> {
    let [items, _] = new.dims();
    let same = same_class(labels.clone(), labels);
    let excluded = Tensor::full([items, items], NO_NEGATIVE, &new.device());
    let hardest = |others: Tensor<2>, same: Tensor<2, Bool>| {
        let similarities = new.clone().matmul(others.transpose()).mask_where(same, excluded.clone());
        let hardest = largest(similarities.clone(), negatives.min(items));
        similarities.gather(1, hardest)
    };
    let own = (new.clone() * old.clone()).sum_dim(1);
    Tensor::cat(vec![own, hardest(old, same.clone()), hardest(new.clone(), same)], 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use burn::tensor::{Device, TensorData};
    use pollster::block_on;

    use super::*;
    use crate::engine::read;

    #[test]
    fn the_hardest_negatives_by_hand() {
        let device = Device::flex();
        let new = Tensor::from_data([[1.0f32, 0.0], [0.0, 1.0], [0.6, 0.8]], &device);
        let old = Tensor::from_data([[0.8f32, 0.6], [1.0, 0.0], [0.0, 1.0]], &device);
        let labels = Tensor::<1, Int>::from_data(TensorData::new(vec![0i32, 0, 1], [3]), &device);
        let found = block_on(read(logits(new, old, labels, 1))).unwrap();
        // Own old feature, hardest old negative, hardest new negative; the first two images are of one class.
        let expected = [0.8, 0.0, 0.6, 0.0, 1.0, 0.8, 0.8, 0.96, 0.8];
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6), "{found:?}");
    }
}
