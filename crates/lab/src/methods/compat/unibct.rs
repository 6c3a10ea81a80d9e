//! Universal backward-compatible training: BCT towards old prototypes that the new features help to clean.
//!
//! Zhang, Ge, Shen, Su, Wu, Yuan, Xu, Wang, Shan: Towards Universal Backward-Compatible Representation Learning, IJCAI 2022.
//!
//! The images of a class are the nodes of a graph with edges `E = softmax(f f' / tau)` between their new features, none from a
//! node to itself. Old features are passed along it, `o' = (1 - a) (I - a E)^-1 o`, and averaged. This is done twice in the
//! course of the training, and the influence starts with the first. The inverse is the limit of `o' <- (1 - a) o + a E o'`, from which
//! 20 rounds keep at most 12 % of the way for a = 0.9.
//!
//! The softmax is over the edges that leave a node, so that what is passed to it is a mean. The code that there is (of the authors of
//! MixBCT, `refine_prototype.py`) takes it over those that arrive (dim 0): the columns of E then sum to one, those of
//! `(1 - a) (I - a E)^-1` do as well, and the mean over the class is what it was before. That is BCT with means of all classes from the
//! first refinement on, and so is a = 0 here, with start = 0 throughout. Rule `30-unibct-refined` judges what the refinement does to P1,
//! `30-unibct` holds the whole against BCT with the old classifier's rows.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Tensor, TensorData, activation::softmax};
use protocol::{Claim, MethodCard, Need, Parameter};

use super::{Features, Independent, PREFIX, holds_prefix};
use crate::claims::arms::{BCT, INDEPENDENT};
use crate::claims::{Arm, Change, Measure, Rule, judged};
use crate::frames::{Addition, Extended};
use crate::methods::{Method, encoder_dims};
use crate::numbers::flat;
use crate::{Batch, LabError, Setup, StoredFeatures, Term, cosine_logits, cross_entropy, normalize, start};

pub(super) const METHOD: Method = Method {
    id: "unibct",
    card,
    claims: judged(CLAIMS),
    check: holds_prefix,
    stored_dims: encoder_dims,
    start: start::<Extended<UniBct>>,
};

/// Rounds of passing features along the graph.
const ROUNDS: usize = 20;
/// How often the prototypes are refined.
const REFINEMENTS: usize = 2;
/// What is taken off an image's similarity to itself.
const NOT_ITSELF: f64 = 1e9;

/// The influence of the refined prototypes.
#[derive(Module, Debug)]
pub struct UniBct {
    #[module(skip)]
    stored: Arc<StoredFeatures>,
    /// Refined so far, `[classes, d_o]`.
    prototypes: Tensor<2>,
    refined: usize,
    scale: f64,
    start: f64,
    a: f64,
    temperature: f64,
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "UniBCT")
        .summary("BCT towards old class means that the new model's own neighbourhoods have cleaned.")
        .paper("Zhang, Ge, Shen, Su, Wu, Yuan, Xu, Wang, Shan: Towards Universal Backward-Compatible Representation Learning, IJCAI 2022")
        .needs([Need::Prototypes, Need::StoredFeatures])
        .keeps_prefix()
        .comparison(PREFIX)
        .parameters([
            Parameter::real("lambda", "Influence weight λ", (0.0, 20.0, 0.1), 1.0, "Weight of the refined prototypes' loss; 0 is the independent model.").hot(),
            Parameter::real("influence_scale", "Influence logit scale", (1.0, 30.0, 1.0), 10.0, "Scale of the cosine logits under the refined prototypes."),
            Parameter::real("start", "Start", (0.0, 0.9, 0.05), 0.3, "Share of the training before the first refinement and the influence; the second comes after as much again."),
            Parameter::real("a", "Reach a", (0.0, 0.99, 0.01), 0.9, "How much of a refined feature comes from its neighbours; 0 leaves the prototypes as they are."),
            Parameter::real("temperature", "Temperature τ", (0.01, 1.0, 0.01), 0.05, "What similarities are divided by before they become edges."),
        ])
        .losses([
            Claim::new("task", "Cross entropy under the new head."),
            Claim::new("influence", "Cross entropy under the refined old prototypes, from the first refinement on."),
        ])
        .claims([
            Claim::new("compatible", "New queries find more in the old gallery than old queries do."),
            Claim::new("cleaner than BCT", "Self-test and cross-test together are at least BCT's."),
        ])
}

const UNREFINED: &Arm = &Arm::extended("unibct, not refined", Change::Last("unibct", &[("a", 0.0)]));
const UNIBCT: &Arm = &Arm::extended("unibct", Change::Last("unibct", &[]));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "30-unibct",
        "Zhang et al. 2022 (UniBCT)",
        "UniBCT's P1 is at least BCT's",
        Measure::P1 { ceiling: INDEPENDENT, base: BCT, other: UNIBCT },
    )
    .published(
        "Trained on GLDv2, ResNet-18, P1: UniBCT 51.17, BCT 50.41 from 30 to 100 % of the classes; \
         53.52 and 51.13 from 30 to 100 % of the data (AdvBCT's table)",
    )
    .differs("BCT has the old classifier's rows and UniBCT prototypes of all classes."),
    Rule::new(
        "30-unibct-refined",
        "Zhang et al. 2022 (UniBCT)",
        "Refining the prototypes helps: its P1 is at least that with prototypes left as they are",
        Measure::P1 { ceiling: INDEPENDENT, base: UNREFINED, other: UNIBCT },
    )
    .differs(
        "The old features of clothes are clean already, and in the code that there is refining leaves \
         the mean of a class what it was.",
    ),
];

impl Addition for UniBct {
    fn new(setup: &mut Setup, _: &mut Independent) -> Result<Self, LabError> {
        Ok(Self {
            stored: setup.parent()?.stored()?.clone(),
            prototypes: setup.prototypes()?,
            refined: 0,
            scale: setup.value("influence_scale")?,
            start: setup.value("start")?,
            a: setup.value("a")?,
            temperature: setup.value("temperature")?,
        })
    }

    fn terms(&self, _: &Independent, features: &Features, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let [_, old_dims] = self.prototypes.dims();
        let logits = cosine_logits(features.prefix(old_dims), self.prototypes.clone(), self.scale);
        let weight = if batch.progress < self.start { 0.0 } else { batch.weight("lambda")? };
        Ok(vec![Term::new("influence", weight, cross_entropy(logits, batch.labels()?))])
    }

    fn wants_features(&self, progress: f64) -> bool {
        // Without reach the prototypes stay as they are, so there is nothing to look at.
        self.a > 0.0 && self.refined < REFINEMENTS && progress >= self.start * (self.refined + 1) as f64
    }

    fn observe(&mut self, features: &[f32]) {
        self.refined += 1;
        let dims = features.len() / self.stored.labels().len().max(1);
        let ([classes, old_dims], device) = (self.prototypes.dims(), self.prototypes.device());
        let of_class = |class: usize| {
            let images = self.stored.iter().zip(features.chunks(dims.max(1)));
            let images: Vec<_> = images.filter(|((_, label), _)| *label as usize == class).collect();
            if images.is_empty() {
                return self.prototypes.clone().narrow(0, class, 1);
            }
            let old: Vec<f32> = images.iter().flat_map(|((old, _), _)| *old).copied().collect();
            let new: Vec<f32> = images.iter().flat_map(|(_, new)| *new).copied().collect();
            let old = Tensor::from_data(TensorData::new(old, [images.len(), old_dims]), &device);
            let new = Tensor::from_data(TensorData::new(new, [images.len(), dims]), &device);
            refine(normalize(new), old, self.a, self.temperature).mean_dim(0)
        };
        self.prototypes = Tensor::cat((0..classes).map(of_class).collect(), 0);
    }

    fn memory(&self) -> Option<Tensor<1>> {
        let refined = TensorData::new(vec![self.refined as f32], [1]);
        let refined = Tensor::from_data(refined, &self.prototypes.device());
        Some(Tensor::cat(vec![refined, flat(self.prototypes.clone())], 0))
    }

    fn remember(&mut self, memory: &[f32]) {
        if let [refined, prototypes @ ..] = memory {
            self.refined = *refined as usize;
            let data = TensorData::new(prototypes.to_vec(), self.prototypes.dims());
            self.prototypes = Tensor::from_data(data, &self.prototypes.device());
        }
    }
}

/// Passes the old features of one class along the graph of its new ones.
///
/// # Shapes
/// - new: `[images, d_n]`, unit rows
/// - old, output: `[images, d_o]`
fn refine(new: Tensor<2>, old: Tensor<2>, a: f64, temperature: f64) -> Tensor<2> {
    let [images, _] = new.dims();
    let itself = Tensor::eye(images, &new.device()).mul_scalar(NOT_ITSELF);
    let edges = softmax(new.clone().matmul(new.transpose()).div_scalar(temperature) - itself, 1);
    let own = old.clone().mul_scalar(1.0 - a);
    (0..ROUNDS).fold(old, |passed, _| own.clone() + edges.clone().matmul(passed).mul_scalar(a))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::tensor::Device;
    use pollster::block_on;

    use super::*;
    use crate::engine::read;

    #[test]
    fn two_neighbours_share_their_features() {
        let device = Device::flex();
        let new = Tensor::from_data([[1.0f32, 0.0], [0.0, 1.0]], &device);
        let old = Tensor::from_data([[1.0f32], [0.0]], &device);
        // x = (1 - a) + a y and y = a x, so x = 1 / (1 + a).
        let refined = block_on(read(refine(new, old, 0.5, 0.05))).unwrap();
        assert!(
            refined.iter().zip([2.0 / 3.0, 1.0 / 3.0]).all(|(found, by_hand)| (found - by_hand).abs() < 1e-5),
            "{refined:?}"
        );
    }

    #[test]
    fn an_outlier_counts_less() {
        let device = Device::flex();
        // Two new features that are each other's neighbour, and one that is nobody's.
        let new = Tensor::from_data([[1.0f32, 0.0], [0.9, 0.435_89], [0.0, -1.0]], &device);
        let old = Tensor::from_data([[0.0f32], [0.0], [1.0]], &device);
        let refined = block_on(read(refine(new, old, 0.9, 0.05).mean_dim(0))).unwrap();
        assert!(refined.iter().all(|&mean| mean < 0.2), "{refined:?}, a third before");
    }
}
