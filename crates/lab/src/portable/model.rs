//! Following written steps.

use burn::tensor::module::{conv2d, linear, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor, TensorData, activation::relu};
use protocol::WeightsUse;

use super::check::Shelf;
use super::{NamedTensor, Portable};
use crate::{LabError, Model, normalize};

/// A model that follows written steps.
#[derive(Clone, Debug)]
pub struct PortableModel {
    file: Portable,
    steps: Vec<Step>,
    dims: usize,
    parameters: u64,
    orthogonality: Option<f64>,
}

/// A step with its tensors at hand.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Flatten,
    Relu,
    Normalize,
    MaxPool(usize),
    Linear(Tensor<2>, Option<Tensor<1>>),
    Conv2d { weight: Tensor<4>, bias: Option<Tensor<1>>, stride: usize, padding: usize },
    GroupNorm { gamma: Tensor<1>, beta: Tensor<1>, groups: usize, epsilon: f64 },
    BasisTransformation { split: usize, old: Option<Box<OldBranch>>, from_new: Tensor<2> },
}

/// The old branch of BT2.
#[derive(Clone, Debug)]
pub(super) struct OldBranch {
    pub(super) weight: Tensor<2>,
    pub(super) bias: Tensor<1>,
    pub(super) matrix: Tensor<2>,
}

/// What flows between steps: maps before flattening, rows after.
enum Flow {
    Maps(Tensor<4>),
    Rows(Tensor<2>),
}

impl PortableModel {
    /// Puts steps and tensors of a file on `device` and checks that they fit together.
    ///
    /// # Errors
    /// [`LabError::File`] if a tensor is missing, has another shape than its step needs, or a step comes where it cannot.
    pub fn new(
        steps: &[WeightsUse],
        tensors: &[NamedTensor],
        input: [usize; 3],
        dims: usize,
        device: &Device,
    ) -> Result<Self, LabError> {
        let shelf = Shelf { tensors, device };
        let file = Portable {
            steps: steps.to_vec(),
            tensors: tensors
                .iter()
                .map(|tensor| {
                    let data = TensorData::new(tensor.values.clone(), [tensor.values.len()]);
                    (tensor.name.clone(), tensor.shape.clone(), Tensor::from_data(data, device))
                })
                .collect(),
        };
        let parameters = tensors.iter().map(|tensor| tensor.values.len() as u64).sum();
        let steps = shelf.steps(steps, input, dims)?;
        Ok(Self { file, steps, dims, parameters, orthogonality: None })
    }

    /// The same with what its card says of the rotations that are folded into its weights.
    pub(crate) fn with_orthogonality(mut self, error: Option<f64>) -> Self {
        self.orthogonality = error;
        self
    }
}

impl Model for PortableModel {
    fn embed(&self, images: Tensor<4>) -> Tensor<2> {
        let end = self.steps.iter().fold(Flow::Maps(images), |flow, step| step.apply(flow));
        match end {
            Flow::Rows(rows) => rows,
            Flow::Maps(maps) => maps.flatten(1, 3),
        }
    }

    fn dims(&self) -> usize {
        self.dims
    }

    fn parameters(&self) -> u64 {
        self.parameters
    }

    fn portable(&self) -> Portable {
        self.file.clone()
    }

    fn orthogonality(&self) -> Option<Tensor<1>> {
        let error = self.orthogonality? as f32;
        self.file.tensors.first().map(|(_, _, tensor)| Tensor::from_floats([error], &tensor.device()))
    }
}

impl Step {
    /// Applies the step. Steps were checked to fit when the model was made.
    fn apply(&self, flow: Flow) -> Flow {
        let rows = |flow| match flow {
            Flow::Rows(rows) => rows,
            Flow::Maps(maps) => maps.flatten(1, 3),
        };
        match (self, flow) {
            (Self::Relu, Flow::Maps(maps)) => Flow::Maps(relu(maps)),
            (Self::MaxPool(size), Flow::Maps(maps)) => {
                Flow::Maps(max_pool2d(maps, MaxPoolOptions::new([*size, *size])))
            }
            (Self::Conv2d { weight, bias, stride, padding }, Flow::Maps(maps)) => {
                let options = ConvOptions::new([*stride, *stride], [*padding, *padding], [1, 1], 1);
                Flow::Maps(conv2d(maps, weight.clone(), bias.clone(), options))
            }
            (Self::GroupNorm { gamma, beta, groups, epsilon }, Flow::Maps(maps)) => {
                Flow::Maps(group_norm(maps, gamma, beta, *groups, *epsilon))
            }
            (Self::Relu, flow) => Flow::Rows(relu(rows(flow))),
            (Self::Normalize, flow) => Flow::Rows(normalize(rows(flow))),
            (Self::Linear(weight, bias), flow) => Flow::Rows(linear(rows(flow), weight.clone(), bias.clone())),
            (Self::BasisTransformation { split, old, from_new }, flow) => {
                let u = rows(flow);
                let f = normalize(u.clone().narrow(1, 0, *split));
                let new_part = f.matmul(from_new.clone().transpose());
                Flow::Rows(match old {
                    Some(branch) => {
                        let OldBranch { weight, bias, matrix } = branch.as_ref();
                        let o = normalize(linear(relu(u), weight.clone(), Some(bias.clone())));
                        new_part + o.matmul(matrix.clone().transpose())
                    }
                    None => new_part,
                })
            }
            (Self::Flatten | Self::MaxPool(_) | Self::Conv2d { .. } | Self::GroupNorm { .. }, flow) => {
                Flow::Rows(rows(flow))
            }
        }
    }
}

/// Group normalisation over channels and pixels.
///
/// # Shapes
/// - maps, output: `[batch, channels, height, width]`
/// - gamma, beta: `[channels]`
fn group_norm(maps: Tensor<4>, gamma: &Tensor<1>, beta: &Tensor<1>, groups: usize, epsilon: f64) -> Tensor<4> {
    let [batch, channels, height, width] = maps.dims();
    let grouped = maps.reshape([batch, groups, channels / groups * height * width]);
    let centred = grouped.clone() - grouped.mean_dim(2);
    let variance = centred.clone().powi_scalar(2).mean_dim(2);
    let unit = (centred / variance.add_scalar(epsilon).sqrt()).reshape([batch, channels, height, width]);
    let spread = |values: &Tensor<1>| values.clone().reshape([1, channels, 1, 1]);
    unit * spread(gamma) + spread(beta)
}
