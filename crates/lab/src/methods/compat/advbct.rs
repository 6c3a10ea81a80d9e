//! Boundary-aware compatibility by an adversary: old and new features shall not be told apart, and new ones stay near the old
//! class centre, within a radius that is learned.
//!
//! Pan, Xu, Yang, He, Jiang, Guo, Qian, Zhang, Cheng, Yang, Chu: Boundary-Aware Backward-Compatible Representation via
//! Adversarial Learning in Image Retrieval, CVPR 2023.
//!
//! ```text
//! L_boundary = mean over violators of max(|n - c_y| - rad_y, 0)      rad_y = r_y + sigmoid(w_y) (T - r_y)
//! L_adv      = CE of a discriminator (old or new?), whose gradient reaches the encoder reversed, times alpha
//! L          = CE + L_boundary + (1 - p) L_adv                       alpha = 2 / (1 + exp(-10 p)) - 1, p the progress
//! ```
//!
//! n is the first d_o dims of the new feature, c_y the unit old class centre, r_y the largest distance of an old feature from
//! it, of the credible ones if not of all.
//!
//! The authors' code differs, and part of it can be had: `boundary_on` = 1, since it has no centres of classes that the old model never
//! saw; `adversary` = 2, since it adds what the discriminator loses on old and on new features, where this is the mean of both;
//! `credible` = 1 and `target` = 1 (0.4 for faces). Three deviations remain. Their discriminator looks at features that are not
//! normalised, and normalises its own by batch statistics, which no network of this lab does. Its weight in epoch e of E is
//! (E - e + 1) / E, which never falls to nothing. Their w_y begin uniform in -1..1; here all radii begin half way.
//!
//! Rule `30-advbct` holds it against BCT where both act on old classes alone, `30-advbct-all` where both act on all. In both T and the
//! credible share are not the published ones: where all features are credible, one outlier sets the radius of its class.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Int, Tensor, TensorData, activation::relu, activation::sigmoid};
use protocol::{Claim, MethodCard, Need, Parameter};

use super::{Features, Independent, PREFIX, bct, holds_prefix};
use crate::claims::arms::{BCT, INDEPENDENT};
use crate::claims::{Arm, Change, LAB, Measure, Rule, judged};
use crate::frames::{Addition, Extended};
use crate::methods::{Method, encoder_dims};
use crate::{Batch, LabError, Setup, Term, cross_entropy, normalize, rows_at, squared_distances, start};

pub(super) const METHOD: Method = Method {
    id: "advbct",
    card,
    claims: judged(CLAIMS),
    check: holds_prefix,
    stored_dims: encoder_dims,
    start: start::<Extended<AdvBct>>,
};

/// Hidden units of the discriminator.
const HIDDEN: usize = 100;
/// Smallest squared distance, so that its root has a finite slope.
const DISTANCE_FLOOR: f64 = 1e-12;
/// A radius within which everything lies however far it is learned towards its target: unit rows are at most 2 apart.
const NO_BOUNDARY: f32 = 1e4;

/// Old centres with learned radii, and the adversary.
#[derive(Module, Debug)]
pub struct AdvBct {
    /// `c`, `[classes, d_o]`, unit rows.
    centres: Tensor<2>,
    /// `r`, `[classes]`; of a class without boundary beyond every distance.
    largest: Tensor<1>,
    /// `w`, `[classes]`, starts at 0.
    reach: Param<Tensor<1>>,
    hidden: Linear,
    output: Linear,
    target: f64,
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "AdvBCT")
        .summary("An adversary learns to tell old from new features and the encoder to fool it; learned radii hold the classes.")
        .paper("Pan, Xu, Yang, He, Jiang, Guo, Qian, Zhang, Cheng, Yang, Chu: Boundary-Aware Backward-Compatible Representation via Adversarial Learning in Image Retrieval, CVPR 2023")
        .needs([Need::Prototypes, Need::StoredFeatures, Need::OldFeatures])
        .keeps_prefix()
        .comparison(PREFIX)
        .parameters([
            Parameter::real("boundary", "Boundary weight", (0.0, 20.0, 0.1), 1.0, "Weight of what features lie outside the radius of their class.").hot(),
            Parameter::real("adversary", "Adversary weight", (0.0, 10.0, 0.1), 1.0, "Weight of the adversary at the start, which falls to nothing until the end; 2 is the published sum over old and new features.").hot(),
            Parameter::real("target", "Radius target T", (0.1, 2.0, 0.1), 0.4, "Radii are learned between an old class's own and this; 1 for landmarks and 0.4 for faces in the paper."),
            Parameter::real("credible", "Credible share", (0.1, 1.0, 0.05), 0.5, "Share of each class's old features, those nearest the class mean, that the old radius holds; 1 as published, where one outlier can make it too wide to hold anything."),
            Parameter::options("boundary_on", "Boundary on", &["All classes", "Old classes, as published"], "Whether classes that the old model never saw are held, too, around their mean old feature."),
        ])
        .losses([
            Claim::new("task", "Cross entropy under the new head."),
            Claim::new("boundary", "Mean distance beyond the class radius, over the features that lie beyond it."),
            Claim::new("adversary", "Cross entropy of the discriminator; the encoder pushes it up."),
        ])
        .claims([
            Claim::new("compatible", "New queries find more in the old gallery than old queries do."),
            Claim::new("at least BCT", "Self-test and cross-test together are at least BCT's on more classes."),
        ])
}

const OLD_BOUNDARY: &Arm = &Arm::extended("advbct, old classes", Change::Last("advbct", &[("boundary_on", 1.0)]));
const ADVBCT: &Arm = &Arm::extended("advbct", Change::Last("advbct", &[]));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "30-advbct",
        "Pan et al. 2023 (AdvBCT)",
        "AdvBCT's P1 is at least BCT's, both on old classes alone as in the authors' code",
        Measure::P1 { ceiling: INDEPENDENT, base: bct::OLD_CLASSES, other: OLD_BOUNDARY },
    )
    .published(
        "Trained on GLDv2, ResNet-18, P1: AdvBCT 52.35, BCT 50.41 from 30 to 100 % of the classes; \
         53.45 and 51.13 from 30 to 100 % of the data",
    )
    .differs(
        "There 24,393 old classes are held; here five are, the classes of the other half of the gallery \
         are tied to nothing, and T and the credible share are not the published ones.",
    ),
    Rule::new(
        "30-advbct-all",
        LAB,
        "So it is with both on all classes",
        Measure::P1 { ceiling: INDEPENDENT, base: BCT, other: ADVBCT },
    )
    .differs("The authors' code has no centres of classes that the old model never saw."),
];

impl AdvBct {
    /// Class radii, `[classes]`.
    fn radii(&self) -> Tensor<1> {
        let way = self.largest.clone().neg().add_scalar(self.target);
        self.largest.clone() + sigmoid(self.reach.val()) * way
    }

    /// Logits of "new" and "old", `[batch, 2]`.
    fn tell_apart(&self, features: Tensor<2>) -> Tensor<2> {
        self.output.forward(relu(self.hidden.forward(features)))
    }
}

impl Addition for AdvBct {
    fn new(setup: &mut Setup, _: &mut Independent) -> Result<Self, LabError> {
        let (classes, device) = (setup.classes, setup.engine.training());
        let old = setup.parent()?;
        let credible = old.stored()?.credible(setup.value("credible")?, classes);
        let smallest = credible.smallest_cosines(classes);
        // On the unit sphere.
        let mut largest: Vec<f32> = smallest.iter().map(|cosine| (2.0 - 2.0 * cosine).max(0.0).sqrt()).collect();
        if setup.value("boundary_on")? == 1.0 {
            largest.iter_mut().skip(old.classes).for_each(|radius| *radius = NO_BOUNDARY);
        }
        let centres = normalize(setup.prototypes()?);
        let [_, old_dims] = centres.dims();
        Ok(Self {
            centres,
            largest: Tensor::from_data(TensorData::new(largest, [classes]), &device),
            reach: Param::from_data(TensorData::new(vec![0f32; classes], [classes]), &device),
            hidden: setup.init.linear(old_dims, HIDDEN),
            output: setup.init.linear(HIDDEN, 2),
            target: setup.value("target")?,
        })
    }

    fn terms(&self, _: &Independent, features: &Features, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let old = batch.old_features()?;
        let [items, old_dims] = old.dims();
        let new = features.prefix(old_dims);
        let centres = rows_at(self.centres.clone(), batch.labels()?);
        let boundary = outside(new.clone(), centres, self.radii().gather(0, batch.labels()?));
        let alpha = 2.0 / (1.0 + (-10.0 * batch.progress).exp()) - 1.0;
        let logits = self.tell_apart(Tensor::cat(vec![reverse_gradient(new, alpha), old], 0));
        let sides = [0, 1].into_iter().flat_map(|side| std::iter::repeat_n(side, items)).collect::<Vec<i32>>();
        let sides = Tensor::<1, Int>::from_data(TensorData::new(sides, [2 * items]), &logits.device());
        Ok(vec![
            Term::new("boundary", batch.weight("boundary")?, boundary),
            Term::new("adversary", batch.weight("adversary")? * (1.0 - batch.progress), cross_entropy(logits, sides)),
        ])
    }
}

/// How far features lie outside their radius, mean over those that do.
///
/// # Shapes
/// - features, centres: `[batch, d_o]`
/// - radii: `[batch]`
/// - output: `[1]`
fn outside(features: Tensor<2>, centres: Tensor<2>, radii: Tensor<1>) -> Tensor<1> {
    let distances = squared_distances(features, centres).clamp_min(DISTANCE_FLOOR).sqrt();
    let excess = relu(distances - radii);
    let violators = excess.clone().detach().greater_elem(0.0).float().sum().clamp_min(1.0);
    excess.sum() / violators
}

/// The same values, with a gradient of the opposite sign times `alpha`.
fn reverse_gradient(features: Tensor<2>, alpha: f64) -> Tensor<2> {
    features.clone().detach().mul_scalar(1.0 + alpha) - features.mul_scalar(alpha)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::tensor::Device;
    use pollster::block_on;

    use super::*;
    use crate::engine::read;

    #[test]
    fn only_violators_of_the_radius_count() {
        let device = Device::flex();
        let features = Tensor::from_data([[0.0f32, 3.0], [0.0, 1.0], [4.0, 0.0]], &device);
        let loss = outside(features, Tensor::zeros([3, 2], &device), Tensor::from_data([1.0f32, 1.0, 1.0], &device));
        assert_eq!(block_on(read(loss)).unwrap(), [2.5]);
    }

    #[test]
    fn a_reversed_gradient_has_the_opposite_sign() {
        let point = Tensor::<2>::from_data([[1.0f32, 2.0]], &Device::flex().autodiff()).require_grad();
        let reversed = reverse_gradient(point.clone(), 0.5);
        assert_eq!(block_on(read(reversed.clone())).unwrap(), [1.0, 2.0]);
        let gradients = reversed.powi_scalar(2).sum().backward();
        assert_eq!(block_on(read(point.grad(&gradients).unwrap())).unwrap(), [-1.0, -2.0]);
    }
}
