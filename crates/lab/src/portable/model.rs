//! Written steps as a model.

use burn::tensor::{Device, Tensor, TensorData};
use protocol::WeightsUse;

use super::check::Shelf;
use super::step::{Flow, Step};
use super::{NamedTensor, Portable};
use crate::{LabError, Model};

/// A model that follows written steps.
#[derive(Clone, Debug)]
pub struct PortableModel {
    file: Portable,
    steps: Vec<Step>,
    dims: usize,
    parameters: u64,
    orthogonality: Option<f64>,
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
        self.steps.iter().fold(Flow::Maps(images), |flow, step| step.apply(flow)).rows()
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
