//! Gradient ascent: the loss on what is to be forgotten is climbed, while that on what remains is held down.
//!
//! Graves, Nagisetty, Ganesh: Amnesiac Machine Learning, AAAI 2021, and Golatkar, Achille, Soatto: Eternal Sunshine of the Spotless Net,
//! CVPR 2020, use it as a baseline (negative gradient). With `f` a batch of what is to be forgotten under the labels that it came with,
//! and `r` one of what remains:
//!
//! `L = beta CE(r) - gamma CE(f)`
//!
//! Cosine logits bound the loss that is climbed, but nothing says where to stop: the schedule does.

use burn::module::Module;
use protocol::{Claim, MethodCard, Need, Parameter};

use super::{ASCENDED, CLEAN, HALF, probed};
use crate::claims::{LAB, Measure, OLD, Rule, judged};
use crate::frames::{Addition, Extended};
use crate::methods::compat::{Features, Independent};
use crate::methods::continual::sequential;
use crate::methods::{Method, encoder_dims};
use crate::{Batch, Draw, LabError, Setup, Term, start};

pub(super) const METHOD: Method = Method {
    id: "gradient-ascent",
    card,
    claims: judged(CLAIMS),
    check: super::check,
    stored_dims: encoder_dims,
    start: start::<Extended<GradientAscent>>,
};

/// Weight of the loss on what remains.
const REMAIN: &str = "remain";
/// Weight of the loss that is climbed.
const ASCENT: &str = "ascent";

/// Another start, and another direction.
#[derive(Module, Debug)]
pub struct GradientAscent {}

fn card() -> MethodCard {
    super::card(METHOD.id, "Gradient ascent")
        .summary("The model in use takes steps up the loss on what is to be forgotten, and down the loss on what remains.")
        .paper("Golatkar, Achille, Soatto: Eternal Sunshine of the Spotless Net: Selective Forgetting in Deep Networks, CVPR 2020 (negative gradient)")
        .needs([Need::OldHead, Need::OldWeights, Need::Forget])
        .comparison(super::COMPARISON)
        .parameters([
            Parameter::real(ASCENT, "Weight of forgetting γ", (0.0, 10.0, 0.01), 0.05, "How hard the loss on what is to be forgotten is climbed; with nothing to forget there is only the loss on what remains.").hot(),
            Parameter::real(REMAIN, "Weight of what remains β", (0.0, 10.0, 0.05), 1.0, "How hard the loss on what remains is held down meanwhile; 0 is ascent alone.").hot(),
        ])
        .losses([
            super::task(),
            Claim::new("forget", "Cross entropy of what is to be forgotten, under the labels that it came with; its weight is negative."),
        ])
        .claims([Claim::new(
            "forgets more than it should",
            "What is climbed is not only what the tampering taught: accuracy on clean images falls with it.",
        )])
}

const CLAIMS: &[Rule] = &[Rule::new(
    "34-ascent-clean",
    LAB,
    "Gradient ascent forgets more than it should: accuracy on clean images falls by a point or more",
    Measure::Difference { base: (HALF, probed(ASCENDED, CLEAN)), other: (HALF, probed(OLD, CLEAN)) },
)
.at_least(1.0)
.said("difference of clean accuracy, points")
.tried_with(HALF)];

impl Addition for GradientAscent {
    fn new(setup: &mut Setup, base: &mut Independent) -> Result<Self, LabError> {
        sequential::go_on(setup, base)?;
        Ok(Self {})
    }

    fn task_weight(&self, batch: &Batch) -> Result<f64, LabError> {
        batch.weight(REMAIN)
    }

    fn terms(&self, base: &Independent, _: &Features, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let Some(forget) = batch.part(Draw::Forget)? else { return Ok(Vec::new()) };
        let features = base.features(&forget.items)?;
        Ok(vec![Term::new("forget", -batch.weight(ASCENT)?, base.task(&features, forget.labels.clone()))])
    }
}
