//! A small vision transformer: the generation after the CNN.
//!
//! Dosovitskiy et al.: An Image is Worth 16x16 Words, ICLR 2021. Without a class token: the tokens are averaged, which in a
//! network this small does as well.

use burn::module::{Module, Param};
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{Tensor, activation::gelu};
use data::ImageShape;
use protocol::{EncoderCard, Parameter, Values};

use crate::tokens::{attention, mean_tokens, patchify};
use crate::{Init, LabError, Portable};

/// Heads of the attention.
const HEADS: usize = 4;
/// Width of the MLP's hidden layer in widths of a token.
const EXPANSION: usize = 4;
/// Bound of the initial positions: as large as what the patches give, so that places are told apart from the first step on.
/// With the customary 0.02 the mAP on Fashion-MNIST is 3 points lower after 10 epochs (seed 1).
const POSITION: f32 = 0.5;

/// Configuration of a [`Vit`].
#[derive(Clone, Debug, PartialEq)]
pub struct VitConfig {
    /// Height and width of a patch; divides the image.
    pub patch: usize,
    /// Numbers per token, a multiple of 4, the number of heads.
    pub width: usize,
    /// Layers, at least 1.
    pub layers: usize,
}

/// Patches, learned positions, pre-norm layers of attention and MLP, a last normalisation, the mean over tokens, a linear layer.
#[derive(Module, Debug)]
pub struct Vit {
    patch: usize,
    /// From a patch to a token.
    embedding: Linear,
    /// Shape `[tokens, width]`.
    positions: Param<Tensor<2>>,
    layers: Vec<Layer>,
    norm: LayerNorm,
    output: Linear,
}

/// `x + projection(attention(query_key_value(norm(x))))`, then `x + contract(gelu(expand(norm(x))))`.
#[derive(Module, Debug)]
struct Layer {
    attention_norm: LayerNorm,
    /// From a token to its query, key and value.
    query_key_value: Linear,
    projection: Linear,
    mlp_norm: LayerNorm,
    expand: Linear,
    contract: Linear,
}

impl VitConfig {
    /// Id in the catalogue.
    pub const ID: &str = "vit";

    /// What the catalogue says.
    pub fn card() -> EncoderCard {
        EncoderCard {
            id: Self::ID.to_owned(),
            name: "ViT".to_owned(),
            summary:
                "A small vision transformer: attention between patches, from the first layer over the whole image."
                    .to_owned(),
            parameters: vec![
                Parameter::integer("patch", "Patch", (2, 14), 7, "Height and width of a patch; must divide the image.")
                    .with_unit("px")
                    .dividing_images(),
                Parameter::integer("width", "Width", (16, 128), 64, "Numbers per token, shared by four heads."),
                Parameter::integer("layers", "Layers", (1, 4), 2, "Layers of attention and MLP."),
            ],
        }
    }

    /// From settled parameters; what is missing takes its default.
    pub fn of(values: &Values) -> Self {
        let value = |id: &str, default| values.get(id).map_or(default, |&value| value as usize);
        Self {
            patch: value("patch", 7).max(1),
            width: value("width", 64).next_multiple_of(HEADS),
            layers: value("layers", 2).max(1),
        }
    }

    /// Refuses images that do not divide into patches.
    ///
    /// # Errors
    /// [`LabError::Scenario`] with the sizes.
    pub fn check(&self, input: ImageShape) -> Result<(), LabError> {
        let Self { patch, .. } = self;
        let ImageShape { height, width, .. } = input;
        if !height.is_multiple_of(*patch) || !width.is_multiple_of(*patch) {
            return Err(LabError::Scenario(format!(
                "ViT cuts images into patches of {patch} x {patch}, but {height} x {width} does not divide into them; choose a patch \
                 that divides both."
            )));
        }
        Ok(())
    }

    /// Makes the network. Pixels that fill no patch are left out, which [`VitConfig::check`] refuses.
    pub fn init(&self, input: ImageShape, dims: usize, init: &mut Init) -> Vit {
        let Self { patch, width, layers } = *self;
        let tokens = (input.height / patch) * (input.width / patch);
        Vit {
            patch,
            embedding: init.linear(input.channels * patch * patch, width),
            positions: init.uniform([tokens, width], POSITION),
            layers: (0..layers)
                .map(|_| Layer {
                    attention_norm: init.layer_norm(width),
                    query_key_value: init.linear(width, 3 * width),
                    projection: init.linear(width, width),
                    mlp_norm: init.layer_norm(width),
                    expand: init.linear(width, EXPANSION * width),
                    contract: init.linear(EXPANSION * width, width),
                })
                .collect(),
            norm: init.layer_norm(width),
            output: init.linear(width, dims),
        }
    }
}

impl Vit {
    /// # Shapes
    /// - images: `[batch, channels, height, width]`
    /// - output: `[batch, dims]`
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let patches = self.embedding.forward(patchify(images, self.patch)); // [batch, tokens, width]
        let tokens = patches + self.positions.val().unsqueeze();
        let tokens = self.layers.iter().fold(tokens, |tokens, layer| layer.forward(tokens));
        self.output.forward(mean_tokens(self.norm.forward(tokens)))
    }

    /// Writes the forward pass into `file`.
    pub fn describe(&self, file: &mut Portable) {
        file.patchify(self.patch as u32);
        file.linear("encoder.embedding", &self.embedding);
        file.add_positions("encoder.positions", self.positions.val());
        for (index, layer) in self.layers.iter().enumerate() {
            let name = |part: &str| format!("encoder.layers.{index}.{part}");
            file.residual(|file| {
                file.layer_norm(&name("attention_norm"), &layer.attention_norm);
                file.linear(&name("query_key_value"), &layer.query_key_value);
                file.attention(HEADS as u32);
                file.linear(&name("projection"), &layer.projection);
            });
            file.residual(|file| {
                file.layer_norm(&name("mlp_norm"), &layer.mlp_norm);
                file.linear(&name("expand"), &layer.expand);
                file.gelu();
                file.linear(&name("contract"), &layer.contract);
            });
        }
        file.layer_norm("encoder.norm", &self.norm);
        file.mean_tokens();
        file.linear("encoder.output", &self.output);
    }
}

impl Layer {
    /// # Shapes
    /// - tokens, output: `[batch, tokens, width]`
    fn forward(&self, tokens: Tensor<3>) -> Tensor<3> {
        let mixed = attention(self.query_key_value.forward(self.attention_norm.forward(tokens.clone())), HEADS);
        let tokens = tokens + self.projection.forward(mixed);
        let hidden = gelu(self.expand.forward(self.mlp_norm.forward(tokens.clone())));
        tokens + self.contract.forward(hidden)
    }
}
