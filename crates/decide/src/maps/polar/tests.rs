#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

use super::super::testing::{noise, orthogonal, quiet};
use super::*;

/// `short` orthonormal rows times these singular values times `short` orthonormal rows of `long` numbers.
fn planted(values: &[f64], long: usize) -> Vec<f64> {
    let short = values.len();
    let left = DMatrix::from_row_slice(short, short, &orthogonal(short, 1));
    let right = DMatrix::from_row_slice(long, long, &orthogonal(long, 2));
    let matrix = left * DMatrix::from_diagonal(&DVector::from_row_slice(values)) * right.rows(0, short);
    matrix.transpose().as_slice().to_vec()
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
    let mut quiet = quiet;
    iterated(matrix.to_vec(), long, &mut Work::start(&mut quiet, 1.0).unwrap()).unwrap()
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
}

#[test]
fn the_iteration_finds_what_the_decomposition_finds() {
    for (short, long, last) in [(40, 40, 1e-3), (40, 40, 1.0), (30, 70, 1e-5), (70, 70, 1e-7), (1, 5, 0.5)] {
        let values = if short == 1 { vec![3.0] } else { falling(short, last) };
        let matrix = planted(&values, long);
        let found = iterate(&matrix, long);
        let svd = DMatrix::from_row_slice(short, long, &matrix).svd(true, true);
        let exact = (svd.u.unwrap() * svd.v_t.unwrap()).transpose();
        assert!(askew(&found, long) < 1e-9, "{short} {long} {last}: {}", askew(&found, long));
        let apart = found.iter().zip(exact.as_slice()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(apart < 2e-6, "{short} {long} {last}: {apart}");
        let (trace, sum) = (dot(&found, &matrix), values.iter().sum::<f64>());
        assert!((trace / sum - 1.0).abs() < 1e-12, "{trace} {sum}");
    }
}

#[test]
fn free_directions_are_completed() {
    let zeros = |count: usize, of: usize| [falling(count, 1e-3), vec![0.0; of - count]].concat();
    let faint = [falling(40, 1e-3), falling(20, 1e-4).iter().map(|value| 1e-8 * value).collect()].concat();
    let one = [vec![2.0], vec![0.0; 39]].concat();
    for (values, long) in [(zeros(50, 60), 60), (zeros(20, 60), 90), (faint, 60), (one, 40), (vec![0.0; 30], 45)] {
        let matrix = planted(&values, long);
        let found = iterate(&matrix, long);
        assert!(askew(&found, long) < 1e-9, "{}", askew(&found, long));
        let (trace, sum) = (dot(&found, &matrix), values.iter().sum::<f64>());
        assert!((trace - sum).abs() <= 1e-8 * sum, "{trace} {sum}");
        assert_eq!(iterate(&matrix, long), found);
    }
}

#[test]
fn large_matrices_are_iterated_and_either_side_may_be_longer() {
    let matrix = planted(&falling(20, 0.1), 260);
    let mut quiet = quiet;
    let mut work = Work::start(&mut quiet, 1.0).unwrap();
    let wide = polar(&matrix, 260, &mut work).unwrap();
    let tall = polar(&transposed(&matrix, 260), 20, &mut work).unwrap();
    assert_eq!(transposed(&wide.turn, 260), tall.turn);
    assert!(askew(&wide.turn, 260) < 1e-9);
    let sum: f64 = falling(20, 0.1).iter().sum();
    assert!((wide.trace - sum).abs() < 1e-9 && (tall.trace - sum).abs() < 1e-9);
    assert!(polar(&[f64::NAN; 4], 2, &mut work).is_err());
    assert!(polar(&[], 2, &mut work).is_err());
}

#[test]
fn a_pulse_breaks_the_iteration_off() {
    let mut calls = 0;
    let mut pulse = |_: f64| {
        calls += 1;
        if calls > 1 { Err(DecideError::Cancelled) } else { Ok(()) }
    };
    let matrix = noise(300 * 300, 3);
    let found = polar(&matrix, 300, &mut Work::start(&mut pulse, 1.0).unwrap());
    assert!(matches!(found, Err(DecideError::Cancelled)));
}

#[test]
fn without_full_rank_the_trace_is_still_the_largest() {
    // Of this matrix nalgebra's own `U V'` reaches 8.569 of 8.582.
    let (left, right) =
        (DMatrix::from_row_slice(8, 2, &noise(16, 150)), DMatrix::from_row_slice(2, 18, &noise(36, 151)));
    let product = left * right;
    let squares = (&product * product.transpose()).symmetric_eigenvalues();
    let sum: f64 = squares.iter().map(|square| square.max(0.0).sqrt()).sum();
    let mut quiet = quiet;
    let matrix = product.transpose().as_slice().to_vec();
    let found = polar(&matrix, 18, &mut Work::start(&mut quiet, 1.0).unwrap()).unwrap();
    assert!((found.trace - sum).abs() < 1e-6, "{} {sum}", found.trace);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn rows_or_columns_are_orthonormal_and_the_trace_is_the_largest(
        rows in 1_usize..24, columns in 1_usize..24, rank in 0_usize..24, seed in 0_u64..1000,
    ) {
        let (left, right) = (noise(rows * rank, seed), noise(rank * columns, seed + 1));
        let (left, right) =
            (DMatrix::from_row_slice(rows, rank, &left), DMatrix::from_row_slice(rank, columns, &right));
        let matrix = (left * right).transpose().as_slice().to_vec();
        let sum = DMatrix::from_row_slice(rows, columns, &matrix).singular_values().sum();
        let mut quiet = quiet;
        let mut work = Work::start(&mut quiet, 1.0).unwrap();
        let exact = polar(&matrix, columns, &mut work).unwrap();
        let (wide, long) =
            if rows <= columns { (matrix, columns) } else { (transposed(&matrix, columns), rows) };
        let exact_turn =
            if rows <= columns { exact.turn } else { transposed(&exact.turn, columns) };
        prop_assert!((exact.trace - sum).abs() < 1e-9 * (1.0 + sum));
        prop_assert!(askew(&exact_turn, long) < 1e-9);
        let turn = iterate(&wide, long);
        prop_assert!(askew(&turn, long) < 1e-9);
        prop_assert!((dot(&turn, &wide) - sum).abs() < 1e-6 * (1.0 + sum));
    }
}
