//! Orthogonal compatible alignment: extra dims, and a rotation between the stored feature and the head.
//!
//! Ricci, Biondi, Pernici, Del Bimbo: Backward-Compatible Aligned Representations via an Orthogonal Transformation
//! Layer, ECCV Workshops 2024.
//!
//! ```text
//! h = n(encoder(x))       d_o + r     stored; h_b is its first d_o dims, re-normalised
//! g = T h + b             d_o + r     T a rotation, only while training
//! L = 5 CE(W_out g, y) + 10 CE(h_b Mu', y) + 5 (1 - cos(mu_y, h_b)),  both CE with label smoothing 0.1
//! ```
//!
//! With `W_out` free and T a rotation, `W_out T` is just another free matrix: T adds nothing that the head could not learn, so
//! what it changes is the way of the optimiser. It is an option here, so that this can be seen. The authors' layer has the
//! bias b, which makes it no pure rotation. The stage's dims stand for the paper's d_o.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use protocol::{Claim, MethodCard, Need, Parameter};

use super::{Features, Independent, PREFIX, bct, extended_dims, holds_prefix};
use crate::claims::{Arm, Change, Measure, Rule, judged};
use crate::frames::{Addition, Extended};
use crate::methods::Method;
use crate::{
    Batch, LabError, Orthogonal, Setup, System, Term, cosine_distance, cross_entropies, normalize, orthogonality_error,
    rows_at, start,
};

pub(super) const METHOD: Method = Method {
    id: "oca",
    card,
    claims: judged(CLAIMS),
    check: holds_prefix,
    stored_dims: extended_dims,
    start: start::<Extended<Oca>>,
};

/// The rotation before the head, and the ties to the old prototypes.
#[derive(Module, Debug)]
pub struct Oca {
    /// `T`; `None` if the head sees the stored feature itself.
    rotation: Option<Orthogonal>,
    /// `b`, shape `[dims]`.
    bias: Option<Param<Tensor<1>>>,
    /// Mean old feature per class, shape `[classes, d_o]`.
    prototypes: Tensor<2>,
    influence_scale: f64,
    smoothing: f64,
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "OCA")
        .summary("A few extra dims, and a rotation between the stored embedding and the head; no teacher is needed.")
        .paper("Ricci, Biondi, Pernici, Del Bimbo: Backward-Compatible Aligned Representations via an Orthogonal Transformation Layer, ECCV Workshops 2024")
        .needs([Need::Prototypes])
        .keeps_prefix()
        .comparison(PREFIX)
        .parameters([
            Parameter::integer("r", "Extra dims r", (0, 64), 8, "Dims beyond those that are compared with the old gallery."),
            Parameter::options(
                "transform",
                "Transformation T",
                &["With bias, as published", "Rotation alone", "None"],
                "What lies between the stored embedding and the head while training.",
            ),
            Parameter::real("task", "Task weight", (0.0, 20.0, 0.5), 5.0, "Weight of the cross entropy of the head.").hot(),
            Parameter::real("influence", "Influence weight", (0.0, 50.0, 1.0), 10.0, "Weight of the cross entropy against the old prototypes.").hot(),
            Parameter::real("old", "Alignment weight", (0.0, 50.0, 1.0), 5.0, "Weight of matching the old prototype of the image's class.").hot(),
            Parameter::real("influence_scale", "Influence logit scale", (1.0, 30.0, 1.0), 1.0, "Scale of the cosine logits against the prototypes; 1 as published."),
            Parameter::real("smoothing", "Label smoothing", (0.0, 0.5, 0.05), 0.1, "Share of every target that is spread over all classes, in both cross entropies."),
            Parameter::options("head", "Task head", &["Linear, as published", "Cosine, as the other methods"], "How the transformed embedding is classified while training."),
        ])
        .losses([
            Claim::new("task", "Cross entropy of the transformed embedding under the new head."),
            Claim::new("influence", "Cross entropy of the old-compatible block against the old prototypes."),
            Claim::new("old", "One minus the cosine of the block with the old prototype of the image's class."),
        ])
        .claims([
            Claim::new("compatible without a teacher", "New queries find more in the old gallery, with one training run."),
            Claim::new("keeps the self-test", "The self-test is at least about BCT's, since new evidence can live in the extra dims."),
        ])
}

const BY: &str = "Ricci et al. 2024 (OCA)";
const OCA: &Arm = &Arm::extended("oca", Change::Last("oca", &[]));
const ROTATION: &Arm = &Arm::extended("oca, rotation alone", Change::Last("oca", &[("transform", 1.0)]));
const NO_ROTATION: &Arm = &Arm::extended("oca, no rotation", Change::Last("oca", &[("transform", 2.0)]));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "12-self",
        BY,
        "OCA needs no teacher: its self-test is at most half a point below that of BCT with the same head and smoothing",
        Measure::self_tests(bct::PUBLISHED, OCA),
    )
    .at_least(-0.5)
    .by_top1()
    .published(
        "The abstract claims the best results on CIFAR-100 and ImageNet-1k with fewer parameters; no \
         number is at hand",
    )
    .differs(
        "Head and smoothing being alike, what is left to differ are eight extra dims, the rotation and \
         the pull to the old prototypes.",
    ),
    Rule::new("12-compatible", BY, "OCA is compatible", Measure::compatible(OCA))
    .by_top1()
    .published(
        "The abstract claims the best results on CIFAR-100 and ImageNet-1k with fewer parameters; no \
         number is at hand",
    )
    .differs("Ten classes, 32 dims and 8 extra ones stand for a hundred and more, 128 and 32."),
    Rule::new(
        "12-rotation",
        BY,
        "The rotation of OCA helps new queries find old items: the cross-test is above that without",
        Measure::cross_tests(NO_ROTATION, ROTATION),
    )
    .by_top1()
    .published("The abstract puts alignment down to the orthogonal layer; no ablation is at hand")
    .differs(
        "Before a free head a rotation adds nothing that the head could not learn, so that only the way \
         of the optimiser differs.",
    ),
    Rule::new(
        "12-rotation-self",
        BY,
        "It helps the self-test",
        Measure::self_tests(NO_ROTATION, ROTATION),
    )
    .by_top1()
    .published("The abstract puts alignment down to the orthogonal layer; no ablation is at hand")
    .differs("Before a free head a rotation adds nothing that the head could not learn."),
];

impl Oca {
    /// What the head sees of a stored embedding.
    ///
    /// # Shapes
    /// - stored, output: `[batch, d_o + r]`
    fn transform(&self, stored: Tensor<2>) -> Tensor<2> {
        let turned = match &self.rotation {
            Some(rotation) => stored.matmul(rotation.matrix().transpose()),
            None => stored,
        };
        match &self.bias {
            Some(bias) => turned + bias.val().unsqueeze_dim(0),
            None => turned,
        }
    }
}

impl Addition for Oca {
    fn new(setup: &mut Setup, base: &mut Independent) -> Result<Self, LabError> {
        let dims = setup.stored_dims()?;
        let (transform, smoothing) = (setup.value("transform")?, setup.value("smoothing")?);
        base.head.smooth(smoothing);
        if setup.value("head")? == 0.0 {
            base.head.unscale();
        }
        Ok(Self {
            rotation: (transform < 2.0).then(|| Orthogonal::random(dims, &mut setup.init)),
            bias: (transform == 0.0).then(|| setup.init.uniform([dims], (dims as f32).sqrt().recip())),
            prototypes: setup.prototypes()?,
            influence_scale: setup.value("influence_scale")?,
            smoothing,
        })
    }

    fn task(&self, base: &Independent, features: &Features, batch: &Batch) -> Result<Tensor<1>, LabError> {
        let seen = self.transform(features.unit.clone());
        let seen = if base.head.is_cosine() { normalize(seen) } else { seen };
        Ok(base.head.loss(seen, batch.labels()?))
    }

    fn task_weight(&self, batch: &Batch) -> Result<f64, LabError> {
        batch.weight("task")
    }

    fn terms(&self, _: &Independent, features: &Features, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let [_, old_dims] = self.prototypes.dims();
        let block = features.prefix(old_dims);
        // The prototypes are means of unit features and are not normalised again, but where a cosine is asked for.
        let logits = block.clone().matmul(self.prototypes.clone().transpose()).mul_scalar(self.influence_scale);
        let influence = cross_entropies(logits, batch.labels()?, self.smoothing).mean();
        let own = rows_at(normalize(self.prototypes.clone()), batch.labels()?);
        Ok(vec![
            Term::new("influence", batch.weight("influence")?, influence),
            Term::new("old", batch.weight("old")?, cosine_distance(own, block)),
        ])
    }

    fn classifier(&self, base: &Independent) -> Option<Tensor<2>> {
        let rows = base.classifier()?;
        Some(match &self.rotation {
            Some(rotation) => rows.matmul(rotation.matrix()),
            None => rows,
        })
    }

    fn orthogonality(&self) -> Option<Tensor<1>> {
        self.rotation.as_ref().map(|rotation| orthogonality_error(rotation.matrix()))
    }
}
