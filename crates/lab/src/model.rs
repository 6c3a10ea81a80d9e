//! A trained model as the lab uses it: something that embeds.

use std::sync::Arc;

use burn::tensor::Tensor;

use crate::Portable;

/// A model that is done training. Whatever method made it, this is all that indexing, querying and exporting need.
pub trait Model: Send + Sync {
    /// The embedding that is stored and compared.
    ///
    /// # Shapes
    /// - images: `[batch, channels, height, width]`, on a device without gradients
    /// - output: `[batch, dims]`
    fn embed(&self, images: Tensor<4>) -> Tensor<2>;

    /// Floats stored per item.
    fn dims(&self) -> usize;

    /// Numbers that were trained.
    fn parameters(&self) -> u64;

    /// The forward pass written out.
    fn portable(&self) -> Portable;

    /// The classifier on the stored embedding, one row per class it was trained on, if it has one.
    ///
    /// # Shapes
    /// - output: `[classes, dims]`
    fn classifier(&self) -> Option<Tensor<2>> {
        None
    }

    /// Largest `|QQ' - I|` of the rotations in it, if it has any.
    ///
    /// # Shapes
    /// - output: `[1]`
    fn orthogonality(&self) -> Option<Tensor<1>> {
        None
    }
}

/// The deployed system that a new model must stay compatible with.
#[derive(Clone)]
pub struct Predecessor {
    /// The model that indexed the gallery.
    pub model: Arc<dyn Model>,
    /// Classes that it was trained on: the first so many.
    pub classes: usize,
    /// Mean of its normalised features per class of the new training images; shape `[classes of the new stage, dims]`.
    pub prototypes: Tensor<2>,
}
