//! Models as data: a list of steps over named tensors, which any language can follow, and which this crate follows too.
//!
//! Whatever method made a model, what leaves the lab is its forward pass written out, with rotations already multiplied
//! in. So import needs no code of any method, and the loader in the documentation is short.

use burn::nn::conv::Conv2d;
use burn::nn::{GroupNorm, Linear};
use burn::tensor::module::{conv2d, linear, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor, TensorData, activation::relu};
use protocol::WeightsUse;

use crate::engine::read;
use crate::{LabError, Model, normalize};

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
    /// The tensor `name`; gives the name back.
    fn tensor<const D: usize>(&mut self, name: String, tensor: Tensor<D>) -> String {
        let shape = tensor.dims();
        let flat = tensor.reshape([shape.iter().product::<usize>()]);
        self.tensors.push((name.clone(), shape.to_vec(), flat));
        name
    }

    /// Flattens everything but the batch.
    pub fn flatten(&mut self) {
        self.steps.push(WeightsUse::Flatten);
    }

    /// A rectifier.
    pub fn relu(&mut self) {
        self.steps.push(WeightsUse::Relu);
    }

    /// Max pooling with window and stride `size`.
    pub fn max_pool(&mut self, size: u32) {
        self.steps.push(WeightsUse::MaxPool { size });
    }

    /// Division by the L2 norm.
    pub fn normalize(&mut self) {
        self.steps.push(WeightsUse::Normalize);
    }

    /// A linear layer.
    pub fn linear(&mut self, name: &str, layer: &Linear) {
        let weight = self.tensor(format!("{name}.weight"), layer.weight.val());
        let bias = layer.bias.as_ref().map(|bias| self.tensor(format!("{name}.bias"), bias.val()));
        self.steps.push(WeightsUse::Linear { weight, bias });
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

    /// The end of BT2: `f B' + o A'` with `f` the normalised first `split` numbers and `o` the normalised old branch.
    ///
    /// # Shapes
    /// - old: the layer `[dims of u, r]` and A `[dims, r]`; `None` for r = 0
    /// - from_new: B, `[dims, split]`
    pub fn basis_transformation(&mut self, split: usize, old: Option<(&Linear, Tensor<2>)>, from_new: Tensor<2>) {
        let (mut old_weight, mut old_bias, mut from_old) = (None, None, None);
        if let Some((layer, matrix)) = old {
            old_weight = Some(self.tensor("transformation.old.weight".to_owned(), layer.weight.val()));
            old_bias = layer.bias.as_ref().map(|bias| self.tensor("transformation.old.bias".to_owned(), bias.val()));
            from_old = Some(self.tensor("transformation.from_old".to_owned(), matrix));
        }
        let from_new = self.tensor("transformation.from_new".to_owned(), from_new);
        let split = split as u32;
        self.steps.push(WeightsUse::BasisTransformation { split, old_weight, old_bias, from_old, from_new });
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

/// A model that follows written steps.
#[derive(Clone, Debug)]
pub struct PortableModel {
    file: Portable,
    steps: Vec<Step>,
    dims: usize,
    parameters: u64,
}

/// A step with its tensors at hand.
#[derive(Clone, Debug)]
enum Step {
    Flatten,
    Relu,
    Normalize,
    MaxPool(usize),
    Linear(Tensor<2>, Option<Tensor<1>>),
    Conv2d { weight: Tensor<4>, bias: Option<Tensor<1>>, stride: usize, padding: usize },
    GroupNorm { gamma: Tensor<1>, beta: Tensor<1>, groups: usize, epsilon: f64 },
    BasisTransformation { split: usize, old: Option<OldBranch>, from_new: Tensor<2> },
}

/// The old branch of BT2.
#[derive(Clone, Debug)]
struct OldBranch {
    weight: Tensor<2>,
    bias: Tensor<1>,
    matrix: Tensor<2>,
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
        Ok(Self { file, steps, dims, parameters })
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
                    Some(OldBranch { weight, bias, matrix }) => {
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

/// The tensors of a file, to be found by name and checked by shape.
struct Shelf<'a> {
    tensors: &'a [NamedTensor],
    device: &'a Device,
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
    fn steps(&self, uses: &[WeightsUse], input: [usize; 3], dims: usize) -> Result<Vec<Step>, LabError> {
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
                        Some(OldBranch { weight, bias, matrix })
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
