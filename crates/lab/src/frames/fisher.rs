//! How much each number of a model matters to what it says: the diagonal of its Fisher information.
//!
//! Kirkpatrick et al.: Overcoming catastrophic forgetting in neural networks, PNAS 2017. Over `N` items, with the model's own
//! predictions as weights and not the labels, so that it is the Fisher information and not its empirical stand-in:
//!
//! `F_i = 1/N sum_n sum_y p(y | x_n) (d log p(y | x_n) / d theta_i)^2`
//!
//! The square stands inside the sum over items, so a backward pass sees one item and one class.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Gradients, Int, Tensor};

use crate::numbers::{flat, parameters};
use crate::{Inputs, LabError};

/// The exact diagonal over these items, `[numbers of the module]` in the module's own order, without gradients; 0 where `logs` does
/// not look.
///
/// It costs a forward and a backward pass for each item and class, so module and items are best on the
/// [host](crate::Engine::host). Nothing is read back from the device.
///
/// # Shapes
/// - logs: of one item, its log-probabilities `[1, classes]` by a module on a device with gradients
///
/// # Errors
/// What `logs` says.
pub fn fisher<M: Module>(
    module: &M,
    items: &Inputs,
    logs: impl Fn(&M, &Inputs) -> Result<Tensor<2>, LabError>,
) -> Result<Tensor<1>, LabError> {
    let mut squares = Squares::of(module);
    let items: Vec<Inputs> = items.clone().autodiff().each().collect();
    for item in &items {
        let mut class = 0;
        loop {
            // Anew for each class: a backward pass uses the forward pass up.
            let row = logs(module, item)?;
            let [_, classes] = row.dims();
            if class >= classes {
                break;
            }
            let log: Tensor<1> = row.narrow(1, class, 1).reshape([1]);
            squares.add(module, log.backward(), Some(log.inner().exp()));
            class += 1;
        }
    }
    Ok(squares.mean(items.len()))
}

/// How much each number matters to these items under the labels that they have, as Foster et al. (AAAI 2024) take it: the mean over
/// batches of the squared slope of the mean loss of a batch, `1/B sum_b (1/|b| sum_(n in b) d log p(y_n | x_n) / d theta_i)^2`, in the
/// form of [`fisher`]. With batches of 1 each item counts by itself.
///
/// It costs a forward and a backward pass for each batch. Nothing is read back from the device.
///
/// # Shapes
/// - labels: `[items]`, without gradients
/// - logs: of a batch `[batch, classes]`, else as there
///
/// # Errors
/// What `logs` says.
pub fn importance<M: Module>(
    module: &M,
    items: &Inputs,
    labels: Tensor<1, Int>,
    batch: usize,
    logs: impl Fn(&M, &Inputs) -> Result<Tensor<2>, LabError>,
) -> Result<Tensor<1>, LabError> {
    let mut squares = Squares::of(module);
    let (items, labels) = (items.clone().autodiff(), labels.autodiff());
    let (mut at, mut batches) = (0, 0);
    for batch in items.batches(batch) {
        let count = batch.len();
        let labels = labels.clone().narrow(0, at, count).reshape([count, 1]);
        let log: Tensor<1> = logs(module, &batch)?.gather(1, labels).mean();
        squares.add(module, log.backward(), None);
        (at, batches) = (at + count, batches + 1);
    }
    Ok(squares.mean(batches))
}

/// Adds up squared slopes, parameter by parameter.
struct Squares {
    sums: Vec<Tensor<1>>,
    /// Position of the parameter that comes next.
    next: usize,
    /// Slopes of a log-probability, and what their squares count, `[1]`; once if nothing is said.
    gradients: Option<(Gradients, Option<Tensor<1>>)>,
}

impl Squares {
    /// Nothing yet, for the parameters of a module.
    fn of<M: Module>(module: &M) -> Self {
        let sums = parameters(module).into_iter().map(|numbers| numbers.inner().zeros_like()).collect();
        Self { sums, next: 0, gradients: None }
    }

    fn add<M: Module>(&mut self, module: &M, gradients: Gradients, weight: Option<Tensor<1>>) {
        self.gradients = Some((gradients, weight));
        self.next = 0;
        module.visit(self);
    }

    /// All sums in a row, divided by what was counted.
    fn mean(self, counted: usize) -> Tensor<1> {
        Tensor::cat(self.sums, 0).div_scalar(counted.max(1) as f64)
    }
}

impl ModuleVisitor for Squares {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some((gradients, weight)) = &self.gradients
            && let Some(gradient) = param.val().grad(gradients)
            && let Some(sum) = self.sums.get_mut(self.next)
        {
            let squares = flat(gradient).powi_scalar(2);
            *sum = sum.clone()
                + match weight {
                    Some(weight) => squares * weight.clone(),
                    None => squares,
                };
        }
        self.next += 1;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use burn::tensor::activation::log_softmax;
    use burn::tensor::{Device, TensorData};
    use data::Seed;
    use pollster::block_on;

    use super::*;
    use crate::Init;
    use crate::engine::read;

    /// `softmax(x W)`, and a number that no answer depends on.
    #[derive(Module, Debug)]
    struct Linear {
        weight: Param<Tensor<2>>,
        idle: Param<Tensor<1>>,
    }

    const ITEMS: usize = 5;
    const INPUTS: usize = 3;
    const CLASSES: usize = 4;

    #[test]
    fn of_a_linear_softmax_it_is_the_closed_form() {
        let mut init = Init::new(Seed(3).stream("fisher"), Device::flex().autodiff());
        let module = Linear { weight: init.uniform([INPUTS, CLASSES], 1.0), idle: init.uniform([2], 1.0) };
        let items = init.normal(ITEMS, INPUTS);
        let rows = Tensor::from_data(TensorData::new(items.clone(), [ITEMS, INPUTS]), &Device::flex());
        let logs = |module: &Linear, items: &Inputs| Ok(log_softmax(items.flat()?.matmul(module.weight.val()), 1));
        let found = block_on(read(fisher(&module, &Inputs::Rows(rows.clone()), logs).unwrap())).unwrap();

        // d log p_y / d W_ij = x_i (1[y = j] - p_j), so E_y of its square is x_i^2 p_j (1 - p_j).
        let probabilities = logs(&module, &Inputs::Rows(rows.autodiff())).unwrap().inner().exp();
        let probabilities = block_on(read(probabilities)).unwrap();
        for input in 0..INPUTS {
            for class in 0..CLASSES {
                let of = |item: usize| {
                    let p = probabilities[item * CLASSES + class];
                    items[item * INPUTS + input].powi(2) * p * (1.0 - p)
                };
                let expected = (0..ITEMS).map(of).sum::<f32>() / ITEMS as f32;
                let found = found[input * CLASSES + class];
                assert!((found - expected).abs() < 1e-6, "input {input}, class {class}: {found}, not {expected}");
                assert!(expected > 1e-3, "a number that cannot be told from none");
            }
        }
        assert_eq!(found[INPUTS * CLASSES..], [0.0, 0.0], "what is not used does not matter");
    }

    #[test]
    fn importance_under_labels_is_the_closed_form() {
        let mut init = Init::new(Seed(4).stream("importance"), Device::flex().autodiff());
        let module = Linear { weight: init.uniform([INPUTS, CLASSES], 1.0), idle: init.uniform([2], 1.0) };
        let items = init.normal(ITEMS, INPUTS);
        let rows = Tensor::from_data(TensorData::new(items.clone(), [ITEMS, INPUTS]), &Device::flex());
        let labels = [3, 0, 0, 1, 2];
        let tensor = Tensor::<1, Int>::from_data(TensorData::new(labels.to_vec(), [ITEMS]), &Device::flex());
        let logs = |module: &Linear, items: &Inputs| Ok(log_softmax(items.flat()?.matmul(module.weight.val()), 1));
        let probabilities = logs(&module, &Inputs::Rows(rows.clone().autodiff())).unwrap().inner().exp();
        let probabilities = block_on(read(probabilities)).unwrap();
        // d log p_y / d W_ij = x_i (1[y = j] - p_j).
        let slope = |item: usize, input: usize, class: usize| {
            let told = if labels[item] == class as i32 { 1.0 } else { 0.0 };
            items[item * INPUTS + input] * (told - probabilities[item * CLASSES + class])
        };
        for batch in [1, 2, ITEMS] {
            let found = importance(&module, &Inputs::Rows(rows.clone()), tensor.clone(), batch, logs).unwrap();
            let found = block_on(read(found)).unwrap();
            let all: Vec<usize> = (0..ITEMS).collect();
            let batches: Vec<&[usize]> = all.chunks(batch).collect();
            for (input, class) in (0..INPUTS).flat_map(|input| (0..CLASSES).map(move |class| (input, class))) {
                let mean = |batch: &&[usize]| {
                    batch.iter().map(|&item| slope(item, input, class)).sum::<f32>() / batch.len() as f32
                };
                let expected = batches.iter().map(|batch| mean(batch).powi(2)).sum::<f32>() / batches.len() as f32;
                let found = found[input * CLASSES + class];
                assert!((found - expected).abs() < 1e-6, "{batch}: {input}, {class}: {found}, not {expected}");
            }
            assert!(found.iter().sum::<f32>() > 1e-2, "numbers that cannot be told from none");
            assert_eq!(found[INPUTS * CLASSES..], [0.0, 0.0], "what is not used does not matter");
        }
    }
}
