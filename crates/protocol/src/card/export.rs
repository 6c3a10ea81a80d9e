//! The card that goes with exported weights: enough to use them elsewhere without this program.

use serde::{Deserialize, Serialize};

use crate::{Adjusted, Cell, ModelId, Scenario};

/// A model's card. Written beside the weights and, as JSON, into the `card` entry of the SafeTensors metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// Format version of this card.
    pub format: u32,
    /// Program and version that wrote it.
    pub program: String,
    /// Which model of the run.
    pub model: ModelId,
    /// Digest of the weights, as in `sha256:...`; models name each other by it.
    pub id: String,
    /// What was run; holds the classes, the split, the encoder, the method, its weights and the seed.
    pub scenario: Scenario,
    /// Training steps taken.
    pub steps: u32,
    /// Settings that changed while it trained, after the scenario began.
    #[serde(default)]
    pub adjusted: Vec<Adjusted>,
    /// Names of the classes that it was trained on.
    pub classes: Vec<String>,
    /// Channels, height, width of the input.
    pub input: [u32; 3],
    /// The input is `(pixel / 255 - mean) / std`, per channel.
    pub pixel_mean: Vec<f32>,
    /// See `pixel_mean`.
    pub pixel_std: Vec<f32>,
    /// Dims of the stored embedding.
    pub dims: u32,
    /// How a forward pass uses the tensors of the file.
    pub forward: Vec<WeightsUse>,
    /// Models that this one was made compatible with or taught by: name and id.
    pub lineage: Vec<(ModelId, String)>,
    /// Compare the first `prefix` dims, re-normalised, with a gallery of the model before; `None` for a first
    /// model, and for one with a bridge, which maps what is compared.
    pub prefix: Option<u32>,
    /// What brings queries of this model and a gallery of the model before into one space, if the prefix alone does not.
    #[serde(default)]
    pub bridge: Option<BridgeCard>,
    /// Largest |QQ' - I| over the rotations folded into the weights, if any.
    pub orthogonality: Option<f64>,
    /// Cells of the matrix that name this model.
    pub metrics: Vec<Cell>,
    /// SHA-256 over the ids and labels of the query set.
    pub query_set: String,
    /// Embedding of one fixed synthetic image.
    pub self_check: SelfCheck,
}

impl ModelCard {
    /// Name for the file of the weights, without ending: that of the run and the model.
    pub fn file_stem(&self) -> String {
        format!("{}-{}", self.scenario.file_stem(), self.model.file_stem())
    }
}

/// A map between the space of a model and that of the model before it, with its tensors in the same file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BridgeCard {
    /// What is mapped.
    pub side: Side,
    /// Steps on a row, which is a query's embedding by this model, or a gallery item's by the model before with its side
    /// information after it. What comes out is normalised and compared with the rows of the other side.
    pub map: Vec<WeightsUse>,
    /// Numbers that go into `map`.
    pub inputs: u32,
    /// Numbers that come out of `map`.
    pub dims: u32,
    /// A query is then moved back along the great circle to its embedding by the model before: 0 is that embedding, 1 the
    /// mapped one. `None` uses the mapped one.
    #[serde(default)]
    pub fusion: Option<f64>,
    /// Steps from an image to its side information, stored with each item of the old gallery.
    #[serde(default)]
    pub notes: Option<Notes>,
    /// Steps from the input of `map` to one number: how uncertain the mapped row is.
    #[serde(default)]
    pub uncertainty: Option<Vec<WeightsUse>>,
}

/// Which rows a bridge maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// New queries into the old space.
    Query,
    /// The old gallery into the new space.
    Gallery,
}

/// Side information: what is stored with each gallery item beside its embedding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notes {
    /// Steps on the image.
    pub forward: Vec<WeightsUse>,
    /// Floats per item.
    pub dims: u32,
}

/// One step of the forward pass, in order, for loaders in other languages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum WeightsUse {
    /// Flattens everything but the batch.
    Flatten,
    /// Some of the numbers of a row.
    Slice {
        /// The first of them, counted from 0.
        start: u32,
        /// How many.
        length: u32,
    },
    /// `x W + b`.
    Linear {
        /// Tensor of shape `[in, out]`.
        weight: String,
        /// Tensor of shape `[out]`.
        bias: Option<String>,
    },
    /// 2-D cross-correlation with zero padding.
    Conv2d {
        /// Tensor of shape `[out, in, kernel, kernel]`.
        weight: String,
        /// Tensor of shape `[out]`.
        bias: Option<String>,
        /// Stride, both ways.
        stride: u32,
        /// Padding, all sides.
        padding: u32,
    },
    /// Group normalisation.
    GroupNorm {
        /// Scale, shape `[channels]`.
        gamma: String,
        /// Shift, shape `[channels]`.
        beta: String,
        /// Groups.
        groups: u32,
        /// Added to the variance.
        epsilon: f64,
    },
    /// `max(x, 0)`.
    Relu,
    /// Maximum over windows of this size and stride.
    MaxPool {
        /// Window and stride.
        size: u32,
    },
    /// `x (1 + erf(x / sqrt 2)) / 2`.
    Gelu,
    /// Divides by the L2 norm, floored at 1e-12.
    Normalize,
    /// Cuts maps into square patches that do not overlap: one token per patch, row by row, which holds the patch's numbers in
    /// the order channel, row, column.
    Patchify {
        /// Height and width of a patch.
        size: u32,
    },
    /// Adds to each token the vector of its place.
    AddPositions {
        /// Tensor of shape `[tokens, width]`.
        positions: String,
    },
    /// Layer normalisation over the numbers of each token.
    LayerNorm {
        /// Scale, shape `[width]`.
        gamma: String,
        /// Shift, shape `[width]`.
        beta: String,
        /// Added to the variance.
        epsilon: f64,
    },
    /// Scaled dot-product self-attention. A token holds query, key and value one after the other, each of `heads` equal parts;
    /// what comes out, the heads one after the other, is a third as wide.
    Attention {
        /// Number of heads.
        heads: u32,
    },
    /// `x + steps(x)`.
    Residual {
        /// What is added to its own input.
        steps: Vec<WeightsUse>,
    },
    /// What each list of steps makes of the same input, one after the other.
    Concat {
        /// The lists of steps; each ends in numbers.
        branches: Vec<Vec<WeightsUse>>,
    },
    /// Mean over the tokens.
    MeanTokens,
}

impl WeightsUse {
    /// Names of the tensors that the step uses.
    pub fn tensors(&self) -> Vec<String> {
        self.clone().names().into_iter().map(std::mem::take).collect()
    }

    /// The same step with `prefix` before the name of every tensor.
    pub fn prefixed(mut self, prefix: &str) -> Self {
        self.names().into_iter().for_each(|name| name.insert_str(0, prefix));
        self
    }

    fn names(&mut self) -> Vec<&mut String> {
        let names: Vec<Option<&mut String>> = match self {
            Self::Linear { weight, bias } | Self::Conv2d { weight, bias, .. } => vec![Some(weight), bias.as_mut()],
            Self::GroupNorm { gamma, beta, .. } | Self::LayerNorm { gamma, beta, .. } => vec![Some(gamma), Some(beta)],
            Self::AddPositions { positions } => vec![Some(positions)],
            Self::Concat { branches } => return branches.iter_mut().flatten().flat_map(Self::names).collect(),
            Self::Residual { steps } => return steps.iter_mut().flat_map(Self::names).collect(),
            Self::Flatten
            | Self::Slice { .. }
            | Self::Relu
            | Self::MaxPool { .. }
            | Self::Gelu
            | Self::Normalize
            | Self::Patchify { .. }
            | Self::Attention { .. }
            | Self::MeanTokens => Vec::new(),
        };
        names.into_iter().flatten().collect()
    }
}

/// Lets a loader check itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfCheck {
    /// How the image is made, in words.
    pub image: String,
    /// Its embedding.
    pub embedding: Vec<f32>,
    /// What the bridge's map makes of a row whose number `i`, counted from 0, is `(7 i mod 13) / 13 - 0.5`; empty without a
    /// bridge.
    #[serde(default)]
    pub bridged: Vec<f32>,
}
