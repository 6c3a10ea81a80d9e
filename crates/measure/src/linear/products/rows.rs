//! What is made of products and rows.

use super::super::Watch;
use super::{Number, Part, Target, View, WIDE};

/// `a b`, `[rows of a, columns of b]`.
///
/// # Errors
/// What the watch says.
pub fn product<T: Number, W: Watch>(a: View<'_, T>, b: View<'_, T>, work: &mut W) -> Result<Vec<T>, W::Error> {
    let columns = b.columns;
    let mut sums = vec![T::default(); a.rows * columns];
    T::add_product(Target::new(&mut sums, columns), a, b, T::of(1.0), Part::All, work)?;
    Ok(sums)
}

/// `a a'`, `[rows, rows]`.
///
/// # Errors
/// What the watch says.
pub fn gram<T: Number, W: Watch>(a: View<'_, T>, work: &mut W) -> Result<Vec<T>, W::Error> {
    let mut sums = vec![T::default(); a.rows * a.rows];
    T::add_product(Target::new(&mut sums, a.rows), a, a.transposed(), T::of(1.0), Part::Upper, work)?;
    mirror(&mut sums, a.rows);
    Ok(sums)
}

/// Copies what is above the diagonal of an `[n, n]` matrix below it.
pub fn mirror<T: Number>(matrix: &mut [T], n: usize) {
    for at in 1..n {
        let Some((above, row)) = matrix.split_at_mut_checked(at * n) else { return };
        let column = above.get(at..).unwrap_or_default().iter().step_by(n);
        for (slot, &number) in row.iter_mut().zip(column) {
            *slot = number;
        }
    }
}

/// `[columns, rows]` of a matrix of rows of `columns` numbers.
pub fn transposed<T: Number>(matrix: &[T], columns: usize) -> Vec<T> {
    let columns = columns.max(1);
    let column = |at: usize| matrix.get(at..).unwrap_or_default().iter().step_by(columns).copied();
    (0..columns).flat_map(column).collect()
}

/// Adds `value` to the diagonal of an `[n, n]` matrix.
pub fn add_to_diagonal<T: Number>(matrix: &mut [T], n: usize, value: T) {
    for slot in matrix.iter_mut().step_by(n + 1) {
        *slot += value;
    }
}

/// The sum over the diagonal of an `[n, n]` matrix.
pub fn trace(matrix: &[f64], n: usize) -> f64 {
    matrix.iter().step_by(n + 1).sum()
}

/// `target += factor source`.
pub fn add_scaled<T: Number>(target: &mut [T], factor: T, source: &[T]) {
    for (slot, &number) in target.iter_mut().zip(source) {
        *slot += factor * number;
    }
}

/// The inner product of two rows of one length.
pub fn dot<T: Number>(a: &[T], b: &[T]) -> T {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<WIDE>(), b.as_chunks::<WIDE>());
    // Several sums, since each addition waits for the one before it.
    let mut sums = [T::default(); WIDE];
    for (a, b) in a.iter().zip(b) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest = a_rest.iter().zip(b_rest).fold(T::default(), |sum, (&a, &b)| sum + a * b);
    sums.into_iter().fold(rest, |sum, part| sum + part)
}

/// Rounded to 32 bits.
pub fn narrow(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|&number| number as f32).collect()
}

/// The same numbers in 64 bits.
pub fn widen(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().map(|&number| f64::from(number)).collect()
}
