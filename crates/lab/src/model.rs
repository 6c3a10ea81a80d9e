//! A trained model as the lab uses it: something that embeds.

use burn::tensor::Tensor;

use crate::{Bridge, Inputs, LabError, Portable};

/// A model that is done training. Whatever method made it, this is all that indexing, querying and exporting need.
pub trait Model: Send + Sync {
    /// The embedding that is stored and compared, of items on a device without gradients.
    ///
    /// # Shapes
    /// - output: `[batch, dims]`
    ///
    /// # Errors
    /// [`LabError::Items`] of items of a kind that it does not look at, [`LabError::NoEmbedding`] of a model that embeds nothing.
    fn embed(&self, _items: &Inputs) -> Result<Tensor<2>, LabError> {
        Err(LabError::NoEmbedding)
    }

    /// A score for every class that it knows, the largest being its answer, of a model that answers in another way than by its
    /// [`Model::classifier`]; `None` of all others.
    ///
    /// # Shapes
    /// - output: `[batch, classes]`; of sequences, which are answered at every place, `[batch * length, classes]`, an item's places one
    ///   after the other
    ///
    /// # Errors
    /// As [`Model::embed`].
    fn answer(&self, _items: &Inputs) -> Result<Option<Tensor<2>>, LabError> {
        Ok(None)
    }

    /// What it makes of noise of the shape of items in so many steps, if it makes anything up: the end of its [`Model::path`].
    ///
    /// # Shapes
    /// - output: that of `noise`
    ///
    /// # Errors
    /// As [`Model::embed`].
    fn sample(&self, noise: &Inputs, steps: usize) -> Result<Option<Inputs>, LabError> {
        Ok(self.path(noise, steps)?.pop())
    }

    /// The points that it goes through from noise to what it makes of it, one after each of so many steps; none of a model that makes
    /// nothing up.
    ///
    /// # Shapes
    /// - each: that of `noise`
    ///
    /// # Errors
    /// As [`Model::embed`].
    fn path(&self, _noise: &Inputs, _steps: usize) -> Result<Vec<Inputs>, LabError> {
        Ok(Vec::new())
    }

    /// Floats stored per item; 0 of what embeds nothing.
    fn dims(&self) -> usize {
        0
    }

    /// Numbers that were trained.
    fn parameters(&self) -> u64;

    /// The forward pass of [`Model::embed`] written out; of a model that embeds nothing its tensors alone ([`Portable::keep`]).
    fn portable(&self) -> Portable;

    /// The classifier on the stored embedding, one row per class it was trained on, if it has one.
    ///
    /// # Shapes
    /// - output: `[classes, dims]`
    fn classifier(&self) -> Option<Tensor<2>> {
        None
    }

    /// Whether the scores of [`Model::classifier`] are cosines with its rows, not plain products.
    fn is_cosine(&self) -> bool {
        true
    }

    /// The head behind [`Model::classifier`], if its rows are not trained.
    fn fixed_head(&self) -> Option<FixedHead> {
        None
    }

    /// What brings its queries and a gallery of the model before it into one space, if the prefix alone does not.
    ///
    /// # Errors
    /// [`LabError::File`] if the bridge cannot be written down, a mistake of the method.
    fn bridge(&self) -> Result<Option<Bridge>, LabError> {
        Ok(None)
    }

    /// Takes what is stored to the part that the method trains without regard to compatibility, if it keeps one apart.
    ///
    /// # Shapes
    /// - output: `[dims, dims of that part]`
    fn branch(&self) -> Option<Tensor<2>> {
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

/// Class vectors that are not trained.
#[derive(Clone, Debug)]
pub struct FixedHead {
    /// All of them, those of no class included, `[rows, dims]`.
    pub rows: Tensor<2>,
    /// Cosine between any two by construction, if it is the same for all.
    pub equal: Option<f64>,
}
