//! Networks that turn an image into a vector. Chosen by id, described by a card, made from host-drawn weights.

mod cnn;
mod mlp;

use burn::module::Module;
use burn::tensor::Tensor;
use data::ImageShape;
use protocol::{Choice, EncoderCard};

pub use cnn::{Cnn, CnnConfig};
pub use mlp::{Mlp, MlpConfig};

use crate::{Init, LabError, Portable};

/// Configuration of an encoder.
#[derive(Clone, Debug, PartialEq)]
pub enum EncoderConfig {
    /// Fully connected layers.
    Mlp(MlpConfig),
    /// Convolutions.
    Cnn(CnnConfig),
}

/// A network from images to unnormalised vectors.
#[derive(Module, Debug)]
pub enum Encoder {
    /// Fully connected layers.
    Mlp(Mlp),
    /// Convolutions.
    Cnn(Cnn),
}

/// Cards of all encoders.
pub fn cards() -> Vec<EncoderCard> {
    vec![MlpConfig::card(), CnnConfig::card()]
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
            other => Err(LabError::Scenario(format!("There is no encoder '{other}'; choose one of the catalogue."))),
        }
    }

    /// Makes the network for images of shape `input`, with `dims` outputs.
    pub fn init(&self, input: ImageShape, dims: usize, init: &mut Init) -> Encoder {
        match self {
            Self::Mlp(config) => Encoder::Mlp(config.init(input, dims, init)),
            Self::Cnn(config) => Encoder::Cnn(config.init(input, dims, init)),
        }
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
        }
    }

    /// Writes the forward pass into `file`.
    pub fn describe(&self, file: &mut Portable) {
        match self {
            Self::Mlp(mlp) => mlp.describe(file),
            Self::Cnn(cnn) => cnn.describe(file),
        }
    }
}
