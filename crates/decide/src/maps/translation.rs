//! The simplest map: every row moves by the difference of the means, as a space that drifted as a whole would (Goswami et al., 2025).

use super::{Family, Fitted, Map, Step, pairs::Pairs, products::narrow, work::Work};
use crate::DecideError;

/// `x + my - mx`. Rows of a wider space are cut to the width of the other, those of a narrower one filled up with zeros.
///
/// # Errors
/// What the pulse says.
pub(super) fn fit(pairs: &Pairs<'_>, work: &mut Work<'_>) -> Result<Map, DecideError> {
    let (from, to) = (pairs.x.whole_dims(), pairs.y.whole_dims());
    let whole = pairs.x.projected().is_none() && pairs.y.projected().is_none();
    let held_out = if whole {
        let about = |origin: &[f64], mean: &[f64]| origin.iter().zip(mean).map(|(a, b)| a + b).collect::<Vec<f64>>();
        let (x, y) = (about(pairs.x.origin(), &pairs.nine.x), about(pairs.y.origin(), &pairs.nine.y));
        Some(pairs.agreement_of(&[step(&x, &y)], work)?)
    } else {
        None
    };
    // A projection has nothing to give to a map of two means.
    let steps = vec![Step::Normalize, step(pairs.x.mean(), pairs.y.mean())];
    let fitted = Fitted { pairs: pairs.count(), held_out, ..Fitted::default() };
    Ok(Map { family: Family::Translation, from, to, steps, fitted })
}

fn step(x: &[f64], y: &[f64]) -> Step {
    let (from, to) = (x.len(), y.len());
    let shift: Vec<f64> = y.iter().zip(x.iter().chain(std::iter::repeat(&0.0))).map(|(y, x)| y - x).collect();
    if from == to {
        return Step::Add(narrow(&shift));
    }
    let mut weight = vec![0.0; from * to];
    for (at, row) in weight.chunks_exact_mut(to).enumerate() {
        if let Some(slot) = row.get_mut(at) {
            *slot = 1.0;
        }
    }
    Step::Affine { weight, bias: narrow(&shift) }
}

#[cfg(test)]
mod tests {
    use super::super::{
        fit,
        pairs::Limits,
        testing::{noise, pairs, quiet, unit},
    };
    use super::*;

    #[test]
    fn the_mean_goes_to_the_mean() {
        for (from, to) in [(6, 6), (6, 4), (4, 6)] {
            let (x, y) = (unit(from, &noise(from * 50, 1)), unit(to, &noise(to * 50, 2)));
            let rows: Vec<usize> = (0..50).collect();
            let map = fit(Family::Translation, &pairs(&x, &y, &rows), 0, &mut quiet).unwrap();
            let mapped = map.apply(&x, &mut quiet).unwrap();
            assert!(mapped.mean().iter().zip(y.mean()).all(|(a, b)| (a - b).abs() < 1e-6), "{from} to {to}");
            // All rows move alike, whatever is cut off or filled up.
            let moved = |row: usize| mapped.row(row).iter().zip(x.row(row)).map(|(a, b)| a - b).collect::<Vec<f32>>();
            assert!(moved(3).iter().zip(moved(40)).all(|(a, b)| (a - b).abs() < 1e-6));
            assert_eq!((map.parameters(), map.fitted.pairs), (if from == to { to } else { from * to + to }, 50));
            assert!(map.fitted.held_out.unwrap().abs() <= 1.0);
        }
    }

    #[test]
    fn a_planted_shift_is_found() {
        // Unit rows about e1; y is moved along e2 and scaled back to unit length, which here changes little.
        let numbers = noise(40 * 4, 3);
        let around = |shift: f64| {
            let row = |at: usize| [1.0, shift, 0.0, 0.0].get(at % 4).copied().unwrap() + 0.01 * numbers[at];
            unit(4, &(0..160).map(row).collect::<Vec<f64>>())
        };
        let (x, y) = (around(0.0), around(0.1));
        let rows: Vec<usize> = (0..40).collect();
        let map = fit(Family::Translation, &pairs(&x, &y, &rows), 0, &mut quiet).unwrap();
        assert!(map.fitted.held_out.unwrap() > 0.999_99);
        match map.steps.as_slice() {
            [Step::Normalize, Step::Add(shift)] => assert!((shift[1] - 0.0995).abs() < 1e-3, "{shift:?}"),
            steps => panic!("{steps:?}"),
        }
    }

    #[test]
    fn wide_rows_are_moved_whole() {
        let (x, y) = (unit(12, &noise(12 * 40, 4)), unit(12, &noise(12 * 40, 5)));
        let rows: Vec<usize> = (0..40).collect();
        let narrow = Pairs::within(&x, &y, &rows, Limits { whole: 8, axes: 4 }, &mut quiet).unwrap();
        let map = fit(Family::Translation, &narrow, 0, &mut quiet).unwrap();
        assert_eq!(map.steps, fit(Family::Translation, &pairs(&x, &y, &rows), 0, &mut quiet).unwrap().steps);
        assert_eq!((map.fitted.projected, map.fitted.held_out), (None, None));
    }
}
