//! Networks that turn an item into a vector. Chosen by id, described by a card, made from host-drawn weights.

mod cnn;
mod mlp;
mod vit;

use burn::module::Module;
use burn::tensor::Tensor;
use data::{ImageShape, ItemShape};
use protocol::{Choice, EncoderCard};

pub use cnn::{Cnn, CnnConfig};
pub use mlp::{Mlp, MlpConfig};
pub use vit::{Vit, VitConfig};

use crate::{Init, Inputs, LabError, Portable};

/// Configuration of an encoder.
#[derive(Clone, Debug, PartialEq)]
pub enum EncoderConfig {
    /// Fully connected layers.
    Mlp(MlpConfig),
    /// Convolutions.
    Cnn(CnnConfig),
    /// Attention between patches.
    Vit(VitConfig),
}

/// A network from items to unnormalised vectors.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a model has one, and Burn has no boxed modules")]
pub enum Encoder {
    /// Fully connected layers.
    Mlp(Mlp),
    /// Convolutions.
    Cnn(Cnn),
    /// Attention between patches.
    Vit(Vit),
}

/// Cards of all encoders.
pub fn cards() -> Vec<EncoderCard> {
    vec![MlpConfig::card(), CnnConfig::card(), VitConfig::card()]
}

impl EncoderConfig {
    /// The configuration that a scenario asks for.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if no encoder has this id.
    pub fn of(choice: &Choice) -> Result<Self, LabError> {
        match choice.id.as_str() {
            MlpConfig::ID => Ok(Self::Mlp(MlpConfig::of(&choice.values))),
            CnnConfig::ID => Ok(Self::Cnn(CnnConfig::of(&choice.values))),
            VitConfig::ID => Ok(Self::Vit(VitConfig::of(&choice.values))),
            other => Err(LabError::Scenario(format!("There is no encoder '{other}'; choose one of the catalogue."))),
        }
    }

    /// Refuses items that the network cannot take.
    ///
    /// # Errors
    /// [`LabError::Scenario`] with what would fit.
    pub fn check(&self, input: ItemShape) -> Result<(), LabError> {
        match self {
            Self::Mlp(_) => match input {
                ItemShape::Pixels(_) | ItemShape::Rows { .. } => Ok(()),
                ItemShape::Tokens { .. } => Err(LabError::Scenario(format!(
                    "MLP looks at numbers, but the items are {input}; choose a method that brings its own network."
                ))),
            },
            Self::Cnn(_) => pictures("CNN", input).map(drop),
            Self::Vit(config) => config.check(pictures("ViT", input)?),
        }
    }

    /// Makes the network for items of shape `input`, with `dims` outputs.
    ///
    /// # Errors
    /// As [`EncoderConfig::check`].
    pub fn init(&self, input: ItemShape, dims: usize, init: &mut Init) -> Result<Encoder, LabError> {
        self.check(input)?;
        Ok(match self {
            Self::Mlp(config) => Encoder::Mlp(config.init(input.size(), dims, init)),
            Self::Cnn(config) => Encoder::Cnn(config.init(pictures("CNN", input)?, dims, init)),
            Self::Vit(config) => Encoder::Vit(config.init(pictures("ViT", input)?, dims, init)),
        })
    }
}

/// The shape of pictures, which `encoder` needs.
fn pictures(encoder: &str, input: ItemShape) -> Result<ImageShape, LabError> {
    match input {
        ItemShape::Pixels(shape) => Ok(shape),
        ItemShape::Rows { .. } | ItemShape::Tokens { .. } => {
            Err(LabError::Scenario(format!("{encoder} looks at pictures, but the items are {input}; choose MLP.")))
        }
    }
}

impl Encoder {
    /// Applies the network.
    ///
    /// # Shapes
    /// - output: `[batch, dims]`, not normalised
    ///
    /// # Errors
    /// [`LabError::Items`] of items that [`EncoderConfig::check`] refuses.
    pub fn forward(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        Ok(match self {
            Self::Mlp(mlp) => mlp.forward(items.flat()?),
            Self::Cnn(cnn) => cnn.forward(items.pixels()?),
            Self::Vit(vit) => vit.forward(items.pixels()?),
        })
    }

    /// Writes the forward pass into `file`.
    pub fn describe(&self, file: &mut Portable) {
        match self {
            Self::Mlp(mlp) => mlp.describe(file),
            Self::Cnn(cnn) => cnn.describe(file),
            Self::Vit(vit) => vit.describe(file),
        }
    }
}
