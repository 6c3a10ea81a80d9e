//! The parameters of a module as one row of numbers, in the module's own order.

#[cfg(feature = "wide")]
mod moving;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};

#[cfg(feature = "wide")]
pub(crate) use moving::{keep, place};

/// A tensor as a row.
pub(crate) fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let count = tensor.shape().num_elements();
    tensor.reshape([count])
}

/// The next `count` of the numbers that are left; nothing is left once there are too few.
pub(crate) fn take<'a>(left: &mut Option<&'a [f32]>, count: usize) -> Option<&'a [f32]> {
    let parts = left.and_then(|numbers| numbers.split_at_checked(count));
    *left = parts.map(|(_, rest)| rest);
    parts.map(|(numbers, _)| numbers)
}

/// Every parameter of a module, flat.
pub(crate) fn parameters<M: Module>(module: &M) -> Vec<Tensor<1>> {
    let mut collect = Collect(Vec::new());
    module.visit(&mut collect);
    collect.0
}

struct Collect(Vec<Tensor<1>>);

impl ModuleVisitor for Collect {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.push(flat(param.val()));
    }
}

/// Puts numbers into the parameters of a module, and gives those that are left; `None` if they are too few.
pub(crate) fn load<M: Module>(module: M, numbers: &[f32]) -> (M, Option<&[f32]>) {
    let mut load = Load { left: Some(numbers), device: None };
    let module = module.map(&mut load);
    (module, load.left)
}

/// As [`load`], with the parameters on this device from then on; tensors of the module that are no parameters stay where they are.
pub(crate) fn load_on<'a, M: Module>(module: M, numbers: &'a [f32], device: &Device) -> (M, Option<&'a [f32]>) {
    let mut load = Load { left: Some(numbers), device: Some(device) };
    let module = module.map(&mut load);
    (module, load.left)
}

struct Load<'a, 'd> {
    left: Option<&'a [f32]>,
    /// That of the parameter if there is none.
    device: Option<&'d Device>,
}

impl ModuleMapper for Load<'_, '_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape = param.val().shape();
        let Some(numbers) = take(&mut self.left, shape.num_elements()) else { return param };
        let data = TensorData::new(numbers.to_vec(), shape);
        param.map(|before| {
            let device = self.device.cloned().unwrap_or_else(|| before.device());
            Tensor::from_data(data, &device).set_require_grad(before.is_require_grad())
        })
    }
}
