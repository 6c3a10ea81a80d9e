//! What a picture finds that is no item of the dataset.

use std::collections::BTreeMap;

use data::Items;
use measure::retrieve;
use protocol::{Nearest, Packed};

use super::evaluation::DEPTH;
use crate::LabError;
use crate::counts::TEST_ITEMS;
use crate::engine::read;
use crate::images::of_items;
use crate::runner::Runner;
use crate::stored::Embedded;

/// Class and identity of what has none: no item has them.
const NOBODY: [u32; 1] = [u32::MAX];

impl Runner {
    /// The best gallery items for a picture of the size of the dataset's, 8 bits per channel, one channel after the other, under every
    /// pair of models that are done. It counts in no score.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if the dataset holds no pictures, [`LabError::Data`] if theirs are of another size, [`LabError::Engine`]
    /// if the device was lost.
    pub async fn find(&self, picture: Vec<u8>) -> Result<Vec<Nearest>, LabError> {
        let shape = self.dataset.test.items().image_shape();
        let shape =
            shape.ok_or_else(|| LabError::Scenario("Only among pictures can one be searched for.".to_owned()))?;
        let picture = Items::pixels(shape, picture)?;
        let picture = of_items(&picture, &self.dataset.normalisation, &[0], None, self.engine.device())?;
        let mut asked = BTreeMap::new();
        for (&id, model) in self.models.iter().filter(|(id, _)| self.galleries.contains_key(id)) {
            asked.insert(id, Embedded { rows: read(model.embed(&picture)?).await?, dims: model.dims() });
        }
        let mut nearest = Vec::new();
        for &(query, gallery) in self.plan.pairs() {
            if !asked.contains_key(&query) || !asked.contains_key(&gallery) {
                continue;
            }
            let (rows, items) = self.brought(&asked, query, gallery).await?;
            let rows = measure::Items::new(rows.features()?, &NOBODY, &NOBODY)?;
            let items = measure::Items::new(items.features()?, &self.test.labels, &self.test.ids)?;
            let found = retrieve(&rows, &items, DEPTH)?.queries;
            let items = found.iter().flat_map(|query| &query.top).map(|&item| TEST_ITEMS.number(item as usize));
            nearest.push(Nearest { query, gallery, items: Packed(items.collect::<Result<_, _>>()?) });
        }
        Ok(nearest)
    }
}
