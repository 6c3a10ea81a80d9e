//! The field of velocities that carries noise to data: what the methods of the family train.

use std::f64::consts::PI;

use burn::module::Module;
use burn::tensor::Tensor;

use crate::encoders::{EncoderConfig, Mlp};
use crate::numbers::keep;
use crate::{Inputs, LabError, Portable, Setup};

/// Waves of the time that the network sees, each twice as fast as the one before.
const WAVES: u32 = 3;
/// Numbers that stand for a time: itself, sine and cosine of each wave.
const TIMES: usize = 1 + 2 * WAVES as usize;

/// How fast and where to a point moves at a time: an MLP of the point and of the time, which runs from 0, where all is noise, to 1.
#[derive(Module, Debug)]
pub struct Velocity {
    net: Mlp,
}

impl Velocity {
    /// A field over points as wide as the items, by the network of the stage.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if that is no MLP.
    pub fn new(setup: &mut Setup) -> Result<Self, LabError> {
        let EncoderConfig::Mlp(config) = EncoderConfig::of(&setup.stage.encoder)? else {
            return Err(LabError::Scenario(super::NO_MLP.to_owned()));
        };
        let width = setup.input.size();
        Ok(Self { net: config.init(width + TIMES, width, &mut setup.init) })
    }

    /// # Shapes
    /// - points: `[batch, width]`
    /// - times: `[batch, 1]`, in `0..=1`
    /// - output: `[batch, width]`
    pub fn at(&self, points: Tensor<2>, times: Tensor<2>) -> Tensor<2> {
        let mut seen = vec![points, times.clone()];
        for wave in 0..WAVES {
            let angles = times.clone().mul_scalar(PI * f64::from(1 << wave));
            seen.extend([angles.clone().sin(), angles.cos()]);
        }
        self.net.forward(Tensor::cat(seen, 1))
    }

    /// Where so many Euler steps of one length lead from noise: the points after each of them.
    ///
    /// # Shapes
    /// - noise, each of the output: `[batch, width]`
    pub fn path(&self, noise: Tensor<2>, steps: usize) -> Vec<Tensor<2>> {
        let [batch, _] = noise.dims();
        let (mut at, mut path) = (noise, Vec::with_capacity(steps));
        for step in 0..steps {
            let time = Tensor::full([batch, 1], step as f64 / steps as f64, &at.device());
            let velocity = self.at(at.clone(), time);
            at = at + velocity.div_scalar(steps as f64);
            path.push(at.clone());
        }
        path
    }

    /// [`Velocity::path`] of a model that is given rows of noise.
    ///
    /// # Errors
    /// [`LabError::Items`] if the noise is sequences.
    pub fn travel(&self, noise: &Inputs, steps: usize) -> Result<Vec<Inputs>, LabError> {
        Ok(self.path(noise.flat()?, steps).into_iter().map(Inputs::Rows).collect())
    }

    /// Its tensors, for a file: the loop over the steps is no forward pass that can be written down.
    pub fn portable(&self) -> Portable {
        let mut file = Portable::default();
        keep(self, &mut file);
        file
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use burn::tensor::{Device, TensorData};
    use data::Seed;
    use pollster::block_on;
    use protocol::Values;

    use super::*;
    use crate::Init;
    use crate::encoders::MlpConfig;
    use crate::engine::read;
    use crate::numbers::{load, parameters};

    /// A field over the plane with these numbers in the bias of its last layer, and nothing else but 0.
    pub(crate) fn constant(velocity: [f32; 2]) -> Velocity {
        let config = MlpConfig::of(&Values::from([("hidden".to_owned(), 16.0), ("depth".to_owned(), 2.0)]));
        let mut init = Init::new(Seed(1).stream("velocity"), Device::flex());
        let field = Velocity { net: config.init(2 + TIMES, 2, &mut init) };
        let count: usize = parameters(&field).iter().map(|numbers| numbers.shape().num_elements()).sum();
        let mut numbers = vec![0.0; count - 2];
        numbers.extend(velocity);
        let (field, left) = load(field, &numbers);
        assert_eq!(left, Some(&[][..]));
        field
    }

    pub(crate) fn points(values: &[f32]) -> Tensor<2> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len() / 2, 2]), &Device::flex())
    }

    #[test]
    fn euler_is_exact_where_the_velocity_is_constant() {
        let field = constant([1.5, -0.5]);
        for steps in [1, 2, 4, 32] {
            let path = field.path(points(&[0.0, 0.0, 1.0, 2.0]), steps);
            assert_eq!(path.len(), steps);
            let end = block_on(read(path.last().unwrap().clone())).unwrap();
            for (found, expected) in end.iter().zip([1.5, -0.5, 2.5, 1.5]) {
                assert!((found - expected).abs() < 1e-5, "{steps} steps: {end:?}");
            }
        }
        let half = field.path(points(&[0.0, 0.0]), 2).into_iter().next().unwrap();
        assert_eq!(block_on(read(half)).unwrap(), [0.75, -0.25]);
    }

    #[test]
    fn a_file_holds_every_number() {
        let field = constant([1.5, -0.5]);
        assert_eq!(field.portable().parameters(), field.num_params() as u64);
        let (steps, tensors) = block_on(field.portable().into_host()).unwrap();
        let names: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
        assert_eq!((steps.len(), names.len()), (0, 6));
        assert_eq!(names.last(), Some(&"net.output.bias"));
    }
}
