//! Owned rows in single precision, the form in which they are scored against each other.

use nalgebra::DMatrix;

use crate::{Features, MeasureError, scores::Gallery};

/// `[rows, dim]` row-major, finite, at least one row.
pub(super) struct Rows {
    pub values: Vec<f32>,
    pub dim: usize,
}

impl Rows {
    pub fn count(&self) -> usize {
        self.values.len() / self.dim
    }

    pub fn iter(&self) -> std::slice::ChunksExact<'_, f32> {
        self.values.chunks_exact(self.dim)
    }

    /// Each row scaled to unit length.
    pub fn unit(&self) -> Result<Self, MeasureError> {
        Ok(Self { values: Features::new(&self.values, self.dim)?.prefix(self.dim)?, dim: self.dim })
    }

    /// The rows as columns in double precision, `[dim, rows]`.
    pub fn columns(&self) -> DMatrix<f64> {
        DMatrix::from_iterator(self.dim, self.count(), self.values.iter().map(|&value| f64::from(value)))
    }

    /// Calls `visit(inner products with all of these rows)` for every row of `queries`, which are as wide, in order.
    pub fn score_each(&self, queries: &Self, mut visit: impl FnMut(&[f32])) {
        Gallery::pack(&self.values, self.dim).score_each(&queries.values, |_, scores| visit(scores));
    }
}
