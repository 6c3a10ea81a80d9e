//! How fast an engine is: a known piece of work, repeated for a while.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};
use data::{ImageShape, ItemShape, Rng, Seed};
use measure::alignment::{Embedding, Fit, fit};
use measure::{Features, Items, retrieve};
use protocol::{Choice, Need, Scenario, Schedule, Stage, Timing, Workload};

use crate::engine::read;
use crate::methods::method;
use crate::presets::choices;
use crate::readouts::retrieval::DEPTH;
use crate::runner::Clock;
use crate::{Batch, Engine, Init, Inputs, LabError, Model, Parent, Setup, StoredFeatures, Training};

/// Shape of the images, that of the built-in dataset.
pub(crate) const IMAGE: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };
const CLASSES: usize = 10;
/// Dims of the models whose steps are timed.
const DIMS_OF_A_STEP: u32 = 128;
/// Rows of the matrices that are multiplied.
const SIDE: usize = 512;
/// Queries and gallery items of the evaluation, and dims of their embeddings.
const ITEMS: usize = 2000;
/// Pairs that the adapter is fitted on.
const PAIRS: usize = 10_000;
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
    Step {
        training: Box<dyn Training>,
        batch: Box<Batch>,
        old: Option<Arc<dyn Model>>,
        teacher: Option<Arc<dyn Model>>,
    },
    Product {
        factors: Box<[Tensor<2>; 2]>,
    },
    Fit {
        new: Vec<f32>,
        old: Vec<f32>,
    },
    Evaluation {
        rows: Vec<f32>,
        labels: Vec<u32>,
        ids: Vec<u32>,
    },
}

impl Work {
    fn new(workload: Workload, engine: &Engine) -> Result<Self, LabError> {
        let mut rng = Seed(1).stream("probe");
        Ok(match workload {
            Workload::MlpStep => step(Choice::PLAIN, mlp(256), 128, engine, rng)?,
            Workload::BctStep => step("bct", mlp(256), 128, engine, rng)?,
            Workload::Bt2Step => step("bt2", mlp(256), 128, engine, rng)?,
            Workload::OcaStep => step("oca", mlp(256), 128, engine, rng)?,
            Workload::CnnStep => step(Choice::PLAIN, Choice::of("cnn").with("channels", 16.0), 64, engine, rng)?,
            Workload::MatrixProduct => {
                let mut matrix = || {
                    let values: Vec<f32> = (0..SIDE * SIDE).map(|_| rng.normal()).collect();
                    Tensor::from_data(TensorData::new(values, [SIDE, SIDE]), engine.device())
                };
                Self::Product { factors: Box::new([matrix(), matrix()]) }
            }
            Workload::AdapterFit => {
                let mut rows = || (0..PAIRS * DIMS_OF_A_STEP as usize).map(|_| rng.normal()).collect();
                Self::Fit { new: rows(), old: rows() }
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
            Self::Step { training, batch, old, teacher } => {
                let mut last = Vec::new();
                for _ in 0..times {
                    let embed =
                        |model: &Arc<dyn Model>| model.embed(&batch.items.clone().inner()).map(Tensor::autodiff);
                    (batch.old, batch.teacher) =
                        (old.as_ref().map(embed).transpose()?, teacher.as_ref().map(embed).transpose()?);
                    last = training.step(batch, 1e-3)?.terms;
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
            Self::Fit { new, old } => {
                let dims = DIMS_OF_A_STEP as usize;
                for _ in 0..times {
                    let new = Embedding { model: "new", rows: Features::new(new, dims)? };
                    let old = Embedding { model: "old", rows: Features::new(old, dims)? };
                    std::hint::black_box(fit(Fit::Affine { ridge: 1.0 }, &new, &old)?.report.held_out_r2);
                }
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

/// An MLP with this many hidden units.
fn mlp(hidden: u32) -> Choice {
    Choice::of("mlp").with("hidden", f64::from(hidden))
}

/// The training of a model with 128 dims by plain Adam, on one batch of noise, with the frozen models that its method needs.
fn step(id: &str, encoder: Choice, size: usize, engine: &Engine, mut rng: Rng) -> Result<Work, LabError> {
    let schedule = Schedule { decay: 0.0, ..Schedule::default() };
    let of = |id: &str, encoder: Choice| Stage {
        encoder,
        dims: DIMS_OF_A_STEP,
        method: Choice::of(id),
        schedule: schedule.clone(),
        ..Stage::default()
    };
    let stages = vec![of(Choice::PLAIN, mlp(64)), of(id, encoder.clone())];
    let mut scenario = Scenario { stages, ..Scenario::default() };
    scenario.settle(&choices());
    let mut begin = |stage: &Stage, parents: Vec<Parent>, teacher: Option<Arc<dyn Model>>| {
        let init = Init::new(rng.clone(), engine.training());
        rng.bits();
        let setup = Setup {
            stage,
            input: ItemShape::Pixels(IMAGE),
            classes: CLASSES,
            all_classes: CLASSES,
            engine,
            init,
            seed: Seed(1),
            parents,
            teacher,
            paired: None,
            source: None,
        };
        (method(&stage.method.id)?.start)(setup)
    };
    let needs = (method(id)?.card)().needs;
    let (mut parents, mut beside, mut teacher) = (Vec::new(), None, None);
    if !needs.nothing() {
        let model = begin(&of(Choice::PLAIN, mlp(64)), Vec::new(), None)?.model()?;
        let mut noise = Seed(2).stream("probe");
        let rows: Vec<f32> = (0..CLASSES * model.dims()).map(|_| noise.normal()).collect();
        let stored = StoredFeatures::new(&rows, model.dims(), (0..CLASSES as u32).collect())?;
        parents.push(Parent::new(&needs, &model, CLASSES).with_features(stored, CLASSES, engine.device()));
        beside = needs.has(Need::OldFeatures).then_some(model);
    }
    if needs.has(Need::Teacher) {
        teacher = Some(begin(&of(Choice::PLAIN, encoder), Vec::new(), None)?.model()?);
    }
    let stage = scenario.stages.last().cloned().unwrap_or_default();
    let training = begin(&stage, parents, teacher.clone())?;
    let pixels: Vec<f32> = (0..size * IMAGE.size()).map(|_| rng.uniform(0.0, 1.0)).collect();
    let labels: Vec<i32> = (0..CLASSES as i32).cycle().take(size).collect();
    let shape = [size, IMAGE.channels, IMAGE.height, IMAGE.width];
    let batch = Batch {
        items: Inputs::Pixels(Tensor::from_data(TensorData::new(pixels, shape), &engine.training())),
        beside: None,
        labels: Some(Tensor::from_data(TensorData::new(labels, [size]), &engine.training())),
        parts: BTreeMap::new(),
        old: None,
        teacher: None,
        progress: 0.0,
        domain: 0,
        values: stage.method.values.clone(),
        rng,
    };
    Ok(Work::Step { training, batch: Box::new(batch), old: beside, teacher })
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
        use Workload::{AdapterFit, BctStep, Bt2Step, CnnStep, Evaluation, MatrixProduct, MlpStep, OcaStep};
        for workload in [MlpStep, BctStep, Bt2Step, OcaStep, CnnStep, MatrixProduct, AdapterFit, Evaluation] {
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
