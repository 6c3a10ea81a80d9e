//! The training of every method that has losses: one step of Adam down their weighted sum.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::adam::Adam;
use crate::numbers::{load, load_on, parameters};
use crate::{Again, Batch, Bridge, Engine, FixedHead, Inputs, LabError, Model, Portable, Step, System, Term, Training};

/// Trains a [`System`] with Adam.
pub struct Trainer<S> {
    system: Option<S>,
    optimizer: Adam,
}

impl<S: System> Trainer<S> {
    /// A training of `system`.
    pub fn new(system: S, decay: f64) -> Self {
        Self { system: Some(system), optimizer: Adam::new(decay as f32) }
    }
}

impl<S: System> Training for Trainer<S> {
    fn step(&mut self, batch: &Batch, rate: f64) -> Result<Step, LabError> {
        // Taken out, not cloned: the optimiser then owns the only handle and can update in place.
        let mut system = self.system.take().ok_or_else(|| LabError::Missing("The system in training".to_owned()))?;
        let terms = system.losses_of_step(batch)?;
        let weighted = terms.iter().filter(|term| term.weight != 0.0);
        let total = weighted.map(|term| term.value.clone().mul_scalar(term.weight)).reduce(|sum, value| sum + value);
        self.system = Some(match total {
            Some(total) => {
                let gradients = GradientsParams::from_grads(total.backward(), &system);
                self.optimizer.step(rate, system, gradients)
            }
            // Weights that were set to zero on the way can be raised again.
            None if batch.progress > 0.0 => system,
            None => {
                return Err(LabError::Scenario("Every loss weight is zero; nothing can be learned.".to_owned()));
            }
        });
        let terms = terms.into_iter().map(|term| Term { value: term.value.inner(), ..term });
        Ok(terms.collect::<Vec<_>>().into())
    }

    fn model(&self) -> Result<Arc<dyn Model>, LabError> {
        let system = self.system.as_ref().ok_or_else(|| LabError::Missing("The system in training".to_owned()))?;
        Ok(trained(system))
    }

    fn wants_features(&self, progress: f64) -> bool {
        self.system.as_ref().is_some_and(|system| system.wants_features(progress))
    }

    fn observe(&mut self, features: &[f32]) {
        if let Some(system) = &mut self.system {
            system.observe(features);
        }
    }

    fn wants_items(&self) -> usize {
        self.system.as_ref().map_or(0, System::wants_items)
    }

    fn finish(&mut self, again: Option<Again>) -> Result<BTreeMap<&'static str, Tensor<1>>, LabError> {
        let system = self.system.as_ref().ok_or_else(|| LabError::Missing("The system in training".to_owned()))?;
        let Some(Again { items, weights }) = again else { return system.leave(None) };
        match load_on(system.clone(), &weights, &Engine::host().autodiff()) {
            (there, Some(_)) => there.leave(Some(&items)),
            (_, None) => Err(LabError::Missing("The weights of the system in training".to_owned())),
        }
    }

    fn weights(&self) -> Option<Tensor<1>> {
        // Read without gradients.
        let system = self.system.as_ref()?.valid();
        let mut parts = parameters(&system);
        parts.extend(system.memory());
        (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
    }

    fn moments(&self) -> Option<Tensor<1>> {
        let parts = self.optimizer.moments(self.system.as_ref()?);
        (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
    }

    fn restore(&mut self, weights: &[f32], moments: &[f32]) -> Result<(), LabError> {
        let others = || LabError::Checkpoint("its numbers are not those of this model".to_owned());
        let system = self.system.take().ok_or_else(|| LabError::Missing("The system in training".to_owned()))?;
        let (mut system, left) = load(system, weights);
        match left {
            Some(memory) if system.memory().map_or(0, |own| own.shape().num_elements()) == memory.len() => {
                if !memory.is_empty() {
                    system.remember(memory);
                }
            }
            _ => return Err(others()),
        }
        if !moments.is_empty() {
            self.optimizer.restore(&system, moments).ok_or_else(others)?;
        }
        self.system = Some(system);
        Ok(())
    }
}

/// A system as it is now, as a model.
pub(crate) fn trained<S: System>(system: &S) -> Arc<dyn Model> {
    Arc::new(Trained(system.valid()))
}

/// A system that no longer trains.
struct Trained<S>(S);

impl<S: System> Model for Trained<S> {
    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        self.0.embed(items)
    }

    fn dims(&self) -> usize {
        self.0.dims()
    }

    fn parameters(&self) -> u64 {
        self.0.num_params() as u64
    }

    fn portable(&self) -> Portable {
        self.0.portable()
    }

    fn classifier(&self) -> Option<Tensor<2>> {
        self.0.classifier()
    }

    fn is_cosine(&self) -> bool {
        self.0.is_cosine()
    }

    fn answer(&self, items: &Inputs) -> Result<Option<Tensor<2>>, LabError> {
        self.0.answer(items)
    }

    fn path(&self, noise: &Inputs, steps: usize) -> Result<Vec<Inputs>, LabError> {
        self.0.path(noise, steps)
    }

    fn fixed_head(&self) -> Option<FixedHead> {
        self.0.fixed_head()
    }

    fn branch(&self) -> Option<Tensor<2>> {
        self.0.branch()
    }

    fn orthogonality(&self) -> Option<Tensor<1>> {
        self.0.orthogonality()
    }

    fn bridge(&self) -> Result<Option<Bridge>, LabError> {
        self.0.bridge()
    }
}
