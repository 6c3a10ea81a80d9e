//! Adam with the whole update in one pass over memory, where the numbers lie on the host.
//!
//! Kingma, Ba: Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1, with bias correction and L2 penalty.
//!
//! Burn's own Adam is a dozen tensor operations per parameter, each of which reads and writes all of it. A GPU may fuse
//! them; the CPU engine does not. Steps of every device but the host are Burn's. What is remembered of the parameters is kept
//! here, where a checkpoint can read it without waiting for the device.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::{AdamConfig, AdamState, AdaptiveMomentumState, GradientsParams, Optimizer as _};
use burn::tensor::{Device, Tensor, TensorData, try_read_sync};

use crate::numbers::{flat, take};

/// Decay of the mean gradient.
const BETA_1: f32 = 0.9;
/// Decay of the mean squared gradient.
const BETA_2: f32 = 0.999;
/// Added to the root of the second moment; the usual value of other frameworks.
const EPSILON: f32 = 1e-8;

/// The optimiser of every method. Biases, norms and skew parameters are exempt from its decay.
pub(crate) struct Adam {
    /// L2 penalty, 0 for none.
    decay: f32,
    moments: HashMap<ParamId, Moments>,
}

/// What is remembered of one parameter, without gradients.
struct Moments {
    /// Steps so far.
    time: usize,
    /// Mean gradient, flat.
    first: Tensor<1>,
    /// Mean squared gradient, flat.
    second: Tensor<1>,
}

impl Adam {
    /// Adam with this L2 penalty, 0 for none.
    pub(crate) fn new(decay: f32) -> Self {
        Self { decay, moments: HashMap::new() }
    }

    /// Takes one step with all parameters that have a gradient.
    pub(crate) fn step<M: Module>(&mut self, rate: f64, module: M, gradients: GradientsParams) -> M {
        module.map(&mut Step { adam: self, rate, gradients, skew: false })
    }

    /// What is remembered of the parameters of a module, in its order: per parameter the number of steps, both moments.
    pub(crate) fn moments<M: Module>(&self, module: &M) -> Vec<Tensor<1>> {
        let mut collect = Collect { adam: self, parts: Vec::new() };
        module.visit(&mut collect);
        collect.parts
    }

    /// Takes back what [`Adam::moments`] gave; `None` if those are not of such a module.
    pub(crate) fn restore<M: Module>(&mut self, module: &M, numbers: &[f32]) -> Option<()> {
        let mut restore = Restore { adam: self, numbers: Some(numbers) };
        module.visit(&mut restore);
        restore.numbers.filter(|left| left.is_empty()).map(drop)
    }
}

/// One step through a module.
struct Step<'a> {
    adam: &'a mut Adam,
    rate: f64,
    gradients: GradientsParams,
    /// Whether what comes next is a skew parameter.
    skew: bool,
}

impl ModuleMapper for Step<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, weights, mapper) = param.consume();
        let weights = match self.gradients.remove::<D>(id) {
            Some(gradient) => {
                let weights = weights.inner();
                let before = self.adam.moments.remove(&id);
                let decay = if D == 1 || self.skew { 0.0 } else { self.adam.decay };
                let (weights, moments) = step(self.rate, decay, weights, gradient, before);
                self.adam.moments.insert(id, moments);
                weights.autodiff().require_grad()
            }
            None => weights,
        };
        Param::from_mapped_value(id, weights, mapper)
    }

    fn enter_module(&mut self, name: &str, _container: &str) {
        self.skew = name == "skew";
    }
}

/// New weights and moments of one parameter.
fn step<const D: usize>(
    rate: f64,
    decay: f32,
    weights: Tensor<D>,
    gradient: Tensor<D>,
    before: Option<Moments>,
) -> (Tensor<D>, Moments) {
    let (device, shape) = (weights.device(), weights.shape());
    if device != Device::flex() {
        let penalty = (decay > 0.0).then(|| WeightDecayConfig::new(decay));
        let config = AdamConfig::new().with_beta_1(BETA_1).with_beta_2(BETA_2).with_epsilon(EPSILON);
        let state = before.map(|Moments { time, first, second }| {
            AdamState::new(AdaptiveMomentumState { time, moment_1: first, moment_2: second, max_moment_2: None })
        });
        let adam = config.with_weight_decay(penalty).build();
        let (weights, state) = adam.step(rate, flat(weights), flat(gradient), state);
        let moments = match state {
            Some(AdamState { momentum: it }) => Moments { time: it.time, first: it.moment_1, second: it.moment_2 },
            // It always gives one back; without it the next step is a first one.
            None => Moments { time: 0, first: weights.zeros_like(), second: weights.zeros_like() },
        };
        return (weights.reshape(shape), moments);
    }
    let zeros = || Tensor::zeros([shape.num_elements()], &device);
    let Moments { time, first, second } =
        before.unwrap_or_else(|| Moments { time: 0, first: zeros(), second: zeros() });
    let (time, update) = (time + 1, Update::at(time + 1, rate, decay));
    let done = match (host(weights), host(gradient), host(first), host(second)) {
        (Some(weights), Some(gradient), Some(first), Some(second)) => update.apply(weights, gradient, first, second),
        _ => None,
    };
    match done {
        Some((weights, first, second)) => {
            let moment = |data| Tensor::from_data(data, &device);
            (Tensor::from_data(weights, &device), Moments { time, first: moment(first), second: moment(second) })
        }
        // The host's numbers can always be read. Should they not be, the next loss is no number, and the run says so.
        None => {
            let lost = Tensor::zeros(shape.clone(), &device).add_scalar(f32::NAN);
            (lost, Moments { time, first: zeros(), second: zeros() })
        }
    }
}

/// Reads the moments of a module.
struct Collect<'a> {
    adam: &'a Adam,
    parts: Vec<Tensor<1>>,
}

impl ModuleVisitor for Collect<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let weights = param.val().inner();
        let device = weights.device();
        // Exact up to 2^24 steps.
        let time = |time: usize| Tensor::from_data(TensorData::new(vec![time as f32], [1]), &device);
        match self.adam.moments.get(&param.id) {
            Some(it) => self.parts.extend([time(it.time), it.first.clone(), it.second.clone()]),
            None => {
                let zeros = Tensor::zeros([weights.shape().num_elements()], &device);
                self.parts.extend([time(0), zeros.clone(), zeros]);
            }
        }
    }
}

/// Puts the moments of a module back.
struct Restore<'a> {
    adam: &'a mut Adam,
    /// Those that are left; `None` once there were too few.
    numbers: Option<&'a [f32]>,
}

impl ModuleVisitor for Restore<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let weights = param.val().inner();
        let (count, device) = (weights.shape().num_elements(), weights.device());
        let time = take(&mut self.numbers, 1).and_then(|time| time.first());
        let moments = [take(&mut self.numbers, count), take(&mut self.numbers, count)];
        if let (Some(&time), [Some(first), Some(second)]) = (time, moments)
            && time > 0.0
        {
            let tensor = |values: &[f32]| Tensor::from_data(TensorData::new(values.to_vec(), [count]), &device);
            let moments = Moments { time: time as usize, first: tensor(first), second: tensor(second) };
            self.adam.moments.insert(param.id, moments);
        }
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
        let (weights, _) = step(0.1, 0.0, tensor(&[1.0, 1.0, 1.0]), tensor(&[4.0, -0.5, 0.0]), None);
        for (weight, expected) in values(weights).iter().zip([0.9, 1.1, 1.0]) {
            assert!((weight - expected).abs() < 1e-6, "{weight}");
        }
    }

    #[test]
    fn it_is_burns_adam() {
        for decay in [0.0, 0.01] {
            let config = AdamConfig::new().with_beta_1(BETA_1).with_beta_2(BETA_2).with_epsilon(EPSILON);
            let burns = config.with_weight_decay((decay > 0.0).then(|| WeightDecayConfig::new(decay))).build();
            let (mut one, mut other) = (tensor(&[0.3, -0.2, 5.0]), tensor(&[0.3, -0.2, 5.0]));
            let (mut state, mut known) = (None, None);
            for count in 0..50 {
                let gradient = tensor(&[(count as f32).sin(), 0.1, -3.0 + count as f32 * 0.2]);
                let (weights, moments) = step(0.05, decay, one, gradient.clone(), state);
                (one, state) = (weights, Some(moments));
                (other, known) = burns.step(0.05, other, gradient, known);
            }
            for (ours, burns) in values(one).iter().zip(values(other)) {
                assert!((ours - burns).abs() < 1e-5 * burns.abs().max(1.0), "{ours}, not {burns}");
            }
        }
    }
}
