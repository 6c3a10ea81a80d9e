//! The orthogonal factor of a matrix: of all matrices with orthonormal rows or columns the `W` of largest `tr(W'C)`.
//!
//! With the singular value decomposition `C = U S V'` it is `UV'` (Schönemann, 1966), but large decompositions take long, and that of
//! nalgebra 0.35 gives wrong vectors for some matrices without full rank (a test has one). Halley's
//! iteration with weights made for the smallest singular value (QDWH: Nakatsukasa, Bai and Gygi, 2010) brings all singular values to 1 by
//! products and Cholesky factors alone,
//!
//! ```text
//! X <- b/c X + (a - b/c) (I + c XX')^-1 X
//! ```
//!
//! in four steps where none is below 1e-8 times the largest ([`quick`]). The `c` of the first is so large that directions which are small
//! beside others are mixed by about 1e-16 `c`. [`polar`] takes the second step six times in its place, which mixes them by no more than
//! 1e-12 and serves singular values down to 2e-12. The last two steps change little, and the quick way takes them in 32 bits; steps of
//! Newton and Schulz, `X <- 3/2 X - 1/2 XX'X`, then make the rows orthonormal to 64 bits. Directions below the floor are rounding of whoever
//! made `C`: they are free, and completed in an order that only depends on `C`.

use super::{
    LinearError, Watch, cholesky,
    products::{Number, View, add_scaled, add_to_diagonal, dot, gram, narrow, product, trace, transposed, widen},
};

#[cfg(test)]
mod tests;

/// `a`, `b` and `c` of the four steps: with `l` the smallest singular value that counts before a step, at first 1e-8 of the largest, and
/// `d = (4 (1 - l^2) / l^4)^(1/3)`,
/// `a = sqrt(1 + d) + sqrt(8 - 4 d + 8 (2 - l^2) / (l^2 sqrt(1 + d))) / 2`, `b = (a - 1)^2 / 4`, `c = a + b - 1`, and after it
/// `l (a + b l^2) / (1 + c l^2)`. Written out, since cube roots differ between machines in their last bit.
const STEPS: [Weights; 4] = [
    (542_883.523_322_665_5, 73_680_358_532.296_11, 73_680_901_414.819_43),
    (81.601_735_800_581_52, 1_624.159_953_516_686_3, 1_704.761_689_317_267_8),
    (4.810_335_667_879_728, 3.629_664_475_479_113, 7.440_000_143_358_841),
    (3.014_430_647_452_762, 1.014_482_708_349_238_5, 3.028_913_355_802_000_5),
];

/// `a`, `b` and `c`.
type Weights = (f64, f64, f64);

/// How often the second step is taken where the first is not. Each time lifts small singular values by its `a`.
const GENTLE: usize = 6;

/// Steps of Newton and Schulz at most: one is the rule, a singular value that was left near 0 takes a dozen more.
const MOST_POLISHING: usize = 60;

/// The orthogonal factor of a matrix.
#[derive(Clone, Debug)]
pub struct Polar {
    /// `W`, of the shape of the matrix, row after row: `W'W = I` of a tall one, `WW' = I` of a wide one.
    pub turn: Vec<f64>,
    /// `tr(W'C)`, the sum of the singular values.
    pub trace: f64,
}

/// The orthogonal factor of `matrix`, rows of `columns` numbers, to about as many digits as a decomposition gives.
///
/// # Errors
/// A number of it is not finite, the iteration does not converge, or what the watch says.
pub fn polar<W: Watch>(matrix: &[f64], columns: usize, work: &mut W) -> Result<Polar, W::Error> {
    found::<false, W>(matrix, columns, work)
}

/// The same in less than half of the time and to six digits, for singular values down to 1e-8 times the largest.
///
/// # Errors
/// As [`polar`].
pub fn quick<W: Watch>(matrix: &[f64], columns: usize, work: &mut W) -> Result<Polar, W::Error> {
    found::<true, W>(matrix, columns, work)
}

fn found<const QUICK: bool, W: Watch>(matrix: &[f64], columns: usize, work: &mut W) -> Result<Polar, W::Error> {
    let rows = matrix.len() / columns.max(1);
    if rows == 0 || matrix.len() != rows * columns || matrix.iter().any(|number| !number.is_finite()) {
        return Err(LinearError::NotFinite.into());
    }
    let largest = matrix.iter().fold(0.0_f64, |largest, number| largest.max(number.abs()));
    // The power of two below it: so scaled, squares stay finite and no digit changes. Nothing can be told of what has none.
    let unit = f64::from_bits(largest.to_bits() & f64::INFINITY.to_bits());
    let scaled: Vec<f64> = matrix.iter().map(|number| if unit > 0.0 { number / unit } else { 0.0 }).collect();
    let turn = match rows <= columns {
        true => iterated::<QUICK, W>(scaled, columns, work)?,
        false => transposed(&iterated::<QUICK, W>(transposed(&scaled, columns), rows, work)?, rows),
    };
    let trace = dot(&turn, matrix);
    Ok(Polar { turn, trace })
}

/// By Halley's iteration, for a matrix of at most as many rows as columns.
fn iterated<const QUICK: bool, W: Watch>(mut x: Vec<f64>, long: usize, work: &mut W) -> Result<Vec<f64>, W::Error> {
    let short = x.len() / long;
    let mut squares = gram(View::new(&x, long), work)?;
    // The largest singular value is at most this, and near it where singular values fall quickly.
    let norm = dot(&squares, &squares).sqrt().sqrt();
    // Otherwise all directions are free.
    if norm > 0.0 {
        x.iter_mut().for_each(|number| *number /= norm);
        squares.iter_mut().for_each(|number| *number /= norm * norm);
        let [first, second, third, fourth] = STEPS;
        if QUICK {
            halley(&mut x, squares, long, first, work)?;
            steps(&mut x, long, &[second], work)?;
            let mut small = narrow(&x);
            steps(&mut small, long, &[third, fourth], work)?;
            x = widen(&small);
        } else {
            halley(&mut x, squares, long, second, work)?;
            steps(&mut x, long, &[second; GENTLE - 1], work)?;
            steps(&mut x, long, &[third, fourth], work)?;
        }
    }
    let mut squares = gram(View::new(&x, long), work)?;
    // Each singular value that is still near 0 takes about 1 from the trace.
    let free = (short as f64 - trace(&squares, short)).round();
    if free > 0.0 {
        complete(&mut x, &squares, long, free as usize, work)?;
        squares = gram(View::new(&x, long), work)?;
    }
    polish(x, squares, long, if QUICK { 1e-9 } else { 1e-13 }, work)
}

/// Some steps, one after another.
fn steps<T: Number, W: Watch>(x: &mut [T], long: usize, weights: &[Weights], work: &mut W) -> Result<(), W::Error> {
    for &weights in weights {
        let squares = gram(View::new(x, long), work)?;
        halley(x, squares, long, weights, work)?;
    }
    Ok(())
}

/// One step, given `XX'`.
fn halley<T: Number, W: Watch>(
    x: &mut [T],
    mut squares: Vec<T>,
    long: usize,
    (a, b, c): Weights,
    work: &mut W,
) -> Result<(), W::Error> {
    let short = x.len() / long;
    squares.iter_mut().for_each(|number| *number *= T::of(c));
    add_to_diagonal(&mut squares, short, T::of(1.0));
    cholesky::factor(&mut squares, short, work)?;
    let mut solved = x.to_vec();
    cholesky::solve(&squares, short, &mut solved, long, work)?;
    for (number, &solved) in x.iter_mut().zip(&solved) {
        *number = T::of(b / c) * *number + T::of(a - b / c) * solved;
    }
    Ok(())
}

/// Makes rows orthonormal that nearly are, given `XX'`, until what is left of `XX' - I` is below `near`.
fn polish<W: Watch>(
    mut x: Vec<f64>,
    mut squares: Vec<f64>,
    long: usize,
    near: f64,
    work: &mut W,
) -> Result<Vec<f64>, W::Error> {
    let short = x.len() / long;
    for _ in 0..MOST_POLISHING {
        squares.iter_mut().for_each(|number| *number *= -0.5);
        add_to_diagonal(&mut squares, short, 0.5);
        // Half of I - XX'.
        let apart = 2.0 * dot(&squares, &squares).sqrt();
        let step = product(View::new(&squares, short), View::new(&x, long), work)?;
        x.iter_mut().zip(&step).for_each(|(number, step)| *number += step);
        // What is apart by e is apart by 3/4 e^2 afterwards, which need not be looked at.
        if 0.75 * apart * apart < near {
            return Ok(x);
        }
        squares = gram(View::new(&x, long), work)?;
    }
    Err(LinearError::NotConverged.into())
}

/// Turns `free` directions of the rows' side that `x` maps to almost nothing into as many that nothing is mapped to, given `XX'`.
fn complete<W: Watch>(x: &mut [f64], squares: &[f64], long: usize, free: usize, work: &mut W) -> Result<(), W::Error> {
    let short = x.len() / long;
    let left = (0..short).map(|at| 1.0 - View::new(squares, short).at(at, at)).collect();
    let lost = outside(left, free, |row| rows_by(squares, short, row), work)?;
    for direction in lost.chunks_exact(short) {
        let image = sum_by(x, long, direction);
        for (row, &weight) in x.chunks_exact_mut(long).zip(direction) {
            add_scaled(row, -weight, &image);
        }
        work.advance(2.0 * (short * long) as f64)?;
    }
    let mut left = vec![1.0; long];
    for row in x.chunks_exact(long) {
        left.iter_mut().zip(row).for_each(|(left, number)| *left -= number * number);
    }
    let found = outside(left, free, |row| sum_by(x, long, &rows_by(x, long, row)), work)?;
    for (direction, image) in lost.chunks_exact(short).zip(found.chunks_exact(long)) {
        for (row, &weight) in x.chunks_exact_mut(long).zip(direction) {
            add_scaled(row, weight, image);
        }
    }
    Ok(())
}

/// `count` orthonormal rows outside of the range of a projector, `covered`, with `left` the diagonal of what it leaves: axes with most left
/// first, less what is covered, which is what a Cholesky factor of the rest with pivots gives.
fn outside<W: Watch>(
    mut left: Vec<f64>,
    count: usize,
    covered: impl Fn(&[f64]) -> Vec<f64>,
    work: &mut W,
) -> Result<Vec<f64>, W::Error> {
    let dims = left.len();
    let mut found: Vec<f64> = Vec::with_capacity(count * dims);
    for _ in 0..count {
        let Some((pivot, _)) = left.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b)) else { break };
        let mut row: Vec<f64> = (0..dims).map(|at| if at == pivot { 1.0 } else { 0.0 }).collect();
        // Once leaves rounding, which counts where the axis is almost covered, and twice leaves none.
        for _ in 0..2 {
            let inside = covered(&row);
            add_scaled(&mut row, -1.0, &inside);
            for other in found.chunks_exact(dims) {
                let along = dot(&row, other);
                add_scaled(&mut row, -along, other);
            }
            let norm = dot(&row, &row).sqrt();
            if norm > 0.0 {
                row.iter_mut().for_each(|number| *number /= norm);
            }
            work.advance(4.0 * (dims * dims) as f64)?;
        }
        left.iter_mut().zip(&row).for_each(|(left, number)| *left -= number * number);
        if let Some(left) = left.get_mut(pivot) {
            *left = f64::NEG_INFINITY;
        }
        found.extend(row);
    }
    Ok(found)
}

/// The inner product of `vector` with every row.
fn rows_by(matrix: &[f64], columns: usize, vector: &[f64]) -> Vec<f64> {
    matrix.chunks_exact(columns).map(|row| dot(row, vector)).collect()
}

/// The sum of the rows, each with its weight.
fn sum_by(matrix: &[f64], columns: usize, weights: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; columns];
    for (row, &weight) in matrix.chunks_exact(columns).zip(weights) {
        add_scaled(&mut sum, weight, row);
    }
    sum
}
