//! Facts of a run, in the past tense. Nothing else crosses from the runner to what shows it, except images and weights.

use serde::{Deserialize, Serialize};

use crate::{
    Adjusted, Backfill, Blocks, Chain, Exhibit, ModelId, Packed, Quantity, Reading, Scenario, Scores, Setting, Table,
    Verdict,
};

/// One fact of a run. A recorded run is a file with one of these per line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A run began; the scenario is complete and within bounds.
    RunStarted {
        /// What is run.
        scenario: Scenario,
        /// What runs it.
        engine: EngineReport,
        /// What will be done, in order.
        plan: Vec<Phase>,
        /// Version of the program.
        program: String,
    },
    /// Something that a reader of the results must know: a cap, a clamped value, a sampling rule.
    Noticed {
        /// One sentence.
        text: String,
    },
    /// The images are there and were checked.
    DatasetLoaded {
        /// What a person reads.
        name: String,
        /// Package, licence and copyright, in a sentence.
        source: String,
        /// Names of all classes.
        class_names: Vec<String>,
        /// Training images that the last stage sees.
        train: u32,
        /// Class of each test item; the position is the item's id in every other event.
        test_labels: Packed<u8>,
    },
    /// A phase of the plan began.
    PhaseStarted {
        /// Position in the plan.
        phase: u32,
    },
    /// A setting of a model changed while it trained, or before its first step.
    Adjusted {
        /// Which model.
        model: ModelId,
        /// Which setting.
        setting: Setting,
        /// When, and from what to what.
        adjusted: Adjusted,
    },
    /// Loss terms were read.
    LossMeasured {
        /// Which model.
        model: ModelId,
        /// Training step, counted from 1.
        step: u32,
        /// The same in epochs.
        epoch: f64,
        /// Learning rate of that step.
        rate: f64,
        /// Weighted sum of the terms.
        total: f64,
        /// Each term before weighting.
        terms: Vec<LossTerm>,
        /// Largest |QQ' - I| over the rotations that the method trains, if it trains any.
        orthogonality: Option<f64>,
        /// Mean time of a step since the last such event, in milliseconds.
        ms_per_step: f64,
    },
    /// Retrieval was measured on a live sample while a model trains.
    RetrievalMeasured {
        /// The model in training.
        model: ModelId,
        /// Its training step.
        step: u32,
        /// What was sampled.
        sample: Sample,
        /// The cells that involve it, and old/old on the same sample.
        cells: Vec<Cell>,
    },
    /// Best gallery items and average precision of every query under one pair of models.
    RankingMeasured {
        /// Model that embeds the queries.
        query: ModelId,
        /// Model that embedded the gallery.
        gallery: ModelId,
        /// Training step of the newer model.
        step: u32,
        /// Item ids of the queries.
        queries: Packed<u16>,
        /// Item ids of their best gallery items, best first, `depth` per query.
        items: Packed<u16>,
        /// Items per query.
        depth: u32,
        /// Average precision of each query over the full ranking, `0..=1`; NaN where nothing relevant is in the gallery.
        precisions: Packed<f32>,
    },
    /// Test embeddings were put on the plane that was fitted once on the first model's gallery.
    EmbeddingsProjected {
        /// Which model.
        model: ModelId,
        /// Its training step.
        step: u32,
        /// Item ids.
        items: Packed<u16>,
        /// x, y per item.
        points: Packed<f32>,
        /// Share of the first model's variance that the plane holds, `0..=1`.
        explained: f64,
    },
    /// The class vectors of a model's head, at unit length, were put on the same plane.
    PrototypesProjected {
        /// Which model.
        model: ModelId,
        /// Its training step.
        step: u32,
        /// x, y per class that it is trained on, in the order of the classes.
        points: Packed<f32>,
        /// Whether they are trained with the model; those of a fixed head were there before it.
        learned: bool,
        /// How a fixed head keeps its class vectors apart, if it does so equally.
        equal: Option<EqualCosines>,
    },
    /// A model finished training.
    ModelTrained {
        /// Which model.
        model: ModelId,
        /// Steps taken.
        steps: u32,
        /// Seconds of work, measuring included; pauses are none.
        seconds: f64,
        /// Trained numbers.
        parameters: u64,
        /// Floats stored per gallery item.
        dims: u32,
    },
    /// A finished model embedded the whole test set.
    GalleryIndexed {
        /// Which model.
        model: ModelId,
        /// Items embedded.
        items: u32,
        /// Seconds that the embedding took.
        seconds: f64,
    },
    /// The blocks of what a model stores per item were measured one by one.
    BlocksMeasured {
        /// The blocks.
        blocks: Blocks,
    },
    /// All test images were measured against each other under the trained models.
    MatrixMeasured {
        /// Every pair of models that the run compares.
        cells: Vec<Cell>,
        /// What a random ranking scores on the same queries and gallery.
        chance: Rates,
    },
    /// A chain of more than two models was judged as a whole, from the final matrix.
    ChainMeasured {
        /// The judgement.
        chain: Chain,
    },
    /// A new model was judged against the one before.
    VerdictReached {
        /// The judgement.
        verdict: Box<Verdict>,
    },
    /// The old gallery of the last upgrade was re-embedded share by share, and asked in between.
    BackfillMeasured {
        /// The curve.
        backfill: Backfill,
    },
    /// The cosines behind one pair of models of the last upgrade were counted.
    ScoresMeasured {
        /// The histograms.
        scores: Scores,
    },
    /// What the numbers of this run mean that [`Event::Measured`] and [`Event::TableMeasured`] give.
    QuantitiesDeclared {
        /// Those that this run can measure.
        quantities: Vec<Quantity>,
    },
    /// Numbers of declared quantities were read.
    Measured {
        /// Which model.
        model: ModelId,
        /// Its training step.
        step: u32,
        /// The numbers.
        readings: Vec<Reading>,
    },
    /// Numbers of a declared quantity were put into a table.
    TableMeasured {
        /// The table.
        table: Table,
    },
    /// A model showed something.
    ExhibitShown {
        /// What it showed.
        exhibit: Exhibit,
    },
    /// The run is over; everything in the plan was done.
    RunFinished {
        /// Seconds of work; pauses are none.
        seconds: f64,
    },
    /// The run cannot go on. What was measured before still stands.
    Faulted {
        /// What happened and what to do.
        fault: Fault,
    },
}

impl Event {
    /// Whether it is large and replaced by the next of its kind, so that a recording need not keep each of them.
    pub fn is_bulky(&self) -> bool {
        matches!(
            self,
            Self::RankingMeasured { .. }
                | Self::EmbeddingsProjected { .. }
                | Self::PrototypesProjected { .. }
                | Self::ExhibitShown { .. }
        )
    }

    /// Whether a new moment of the run begins with it, whatever came before.
    pub fn begins_moment(&self) -> bool {
        matches!(self, Self::LossMeasured { .. } | Self::PhaseStarted { .. } | Self::MatrixMeasured { .. })
    }

    /// The model in training and its step, where the event tells of its progress.
    pub fn model_step(&self) -> Option<(ModelId, u32)> {
        match self {
            Self::LossMeasured { model, step, .. } | Self::Measured { model, step, .. } => Some((*model, *step)),
            _ => None,
        }
    }
}

/// What runs the tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngineReport {
    /// Which one.
    pub kind: EngineKind,
    /// What a person reads: processor or adapter.
    pub name: String,
    /// Why this one, in a sentence.
    pub reason: String,
}

/// The engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// Portable CPU kernels with SIMD.
    Cpu,
    /// A GPU through WebGPU.
    Webgpu,
}

/// A part of a run with a known length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// What is done.
    pub kind: PhaseKind,
    /// To which model; the last one for the final measurement.
    pub model: ModelId,
    /// Units of work: training steps, or pairs of models to measure.
    pub steps: u32,
}

/// What a phase does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseKind {
    /// Trains a model.
    Train,
    /// Measures every pair of models on the whole test set.
    Measure,
}

/// One named loss term before weighting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LossTerm {
    /// Name, as the method's card gives it.
    pub name: String,
    /// Weight in the sum.
    pub weight: f64,
    /// Value before weighting.
    pub value: f64,
}

/// Unit vectors of which any two have the same cosine by construction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EqualCosines {
    /// How many vectors, those of no class included.
    pub vectors: u32,
    /// The cosine that any two of them have in theory.
    pub exact: f64,
    /// Largest distance from it that was measured.
    pub deviation: f64,
}

/// What a live measurement looked at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Queries used.
    pub queries: u32,
    /// Gallery items used.
    pub gallery: u32,
    /// Test items there are.
    pub of: u32,
}

/// Retrieval under one pair of models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Model that embeds the queries.
    pub query: ModelId,
    /// Model that embedded the gallery.
    pub gallery: ModelId,
    /// Over all queries.
    pub all: Rates,
    /// Over queries of classes that the first stage was trained on.
    pub seen: Option<Rates>,
    /// Over queries of classes that came later.
    pub unseen: Option<Rates>,
}

/// Retrieval scores, as fractions in `0..=1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Mean average precision over the full ranking.
    pub map: f64,
    /// Queries whose best item is of their class.
    pub cmc1: f64,
    /// Queries with an item of their class among the best five.
    pub cmc5: f64,
    /// Share of the relevant items among the best ten, mean over queries.
    pub recall10: f64,
    /// Queries that count: those with at least one relevant item.
    pub queries: u32,
    /// Queries in which a relevant and an irrelevant item tie.
    pub ambiguous: u32,
}

/// Why a run stopped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind.
    pub kind: FaultKind,
    /// What happened, in a sentence.
    pub message: String,
    /// What to do, in a sentence.
    pub action: String,
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The scenario asks for something impossible.
    Scenario,
    /// Data are missing, truncated or altered.
    Data,
    /// A loss is no longer a number, or embeddings diverged or collapsed so that they cannot be measured.
    NotFinite,
    /// The engine could not start or was lost.
    Engine,
    /// The worker stopped answering or died.
    Worker,
    /// A file could not be read.
    File,
}
