//! Items of a stage for a method that looks at them before it begins, as one that dampens weights does.

use burn::tensor::Device;
use data::{Dataset, Rng};

use crate::images::TrainingImages;
use crate::{Draw, LabError, Labelled, Source};

/// The items of a stage, each look at which begins with the same random numbers.
pub(crate) struct StageItems<'a> {
    pub(crate) images: &'a TrainingImages,
    pub(crate) dataset: &'a Dataset,
    pub(crate) rng: Rng,
    pub(crate) device: &'a Device,
}

impl Source for StageItems<'_> {
    fn some(&self, kind: Option<Draw>, count: usize) -> Result<Option<Labelled>, LabError> {
        let pool: Vec<usize> = match kind {
            None => [self.images.indices(), self.images.beside(Draw::Forget)].concat(),
            Some(draw) => self.images.beside(draw).to_vec(),
        };
        let drawn = self.rng.clone().shuffled(pool.len());
        let drawn: Vec<usize> = drawn.iter().take(count).filter_map(|&at| pool.get(at)).copied().collect();
        if drawn.is_empty() {
            return Ok(None);
        }
        self.images.labelled(self.dataset, &drawn, None, self.device).map(Some)
    }
}
