//! A trained model as the lab uses it: something that embeds.

use burn::tensor::Tensor;

use crate::{Bridge, Inputs, LabError, Portable, cosine_logits};

/// A model that is done training. Whatever method made it, this is all that indexing, querying and exporting need.
pub trait Model: Send + Sync {
    /// The embedding that is stored and compared, of items on a device without gradients.
    ///
    /// # Shapes
    /// - output: `[batch, dims]`
    ///
    /// # Errors
    /// [`LabError::Items`] of items of a kind that it does not look at.
    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError>;

    /// A score for every class that it knows, the largest being its answer; `None` of a model that answers nothing. By default
    /// the cosines with the rows of its [`Model::classifier`].
    ///
    /// # Shapes
    /// - output: `[batch, classes]`
    ///
    /// # Errors
    /// As [`Model::embed`].
    fn answer(&self, items: &Inputs) -> Result<Option<Tensor<2>>, LabError> {
        let Some(rows) = self.classifier() else { return Ok(None) };
        Ok(Some(cosine_logits(self.embed(items)?, rows, 1.0)))
    }

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
