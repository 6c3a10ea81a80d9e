//! Two frozen models and a trained map between them: the shape of adapters without a closed form.

use std::fmt;
use std::sync::Arc;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::{Batch, Bridge, Inputs, LabError, Model, Portable, Setup, System, Term};

/// The independent model, frozen, with a map that is trained.
#[derive(Module, Debug)]
pub struct Adapted<A: Module> {
    #[module(skip)]
    new: Frozen,
    map: A,
}

/// A model that is not trained here.
#[derive(Clone)]
struct Frozen(Arc<dyn Model>);

impl fmt::Debug for Frozen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} dims, frozen", self.0.dims())
    }
}

/// The map that a method trains between two frozen models.
pub trait Adaptation: Module + ModuleDisplay + Sync + 'static {
    /// Makes the map between the two models of `setup`: [`Setup::independent`] and [`Setup::parent`].
    ///
    /// # Errors
    /// [`LabError::Scenario`] if the stage lacks what the method needs.
    fn new(setup: &mut Setup) -> Result<Self, LabError>;

    /// The loss terms, in the order of the card, on what both models say of the same pixels.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if it uses of the batch what the card does not say that it needs.
    fn terms(&self, batch: &Batch) -> Result<Vec<Term>, LabError>;

    /// What brings queries and old gallery together.
    ///
    /// # Errors
    /// [`LabError::File`] if it cannot be written down.
    fn bridge(&self) -> Result<Bridge, LabError>;

    /// What is stored of the new model's embedding, or classifies it: by default the same.
    ///
    /// # Shapes
    /// - rows, output: `[batch, dims]`
    fn stored(&self, rows: Tensor<2>) -> Tensor<2> {
        rows
    }

    /// Writes [`Adaptation::stored`] down.
    fn describe(&self, _file: &mut Portable) {}

    /// See [`System::orthogonality`].
    fn orthogonality(&self) -> Option<Tensor<1>> {
        None
    }
}

impl<A: Adaptation> System for Adapted<A> {
    fn new(setup: &mut Setup) -> Result<Self, LabError> {
        Ok(Self { new: Frozen(setup.independent()?.clone()), map: A::new(setup)? })
    }

    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        Ok(self.map.stored(self.new.0.embed(items)?))
    }

    fn losses(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        self.map.terms(batch)
    }

    fn dims(&self) -> usize {
        self.new.0.dims()
    }

    fn portable(&self) -> Portable {
        let mut file = self.new.0.portable();
        self.map.describe(&mut file);
        file
    }

    fn classifier(&self) -> Option<Tensor<2>> {
        self.new.0.classifier().map(|rows| self.map.stored(rows))
    }

    fn orthogonality(&self) -> Option<Tensor<1>> {
        self.map.orthogonality()
    }

    fn bridge(&self) -> Result<Option<Bridge>, LabError> {
        self.map.bridge().map(Some)
    }
}
