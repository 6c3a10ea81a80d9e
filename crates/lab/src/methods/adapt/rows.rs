//! The rows of the family: what a stage that answers a stream does with its batches, and what is claimed of it.

use protocol::{Claim, ItemKind, MethodCard, ModelId, Need, Parameter, Read, Reference, Stage, Suits};

use super::adapting::{Adapting, Served};
use super::source;
use crate::claims::{Arm, Change, Fact, LAB, Measure, Number, Rule, judged};
use crate::methods::{Before, Method};
use crate::{LabError, Setup, System, Training};

/// The source as it is.
pub(super) const NO_ADAPTATION: Method = Method {
    id: "no-adaptation",
    card: || {
        card("no-adaptation", "No adaptation")
            .summary("A control: the source model answers as it was trained, whatever comes.")
            .claims([Claim::new("the baseline", "An item's answer does not depend on what comes with it.")])
    },
    claims: &[],
    check,
    stored_dims,
    start: |setup| still(setup, 0.0),
};

/// Statistics between those of training and those of the batch.
pub(super) const ALPHA_BN: Method = Method {
    id: "alpha-bn",
    card: || {
        card("alpha-bn", "α-BN")
            .summary("Batch normalisation by statistics between those of training and those of the batch at hand, whose variance is the biased one; nothing is trained.")
            .paper("You, Li, Zhao: Test-time Batch Statistics Calibration for Covariate Shift, 2021")
            .parameters([Parameter::real(
                ALPHA,
                "Share of the batch α",
                (0.0, 1.0, 0.05),
                0.1,
                "Share of the batch in the statistics that normalise: 0 is the source model, 1 normalises by the batch alone.",
            )])
            .claims([Claim::new(
                "best in between",
                "Some share of both beats either alone: 43.9 instead of 28.4 mIoU from GTA5 to Cityscapes, without training.",
            )])
    },
    claims: judged(CLAIMS),
    check,
    stored_dims,
    start: |setup| {
        let alpha = setup.value(ALPHA)?;
        still(setup, alpha)
    },
};

/// Statistics of the batch alone.
pub(super) const TEST_NORM: Method = Method {
    id: "test-norm",
    card: || {
        card("test-norm", "Test-time norm")
            .summary("Batch normalisation by the statistics of the batch at hand alone; nothing is trained.")
            .paper("Schneider et al.: Improving robustness against common corruptions by covariate shift adaptation, NeurIPS 2020")
            .claims([Claim::new(
                "large fair batches",
                "It helps where a batch is a large and fair sample of what comes, and harms where it is not.",
            )])
    },
    claims: judged(TEST_NORM_CLAIMS),
    check,
    stored_dims,
    start: |setup| still(setup, 1.0),
};

/// Statistics of the batch alone, and a step down the entropy.
pub(super) const TENT: Method = Method {
    id: "tent",
    card: || {
        card("tent", "TENT")
            .summary("Normalises by the batch alone, and after each answer takes a step that would have made it surer, on scales and shifts of the normalisation.")
            .paper("Wang et al.: Tent: Fully Test-Time Adaptation by Entropy Minimization, ICLR 2021")
            .parameters([
                Parameter::real(
                    RATE,
                    "Learning rate of the stream",
                    (0.0, 0.05, 0.0005),
                    0.001,
                    "Step size of Adam, the same for every batch; the schedule of the stage has no say.",
                ),
                Parameter::flag(
                    RESETS,
                    "Start anew in each domain",
                    true,
                    "Goes back to the source model where corruption or severity change, as published results do; without it errors can build up.",
                ),
            ])
            .losses([Claim::new(ENTROPY, "Mean entropy of the answers to the batch, in nats.")])
            .claims([Claim::new("surer and better", "Minimising the entropy of the answers lowers the error below that of test-time norm.")])
    },
    claims: judged(TENT_CLAIMS),
    check,
    stored_dims,
    start: start_tent,
};

/// Parameter of the share of the batch.
const ALPHA: &str = "alpha";
/// Name of the loss term.
pub(super) const ENTROPY: &str = "entropy";
const RATE: &str = "rate";
const RESETS: &str = "resets";

/// What the rows have in common.
fn card(id: &str, name: &str) -> MethodCard {
    MethodCard::new(id, name)
        .needs([Need::Kept, Need::OldWeights])
        .suits(Suits { items: vec![ItemKind::Pixels], parents: [1, 1] })
        .brings_its_net()
        .reference(Reference::None)
        .reads([Read::Retrieval, Read::Knowledge, Read::Stream])
        .comparison("Items of the stream, embedded as they were answered, in the clean gallery of the source; in the matrix clean queries by what is left when no batch is looked at any more, with the statistics of the last domain.")
}

/// Nothing learns.
fn still(mut setup: Setup, alpha: f64) -> Result<Box<dyn Training>, LabError> {
    Ok(Adapting::still(&Served::of_parent(&mut setup, alpha)?))
}

fn start_tent(mut setup: Setup) -> Result<Box<dyn Training>, LabError> {
    let (rate, resets) = (setup.value(RATE)?, setup.value(RESETS)? == 1.0);
    Ok(Adapting::learning(Served::new(&mut setup)?, rate, resets))
}

fn stored_dims(stage: &Stage, before: Option<Before>) -> usize {
    before.map_or(stage.dims as usize, |before| before.dims)
}

/// Only the network of the family has statistics that can be exchanged, and it stays what it is.
fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    let Some(before) = before else { return Ok(()) };
    let source = source::METHOD;
    if before.stage.method.id != source.id {
        return Err(LabError::Scenario(format!(
            "What adapts to a stream goes on from a network whose batch normalisation stands apart; choose {} for the stage that it goes on from.",
            (source.card)().name
        )));
    }
    if before.stage.classes != stage.classes {
        return Err(LabError::Scenario(format!(
            "A network that adapts to a stream learns no classes: the one before has {}, the stage {}; choose {}.",
            before.stage.classes, stage.classes, before.stage.classes
        )));
    }
    if before.dims != stage.dims as usize {
        return Err(LabError::Scenario(format!(
            "A network that adapts to a stream keeps its embedding: the one before has {} dims, the stage {}; choose {}.",
            before.dims, stage.dims, before.dims
        )));
    }
    Ok(())
}

const BY: &str = "You, Li, Zhao 2021 (α-BN)";

/// Id of the preset: a source, then no adaptation, three shares of the batch, the batch alone, and TENT, all side by side.
const PRESET: &str = "drift";
/// Its stages that answer the stream, by what they do.
const NONE: ModelId = deployed(2);
const QUARTER: ModelId = deployed(3);
const HALF: ModelId = deployed(4);
const THREE_QUARTERS: ModelId = deployed(5);
const BATCH: ModelId = deployed(6);
const LEARNING: ModelId = deployed(7);

const fn deployed(stage: u8) -> ModelId {
    ModelId { stage, independent: false }
}

/// Batches of 16 shuffled items.
const DRIFT: &Arm = &Arm::new("drift", PRESET, Change::AsItIs);
/// Batches of two.
const PAIRS: &Arm = &Arm::new("drift-batch-2", PRESET, Change::With(|stages| stream(stages, "stream_batch", 2.0)));
/// Large batches.
const LARGE: &Arm = &Arm::new("drift-batch-128", PRESET, Change::With(|stages| stream(stages, "stream_batch", 128.0)));
/// Batches of one class, mostly.
const SORTED: &Arm = &Arm::new("drift-sorted", PRESET, Change::With(|stages| stream(stages, "order", 1.0)));

/// Sets something of the streams.
fn stream(stages: &mut [Stage], id: &str, value: f64) {
    for stage in stages.iter_mut().skip(1) {
        stage.sees.insert(id.to_owned(), value);
    }
}

/// The online error of a model.
const fn error(arm: &'static Arm, model: ModelId) -> Number {
    (arm, Fact::Reading { model, quantity: "online-error", of: "" })
}

/// What its answers find in the clean gallery.
const fn recall(arm: &'static Arm, model: ModelId) -> Number {
    (arm, Fact::Reading { model, quantity: "stream-recall", of: "" })
}

const CLAIMS: &[Rule] = &[
    Rule::new(
        "53-between",
        BY,
        "Half of the statistics from training and half from the batch err less than either alone, in batches of 16",
        Measure::BelowBoth { number: error(DRIFT, HALF), others: [error(DRIFT, NONE), error(DRIFT, BATCH)] },
    )
    .said("the smaller online error of no adaptation and test-time norm minus that of α = 0.5, points")
    .published(
        "GTA5 to Cityscapes: mIoU 43.9 with a share of both, 28.4 with the statistics of training, \
         nothing trained",
    )
    .differs(
        "That is segmentation and not held against the batch alone; here shuffled batches of 16 \
         pictures have fair statistics, which are hard to beat.",
    ),
    Rule::new(
        "53-small",
        LAB,
        "In batches of two a quarter from the batch still errs less than either alone",
        Measure::BelowBoth { number: error(PAIRS, QUARTER), others: [error(PAIRS, NONE), error(PAIRS, BATCH)] },
    )
    .said("the smaller online error of no adaptation and test-time norm minus that of α = 0.25, points")
    .differs(
        "A batch of two pictures still has many places per channel, so that its statistics are better \
         than its size says.",
    ),
    Rule::new(
        "53-gallery",
        LAB,
        "The share of the batch that errs least is not the one whose embeddings find most in the old gallery",
        Measure::Apart {
            lowest: &[
                error(DRIFT, NONE),
                error(DRIFT, QUARTER),
                error(DRIFT, HALF),
                error(DRIFT, THREE_QUARTERS),
                error(DRIFT, BATCH),
            ],
            highest: &[
                recall(DRIFT, NONE),
                recall(DRIFT, QUARTER),
                recall(DRIFT, HALF),
                recall(DRIFT, THREE_QUARTERS),
                recall(DRIFT, BATCH),
            ],
        },
    )
    // Between none and one, so that one step in every seed is beyond it.
    .at_least(0.5)
    .said("steps of a quarter in α between the least online error and the best recall@1 of the stream"),
];

const TEST_NORM_CLAIMS: &[Rule] = &[
    Rule::new(
        "53-pairs",
        "Schneider et al. 2020",
        "Normalising by batches of two alone errs more than no adaptation",
        Measure::Difference { base: error(PAIRS, NONE), other: error(PAIRS, BATCH) },
    )
    .said("difference of online error, points")
    .published("ImageNet-C: statistics of small batches need those of training beside them; no number is at hand")
    .differs(
        "A batch of two pictures still has many places per channel, so that its statistics are better \
         than its size says.",
    ),
    Rule::new(
        "53-sorted",
        "Gong et al. 2022 (NOTE)",
        "On a stream that is sorted by class it errs more than no adaptation",
        Measure::Difference { base: error(SORTED, NONE), other: error(SORTED, BATCH) },
    )
    .said("difference of online error, points")
    .published(
        "Streams sorted in time: adapting by batch statistics errs more than no adaptation; no number \
         is at hand",
    )
    .differs(
        "Where a corruption changes the statistics more than a class does, those of a sorted batch may \
         still be the better ones.",
    ),
];

const TENT_CLAIMS: &[Rule] = &[
    Rule::new(
        "53-tent",
        "Wang et al. 2021 (TENT)",
        "On shuffled batches of 16, of which each corruption has 32, TENT errs less than test-time norm",
        Measure::Difference { base: error(DRIFT, LEARNING), other: error(DRIFT, BATCH) },
    )
    .said("online error of test-time norm minus that of TENT, points")
    .published("Corrupted CIFAR and ImageNet: TENT errs less than test-time norm; no number is at hand")
    .differs(
        "Each corruption has 500 pictures and TENT starts anew with the next, so that there is little \
         time to learn.",
    ),
    Rule::new(
        "53-tent-large",
        "Wang et al. 2021 (TENT)",
        "So it does on batches of 128, though here a corruption has four of them: three steps before it starts anew",
        Measure::Difference { base: error(LARGE, LEARNING), other: error(LARGE, BATCH) },
    )
    .said("online error of test-time norm minus that of TENT, points")
    .published("Corrupted CIFAR and ImageNet: TENT errs less than test-time norm; no number is at hand")
    .differs("Three steps before the next corruption can change little, whichever way."),
];
