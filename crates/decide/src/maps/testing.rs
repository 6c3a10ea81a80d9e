//! What tests of maps are made of.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Map, Pairs};
use crate::{DecideError, Vectors};

/// A pulse that lets everything go on.
pub(super) fn quiet(_: f64) -> Result<(), DecideError> {
    Ok(())
}

/// Numbers drawn evenly from -1 to 1.
pub(super) fn noise(count: usize, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// A random orthogonal matrix, `[dims, dims]`.
pub(super) fn orthogonal(dims: usize, seed: u64) -> Vec<f64> {
    let q = DMatrix::from_row_slice(dims, dims, &noise(dims * dims, seed)).qr().q();
    q.transpose().as_slice().to_vec()
}

/// The first `to` numbers of rows turned by [`orthogonal`]: `[from, to]` with orthonormal rows or columns.
pub(super) fn semi_orthogonal(from: usize, to: usize, seed: u64) -> Vec<f64> {
    let dims = from.max(to);
    orthogonal(dims, seed).chunks_exact(dims).take(from).flat_map(|row| row[..to].to_vec()).collect()
}

/// Rows of length 1.
pub(super) fn unit(dims: usize, numbers: &[f64]) -> Vectors {
    Vectors::new(dims, numbers.iter().map(|&number| number as f32).collect()).unwrap().unit()
}

/// The rows times a matrix of rows of `to` numbers.
pub(super) fn turned(rows: &Vectors, matrix: &[f64], to: usize) -> Vec<f64> {
    let mut all = Vec::new();
    for row in rows.rows() {
        for column in 0..to {
            all.push(row.iter().zip(matrix[column..].iter().step_by(to)).map(|(&a, b)| f64::from(a) * b).sum());
        }
    }
    all
}

/// All rows of both, as pairs.
pub(super) fn pairs<'a>(x: &'a Vectors, y: &'a Vectors, rows: &'a [usize]) -> Pairs<'a> {
    Pairs::new(x, y, rows, &mut quiet).unwrap()
}

/// The mean cosine of mapped rows with the rows that they should be.
pub(super) fn agreement(map: &Map, x: &Vectors, y: &Vectors) -> f64 {
    let mapped = map.apply(x, &mut quiet).unwrap().unit();
    let cosine = |(a, b): (&[f32], &[f32])| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
    mapped.rows().zip(y.unit().rows()).map(cosine).sum::<f64>() / y.count() as f64
}

/// Rows turned, then with what is below 0 cut to a sixth.
pub(super) fn bent(count: usize, dims: usize) -> (Vectors, Vectors) {
    let x = unit(dims, &noise(count * dims, 1));
    let turned = turned(&x, &orthogonal(dims, 2), dims);
    let cut: Vec<f64> = turned.iter().map(|&number| if number > 0.0 { number } else { number / 6.0 }).collect();
    (x, unit(dims, &cut))
}
