#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

use super::super::{
    Unwatched,
    testing::{noise, orthogonal},
};
use super::*;

/// A matrix with these singular values: as many orthonormal rows times them times as many of `long` numbers, drawn by `seed`.
fn drawn(values: &[f64], long: usize, seed: u64) -> Vec<f64> {
    let short = values.len();
    let left = DMatrix::from_row_slice(short, short, &orthogonal(short, seed));
    let right = DMatrix::from_row_slice(long, long, &orthogonal(long, seed + 1));
    let matrix = left * DMatrix::from_diagonal(&DVector::from_row_slice(values)) * right.rows(0, short);
    matrix.transpose().as_slice().to_vec()
}

fn planted(values: &[f64], long: usize) -> Vec<f64> {
    drawn(values, long, 1)
}

fn falling(count: usize, last: f64) -> Vec<f64> {
    (0..count).map(|at| last.powf(at as f64 / (count - 1) as f64)).collect()
}

/// The largest entry of `WW' - I`.
fn askew(turn: &[f64], long: usize) -> f64 {
    let turn = DMatrix::from_row_slice(turn.len() / long, long, turn);
    let short = turn.nrows();
    (&turn * turn.transpose() - DMatrix::identity(short, short)).abs().max()
}

fn iterate(matrix: &[f64], long: usize) -> Vec<f64> {
    iterated::<true, _>(matrix.to_vec(), long, &mut Unwatched).unwrap()
}

fn iterate_gently(matrix: &[f64], long: usize) -> Vec<f64> {
    iterated::<false, _>(matrix.to_vec(), long, &mut Unwatched).unwrap()
}

fn farthest(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn the_weights_are_those_of_the_floor() {
    let mut l = 1e-8_f64;
    for (a, b, c) in STEPS {
        let d = (4.0 * (1.0 - l * l) / l.powi(4)).cbrt();
        let root = (1.0 + d).sqrt();
        let expected = root + (8.0 - 4.0 * d + 8.0 * (2.0 - l * l) / (l * l * root)).sqrt() / 2.0;
        assert!((a / expected - 1.0).abs() < 1e-12, "{a} {expected}");
        assert!((b / ((a - 1.0).powi(2) / 4.0) - 1.0).abs() < 1e-12 && (c / (a + b - 1.0) - 1.0).abs() < 1e-12);
        l = l * (a + b * l * l) / (1.0 + c * l * l);
    }
    assert!((1.0 - l).abs() < 1e-7, "{l}");
    // What the gentle way serves is what all of these steps but the last lift to the floor of the last.
    assert!(5e-3 / STEPS[1].0.powi(GENTLE as i32 - 1) < 2e-12);
}

#[test]
fn the_iteration_finds_what_the_decomposition_finds() {
    for (short, long, last) in [(40, 40, 1e-3), (40, 40, 1.0), (30, 70, 1e-5), (70, 70, 1e-7), (1, 5, 0.5)] {
        let values = if short == 1 { vec![3.0] } else { falling(short, last) };
        let matrix = planted(&values, long);
        let exact = planted(&vec![1.0; short], long);
        let sum = values.iter().sum::<f64>();
        let (quick, gentle) = (iterate(&matrix, long), iterate_gently(&matrix, long));
        for (found, nearest) in [(quick, 2e-6), (gentle, 1e-13 / last)] {
            assert!(askew(&found, long) < 1e-9, "{short} {long} {last}: {}", askew(&found, long));
            assert!(farthest(&found, &exact) < nearest, "{short} {long} {last}: {}", farthest(&found, &exact));
            let trace = dot(&found, &matrix);
            assert!((trace / sum - 1.0).abs() < 1e-12, "{trace} {sum}");
        }
    }
}

#[test]
fn no_digits_are_lost_to_small_singular_values() {
    // Each is known to about 1e-16 of the largest, and the directions between them to as much of the smallest.
    for last in [1e-2, 1e-4, 1e-6, 1e-8, 1e-10] {
        let found = iterate_gently(&planted(&falling(30, last), 30), 30);
        let apart = farthest(&found, &planted(&[1.0; 30], 30));
        assert!(apart < 1e-14 / last && askew(&found, 30) < 1e-13, "{last}: {apart}");
    }
}

/// A polar factor of a matrix with rows of this length.
type Way = fn(&[f64], usize) -> Vec<f64>;

#[test]
fn free_directions_are_completed() {
    let zeros = |count: usize, of: usize| [falling(count, 1e-3), vec![0.0; of - count]].concat();
    let faint = [falling(40, 1e-3), falling(20, 1e-4).iter().map(|value| 1e-8 * value).collect()].concat();
    let one = [vec![2.0], vec![0.0; 39]].concat();
    for (values, long) in [(zeros(50, 60), 60), (zeros(20, 60), 90), (faint, 60), (one, 40), (vec![0.0; 30], 45)] {
        let matrix = planted(&values, long);
        let ways: [(Way, f64); 2] = [(iterate, 1e-8), (iterate_gently, 1e-12)];
        for (iterate, nearest) in ways {
            let found = iterate(&matrix, long);
            assert!(askew(&found, long) < 1e-9, "{}", askew(&found, long));
            let (trace, sum) = (dot(&found, &matrix), values.iter().sum::<f64>());
            assert!((trace - sum).abs() <= nearest * sum, "{trace} {sum}");
            assert_eq!(iterate(&matrix, long), found);
        }
    }
}

#[test]
fn large_matrices_are_iterated_and_either_side_may_be_longer() {
    let matrix = planted(&falling(20, 0.1), 260);
    let work = &mut Unwatched;
    let sum: f64 = falling(20, 0.1).iter().sum();
    let (wide, tall) = (polar(&matrix, 260, work).unwrap(), polar(&transposed(&matrix, 260), 20, work).unwrap());
    assert_eq!(transposed(&wide.turn, 260), tall.turn);
    assert!(askew(&wide.turn, 260) < 1e-13);
    assert!((wide.trace - sum).abs() < 1e-12 && (tall.trace - sum).abs() < 1e-12);
    let (wide, tall) = (quick(&matrix, 260, work).unwrap(), quick(&transposed(&matrix, 260), 20, work).unwrap());
    assert_eq!(transposed(&wide.turn, 260), tall.turn);
    assert!(askew(&wide.turn, 260) < 1e-9);
    assert!((wide.trace - sum).abs() < 1e-9 && (tall.trace - sum).abs() < 1e-9);
    assert_eq!(polar(&[f64::NAN; 4], 2, work).err(), Some(LinearError::NotFinite));
    assert_eq!(quick(&[], 2, work).err(), Some(LinearError::NotFinite));
}

#[test]
fn the_size_of_the_numbers_is_no_matter() {
    let matrix = noise(6 * 9, 8);
    let expected = polar(&matrix, 9, &mut Unwatched).unwrap();
    for power in [-900, -300, 300, 900] {
        let scale = 2.0_f64.powi(power);
        let scaled: Vec<f64> = matrix.iter().map(|number| scale * number).collect();
        let found = polar(&scaled, 9, &mut Unwatched).unwrap();
        assert_eq!((found.turn, found.trace), (expected.turn.clone(), scale * expected.trace), "{power}");
    }
    let nothing = polar(&[0.0; 6], 3, &mut Unwatched).unwrap();
    assert!(askew(&nothing.turn, 3) < 1e-13 && nothing.trace == 0.0);
}

/// Breaks off once it is told of work for the second time.
struct Impatient(usize);

impl Watch for Impatient {
    type Error = LinearError;

    fn advance(&mut self, _: f64) -> Result<(), LinearError> {
        self.0 += 1;
        if self.0 > 1 { Err(LinearError::NotConverged) } else { Ok(()) }
    }
}

#[test]
fn a_watch_breaks_the_iteration_off() {
    let mut work = Impatient(0);
    assert_eq!(polar(&noise(30 * 30, 3), 30, &mut work).err(), Some(LinearError::NotConverged));
    assert_eq!(work.0, 2);
}

#[test]
fn without_full_rank_the_trace_is_still_the_largest() {
    // Of this matrix nalgebra's own `U V'` reaches 8.569 of 8.582.
    let (left, right) =
        (DMatrix::from_row_slice(8, 2, &noise(16, 150)), DMatrix::from_row_slice(2, 18, &noise(36, 151)));
    let product = left * right;
    let squares = (&product * product.transpose()).symmetric_eigenvalues();
    let sum: f64 = squares.iter().map(|square| square.max(0.0).sqrt()).sum();
    let matrix = product.transpose().as_slice().to_vec();
    for found in [polar(&matrix, 18, &mut Unwatched).unwrap(), quick(&matrix, 18, &mut Unwatched).unwrap()] {
        assert!((found.trace - sum).abs() < 1e-6, "{} {sum}", found.trace);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn rows_or_columns_are_orthonormal_and_the_trace_is_the_largest(
        short in 1_usize..24, more in 0_usize..24, rank in 0_usize..24, seed in 0_u64..1000, tall: bool,
    ) {
        let long = short + more;
        let values: Vec<f64> = (0..short).map(|at| if at < rank { 0.4_f64.powi(at as i32) } else { 0.0 }).collect();
        let matrix = drawn(&values, long, seed);
        let sum: f64 = values.iter().sum();
        let find = |find: fn(&[f64], usize, &mut Unwatched) -> Result<Polar, LinearError>| match tall {
            false => find(&matrix, long, &mut Unwatched).unwrap(),
            true => {
                let Polar { turn, trace } = find(&transposed(&matrix, long), short, &mut Unwatched).unwrap();
                Polar { turn: transposed(&turn, short), trace }
            }
        };
        let exact = find(polar);
        prop_assert!((exact.trace - sum).abs() <= 1e-13 * sum, "{} {}", exact.trace, sum);
        prop_assert!(askew(&exact.turn, long) < 1e-12);
        let found = find(quick);
        prop_assert!((found.trace - sum).abs() <= 1e-7 * sum, "{} {}", found.trace, sum);
        prop_assert!(askew(&found.turn, long) < 1e-9);
    }
}
