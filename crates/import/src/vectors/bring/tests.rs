//! Rows that are no numbers.

use super::*;

fn pile(rows: u32) -> Pile {
    Pile { rows: (0..rows).map(|row| Row { pair: 0, old: row, new: row }).collect(), ..Pile::default() }
}

const MODELS: fn() -> [String; 2] = || ["a".to_owned(), "b".to_owned()];

#[test]
fn rows_that_are_no_numbers_are_named_and_left_out() {
    let nan = f32::NAN;
    let mut numbers = [vec![0.0, 1.0, 2.0, nan, 4.0, 5.0, 6.0, 7.0], vec![0.0, f32::INFINITY, 2.0, 3.0]];
    let (kept, said) = whole(&numbers, [2, 1], &pile(4), &[], Kind::Documents, &MODELS()).unwrap();
    assert_eq!(kept, [0, 2, 3]);
    assert_eq!(
        said.unwrap(),
        "1 of 4 documents were left out, as a number of theirs is NaN, infinite or missing: 1 (both models)."
    );
    compact(&mut numbers, [2, 1], &kept);
    assert_eq!(numbers, [vec![0.0, 1.0, 4.0, 5.0, 6.0, 7.0], vec![0.0, 2.0, 3.0]]);
    let most = [vec![nan, nan, 0.0], vec![0.0; 3]];
    let said = whole(&most, [1, 1], &pile(3), &[], Kind::Queries, &MODELS()).unwrap_err().to_string();
    assert_eq!(said, "2 of 3 queries have a number that is NaN, infinite or missing (0 (a), 1 (a)); embed them again");
}

#[test]
fn so_many_are_named() {
    let numbers = [[vec![f32::NAN; 25], vec![0.0; 25]].concat(), vec![0.0; 50]];
    let (_, said) = whole(&numbers, [1, 1], &pile(50), &[], Kind::Documents, &MODELS()).unwrap();
    assert!(said.unwrap().ends_with("18 (a), 19 (a) and 5 more."));
}
