//! Checking that written steps and their tensors fit together, so that following them cannot fail.

use burn::tensor::{Device, Tensor, TensorData};
use protocol::WeightsUse;

use super::NamedTensor;
use super::model::{OldBranch, Step};
use crate::LabError;

/// The tensors of a file, to be found by name and checked by shape.
pub(super) struct Shelf<'a> {
    pub(super) tensors: &'a [NamedTensor],
    pub(super) device: &'a Device,
}

impl Shelf<'_> {
    /// The tensor `name` with `D` dimensions.
    fn find<const D: usize>(&self, name: &str) -> Result<Tensor<D>, LabError> {
        let found = self.tensors.iter().find(|tensor| tensor.name == name);
        let tensor = found.ok_or_else(|| LabError::File(format!("it has no tensor '{name}'")))?;
        let shape: [usize; D] = tensor.shape.clone().try_into().map_err(|shape: Vec<usize>| {
            LabError::File(format!("tensor '{name}' has {} dimensions, expected {D}", shape.len()))
        })?;
        if shape.iter().product::<usize>() != tensor.values.len() {
            return Err(LabError::File(format!("tensor '{name}' does not hold the numbers that its shape says")));
        }
        Ok(Tensor::from_data(TensorData::new(tensor.values.clone(), shape), self.device))
    }

    /// The tensor `name` with exactly this shape.
    fn exact<const D: usize>(&self, name: &str, shape: [usize; D]) -> Result<Tensor<D>, LabError> {
        let tensor = self.find(name)?;
        let found = tensor.dims();
        if found != shape {
            return Err(LabError::File(format!("tensor '{name}' has shape {found:?}, expected {shape:?}")));
        }
        Ok(tensor)
    }

    /// All steps, checked from the input's shape to `dims`.
    pub(super) fn steps(&self, uses: &[WeightsUse], input: [usize; 3], dims: usize) -> Result<Vec<Step>, LabError> {
        let mut width = Width { maps: Some(input), rows: input.iter().product() };
        let steps = uses.iter().map(|step| self.step(step, &mut width)).collect::<Result<_, _>>()?;
        if width.maps.is_some() || width.rows != dims {
            return Err(LabError::File(format!(
                "its forward pass ends in {} numbers, the card says {dims}",
                width.rows
            )));
        }
        Ok(steps)
    }

    /// One step; `width` is what comes in and becomes what goes out.
    fn step(&self, step: &WeightsUse, width: &mut Width) -> Result<Step, LabError> {
        let before_flattening = |maps: Option<[usize; 3]>, what: &str| {
            maps.ok_or_else(|| LabError::File(format!("its forward pass has {what} after flattening")))
        };
        match step {
            WeightsUse::Flatten => {
                width.maps = None;
                Ok(Step::Flatten)
            }
            WeightsUse::Relu => Ok(Step::Relu),
            WeightsUse::Normalize => Ok(Step::Normalize),
            WeightsUse::MaxPool { size } => {
                let [channels, rows, columns] = before_flattening(width.maps, "pooling")?;
                let size = *size as usize;
                if size == 0 || rows < size || columns < size {
                    return Err(LabError::File(format!("it pools over {size} pixels of a map of {rows} x {columns}")));
                }
                width.set_maps([channels, rows / size, columns / size]);
                Ok(Step::MaxPool(size))
            }
            WeightsUse::Linear { weight, bias } => {
                let weight: Tensor<2> = self.find(weight)?;
                let [inputs, outputs] = weight.dims();
                width.expect(inputs)?;
                width.set_rows(outputs);
                let bias = bias.as_ref().map(|bias| self.exact(bias, [outputs])).transpose()?;
                Ok(Step::Linear(weight, bias))
            }
            WeightsUse::Conv2d { weight, bias, stride, padding } => {
                let [channels, rows, columns] = before_flattening(width.maps, "a convolution")?;
                let weight: Tensor<4> = self.find(weight)?;
                let [outputs, inputs, kernel, kernel_columns] = weight.dims();
                let (stride, padding) = (*stride as usize, *padding as usize);
                let room = rows.min(columns) + 2 * padding;
                if inputs != channels || kernel != kernel_columns || stride == 0 || kernel == 0 || room < kernel {
                    return Err(LabError::File(format!(
                        "a convolution does not fit {channels} maps of {rows} x {columns}"
                    )));
                }
                let size = |length: usize| (length + 2 * padding - kernel) / stride + 1;
                width.set_maps([outputs, size(rows), size(columns)]);
                let bias = bias.as_ref().map(|bias| self.exact(bias, [outputs])).transpose()?;
                Ok(Step::Conv2d { weight, bias, stride, padding })
            }
            WeightsUse::GroupNorm { gamma, beta, groups, epsilon } => {
                let [channels, ..] = before_flattening(width.maps, "group normalisation")?;
                let groups = *groups as usize;
                if groups == 0 || channels % groups != 0 {
                    return Err(LabError::File(format!("{channels} channels do not divide into {groups} groups")));
                }
                let (gamma, beta) = (self.exact(gamma, [channels])?, self.exact(beta, [channels])?);
                Ok(Step::GroupNorm { gamma, beta, groups, epsilon: *epsilon })
            }
            WeightsUse::BasisTransformation { split, old_weight, old_bias, from_old, from_new } => {
                let (inputs, split) = (width.rows, *split as usize);
                let from_new: Tensor<2> = self.find(from_new)?;
                let [outputs, columns] = from_new.dims();
                if columns != split || split > inputs {
                    return Err(LabError::File(format!(
                        "the new branch has {columns} columns for {split} of {inputs} numbers"
                    )));
                }
                let old = match (old_weight, old_bias, from_old) {
                    (Some(weight), Some(bias), Some(matrix)) => {
                        let matrix: Tensor<2> = self.find(matrix)?;
                        let [_, r] = matrix.dims();
                        let matrix = if matrix.dims() == [outputs, r] {
                            matrix
                        } else {
                            return Err(LabError::File("the two branches have different dims".to_owned()));
                        };
                        let (weight, bias) = (self.exact(weight, [inputs, r])?, self.exact(bias, [r])?);
                        Some(Box::new(OldBranch { weight, bias, matrix }))
                    }
                    (None, None, None) => None,
                    _ => return Err(LabError::File("the old branch is incomplete".to_owned())),
                };
                width.set_rows(outputs);
                Ok(Step::BasisTransformation { split, old, from_new })
            }
        }
    }
}

/// The shape that flows through the steps.
struct Width {
    maps: Option<[usize; 3]>,
    rows: usize,
}

impl Width {
    fn set_maps(&mut self, maps: [usize; 3]) {
        self.maps = Some(maps);
        self.rows = maps.iter().product();
    }

    fn set_rows(&mut self, rows: usize) {
        self.maps = None;
        self.rows = rows;
    }

    fn expect(&self, inputs: usize) -> Result<(), LabError> {
        if self.maps.is_some() || self.rows != inputs {
            return Err(LabError::File(format!("a layer takes {inputs} numbers where {} come", self.rows)));
        }
        Ok(())
    }
}
