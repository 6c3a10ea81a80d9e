//! Cases that tests are made of.

use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use crate::{Case, DecideError, Embedded, Relevance, Similarity, Vectors};

/// A pulse that lets work go on.
pub(super) fn go_on(_: f64) -> Result<(), DecideError> {
    Ok(())
}

/// A pulse that stops it at once.
pub(super) fn stop(_: f64) -> Result<(), DecideError> {
    Err(DecideError::Cancelled)
}

/// Numbers between -1 and 1, without any order.
pub(super) fn noise(rows: usize, dims: usize, seed: u64) -> Vectors {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    Vectors::new(dims, (0..rows * dims).map(|_| rng.random_range(-1.0..1.0)).collect()).unwrap()
}

/// The rows times a matrix, `[dims, other dims]`.
pub(super) fn mapped(rows: &Vectors, matrix: &DMatrix<f64>) -> Vectors {
    let numbers = rows.numbers().iter().map(|&number| f64::from(number));
    let product = DMatrix::from_row_iterator(rows.count(), rows.dims(), numbers) * matrix;
    Vectors::new(matrix.ncols(), product.transpose().iter().map(|&number| number as f32).collect()).unwrap()
}

/// A random matrix with columns of length 1 at right angles, `[rows, columns]` with no more columns than rows.
pub(super) fn orthonormal(rows: usize, columns: usize, seed: u64) -> DMatrix<f64> {
    let numbers = noise(rows, columns, seed);
    DMatrix::from_iterator(rows, columns, numbers.numbers().iter().map(|&number| f64::from(number))).qr().q()
}

/// The rows, turned at random.
pub(super) fn rotated(rows: &Vectors, seed: u64) -> Vectors {
    mapped(rows, &orthonormal(rows.dims(), rows.dims(), seed))
}

/// The rows plus noise of this size.
pub(super) fn noisy(rows: &Vectors, size: f32, seed: u64) -> Vectors {
    let noise = noise(rows.count(), rows.dims(), seed);
    let sums = rows.numbers().iter().zip(noise.numbers()).map(|(number, noise)| number + size * noise);
    Vectors::new(rows.dims(), sums.collect()).unwrap()
}

/// Two sets of rows, one after the other.
pub(super) fn joined(first: &Vectors, second: &Vectors) -> Vectors {
    Vectors::new(first.dims(), [first.numbers(), second.numbers()].concat()).unwrap()
}

/// A model's view of hidden numbers `[rows, hidden]`: each counts less than the one before it, they are turned into more dims, and all
/// rows have something in common.
pub(super) fn seen(hidden: &Vectors, dims: usize, common: f64, seed: u64) -> Vectors {
    let weights = (0..hidden.dims()).map(|place| 0.8_f64.powi(i32::try_from(place).unwrap()));
    let turn = orthonormal(dims, hidden.dims() + 1, seed).transpose();
    let mut view = turn.rows(0, hidden.dims()).into_owned();
    for (mut row, weight) in view.row_iter_mut().zip(weights) {
        row *= weight;
    }
    let rows = mapped(hidden, &view);
    let shift: Vec<f32> = turn.row(hidden.dims()).iter().map(|number| (common * number) as f32).collect();
    let numbers = rows.rows().flat_map(|row| row.iter().zip(&shift).map(|(number, shift)| number + shift)).collect();
    Vectors::new(dims, numbers).unwrap().unit()
}

/// The numbers below `count` in random order.
pub(super) fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    order
}

/// A case of documents alone.
pub(super) fn case(old: Vectors, new: Vectors) -> Case {
    let model = |name: &str, documents: Vectors| Embedded { name: name.to_owned(), documents, queries: None };
    Case {
        documents: (0..old.count()).map(|row| format!("d{row}")).collect(),
        old: model("old", old),
        new: model("new", new),
        queries: Vec::new(),
        relevance: Relevance::Unknown,
        beside: crate::Beside::default(),
        similarity: Similarity::Cosine,
        notices: Vec::new(),
    }
}
