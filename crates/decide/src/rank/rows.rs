//! Documents as they are compared.

use crate::{
    Similarity, Vectors,
    vectors::{length, scaled},
};

/// Rows, of unit length where the cosine counts. They are scaled whenever they are read: a second copy of all documents would take as much
/// memory as there is.
#[derive(Clone, Debug)]
pub(super) struct Rows<'a> {
    vectors: &'a Vectors,
    /// One by how long each row is; empty where they are compared as they are.
    scales: Vec<f64>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(vectors: &'a Vectors, similarity: Similarity) -> Self {
        let scales = match similarity {
            Similarity::Cosine => vectors.rows().map(|row| 1.0 / length(row)).collect(),
            Similarity::InnerProduct => Vec::new(),
        };
        Self { vectors, scales }
    }

    pub(super) fn dims(&self) -> usize {
        self.vectors.dims()
    }

    pub(super) fn count(&self) -> usize {
        self.vectors.count()
    }

    /// A row, bit for bit what [`Vectors::unit`] makes of it where it is scaled; that takes some `room`. Empty beyond the last.
    pub(super) fn row<'r>(&'r self, place: usize, room: &'r mut Vec<f32>) -> &'r [f32] {
        let row = self.vectors.row(place);
        match self.scales.get(place) {
            Some(&scale) if scale.is_finite() => {
                room.clear();
                room.extend(row.iter().map(|&number| scaled(number, scale)));
                room
            }
            _ => row,
        }
    }

    /// These rows, `[places, dims]`.
    pub(super) fn gather(&self, places: impl Iterator<Item = usize>) -> Vec<f32> {
        let (mut numbers, mut room) = (Vec::new(), Vec::new());
        for place in places {
            numbers.extend_from_slice(self.row(place, &mut room));
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_of_unit_vectors() {
        let numbers = (0..21).map(|at| if at / 3 == 2 { 0.0 } else { at as f32 - 9.5 }).collect();
        let vectors = Vectors::new(3, numbers).unwrap();
        let unit = vectors.unit();
        for (similarity, expected) in [(Similarity::Cosine, &unit), (Similarity::InnerProduct, &vectors)] {
            let rows = Rows::new(&vectors, similarity);
            let mut room = Vec::new();
            assert!((0..7).all(|place| rows.row(place, &mut room) == expected.row(place)));
            assert_eq!((rows.row(7, &mut room).len(), rows.count(), rows.dims()), (0, 7, 3));
            assert_eq!(rows.gather([2, 6].into_iter()), expected.select(&[2, 6]).numbers());
        }
    }
}
