//! DeltaNet: a state that is rewritten under keys, with transitions that can be reflections.
//!
//! Grazzi, Siems, Zela, Franke, Hutter, Pontil: Unlocking State-Tracking in Linear RNNs Through Negative Eigenvalues, ICLR 2025, on
//! Yang et al.: Parallelizing Linear Transformers with the Delta Rule over Sequence Length, NeurIPS 2024:
//!
//! `S_t = S_(t-1) (I - b_t k_t k_t') + b_t v_t k_t'`, `o_t = S_t q_t`, with unit keys
//!
//! The one constant that changes is what the sigmoid of `b_t` is multiplied with: 1 leaves the eigenvalue `1 - b_t` above 0, 2 lets it down
//! to -1. A product of several such factors per symbol is any rotation or reflection, so it follows groups that one factor cannot: the
//! three-cycles of three things need two. Unlike the paper's networks these have no short convolution before the recurrence, so that the
//! recurrence alone carries what is remembered.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;
use protocol::{Claim, MethodCard, Parameter, Stage, Values};

use super::net::Mixer;
use super::tracker::{self, Asked, RANGE, Tracker, WIDTH, count, value};
use super::{claims, nothing_stored, scan};
use crate::claims::judged;
use crate::methods::{Before, Method};
use crate::{Init, LabError, normalize, start};

pub(super) const METHOD: Method = Method {
    id: "delta-net",
    card,
    claims: judged(claims::DELTA_NET),
    check,
    stored_dims: nothing_stored,
    start: start::<Tracker<DeltaNet>>,
};

/// Parameter: factors of the transition of one symbol.
const REFLECTIONS: &str = "reflections";
const HEADS: &str = "heads";

/// Heads that each write to and read from a state of their own.
#[derive(Module, Debug)]
pub struct DeltaNet {
    queries: Linear,
    keys: Linear,
    values: Linear,
    /// One number per factor and head.
    strengths: Linear,
    gate: Linear,
    output: Linear,
    heads: usize,
    factors: usize,
    /// Largest strength: 1 or 2.
    reach: f64,
}

fn card() -> MethodCard {
    super::card(METHOD.id, "DeltaNet")
        .summary("A recurrence that rewrites what it stores under a key; with eigenvalues down to -1 its transitions can be reflections, so that it follows a state.")
        .parameters(tracker::parameters([
            Parameter::integer(
                REFLECTIONS,
                "Factors per symbol",
                (1, 3),
                1,
                "Transitions of one symbol, one after the other; permutations of n things need n - 1 reflections.",
            ),
            Parameter::integer(HEADS, "Heads", (1, 4), 1, "States side by side, each with its part of the width; divides it."),
        ]))
        .claims([
            Claim::new(
                "negative eigenvalues",
                "With strengths in 0 to 1 no finite-precision linear RNN solves parity; with 0 to 2 it is solved at every length.",
            ),
            Claim::new("one constant", "Nothing but the factor before a sigmoid changes, so an old checkpoint can go on from where it is."),
            Claim::new(
                "products of reflections",
                "Products of n - 1 factors per symbol follow all permutations of n things in one layer.",
            ),
        ])
}

fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    let values = &stage.method.values;
    let (width, heads) = (count(values, WIDTH)?, count(values, HEADS)?);
    if heads == 0 || !width.is_multiple_of(heads) {
        return Err(LabError::Scenario(format!(
            "DeltaNet shares a width of {width} among {heads} heads, which does not go into it; choose a width that they divide."
        )));
    }
    tracker::check(stage, before, &[REFLECTIONS, HEADS])
}

impl Asked for DeltaNet {
    fn new(values: &Values, width: usize, init: &mut Init) -> Result<Self, LabError> {
        let (heads, factors) = (count(values, HEADS)?.max(1), count(values, REFLECTIONS)?.max(1));
        Ok(Self {
            queries: init.linear(width, width),
            keys: init.linear(width, factors * width),
            values: init.linear(width, factors * width),
            strengths: init.linear(width, factors * heads),
            gate: init.linear(width, width),
            output: init.linear(width, width),
            heads,
            factors,
            reach: 1.0 + value(values, RANGE)?,
        })
    }
}

impl DeltaNet {
    /// What each place has for `factors` factors, by head: `[batch, places, factors * heads * dims]` becomes
    /// `[batch * heads, places * factors, dims]`.
    fn by_head(&self, parts: Tensor<3>, factors: usize) -> Tensor<3> {
        let [batch, places, numbers] = parts.dims();
        let dims = numbers / (factors * self.heads);
        let parts = parts.reshape([batch, places * factors, self.heads, dims]);
        parts.swap_dims(1, 2).reshape([batch * self.heads, places * factors, dims])
    }
}

impl Mixer for DeltaNet {
    fn mix(&self, places: Tensor<3>) -> Tensor<3> {
        let [batch, count, width] = places.dims();
        let Self { heads, factors, .. } = *self;
        let keys = self.by_head(self.keys.forward(places.clone()), factors);
        let [rows, all, dims] = keys.dims();
        let keys = normalize(keys.reshape([rows * all, dims])).reshape([rows, all, dims]);
        let read = scan::delta(
            self.by_head(self.queries.forward(places.clone()), 1),
            keys,
            self.by_head(self.values.forward(places.clone()), factors),
            self.by_head(sigmoid(self.strengths.forward(places.clone())).mul_scalar(self.reach), factors),
            factors,
        );
        let read = read.reshape([batch, heads, count, dims]).swap_dims(1, 2).reshape([batch, count, width]);
        self.output.forward(read * sigmoid(self.gate.forward(places)))
    }
}
