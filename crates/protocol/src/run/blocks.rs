//! How a stored vector splits into blocks, and what each of them retrieves.

use serde::{Deserialize, Serialize};

use crate::{ModelId, Rates};

/// The blocks of what a model stores per item, in the order of the dims.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Blocks {
    /// Which model.
    pub model: ModelId,
    /// At least two; the last holds what no model before has.
    pub blocks: Vec<Block>,
}

/// Dims beside each other, measured on the whole test set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The model whose gallery all dims up to the end of this block are comparable with; the model itself for the last.
    pub model: ModelId,
    /// How many there are.
    pub dims: u32,
    /// Share of the squared norm over all items, `0..=1`; those of all blocks add to 1.
    pub energy: f64,
    /// Self-test by these dims alone, re-normalised.
    pub alone: Rates,
    /// Self-test by all dims up to the end of this block, re-normalised; of the last block the self-test of the whole.
    pub through: Rates,
    /// Cross-test by all dims up to the end of this block on the gallery of [`Block::model`]; `None` for the last.
    pub cross: Option<Rates>,
}
