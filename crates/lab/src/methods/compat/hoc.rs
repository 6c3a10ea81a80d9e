//! Learning task after task under fixed class vectors, with a contrast that holds the features where they were.
//!
//! Biondi, Pernici, Ricci, Del Bimbo: Stationary Representations: Optimally Approximating Compatibility and Implications for
//! Improved Model Replacements (IAM-CL2R), CVPR 2024. The model goes on from the weights of the one in use, which may have
//! been replaced by a better one in between, on the new classes and a rehearsed few of the old. With `o` and `n` the unit
//! features by the model before and by this one, and W the simplex on features that are not normalised:
//!
//! `L = lambda CE(W f, y) + (1 - lambda) mean_i [ -mu <o_i, n_i> + log sum_j exp(mu <o_i, n_j> [y_i != y_j]) ]`
//!
//! That is the published code (`hoc.py`): similarities within a class are multiplied by zero, so each counts as `exp(0)` in the sum. So
//! does the item's own, which the first term therefore rewards without end. By default the own pair stands in the sum as it is, as in a
//! softmax, which is content once that pair outweighs the others; pairs of two items of a class count as `exp(0)`, or are left out, as
//! the paper's equation would have it. Rules on HOC (`16-ac` to `17-shrinks`) have the default; none compares the three.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData, activation::log_softmax};
use protocol::{Choice, Claim, MethodCard, Need, Parameter, Stage};

use super::{Features, Independent, fine_tune, simplex};
use crate::claims::{Arm, Change, Fact, LAB, Measure, Rule, judged};
use crate::frames::{Addition, Extended};
use crate::methods::{Before, Method, encoder_dims};
use crate::{Batch, LabError, Setup, Term, same_class, start};

pub(super) const METHOD: Method =
    Method { id: "hoc", card, claims: judged(CLAIMS), check, stored_dims: encoder_dims, start: start::<Extended<Hoc>> };

/// What is taken off a logit that does not count.
const LEFT_OUT: f64 = 1e4;

/// The contrast.
#[derive(Module, Debug)]
pub struct Hoc {
    mu: f64,
    #[module(skip)]
    mask: Mask,
}

/// What becomes of the pairs of one class in the sum.
#[derive(Clone, Copy, Debug)]
enum Mask {
    /// Those of two items are zeroed.
    Zeroed,
    /// Those of two items are left out.
    LeftOut,
    /// All are zeroed, an item's own pair as well.
    AllZeroed,
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "HOC")
        .summary("The old model is trained on, under a fixed simplex, while a contrast holds its features in place.")
        .paper("Biondi, Pernici, Ricci, Del Bimbo: Stationary Representations: Optimally Approximating Compatibility and Implications for Improved Model Replacements, CVPR 2024")
        .needs([Need::OldWeights, Need::OldFeatures])
        .comparison("All dims of both embeddings, re-normalised; the old model must have used the same head.")
        .parameters([
            Parameter::real("lambda", "Task weight λ", (0.0, 1.0, 0.05), 0.1, "Weight of the cross entropy; the contrast has the rest. 1 is plain fine-tuning under the head.").hot(),
            Parameter::real("mu", "Contrast scale μ", (1.0, 50.0, 1.0), 10.0, "Factor of the cosines in the contrast."),
            Parameter::options(
                "mask",
                "Pairs of one class",
                &[
                    "Zeroed, the own pair counts",
                    "Left out, the own pair counts",
                    "Zeroed, own pair too, as in the published code",
                ],
                "What they are among the pairs that an item's own one must beat: what is zeroed still counts as one.",
            ),
            simplex::head_parameter(),
        ])
        .losses([
            Claim::new("task", "Cross entropy over all rows of the head, those of no class included."),
            Claim::new("contrast", "Each feature against the old one of its image, among those of other classes."),
        ])
        .claims([Claim::new("more compatible", "Over a sequence of tasks AC and AA are above those of cross entropy alone.")])
}

const BY: &str = "Biondi et al. 2024 (IAM-CL2R)";

/// The preset of tasks in which one model is replaced.
const TASKS: &str = "sequential";
const HOC: &Arm = &Arm::new("tasks hoc", TASKS, Change::AsItIs);
const ALONE: &Arm = &Arm::new("tasks, task loss alone", TASKS, Change::Adjusted("hoc", &[("lambda", 1.0)]));
const LEARNED_HEAD: &Arm =
    &Arm::new("tasks, learned head", TASKS, Change::Replaced(&[("hoc", "fine-tune"), ("simplex", Choice::PLAIN)]));
const STILL: &Arm = &Arm::new("tasks hoc, no replacement", TASKS, Change::With(never_replaced));
const STILL_ALONE: &Arm =
    &Arm::new("tasks, task loss alone, no replacement", TASKS, Change::With(never_replaced_alone));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "16-ac",
        BY,
        "Over a sequence of tasks HOC has a higher average compatibility than rehearsal under a learned head",
        Measure::between(LEARNED_HEAD, HOC, Fact::AverageCompatibility),
    )
    .by_top1()
    .published(
        "CIFAR-100, then galleries of ten class means of CIFAR-10, two replacements, top-1, simplex and \
         HOC against experience replay: AC 0.95 and 0 over 7 tasks, 0.65 and 0 over 31",
    )
    .differs("Five models with galleries of their own classes are another test."),
    Rule::new(
        "16-aa",
        BY,
        "Over a sequence of tasks HOC has a higher average accuracy than rehearsal under a learned head",
        Measure::between(LEARNED_HEAD, HOC, Fact::AverageAccuracy),
    )
    .by_top1()
    .published(
        "CIFAR-100, then galleries of ten class means of CIFAR-10, two replacements, top-1, simplex and \
         HOC against experience replay: AA 68.90 and 35.18 over 7 tasks, 68.07 and 30.32 over 31",
    )
    .differs("Five models with galleries of their own classes are another test."),
    Rule::new(
        "16-ac-alone",
        LAB,
        "It is HOC that does it: AC is higher than with the task loss alone under the simplex",
        Measure::between(ALONE, HOC, Fact::AverageCompatibility),
    ),
    Rule::new(
        "16-still",
        BY,
        "As long as nothing replaces the model most upgrades under HOC are compatible",
        Measure::Share((STILL, Fact::AverageCompatibility)),
    )
    .at_least(0.5)
    .by_top1()
    .published(
        "CIFAR-100, then galleries of ten class means of CIFAR-10, two replacements, top-1: AC 0.95 \
         over 7 tasks under simplex and HOC, 0.65 over 31",
    )
    .differs("Classes, share of the images and rehearsal of the preset were chosen by mAP, not by top-1."),
    Rule::new(
        "16-still-ac",
        LAB,
        "As long as nothing replaces the model HOC has a higher average compatibility than the task loss alone",
        Measure::between(STILL_ALONE, STILL, Fact::AverageCompatibility),
    )
    .by_top1()
    .published(
        "CIFAR-100, then galleries of ten class means of CIFAR-10, two replacements, top-1, simplex and \
         HOC against experience replay: AC 0.95 and 0 over 7 tasks, 0.65 and 0 over 31",
    )
    .differs("Both arms have the simplex here, where the published baseline has a learned head."),
    Rule::new(
        "17-gap",
        LAB,
        "After fine-tuning with a learned head frozen galleries fall faster than re-indexed ones",
        Measure::Value((LEARNED_HEAD, Fact::FrozenGap)),
    )
    .differs(
        "Holding both kinds of forgetting against each other, by mAP over the classes of the first \
         stage, is this lab's question; the paper has AC and AA.",
    ),
    Rule::new(
        "17-shrinks",
        LAB,
        "Under a simplex and HOC that gap is smaller",
        Measure::between(HOC, LEARNED_HEAD, Fact::FrozenGap),
    )
    .tried_with(HOC)
    .said("gap with a learned head minus gap with HOC, points of mAP")
    .differs(
        "Holding both kinds of forgetting against each other, by mAP over the classes of the first \
         stage, is this lab's question; the paper has AC and AA.",
    ),
];

/// One more task in the place of every replacement, under HOC.
fn never_replaced(stages: &mut [Stage]) {
    continued(stages, 0.1);
}

/// The same under the task loss alone.
fn never_replaced_alone(stages: &mut [Stage]) {
    continued(stages, 1.0);
}

/// One more task in the place of every replacement, under HOC with this task weight.
fn continued(stages: &mut [Stage], lambda: f64) {
    let mut before: Option<Stage> = None;
    for stage in stages {
        let method = Choice::of("hoc").with("lambda", lambda);
        *stage = match before {
            None => stage.clone(),
            Some(before) if stage.method.id != "hoc" => Stage { classes: stage.classes, method, ..before },
            Some(before) => Stage { encoder: before.encoder, method, ..stage.clone() },
        };
        before = Some(stage.clone());
    }
}

fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    simplex::check(stage, before)?;
    fine_tune::check(stage, before)
}

impl Addition for Hoc {
    fn new(setup: &mut Setup, base: &mut Independent) -> Result<Self, LabError> {
        fine_tune::go_on(setup, base)?;
        base.head = simplex::head(setup)?;
        let mask = match setup.value("mask")? {
            1.0 => Mask::LeftOut,
            2.0 => Mask::AllZeroed,
            _ => Mask::Zeroed,
        };
        Ok(Self { mu: setup.value("mu")?, mask })
    }

    fn task_weight(&self, batch: &Batch) -> Result<f64, LabError> {
        batch.weight("lambda")
    }

    fn terms(&self, _: &Independent, features: &Features, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let old = batch.old_features()?;
        let [items, _] = old.dims();
        let identity = (0..items * items).map(|at| f32::from(u8::from(at % (items + 1) == 0))).collect();
        let itself = Tensor::<2>::from_data(TensorData::new(identity, [items, items]), &old.device());
        let others = same_class(batch.labels()?, batch.labels()?).float() - itself.clone();
        let value = contrast(old.matmul(features.unit.clone().transpose()), itself, others, self.mu, self.mask);
        Ok(vec![Term::new("contrast", 1.0 - batch.weight("lambda")?, value)])
    }
}

/// Minus the log of each item's own pair over the sum, mean over items: a share, unless the own pair is zeroed in the sum.
///
/// # Shapes
/// - cosines: `[items, items]`, old by new
/// - itself: `[items, items]`, 1 for an item's own pair
/// - others: `[items, items]`, 1 for pairs of one class but of two items
/// - output: `[1]`
fn contrast(cosines: Tensor<2>, itself: Tensor<2>, others: Tensor<2>, mu: f64, mask: Mask) -> Tensor<1> {
    let zeroed = cosines.mul_scalar(mu) * others.clone().neg().add_scalar(1.0);
    let own_logs = match mask {
        Mask::Zeroed => log_softmax(zeroed, 1) * itself,
        Mask::LeftOut => log_softmax(zeroed - others.mul_scalar(LEFT_OUT), 1) * itself,
        Mask::AllZeroed => {
            // The softmax says 0 - log sum of a zeroed pair, so what it was is added.
            let own = zeroed.clone() * itself.clone();
            log_softmax(zeroed - own.clone(), 1) * itself + own
        }
    };
    own_logs.sum_dim(1).mean().neg()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use burn::tensor::Device;
    use pollster::block_on;

    use super::*;
    use crate::engine::read;

    #[test]
    fn pairs_of_one_class_count_as_one_or_not_at_all() {
        let device = Device::flex();
        // Item 0 has one of its class and one of another; exp(mu cos) = 4, 9, 3.
        let cosines = || Tensor::from_data([[4f32.ln(), 9f32.ln(), 3f32.ln()]], &device);
        let (itself, others) = ([[1f32, 0.0, 0.0]], [[0f32, 1.0, 0.0]]);
        let loss = |mask| {
            let (itself, others) = (Tensor::from_data(itself, &device), Tensor::from_data(others, &device));
            block_on(read(contrast(cosines(), itself, others, 1.0, mask))).unwrap()[0]
        };
        // 4 / (4 + 1 + 3), 4 / (4 + 3), 4 / (1 + 1 + 3).
        for (mask, sum) in [(Mask::Zeroed, 8f32), (Mask::LeftOut, 7.0), (Mask::AllZeroed, 5.0)] {
            let found = loss(mask);
            assert!((found - (sum / 4.0).ln()).abs() < 1e-6, "{mask:?}: 4 / {sum}, not e to the minus {found}");
        }
    }
}
