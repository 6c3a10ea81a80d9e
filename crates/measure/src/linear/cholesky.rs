//! Symmetric systems of equations, block by block: all but a sliver of the work are products.

use super::products::{Number, Part, Target, View, add_scaled};
use super::{LinearError, Watch};

/// Rows that are eliminated one by one before what is left is updated by a product.
const BLOCK: usize = 64;

/// Puts the upper triangular `R` with `R'R = A` in place of the upper triangle of `a`, `[n, n]`. What is below the diagonal is neither
/// read nor of use afterwards.
///
/// # Errors
/// `A` is not positive definite, or what the watch says.
pub fn factor<T: Number, W: Watch>(a: &mut [T], n: usize, work: &mut W) -> Result<(), W::Error> {
    let mut left = a;
    for start in (0..n).step_by(BLOCK) {
        let end = n.min(start + BLOCK);
        let (panel, below) =
            std::mem::take(&mut left).split_at_mut_checked((end - start) * n).ok_or(LinearError::Indefinite)?;
        eliminate(panel, n, start)?;
        work.advance(((end - start) * (end - start) * (n - start)) as f64 / 2.0)?;
        if end < n {
            let right = View::new(panel, n).part(0..end - start, end..n);
            let target = Target::from_column(&mut *below, n, end);
            T::add_product(target, right.transposed(), right, T::of(-1.0), Part::Upper, work)?;
        }
        left = below;
    }
    Ok(())
}

/// The rows of `R` from `start` on, out of rows of `A` that those above have been taken out of.
fn eliminate<T: Number>(panel: &mut [T], n: usize, start: usize) -> Result<(), LinearError> {
    for (i, diagonal) in (0..panel.len() / n.max(1)).zip(start..) {
        let (done, rest) = panel.split_at_mut_checked(i * n).ok_or(LinearError::Indefinite)?;
        let row = rest.get_mut(diagonal..n).unwrap_or_default();
        for above in done.chunks_exact(n) {
            let above = above.get(diagonal..).unwrap_or_default();
            let weight = above.first().copied().unwrap_or_default();
            add_scaled(row, T::default() - weight, above);
        }
        let pivot = row.first().copied().unwrap_or_default();
        if pivot.partial_cmp(&T::default()) != Some(std::cmp::Ordering::Greater) {
            return Err(LinearError::Indefinite);
        }
        scale(row, T::of(1.0) / pivot.root());
    }
    Ok(())
}

/// Puts `R'^-1 B` in place of `b`, `[n, columns]`, with the upper triangular `r`, `[n, n]`.
///
/// # Errors
/// What the watch says.
pub fn forward<T: Number, W: Watch>(
    r: &[T],
    n: usize,
    b: &mut [T],
    columns: usize,
    work: &mut W,
) -> Result<(), W::Error> {
    let r = View::new(r, n);
    for start in (0..n).step_by(BLOCK) {
        let end = n.min(start + BLOCK);
        let (done, rest) = b.split_at_mut_checked(start * columns).ok_or(LinearError::Indefinite)?;
        let block = rest.get_mut(..(end - start) * columns).unwrap_or_default();
        if start > 0 {
            let weights = r.part(0..start, start..end).transposed();
            let target = Target::new(&mut *block, columns);
            T::add_product(target, weights, View::new(done, columns), T::of(-1.0), Part::All, work)?;
        }
        for (i, at) in (start..end).enumerate() {
            let (above, rest) = block.split_at_mut_checked(i * columns).ok_or(LinearError::Indefinite)?;
            let row = rest.get_mut(..columns).unwrap_or_default();
            for (above, other) in above.chunks_exact(columns).zip(start..) {
                add_scaled(row, T::default() - r.at(other, at), above);
            }
            scale(row, T::of(1.0) / r.at(at, at));
        }
        work.advance(((end - start) * (end - start) * columns) as f64 / 2.0)?;
    }
    Ok(())
}

/// Puts `R^-1 B` in place of `b`, `[n, columns]`, with the upper triangular `r`, `[n, n]`.
///
/// # Errors
/// What the watch says.
fn backward<T: Number, W: Watch>(r: &[T], n: usize, b: &mut [T], columns: usize, work: &mut W) -> Result<(), W::Error> {
    let r = View::new(r, n);
    for start in (0..n).step_by(BLOCK).rev() {
        let end = n.min(start + BLOCK);
        let (before, done) = b.split_at_mut_checked(end * columns).ok_or(LinearError::Indefinite)?;
        let block = before.get_mut(start * columns..).unwrap_or_default();
        if end < n {
            let target = Target::new(&mut *block, columns);
            let weights = r.part(start..end, end..n);
            T::add_product(target, weights, View::new(done, columns), T::of(-1.0), Part::All, work)?;
        }
        for at in (start..end).rev() {
            let i = at - start;
            let (before, below) = block.split_at_mut_checked((i + 1) * columns).ok_or(LinearError::Indefinite)?;
            let row = before.get_mut(i * columns..).unwrap_or_default();
            for (below, other) in below.chunks_exact(columns).zip(at + 1..) {
                add_scaled(row, T::default() - r.at(at, other), below);
            }
            scale(row, T::of(1.0) / r.at(at, at));
        }
        work.advance(((end - start) * (end - start) * columns) as f64 / 2.0)?;
    }
    Ok(())
}

/// Puts `A^-1 B` in place of `b`, `[n, columns]` with at least one column, with the `R` of [`factor`].
///
/// # Errors
/// What the watch says.
pub fn solve<T: Number, W: Watch>(
    r: &[T],
    n: usize,
    b: &mut [T],
    columns: usize,
    work: &mut W,
) -> Result<(), W::Error> {
    forward(r, n, b, columns, work)?;
    backward(r, n, b, columns, work)
}

fn scale<T: Number>(row: &mut [T], factor: T) {
    for number in row {
        *number *= factor;
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::super::{
        Unwatched,
        products::{add_to_diagonal, gram, narrow},
        testing::noise,
    };
    use super::*;

    #[test]
    fn a_system_by_hand() {
        // R = [[2, 1], [0, 3]].
        let mut a = [4.0, 2.0, -7.0, 10.0];
        let work = &mut Unwatched;
        factor(&mut a, 2, work).unwrap();
        assert_eq!((a[0], a[1], a[3]), (2.0, 1.0, 3.0));
        let mut b = [8.0, 22.0];
        solve(&a, 2, &mut b, 1, work).unwrap();
        // 4 x + 2 y = 8, 2 x + 10 y = 22.
        assert!((b[0] - 1.0_f64).abs() < 1e-15 && (b[1] - 2.0_f64).abs() < 1e-15, "{b:?}");
        let mut indefinite = [1.0, 2.0, 2.0, 1.0];
        assert!(matches!(factor(&mut indefinite, 2, work), Err(LinearError::Indefinite)));
        assert!(factor(&mut [f64::NAN], 1, work).is_err());
    }

    #[test]
    fn systems_across_blocks_are_solved() {
        let work = &mut Unwatched;
        for (n, columns) in [(1, 3), (63, 2), (64, 5), (65, 1), (150, 9)] {
            let rows = noise(n * (n + 5), 1);
            let mut a = gram(View::new(&rows, n + 5), work).unwrap();
            add_to_diagonal(&mut a, n, 1.0);
            let b = noise(n * columns, 2);
            let exact = DMatrix::from_row_slice(n, n, &a).lu().solve(&DMatrix::from_row_slice(n, columns, &b)).unwrap();
            let exact = exact.transpose();
            let mut small_a = narrow(&a);
            factor(&mut a, n, work).unwrap();
            let mut found = b.clone();
            solve(&a, n, &mut found, columns, work).unwrap();
            assert!(found.iter().zip(&exact).all(|(a, b)| (a - b).abs() < 1e-11), "{n}");
            factor(&mut small_a, n, work).unwrap();
            let mut small = narrow(&b);
            solve(&small_a, n, &mut small, columns, work).unwrap();
            assert!(small.iter().zip(&exact).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-3), "{n}");
        }
    }
}
