//! A diagonal state-space model: every number of the state has a transition of its own.
//!
//! Grazzi, Siems, Zela, Franke, Hutter, Pontil: Unlocking State-Tracking in Linear RNNs Through Negative Eigenvalues, ICLR 2025, on
//! Sarrof et al.: The Expressive Capacity of State Space Models, NeurIPS 2024:
//!
//! `h_t = a_t h_(t-1) + b_t`, `a_t = s(x_t)` in (0, 1) or `2 s(x_t) - 1` in (-1, 1), with `s` a sigmoid
//!
//! Mamba's `exp(-softplus(x))` is this sigmoid of `-x`. What it shares with Mamba is what the paper is about, transitions that are diagonal
//! and depend on the symbol; it has no short convolution and one number per channel.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;
use protocol::{Claim, MethodCard, Stage, Values};

use super::net::Mixer;
use super::tracker::{self, Asked, RANGE, Tracker, value};
use super::{claims, nothing_stored, scan};
use crate::claims::judged;
use crate::methods::{Before, Method};
use crate::{Init, LabError, start};

pub(super) const METHOD: Method = Method {
    id: "diagonal-ssm",
    card,
    claims: judged(claims::DIAGONAL),
    check,
    stored_dims: nothing_stored,
    start: start::<Tracker<DiagonalSsm>>,
};

/// A state of as many numbers as a place has.
#[derive(Module, Debug)]
pub struct DiagonalSsm {
    decays: Linear,
    inputs: Linear,
    gate: Linear,
    output: Linear,
    /// Whether eigenvalues reach down to -1.
    negative: bool,
}

fn card() -> MethodCard {
    super::card(METHOD.id, "Diagonal SSM")
        .summary("A recurrence as Mamba's: every number of the state decays by itself, by a factor that the symbol decides.")
        .parameters(tracker::parameters([]))
        .claims([
            Claim::new("parity", "With eigenvalues down to -1 a diagonal recurrence solves parity, with none below 0 it cannot."),
            Claim::new(
                "no counting modulo 3",
                "Real eigenvalues on a diagonal cannot count modulo 3 however many layers there are, so permutations are out of reach.",
            ),
        ])
}

fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    tracker::check(stage, before, &[])
}

impl Asked for DiagonalSsm {
    fn new(values: &Values, width: usize, init: &mut Init) -> Result<Self, LabError> {
        Ok(Self {
            decays: init.linear(width, width),
            inputs: init.linear(width, width),
            gate: init.linear(width, width),
            output: init.linear(width, width),
            negative: value(values, RANGE)? > 0.0,
        })
    }
}

impl Mixer for DiagonalSsm {
    fn mix(&self, places: Tensor<3>) -> Tensor<3> {
        let decays = sigmoid(self.decays.forward(places.clone()));
        let decays = if self.negative { decays.mul_scalar(2.0).sub_scalar(1.0) } else { decays };
        let states = scan::diagonal(decays, self.inputs.forward(places.clone()));
        self.output.forward(states * sigmoid(self.gate.forward(places)))
    }
}
