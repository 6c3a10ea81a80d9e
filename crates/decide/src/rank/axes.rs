//! Few directions that hold most of the documents' length, and how many of them are worth their cost.
//!
//! Any orthonormal directions give bounds that hold, so these need not be exact eigenvectors. They are found on a sample by subspace
//! iteration (Halko, Martinsson and Tropp, SIAM Review 2011, algorithm 4.4): no matrix of dims x dims is ever made, so 3072 dims cost four
//! times what 768 do and not 64 times.

use nalgebra::{DMatrix, SymmetricEigen};

use super::{dot::dot, panels::Panels, rows::Rows, scrambled};
use crate::{DecideError, Pulse, Vectors};

/// Rows of a sample.
const SAMPLE: usize = 2048;

/// Most directions that are looked for.
const WIDEST: usize = 256;

/// Numbers of directions to choose from are multiples of this.
const STEP: usize = 16;

/// Times that directions are turned towards the sample.
const ROUNDS: usize = 2;

/// Rows of the sample that ask the others, to see what bounds spare.
const ASKED: usize = 48;

/// How many of all documents a search is thought to look for.
const SOUGHT: usize = 100;

/// What a product of numbers costs for a document that was left open beside one of a brief sketch, which is read in order and for some
/// queries at once.
const REFINING: f64 = 4.0;

/// Half of the queries that a sketch is thought to serve. They share what laying a document along a direction takes: `dims` products, each
/// twice as dear as one between sketches.
const SHARED_BY: f64 = 4000.0;

/// The directions for a sketch of these rows; `None` if a sketch of all dims costs about as much.
pub(super) fn axes(rows: &Rows<'_>, pulse: Pulse<'_>) -> Result<Option<Panels>, DecideError> {
    let dims = rows.dims();
    let every = (rows.count() / SAMPLE).max(1);
    let places = (0..rows.count()).step_by(every).take(SAMPLE);
    let sample = Vectors::new(dims, rows.gather(places))?;
    let widest = (dims / 2).min(WIDEST) / STEP * STEP;
    let found = principal(&sample, widest, pulse)?;
    let pack = |count: usize| {
        Panels::pack(count, dims, |direction, place| {
            found.get(direction * dims + place).map_or(0.0, |&number| number as f32)
        })
    };
    if found.is_empty() {
        return Ok(None);
    }
    // Directions that were not found are zeros, which bound as well as none.
    let panels = pack((found.len() / dims).next_multiple_of(STEP));
    let along = panels.multiply_all(sample.numbers(), pulse)?;
    Ok(worth(&sample, (along.as_slice(), panels.count()), rows.count(), pulse)?.map(pack))
}

/// At most `count` orthonormal directions, `[directions, dims]`, those along which the sample is longest first. Fewer where the sample
/// lies in fewer.
pub(super) fn principal(sample: &Vectors, count: usize, pulse: Pulse<'_>) -> Result<Vec<f64>, DecideError> {
    let (dims, rows) = (sample.dims(), sample.count());
    let numbers = sample.numbers();
    let columns = Panels::pack(dims, rows, |column, row| numbers.get(row * dims + column).copied().unwrap_or_default());
    // Signs that look random; nothing of the sample is at right angles to all of them.
    let sign = |at: usize| if scrambled(at as u64) & 1 == 0 { 1.0 } else { -1.0 };
    let mut axes: Vec<f64> = (0..count * dims).map(sign).collect();
    for _ in 0..ROUNDS {
        let (along, width) = along(sample, &axes, pulse)?;
        let found = axes.len() / dims;
        let turned: Vec<f32> = (0..found).flat_map(|axis| along.iter().skip(axis).step_by(width).copied()).collect();
        let sums = columns.multiply_all(&turned, pulse)?;
        axes.clear();
        for sums in sums.chunks_exact(columns.count()) {
            axes.extend(sums.iter().take(dims).map(|&sum| f64::from(sum)));
        }
        orthonormalise(&mut axes, dims, pulse)?;
    }
    sorted(sample, axes, pulse)
}

/// Products of the sample's rows with directions, `[rows, width]`, and the width.
fn along(sample: &Vectors, axes: &[f64], pulse: Pulse<'_>) -> Result<(Vec<f32>, usize), DecideError> {
    let dims = sample.dims();
    let packed = Panels::pack(axes.len() / dims, dims, |axis, place| {
        axes.get(axis * dims + place).map_or(0.0, |&number| number as f32)
    });
    Ok((packed.multiply_all(sample.numbers(), pulse)?, packed.count()))
}

/// The same space along the sample's own axes within it, the longest first (the Rayleigh-Ritz step).
fn sorted(sample: &Vectors, axes: Vec<f64>, pulse: Pulse<'_>) -> Result<Vec<f64>, DecideError> {
    let dims = sample.dims();
    let count = axes.len() / dims;
    if count == 0 {
        return Ok(axes);
    }
    let (along, width) = along(sample, &axes, pulse)?;
    // The lower half of the second moments.
    let mut moments = vec![0.0; count * count];
    for row in along.chunks_exact(width) {
        let row: Vec<f64> = row.iter().map(|&number| f64::from(number)).collect();
        for (place, (sums, &number)) in moments.chunks_exact_mut(count).zip(&row).enumerate() {
            add(sums.get_mut(..=place).unwrap_or_default(), number, &row);
        }
    }
    let moments = DMatrix::from_row_slice(count, count, &moments);
    let Some(eigen) = SymmetricEigen::try_new(moments, f64::EPSILON, 100 * count.max(10)) else {
        // Not sorted they serve, too.
        return Ok(axes);
    };
    let mut order: Vec<_> = eigen.eigenvalues.iter().zip(eigen.eigenvectors.column_iter()).collect();
    order.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut turned = vec![0.0; axes.len()];
    for (turned, (_, shares)) in turned.chunks_exact_mut(dims).zip(order) {
        pulse(0.0)?;
        for (axis, &share) in axes.chunks_exact(dims).zip(shares.iter()) {
            add(turned, share, axis);
        }
    }
    Ok(turned)
}

/// Makes directions orthonormal in their order (Gram-Schmidt; twice is enough: Giraud, Langou and Rozloznik, 2005) and drops those that lie
/// within the ones before, but for rounding.
fn orthonormalise(axes: &mut Vec<f64>, dims: usize, pulse: Pulse<'_>) -> Result<(), DecideError> {
    const ROUNDING: f64 = 1e-6;
    let mut kept: Vec<f64> = Vec::with_capacity(axes.len());
    for axis in axes.chunks_exact(dims) {
        pulse(0.0)?;
        let mut axis = axis.to_vec();
        let whole = inner(&axis, &axis).sqrt();
        for _ in 0..2 {
            for other in kept.chunks_exact(dims) {
                let share = -inner(&axis, other);
                add(&mut axis, share, other);
            }
        }
        let length = inner(&axis, &axis).sqrt();
        if length > ROUNDING * whole {
            kept.extend(axis.iter().map(|number| number / length));
        }
    }
    *axes = kept;
    Ok(())
}

/// Adds a multiple of a row.
fn add(sums: &mut [f64], times: f64, row: &[f64]) {
    for (sum, &number) in sums.iter_mut().zip(row) {
        *sum += times * number;
    }
}

fn inner(left: &[f64], right: &[f64]) -> f64 {
    let ((left, left_rest), (right, right_rest)) = (left.as_chunks::<4>(), right.as_chunks::<4>());
    let mut sums = [0.0; 4];
    for (left, right) in left.iter().zip(right) {
        for (sum, (left, right)) in sums.iter_mut().zip(left.iter().zip(right)) {
            *sum += left * right;
        }
    }
    sums.iter().sum::<f64>() + left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum::<f64>()
}

/// How many directions make a search cheapest, found by searching the sample; `None` if hardly cheaper than all dims. `along` are the
/// sample's products with the directions, `[rows, width]`.
fn worth(
    sample: &Vectors,
    (along, width): (&[f32], usize),
    documents: usize,
    pulse: Pulse<'_>,
) -> Result<Option<usize>, DecideError> {
    let (rows, dims) = (sample.count(), sample.dims() as f64);
    let steps = width / STEP;
    // What each row has beyond its first STEP, 2 STEP, ... directions: `[rows, steps]`.
    let mut rests = Vec::with_capacity(rows * steps);
    for (row, along) in sample.rows().zip(along.chunks_exact(width)) {
        let mut left = f64::from(dot(row, row));
        rests.extend(along.chunks_exact(STEP).map(|part| {
            left -= f64::from(dot(part, part));
            left.max(0.0).sqrt() as f32
        }));
    }
    let sought = (rows * SOUGHT / documents.max(1)).max(1);
    // Pairs whose bound reaches what is sought.
    let (mut open, mut pairs) = (vec![0_usize; steps], 0_usize);
    for asked in (0..rows).step_by((rows / ASKED).max(1)) {
        pulse(0.0)?;
        let of_asked = |numbers: &[f32], width: usize| numbers.chunks_exact(width).nth(asked).map(<[f32]>::to_vec);
        let query = sample.row(asked);
        let (Some(head), Some(rest)) = (of_asked(along, width), of_asked(&rests, steps)) else { continue };
        let others = sample.rows().enumerate().filter(|&(other, _)| other != asked);
        let mut scores: Vec<f32> = others.map(|(_, row)| dot(query, row)).collect();
        if sought > scores.len() {
            continue;
        }
        let (_, &mut least, _) = scores.select_nth_unstable_by(sought - 1, |a, b| b.total_cmp(a));
        let candidates = along.chunks_exact(width).zip(rests.chunks_exact(steps)).enumerate();
        for (_, (other_head, other_rest)) in candidates.filter(|&(other, _)| other != asked) {
            let mut score = 0.0;
            let parts = head.chunks_exact(STEP).zip(other_head.chunks_exact(STEP));
            for ((open, (part, other_part)), (rest, other_rest)) in
                open.iter_mut().zip(parts).zip(rest.iter().zip(other_rest))
            {
                score += dot(part, other_part);
                *open += usize::from(score + rest * other_rest >= least);
            }
        }
        pairs += rows - 1;
    }
    let cost = |(step, &open): (usize, &usize)| {
        let count = (step + 1) * STEP;
        let scored = open as f64 / pairs.max(1) as f64;
        (count, count as f64 * (1.0 + dims / SHARED_BY) + REFINING * dims * scored)
    };
    let cheapest = open.iter().enumerate().map(cost).min_by(|(_, a), (_, b)| a.total_cmp(b));
    Ok(cheapest.filter(|&(_, cost)| pairs > 0 && cost < 0.75 * dims).map(|(count, _)| count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Similarity;

    /// Rows whose length along dim `i` falls as `fall^i`, turned about.
    fn falling(count: usize, dims: usize, fall: f32) -> Vectors {
        let number = |at: usize| (scrambled(at as u64) >> 40) as f32 / 8_388_608.0 - 1.0;
        let data = (0..count * dims).map(|at| number(at) * fall.powi((at % dims) as i32)).collect::<Vec<_>>();
        // A reflection at a plane that no axis lies in mixes all dims and keeps products.
        let share = 2.0 / dims as f32;
        let turned = data.chunks_exact(dims).flat_map(|row| {
            let sum: f32 = row.iter().sum();
            row.iter().map(move |number| number - share * sum)
        });
        Vectors::new(dims, turned.collect()).unwrap()
    }

    #[test]
    fn directions_are_orthonormal_and_hold_what_can_be_held() {
        let rows = falling(300, 48, 0.8);
        let axes = principal(&rows, 16, &mut |_| Ok(())).unwrap();
        assert_eq!(axes.len(), 16 * 48);
        for (i, left) in axes.chunks(48).enumerate() {
            for (j, right) in axes.chunks(48).enumerate() {
                assert!((inner(left, right) - f64::from(u8::from(i == j))).abs() < 1e-12, "{i} {j}");
            }
        }
        let held = |axis: &[f64]| -> f64 {
            rows.rows().map(|row| row.iter().zip(axis).map(|(&a, b)| f64::from(a) * b).sum::<f64>().powi(2)).sum()
        };
        let helds: Vec<f64> = axes.chunks(48).map(held).collect();
        assert!(helds.is_sorted_by(|a, b| *a >= b * (1.0 - 1e-6)), "{helds:?}");
        // The 16 largest eigenvalues of the whole second moments are the most that 16 directions can hold.
        let numbers = rows.numbers().iter().map(|&number| f64::from(number));
        let matrix = DMatrix::from_row_iterator(300, 48, numbers);
        let mut values: Vec<f64> = matrix.tr_mul(&matrix).symmetric_eigenvalues().iter().copied().collect();
        values.sort_by(|a, b| b.total_cmp(a));
        let most: f64 = values.iter().take(16).sum();
        let found: f64 = helds.iter().sum();
        assert!(found <= most * (1.0 + 1e-5) && found > 0.999 * most, "{found} of {most}");
    }

    #[test]
    fn a_flat_sample_has_fewer_directions() {
        // Three dims of 40.
        let data = (0..50 * 40).map(|at| if at % 40 < 3 { (scrambled(at) >> 60) as f32 - 7.5 } else { 0.0 }).collect();
        let rows = Vectors::new(40, data).unwrap();
        assert_eq!(principal(&rows, 16, &mut |_| Ok(())).unwrap().len(), 3 * 40);
        let none = Vectors::new(40, vec![0.0; 400]).unwrap();
        assert!(principal(&none, 16, &mut |_| Ok(())).unwrap().is_empty());
        assert!(axes(&Rows::new(&none, Similarity::Cosine), &mut |_| Ok(())).unwrap().is_none());
    }

    #[test]
    fn rows_that_fall_off_are_pruned_and_even_ones_are_not() {
        let count = |fall: f32| {
            axes(&Rows::new(&falling(1200, 128, fall), Similarity::Cosine), &mut |_| Ok(()))
                .unwrap()
                .map(|it| it.count())
        };
        assert_eq!(count(0.7), Some(16), "0.7^16 is 0.003");
        assert_eq!(count(1.0), None, "half of the dims hold half of the length");
    }
}
