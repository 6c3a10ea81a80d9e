//! Leading eigenvectors of large symmetric matrices: reflections make it tridiagonal (Householder), and rotations then diagonal (the QL
//! algorithm with implicit shifts, Dubrulle, Martin and Wilkinson, 1968). All inner loops run along rows.

use super::{
    products::{add_scaled, dot},
    undefined,
    work::Work,
};
use crate::DecideError;

/// Rounds of rotations for one eigenvalue; two are the rule.
const MOST_ROUNDS: usize = 60;

/// Eigenvalues from the largest on, and their eigenvectors.
pub(super) struct Leading {
    /// `[kept]`.
    pub(super) values: Vec<f64>,
    /// `[kept, n]`, orthonormal.
    pub(super) vectors: Vec<f64>,
}

/// The `keep` leading eigenvectors of a symmetric `[n, n]` matrix, of which what is above the diagonal is not read.
///
/// # Errors
/// The rotations do not converge, or what the pulse says.
pub(super) fn leading(mut a: Vec<f64>, n: usize, keep: usize, work: &mut Work<'_>) -> Result<Leading, DecideError> {
    // Of size 1, so that what is negligible is the same for all matrices.
    let size = a.iter().fold(0.0_f64, |most, number| most.max(number.abs()));
    if !size.is_finite() {
        return Err(undecided());
    }
    if size > 0.0 {
        a.iter_mut().for_each(|number| *number /= size);
    }
    let mut reduced = tridiagonal(&mut a, n, work)?;
    let mut vectors = vec![0.0; n * n];
    vectors.iter_mut().step_by(n + 1).for_each(|slot| *slot = 1.0);
    diagonalize(&mut reduced, &mut vectors, n, work)?;

    let mut order: Vec<(f64, &[f64])> = reduced.diagonal.iter().copied().zip(vectors.chunks_exact(n.max(1))).collect();
    order.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    order.truncate(keep);
    let values = order.iter().map(|(value, _)| size * value).collect();
    let mut kept: Vec<f64> = order.into_iter().flat_map(|(_, vector)| vector).copied().collect();
    for vector in kept.chunks_exact_mut(n.max(1)) {
        for (at, (row, &scale)) in a.chunks_exact(n).zip(&reduced.scales).enumerate() {
            let (direction, part) = (row.get(..at).unwrap_or_default(), vector.get_mut(..at).unwrap_or_default());
            if scale > 0.0 {
                let along = scale * dot(direction, part);
                add_scaled(part, -along, direction);
            }
        }
        work.advance((n * n) as f64)?;
    }
    Ok(Leading { values, vectors: kept })
}

/// A matrix with numbers on its diagonal and beside it alone.
struct Tridiagonal {
    diagonal: Vec<f64>,
    /// Between place `i` and `i + 1`; the last is 0.
    beside: Vec<f64>,
    /// Two by the squared length of the direction that row `i` was reflected along; 0 where it was not.
    scales: Vec<f64>,
}

/// Reflects `a` until it is tridiagonal, from the last row up. Row `i` then holds, before its diagonal, the direction it was reflected
/// along.
fn tridiagonal(a: &mut [f64], n: usize, work: &mut Work<'_>) -> Result<Tridiagonal, DecideError> {
    let (mut diagonal, mut beside, mut scales) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    for last in (1..n).rev() {
        let Some((above, row)) = a.split_at_mut_checked(last * n) else { break };
        set(&mut diagonal, last, at(row, last));
        let direction = row.get_mut(..last).unwrap_or_default();
        let next = direction.last().copied().unwrap_or_default();
        let others = direction.get(..last - 1).unwrap_or_default();
        if dot(others, others) == 0.0 {
            set(&mut beside, last - 1, next);
            continue;
        }
        let norm = dot(direction, direction).sqrt();
        let pivot = if next > 0.0 { -norm } else { norm };
        if let Some(slot) = direction.last_mut() {
            *slot = next - pivot;
        }
        let scale = 2.0 / dot(direction, direction);
        set(&mut beside, last - 1, pivot);
        set(&mut scales, last, scale);

        // With p = scale A v and w = p - scale (p'v) v / 2 the reflected block is A - v w' - w v'.
        let mut w = vec![0.0; last];
        for (place, row) in above.chunks_exact(n).enumerate() {
            let (before, weight) = (row.get(..place).unwrap_or_default(), at(direction, place));
            let along = dot(before, direction.get(..place).unwrap_or_default()) + at(row, place) * weight;
            add_scaled(&mut w, weight, before);
            if let Some(slot) = w.get_mut(place) {
                *slot += along;
            }
        }
        w.iter_mut().for_each(|number| *number *= scale);
        let half = scale * dot(&w, direction) / 2.0;
        add_scaled(&mut w, -half, direction);
        for (place, row) in above.chunks_exact_mut(n).enumerate() {
            let (v, own) = (at(direction, place), at(&w, place));
            let row = row.get_mut(..=place).unwrap_or_default();
            for ((slot, &w), &direction) in row.iter_mut().zip(&w).zip(direction.iter()) {
                *slot -= v * w + own * direction;
            }
        }
        work.advance(2.0 * (last * last) as f64)?;
    }
    set(&mut diagonal, 0, at(a, 0));
    Ok(Tridiagonal { diagonal, beside, scales })
}

/// Rotates until nothing is beside the diagonal, and the rows of `vectors`, `[n, n]`, with it.
fn diagonalize(
    matrix: &mut Tridiagonal,
    vectors: &mut [f64],
    n: usize,
    work: &mut Work<'_>,
) -> Result<(), DecideError> {
    for first in 0..n {
        let mut rounds = 0;
        loop {
            let end = matrix.split_after(first, n);
            if end == first {
                break;
            }
            if rounds == MOST_ROUNDS {
                return Err(undecided());
            }
            rounds += 1;
            let turns = matrix.sweep(first, end);
            for &(place, cosine, sine) in &turns {
                let Some((before, after)) = vectors.split_at_mut_checked((place + 1) * n) else { break };
                let row = before.get_mut(place * n..).unwrap_or_default();
                for (a, b) in row.iter_mut().zip(after) {
                    (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
                }
            }
            work.advance((3 * turns.len() * n) as f64)?;
        }
    }
    Ok(())
}

impl Tridiagonal {
    /// The first place from `first` on that nothing follows beside the diagonal.
    fn split_after(&self, first: usize, n: usize) -> usize {
        let negligible = |&place: &usize| {
            let size = 1.0 + at(&self.diagonal, place).abs() + at(&self.diagonal, place + 1).abs();
            at(&self.beside, place).abs() <= f64::EPSILON / 2.0 * size
        };
        (first..n.saturating_sub(1)).find(negligible).unwrap_or(n.saturating_sub(1))
    }

    /// One round of rotations of places `first..=end`, from the end up: each with its place, cosine and sine.
    fn sweep(&mut self, first: usize, end: usize) -> Vec<(usize, f64, f64)> {
        let (d, e) = (self.diagonal.as_mut_slice(), self.beside.as_mut_slice());
        let mut turns = Vec::with_capacity(end - first);
        let ahead = (at(d, first + 1) - at(d, first)) / (2.0 * at(e, first));
        let root = (ahead * ahead + 1.0).sqrt();
        let mut g = at(d, end) - at(d, first) + at(e, first) / (ahead + root.copysign(ahead));
        let (mut sine, mut cosine, mut p) = (1.0, 1.0, 0.0);
        for place in (first..end).rev() {
            let (f, b) = (sine * at(e, place), cosine * at(e, place));
            let root = (f * f + g * g).sqrt();
            set(e, place + 1, root);
            let above = at(d, place + 1) - p;
            if root == 0.0 {
                set(d, place + 1, above);
                set(e, end, 0.0);
                return turns;
            }
            (sine, cosine) = (f / root, g / root);
            let r = (at(d, place) - above) * sine + 2.0 * cosine * b;
            p = sine * r;
            set(d, place + 1, above + p);
            g = cosine * r - b;
            turns.push((place, cosine, sine));
        }
        let top = at(d, first) - p;
        set(d, first, top);
        set(e, first, g);
        set(e, end, 0.0);
        turns
    }
}

/// A number; 0 beyond the end.
fn at(numbers: &[f64], place: usize) -> f64 {
    numbers.get(place).copied().unwrap_or_default()
}

fn set(numbers: &mut [f64], place: usize, value: f64) {
    if let Some(slot) = numbers.get_mut(place) {
        *slot = value;
    }
}

fn undecided() -> DecideError {
    undefined("principal directions", "the iteration does not converge; hand in other rows")
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, SymmetricEigen};
    use proptest::prelude::*;

    use super::super::testing::{noise, quiet};
    use super::*;

    fn found(matrix: &DMatrix<f64>, keep: usize) -> (Vec<f64>, DMatrix<f64>) {
        let n = matrix.nrows();
        let mut quiet = quiet;
        let mut work = Work::start(&mut quiet, 1.0).unwrap();
        let leading = leading(matrix.as_slice().to_vec(), n, keep, &mut work).unwrap();
        let vectors = DMatrix::from_row_slice(leading.values.len(), n, &leading.vectors);
        (leading.values, vectors)
    }

    /// Checks against nalgebra, and that vectors are what their values say.
    fn check(matrix: &DMatrix<f64>, keep: usize) {
        let size = 1.0 + matrix.norm();
        let mut exact: Vec<f64> = SymmetricEigen::new(matrix.clone()).eigenvalues.iter().copied().collect();
        exact.sort_by(|a, b| b.total_cmp(a));
        let (values, vectors) = found(matrix, keep);
        assert_eq!(values.len(), keep);
        assert!(values.iter().zip(&exact).all(|(a, b)| (a - b).abs() < 1e-12 * size), "{values:?} {exact:?}");
        assert!((&vectors * vectors.transpose() - DMatrix::identity(keep, keep)).abs().max() < 1e-12);
        let scaled = DMatrix::from_fn(keep, matrix.nrows(), |row, column| values[row] * vectors[(row, column)]);
        assert!((&vectors * matrix - scaled).abs().max() < 1e-12 * size);
    }

    #[test]
    fn a_matrix_by_hand() {
        // Eigenvalues 3 and 1 along (1, 1) and (1, -1).
        let (values, vectors) = found(&DMatrix::from_row_slice(2, 2, &[2.0, 1.0, 1.0, 2.0]), 2);
        assert!((values[0] - 3.0).abs() < 1e-14 && (values[1] - 1.0).abs() < 1e-14, "{values:?}");
        assert!((vectors[(0, 0)] - vectors[(0, 1)]).abs() < 1e-14 && (vectors[(1, 0)] + vectors[(1, 1)]).abs() < 1e-14);
        check(&DMatrix::from_element(1, 1, -4.0), 1);
    }

    #[test]
    fn matrices_of_every_kind() {
        for n in [3, 20, 61] {
            let rows = DMatrix::from_row_slice(n, n, &noise(n * n, n as u64));
            check(&(&rows + rows.transpose()), n);
            // Of low rank, with repeated eigenvalues, tiny ones and huge ones.
            let thin = rows.columns(0, 2).into_owned();
            check(&(&thin * thin.transpose()), n);
            check(&(DMatrix::identity(n, n) * 1e9), n);
            let falling = DMatrix::from_fn(n, n, |i, j| rows[(i, j)] * 0.1_f64.powi(j as i32 / 4));
            check(&(&falling * falling.transpose()), n.min(5));
            check(&DMatrix::zeros(n, n), 2);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn leading_vectors_are_those_of_the_largest_values(n in 1_usize..16, rank in 1_usize..16, seed in 0_u64..1000) {
            let rows = DMatrix::from_row_slice(n, rank, &noise(n * rank, seed));
            check(&(&rows * rows.transpose()), n.div_ceil(2));
        }
    }
}
