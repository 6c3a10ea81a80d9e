//! What every fit returns: an affine map that knows which model it takes and which space it leads to.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::moments::{Map, Moments, Pair};
use crate::{Features, MeasureError, features::one_per_row};

/// The rows that one model made of some items.
#[derive(Debug, Clone, Copy)]
pub struct Embedding<'a> {
    /// Name of the model, as it is known elsewhere (`v1`, `v2`).
    pub model: &'a str,
    /// One row per item.
    pub rows: Features<'a>,
}

/// A map `g(v) = (v - mx) W + my` from the space of one model into that of another.
///
/// It refuses the rows of any other model than [`from`](Self::from): with equal widths a map applied the wrong way round would go
/// unnoticed and destroy an index. The inverse of a map that is not orthogonal is not its transpose; fit the other direction instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Adapter {
    from: String,
    to: String,
    source_mean: Vec<f64>,
    matrix: Vec<f64>,
    target_mean: Vec<f64>,
}

impl Adapter {
    pub(super) fn new(from: &str, to: &str, map: &Map) -> Self {
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            source_mean: map.source_mean.iter().copied().collect(),
            matrix: map.matrix.transpose().iter().copied().collect(),
            target_mean: map.target_mean.iter().copied().collect(),
        }
    }

    /// Model whose rows are mapped.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Model into whose space they are mapped.
    pub fn to(&self) -> &str {
        &self.to
    }

    /// The mean `mx`, `[source dimensions]`.
    pub fn source_mean(&self) -> &[f64] {
        &self.source_mean
    }

    /// The matrix `W`, `[source dimensions, target dimensions]` row-major.
    pub fn matrix(&self) -> &[f64] {
        &self.matrix
    }

    /// The mean `my`, `[target dimensions]`.
    pub fn target_mean(&self) -> &[f64] {
        &self.target_mean
    }

    /// Maps every row: `[rows, target dimensions]` row-major, not scaled to unit length.
    ///
    /// # Errors
    /// When the rows are those of another model or of another width.
    pub fn apply(&self, embedding: &Embedding) -> Result<Vec<f32>, MeasureError> {
        self.check_source(embedding)?;
        let mut mapped = Vec::with_capacity(embedding.rows.rows() * self.target_mean.len());
        let mut sums = self.target_mean.clone();
        for row in embedding.rows.iter() {
            sums.copy_from_slice(&self.target_mean);
            let centred = row.iter().zip(&self.source_mean).map(|(&value, mean)| f64::from(value) - mean);
            for (value, weights) in centred.zip(self.matrix.chunks_exact(self.target_mean.len())) {
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
            }
            mapped.extend(sums.iter().map(|&sum| sum as f32));
        }
        Ok(mapped)
    }

    /// `R^2` of the map on pairs of your choice, such as those of classes held out of the fit; see
    /// [`FitReport`](super::FitReport) for the definition. `None` where the target rows are constant.
    ///
    /// # Errors
    /// When the rows do not pair up, or are not of the two models in the widths of the fit.
    pub fn r_squared(&self, x: &Embedding, y: &Embedding) -> Result<Option<f64>, MeasureError> {
        self.check_source(x)?;
        self.check_target(y)?;
        one_per_row("target rows", x.rows.rows(), y.rows.rows())?;
        let pairs: Vec<Pair> = x.rows.iter().zip(y.rows.iter()).collect();
        let dims = (self.source_mean.len(), self.target_mean.len());
        let map = Map {
            source_mean: DVector::from_column_slice(&self.source_mean),
            matrix: DMatrix::from_row_slice(dims.0, dims.1, &self.matrix),
            target_mean: DVector::from_column_slice(&self.target_mean),
        };
        Ok(Moments::of(&pairs, dims).r_squared(&map))
    }

    /// Checks that the rows are of the model and the width that the map takes.
    fn check_source(&self, embedding: &Embedding) -> Result<(), MeasureError> {
        self.check(embedding, &self.from, self.source_mean.len(), "source dimensions")
    }

    /// Checks that the rows are of the model and the width that the map leads to.
    pub(super) fn check_target(&self, embedding: &Embedding) -> Result<(), MeasureError> {
        self.check(embedding, &self.to, self.target_mean.len(), "target dimensions")
    }

    fn check(&self, found: &Embedding, model: &str, dim: usize, what: &'static str) -> Result<(), MeasureError> {
        if found.model != model {
            let (from, to, given) = (self.from.clone(), self.to.clone(), found.model.to_owned());
            return Err(MeasureError::WrongDirection { from, to, given });
        }
        one_per_row(what, dim, found.rows.dim())
    }
}

/// An adapter as it was read, its lengths not yet checked.
#[derive(Deserialize)]
struct Parts {
    from: String,
    to: String,
    source_mean: Vec<f64>,
    matrix: Vec<f64>,
    target_mean: Vec<f64>,
}

impl TryFrom<Parts> for Adapter {
    type Error = MeasureError;

    fn try_from(parts: Parts) -> Result<Self, MeasureError> {
        let Parts { from, to, source_mean, matrix, target_mean } = parts;
        if source_mean.is_empty() || target_mean.is_empty() {
            return Err(MeasureError::ZeroDimension);
        }
        one_per_row("entries of the adapter's matrix", source_mean.len() * target_mean.len(), matrix.len())?;
        Ok(Self { from, to, source_mean, matrix, target_mean })
    }
}
