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
            let scale = 1.0 / length(row);
            if scale.is_finite() {
                row.iter_mut().for_each(|number| *number = scaled(*number, scale));
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

/// Euclidean length of a row; in 64 bits, so that it neither overflows nor vanishes.
pub(crate) fn length(row: &[f32]) -> f64 {
    const LANES: usize = 8;
    let (chunks, rest) = row.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for chunk in chunks {
        for (sum, &number) in sums.iter_mut().zip(chunk) {
            *sum += f64::from(number) * f64::from(number);
        }
    }
    let rest: f64 = rest.iter().map(|&number| f64::from(number) * f64::from(number)).sum();
    (sums.iter().sum::<f64>() + rest).sqrt()
}

/// A number of a row that is made so many times as long: one by its length makes a row as long as 1.
pub(crate) fn scaled(number: f32, times: f64) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "a number of 32 bits is wanted")]
    let scaled = (f64::from(number) * times) as f32;
    scaled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_neither_overflow_nor_vanish() {
        assert_eq!(length(&[3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0]), 5.0);
        assert!((length(&[3e38, 3e38]) / (3e38 * 2.0_f64.sqrt()) - 1.0).abs() < 1e-7);
        assert!(length(&[1e-45; 3]) > 0.0 && length(&[]) == 0.0);
        let tiny = Vectors::new(2, vec![1e-45, 0.0]).unwrap();
        assert_eq!(tiny.unit().numbers(), [1.0, 0.0]);
    }

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
