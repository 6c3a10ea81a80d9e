//! Penalised regression on fewer rows than dims: a system as large as there are rows.

use super::{
    cholesky,
    products::{Number, Part, Target, View, add_to_diagonal, product, trace},
    work::Work,
};
use crate::DecideError;

/// Centred rows and their inner products.
pub(super) struct Dual<T> {
    /// `[count, dims]`.
    rows: Vec<T>,
    dims: usize,
    /// `XX'`, `[count, count]`.
    squares: Vec<f64>,
}

impl<T: Number> Dual<T> {
    /// Of centred rows, `[count, dims]`.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn new(rows: Vec<T>, dims: usize, work: &mut Work<'_>) -> Result<Self, DecideError> {
        let view = View::new(&rows, dims);
        let count = view.count();
        let mut squares = vec![0.0; count * count];
        // Only the part above the diagonal is ever read.
        T::add_wide_product(Target::new(&mut squares, count), view, view.transposed(), Part::Upper, work)?;
        Ok(Self { rows, dims, squares })
    }

    /// How many rows there are.
    pub(super) fn count(&self) -> usize {
        self.rows.len() / self.dims
    }

    /// The mean squared length of a row; 0 without rows.
    pub(super) fn mean_square(&self) -> f64 {
        let count = self.count();
        trace(&self.squares, count) / (count as f64).max(1.0)
    }

    /// `(XX' + lambda I)^-1 T` for targets `T`, `[count, columns]`; `lambda` is above 0.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn coefficients(
        &self,
        targets: &[T],
        columns: usize,
        lambda: f64,
        work: &mut Work<'_>,
    ) -> Result<Vec<T>, DecideError> {
        let count = self.count();
        let mut system = self.squares.clone();
        add_to_diagonal(&mut system, count, lambda);
        cholesky::factor(&mut system, count, work)?;
        let system: Vec<T> = system.into_iter().map(T::of).collect();
        let mut solved = targets.to_vec();
        cholesky::solve(&system, count, &mut solved, columns, work)?;
        Ok(solved)
    }

    /// `X' A` of coefficients `A`, `[count, columns]`: `(X'X + lambda I)^-1 X'T`, `[dims, columns]`.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn weight(
        &self,
        coefficients: &[T],
        columns: usize,
        work: &mut Work<'_>,
    ) -> Result<Vec<T>, DecideError> {
        product(View::new(&self.rows, self.dims).transposed(), View::new(coefficients, columns), work)
    }

    /// What these coefficients predict for other rows, `[rows, columns]`.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn predict(
        &self,
        rows: &[T],
        coefficients: &[T],
        columns: usize,
        work: &mut Work<'_>,
    ) -> Result<Vec<T>, DecideError> {
        let likeness = product(View::new(rows, self.dims), View::new(&self.rows, self.dims).transposed(), work)?;
        product(View::new(&likeness, self.count()), View::new(coefficients, columns), work)
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::super::{
        products::narrow,
        testing::{noise, quiet},
    };
    use super::*;

    #[test]
    fn it_is_the_regression_of_the_larger_system() {
        let (count, dims, columns, lambda) = (6, 11, 3, 0.3);
        let (rows, targets) = (noise(count * dims, 1), noise(count * columns, 2));
        let (x, t) = (DMatrix::from_row_slice(count, dims, &rows), DMatrix::from_row_slice(count, columns, &targets));
        let system = x.transpose() * &x + DMatrix::identity(dims, dims) * lambda;
        let exact = system.lu().solve(&(x.transpose() * t)).unwrap();
        let mut quiet = quiet;
        let mut work = Work::start(&mut quiet, 1.0).unwrap();
        let dual = Dual::new(rows.clone(), dims, &mut work).unwrap();
        assert!((dual.mean_square() - x.norm_squared() / count as f64).abs() < 1e-12);
        let coefficients = dual.coefficients(&targets, columns, lambda, &mut work).unwrap();
        let weight = dual.weight(&coefficients, columns, &mut work).unwrap();
        assert!(weight.iter().zip(&exact.transpose()).all(|(a, b)| (a - b).abs() < 1e-12));
        let others = noise(4 * dims, 3);
        let predicted = dual.predict(&others, &coefficients, columns, &mut work).unwrap();
        let expected = (DMatrix::from_row_slice(4, dims, &others) * exact).transpose();
        assert!(predicted.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12));
        let small = Dual::new(narrow(&rows), dims, &mut work).unwrap();
        let coefficients = small.coefficients(&narrow(&targets), columns, lambda, &mut work).unwrap();
        let predicted = small.predict(&narrow(&others), &coefficients, columns, &mut work).unwrap();
        assert!(predicted.iter().zip(&expected).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-4));
    }
}
