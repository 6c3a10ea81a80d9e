//! The test items of a run as a stream of queries: what a model is asked that learns while it answers.

use data::{Dataset, Seed, StreamOrder, TestStream};
use protocol::Stage;

use crate::counts::BATCHES;
use crate::images::TestImages;
use crate::{Engine, Inputs, LabError};

/// A batch of queries, without labels.
#[expect(dead_code, reason = "the readout of streams reads them")]
pub(crate) struct Queries {
    /// What is asked.
    pub(crate) items: Inputs,
    /// Which test items they are: positions among those of the run.
    pub(crate) positions: Vec<usize>,
    /// Which part of the stream they come from, counted from 0.
    pub(crate) domain: usize,
}

/// The stream of one stage: each test item once in each domain.
pub(crate) struct StreamItems {
    stream: TestStream,
}

impl StreamItems {
    /// The stream that `stage` meets.
    ///
    /// # Errors
    /// [`LabError::Data`] if there cannot be such a stream.
    pub(crate) fn new(test: &TestImages, stage: &Stage, seed: Seed) -> Result<Self, LabError> {
        let positions: Vec<usize> = (0..test.len()).collect();
        let batch = stage.schedule.batch as usize;
        let stream = TestStream::new(&positions, &test.labels, StreamOrder::Shuffled, batch, seed)?;
        Ok(Self { stream })
    }

    /// Batches in all domains.
    ///
    /// # Errors
    /// [`LabError::Data`] if there are more than can be counted.
    pub(crate) fn steps(&self) -> Result<u32, LabError> {
        Ok(BATCHES.count(self.stream.len())?)
    }

    /// The batch of a step, counted from 0; on the engine's device, without gradients.
    ///
    /// # Errors
    /// [`LabError::Missing`] beyond the last.
    pub(crate) fn batch(
        &self,
        step: u32,
        test: &TestImages,
        dataset: &Dataset,
        engine: &Engine,
    ) -> Result<Queries, LabError> {
        let positions = self.stream.batch(step as usize);
        let positions = positions.ok_or_else(|| LabError::Missing(format!("Batch {step} of the stream")))?.to_vec();
        Ok(Queries { items: test.inputs(dataset, &positions, engine)?, positions, domain: 0 })
    }
}
