//! The parameters of a module as one row of numbers, in the module's own order.

#[cfg(feature = "wide")]
mod moving;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

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
    let mut load = Load(Some(numbers));
    let module = module.map(&mut load);
    (module, load.0)
}

struct Load<'a>(Option<&'a [f32]>);

impl ModuleMapper for Load<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape = param.val().shape();
        let Some(numbers) = take(&mut self.0, shape.num_elements()) else { return param };
        let data = TensorData::new(numbers.to_vec(), shape);
        param.map(|before| Tensor::from_data(data, &before.device()).set_require_grad(before.is_require_grad()))
    }
}
