//! Elastic weight consolidation: a number that mattered to earlier tasks is held where it was.
//!
//! Kirkpatrick et al.: Overcoming catastrophic forgetting in neural networks, PNAS 2017, equation 3. With `F` the diagonal of the
//! Fisher information of the earlier tasks and `theta*` the numbers that they ended with:
//!
//! `L = CE + lambda/2 sum_i F_i (theta_i - theta*_i)^2`
//!
//! Over several tasks as in online EWC (Schwarz et al.: Progress & Compress, ICML 2018): one anchor, the latest numbers, and
//! `F <- gamma F + F_new`. The Fisher information of a task is taken when its data are at hand, at the end of its stage; so the first
//! stage of a stream is one of EWC, too, trained as any other. Rows of the classifier for classes to come are not held.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use protocol::{Claim, MethodCard, Need, Parameter, Stage};

use super::{EWC, LAST, SEQUENTIAL, sequential};
use crate::claims::{Fact, Measure, Rule, judged};
use crate::frames::{Addition, Extended, fisher};
use crate::methods::compat::{Features, Independent};
use crate::methods::{Before, Method, encoder_dims};
use crate::numbers::parameters;
use crate::{Batch, Engine, Inputs, LabError, Setup, Term, start};

pub(super) const METHOD: Method =
    Method { id: "ewc", card, claims: judged(CLAIMS), check, stored_dims: encoder_dims, start: start::<Extended<Ewc>> };

/// Names of what is kept.
const FISHER: &str = "fisher";
const ANCHOR: &str = "anchor";

/// What holds the numbers.
#[derive(Module, Debug)]
pub struct Ewc {
    /// `None` of a first model.
    penalty: Option<Penalty>,
    gamma: f64,
    /// Items that the Fisher information is taken over.
    samples: usize,
}

/// The penalty on the numbers that were there before, in the order of the module: those of later classes come last.
#[derive(Module, Debug)]
struct Penalty {
    /// Fisher information of the tasks before, `[numbers]`.
    fisher: Tensor<1>,
    /// Where they were, `[numbers]`.
    anchor: Tensor<1>,
    /// The Fisher information once more, on the host, where that of this task is added to it.
    before: Tensor<1>,
}

fn card() -> MethodCard {
    super::card(METHOD.id, "EWC")
        .summary("The old model is trained on, while each of its numbers is held where it was as firmly as it mattered to earlier tasks: one anchor, and one sum of Fisher information over the tasks (online EWC).")
        .paper("Kirkpatrick et al.: Overcoming catastrophic forgetting in neural networks, PNAS 2017")
        .needs([Need::Kept, Need::OldHead, Need::OldWeights])
        .suits(sequential::may_stand_first())
        .comparison(sequential::COMPARISON)
        .parameters([
            Parameter::real("lambda", "Penalty weight λ", (0.0, 100_000.0, 100.0), 3000.0, "How firmly numbers that mattered are held; 0 is sequential fine-tuning.").hot(),
            Parameter::real("gamma", "Decay γ", (0.0, 1.0, 0.05), 1.0, "What is left of the Fisher information of earlier tasks with each new one; 1 keeps all of it."),
            Parameter::integer("samples", "Samples", (1, 1000), 64, "Training items that the Fisher information is taken over at the end of a stage, each with one backward pass per class."),
        ])
        .losses([
            sequential::task(),
            Claim::new("penalty", "Half the squared distance from the old numbers, each weighted with its Fisher information."),
        ])
        .claims([Claim::new(
            "forgets less",
            "Earlier tasks keep more of their accuracy than under plain fine-tuning on the new ones.",
        )])
}

// λ = 3000 was chosen where nobody is judged: trained on 400 of each class's training images and asked about 200 others of them (seed 11), five tasks
// were forgotten by 98.9 points without a penalty, and by 98.6, 93.6, 90.9, 88.8, 92.1 and 95.6 with λ of 100, 300, 1000, 3000, 10,000 and 100,000.
const CLAIMS: &[Rule] = &[Rule::new(
    "24-ewc-forgets-less",
    "Kirkpatrick et al. 2017 (EWC)",
    "EWC forgets less than plain training on",
    Measure::between(EWC, SEQUENTIAL, Fact::Reading { model: LAST, quantity: "forgetting-best", of: "" }),
)
.said("difference of forgetting (best minus last) after five tasks, points")
.tried_with(EWC)
.published(
    "Permuted MNIST: earlier tasks keep their accuracy where plain training loses them; no number \
     is at hand",
)
.differs(
    "There all tasks share their labels; here each brings two classes of its own to one head, where \
     holding weights protects far less.",
)];

fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    sequential::check(stage, before)?;
    match before {
        Some(Before { stage: old, .. }) if old.method.id != METHOD.id => Err(LabError::Scenario(
            "EWC needs the Fisher information of the tasks before, which only a stage of EWC leaves; choose EWC for the stage before, too."
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

impl Penalty {
    /// `1/2 sum_i F_i (theta_i - theta*_i)^2` over the numbers that there were, shape `[1]`.
    ///
    /// # Shapes
    /// - numbers: `[at least as many]`
    fn of(&self, numbers: Tensor<1>) -> Tensor<1> {
        let [known] = self.anchor.dims();
        let away = numbers.narrow(0, 0, known) - self.anchor.clone();
        (away.powi_scalar(2) * self.fisher.clone()).sum().mul_scalar(0.5)
    }
}

impl Addition for Ewc {
    fn new(setup: &mut Setup, base: &mut Independent) -> Result<Self, LabError> {
        sequential::go_on(setup, base)?;
        let count: usize = parameters(base).iter().map(|numbers| numbers.shape().num_elements()).sum();
        let penalty = match setup.parents.first() {
            None => None,
            Some(parent) => {
                let row = |name: &str, device: &Device| {
                    let numbers = parent.kept()?.get(name).filter(|numbers| numbers.len() <= count);
                    let numbers = numbers.ok_or_else(|| {
                        LabError::Scenario(format!(
                            "The model before left no {name} of so many numbers; train it here with EWC."
                        ))
                    })?;
                    let data = TensorData::new(numbers.clone(), [numbers.len()]);
                    Ok::<_, LabError>(Tensor::<1>::from_data(data, device))
                };
                let device = setup.engine.training();
                Some(Penalty {
                    fisher: row(FISHER, &device)?,
                    anchor: row(ANCHOR, &device)?,
                    before: row(FISHER, &Engine::host())?,
                })
            }
        };
        Ok(Self { penalty, gamma: setup.value("gamma")?, samples: setup.value("samples")? as usize })
    }

    fn terms(&self, base: &Independent, _: &Features, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let Some(penalty) = &self.penalty else { return Ok(Vec::new()) };
        let numbers = Tensor::cat(parameters(base), 0);
        Ok(vec![Term::new("penalty", batch.weight("lambda")?, penalty.of(numbers))])
    }

    fn wants_items(&self) -> usize {
        self.samples
    }

    fn leave(&self, base: &Independent, items: Option<&Inputs>) -> Result<BTreeMap<&'static str, Tensor<1>>, LabError> {
        let items = items.ok_or_else(|| LabError::Missing("The items for the Fisher information".to_owned()))?;
        let mut total = fisher(base, items, Independent::log_probabilities)?;
        if let Some(Penalty { before, .. }) = &self.penalty {
            let before = before.clone().mul_scalar(self.gamma);
            let ([known], [all]) = (before.dims(), total.dims());
            let known_now = total.clone().narrow(0, 0, known) + before;
            total = match known < all {
                true => Tensor::cat(vec![known_now, total.narrow(0, known, all - known)], 0),
                false => known_now,
            };
        }
        Ok(BTreeMap::from([(FISHER, total), (ANCHOR, Tensor::cat(parameters(base), 0).inner())]))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::engine::read;

    #[test]
    fn the_penalty_and_its_slope_by_hand() {
        let device = Device::flex().autodiff();
        let row = |values: &[f32]| Tensor::<1>::from_data(TensorData::new(values.to_vec(), [values.len()]), &device);
        let fisher = row(&[2.0, 0.5]);
        let penalty = Penalty { before: fisher.clone().inner(), fisher, anchor: row(&[1.0, -1.0]) };
        // The third number is of a class to come.
        let numbers = row(&[3.0, 1.0, 7.0]).require_grad();
        let value = penalty.of(numbers.clone());
        let slope = numbers.grad(&value.backward()).unwrap();
        // (2 * 2^2 + 0.5 * 2^2) / 2, and F (theta - theta*).
        assert_eq!(block_on(read(value)).unwrap(), [5.0]);
        assert_eq!(block_on(read(slope)).unwrap(), [4.0, 1.0, 0.0]);
    }
}
