//! How fast an engine is: a known piece of work, repeated for a while.

use burn::tensor::{Int, Tensor, TensorData};
use data::{ImageShape, Rng, Seed};
use measure::{Features, Items, retrieve};
use protocol::{Choice, Schedule, Stage, Timing, Workload};

use crate::engine::read;
use crate::evaluation::DEPTH;
use crate::methods::method;
use crate::runner::Clock;
use crate::{Batch, Engine, Init, LabError, Setup, Training};

/// Shape of the images, that of the built-in dataset.
pub(crate) const INPUT: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };
const CLASSES: usize = 10;
/// Rows of the matrices that are multiplied.
const SIDE: usize = 512;
/// Queries and gallery items of the evaluation, and dims of their embeddings.
const ITEMS: usize = 2000;
const DIMS: usize = 64;
/// Repetitions between two reads: as seldom as a run reads its losses, so that waiting for a GPU is not what is timed.
const BLOCK: u32 = 5;
/// Fewest blocks that a budget is made to hold.
const BLOCKS: f64 = 10.0;

/// Repeats a piece of work until `budget_ms` milliseconds are over, but at least once after a warm-up.
///
/// # Errors
/// [`LabError::Engine`] if the engine fails.
pub async fn probe(workload: Workload, engine: &Engine, budget_ms: f64, clock: Clock) -> Result<Timing, LabError> {
    let mut work = Work::new(workload, engine)?;
    // The first time compiles the programs of a GPU and fills caches.
    work.repeat(1).await?;
    let started = clock();
    let (mut blocks, mut repetitions, mut block) = (Vec::new(), 0, 1);
    loop {
        let before = clock();
        work.repeat(block).await?;
        let ms = (clock() - before) / f64::from(block);
        blocks.push(ms);
        repetitions += block;
        if clock() - started >= budget_ms {
            let ms = measure::statistics::median(&blocks).unwrap_or(ms);
            return Ok(Timing { workload, engine: engine.report().clone(), ms, repetitions });
        }
        block = if ms * BLOCKS * f64::from(BLOCK) < budget_ms { BLOCK } else { 1 };
    }
}

/// Something to do again and again.
enum Work {
    Step { training: Box<dyn Training>, batch: Box<Batch> },
    Product { factors: Box<[Tensor<2>; 2]> },
    Evaluation { rows: Vec<f32>, labels: Vec<u32>, ids: Vec<u32> },
}

impl Work {
    fn new(workload: Workload, engine: &Engine) -> Result<Self, LabError> {
        let mut rng = Seed(1).stream("probe");
        Ok(match workload {
            Workload::MlpStep => step(Choice::of("mlp").with("hidden", 256.0), 128, engine, rng)?,
            Workload::CnnStep => step(Choice::of("cnn").with("channels", 16.0), 64, engine, rng)?,
            Workload::MatrixProduct => {
                let mut matrix = || {
                    let values: Vec<f32> = (0..SIDE * SIDE).map(|_| rng.normal()).collect();
                    Tensor::from_data(TensorData::new(values, [SIDE, SIDE]), engine.device())
                };
                Self::Product { factors: Box::new([matrix(), matrix()]) }
            }
            Workload::Evaluation => Self::Evaluation {
                rows: (0..ITEMS * DIMS).map(|_| rng.normal()).collect(),
                labels: (0..CLASSES as u32).cycle().take(ITEMS).collect(),
                ids: (0..).take(ITEMS).collect(),
            },
        })
    }

    /// Does it so often and waits for the result.
    async fn repeat(&mut self, times: u32) -> Result<(), LabError> {
        match self {
            Self::Step { training, batch } => {
                let mut last = Vec::new();
                for _ in 0..times {
                    last = training.step(batch, 1e-3)?;
                }
                for term in last {
                    read(term.value).await?;
                }
            }
            Self::Product { factors } => {
                let [left, right] = factors.as_ref();
                let mut product = left.clone();
                for _ in 0..times {
                    product = left.clone().matmul(right.clone());
                }
                read(product.slice([0..1, 0..1])).await?;
            }
            Self::Evaluation { rows, labels, ids } => {
                for _ in 0..times {
                    let items = Items::new(Features::new(rows, DIMS)?, labels, ids)?;
                    std::hint::black_box(retrieve(&items, &items, DEPTH)?.summary());
                }
            }
        }
        Ok(())
    }
}

/// The training of an independent model with 128 dims by plain Adam, on one batch of noise.
fn step(encoder: Choice, batch: usize, engine: &Engine, mut rng: Rng) -> Result<Work, LabError> {
    let schedule = Schedule { decay: 0.0, ..Schedule::default() };
    let stage = Stage { encoder, dims: 128, schedule, ..Stage::default() };
    let pixels: Vec<f32> = (0..batch * INPUT.size()).map(|_| rng.uniform(0.0, 1.0)).collect();
    let labels: Vec<i32> = (0..CLASSES as i32).cycle().take(batch).collect();
    let shape = [batch, INPUT.channels, INPUT.height, INPUT.width];
    let batch = Batch {
        images: Tensor::from_data(TensorData::new(pixels, shape), &engine.training()),
        labels: Tensor::<1, Int>::from_data(TensorData::new(labels, [batch]), &engine.training()),
        old: None,
        teacher: None,
        progress: 0.0,
        rng: rng.clone(),
    };
    let init = Init::new(rng, engine.training());
    let (stage, seed) = (&stage, Seed(1));
    let setup =
        Setup { stage, input: INPUT, classes: CLASSES, engine, init, seed, old: None, teacher: None, paired: None };
    Ok(Work::Step { training: (method("independent")?.start)(setup)?, batch: Box::new(batch) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::OnceLock;
    use std::time::Instant;

    use pollster::block_on;

    use super::*;

    fn clock() -> f64 {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
    }

    #[test]
    fn every_workload_is_done_at_least_once_however_small_the_budget() {
        let engine = Engine::cpu("a test");
        for workload in [Workload::MlpStep, Workload::CnnStep, Workload::MatrixProduct, Workload::Evaluation] {
            let timing = block_on(probe(workload, &engine, 0.0, clock)).unwrap();
            assert_eq!((timing.workload, timing.repetitions), (workload, 1));
            assert!(timing.ms > 0.0, "{timing:?}");
        }
    }

    #[test]
    fn a_larger_budget_is_spent_on_more_repetitions() {
        let timing = block_on(probe(Workload::MatrixProduct, &Engine::cpu("a test"), 300.0, clock)).unwrap();
        assert!(timing.repetitions > 1, "{timing:?}");
    }
}
