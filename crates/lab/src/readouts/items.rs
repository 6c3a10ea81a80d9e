//! What the further readouts take of the test items of a run, beside their embeddings.

use data::{DataError, Dataset, ImageShape, ItemShape, Items};

use crate::images::{self, TestImages};
use crate::{Engine, Inputs, LabError};

impl TestImages {
    /// The pictures at these positions after `change`, which is given the pixels and the position of each; without gradients.
    ///
    /// # Errors
    /// [`LabError::Data`] if the items are no pictures, or cannot be changed.
    pub(crate) fn changed(
        &self,
        dataset: &Dataset,
        positions: &[usize],
        change: impl Fn(&[u8], ImageShape, usize) -> Result<Vec<u8>, DataError>,
        engine: &Engine,
    ) -> Result<Inputs, LabError> {
        let images = dataset.test.items();
        let [channels, height, width] = images.shape().sides();
        let shape = ImageShape { channels, height, width };
        let mut pixels = Vec::with_capacity(positions.len() * shape.size());
        for &position in positions {
            let &item =
                self.indices().get(position).ok_or_else(|| LabError::Missing(format!("Test item {position}")))?;
            pixels.extend(change(images.picture(item)?, shape, position)?);
        }
        let all: Vec<usize> = (0..positions.len()).collect();
        images::of_items(&Items::pixels(shape, pixels)?, &dataset.normalisation, &all, None, engine.device())
    }

    /// The sequence that stands beside the item at this position; `None` if none does.
    pub(crate) fn sequence_beside<'a>(
        &self,
        dataset: &'a Dataset,
        position: usize,
    ) -> Result<Option<&'a [u16]>, LabError> {
        let (Some(beside), Some(&item)) = (dataset.test.beside(), self.indices().get(position)) else {
            return Ok(None);
        };
        Ok(match beside.shape() {
            ItemShape::Tokens { .. } => Some(beside.sequence(item)?),
            ItemShape::Pixels(_) | ItemShape::Rows { .. } => None,
        })
    }

    /// Those at these positions, as they are, without gradients.
    pub(crate) fn inputs(&self, dataset: &Dataset, positions: &[usize], engine: &Engine) -> Result<Inputs, LabError> {
        let items: Vec<usize> = positions.iter().filter_map(|&at| self.indices().get(at)).copied().collect();
        images::inputs(&dataset.test, &dataset.normalisation, &items, None, engine.device())
    }

    /// The numbers of the first `count` items as they are, `[items, width]` row-major.
    ///
    /// # Errors
    /// [`LabError::Data`] if they are no rows.
    pub(crate) fn rows(&self, dataset: &Dataset, count: usize) -> Result<Vec<f32>, LabError> {
        let items = dataset.test.items();
        let rows = self.indices().iter().take(count).map(|&index| items.row(index)).collect::<Result<Vec<_>, _>>()?;
        Ok(rows.concat())
    }
}
