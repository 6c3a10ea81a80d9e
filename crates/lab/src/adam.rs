//! Adam with the whole update in one pass over memory, where the numbers lie on the host.
//!
//! Kingma, Ba: Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1, with bias correction and L2 penalty.
//!
//! Burn's own Adam is a dozen tensor operations per parameter, each of which reads and writes all of it. A GPU may fuse
//! them; the CPU engine does not. The state is Burn's, and so are the steps of every device but the host.

use burn::optim::decay::WeightDecayConfig;
use burn::optim::{AdamConfig, AdamState, AdaptiveMomentumState, LearningRate, Optimizer};
use burn::tensor::{Device, Tensor, TensorData, try_read_sync};

/// Decay of the mean gradient.
const BETA_1: f32 = 0.9;
/// Decay of the mean squared gradient.
const BETA_2: f32 = 0.999;
/// Added to the root of the second moment; the usual value of other frameworks.
const EPSILON: f32 = 1e-8;

/// The optimiser of every method.
#[derive(Clone)]
pub(crate) struct Adam {
    /// L2 penalty, 0 for none.
    decay: f32,
    /// For devices other than the host.
    elsewhere: burn::optim::Adam,
}

impl Adam {
    /// Adam with this L2 penalty, 0 for none.
    pub(crate) fn new(decay: f32) -> Self {
        let penalty = (decay > 0.0).then(|| WeightDecayConfig::new(decay));
        let config = AdamConfig::new().with_beta_1(BETA_1).with_beta_2(BETA_2).with_epsilon(EPSILON);
        Self { decay, elsewhere: config.with_weight_decay(penalty).build() }
    }
}

impl Optimizer for Adam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        let device = weights.device();
        if device != Device::flex() {
            return self.elsewhere.step(rate, weights, gradient, state);
        }
        let shape = weights.shape();
        let zeros = || Tensor::zeros(shape.clone(), &device);
        let (time, first, second) = match state {
            Some(AdamState { momentum: it }) => (it.time + 1, it.moment_1, it.moment_2),
            None => (1, zeros(), zeros()),
        };
        let update = Update::at(time, rate, self.decay);
        let numbers = (host(weights), host(gradient), host(first), host(second));
        let done = match numbers {
            (Some(weights), Some(gradient), Some(first), Some(second)) => {
                update.apply(weights, gradient, first, second)
            }
            _ => None,
        };
        let (weights, moment_1, moment_2) = match done {
            Some((weights, first, second)) => {
                let tensor = |data| Tensor::from_data(data, &device);
                (tensor(weights), tensor(first), tensor(second))
            }
            // The host's numbers can always be read. Should they not be, the next loss is no number, and the run says so.
            None => (zeros().add_scalar(f32::NAN), zeros(), zeros()),
        };
        let momentum = AdaptiveMomentumState { time, moment_1, moment_2, max_moment_2: None };
        (weights, Some(AdamState::new(momentum)))
    }

    fn to_device<const D: usize>(state: AdamState<D>, device: &Device) -> AdamState<D> {
        <burn::optim::Adam as Optimizer>::to_device(state, device)
    }
}

/// A tensor's numbers, not copied where nothing else holds them.
fn host<const D: usize>(tensor: Tensor<D>) -> Option<TensorData> {
    try_read_sync(tensor.into_data_async())?.ok()
}

/// The numbers of one step.
struct Update {
    decay: f32,
    /// Learning rate times both bias corrections.
    rate: f32,
    /// Epsilon under the second moment's bias correction.
    epsilon: f32,
}

impl Update {
    /// The step number `time`, counted from 1.
    fn at(time: usize, rate: f64, decay: f32) -> Self {
        let left = |beta: f32| 1.0 - beta.powi(i32::try_from(time).unwrap_or(i32::MAX));
        let root = left(BETA_2).sqrt();
        Self { decay, rate: rate as f32 * root / left(BETA_1), epsilon: EPSILON * root }
    }

    /// New weights, first and second moments. `None` if the data are no 32-bit floats.
    fn apply(
        &self,
        mut weights: TensorData,
        gradient: TensorData,
        mut first: TensorData,
        mut second: TensorData,
    ) -> Option<(TensorData, TensorData, TensorData)> {
        let numbers = weights.as_mut_slice::<f32>().ok()?.iter_mut().zip(gradient.as_slice::<f32>().ok()?);
        let moments = first.as_mut_slice::<f32>().ok()?.iter_mut().zip(second.as_mut_slice::<f32>().ok()?);
        for ((weight, &gradient), (first, second)) in numbers.zip(moments) {
            let gradient = gradient + self.decay * *weight;
            *first = BETA_1 * *first + (1.0 - BETA_1) * gradient;
            *second = BETA_2 * *second + (1.0 - BETA_2) * gradient * gradient;
            *weight -= self.rate * *first / (second.sqrt() + self.epsilon);
        }
        Some((weights, first, second))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn tensor(values: &[f32]) -> Tensor<1> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), &Device::flex())
    }

    fn values(tensor: Tensor<1>) -> Vec<f32> {
        host(tensor).unwrap().try_into_vec().unwrap()
    }

    #[test]
    fn the_first_step_goes_by_the_rate_against_the_sign() {
        // With bias correction m = g and v = g^2, so the step is rate * g / (|g| + epsilon).
        let (weights, _) = Adam::new(0.0).step(0.1, tensor(&[1.0, 1.0, 1.0]), tensor(&[4.0, -0.5, 0.0]), None);
        for (weight, expected) in values(weights).iter().zip([0.9, 1.1, 1.0]) {
            assert!((weight - expected).abs() < 1e-6, "{weight}");
        }
    }

    #[test]
    fn it_is_burns_adam() {
        for decay in [0.0, 0.01] {
            let ours = Adam::new(decay);
            let (mut one, mut other) = (tensor(&[0.3, -0.2, 5.0]), tensor(&[0.3, -0.2, 5.0]));
            let (mut state, mut known) = (None, None);
            for step in 0..50 {
                let gradient = tensor(&[(step as f32).sin(), 0.1, -3.0 + step as f32 * 0.2]);
                (one, state) = ours.step(0.05, one, gradient.clone(), state);
                (other, known) = ours.elsewhere.step(0.05, other, gradient, known);
            }
            for (ours, burns) in values(one).iter().zip(values(other)) {
                assert!((ours - burns).abs() < 1e-5 * burns.abs().max(1.0), "{ours}, not {burns}");
            }
        }
    }
}
