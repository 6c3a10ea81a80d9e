//! The input of every measure: embeddings as row-major slices, with labels and identities beside them.

use crate::MeasureError;

/// Smallest norm that a row is divided by, so that a zero row stays zero instead of becoming NaN.
pub const NORM_FLOOR: f64 = 1e-12;

/// Most rows one ranking can hold: a position and a relevance bit share 32 bits of a sort key.
pub const MAX_ROWS: usize = 1 << 31;

/// A borrowed matrix of embeddings, `[rows, dim]` row-major, known to be non-empty and finite.
#[derive(Debug, Clone, Copy)]
pub struct Features<'a> {
    values: &'a [f32],
    dim: usize,
}

impl<'a> Features<'a> {
    /// Views `values` as rows of `dim`.
    ///
    /// # Errors
    /// When `dim` is 0, there is no row, the last row is incomplete, a value is NaN or infinite, or there are more than [`MAX_ROWS`].
    pub fn new(values: &'a [f32], dim: usize) -> Result<Self, MeasureError> {
        if dim == 0 {
            return Err(MeasureError::ZeroDimension);
        }
        if values.is_empty() {
            return Err(MeasureError::NoRows);
        }
        if !values.len().is_multiple_of(dim) {
            return Err(MeasureError::RaggedRows { values: values.len(), dim });
        }
        if values.len() / dim > MAX_ROWS {
            return Err(MeasureError::TooManyRows { rows: values.len() / dim, max: MAX_ROWS });
        }
        if let Some((at, &value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(MeasureError::FeatureNotFinite { row: at / dim, column: at % dim, value });
        }
        Ok(Self { values, dim })
    }

    /// All values, row after row.
    pub fn values(&self) -> &'a [f32] {
        self.values
    }

    /// Width of a row.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Number of rows, at least 1.
    pub fn rows(&self) -> usize {
        self.values.len() / self.dim
    }

    /// Row `index`, or `None` past the end.
    pub fn row(&self, index: usize) -> Option<&'a [f32]> {
        let start = index.checked_mul(self.dim)?;
        self.values.get(start..start.checked_add(self.dim)?)
    }

    /// The rows in order.
    pub fn iter(&self) -> std::slice::ChunksExact<'a, f32> {
        self.values.chunks_exact(self.dim)
    }

    /// The first `dim` coordinates of every row, each row scaled to unit L2 norm: `[rows, dim]` row-major.
    ///
    /// This is how embeddings of different widths are compared. Re-normalising after the cut matters for a gallery: an item with a
    /// long prefix would otherwise win every ranking. Norms below [`NORM_FLOOR`] are replaced by it.
    ///
    /// # Errors
    /// When `dim` is 0 or larger than the width of a row.
    pub fn prefix(&self, dim: usize) -> Result<Vec<f32>, MeasureError> {
        if dim == 0 || dim > self.dim {
            return Err(MeasureError::OutOfRange { what: "the prefix length", value: dim, min: 1, max: self.dim });
        }
        let mut unit = Vec::with_capacity(self.rows() * dim);
        for row in self.iter() {
            let prefix = row.iter().take(dim).map(|&value| f64::from(value));
            let norm = prefix.clone().map(|value| value * value).sum::<f64>().sqrt().max(NORM_FLOOR);
            unit.extend(prefix.map(|value| (value / norm) as f32));
        }
        Ok(unit)
    }

    /// The coordinates of every row in blocks that end before `ends`, as they are: `[rows, dim of the block]` row-major each.
    ///
    /// # Errors
    /// When an end is larger than the width of a row or not larger than the one before it.
    pub fn blocks(&self, ends: &[usize]) -> Result<Vec<Vec<f32>>, MeasureError> {
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let block = |(start, &end): (usize, &usize)| {
            if start >= end || end > self.dim {
                let (min, max) = (start + 1, self.dim);
                return Err(MeasureError::OutOfRange { what: "the end of a block", value: end, min, max });
            }
            Ok(self.iter().filter_map(|row| row.get(start..end)).flatten().copied().collect())
        };
        starts.zip(ends).map(block).collect()
    }

    /// Largest distance from `cosine` of the cosine between any two rows, which are scaled to unit length; 0 for a single row.
    ///
    /// # Errors
    /// None that a checked matrix can meet.
    pub fn cosine_deviation(&self, cosine: f64) -> Result<f64, MeasureError> {
        let unit = self.prefix(self.dim)?;
        let rows: Vec<&[f32]> = unit.chunks_exact(self.dim).collect();
        let mut largest = 0.0_f64;
        for (at, left) in rows.iter().enumerate() {
            for right in rows.iter().skip(at + 1) {
                let product = left.iter().zip(*right).map(|(&left, &right)| f64::from(left) * f64::from(right));
                largest = largest.max((product.sum::<f64>() - cosine).abs());
            }
        }
        Ok(largest)
    }

    /// Sum of the squares of all values.
    pub fn energy(&self) -> f64 {
        self.values.iter().map(|&value| f64::from(value).powi(2)).sum()
    }
}

/// Embeddings with the class label and the identity of each row.
///
/// The identity says which thing in the world a row embeds. Two rows with one identity, one in the query set and one in the gallery,
/// are the same image seen twice; ranking drops such a pair even when the two sets are different samples of the data.
#[derive(Debug, Clone, Copy)]
pub struct Items<'a> {
    features: Features<'a>,
    labels: &'a [u32],
    ids: &'a [u32],
}

impl<'a> Items<'a> {
    /// Joins embeddings with one label and one identity per row.
    ///
    /// # Errors
    /// When there is not exactly one label and one identity per row.
    pub fn new(features: Features<'a>, labels: &'a [u32], ids: &'a [u32]) -> Result<Self, MeasureError> {
        one_per_row("labels", features.rows(), labels.len())?;
        one_per_row("identities", features.rows(), ids.len())?;
        Ok(Self { features, labels, ids })
    }

    /// The embeddings.
    pub fn features(&self) -> Features<'a> {
        self.features
    }

    /// Class label of each row.
    pub fn labels(&self) -> &'a [u32] {
        self.labels
    }

    /// Identity of each row.
    pub fn ids(&self) -> &'a [u32] {
        self.ids
    }
}

/// Checks that `found` things were given for `rows` rows.
pub(crate) fn one_per_row(what: &'static str, rows: usize, found: usize) -> Result<(), MeasureError> {
    if rows == found { Ok(()) } else { Err(MeasureError::LengthMismatch { what, expected: rows, found }) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn bad_input_is_named() {
        assert_eq!(Features::new(&[1.0], 0).unwrap_err(), MeasureError::ZeroDimension);
        assert_eq!(Features::new(&[], 3).unwrap_err(), MeasureError::NoRows);
        assert_eq!(Features::new(&[1.0, 2.0, 3.0], 2).unwrap_err(), MeasureError::RaggedRows { values: 3, dim: 2 });
        let infinite = Features::new(&[1.0, 2.0, 3.0, f32::INFINITY], 2).unwrap_err();
        assert_eq!(infinite, MeasureError::FeatureNotFinite { row: 1, column: 1, value: f32::INFINITY });
        let features = Features::new(&[1.0, 2.0], 1).unwrap();
        let mismatch = Items::new(features, &[0, 1], &[0]).unwrap_err();
        assert_eq!(mismatch.to_string(), "identities: 1 given for 2; pass exactly one for each");
    }

    #[test]
    fn a_prefix_is_cut_then_scaled_to_unit_length() {
        let features = Features::new(&[3.0, 4.0, 12.0, 0.0, 0.0, 5.0], 3).unwrap();
        assert_eq!(features.row(1), Some(&[0.0, 0.0, 5.0][..]));
        assert_eq!(features.row(2), None);
        assert_eq!(features.prefix(2).unwrap(), [0.6, 0.8, 0.0, 0.0]);
        assert!(features.prefix(0).is_err() && features.prefix(4).is_err());
    }

    #[test]
    fn blocks_are_cut_as_they_are_and_their_energies_add_up() {
        let features = Features::new(&[3.0, 4.0, 12.0, 0.0, 0.0, 5.0], 3).unwrap();
        let blocks = features.blocks(&[2, 3]).unwrap();
        assert_eq!(blocks, [vec![3.0, 4.0, 0.0, 0.0], vec![12.0, 5.0]]);
        let energy = |values: &[f32], dim| Features::new(values, dim).unwrap().energy();
        assert_eq!([energy(&blocks[0], 2), energy(&blocks[1], 1), features.energy()], [25.0, 169.0, 194.0]);
        for ends in [[0, 3], [2, 2], [2, 4]] {
            assert!(features.blocks(&ends).is_err(), "{ends:?}");
        }
    }

    #[test]
    fn the_worst_pair_of_rows_is_what_deviates() {
        // Of three directions two are at a right angle, the third is between them.
        let features = Features::new(&[2.0, 0.0, 0.0, 3.0, 1.0, 1.0], 2).unwrap();
        assert!((features.cosine_deviation(0.0).unwrap() - 0.5_f64.sqrt()).abs() < 1e-7);
        assert!((features.cosine_deviation(0.5).unwrap() - 0.5).abs() < 1e-7);
        assert_eq!(Features::new(&[1.0, 2.0], 2).unwrap().cosine_deviation(0.3).unwrap(), 0.0);
    }

    #[test]
    fn scaling_by_a_power_of_two_changes_no_bit_of_the_prefix() {
        let values = [0.3, -1.7, 2.9, 0.1, 0.2, -0.4];
        let scaled = values.map(|value| value * 1024.0);
        let unit = |values: &[f32]| Features::new(values, 3).unwrap().prefix(3).unwrap();
        assert_eq!(unit(&values), unit(&scaled));
    }
}
