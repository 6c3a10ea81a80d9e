#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use nalgebra::DMatrix;
use proptest::prelude::*;

use super::super::{Unwatched, testing::noise};
use super::*;

fn matrix(data: &[f64], columns: usize) -> DMatrix<f64> {
    DMatrix::from_row_slice(data.len() / columns, columns, data)
}

fn near(found: &[f64], expected: &DMatrix<f64>, tolerance: f64) -> bool {
    let expected = expected.transpose();
    found.len() == expected.len() && found.iter().zip(expected.iter()).all(|(a, b)| (a - b).abs() < tolerance)
}

#[test]
fn a_product_by_hand() {
    let (a, b) = ([1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0_f32, 0.0, -1.0, 2.0, 0.5, 0.0]);
    let work = &mut Unwatched;
    assert_eq!(product(View::new(&a, 3), View::new(&b, 2), work).unwrap(), [0.5, 4.0, 2.0, 10.0]);
    let turned = product(View::new(&a, 3).transposed(), View::new(&b, 3), work).unwrap();
    assert_eq!(turned, [9.0, 2.0, -1.0, 12.0, 2.5, -2.0, 15.0, 3.0, -3.0]);
    assert_eq!(transposed(&a, 3), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    assert_eq!(dot(&a, &b), 1.0 - 3.0 + 8.0 + 2.5);
}

#[test]
fn a_part_of_a_product_is_added_to_a_part() {
    let (a, b) = (noise(7 * 9, 1), noise(9 * 11, 2));
    let work = &mut Unwatched;
    let mut sums = vec![1.0; 4 * 11];
    let (left, right) = (View::new(&a, 9).part(2..6, 1..8), View::new(&b, 11).part(1..8, 3..11));
    f64::add_product(Target::from_column(&mut sums, 11, 3), left, right, -2.0, Part::All, work).unwrap();
    let expected = matrix(&a, 9).view((2, 1), (4, 7)) * matrix(&b, 11).view((1, 3), (7, 8)) * -2.0;
    for (at, sum) in sums.iter().enumerate() {
        let (row, column) = (at / 11, at % 11);
        let expected = if column < 3 { 1.0 } else { 1.0 + expected[(row, column - 3)] };
        assert!((sum - expected).abs() < 1e-12);
    }
}

#[test]
fn long_sums_of_short_products_keep_their_digits() {
    let rows = narrow(&noise(100_000, 5));
    let exact: f64 = rows.iter().map(|&number| f64::from(number).powi(2)).sum();
    let work = &mut Unwatched;
    let (mut sum, view) = ([0.0_f64], View::new(&rows, rows.len()));
    f32::add_wide_product(Target::new(&mut sum, 1), view, view.transposed(), Part::All, work).unwrap();
    // One sum of 32 bits from end to end is wrong by about 1e-5.
    assert!((sum[0] / exact - 1.0).abs() < 1e-6, "{} {exact}", sum[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn products_of_every_shape_are_nalgebras(rows in 1_usize..70, inner in 1_usize..300, columns in 1_usize..20) {
        let (a, b) = (noise(rows * inner, 3), noise(inner * columns, 4));
        let work = &mut Unwatched;
        let expected = matrix(&a, inner) * matrix(&b, columns);
        let found = product(View::new(&a, inner), View::new(&b, columns), work).unwrap();
        prop_assert!(near(&found, &expected, 1e-10));
        let b_turned = transposed(&b, columns);
        let found = product(View::new(&a, inner), View::new(&b_turned, inner).transposed(), work).unwrap();
        prop_assert!(near(&found, &expected, 1e-10));
        let small = product(View::new(&narrow(&a), inner), View::new(&narrow(&b), columns), work).unwrap();
        prop_assert!(near(&widen(&small), &expected, 1e-4));
        let square = gram(View::new(&a, inner), work).unwrap();
        prop_assert!(near(&square, &(matrix(&a, inner) * matrix(&a, inner).transpose()), 1e-10));
    }
}
