//! Numbers into a file by their names, and from one module into another: what only some families need.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::Tensor;

use crate::Portable;

/// Every parameter of a module into a file, under the names that lead to it: `layers.0.norm.gamma`.
pub(crate) fn keep<M: Module>(module: &M, file: &mut Portable) {
    module.visit(&mut Keep { file, path: Vec::new() });
}

struct Keep<'a> {
    file: &'a mut Portable,
    path: Vec<String>,
}

impl ModuleVisitor for Keep<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.file.keep(&self.path.join("."), param.val());
    }

    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }
}

/// Puts numbers that are on the device of a module, without gradients, into its parameters; those that it lacks stay as they are.
///
/// # Shapes
/// - numbers: `[numbers]`, as [`parameters`] give them, one after the other
pub(crate) fn place<M: Module>(module: M, numbers: Tensor<1>) -> M {
    module.map(&mut Place { numbers, at: 0 })
}

struct Place {
    numbers: Tensor<1>,
    /// How many are placed.
    at: usize,
}

impl ModuleMapper for Place {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape = param.val().shape();
        let (count, [there]) = (shape.num_elements(), self.numbers.dims());
        if self.at + count > there {
            return param;
        }
        let numbers: Tensor<D> = self.numbers.clone().narrow(0, self.at, count).reshape(shape);
        self.at += count;
        param.map(|before| numbers.autodiff().set_require_grad(before.is_require_grad()))
    }
}
