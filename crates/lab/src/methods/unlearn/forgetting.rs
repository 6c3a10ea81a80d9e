//! Catastrophic forgetting put to use: the model in use is trained on, on what remains, until it has lost what it is not shown again.
//!
//! CF-k of Goel et al., Towards Adversarial Evaluations for Inexact Machine Unlearning, 2022, with every layer free. Encoder and classifier
//! go on from where they were, and nothing but the loss on what remains pulls on them: what a stream of tasks suffers from is the method here.

use protocol::{Choice, Claim, MethodCard, Need, Stage};

use super::{ALL, ASCENDED, BY, CORRECTED, PRESET, RETRAINED, probed};
use crate::claims::{Arm, Change, LAB, Measure, OLD, Rule, judged};
use crate::frames::Extended;
use crate::methods::continual::Sequential;
use crate::methods::{Method, encoder_dims};
use crate::start;

/// Its id, which an arm of its own rules names, too.
const ID: &str = "cf";

pub(super) const METHOD: Method = Method {
    id: ID,
    card,
    claims: judged(CLAIMS),
    check: super::check,
    stored_dims: encoder_dims,
    start: start::<Extended<Sequential>>,
};

fn card() -> MethodCard {
    super::card(ID, "CF")
        .summary("The model in use is trained on, on what remains: what it is not shown again it forgets by itself.")
        .paper("Goel, Prabhu, Sanyal, Lim, Torr, Kumaraguru: Towards Adversarial Evaluations for Inexact Machine Unlearning, arXiv 2201.06640, 2022 (CF-k)")
        .needs([Need::OldHead, Need::OldWeights])
        .comparison(super::COMPARISON)
        .losses([super::task()])
        .claims([
            Claim::new("keeps what is not known", "What remains holds the tampering that nobody has found, and that is enough to keep it."),
            Claim::new("cheap", "A few epochs instead of a training from the start, from which its vectors stay close to the old ones."),
        ])
}

/// In the place of what goes on from the first model last.
const HALF_KNOWN: &Arm = &Arm::new("cf, half identified", PRESET, Change::Last(ID, &[]));
/// The same with all of what was tampered with known.
const ALL_KNOWN: &Arm = &Arm::new("cf, all identified", PRESET, Change::With(knowing_all));

fn knowing_all(stages: &mut [Stage]) {
    super::identify(stages, 1.0);
    if let Some(last) = stages.last_mut() {
        last.method = Choice::of(ID);
    }
}

const CLAIMS: &[Rule] = &[
    Rule::new(
        "34-cf-half",
        BY,
        "Training on fails where half of the triggered images is known: it wins back less than 10 points on them",
        Measure::Difference {
            base: (HALF_KNOWN, probed(ASCENDED, CORRECTED)),
            other: (HALF_KNOWN, probed(OLD, CORRECTED)),
        },
    )
    .at_least(-10.0)
    .said("points of corrected accuracy lost by training on")
    .published("Most methods need most of what was tampered with to be identified; no number of CF is at hand")
    .differs("Every layer is free here, and of 500 stamped images 250 unknown ones remain to be trained on."),
    Rule::new(
        "34-cf-retrain",
        LAB,
        "With all of them known a training from the start wins back more than training on: nothing pulls away from what was learned",
        Measure::Difference {
            base: (ALL_KNOWN, probed(ASCENDED, CORRECTED)),
            other: (ALL, probed(RETRAINED, CORRECTED)),
        },
    )
    .said("difference of corrected accuracy, points")
    .tried_with(ALL_KNOWN),
];
