//! Backward-compatible training: the new features must also satisfy the old classifier.
//!
//! Shen, Xiong, Xia, Soatto: Towards Backward-Compatible Representation Learning, CVPR 2020.
//!
//! `L = CE(s cos(W, f), y) + lambda CE(s_o cos(W_o, n(f[:d_o])), y)` with `W_o` frozen: the old classifier's rows for
//! classes that it knows, and the mean old feature of the new training images for those that it never saw.
//!
//! In print it comes in several forms, which are options here:
//!
//! - The authors' code (openBCT) applies the influence only to images of classes that the old classifier knows, and its better variant
//!   normalises features and classifiers. The other takes the rows of `W_o` as long as they are. Here they have unit length there, too:
//!   an old model of this lab learned under cosines, which say nothing about the length of a row.
//! - What BT² is compared with in its paper has no row of the old classifier (`train_BCT.py` of BT² and of OCA): `W_o` are the mean old
//!   features of all classes, not normalised again, s_o = 1, lambda = 10, the head is linear on unit features, and both losses have
//!   label smoothing 0.1. [`AS_IN_BT2`] has these settings. Two deviations remain: there the means are of augmented images, and the rate
//!   is constant, which the code of OCA undoes.
//!
//! A number of BCT says little without the form that it is of. Rules `2`, `3-tax`, `6-rows` and `10-bct` are about the one with the old
//! classifier's rows, `2-published`, `3-published`, `5-bct`, `6` and `10-published` about that of BT²'s paper, `30-lce` and `nccl-bct`
//! about means of all classes and nothing else of that paper, `30-advbct` about old classes alone.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData, activation::log_softmax};
use protocol::{BackfillOrder, Choice, Claim, MethodCard, Need, Parameter, Stage};

use super::{Features, Independent, PREFIX, bt2, holds_prefix};
use crate::claims::arms::{BCT, FORTY, FORTY_INDEPENDENT, INDEPENDENT, Values};
use crate::claims::{Arm, Change, Fact, LAB, Measure, NEW, NEW_NEW, NEW_OLD, Rule, STAR_STAR, THIRD_OLD, judged};
use crate::frames::{Addition, Extended};
use crate::methods::{Method, encoder_dims};
use crate::{Batch, LabError, Parent, Setup, Term, cosine_logits, cross_entropies, normalize, same_class, start};

pub(super) const METHOD: Method = Method {
    id: "bct",
    card,
    claims: judged(CLAIMS),
    check: holds_prefix,
    stored_dims: encoder_dims,
    start: start::<Extended<Bct>>,
};

/// The influence of the old classifier.
#[derive(Module, Debug)]
pub struct Bct {
    /// Frozen, shape `[classes, d_o]`, or `[old classes, d_o]` if only those are influenced; unit rows unless they are means alone.
    old_rows: Tensor<2>,
    scale: f64,
    smoothing: f64,
    /// Whether classes that the old model never saw are left alone.
    old_only: bool,
    /// Whether all rows are mean old features, as long as they are.
    means_alone: bool,
    /// Whether the head takes plain products of unit features.
    linear: bool,
}

pub(super) fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "BCT")
        .summary("The new embedding must be classified correctly by the frozen old classifier, too.")
        .paper("Shen, Xiong, Xia, Soatto: Towards Backward-Compatible Representation Learning, CVPR 2020")
        .needs([Need::Prototypes, Need::OldHead])
        .keeps_prefix()
        .comparison(PREFIX)
        .parameters(parameters())
        .losses([
            Claim::new("task", "Cross entropy under the new head."),
            Claim::new("influence", "Cross entropy under the frozen old classifier."),
        ])
        .claims([
            Claim::new("compatible", "New queries find more in the old gallery than old queries do."),
            Claim::new("tax", "The self-test falls below the independent model's, more so as λ grows."),
        ])
}

/// The paper, where claims say who makes them.
pub(super) const BY: &str = "Shen et al. 2020 (BCT)";

/// Settings of the BCT that BT² is compared with in its paper.
pub const AS_IN_BT2: Values =
    &[("old_rows", 1.0), ("influence_scale", 1.0), ("lambda", 10.0), ("classifier", 2.0), ("smoothing", 0.1)];

/// BCT as it stands in the paper of BT².
pub(super) const PUBLISHED: &Arm = &Arm::extended("bct, as in bt2", Change::Last("bct", AS_IN_BT2));
/// The same with many classes for its dims.
pub(super) const FORTY_PUBLISHED: &Arm = &Arm::new("forty bct, as in bt2", FORTY, Change::Last("bct", AS_IN_BT2));
/// BCT with mean old features in the place of the old classifier's rows, and nothing else of that form.
pub(super) const MEANS: &Arm = &Arm::extended("bct, means", Change::Last("bct", &[("old_rows", 1.0)]));
/// BCT as the authors' code has it: on classes alone that the old classifier knows.
pub(super) const OLD_CLASSES: &Arm = &Arm::extended("bct, old classes", Change::Last("bct", &[("influence_on", 1.0)]));
const BCT_1: &Arm = &Arm::extended("bct, lambda 1", Change::Last("bct", &[("lambda", 1.0)]));
const NO_LAMBDA: &Arm = &Arm::extended("bct, lambda 0", Change::Last("bct", &[("lambda", 0.0)]));
const SMALL_LAMBDA: &Arm = &Arm::extended("bct, lambda 0.1", Change::Last("bct", &[("lambda", 0.1)]));
const LARGE_LAMBDA: &Arm = &Arm::extended("bct, lambda 10", Change::Last("bct", &[("lambda", 10.0)]));
const CHAIN: &Arm = &Arm::new("chain bct", "chain", Change::Replaced(&[("bt2", "bct")]));
const CHAIN_PUBLISHED: &Arm = &Arm::new("chain bct, as in bt2", "chain", Change::With(published));

/// Later stages as in the paper of BT².
pub(super) fn published(stages: &mut [Stage]) {
    for stage in stages.iter_mut().skip(1) {
        stage.method = AS_IN_BT2.iter().fold(Choice::of(METHOD.id), |choice, &(id, value)| choice.with(id, value));
    }
}

const CLAIMS: &[Rule] = &[
    Rule::new("2", BY, "BCT is compatible", Measure::compatible(BCT))
        .by_top1()
        .published(
            "ImageNet, ResNet-18 on half of the data to ResNet-50 on all, top-1: new/old 42.2, with a \
             normalised classifier 46.8, old/old 39.5",
        )
        .differs(
            "There both models know all classes; here the new one learns five more, and the old \
             classifier's rows stand beside mean old features of the new classes.",
        ),
    Rule::new("2-published", BY, "BCT as it stands in the paper of BT² is compatible", Measure::compatible(PUBLISHED))
        .by_top1()
        .published(
            "ImageNet, 500 to 1000 classes, top-1: new/old 44.3, old/old 40.9; CIFAR-100, 50 to 100: 25.0 \
             and 33.6, by mAP 24.7 and 24.4 (README of BT²)",
        )
        .differs(
            "The published verdict depends on data and score, and ten classes in 32 dims ask less of the \
             old prototypes than a hundred in 128.",
        ),
    Rule::new(
        "3-tax",
        BY,
        "BCT pays a tax on the self-test",
        Measure::Paired { base: (BCT, NEW_NEW), other: (INDEPENDENT, NEW_NEW) },
    )
    .tried_with(BCT)
    .said("M(*,*) - M(n,n), points")
    .by_top1()
    .published("ImageNet, ResNet-18 on half of the data to ResNet-50 on all, top-1: independent 66.3, BCT 55.6")
    .differs("Ten classes fit equally far apart into 32 dims, so that the old classifier costs little."),
    Rule::new(
        "3-published",
        bt2::BY,
        "BCT as it stands in the paper of BT² pays a tax on the self-test",
        Measure::Paired { base: (PUBLISHED, NEW_NEW), other: (INDEPENDENT, NEW_NEW) },
    )
    .tried_with(PUBLISHED)
    .said("M(*,*) - M(n,n), points")
    .by_top1()
    .published(
        "CIFAR-100, 50 to 100 classes, top-1: independent 62.7, BCT 60.0; ImageNet, 500 to 1000: 67.9 \
         and 65.3, by mAP 52.3 and 54.0",
    )
    .differs(
        "Ten classes fit equally far apart into 32 dims, so that there is little to pay, and by mAP the \
         table of ImageNet has no tax either.",
    ),
    Rule::new(
        "3-forty",
        bt2::BY,
        "With many classes for its dims BCT as it stands in the paper of BT² pays a tax on the self-test",
        Measure::Paired { base: (FORTY_PUBLISHED, NEW_NEW), other: (FORTY_INDEPENDENT, NEW_NEW) },
    )
    .tried_with(FORTY_PUBLISHED)
    .said("M(*,*) - M(n,n), points")
    .by_top1()
    .published(
        "CIFAR-100, 50 to 100 classes, top-1: independent 62.7, BCT 60.0; ImageNet, 500 to 1000: 67.9 \
         and 65.3, by mAP 52.3 and 54.0",
    )
    .differs(
        "Forty classes in 32 dims are nearer to the paper, yet they are ten kinds of clothes in four \
         turns with 100 images each.",
    ),
    Rule::new(
        "3-trend",
        LAB,
        "BCT's self-test falls as λ grows",
        Measure::Falls { arms: &[NO_LAMBDA, SMALL_LAMBDA, BCT_1, LARGE_LAMBDA], fact: Fact::Score(NEW_NEW) },
    )
    .said("minus Kendall's τ between λ in {0, 0.1, 1, 10} and the self-test")
    .by_top1()
    .differs(
        "The sweep is this lab's, the authors' code has one weight of 1; ten classes fit equally far \
         apart into 32 dims, so that a larger weight costs little.",
    ),
    Rule::new(
        "4-self",
        LAB,
        "λ = 0 is the independent model: no tax to speak of",
        Measure::Near { one: (NO_LAMBDA, Fact::Score(STAR_STAR)), other: (NO_LAMBDA, Fact::Score(NEW_NEW)), by: 1.0 },
    )
    .by_top1()
    .differs(
        "This is a control of the lab: without the influence what is left is the loss of the \
         independent model, and only draws differ.",
    ),
    Rule::new(
        "4-cross",
        BY,
        "λ = 0 breaks compatibility: the cross-test is within twice the chance level",
        Measure::BelowTwiceChance((NO_LAMBDA, NEW_OLD)),
    )
    .by_top1()
    .published(
        "CIFAR-100, 50 to 100 classes: independent/old 0.8 by top-1 and 1.5 by mAP; ImageNet, 500 to \
         1000: 0.1 and 0.2 (README of BT²)",
    )
    .differs(
        "Of ten classes a whole one can happen to lie where an old one does, so single runs scatter \
         more around chance than among a hundred.",
    ),
    Rule::new(
        "10-bct",
        bt2::BY,
        "Over a chain BCT loses compatibility: v3 does worse than v2 on the v1 gallery",
        Measure::Paired { base: (CHAIN, THIRD_OLD), other: (CHAIN, NEW_OLD) },
    )
    .by_top1()
    .published(
        "Chain of AlexNet, VGG, ResNet-50, ViT, top-1 on the gallery of AlexNet: VGG 54.4, ResNet-50 \
         46.0, AlexNet itself 46.6",
    )
    .differs("Here BCT has the old classifier's rows, which that paper does not use."),
    Rule::new(
        "10-published",
        bt2::BY,
        "So does BCT as it stands in the paper of BT²",
        Measure::Paired { base: (CHAIN_PUBLISHED, THIRD_OLD), other: (CHAIN_PUBLISHED, NEW_OLD) },
    )
    .by_top1()
    .published(
        "Chain of AlexNet, VGG, ResNet-50, ViT, top-1 on the gallery of AlexNet: VGG 54.4, ResNet-50 \
         46.0, AlexNet itself 46.6",
    )
    .differs("Along this chain v2 sees a tenth of the images and v3 two fifths, so that v3 is much the better model."),
    Rule::new(
        "23-bct",
        LAB,
        "An index that mixes models compatible by BCT does not dip by more than a point",
        Measure::AtMost { number: (BCT, Fact::DipDepth(NEW, BackfillOrder::Random)), bound: 1.0 },
    ),
];

/// The parameters of BCT and of methods that contain it.
pub(super) fn parameters() -> Vec<Parameter> {
    vec![
        Parameter::real(
            "lambda",
            "Influence weight λ",
            (0.0, 20.0, 0.1),
            1.0,
            "Weight of the old classifier's loss; 0 is the independent model.",
        )
        .hot(),
        Parameter::real(
            "influence_scale",
            "Influence logit scale",
            (1.0, 30.0, 1.0),
            10.0,
            "Scale of the cosine logits under the old classifier; 1 with λ = 10 as in the paper of BT².",
        ),
        Parameter::options(
            "influence_on",
            "Influence on",
            &["All classes", "Old classes"],
            "Whether classes that the old model never saw are influenced, too, by their mean old feature.",
        ),
        Parameter::options(
            "classifier",
            "Classifier",
            &["Normalised", "Unnormalised", "Linear on unit features"],
            "Cosines of unit features, plain products of features that are normalised for retrieval only, or plain products of unit \
             features as in the paper of BT².",
        ),
        Parameter::real(
            "smoothing",
            "Label smoothing",
            (0.0, 0.5, 0.05),
            0.0,
            "Share of every target that is spread over all classes, in both losses; 0.1 as in the paper of BT².",
        ),
        Parameter::options(
            "old_rows",
            "Old rows",
            &["Old classifier's rows", "Prototypes of all classes"],
            "Rows of the old classifier where it has them, prototypes for the other classes; or the mean old feature of every class, not \
             normalised again, as in the paper of BT².",
        ),
    ]
}

/// The old classifier's rows where it has them, prototypes elsewhere.
///
/// # Shapes
/// - output: `[classes, d_o]`, unit rows
///
/// # Errors
/// [`LabError::Unasked`] if the card asks for neither.
fn old_rows(old: &Parent, classes: usize, device: &Device) -> Result<Tensor<2>, LabError> {
    let prototypes = normalize(old.prototypes()?.clone());
    let rows = match old.head()? {
        Some(head) if old.classes >= classes => normalize(head).narrow(0, 0, classes),
        Some(head) => {
            let unseen = prototypes.narrow(0, old.classes, classes - old.classes);
            Tensor::cat(vec![normalize(head), unseen], 0)
        }
        None => prototypes,
    };
    Ok(rows.to_device(device))
}

impl Addition for Bct {
    fn new(setup: &mut Setup, base: &mut Independent) -> Result<Self, LabError> {
        let smoothing = setup.value("smoothing")?;
        base.head.smooth(smoothing);
        let classifier = setup.value("classifier")?;
        if classifier > 0.0 {
            base.head.unscale();
        }
        let old = setup.parent()?;
        let old_only = setup.value("influence_on")? == 1.0;
        let means_alone = setup.value("old_rows")? == 1.0;
        let known = if old_only { old.classes.min(setup.classes) } else { setup.classes };
        let rows = match means_alone {
            true => setup.prototypes()?,
            false => old_rows(old, setup.classes, &setup.engine.training())?,
        };
        Ok(Self {
            old_rows: rows.narrow(0, 0, known),
            scale: setup.value("influence_scale")?,
            smoothing,
            old_only,
            means_alone,
            linear: classifier == 2.0,
        })
    }

    fn task(&self, base: &Independent, features: &Features, batch: &Batch) -> Result<Tensor<1>, LabError> {
        match self.linear {
            true => Ok(base.head.loss(features.unit.clone(), batch.labels()?)),
            false => Ok(base.task(features, batch.labels()?)),
        }
    }

    fn terms(&self, base: &Independent, features: &Features, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let [known, old_dims] = self.old_rows.dims();
        let rows = self.old_rows.clone();
        let logits = match (base.head.is_cosine() || self.linear, self.means_alone) {
            (true, false) => cosine_logits(features.prefix(old_dims), rows, self.scale),
            (true, true) => features.prefix(old_dims).matmul(rows.transpose()).mul_scalar(self.scale),
            (false, _) => features.raw.clone().narrow(1, 0, old_dims).matmul(rows.transpose()),
        };
        let labels = batch.labels()?;
        let value = match self.old_only {
            true => {
                let classes = TensorData::new((0..known as i32).collect(), [known]);
                let own = same_class(labels, Tensor::from_data(classes, &logits.device())).float();
                let seen = own.clone().sum_dim(1); // [batch, 1], zero for classes that the old head lacks
                let logs = log_softmax(logits, 1);
                let sharp = (own * logs.clone()).sum_dim(1).mul_scalar(1.0 - self.smoothing);
                let smooth = (logs.mean_dim(1) * seen.clone()).mul_scalar(self.smoothing);
                (sharp + smooth).sum().neg() / seen.sum().clamp_min(1.0)
            }
            false => cross_entropies(logits, labels, self.smoothing).mean(),
        };
        Ok(vec![Term::new("influence", batch.weight("lambda")?, value)])
    }
}
