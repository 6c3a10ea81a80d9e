//! Checking that written steps and their tensors fit together, so that following them cannot fail.

use burn::tensor::Tensor;
use protocol::WeightsUse;

use super::Portable;
use super::shape::Shape;
use super::step::{Activation, Step};
use crate::LabError;

/// Most numbers that one item may become between two steps: twice what the widest transformer makes of the largest image.
const MOST_NUMBERS: usize = 1 << 20;
/// Most numbers in the attention of one item: that of four heads between the most tokens that there can be.
const MOST_ATTENTION: usize = 1 << 22;
/// Most steps and branches, nested ones counted.
const MOST_STEPS: usize = 10_000;
/// How deep steps may be nested.
const MOST_NESTED: usize = 32;

/// Steps and branches, nested ones counted; `None` if they are nested deeper than `depth`.
fn count(steps: &[WeightsUse], depth: usize) -> Option<usize> {
    let mut all = steps.len();
    for step in steps {
        match step {
            WeightsUse::Residual { steps } => all += count(steps, depth.checked_sub(1)?)?,
            WeightsUse::Concat { branches } => {
                for branch in branches {
                    all += 1 + count(branch, depth.checked_sub(1)?)?;
                }
            }
            _ => {}
        }
    }
    Some(all)
}

impl Portable {
    /// The tensor `name` with `D` dimensions.
    fn lookup<const D: usize>(&self, name: &str) -> Result<Tensor<D>, LabError> {
        let found = self.tensors.iter().find(|(other, ..)| other == name);
        let (_, shape, flat) = found.ok_or_else(|| LabError::File(format!("it has no tensor '{name}'")))?;
        let shape: [usize; D] = shape.clone().try_into().map_err(|shape: Vec<usize>| {
            LabError::File(format!("tensor '{name}' has {} dimensions, expected {D}", shape.len()))
        })?;
        Ok(flat.clone().reshape(shape))
    }

    /// The tensor `name` with exactly this shape.
    fn exact<const D: usize>(&self, name: &str, shape: [usize; D]) -> Result<Tensor<D>, LabError> {
        let tensor = self.lookup(name)?;
        let found = tensor.dims();
        if found != shape {
            return Err(LabError::File(format!("tensor '{name}' has shape {found:?}, expected {shape:?}")));
        }
        Ok(tensor)
    }

    /// The steps, checked to lead from `input` to a row of `dims`.
    pub(super) fn checked(&self, input: Shape, dims: usize) -> Result<Vec<Step>, LabError> {
        if count(&self.steps, MOST_NESTED).is_none_or(|steps| steps > MOST_STEPS) {
            return Err(LabError::File(format!(
                "its forward pass has more than {MOST_STEPS} steps or more than {MOST_NESTED} of them inside each other"
            )));
        }
        let mut shape = input.within(MOST_NUMBERS)?;
        let steps = self.sequence(&self.steps, &mut shape)?;
        if shape != Shape::Row(dims) {
            return Err(LabError::File(format!(
                "its forward pass ends in {} numbers, the card says {dims}",
                shape.size()
            )));
        }
        Ok(steps)
    }

    /// Steps one after the other; `shape` is what comes in and becomes what goes out.
    fn sequence(&self, uses: &[WeightsUse], shape: &mut Shape) -> Result<Vec<Step>, LabError> {
        uses.iter()
            .map(|step| {
                let (step, after) = self.step(step, *shape)?;
                *shape = after.within(MOST_NUMBERS)?;
                Ok(step)
            })
            .collect()
    }

    /// One step and the shape after it; `shape` is what comes in.
    pub(super) fn step(&self, step: &WeightsUse, shape: Shape) -> Result<(Step, Shape), LabError> {
        match step {
            WeightsUse::Flatten => Ok((Step::Flatten, Shape::Row(shape.size()))),
            WeightsUse::Slice { start, length } => {
                let (width, start, length) = (shape.row("a part of a row")?, *start as usize, *length as usize);
                if length == 0 || start.saturating_add(length) > width {
                    return Err(LabError::File(format!(
                        "it takes {length} numbers from number {start} on of a row of {width}"
                    )));
                }
                Ok((Step::Slice { start, length }, Shape::Row(length)))
            }
            WeightsUse::Relu => Ok((Step::Activation(Activation::Relu), shape)),
            WeightsUse::Gelu => Ok((Step::Activation(Activation::Gelu), shape)),
            WeightsUse::Normalize => Ok((Step::Normalize, Shape::Row(shape.row("normalisation")?))),
            WeightsUse::MaxPool { size } => {
                let [channels, rows, columns] = shape.maps("pooling")?;
                let size = *size as usize;
                if size == 0 || rows < size || columns < size {
                    return Err(LabError::File(format!("it pools over {size} pixels of a map of {rows} x {columns}")));
                }
                Ok((Step::MaxPool(size), Shape::Maps([channels, rows / size, columns / size])))
            }
            WeightsUse::Linear { weight, bias } => {
                let width = shape.width("a linear layer")?;
                let weight: Tensor<2> = self.lookup(weight)?;
                let [inputs, outputs] = weight.dims();
                if inputs != width {
                    return Err(LabError::File(format!("a layer takes {inputs} numbers where {width} come")));
                }
                let bias = bias.as_ref().map(|bias| self.exact(bias, [outputs])).transpose()?;
                Ok((Step::Linear(weight, bias), shape.with_width(outputs)))
            }
            WeightsUse::Conv2d { weight, bias, stride, padding } => {
                let [channels, rows, columns] = shape.maps("a convolution")?;
                let weight: Tensor<4> = self.lookup(weight)?;
                let [outputs, inputs, kernel, kernel_columns] = weight.dims();
                let (stride, padding) = (*stride as usize, *padding as usize);
                let [tall, wide] = [rows, columns].map(|length| padding.saturating_mul(2).saturating_add(length));
                let room = tall.min(wide);
                if inputs != channels || kernel != kernel_columns || stride == 0 || kernel == 0 || room < kernel {
                    return Err(LabError::File(format!(
                        "a convolution does not fit {channels} maps of {rows} x {columns}"
                    )));
                }
                Shape::Maps([channels, tall, wide]).within(MOST_NUMBERS)?;
                let size = |length: usize| (length - kernel) / stride + 1;
                let after = Shape::Maps([outputs, size(tall), size(wide)]);
                let bias = bias.as_ref().map(|bias| self.exact(bias, [outputs])).transpose()?;
                Ok((Step::Conv2d { weight, bias, stride, padding }, after))
            }
            WeightsUse::GroupNorm { gamma, beta, groups, epsilon } => {
                let [channels, ..] = shape.maps("group normalisation")?;
                let groups = *groups as usize;
                if groups == 0 || channels % groups != 0 {
                    return Err(LabError::File(format!("{channels} channels do not divide into {groups} groups")));
                }
                let (gamma, beta) = (self.exact(gamma, [channels])?, self.exact(beta, [channels])?);
                Ok((Step::GroupNorm { gamma, beta, groups, epsilon: *epsilon }, shape))
            }
            WeightsUse::Patchify { size } => {
                let [channels, rows, columns] = shape.maps("patches")?;
                let size = *size as usize;
                if size == 0 || !rows.is_multiple_of(size) || !columns.is_multiple_of(size) {
                    return Err(LabError::File(format!(
                        "a map of {rows} x {columns} does not divide into patches of {size} x {size}"
                    )));
                }
                // The map is as large, so nothing overflows.
                let after = Shape::Tokens([rows / size * (columns / size), channels * size * size]);
                Ok((Step::Patchify(size), after))
            }
            WeightsUse::AddPositions { positions } => {
                let positions = self.exact(positions, shape.tokens("positions")?)?;
                Ok((Step::AddPositions(positions), shape))
            }
            WeightsUse::LayerNorm { gamma, beta, epsilon } => {
                let width = shape.width("layer normalisation")?;
                let (gamma, beta) = (self.exact(gamma, [width])?, self.exact(beta, [width])?);
                Ok((Step::LayerNorm { gamma, beta, epsilon: *epsilon }, shape))
            }
            WeightsUse::Attention { heads } => {
                let [count, width] = shape.tokens("attention")?;
                let heads = *heads as usize;
                if heads == 0 || width == 0 || !width.is_multiple_of(heads.saturating_mul(3)) {
                    return Err(LabError::File(format!(
                        "tokens of {width} numbers do not divide into query, key and value of {heads} heads"
                    )));
                }
                Shape::Maps([heads, count, count]).within(MOST_ATTENTION)?;
                Ok((Step::Attention(heads), Shape::Tokens([count, width / 3])))
            }
            WeightsUse::Residual { steps } => {
                let mut after = shape;
                let steps = self.sequence(steps, &mut after)?;
                if after != shape {
                    return Err(LabError::File(format!(
                        "{} numbers cannot be added to the {} that they were made of",
                        after.size(),
                        shape.size()
                    )));
                }
                Ok((Step::Residual(steps), shape))
            }
            WeightsUse::Concat { branches } => {
                let mut width = 0_usize;
                let mut checked = Vec::with_capacity(branches.len());
                for steps in branches {
                    let mut after = shape;
                    checked.push(self.sequence(steps, &mut after)?);
                    width = width.saturating_add(after.row("a concatenation")?);
                }
                if checked.is_empty() {
                    return Err(LabError::File("it concatenates nothing".to_owned()));
                }
                Ok((Step::Concat(checked), Shape::Row(width)))
            }
            WeightsUse::MeanTokens => {
                let [_, width] = shape.tokens("a mean over tokens")?;
                Ok((Step::MeanTokens, Shape::Row(width)))
            }
        }
    }
}
