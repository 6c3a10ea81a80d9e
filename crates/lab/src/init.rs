//! Initial weights made on the host, so that both engines start from the same numbers.

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{GroupNorm, GroupNormConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, TensorData};
use data::Rng;

/// Added to the variance by layer normalisation. Burn's layer keeps its own to itself, and an exported model names it.
pub(crate) const LAYER_NORM_EPSILON: f64 = 1e-5;

/// Makes layers on `device` from a seeded stream of numbers.
pub struct Init {
    rng: Rng,
    device: Device,
}

impl Init {
    /// Layers on `device`, drawn from `rng`.
    pub fn new(rng: Rng, device: Device) -> Self {
        Self { rng, device }
    }

    /// The device that layers are made on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// A tensor of independent uniform numbers in `-bound..bound`.
    pub fn uniform<const D: usize>(&mut self, shape: [usize; D], bound: f32) -> Param<Tensor<D>> {
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| self.rng.uniform(-bound, bound)).collect();
        Param::from_data(TensorData::new(values, shape), &self.device)
    }

    /// A matrix of independent standard normal numbers, row-major.
    pub fn normal(&mut self, rows: usize, columns: usize) -> Vec<f32> {
        (0..rows * columns).map(|_| self.rng.normal()).collect()
    }

    /// `x W + b` with weights and bias uniform within `1 / sqrt(inputs)`.
    pub fn linear(&mut self, inputs: usize, outputs: usize) -> Linear {
        let bound = (inputs as f32).sqrt().recip();
        let mut layer = LinearConfig::new(inputs, outputs).init(&self.device);
        layer.weight = self.uniform([inputs, outputs], bound);
        layer.bias = Some(self.uniform([outputs], bound));
        layer
    }

    /// A convolution with a square kernel of odd size, stride 1, that keeps height and width.
    pub fn convolution(&mut self, inputs: usize, outputs: usize, kernel: usize) -> Conv2d {
        let bound = ((inputs * kernel * kernel) as f32).sqrt().recip();
        let pad = kernel / 2;
        let mut layer = Conv2dConfig::new([inputs, outputs], [kernel, kernel])
            .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
            .init(&self.device);
        layer.weight = self.uniform([outputs, inputs, kernel, kernel], bound);
        layer.bias = Some(self.uniform([outputs], bound));
        layer
    }

    /// Group normalisation with unit scale and no shift.
    pub fn group_norm(&mut self, groups: usize, channels: usize) -> GroupNorm {
        GroupNormConfig::new(groups, channels).init(&self.device)
    }

    /// Layer normalisation with unit scale and no shift.
    pub fn layer_norm(&mut self, width: usize) -> LayerNorm {
        LayerNormConfig::new(width).with_epsilon(LAYER_NORM_EPSILON).init(&self.device)
    }
}
