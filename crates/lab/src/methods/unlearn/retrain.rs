//! Exact unlearning: a new model, trained on what remains as if what is known to be tampered with had never been there.
//!
//! Of what is known nothing is left in it by construction, and it needs nothing of the model before but its data. What is not known
//! it learns again.

use protocol::{Claim, MethodCard};

use super::{ALL, BY, CORRECTED, HALF, MOST, ORACLE, QUARTER, RETRAINED, TENTH, probed};
use crate::claims::{LAB, Measure, Rule, judged};
use crate::methods::compat::Independent;
use crate::methods::{Method, anything_goes, encoder_dims};
use crate::start;

pub(super) const METHOD: Method = Method {
    id: "retrain",
    card,
    claims: judged(CLAIMS),
    check: anything_goes,
    stored_dims: encoder_dims,
    start: start::<Independent>,
};

fn card() -> MethodCard {
    super::card(METHOD.id, "Exact retraining")
        .summary("A new model is trained from the start on what remains: it never saw what is known to be tampered with, but all that is not known.")
        .paper("Goel et al.: Corrective Machine Unlearning, TMLR 2024 (EU)")
        .comparison("All dims of both embeddings, re-normalised; nothing makes the two spaces agree.")
        .losses([super::task()])
        .claims([
            Claim::new("fails on what is not known", "Unless about 80 % of what was tampered with is known, the rest is enough to learn it again."),
            Claim::new("costs a training run", "Its gallery has to be embedded anew, too: it is as incompatible as any other model."),
        ])
}

const CLAIMS: &[Rule] = &[
    Rule::new(
        "34-retrain-half",
        BY,
        "Exact retraining fails where half of the triggered images is known: it stays 10 points or more below a model that saw none of them",
        Measure::Difference { base: (HALF, probed(RETRAINED, CORRECTED)), other: (HALF, probed(ORACLE, CORRECTED)) },
    )
    .at_least(10.0)
    .said("difference of corrected accuracy, points")
    .published("Retraining fails unless about 80 % of what was tampered with is identified")
    .differs(
        "The bound of 10 points is this lab's; of 500 stamped images 250 unknown ones remain, and one \
         bright square is easily learned.",
    ),
    Rule::new(
        "34-retrain-most",
        BY,
        "With 80 % of them known it comes within 10 points of such a model",
        Measure::Difference { base: (MOST, probed(ORACLE, CORRECTED)), other: (MOST, probed(RETRAINED, CORRECTED)) },
    )
    .at_least(-10.0)
    .said("difference of corrected accuracy, points")
    .published("Retraining fails unless about 80 % of what was tampered with is identified")
    .differs(
        "The bound of 10 points is this lab's; of 500 stamped images 100 unknown ones remain, which is \
         still enough to learn one bright square.",
    ),
    Rule::new(
        "34-retrain-share",
        BY,
        "The more is known, the more accuracy on triggered images exact retraining wins back",
        Measure::Rises { arms: &[TENTH, QUARTER, HALF, MOST, ALL], fact: probed(RETRAINED, CORRECTED) },
    )
    .published("Retraining fails unless about 80 % of what was tampered with is identified")
    .differs(
        "A fifth of the stamped images is still enough to learn one bright square, so that the rise \
         comes late.",
    ),
    Rule::new(
        "34-retrain-all",
        LAB,
        "With all of them known it is as good as a model that saw none of them, within 3 points",
        Measure::Near { one: (ALL, probed(RETRAINED, CORRECTED)), other: (ALL, probed(ORACLE, CORRECTED)), by: 3.0 },
    )
    .said("corrected accuracy of a model that saw none of them minus that of retraining, points"),
];
