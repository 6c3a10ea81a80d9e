//! Following written steps.

use burn::tensor::module::{conv2d, layer_norm, linear, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Tensor, activation};

use crate::normalize;
use crate::tokens::{attention, mean_tokens, patchify};

/// A step with its tensors at hand.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Flatten,
    Slice { start: usize, length: usize },
    Activation(Activation),
    Normalize,
    MaxPool(usize),
    Linear(Tensor<2>, Option<Tensor<1>>),
    Conv2d { weight: Tensor<4>, bias: Option<Tensor<1>>, stride: usize, padding: usize },
    GroupNorm { gamma: Tensor<1>, beta: Tensor<1>, groups: usize, epsilon: f64 },
    Patchify(usize),
    AddPositions(Tensor<2>),
    LayerNorm { gamma: Tensor<1>, beta: Tensor<1>, epsilon: f64 },
    Attention(usize),
    Residual(Vec<Step>),
    MeanTokens,
    Concat(Vec<Vec<Step>>),
}

/// A function of each number alone.
#[derive(Clone, Copy, Debug)]
pub(super) enum Activation {
    Relu,
    Gelu,
}

/// What flows between steps, with the batch in front.
#[derive(Clone)]
pub(super) enum Flow {
    Maps(Tensor<4>),
    Tokens(Tensor<3>),
    Rows(Tensor<2>),
}

impl Flow {
    /// Everything but the batch in one row.
    pub(super) fn rows(self) -> Tensor<2> {
        match self {
            Self::Maps(maps) => maps.flatten(1, 3),
            Self::Tokens(tokens) => tokens.flatten(1, 2),
            Self::Rows(rows) => rows,
        }
    }

    /// The sum of two flows of the same shape.
    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Maps(left), Self::Maps(right)) => Self::Maps(left + right),
            (Self::Tokens(left), Self::Tokens(right)) => Self::Tokens(left + right),
            (left, right) => Self::Rows(left.rows() + right.rows()),
        }
    }
}

impl Activation {
    fn of<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Relu => activation::relu(x),
            Self::Gelu => activation::gelu(x),
        }
    }
}

impl Step {
    /// Applies the step. Steps were checked to fit when the model was made.
    pub(super) fn apply(&self, flow: Flow) -> Flow {
        match (self, flow) {
            (Self::Activation(function), Flow::Maps(maps)) => Flow::Maps(function.of(maps)),
            (Self::Activation(function), Flow::Tokens(tokens)) => Flow::Tokens(function.of(tokens)),
            (Self::Activation(function), flow) => Flow::Rows(function.of(flow.rows())),
            (Self::MaxPool(size), Flow::Maps(maps)) => {
                Flow::Maps(max_pool2d(maps, MaxPoolOptions::new([*size, *size])))
            }
            (Self::Conv2d { weight, bias, stride, padding }, Flow::Maps(maps)) => {
                let options = ConvOptions::new([*stride, *stride], [*padding, *padding], [1, 1], 1);
                Flow::Maps(conv2d(maps, weight.clone(), bias.clone(), options))
            }
            (Self::GroupNorm { gamma, beta, groups, epsilon }, Flow::Maps(maps)) => {
                Flow::Maps(group_norm(maps, gamma, beta, *groups, *epsilon))
            }
            (Self::Patchify(size), Flow::Maps(maps)) => Flow::Tokens(patchify(maps, *size)),
            (Self::AddPositions(positions), Flow::Tokens(tokens)) => {
                Flow::Tokens(tokens + positions.clone().unsqueeze())
            }
            (Self::Attention(heads), Flow::Tokens(tokens)) => Flow::Tokens(attention(tokens, *heads)),
            (Self::MeanTokens, Flow::Tokens(tokens)) => Flow::Rows(mean_tokens(tokens)),
            (Self::LayerNorm { gamma, beta, epsilon }, Flow::Tokens(tokens)) => {
                Flow::Tokens(layer_norm(tokens, gamma.clone(), Some(beta.clone()), *epsilon))
            }
            (Self::LayerNorm { gamma, beta, epsilon }, flow) => {
                Flow::Rows(layer_norm(flow.rows(), gamma.clone(), Some(beta.clone()), *epsilon))
            }
            (Self::Linear(weight, bias), Flow::Tokens(tokens)) => {
                Flow::Tokens(linear(tokens, weight.clone(), bias.clone()))
            }
            (Self::Linear(weight, bias), flow) => Flow::Rows(linear(flow.rows(), weight.clone(), bias.clone())),
            (Self::Residual(steps), flow) => steps.iter().fold(flow.clone(), |flow, step| step.apply(flow)).plus(flow),
            (Self::Concat(branches), flow) => {
                let follow = |steps: &Vec<Step>| steps.iter().fold(flow.clone(), |flow, step| step.apply(flow)).rows();
                Flow::Rows(Tensor::cat(branches.iter().map(follow).collect(), 1))
            }
            (Self::Slice { start, length }, flow) => Flow::Rows(flow.rows().narrow(1, *start, *length)),
            (Self::Normalize, flow) => Flow::Rows(normalize(flow.rows())),
            (
                Self::Flatten
                | Self::MaxPool(_)
                | Self::Conv2d { .. }
                | Self::GroupNorm { .. }
                | Self::Patchify(_)
                | Self::AddPositions(_)
                | Self::Attention(_)
                | Self::MeanTokens,
                flow,
            ) => Flow::Rows(flow.rows()),
        }
    }
}

/// Group normalisation over channels and pixels.
///
/// # Shapes
/// - maps, output: `[batch, channels, height, width]`
/// - gamma, beta: `[channels]`
fn group_norm(maps: Tensor<4>, gamma: &Tensor<1>, beta: &Tensor<1>, groups: usize, epsilon: f64) -> Tensor<4> {
    let [batch, channels, height, width] = maps.dims();
    let grouped = maps.reshape([batch, groups, channels / groups * height * width]);
    let centred = grouped.clone() - grouped.mean_dim(2);
    let variance = centred.clone().powi_scalar(2).mean_dim(2);
    let unit = (centred / variance.add_scalar(epsilon).sqrt()).reshape([batch, channels, height, width]);
    let spread = |values: &Tensor<1>| values.clone().reshape([1, channels, 1, 1]);
    unit * spread(gamma) + spread(beta)
}
