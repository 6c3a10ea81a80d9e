//! An independent system and what a method adds to it: the shape of nearly all methods of the family.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::methods::compat::{Features, Independent};
use crate::{Batch, FixedHead, Inputs, LabError, Portable, Setup, System, Term};

/// An independent system with the loss terms and layers of a method.
#[derive(Module, Debug)]
pub struct Extended<A: Module> {
    base: Independent,
    addition: A,
}

/// What a method adds to an [`Independent`] system.
pub trait Addition: Module + ModuleDisplay + Sync + 'static {
    /// Makes what is added, and changes the base where the method wants another.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if the stage lacks what the method needs.
    fn new(setup: &mut Setup, base: &mut Independent) -> Result<Self, LabError>;

    /// The terms after the task's, in the order of the card.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if it uses of the batch what the card does not say that it needs.
    fn terms(&self, base: &Independent, features: &Features, batch: &Batch) -> Result<Vec<Term>, LabError>;

    /// The task loss, shape `[1]`, for methods that classify something else than the embedding.
    ///
    /// # Errors
    /// What [`Batch::labels`] says.
    fn task(&self, base: &Independent, features: &Features, batch: &Batch) -> Result<Tensor<1>, LabError> {
        Ok(base.task(features, batch.labels()?))
    }

    /// Weight of the task loss.
    ///
    /// # Errors
    /// What [`Batch::weight`] says.
    fn task_weight(&self, _batch: &Batch) -> Result<f64, LabError> {
        Ok(1.0)
    }

    /// See [`System::classifier`].
    fn classifier(&self, base: &Independent) -> Option<Tensor<2>> {
        base.classifier()
    }

    /// See [`System::orthogonality`].
    fn orthogonality(&self) -> Option<Tensor<1>> {
        None
    }

    /// See [`System::wants_features`].
    fn wants_features(&self, _progress: f64) -> bool {
        false
    }

    /// See [`System::observe`].
    fn observe(&mut self, _features: &[f32]) {}

    /// See [`System::wants_items`].
    fn wants_items(&self) -> usize {
        0
    }

    /// See [`System::leave`].
    ///
    /// # Errors
    /// As there.
    fn leave(
        &self,
        _base: &Independent,
        _items: Option<&Inputs>,
    ) -> Result<BTreeMap<&'static str, Tensor<1>>, LabError> {
        Ok(BTreeMap::new())
    }

    /// See [`System::memory`].
    fn memory(&self) -> Option<Tensor<1>> {
        None
    }

    /// See [`System::remember`].
    fn remember(&mut self, _memory: &[f32]) {}
}

impl<A: Addition> System for Extended<A> {
    fn new(setup: &mut Setup) -> Result<Self, LabError> {
        let mut base = Independent::new(setup)?;
        let addition = A::new(setup, &mut base)?;
        Ok(Self { base, addition })
    }

    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        self.base.embed(items)
    }

    fn losses(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let features = self.base.features(&batch.items)?;
        let weight = self.addition.task_weight(batch)?;
        let mut terms = vec![Term::new("task", weight, self.addition.task(&self.base, &features, batch)?)];
        terms.extend(self.addition.terms(&self.base, &features, batch)?);
        Ok(terms)
    }

    fn dims(&self) -> usize {
        self.base.dims()
    }

    fn portable(&self) -> Portable {
        self.base.portable()
    }

    fn classifier(&self) -> Option<Tensor<2>> {
        self.addition.classifier(&self.base)
    }

    fn is_cosine(&self) -> bool {
        self.base.is_cosine()
    }

    fn fixed_head(&self) -> Option<FixedHead> {
        self.base.fixed_head()
    }

    fn orthogonality(&self) -> Option<Tensor<1>> {
        self.addition.orthogonality()
    }

    fn wants_features(&self, progress: f64) -> bool {
        self.addition.wants_features(progress)
    }

    fn observe(&mut self, features: &[f32]) {
        self.addition.observe(features);
    }

    fn wants_items(&self) -> usize {
        self.addition.wants_items()
    }

    fn leave(&self, items: Option<&Inputs>) -> Result<BTreeMap<&'static str, Tensor<1>>, LabError> {
        self.addition.leave(&self.base, items)
    }

    fn memory(&self) -> Option<Tensor<1>> {
        self.addition.memory()
    }

    fn remember(&mut self, memory: &[f32]) {
        self.addition.remember(memory);
    }
}
