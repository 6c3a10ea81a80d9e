//! Two models' vectors in one array.
//!
//! What is looked for is one place in the order of the rows before and after which they are of two kinds. Rows sorted by topic also
//! change from one place on, so this errs on the side of saying nothing: see [`by_direction`].

use std::ops::Range;

use nalgebra::DMatrix;

use super::{
    rows::{Rows, dot, double_centred, part, sample},
    words::size,
};
use crate::{DecideError, Pulse, Vectors};

/// Rows that are looked at for directions.
const ROWS: usize = 1000;
/// Fewer rows tell nothing.
const LEAST: usize = 100;
/// The smaller kind has at least one row in this many.
const SMALLER: usize = 10;
/// Where lengths are of two kinds, the shortest of the longer rows is this many times as long as the longest of the shorter ones.
const LONGER: f64 = 1.5;

/// What tells two kinds of rows apart, if there are two; `lengths` are the rows that are not all zeros with their lengths, in order.
pub(super) fn two_models(
    model: &str,
    what: &str,
    vectors: &Vectors,
    lengths: &[(usize, f64)],
    pulse: Pulse<'_>,
) -> Result<Option<String>, DecideError> {
    let kinds = |row: usize| {
        let rest = vectors.count().saturating_sub(row);
        format!("Two models seem to be mixed in the {what} of {model}: the first {row} rows and the {rest} after them")
    };
    let end = "Embed all of them by one model and in one way.";
    if let Some(Lengths { row, before, after }) = by_length(lengths) {
        let range = |(least, most): (f64, f64)| format!("{} to {}", size(least), size(most));
        let (before, after) = (range(before), range(after));
        return Ok(Some(format!("{} are of two lengths ({before}, then {after}). {end}", kinds(row))));
    }
    let rows: Vec<usize> = lengths.iter().map(|&(row, _)| row).collect();
    Ok(by_direction(vectors, &rows, pulse)?.map(|row| {
        format!("{} point in directions that have nothing in common, with a gap between. {end}", kinds(row))
    }))
}

/// Two kinds of lengths: where the second begins, and the least and the most of each.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Lengths {
    row: usize,
    before: (f64, f64),
    after: (f64, f64),
}

/// The place with the widest gap between the lengths of all rows before and of all rows after it.
fn by_length(lengths: &[(usize, f64)]) -> Option<Lengths> {
    if lengths.len() < LEAST {
        return None;
    }
    let grown = |(least, most): (f64, f64), length: f64| (least.min(length), most.max(length));
    let nothing = (f64::INFINITY, 0.0);
    let mut ranges: Vec<(f64, f64)> = Vec::with_capacity(lengths.len());
    let mut range = nothing;
    for &(_, length) in lengths.iter().rev() {
        range = grown(range, length);
        ranges.push(range);
    }
    ranges.reverse();

    let side = lengths.len() / SMALLER;
    let mut widest = LONGER;
    let mut found = None;
    let mut before = nothing;
    for (at, (&(row, length), &after)) in lengths.iter().zip(&ranges).enumerate() {
        // The split is before this row.
        let gap = (after.0 / before.1).max(before.0 / after.1);
        if at >= side && at + side <= lengths.len() && gap >= widest {
            widest = gap;
            found = Some(Lengths { row, before, after });
        }
        before = grown(before, length);
    }
    found
}

/// The first row of a second kind of directions.
///
/// A split is believed where all of this holds, on a sample of 1,000 rows:
/// - Along the first principal axis, of all splits in row order the best leaves the middle third between the two means empty, and
///   each side on its own side of it, but for one row in 200.
/// - Neither side is smaller than a tenth.
/// - Around its own mean each side spreads along other directions than the other one. This is what two topics of one model do not do:
///   what varies within a topic varies within the next. With the covariances `A` and `B` of the sides,
///   `r = tr(AB) / sqrt(tr(A^2) tr(B^2))` is 1 for the same directions, and `r0 = tr(A) tr(B) / (dims sqrt(tr(A^2) tr(B^2)))` on average
///   for unrelated ones; `(r - r0) / (1 - r0)` has to be below a quarter. Where `r0` is above a half, rows spread in so many directions
///   that this cannot be told, and nothing is said.
fn by_direction(vectors: &Vectors, rows: &[usize], pulse: Pulse<'_>) -> Result<Option<usize>, DecideError> {
    let sampled = sample(rows, ROWS);
    if sampled.len() < LEAST {
        return Ok(None);
    }
    let unit = Rows::unit(vectors, sampled.iter().copied());
    let (mean, centred) = (unit.mean(), unit.centred());
    let Some(axis) = centred.axis(&mut part(pulse, 0.0, 0.5))? else { return Ok(None) };
    let along: Vec<f64> = centred.iter().map(|row| dot(row, &axis)).collect();
    let Some(split) = split(&along) else { return Ok(None) };
    let products = centred.products(&mut part(pulse, 0.5, 1.0))?;
    if !unrelated(&products, split.at, vectors.dims()) {
        return Ok(None);
    }
    // The sample knows the place up to the rows between two of its own.
    let last = split.at.checked_sub(1).and_then(|at| sampled.get(at));
    let (Some(&last), Some(&first)) = (last, sampled.get(split.at)) else { return Ok(None) };
    let origin = dot(&mean, &axis);
    let second = |&row: &usize| {
        let unit = Rows::unit(vectors, [row]);
        let along = unit.iter().map(|row| dot(row, &axis)).sum::<f64>() - origin;
        (along > split.middle) == split.rises
    };
    Ok(Some((last + 1..first).find(second).unwrap_or(first)))
}

/// A place in a row of numbers that tells two kinds apart.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Split {
    /// The first of the second kind.
    at: usize,
    /// Halfway between the means of both.
    middle: f64,
    /// Whether the second kind is above it.
    rises: bool,
}

/// The split with the largest variance between its sides, if it leaves a gap.
fn split(along: &[f64]) -> Option<Split> {
    let (count, side) = (along.len(), (along.len() / SMALLER).max(1));
    let all: f64 = along.iter().sum();
    let mut best: Option<(f64, usize, f64, f64)> = None;
    let mut sum = 0.0;
    for (at, number) in along.iter().enumerate() {
        if at >= side && at + side <= count {
            let (before, after) = (at as f64, (count - at) as f64);
            let (left, right) = (sum / before, (all - sum) / after);
            let between = before * after * (left - right) * (left - right);
            if best.is_none_or(|(most, ..)| between > most) {
                best = Some((between, at, left, right));
            }
        }
        sum += number;
    }
    let (_, at, left, right) = best?;
    let third = (right - left) / 3.0;
    let rises = third > 0.0;
    // Beyond the inner end of the outer third of its own side.
    let outside = |number: f64, end: f64, above: bool| if above { number < end } else { number > end };
    let misplaced = along.iter().enumerate().filter(|&(place, &number)| match place < at {
        true => outside(number, left + third, !rises),
        false => outside(number, right - third, rises),
    });
    let most = count / 200;
    (third != 0.0 && misplaced.count() <= most).then_some(Split { at, middle: left + 1.5 * third, rises })
}

/// Whether rows before and after a place spread along unrelated directions, each around their own mean.
fn unrelated(products: &DMatrix<f64>, at: usize, dims: usize) -> bool {
    let count = products.nrows();
    let cut = |rows: Range<usize>, columns: Range<usize>| {
        double_centred(products.view((rows.start, columns.start), (rows.len(), columns.len())).into_owned())
    };
    let (before, after, across) = (cut(0..at, 0..at), cut(at..count, at..count), cut(0..at, at..count));
    // tr(A) and tr(A^2); the latter without each row's product with itself, which would add tr(A)^2 / rows.
    let own = |block: &DMatrix<f64>| {
        let rows = block.nrows() as f64;
        let squares = block.norm_squared() - block.diagonal().norm_squared();
        (block.trace() / rows, squares / (rows * (rows - 1.0)))
    };
    let ((trace_a, square_a), (trace_b, square_b)) = (own(&before), own(&after));
    let scale = (square_a * square_b).sqrt();
    // One row on a side, or sides that do not spread at all.
    if !scale.is_finite() || scale <= 1e-24 {
        return false;
    }
    let related = across.norm_squared() / (before.nrows() as f64 * after.nrows() as f64) / scale;
    let unrelated = trace_a * trace_b / dims as f64 / scale;
    unrelated <= 0.5 && (related - unrelated) / (1.0 - unrelated) < 0.25
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::made::{go_on, joined, noise, seen, stop};

    fn found(vectors: &Vectors) -> Option<usize> {
        by_direction(vectors, &(0..vectors.count()).collect::<Vec<_>>(), &mut go_on).unwrap()
    }

    #[test]
    fn two_models_are_told_where_the_second_begins() {
        let hidden = noise(2400, 12, 1);
        let (first, second) = (seen(&hidden, 48, 1.5, 2), seen(&hidden, 48, 1.5, 3));
        let rows = |range: Range<usize>| range.collect::<Vec<_>>();
        let mixed = joined(&first.select(&rows(0..1700)), &second.select(&rows(1700..2400)));
        // The sample skips more than half of the rows.
        assert_eq!(found(&mixed), Some(1700));
        assert_eq!([found(&first), found(&second)], [None; 2]);
        // In turn, which is no place.
        let turns: Vec<usize> = (0..1200).map(|row| if row % 2 == 0 { row } else { 1200 + row }).collect();
        let two = joined(&first.select(&rows(0..1200)), &second.select(&rows(0..1200)));
        assert_eq!(found(&two), Some(1200));
        assert_eq!(found(&two.select(&turns)), None);
        let stopped = by_direction(&two, &rows(0..2400), &mut stop);
        assert_eq!(stopped, Err(DecideError::Cancelled));
    }

    #[test]
    fn two_topics_of_one_model_are_not_taken_for_two_models() {
        let mut hidden = noise(600, 12, 4).numbers().to_vec();
        for (row, numbers) in hidden.chunks_exact_mut(12).enumerate() {
            numbers[0] += if row < 300 { 2.5 } else { -2.5 };
        }
        let topics = seen(&Vectors::new(12, hidden).unwrap(), 48, 1.0, 5);
        // There is a split, and the directions within both sides are what it fails by.
        let centred = Rows::unit(&topics, 0..600).centred();
        let axis = centred.axis(&mut go_on).unwrap().unwrap();
        let along: Vec<f64> = centred.iter().map(|row| dot(row, &axis)).collect();
        assert_eq!(split(&along).map(|split| split.at), Some(300));
        assert!(!unrelated(&centred.products(&mut go_on).unwrap(), 300, 48));
        assert_eq!(found(&topics), None);
    }

    #[test]
    fn lengths_of_two_kinds_are_told_by_a_gap() {
        let kinds = |first: usize, short: f64, long: f64| {
            let length = |row: usize| {
                let kind = if row < first { short } else { long };
                (row, kind * (1.0 + row as f64 / 1000.0))
            };
            by_length(&(0..200).map(length).collect::<Vec<_>>())
        };
        let found = kinds(80, 1.0, 4.0).unwrap();
        assert_eq!((found.row, found.before.0, found.after.0), (80, 1.0, 4.0 * (1.0 + 80.0 / 1000.0)));
        assert_eq!(kinds(80, 4.0, 1.0).map(|found| found.row), Some(80));
        assert_eq!((kinds(80, 1.0, 1.4), kinds(5, 1.0, 4.0), kinds(198, 1.0, 4.0)), (None, None, None));
        // Sorted by length, and in turn.
        let sorted: Vec<(usize, f64)> = (0..200).map(|row| (row, 1.0 + row as f64)).collect();
        assert_eq!(by_length(&sorted), None);
        let turns: Vec<(usize, f64)> = (0..200).map(|row| (row, if row % 2 == 0 { 1.0 } else { 4.0 })).collect();
        assert_eq!(by_length(&turns), None);
        assert_eq!(by_length(&sorted[..50]), None);
    }

    #[test]
    fn a_split_needs_a_gap_and_order() {
        let steps = |height: f64| -> Vec<f64> {
            let step = |row: usize| if row < 120 { -height } else { height };
            (0..300).map(|row| step(row) + (row as f64).sin()).collect()
        };
        let two = steps(5.0);
        let found = split(&two).unwrap();
        assert_eq!((found.at, found.rises), (120, true));
        assert!(found.middle.abs() < 0.1);
        let turned: Vec<f64> = two.iter().map(|number| -number).collect();
        assert_eq!(split(&turned).map(|found| (found.at, found.rises)), Some((120, false)));
        // No gap, in turn, a slope, nothing.
        let near = steps(1.0);
        let turns: Vec<f64> = (0..300).map(|row| if row % 2 == 0 { -5.0 } else { 5.0 }).collect();
        let slope: Vec<f64> = (0..300).map(|row| row as f64).collect();
        assert_eq!([split(&near), split(&turns), split(&slope), split(&[1.0; 300]), split(&[])], [None; 5]);
        // One row of 300 may stand on the wrong side, ten may not.
        let mut wrong = two.clone();
        wrong[7] = 5.0;
        assert_eq!(split(&wrong).map(|found| found.at), Some(120));
        wrong[10..20].fill(5.0);
        assert_eq!(split(&wrong), None);
    }
}
