//! Written steps as a model.

use burn::tensor::{Device, Tensor};
use protocol::WeightsUse;

use super::shape::Shape;
use super::step::{Flow, Step};
use super::{NamedTensor, Portable};
use crate::{Bridge, Inputs, LabError, Model};

/// A model that follows written steps.
#[derive(Clone, Debug)]
pub struct PortableModel {
    file: Portable,
    steps: Vec<Step>,
    input: [usize; 3],
    dims: usize,
    orthogonality: Option<f64>,
    bridge: Option<Bridge>,
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
        Self::written(Portable::from_host(steps, tensors, device)?, input, dims)
    }

    /// The model that `file` writes down, for images of shape `input` (channels, height, width).
    ///
    /// # Errors
    /// As [`PortableModel::new`].
    pub fn written(file: Portable, input: [usize; 3], dims: usize) -> Result<Self, LabError> {
        let steps = file.checked(Shape::Maps(input), dims)?;
        Ok(Self { file, steps, input, dims, orthogonality: None, bridge: None })
    }

    /// The same with a bridge to the model before it.
    pub(crate) fn with_bridge(mut self, bridge: Option<Bridge>) -> Self {
        self.bridge = bridge;
        self
    }

    /// The same with what its card says of the rotations that are folded into its weights.
    pub(crate) fn with_orthogonality(mut self, error: Option<f64>) -> Self {
        self.orthogonality = error;
        self
    }
}

impl Model for PortableModel {
    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        let maps = match items {
            Inputs::Pixels(images) => images.clone(),
            // Rows are written as pictures of one line.
            Inputs::Rows(rows) => {
                let [batch, width] = rows.dims();
                rows.clone().reshape([batch, 1, 1, width])
            }
            Inputs::Tokens(_) => items.pixels()?,
        };
        let [_, channels, height, width] = maps.dims();
        if [channels, height, width] != self.input {
            return Err(LabError::File(format!(
                "it takes items of {:?} numbers, but was given some of {:?}",
                self.input,
                [channels, height, width]
            )));
        }
        Ok(self.steps.iter().fold(Flow::Maps(maps), |flow, step| step.apply(flow)).rows())
    }

    fn dims(&self) -> usize {
        self.dims
    }

    fn parameters(&self) -> u64 {
        self.file.parameters() + self.bridge.as_ref().map_or(0, Bridge::parameters)
    }

    fn portable(&self) -> Portable {
        self.file.clone()
    }

    fn orthogonality(&self) -> Option<Tensor<1>> {
        let error = self.orthogonality? as f32;
        self.file.tensors.first().map(|(_, _, tensor)| Tensor::from_floats([error], &tensor.device()))
    }

    fn bridge(&self) -> Result<Option<Bridge>, LabError> {
        Ok(self.bridge.clone())
    }
}

/// A written function of rows.
#[derive(Clone, Debug)]
pub struct RowMap {
    file: Portable,
    steps: Vec<Step>,
    inputs: usize,
    dims: usize,
}

impl RowMap {
    /// The function that `file` writes down, from rows of `inputs` numbers to rows of `dims`.
    ///
    /// # Errors
    /// [`LabError::File`] if steps and tensors do not fit together.
    pub fn new(file: Portable, inputs: usize, dims: usize) -> Result<Self, LabError> {
        let steps = file.checked(Shape::Row(inputs), dims)?;
        Ok(Self { file, steps, inputs, dims })
    }

    /// Numbers per row that come in.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Numbers per row that go out.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// # Shapes
    /// - rows: `[batch, inputs]`
    /// - output: `[batch, dims]`
    pub fn apply(&self, rows: Tensor<2>) -> Tensor<2> {
        self.steps.iter().fold(Flow::Rows(rows), |flow, step| step.apply(flow)).rows()
    }

    /// What is written down.
    pub fn portable(&self) -> Portable {
        self.file.clone()
    }
}
