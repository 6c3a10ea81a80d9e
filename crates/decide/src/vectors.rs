//! Rows of numbers: what an embedding model says of documents or of queries.

use std::slice::ChunksExact;

use crate::DecideError;

/// Vectors of one model, `[rows, dims]`, row after row. All numbers are finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Vectors {
    dims: usize,
    data: Vec<f32>,
}

impl Vectors {
    /// Of `data`, `[rows, dims]` row after row.
    ///
    /// # Errors
    /// `dims` is 0, does not divide the length, or a number is not finite.
    pub fn new(dims: usize, data: Vec<f32>) -> Result<Self, DecideError> {
        if dims == 0 || !data.len().is_multiple_of(dims) {
            return Err(DecideError::Shape { numbers: data.len(), dims });
        }
        match data.iter().position(|number| !number.is_finite()) {
            Some(at) => Err(DecideError::NotFinite { row: at / dims, column: at % dims }),
            None => Ok(Self { dims, data }),
        }
    }

    /// Numbers of a row.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.data.len() / self.dims
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// All numbers, row after row.
    pub fn numbers(&self) -> &[f32] {
        &self.data
    }

    /// A row; empty beyond the last.
    pub fn row(&self, index: usize) -> &[f32] {
        let start = index.saturating_mul(self.dims);
        self.data.get(start..start.saturating_add(self.dims)).unwrap_or_default()
    }

    /// Row after row.
    pub fn rows(&self) -> ChunksExact<'_, f32> {
        self.data.chunks_exact(self.dims)
    }

    /// These rows in this order; rows that there are not are left out.
    pub fn select(&self, rows: &[usize]) -> Self {
        let data = rows.iter().flat_map(|&row| self.row(row)).copied().collect();
        Self { dims: self.dims, data }
    }

    /// The rows, each as long as 1; rows of zeros stay.
    pub fn unit(&self) -> Self {
        let mut data = self.data.clone();
        for row in data.chunks_exact_mut(self.dims) {
            // In 64 bits, so that long rows do not overflow.
            let norm = row.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>().sqrt();
            if norm > 0.0 {
                for number in row {
                    #[expect(clippy::cast_possible_truncation, reason = "at most 1")]
                    let scaled = (f64::from(*number) / norm) as f32;
                    *number = scaled;
                }
            }
        }
        Self { dims: self.dims, data }
    }

    /// The mean row, in 64 bits; zeros where there is no row.
    pub fn mean(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.dims];
        for row in self.rows() {
            for (sum, &number) in sums.iter_mut().zip(row) {
                *sum += f64::from(number);
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let count = self.count().max(1) as f64;
        sums.iter().map(|sum| sum / count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_apart_and_counted() {
        let vectors = Vectors::new(2, vec![3.0, 4.0, 0.0, 0.0]).unwrap();
        assert_eq!((vectors.count(), vectors.row(1), vectors.row(2)), (2, &[0.0, 0.0][..], &[][..]));
        assert_eq!(vectors.unit().numbers(), [0.6, 0.8, 0.0, 0.0]);
        assert_eq!(vectors.mean(), [1.5, 2.0]);
        assert_eq!(vectors.select(&[1, 0, 7]).numbers(), [0.0, 0.0, 3.0, 4.0]);
    }

    #[test]
    fn what_are_no_rows_is_refused() {
        assert!(Vectors::new(0, vec![]).is_err());
        assert!(Vectors::new(2, vec![1.0; 3]).is_err());
        let error = Vectors::new(2, vec![1.0, 2.0, f32::NAN, 4.0]).unwrap_err();
        assert!(matches!(error, DecideError::NotFinite { row: 1, column: 0 }));
    }
}
