//! Models as data: a list of steps over named tensors, which any language can follow, and which this crate follows too.
//!
//! Whatever method made a model, what leaves the lab is its forward pass written out, with rotations already multiplied
//! in. So import needs no code of any method, and the loader in the documentation is short.

mod check;
mod model;
#[cfg(feature = "wide")]
mod operations;
mod shape;
mod step;

use std::collections::BTreeSet;

use burn::nn::conv::Conv2d;
use burn::nn::{GroupNorm, LayerNorm, Linear};
use burn::tensor::{Device, Tensor, TensorData};
use protocol::WeightsUse;

pub use model::{PortableModel, RowMap};

use crate::LabError;
use crate::engine::read;
use crate::init::LAYER_NORM_EPSILON;

/// A tensor on the host, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTensor {
    /// Name in the file.
    pub name: String,
    /// Shape.
    pub shape: Vec<usize>,
    /// Numbers.
    pub values: Vec<f32>,
}

/// A forward pass being written down: its steps and its tensors, still on their engine.
#[derive(Clone, Debug, Default)]
pub struct Portable {
    steps: Vec<WeightsUse>,
    tensors: Vec<(String, Vec<usize>, Tensor<1>)>,
}

impl Portable {
    /// Puts the steps, and those tensors of a file that they use, on `device`.
    ///
    /// # Errors
    /// [`LabError::File`] if a tensor does not hold the numbers that its shape says.
    pub fn from_host(steps: &[WeightsUse], tensors: &[NamedTensor], device: &Device) -> Result<Self, LabError> {
        let put = |tensor: &NamedTensor| {
            if tensor.shape.iter().product::<usize>() != tensor.values.len() {
                let name = &tensor.name;
                return Err(LabError::File(format!("tensor '{name}' does not hold the numbers that its shape says")));
            }
            let data = TensorData::new(tensor.values.clone(), [tensor.values.len()]);
            Ok((tensor.name.clone(), tensor.shape.clone(), Tensor::from_data(data, device)))
        };
        let used: BTreeSet<String> = steps.iter().flat_map(WeightsUse::tensors).collect();
        let tensors = tensors.iter().filter(|tensor| used.contains(&tensor.name)).map(put);
        Ok(Self { steps: steps.to_vec(), tensors: tensors.collect::<Result<_, _>>()? })
    }

    /// Numbers in all tensors.
    pub(crate) fn parameters(&self) -> u64 {
        self.tensors.iter().map(|(_, shape, _)| shape.iter().product::<usize>() as u64).sum()
    }

    /// Keeps a tensor that no step uses: of models whose forward pass is not written down, or state beside it.
    pub fn keep<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) {
        self.tensor(name.to_owned(), tensor);
    }

    /// The tensor `name`; gives the name back.
    fn tensor<const D: usize>(&mut self, name: String, tensor: Tensor<D>) -> String {
        let shape = tensor.dims();
        let flat = tensor.reshape([shape.iter().product::<usize>()]);
        self.tensors.push((name.clone(), shape.to_vec(), flat));
        name
    }

    /// The tensor `name`, if there is one of this shape.
    pub(crate) fn find<const D: usize>(&self, name: &str, shape: [usize; D]) -> Option<Tensor<D>> {
        let found = self.tensors.iter().find(|(other, found, _)| other == name && found == &shape);
        found.map(|(_, _, flat)| flat.clone().reshape(shape))
    }

    /// Flattens everything but the batch.
    pub fn flatten(&mut self) {
        self.steps.push(WeightsUse::Flatten);
    }

    /// The numbers of a row from number `start` on, `length` of them.
    pub fn slice(&mut self, start: usize, length: usize) {
        self.steps.push(WeightsUse::Slice { start: start as u32, length: length as u32 });
    }

    /// A row of `dims` numbers times `factor`; the matrix for it goes to `device`.
    pub fn scale(&mut self, factor: f64, dims: usize, device: &Device) {
        let matrix = Tensor::<2>::eye(dims, device).mul_scalar(factor);
        self.affine("scale", matrix, None);
    }

    /// A rectifier.
    pub fn relu(&mut self) {
        self.steps.push(WeightsUse::Relu);
    }

    /// The exact Gaussian error linear unit.
    pub fn gelu(&mut self) {
        self.steps.push(WeightsUse::Gelu);
    }

    /// Max pooling with window and stride `size`.
    pub fn max_pool(&mut self, size: u32) {
        self.steps.push(WeightsUse::MaxPool { size });
    }

    /// Division by the L2 norm.
    pub fn normalize(&mut self) {
        self.steps.push(WeightsUse::Normalize);
    }

    /// The map `x W + b` by its matrix.
    ///
    /// # Shapes
    /// - weight: `[in, out]`
    /// - bias: `[out]`
    pub fn affine(&mut self, name: &str, weight: Tensor<2>, bias: Option<Tensor<1>>) {
        let weight = self.tensor(format!("{name}.weight"), weight);
        let bias = bias.map(|bias| self.tensor(format!("{name}.bias"), bias));
        self.steps.push(WeightsUse::Linear { weight, bias });
    }

    /// A linear layer.
    pub fn linear(&mut self, name: &str, layer: &Linear) {
        self.affine(name, layer.weight.val(), layer.bias.as_ref().map(|bias| bias.val()));
    }

    /// A convolution that keeps height and width.
    pub fn convolution(&mut self, name: &str, layer: &Conv2d) {
        let [_, _, kernel, _] = layer.weight.val().dims();
        let weight = self.tensor(format!("{name}.weight"), layer.weight.val());
        let bias = layer.bias.as_ref().map(|bias| self.tensor(format!("{name}.bias"), bias.val()));
        self.steps.push(WeightsUse::Conv2d { weight, bias, stride: 1, padding: (kernel / 2) as u32 });
    }

    /// Group normalisation with scale and shift.
    pub fn group_norm(&mut self, name: &str, layer: &GroupNorm) {
        if let (Some(gamma), Some(beta)) = (&layer.gamma, &layer.beta) {
            let gamma = self.tensor(format!("{name}.gamma"), gamma.val());
            let beta = self.tensor(format!("{name}.beta"), beta.val());
            let (groups, epsilon) = (layer.num_groups as u32, layer.epsilon);
            self.steps.push(WeightsUse::GroupNorm { gamma, beta, groups, epsilon });
        }
    }

    /// Patches as tokens.
    pub fn patchify(&mut self, size: u32) {
        self.steps.push(WeightsUse::Patchify { size });
    }

    /// A vector for each place, `[tokens, width]`.
    pub fn add_positions(&mut self, name: &str, positions: Tensor<2>) {
        let positions = self.tensor(name.to_owned(), positions);
        self.steps.push(WeightsUse::AddPositions { positions });
    }

    /// Layer normalisation with scale and shift, as [`crate::Init::layer_norm`] makes it.
    pub fn layer_norm(&mut self, name: &str, layer: &LayerNorm) {
        if let Some(beta) = &layer.beta {
            let gamma = self.tensor(format!("{name}.gamma"), layer.gamma.val());
            let beta = self.tensor(format!("{name}.beta"), beta.val());
            self.steps.push(WeightsUse::LayerNorm { gamma, beta, epsilon: LAYER_NORM_EPSILON });
        }
    }

    /// Self-attention of tokens that hold query, key and value.
    pub fn attention(&mut self, heads: u32) {
        self.steps.push(WeightsUse::Attention { heads });
    }

    /// What `write` writes, added to its own input.
    pub fn residual(&mut self, write: impl FnOnce(&mut Self)) {
        let before = std::mem::take(&mut self.steps);
        write(self);
        let steps = std::mem::replace(&mut self.steps, before);
        self.steps.push(WeightsUse::Residual { steps });
    }

    /// What each of `parts` makes of the same input, one after the other, with its prefix before the names of its tensors.
    pub fn concat<'a>(&mut self, parts: impl IntoIterator<Item = (&'a str, Self)>) {
        let mut branches = Vec::new();
        for (prefix, part) in parts {
            branches.push(part.steps.into_iter().map(|step| step.prefixed(prefix)).collect());
            let named = |(name, shape, flat)| (format!("{prefix}{name}"), shape, flat);
            self.tensors.extend(part.tensors.into_iter().map(named));
        }
        self.steps.push(WeightsUse::Concat { branches });
    }

    /// Mean over the tokens.
    pub fn mean_tokens(&mut self) {
        self.steps.push(WeightsUse::MeanTokens);
    }

    /// The steps, and the tensors read back to the host one by one.
    ///
    /// # Errors
    /// [`LabError::Engine`] if the device was lost.
    pub async fn into_host(self) -> Result<(Vec<WeightsUse>, Vec<NamedTensor>), LabError> {
        let mut tensors = Vec::with_capacity(self.tensors.len());
        for (name, shape, flat) in self.tensors {
            tensors.push(NamedTensor { name, shape, values: read(flat).await? });
        }
        Ok((self.steps, tensors))
    }
}
