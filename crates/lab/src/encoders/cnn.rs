//! A small convolutional network: the next generation.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{GroupNorm, Linear};
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Tensor, activation::relu};
use data::ImageShape;
use protocol::{EncoderCard, Parameter, Values};

use crate::{Init, Portable};

/// Groups of the group normalisation.
const GROUPS: usize = 4;

/// Configuration of a [`Cnn`].
#[derive(Clone, Debug, PartialEq)]
pub struct CnnConfig {
    /// Channels of the first convolution, a multiple of 4; the second has twice as many.
    pub channels: usize,
    /// Whether each convolution is followed by group normalisation.
    pub group_norm: bool,
}

/// Two 3x3 convolutions, each with a rectifier and 2x2 max pooling, then a linear layer.
///
/// Normalises by groups or not at all: batch statistics would make a cached feature depend on its neighbours.
#[derive(Module, Debug)]
pub struct Cnn {
    blocks: Vec<Block>,
    output: Linear,
}

/// One convolution with what follows it.
#[derive(Module, Debug)]
struct Block {
    convolution: Conv2d,
    norm: Option<GroupNorm>,
}

impl CnnConfig {
    /// Id in the catalogue.
    pub const ID: &str = "cnn";

    /// What the catalogue says.
    pub fn card() -> EncoderCard {
        EncoderCard {
            id: Self::ID.to_owned(),
            name: "CNN".to_owned(),
            summary: "Two 3x3 convolutions with pooling and a linear layer: slower, sees shapes.".to_owned(),
            parameters: vec![
                Parameter::integer(
                    "channels",
                    "Channels",
                    (4, 64),
                    16,
                    "Channels of the first convolution; the second has twice as many.",
                ),
                Parameter::options(
                    "norm",
                    "Normalisation",
                    &["None", "Group"],
                    "Group normalisation after each convolution, or none.",
                ),
            ],
        }
    }

    /// From settled parameters; what is missing takes its default.
    pub fn of(values: &Values) -> Self {
        let value = |id: &str, default| values.get(id).map_or(default, |&value| value as usize);
        Self { channels: value("channels", 16).next_multiple_of(GROUPS), group_norm: value("norm", 0) == 1 }
    }

    /// Makes the network.
    pub fn init(&self, input: ImageShape, dims: usize, init: &mut Init) -> Cnn {
        let [first, second] = [self.channels, 2 * self.channels];
        let mut block = |inputs, outputs| Block {
            convolution: init.convolution(inputs, outputs, 3),
            norm: self.group_norm.then(|| init.group_norm(GROUPS, outputs)),
        };
        let blocks = vec![block(input.channels, first), block(first, second)];
        let pixels = (input.height / 2 / 2) * (input.width / 2 / 2);
        Cnn { blocks, output: init.linear(second * pixels, dims) }
    }
}

impl Cnn {
    /// # Shapes
    /// - images: `[batch, channels, height, width]`
    /// - output: `[batch, dims]`
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let maps = self.blocks.iter().fold(images, |x, block| {
            let x = block.convolution.forward(x);
            let x = match &block.norm {
                Some(norm) => norm.forward(x),
                None => x,
            };
            max_pool2d(relu(x), MaxPoolOptions::new([2, 2]))
        });
        self.output.forward(maps.flatten(1, 3))
    }

    /// Writes the forward pass into `file`.
    pub fn describe(&self, file: &mut Portable) {
        for (index, block) in self.blocks.iter().enumerate() {
            file.convolution(&format!("encoder.blocks.{index}.convolution"), &block.convolution);
            if let Some(norm) = &block.norm {
                file.group_norm(&format!("encoder.blocks.{index}.norm"), norm);
            }
            file.relu();
            file.max_pool(2);
        }
        file.flatten();
        file.linear("encoder.output", &self.output);
    }
}
