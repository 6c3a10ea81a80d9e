//! What is known of one model of a run.

use std::collections::BTreeMap;

use crate::{Adjusted, Cell, EqualCosines, LossTerm, Reading, Sample};

/// What is known of one model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelLog {
    /// Last training step known.
    pub step: u32,
    /// Loss readings in order.
    pub losses: Vec<LossPoint>,
    /// Settings that changed while it trained, in order.
    pub adjustments: Vec<Adjusted>,
    /// Live measurements in order.
    pub evaluations: Vec<Evaluation>,
    /// Latest projected embeddings.
    pub projection: Option<Projection>,
    /// Latest projected class vectors of its head, if they can be compared with its embeddings.
    pub prototypes: Option<Prototypes>,
    /// Recent mean time of a step, in milliseconds.
    pub ms_per_step: Option<f64>,
    /// Steps taken, once trained.
    pub trained: Option<u32>,
    /// Seconds of work that training took, once trained.
    pub seconds: Option<f64>,
    /// Trained numbers, once trained.
    pub parameters: Option<u64>,
    /// Floats stored per item, once trained.
    pub dims: Option<u32>,
    /// Seconds that embedding the whole test set took; run logs before this fact have none.
    pub index_seconds: Option<f64>,
    /// Numbers by the id of their quantity and what they are of, each with its training step, in order.
    pub numbers: BTreeMap<(String, String), Vec<(u32, f64)>>,
}

impl ModelLog {
    /// Every reading of a quantity with its training step, in order; `of` is empty for the whole.
    pub fn readings(&self, quantity: &str, of: &str) -> &[(u32, f64)] {
        let found = self.numbers.iter().find(|((id, part), _)| id == quantity && part == of);
        found.map_or(&[], |(_, readings)| readings.as_slice())
    }

    /// The latest reading of a quantity.
    pub fn reading(&self, quantity: &str, of: &str) -> Option<f64> {
        self.readings(quantity, of).last().map(|&(_, value)| value)
    }

    /// Takes one more reading in.
    pub(super) fn take(&mut self, step: u32, reading: &Reading) {
        let key = (reading.quantity.clone(), reading.of.clone());
        self.numbers.entry(key).or_default().push((step, reading.value));
    }
}

/// One reading of the loss terms.
#[derive(Clone, Debug, PartialEq)]
pub struct LossPoint {
    /// Training step.
    pub step: u32,
    /// The same in epochs.
    pub epoch: f64,
    /// The same in seconds spent on the model's training steps; what lies between them, as measuring, is left out.
    pub seconds: f64,
    /// Learning rate.
    pub rate: f64,
    /// Weighted sum.
    pub total: f64,
    /// Each term before weighting.
    pub terms: Vec<LossTerm>,
    /// Largest |QQ' - I|, if rotations are trained.
    pub orthogonality: Option<f64>,
}

/// One live measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Training step.
    pub step: u32,
    /// What was sampled.
    pub sample: Sample,
    /// The cells.
    pub cells: Vec<Cell>,
}

/// Test embeddings on the plane of the first model's gallery.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// Training step.
    pub step: u32,
    /// Item ids.
    pub items: Vec<u16>,
    /// x, y per item.
    pub points: Vec<f32>,
    /// Share of the first model's variance in the plane.
    pub explained: f64,
}

/// Class vectors of a head on the same plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Prototypes {
    /// Training step.
    pub step: u32,
    /// x, y per class that the model is trained on, in the order of the classes.
    pub points: Vec<f32>,
    /// Whether they are trained with the model.
    pub learned: bool,
    /// How a fixed head keeps them apart, if it does so equally.
    pub equal: Option<EqualCosines>,
}
