//! The network of the family: convolutions with batch normalisation, whose statistics are what the methods differ in.
//!
//! Burn's own batch normalisation chooses between the statistics of the batch and stored ones by whether it trains, and keeps what it
//! chose to itself. Here the caller says which, may mix them, and is given those of the batch.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::module::{conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Tensor, activation::relu};
use data::ImageShape;

use crate::numbers::take;
use crate::{Init, Portable};

/// Added to a variance before its root is taken.
const EPSILON: f64 = 1e-5;
/// Side of a kernel.
const KERNEL: usize = 3;
/// Blocks whose maps are halved: all but the last.
const HALVED: usize = 2;

/// The least height and width of a picture: one pixel is left of it.
pub(super) const LEAST_SIDE: usize = 1 << HALVED;

/// Mean and variance of every channel, `[channels]` each. The variance is that of the numbers at hand, divided by how many they are
/// and not by one less.
#[derive(Module, Debug)]
pub struct Statistics {
    /// Means.
    pub mean: Tensor<1>,
    /// Variances.
    pub variance: Tensor<1>,
}

/// Which statistics normalise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// Those that are stored: an item's embedding does not depend on what comes with it.
    Stored,
    /// `(1 - alpha)` times those that are stored plus `alpha` times those of the batch; 1 for those of the batch alone.
    Mixed(f64),
}

/// Three 3x3 convolutions, each with batch normalisation and a rectifier, the first two with 2x2 max pooling, then a linear layer.
#[derive(Module, Debug)]
pub struct Net {
    blocks: Vec<Block>,
    output: Linear,
}

/// A convolution without bias, which the normalisation would take off again, and what follows it.
#[derive(Module, Debug)]
struct Block {
    convolution: Conv2d,
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
    stored: Statistics,
    halves: bool,
}

impl Statistics {
    /// Those of a batch.
    ///
    /// # Shapes
    /// - maps: `[batch, channels, height, width]`
    pub fn of(maps: &Tensor<4>) -> Self {
        let [batch, channels, height, width] = maps.dims();
        // Equally many pixels in each item, so the mean of means is the mean.
        let mean = |maps: Tensor<4>| maps.reshape([batch, channels, height * width]).mean_dim(2).mean_dim(0);
        let centre = mean(maps.clone());
        let away = maps.clone() - centre.clone().reshape([1, channels, 1, 1]);
        let variance = mean(away.clone() * away);
        Self { mean: centre.reshape([channels]), variance: variance.reshape([channels]) }
    }

    /// `(1 - share)` times these plus `share` times the others.
    pub fn towards(&self, others: &Self, share: f64) -> Self {
        let mix =
            |from: &Tensor<1>, to: &Tensor<1>| from.clone().mul_scalar(1.0 - share) + to.clone().mul_scalar(share);
        Self { mean: mix(&self.mean, &others.mean), variance: mix(&self.variance, &others.variance) }
    }

    /// The same numbers, through which no gradient goes.
    pub fn detached(self) -> Self {
        Self { mean: self.mean.detach(), variance: self.variance.detach() }
    }

    /// The same numbers on the device without gradients.
    pub fn inner(self) -> Self {
        Self { mean: self.mean.inner(), variance: self.variance.inner() }
    }

    /// Means and variances in a row, for all layers.
    pub fn flat(all: &[Self]) -> Option<Tensor<1>> {
        let parts: Vec<Tensor<1>> = all.iter().flat_map(|it| [it.mean.clone(), it.variance.clone()]).collect();
        (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
    }
}

impl Block {
    fn new(inputs: usize, outputs: usize, halves: bool, init: &mut Init) -> Self {
        let mut convolution = init.convolution(inputs, outputs, KERNEL);
        convolution.bias = None;
        let device = init.device();
        let (zeros, ones) = (Tensor::zeros([outputs], device), Tensor::ones([outputs], device));
        Self {
            convolution,
            gamma: Param::from_tensor(ones.clone()),
            beta: Param::from_tensor(zeros.clone()),
            stored: Statistics { mean: zeros, variance: ones },
            halves,
        }
    }

    /// What multiplies a channel and what is added then, `[channels]` each.
    fn scale_and_shift(&self, by: &Statistics) -> (Tensor<1>, Tensor<1>) {
        let scale = self.gamma.val() / by.variance.clone().add_scalar(EPSILON).sqrt();
        let shift = self.beta.val() - by.mean.clone() * scale.clone();
        (scale, shift)
    }

    /// The convolution with the normalisation by stored statistics in it: weights and bias.
    fn folded(&self) -> (Tensor<4>, Tensor<1>) {
        let (scale, shift) = self.scale_and_shift(&self.stored);
        let [outputs] = scale.dims();
        (self.convolution.weight.val() * scale.reshape([outputs, 1, 1, 1]), shift)
    }

    /// The maps that come out, with the statistics of the batch where they were looked at.
    fn forward(&self, maps: Tensor<4>, mode: Mode) -> (Tensor<4>, Option<Statistics>) {
        let convolve = |weight, bias| {
            let pad = KERNEL / 2;
            conv2d(maps, weight, bias, ConvOptions::new([1, 1], [pad, pad], [1, 1], 1))
        };
        let (maps, batch) = match mode {
            Mode::Stored => {
                let (weight, bias) = self.folded();
                (convolve(weight, Some(bias)), None)
            }
            Mode::Mixed(alpha) => {
                let maps = convolve(self.convolution.weight.val(), None);
                let [_, channels, _, _] = maps.dims();
                let batch = Statistics::of(&maps);
                let (scale, shift) = self.scale_and_shift(&self.stored.towards(&batch, alpha));
                let spread = |values: Tensor<1>| values.reshape([1, channels, 1, 1]);
                (maps * spread(scale) + spread(shift), Some(batch))
            }
        };
        let maps = relu(maps);
        (if self.halves { max_pool2d(maps, MaxPoolOptions::new([2, 2])) } else { maps }, batch)
    }
}

impl Net {
    /// A network with `channels`, twice and four times as many channels, for pictures of at least [`LEAST_SIDE`] pixels each way. Its
    /// stored statistics are 0 and 1 until it is told others.
    pub fn new(channels: usize, input: ImageShape, dims: usize, init: &mut Init) -> Self {
        let wide = [input.channels, channels, 2 * channels, 4 * channels];
        let blocks = wide.iter().zip(wide.iter().skip(1)).enumerate();
        let blocks = blocks.map(|(at, (&inputs, &outputs))| Block::new(inputs, outputs, at < HALVED, init)).collect();
        let pixels = (input.height >> HALVED) * (input.width >> HALVED);
        Self { blocks, output: init.linear(4 * channels * pixels, dims) }
    }

    /// Embeddings that are not normalised, with the statistics of the batch layer by layer; of none where stored ones normalise.
    ///
    /// # Shapes
    /// - images: `[batch, channels, height, width]`
    /// - output: `[batch, dims]`
    pub fn forward(&self, images: Tensor<4>, mode: Mode) -> (Tensor<2>, Vec<Statistics>) {
        let (mut maps, mut found) = (images, Vec::new());
        for block in &self.blocks {
            let (next, batch) = block.forward(maps, mode);
            found.extend(batch);
            maps = next;
        }
        (self.output.forward(maps.flatten(1, 3)), found)
    }

    /// The stored statistics, layer by layer.
    pub fn stored(&self) -> impl Iterator<Item = &Statistics> {
        self.blocks.iter().map(|block| &block.stored)
    }

    /// Moves the stored statistics towards others by this share of the way; layers without others keep theirs.
    pub fn follow(&mut self, others: Vec<Statistics>, share: f64) {
        for (block, others) in self.blocks.iter_mut().zip(others) {
            block.stored = block.stored.towards(&others.detached(), share);
        }
    }

    /// Takes statistics that [`Statistics::flat`] wrote; gives them layer by layer, `None` if there are more or fewer.
    pub fn read(&self, numbers: &[f32]) -> Option<Vec<Statistics>> {
        let mut left = Some(numbers);
        let layers = self.blocks.iter().map(|block| {
            let ([channels], device) = (block.stored.mean.dims(), block.stored.mean.device());
            let mut next = || take(&mut left, channels).map(|values| Tensor::from_floats(values, &device));
            Some(Statistics { mean: next()?, variance: next()? })
        });
        let layers = layers.collect::<Option<Vec<_>>>()?;
        left.filter(|left| left.is_empty()).map(|_| layers)
    }

    /// The same network, in which only scales and shifts of the normalisation learn.
    pub fn with_affine_alone(self) -> Self {
        let mut net = self.no_grad();
        for block in &mut net.blocks {
            block.gamma = block.gamma.clone().set_require_grad(true);
            block.beta = block.beta.clone().set_require_grad(true);
        }
        net
    }

    /// Writes the forward pass by stored statistics into `file`.
    pub fn describe(&self, file: &mut Portable) {
        for (at, block) in self.blocks.iter().enumerate() {
            let (weight, bias) = block.folded();
            let mut folded = block.convolution.clone();
            folded.weight = Param::from_tensor(weight);
            folded.bias = Some(Param::from_tensor(bias));
            file.convolution(&format!("encoder.blocks.{at}.convolution"), &folded);
            file.relu();
            if block.halves {
                file.max_pool(2);
            }
        }
        file.flatten();
        file.linear("encoder.output", &self.output);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use burn::tensor::{Device, TensorData};
    use data::Seed;
    use pollster::block_on;

    use super::*;
    use crate::engine::read;

    fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        block_on(read(tensor)).unwrap()
    }

    fn near(found: &[f32], expected: &[f32], by: f32) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() <= by * expected.abs().max(1.0), "{found}, not {expected}");
        }
    }

    const IMAGE: ImageShape = ImageShape { channels: 1, height: 8, width: 8 };

    fn net() -> Net {
        Net::new(3, IMAGE, 5, &mut Init::new(Seed(4).stream("net"), Device::flex()))
    }

    fn images(count: usize) -> Tensor<4> {
        let values = Init::new(Seed(4).stream("images"), Device::flex()).normal(count, 64);
        Tensor::from_data(TensorData::new(values, [count, 1, 8, 8]), &Device::flex())
    }

    /// A block of one channel whose convolution changes nothing.
    fn unit() -> Block {
        let mut block = Block::new(1, 1, false, &mut Init::new(Seed(1).stream("block"), Device::flex()));
        let mut kernel = [0.0; 9];
        kernel[4] = 1.0;
        block.convolution.weight =
            Param::from_tensor(Tensor::from_data(TensorData::new(kernel.to_vec(), [1, 1, 3, 3]), &Device::flex()));
        block
    }

    fn maps(values: &[f32], [batch, channels]: [usize; 2]) -> Tensor<4> {
        let shape = [batch, channels, 1, values.len() / batch / channels];
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
    }

    #[test]
    fn statistics_of_two_channels_by_hand() {
        // Channel 0 holds 1, 2 and 3, 6; channel 1 is constant.
        let Statistics { mean, variance } = Statistics::of(&maps(&[1.0, 2.0, 5.0, 5.0, 3.0, 6.0, 5.0, 5.0], [2, 2]));
        assert_eq!(numbers(mean), [3.0, 5.0]);
        // (4 + 1 + 0 + 9) / 4, not / 3.
        assert_eq!(numbers(variance), [3.5, 0.0]);
    }

    #[test]
    fn mixed_statistics_normalise_by_hand() {
        let mut block = unit();
        let tensor = |value: f32| Tensor::<1>::from_floats([value], &Device::flex());
        block.stored = Statistics { mean: tensor(1.0), variance: tensor(4.0) };
        block.gamma = Param::from_tensor(tensor(2.0));
        block.beta = Param::from_tensor(tensor(0.5));
        // The batch has mean 5 and variance 4 + 12 = 16 with alpha 1/4: mean 2, variance 7 with 3/4 of 4 and 1/4 of 16.
        let batch = maps(&[1.0, 9.0, 1.0, 9.0], [2, 1]);
        let (found, statistics) = block.forward(batch, Mode::Mixed(0.25));
        let statistics = statistics.unwrap();
        assert_eq!((numbers(statistics.mean), numbers(statistics.variance)), (vec![5.0], vec![16.0]));
        // 2 (x - 2) / sqrt(7) + 0.5, then the rectifier.
        let root = (7.0f32 + 1e-5).sqrt();
        near(&numbers(found), &[0.0, 14.0 / root + 0.5, 0.0, 14.0 / root + 0.5], 1e-6);
    }

    #[test]
    fn nothing_of_the_batch_is_the_stored_statistics() {
        let mut net = net();
        let (_, batch) = net.forward(images(6), Mode::Mixed(1.0));
        net.follow(batch, 0.3);
        let (stored, none) = net.forward(images(4), Mode::Stored);
        let (mixed, some) = net.forward(images(4), Mode::Mixed(0.0));
        near(&numbers(mixed), &numbers(stored), 1e-5);
        assert_eq!((none.len(), some.len()), (0, 3));
    }

    #[test]
    fn statistics_of_the_whole_set_once_stored_are_those_of_the_batch() {
        let mut net = net();
        let (expected, batch) = net.forward(images(10), Mode::Mixed(1.0));
        net.follow(batch, 1.0);
        near(&numbers(net.forward(images(10), Mode::Stored).0), &numbers(expected.clone()), 1e-4);
        // However much of either, both are the same.
        near(&numbers(net.forward(images(10), Mode::Mixed(0.4)).0), &numbers(expected.clone()), 1e-4);
        // Stored, they no longer depend on what comes together.
        near(&numbers(net.forward(images(2), Mode::Stored).0), &numbers(expected.narrow(0, 0, 2)), 1e-4);
    }

    #[test]
    fn normalised_maps_have_the_scale_and_shift_of_their_layer() {
        let mut block = unit();
        // Far from 0, so that the rectifier changes nothing.
        block.beta = Param::from_tensor(Tensor::from_floats([9.0], &Device::flex()));
        block.gamma = Param::from_tensor(Tensor::from_floats([1.5], &Device::flex()));
        let maps = images(5).reshape([5, 1, 1, 64]);
        let (out, _) = block.forward(maps, Mode::Mixed(1.0));
        let Statistics { mean, variance } = Statistics::of(&out);
        near(&numbers(mean), &[9.0], 1e-4);
        near(&numbers(variance), &[2.25], 1e-3);
    }

    #[test]
    fn statistics_are_written_and_read_layer_by_layer() {
        let mut net = net();
        let (_, batch) = net.forward(images(6), Mode::Mixed(1.0));
        let written = numbers(Statistics::flat(&batch).unwrap());
        assert_eq!(written.len(), 2 * (3 + 6 + 12));
        let read = net.read(&written).unwrap();
        net.follow(read, 1.0);
        let stored: Vec<Statistics> = net.stored().cloned().collect();
        assert_eq!(numbers(Statistics::flat(&stored).unwrap()), written);
        assert!(net.read(&written[1..]).is_none());
        assert!(net.read(&[written.clone(), vec![0.0]].concat()).is_none());
        assert!(Statistics::flat(&[]).is_none());
    }

    /// What an independent implementation found; `tests/reference/adapt.py` says how.
    fn reference() -> serde_json::Value {
        serde_json::from_str(include_str!("../../../tests/reference/adapt.json")).unwrap()
    }

    fn listed(value: &serde_json::Value) -> Vec<f32> {
        value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect()
    }

    /// The network and the pictures of the reference, on this device.
    fn of_reference(device: &Device) -> (Net, Tensor<4>) {
        let net = Net::new(2, IMAGE, 3, &mut Init::new(Seed(1).stream("net"), device.clone()));
        let count = crate::numbers::parameters(&net).iter().map(|part| part.dims()[0]).sum::<usize>();
        let values: Vec<f32> = (0..count).map(|at| (0.4 * (0.7 * at as f64).sin() + 0.1) as f32).collect();
        let (mut net, left) = crate::numbers::load(net, &values);
        assert_eq!(left, Some(&[][..]));
        let mut stored = Vec::new();
        for width in [2, 4, 8] {
            let from = stored.len();
            stored.extend((from..from + width).map(|at| (0.1 * (at as f64).cos()) as f32));
            stored.extend((from + width..from + 2 * width).map(|at| (1.0 + 0.5 * (at as f64).sin().powi(2)) as f32));
        }
        let read = net.read(&stored).unwrap();
        net.follow(read, 1.0);
        let pixels: Vec<f32> = (0..5 * 64).map(|at| (0.11 * f64::from(at).powf(1.2)).cos() as f32).collect();
        (net, Tensor::from_data(TensorData::new(pixels, [5, 1, 8, 8]), device))
    }

    #[test]
    fn embeddings_are_those_of_an_independent_implementation() {
        let (net, images) = of_reference(&Device::flex());
        let modes =
            [("0.0", Mode::Stored), ("0.0", Mode::Mixed(0.0)), ("0.3", Mode::Mixed(0.3)), ("1.0", Mode::Mixed(1.0))];
        for (alpha, mode) in modes {
            let found = numbers(net.forward(images.clone(), mode).0);
            near(&found, &listed(&reference()["embeddings"][alpha]), 2e-5);
        }
    }

    #[test]
    fn entropy_and_its_slopes_are_those_of_an_independent_implementation() {
        let (net, images) = of_reference(&Device::flex().autodiff());
        let net = net.with_affine_alone();
        let (raw, _) = net.forward(images, Mode::Mixed(1.0));
        let entropy = super::super::adapting::entropy(raw.mul_scalar(3.0));
        near(&numbers(entropy.clone().inner()), &[reference()["entropy"].as_f64().unwrap() as f32], 1e-5);
        let gradients = entropy.backward();
        for (at, block) in net.blocks.iter().enumerate() {
            for (part, param) in [&block.gamma, &block.beta].into_iter().enumerate() {
                let slopes = numbers(param.val().grad(&gradients).unwrap());
                near(&slopes, &listed(&reference()["slopes"][at][part]), 2e-4);
            }
            assert!(block.convolution.weight.val().grad(&gradients).is_none(), "weights stay what they are");
        }
        assert!(net.output.weight.val().grad(&gradients).is_none());
    }
}
