//! What tests of linear algebra are made of.

use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

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
