//! A multi-layer perceptron: the old generation.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Tensor, activation::relu};
use protocol::{EncoderCard, Parameter, Values};

use crate::{Init, Portable};

/// Configuration of an [`Mlp`].
#[derive(Clone, Debug, PartialEq)]
pub struct MlpConfig {
    /// Units of each hidden layer.
    pub hidden: usize,
    /// Hidden layers, at least 1.
    pub depth: usize,
}

/// Fully connected layers with rectifiers between them.
#[derive(Module, Debug)]
pub struct Mlp {
    hidden: Vec<Linear>,
    output: Linear,
}

impl MlpConfig {
    /// Id in the catalogue.
    pub const ID: &str = "mlp";

    /// What the catalogue says.
    pub fn card() -> EncoderCard {
        EncoderCard {
            id: Self::ID.to_owned(),
            name: "MLP".to_owned(),
            summary: "Fully connected layers with rectifiers: small, fast, and the weakest eye.".to_owned(),
            parameters: vec![
                Parameter::integer("hidden", "Hidden units", (16, 1024), 128, "Units of each hidden layer."),
                Parameter::integer("depth", "Hidden layers", (1, 4), 1, "Hidden layers before the embedding."),
            ],
        }
    }

    /// From settled parameters; what is missing takes its default.
    pub fn of(values: &Values) -> Self {
        let value = |id: &str, default| values.get(id).map_or(default, |&value| value as usize);
        Self { hidden: value("hidden", 128), depth: value("depth", 1).max(1) }
    }

    /// Makes the network for items of so many numbers.
    pub fn init(&self, mut inputs: usize, dims: usize, init: &mut Init) -> Mlp {
        let hidden = (0..self.depth)
            .map(|_| {
                let layer = init.linear(inputs, self.hidden);
                inputs = self.hidden;
                layer
            })
            .collect();
        Mlp { hidden, output: init.linear(inputs, dims) }
    }
}

impl Mlp {
    /// # Shapes
    /// - flat: `[batch, numbers]`
    /// - output: `[batch, dims]`
    pub fn forward(&self, flat: Tensor<2>) -> Tensor<2> {
        let hidden = self.hidden.iter().fold(flat, |x, layer| relu(layer.forward(x)));
        self.output.forward(hidden)
    }

    /// Writes the forward pass into `file`.
    pub fn describe(&self, file: &mut Portable) {
        file.flatten();
        for (index, layer) in self.hidden.iter().enumerate() {
            file.linear(&format!("encoder.hidden.{index}"), layer);
            file.relu();
        }
        file.linear("encoder.output", &self.output);
    }
}
