//! Rows in 64 bits and the products between them, of which likeness, rank and axes are made.

use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use crate::{DecideError, Pulse, Vectors, vectors::length};

/// Seed of every sample here: the same vectors get the same examination.
const SEED: u64 = 17;

/// Columns that are multiplied at a time, so that all rows' numbers of them stay near the processor.
const TILE: usize = 64;

/// Sums that grow side by side, so that the compiler can use vector instructions.
const LANES: usize = 4;

/// Rounds of the power iteration. A second axis of 0.9 times the variance is then below 2 % of the first.
const ROUNDS: usize = 40;

type Tile = [f64; TILE];

/// A part of longer work: what it calls 0 to 1 is `from` to `to` of the whole.
pub(super) fn part<'a>(pulse: Pulse<'a>, from: f64, to: f64) -> impl FnMut(f64) -> Result<(), DecideError> + 'a {
    move |share| pulse(from + (to - from) * share)
}

/// `done` of `all` as a share.
pub(super) fn share(done: usize, all: usize) -> f64 {
    done as f64 / all.max(1) as f64
}

/// Whether a row is all zeros, so that it has no direction.
pub(super) fn is_zero(row: &[f32]) -> bool {
    row.iter().all(|&number| number == 0.0)
}

/// At most `most` of the candidates, drawn with a fixed seed, in the order in which they stand.
pub(super) fn sample(candidates: &[usize], most: usize) -> Vec<usize> {
    let mut candidates = candidates.to_vec();
    if candidates.len() <= most {
        return candidates;
    }
    let (drawn, _) = candidates.partial_shuffle(&mut ChaCha8Rng::seed_from_u64(SEED), most);
    let mut drawn = drawn.to_vec();
    drawn.sort_unstable();
    drawn
}

/// Inner product of two rows of equal length.
pub(super) fn dot(x: &[f64], y: &[f64]) -> f64 {
    let ((left, left_rest), (right, right_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (x, y) in left.iter().zip(right) {
        add(&mut sums, x, y);
    }
    let rest: f64 = left_rest.iter().zip(right_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f64>() + rest
}

/// Takes the mean of each row and of each column out of a matrix: the products of rows that are centred.
pub(super) fn double_centred(mut products: DMatrix<f64>) -> DMatrix<f64> {
    let (rows, columns, all) = (products.column_mean(), products.row_mean(), products.mean());
    for (mut column, mean) in products.column_iter_mut().zip(columns.iter()) {
        for (number, row) in column.iter_mut().zip(rows.iter()) {
            *number += all - row - mean;
        }
    }
    products
}

/// Rows of numbers, `[count, width]` row after row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rows {
    width: usize,
    numbers: Vec<f64>,
}

impl Rows {
    /// These rows of the vectors, each as long as 1; rows of zeros stay.
    pub(super) fn unit(vectors: &Vectors, rows: impl IntoIterator<Item = usize>) -> Self {
        let mut numbers = Vec::new();
        for row in rows {
            let row = vectors.row(row);
            let length = length(row);
            let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
            numbers.extend(row.iter().map(|&number| f64::from(number) * scale));
        }
        Self { width: vectors.dims(), numbers }
    }

    /// How many rows there are.
    pub(super) fn count(&self) -> usize {
        self.numbers.len() / self.width.max(1)
    }

    /// Numbers of a row.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Row after row.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[f64]> {
        self.numbers.chunks_exact(self.width.max(1))
    }

    /// The mean row, `[width]`.
    pub(super) fn mean(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.width];
        for row in self.iter() {
            for (sum, number) in sums.iter_mut().zip(row) {
                *sum += number;
            }
        }
        let count = self.count().max(1) as f64;
        sums.iter().map(|sum| sum / count).collect()
    }

    /// The rows without what they have in common.
    pub(super) fn centred(mut self) -> Self {
        let mean = self.mean();
        for row in self.numbers.chunks_exact_mut(self.width.max(1)) {
            for (number, mean) in row.iter_mut().zip(&mean) {
                *number -= mean;
            }
        }
        self
    }

    /// The rows, each as long as 1 again; rows of zeros stay.
    pub(super) fn normalised(mut self) -> Self {
        for row in self.numbers.chunks_exact_mut(self.width.max(1)) {
            let length = dot(row, row).sqrt();
            if length > 0.0 {
                for number in row {
                    *number /= length;
                }
            }
        }
        self
    }

    /// Columns as rows.
    pub(super) fn transposed(&self) -> Self {
        let numbers = (0..self.width).flat_map(|column| self.iter().filter_map(move |row| row.get(column).copied()));
        Self { width: self.count(), numbers: numbers.collect() }
    }

    /// The inner products of all rows with one another, `[count, count]`. Takes `O(count^2 width)` time.
    ///
    /// Each product is summed in the same order, so that equal rows have equal products with any other.
    pub(super) fn products(&self, pulse: Pulse<'_>) -> Result<DMatrix<f64>, DecideError> {
        let count = self.count();
        let mut products = vec![0.0; count * count];
        let tiles = self.width.div_ceil(TILE);
        for tile in 0..tiles {
            let packed = self.tile(tile * TILE);
            for (at, (sums, row)) in products.chunks_exact_mut(count.max(1)).zip(&packed).enumerate() {
                if at.is_multiple_of(32) {
                    pulse(share(tile * count + at, tiles * count))?;
                }
                let (Some(sums), Some(later)) = (sums.get_mut(at..), packed.get(at..)) else { continue };
                let (fours, rest) = later.as_chunks::<4>();
                let (sums, rest_sums) = sums.as_chunks_mut::<4>();
                for (sums, others) in sums.iter_mut().zip(fours) {
                    for (sum, more) in sums.iter_mut().zip(four(row, others)) {
                        *sum += more;
                    }
                }
                for (sum, other) in rest_sums.iter_mut().zip(rest) {
                    *sum += one(row, other);
                }
            }
        }
        // What stands above the diagonal row by row stands below it column by column.
        let mut products = DMatrix::from_vec(count, count, products);
        products.fill_upper_triangle_with_lower_triangle();
        Ok(products)
    }

    /// The columns from `start` on of each row, with zeros beyond the last.
    fn tile(&self, start: usize) -> Vec<Tile> {
        let cut = |row: &[f64]| {
            let mut tile = [0.0; TILE];
            for (slot, &number) in tile.iter_mut().zip(row.iter().skip(start)) {
                *slot = number;
            }
            tile
        };
        self.iter().map(cut).collect()
    }

    /// The direction along which these rows, which are centred, vary most; `None` where they do not vary.
    pub(super) fn axis(&self, pulse: Pulse<'_>) -> Result<Option<Vec<f64>>, DecideError> {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let mut axis: Vec<f64> = (0..self.width).map(|_| rng.random_range(-1.0..1.0)).collect();
        for round in 0..ROUNDS {
            pulse(share(round, ROUNDS))?;
            let mut next = vec![0.0; self.width];
            for row in self.iter() {
                let along = dot(row, &axis);
                for (sum, number) in next.iter_mut().zip(row) {
                    *sum += along * number;
                }
            }
            let length = dot(&next, &next).sqrt();
            // Rows as long as 1 that are equal leave squares of roundings, about 1e-32.
            if length < 1e-20 {
                return Ok(None);
            }
            axis = next.iter().map(|number| number / length).collect();
        }
        Ok(Some(axis))
    }
}

/// A tile's products with four others at once: each number is read once for four uses.
fn four(x: &Tile, [a, b, c, d]: &[Tile; 4]) -> [f64; 4] {
    let mut sums = [[0.0; LANES]; 4];
    for ((((x, a), b), c), d) in lanes(x).iter().zip(lanes(a)).zip(lanes(b)).zip(lanes(c)).zip(lanes(d)) {
        for (sums, y) in sums.iter_mut().zip([a, b, c, d]) {
            add(sums, x, y);
        }
    }
    sums.map(|sums| sums.iter().sum())
}

/// A tile's product with another, summed as [`four`] sums.
fn one(x: &Tile, y: &Tile) -> f64 {
    let mut sums = [0.0; LANES];
    for (x, y) in lanes(x).iter().zip(lanes(y)) {
        add(&mut sums, x, y);
    }
    sums.iter().sum()
}

fn lanes(tile: &Tile) -> &[[f64; LANES]] {
    tile.as_chunks::<LANES>().0
}

fn add(sums: &mut [f64; LANES], x: &[f64; LANES], y: &[f64; LANES]) {
    for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
        *sum += x * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::made::{go_on, noise, stop};

    #[test]
    fn products_are_those_of_each_pair() {
        // Widths and counts on both sides of a tile and of four.
        for (count, width) in [(1, 1), (3, 5), (9, 64), (14, 131)] {
            let rows = Rows::unit(&noise(count, width, 3), 0..count);
            let products = rows.products(&mut go_on).unwrap();
            assert_eq!((products.nrows(), products.ncols()), (count, count));
            for (i, x) in rows.iter().enumerate() {
                for (j, y) in rows.iter().enumerate() {
                    let expected: f64 = x.iter().zip(y).map(|(x, y)| x * y).sum();
                    assert!((products[(i, j)] - expected).abs() < 1e-14, "{i} {j} of {count} x {width}");
                    assert!((dot(x, y) - expected).abs() < 1e-14);
                }
            }
        }
    }

    #[test]
    fn equal_rows_have_equal_products_wherever_they_stand() {
        let mut data = noise(11, 70, 5).numbers().to_vec();
        let first = data[..70].to_vec();
        data[70 * 7..70 * 8].copy_from_slice(&first);
        data[70 * 10..].copy_from_slice(&first);
        let products = Rows::unit(&Vectors::new(70, data).unwrap(), 0..11).products(&mut go_on).unwrap();
        for other in 0..11 {
            let same = [0, 7, 10].map(|row| products[(row, other)].to_bits());
            assert!(same.iter().all(|bits| *bits == same[0]), "with row {other}");
        }
    }

    #[test]
    fn rows_are_centred_turned_and_scaled() {
        let vectors = Vectors::new(2, vec![3.0, 4.0, 0.0, 0.0, 0.0, -2.0]).unwrap();
        let rows = Rows::unit(&vectors, [0, 1, 2]);
        let near =
            |found: &Rows, expected: &[f64]| found.numbers.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-7);
        assert!(near(&rows, &[0.6, 0.8, 0.0, 0.0, 0.0, -1.0]));
        let turned = rows.transposed();
        assert_eq!((turned.count(), turned.width()), (2, 3));
        assert!(near(&turned, &[0.6, 0.0, 0.0, 0.8, 0.0, -1.0]));
        let centred = rows.clone().centred();
        assert!(centred.mean().iter().all(|mean| mean.abs() < 1e-15));
        assert!(centred.normalised().iter().all(|row| (dot(row, row) - 1.0).abs() < 1e-12));
        // Centring rows and centring their products both ways is the same.
        let products = double_centred(rows.products(&mut go_on).unwrap());
        let expected = rows.centred().products(&mut go_on).unwrap();
        assert!((products - expected).amax() < 1e-14);
    }

    #[test]
    fn the_axis_is_where_rows_spread() {
        let points = [[3.0, 4.0, 0.0], [-3.0, -4.0, 0.0], [0.4, -0.3, 1.0], [-0.4, 0.3, -1.0]];
        let rows = Rows { width: 3, numbers: points.concat() };
        let axis = rows.axis(&mut go_on).unwrap().unwrap();
        assert!((dot(&axis, &[0.6, 0.8, 0.0]).abs() - 1.0).abs() < 1e-9, "{axis:?}");
        assert_eq!(Rows { width: 2, numbers: vec![0.0; 6] }.axis(&mut go_on), Ok(None));
    }

    #[test]
    fn a_sample_is_the_same_every_time_in_order_and_without_repeats() {
        let candidates: Vec<usize> = (0..500).map(|row| 3 * row).collect();
        let drawn = sample(&candidates, 40);
        assert_eq!(drawn, sample(&candidates, 40));
        assert_eq!(drawn.len(), 40);
        assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]) && drawn.iter().all(|row| row % 3 == 0));
        // Not a stretch of rows.
        assert!(drawn[0] < 300 && drawn[39] > 1200);
        assert_eq!(sample(&[4, 8], 2), [4, 8]);
    }

    #[test]
    fn rows_of_zeros_are_told_from_short_ones() {
        assert!(!is_zero(&[1e-45; 3]) && is_zero(&[0.0, -0.0]));
    }

    #[test]
    fn what_is_cancelled_stops() {
        let rows = Rows::unit(&noise(10, 3, 1), 0..10);
        assert_eq!(rows.products(&mut stop), Err(DecideError::Cancelled));
        assert_eq!(rows.axis(&mut stop), Err(DecideError::Cancelled));
        let mut shares = Vec::new();
        let mut note = |share: f64| {
            shares.push(share);
            Ok(())
        };
        rows.products(&mut part(&mut note, 0.5, 1.0)).unwrap();
        assert_eq!(shares, [0.5]);
    }
}
