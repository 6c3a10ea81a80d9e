//! How much there is to compute in written steps.

use protocol::WeightsUse;

use super::Portable;
use super::shape::Shape;
use super::step::Step;
use crate::LabError;

impl Portable {
    /// Operations that embed one item of shape `input` (channels, height, width), a multiplication and the addition behind it being two;
    /// `None` of a model whose forward pass is not written down.
    ///
    /// What counts are products of matrices, convolutions and attention, at every place where they are taken, padding included. What is
    /// done to each number alone, as biases, rectifiers, pooling, norms and softmax, is little beside them and left out.
    ///
    /// # Errors
    /// [`LabError::File`] if steps and tensors do not fit together.
    pub(crate) fn operations(&self, input: [usize; 3]) -> Result<Option<u64>, LabError> {
        match self.steps.is_empty() {
            true => Ok(None),
            false => self.operations_of(&self.steps, Shape::Maps(input)).map(Some),
        }
    }

    /// The same of steps one after the other; `shape` is what comes in.
    fn operations_of(&self, uses: &[WeightsUse], mut shape: Shape) -> Result<u64, LabError> {
        let mut operations = 0;
        for written in uses {
            let (step, after) = self.step(written, shape)?;
            operations += match (written, step) {
                (WeightsUse::Residual { steps }, _) => self.operations_of(steps, shape)?,
                (WeightsUse::Concat { branches }, _) => {
                    let branches = branches.iter().map(|steps| self.operations_of(steps, shape));
                    branches.sum::<Result<u64, LabError>>()?
                }
                (_, Step::Linear(weight, _)) => {
                    let [_, outputs] = weight.dims();
                    multiply_adds(&[shape.size(), outputs])
                }
                (_, Step::Conv2d { weight, .. }) => {
                    let [_, inputs, rows, columns] = weight.dims();
                    multiply_adds(&[after.size(), inputs, rows, columns])
                }
                (_, Step::Attention(_)) => {
                    // Every query with every key, and every share with every value.
                    let [count, width] = after.tokens("attention")?;
                    2 * multiply_adds(&[count, count, width])
                }
                _ => 0,
            };
            shape = after;
        }
        Ok(operations)
    }
}

/// Operations of as many multiplications with an addition as the product of `sides`.
fn multiply_adds(sides: &[usize]) -> u64 {
    2 * sides.iter().map(|&side| side as u64).product::<u64>()
}
