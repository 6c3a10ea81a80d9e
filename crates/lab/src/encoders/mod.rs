//! Networks that turn an image into a vector. Chosen by id, described by a card, made from host-drawn weights.

mod cnn;
mod mlp;
mod vit;

use burn::module::Module;
use burn::tensor::Tensor;
use data::ImageShape;
use protocol::{Choice, EncoderCard};

pub use cnn::{Cnn, CnnConfig};
pub use mlp::{Mlp, MlpConfig};
pub use vit::{Vit, VitConfig};

use crate::{Init, LabError, Portable};

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

/// A network from images to unnormalised vectors.
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

    /// Refuses images that the network cannot take.
    ///
    /// # Errors
    /// [`LabError::Scenario`] with what would fit.
    pub fn check(&self, input: ImageShape) -> Result<(), LabError> {
        match self {
            Self::Mlp(_) | Self::Cnn(_) => Ok(()),
            Self::Vit(config) => config.check(input),
        }
    }

    /// Makes the network for images of shape `input`, with `dims` outputs.
    ///
    /// # Errors
    /// As [`EncoderConfig::check`].
    pub fn init(&self, input: ImageShape, dims: usize, init: &mut Init) -> Result<Encoder, LabError> {
        self.check(input)?;
        Ok(match self {
            Self::Mlp(config) => Encoder::Mlp(config.init(input, dims, init)),
            Self::Cnn(config) => Encoder::Cnn(config.init(input, dims, init)),
            Self::Vit(config) => Encoder::Vit(config.init(input, dims, init)),
        })
    }
}

impl Encoder {
    /// Applies the network.
    ///
    /// # Shapes
    /// - images: `[batch, channels, height, width]`
    /// - output: `[batch, dims]`, not normalised
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        match self {
            Self::Mlp(mlp) => mlp.forward(images),
            Self::Cnn(cnn) => cnn.forward(images),
            Self::Vit(vit) => vit.forward(images),
        }
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
