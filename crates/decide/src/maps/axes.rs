//! Leading principal axes of rows that are too wide to be fitted whole.
//!
//! A range finder (Halko, Martinsson and Tropp, 2011, algorithm 4.4): random mixtures of the rows, drawn twice towards what the rows vary
//! most in, span a space that holds nearly all of the leading axes. Which axes span it does not matter to a fit.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    Step, cholesky,
    products::{
        Packed, Part, Target, View, WIDE, add_to_diagonal, dot, gram, multiply, narrow, product, trace, transposed,
        widen,
    },
    reflectors::Reflectors,
    work::Work,
};
use crate::DecideError;

/// Times that mixtures are drawn towards what the rows vary most in.
const POWERS: usize = 2;

/// Passes that make rows orthonormal; two are the rule.
const PASSES: usize = 4;

/// Every projection draws the same mixtures.
const SEED: u64 = 17;

/// Orthonormal axes.
pub(super) struct Axes {
    /// `[axes, dims]`.
    rows: Vec<f32>,
    dims: usize,
    /// The same made ready to be multiplied with.
    packed: Packed<f32, WIDE>,
}

impl Axes {
    /// How many rows it takes to find so many axes.
    pub(super) fn sample(count: usize) -> usize {
        2 * count
    }

    /// About how many multiply-adds it takes to find `count` axes and to project so many rows on them.
    pub(super) fn cost(dims: usize, count: usize, rows: usize) -> f64 {
        let sample = rows.min(Self::sample(count));
        let products = (1 + 2 * POWERS) * sample + 5 * count + rows;
        (products * count) as f64 * dims as f64
    }

    /// At most `count` axes of centred rows of `dims` numbers, one less than there are rows at most.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn find(centred: &[f32], dims: usize, count: usize, work: &mut Work<'_>) -> Result<Self, DecideError> {
        let (view, rows) = (View::new(centred, dims), centred.len() / dims);
        let count = count.min(dims).min(rows.saturating_sub(1)).max(1);
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let signs: Vec<f32> = (0..count * rows).map(|_| if rng.random() { 1.0 } else { -1.0 }).collect();
        let mut axes = widen(&product(View::new(&signs, rows), view, work)?);
        for _ in 0..POWERS {
            let squares = gram(View::new(&axes, dims), work)?;
            straighten(&mut axes, squares, dims, work)?;
            let images = product(View::new(&narrow(&axes), dims), view.transposed(), work)?;
            axes = widen(&product(View::new(&images, rows), view, work)?);
        }
        let rows = narrow(&orthonormal(axes, dims, work)?);
        let packed = Packed::of(View::new(&rows, dims).transposed());
        Ok(Self { rows, dims, packed })
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.rows.len() / self.dims
    }

    /// Coordinates of centred rows, `[rows, axes]`.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn project(&self, centred: &[f32], work: &mut Work<'_>) -> Result<Vec<f32>, DecideError> {
        let rows = View::new(centred, self.dims);
        let mut projected = vec![0.0; rows.count() * self.count()];
        let target = Target::new(&mut projected, self.count());
        multiply(target, rows, &self.packed, 1.0, Part::All, work)?;
        Ok(projected)
    }

    /// From rows about `mean` to coordinates.
    pub(super) fn entrance(&self, mean: &[f64]) -> Step {
        let mean = narrow(mean);
        let bias = self.rows.chunks_exact(self.dims).map(|axis| -dot(axis, &mean)).collect();
        Step::Affine { weight: transposed(&self.rows, self.dims), bias }
    }

    /// From coordinates to rows about `mean`.
    pub(super) fn exit(&self, mean: &[f64]) -> Step {
        Step::Affine { weight: self.rows.clone(), bias: narrow(mean) }
    }
}

/// Makes rows span what they span more evenly, given their inner products: `R'^-1 X` with `R'R = XX'` (Cholesky QR; Fukaya et al., 2020, of
/// whom the small shift is).
fn straighten(rows: &mut [f64], mut squares: Vec<f64>, dims: usize, work: &mut Work<'_>) -> Result<(), DecideError> {
    let count = rows.len() / dims;
    let shift = 1e-14 * trace(&squares, count);
    add_to_diagonal(&mut squares, count, shift.max(f64::MIN_POSITIVE));
    cholesky::factor(&mut squares, count, work)?;
    cholesky::forward(&squares, count, rows, dims, work)
}

/// Orthonormal rows that span what these span, and more where these are not independent.
fn orthonormal(mut rows: Vec<f64>, dims: usize, work: &mut Work<'_>) -> Result<Vec<f64>, DecideError> {
    let count = rows.len() / dims;
    for _ in 0..PASSES {
        let squares = gram(View::new(&rows, dims), work)?;
        let mut apart = squares.clone();
        add_to_diagonal(&mut apart, count, -1.0);
        if dot(&apart, &apart).sqrt() < 1e-10 {
            return Ok(rows);
        }
        straighten(&mut rows, squares, dims, work)?;
    }
    Reflectors::of(rows, dims, work)?.basis(work)
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::super::testing::{noise, quiet};
    use super::*;

    /// Rows that vary along `strong` axes, and a hundredth as much along the others.
    fn rows(count: usize, dims: usize, strong: usize) -> Vec<f32> {
        let scale = |at: usize| if at % dims < strong { 1.0 } else { 0.01 };
        let numbers = DMatrix::from_iterator(
            dims,
            count,
            noise(count * dims, 1).into_iter().enumerate().map(|(at, number)| scale(at) * number),
        );
        let turned = DMatrix::from_row_slice(dims, dims, &super::super::testing::orthogonal(dims, 2)) * numbers;
        narrow(turned.as_slice())
    }

    #[test]
    fn the_axes_hold_what_rows_vary_most_in() {
        let (count, dims) = (80, 40);
        let centred = rows(count, dims, 6);
        let mut quiet = quiet;
        let mut work = Work::start(&mut quiet, 1.0).unwrap();
        let axes = Axes::find(&centred, dims, 8, &mut work).unwrap();
        assert_eq!(axes.count(), 8);
        let matrix = DMatrix::from_row_slice(8, dims, &widen(&axes.rows));
        assert!((&matrix * matrix.transpose() - DMatrix::identity(8, 8)).abs().max() < 1e-6);
        let projected = axes.project(&centred, &mut work).unwrap();
        let squares = |rows: &[f32]| rows.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>();
        let exact = DMatrix::from_row_slice(count, dims, &widen(&centred)).singular_values();
        let best: f64 = exact.iter().take(8).map(|value| value * value).sum();
        assert!(squares(&projected) > 0.999_9 * best && squares(&projected) < best * 1.000_01);
        assert_eq!(Axes::find(&centred, dims, 8, &mut work).unwrap().rows, axes.rows);
    }

    #[test]
    fn axes_are_orthonormal_where_rows_span_less() {
        let (few, dims) = (vec![rows(1, 20, 20); 6].concat(), 20);
        let mut quiet = quiet;
        let mut work = Work::start(&mut quiet, 1.0).unwrap();
        let axes = Axes::find(&few, dims, 8, &mut work).unwrap();
        let matrix = DMatrix::from_row_slice(5, dims, &widen(&axes.rows));
        assert!((&matrix * matrix.transpose() - DMatrix::identity(5, 5)).abs().max() < 1e-6);
    }

    #[test]
    fn in_and_out_again_is_a_projection_about_the_mean() {
        let dims = 12;
        let mut quiet = quiet;
        let mut work = Work::start(&mut quiet, 1.0).unwrap();
        let axes = Axes::find(&rows(30, dims, 3), dims, 5, &mut work).unwrap();
        let mean = noise(dims, 4);
        let steps = [axes.entrance(&mean), axes.exit(&mean)];
        let program = super::super::apply::Program::new(&steps, dims).unwrap();
        let once = program.run(narrow(&noise(dims * 3, 5)), &mut work).unwrap();
        let twice = program.run(once.clone(), &mut work).unwrap();
        assert!(once.iter().zip(&twice).all(|(a, b)| (a - b).abs() < 1e-5));
        let centre = program.run(narrow(&mean), &mut work).unwrap();
        assert!(centre.iter().zip(&mean).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-5));
    }
}
