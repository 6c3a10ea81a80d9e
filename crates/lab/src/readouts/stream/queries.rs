//! The test items of a run as a stream of queries: what a model is asked that learns while it answers.

use data::{Dataset, Drift, Seed, TestStream};
use protocol::Stage;

use super::Heard;
use crate::counts::BATCHES;
use crate::images::TestImages;
use crate::{Engine, Inputs, LabError};

/// A batch of queries, without labels.
pub(crate) struct Queries {
    items: Inputs,
    /// Which test items they are: positions among those of the run.
    pub(super) positions: Vec<usize>,
    domain: usize,
}

impl Queries {
    /// What is asked.
    pub(crate) fn items(&self) -> &Inputs {
        &self.items
    }

    /// Which part of the stream they come from, counted from 0.
    pub(crate) fn domain(&self) -> usize {
        self.domain
    }
}

/// The stream of one stage: each test item once in each domain, made as it is asked.
pub(crate) struct StreamItems {
    drift: Drift,
    stream: TestStream,
    seed: Seed,
    /// What was answered so far.
    pub(in crate::readouts) heard: Heard,
}

impl StreamItems {
    /// The stream that `stage` meets.
    ///
    /// # Errors
    /// [`LabError::Data`] if there cannot be such a stream.
    pub(crate) fn new(test: &TestImages, stage: &Stage, seed: Seed) -> Result<Self, LabError> {
        let drift = Drift::of(&stage.sees);
        let stream = drift.stream(&test.labels, seed)?;
        Ok(Self { drift, stream, seed, heard: Heard::default() })
    }

    /// Batches in all domains.
    ///
    /// # Errors
    /// [`LabError::Data`] if there are more than can be counted.
    pub(crate) fn steps(&self) -> Result<u32, LabError> {
        Ok(BATCHES.count(self.stream.len() * self.drift.domains().len())?)
    }

    /// The batch of a step, counted from 0; on the engine's device, without gradients.
    ///
    /// # Errors
    /// [`LabError::Missing`] beyond the last, [`LabError::Data`] if the items are no pictures.
    pub(crate) fn batch(
        &self,
        step: u32,
        test: &TestImages,
        dataset: &Dataset,
        engine: &Engine,
    ) -> Result<Queries, LabError> {
        let missing = || LabError::Missing(format!("Batch {step} of the stream"));
        let (step, each) = (step as usize, self.stream.len().max(1));
        let domain = self.drift.domains().get(step / each).ok_or_else(missing)?;
        let positions = self.stream.batch(step % each).ok_or_else(missing)?.to_vec();
        let deliver = |pixels: &[u8], shape, position| domain.deliver(pixels, shape, position, self.seed);
        let items = test.changed(dataset, &positions, deliver, engine)?;
        Ok(Queries { items, positions, domain: step / each })
    }

    /// What was answered so far, as numbers for a checkpoint.
    pub(crate) fn write(&self) -> Vec<f32> {
        self.heard.write()
    }

    /// Takes back what [`StreamItems::write`] wrote.
    ///
    /// # Errors
    /// [`LabError::Checkpoint`] if it is nothing of the kind.
    pub(crate) fn restore(&mut self, numbers: &[f32]) -> Result<(), LabError> {
        let garbled = || LabError::Checkpoint("what the stream was answered so far cannot be read".to_owned());
        self.heard = Heard::read(numbers).ok_or_else(garbled)?;
        Ok(())
    }
}
