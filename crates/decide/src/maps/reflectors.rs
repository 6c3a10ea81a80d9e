//! Orthonormal bases of a few rows and of all that is orthogonal to them, by reflections (Householder, 1958). No rank has to be judged.

use super::{
    products::{add_scaled, dot},
    undefined,
    work::Work,
};
use crate::DecideError;

/// Reflections whose product `Q`, `[dims, dims]`, turns the first axes into rows: of rows `X`, `[count, dims]`, it is `X' = Q [R; 0]`.
pub(super) struct Reflectors {
    /// `[count, dims]`: from place `k` on row `k` holds the `k`th direction of reflection, before it column `k` of `R` above its diagonal.
    rows: Vec<f64>,
    dims: usize,
    /// Two by the squared length of each direction.
    scales: Vec<f64>,
    /// The diagonal of `R`.
    diagonal: Vec<f64>,
}

impl Reflectors {
    /// Of at most `dims` rows of `dims` numbers.
    ///
    /// # Errors
    /// There are more rows, or what the pulse says.
    pub(super) fn of(mut rows: Vec<f64>, dims: usize, work: &mut Work<'_>) -> Result<Self, DecideError> {
        let count = rows.len() / dims.max(1);
        let (mut scales, mut diagonal) = (Vec::with_capacity(count), Vec::with_capacity(count));
        if count > dims {
            return Err(undefined("an orthonormal basis", "there are more rows than dims; hand in fewer"));
        }
        for k in 0..count {
            let Some((done, after)) = rows.split_at_mut_checked((k + 1) * dims) else { break };
            let direction = done.get_mut(k * dims + k..).unwrap_or_default();
            let norm = dot(direction, direction).sqrt();
            // Away from the first number, so that no digits are lost.
            let first = direction.first().copied().unwrap_or_default();
            let pivot = if first > 0.0 { -norm } else { norm };
            if let Some(slot) = direction.first_mut() {
                *slot = first - pivot;
            }
            let square = dot(direction, direction);
            let scale = if square.is_normal() { 2.0 / square } else { 0.0 };
            for row in after.chunks_exact_mut(dims) {
                let rest = row.get_mut(k..).unwrap_or_default();
                let along = scale * dot(direction, rest);
                add_scaled(rest, -along, direction);
            }
            scales.push(scale);
            diagonal.push(pivot);
            work.advance(2.0 * ((count - k) * (dims - k)) as f64)?;
        }
        Ok(Self { rows, dims, scales, diagonal })
    }

    /// `R'`, `[count, count]`: what the rows are in the basis of the first axes of `Q`.
    pub(super) fn triangle(&self) -> Vec<f64> {
        let count = self.diagonal.len();
        let mut triangle = vec![0.0; count * count];
        let rows = self.rows.chunks_exact(self.dims).zip(&self.diagonal);
        for (at, (slots, (row, &diagonal))) in triangle.chunks_exact_mut(count.max(1)).zip(rows).enumerate() {
            let own = row.iter().take(at).copied().chain([diagonal]);
            slots.iter_mut().zip(own).for_each(|(slot, number)| *slot = number);
        }
        triangle
    }

    /// Directions from the last to the first, with their places and scales.
    fn backwards(&self) -> impl Iterator<Item = (usize, &[f64], f64)> {
        let rows = self.rows.chunks_exact(self.dims).zip(&self.scales).enumerate().rev();
        rows.map(|(at, (row, &scale))| (at, row.get(at..).unwrap_or_default(), scale))
    }

    /// `Q z` in place of a column `z`, `[dims]`.
    pub(super) fn turn(&self, column: &mut [f64]) {
        for (at, direction, scale) in self.backwards() {
            let rest = column.get_mut(at..).unwrap_or_default();
            let along = scale * dot(direction, rest);
            add_scaled(rest, -along, direction);
        }
    }

    /// `Q Z` in place of `Z`, `[dims, columns]`.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn turn_all(&self, matrix: &mut [f64], columns: usize, work: &mut Work<'_>) -> Result<(), DecideError> {
        let mut along = vec![0.0; columns];
        for (at, direction, scale) in self.backwards() {
            let rest = matrix.get_mut(at * columns..).unwrap_or_default();
            along.fill(0.0);
            for (row, &weight) in rest.chunks_exact(columns).zip(direction) {
                add_scaled(&mut along, weight, row);
            }
            for (row, &weight) in rest.chunks_exact_mut(columns).zip(direction) {
                add_scaled(row, -scale * weight, &along);
            }
            work.advance(2.0 * rest.len() as f64)?;
        }
        Ok(())
    }

    /// The first axes turned: as many orthonormal rows as there were rows, which span what these span.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn basis(&self, work: &mut Work<'_>) -> Result<Vec<f64>, DecideError> {
        let count = self.diagonal.len();
        let mut basis = vec![0.0; count * self.dims];
        for (at, row) in basis.chunks_exact_mut(self.dims).enumerate() {
            if let Some(slot) = row.get_mut(at) {
                *slot = 1.0;
            }
            self.turn(row);
            work.advance(2.0 * (count * self.dims) as f64)?;
        }
        Ok(basis)
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::super::testing::{noise, quiet};
    use super::*;

    fn near(a: &DMatrix<f64>, b: &DMatrix<f64>) -> bool {
        a.shape() == b.shape() && (a - b).abs().max() < 1e-12
    }

    #[test]
    fn rows_are_their_triangle_in_the_basis() {
        // The third row is the sum of the first two, and the fourth is zeros.
        let (first, second) = (noise(7, 1), noise(7, 2));
        let third: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a + b).collect();
        let rows = [first, second, third, vec![0.0; 7]].concat();
        let mut quiet = quiet;
        let mut work = Work::start(&mut quiet, 1.0).unwrap();
        let reflectors = Reflectors::of(rows.clone(), 7, &mut work).unwrap();
        let basis = DMatrix::from_row_slice(4, 7, &reflectors.basis(&mut work).unwrap());
        assert!(near(&(&basis * basis.transpose()), &DMatrix::identity(4, 4)));
        let triangle = DMatrix::from_row_slice(4, 4, &reflectors.triangle());
        assert!(near(&(triangle * &basis), &DMatrix::from_row_slice(4, 7, &rows)));
    }

    #[test]
    fn columns_are_turned_together_as_one_by_one() {
        let mut quiet = quiet;
        let mut work = Work::start(&mut quiet, 1.0).unwrap();
        let reflectors = Reflectors::of(noise(3 * 5, 2), 5, &mut work).unwrap();
        let matrix = noise(5 * 2, 3);
        let mut together = matrix.clone();
        reflectors.turn_all(&mut together, 2, &mut work).unwrap();
        for column in 0..2 {
            let mut alone: Vec<f64> = matrix[column..].iter().step_by(2).copied().collect();
            reflectors.turn(&mut alone);
            assert!(alone.iter().zip(together[column..].iter().step_by(2)).all(|(a, b)| (a - b).abs() < 1e-14));
        }
        assert!(Reflectors::of(noise(6, 4), 2, &mut work).is_err());
    }
}
