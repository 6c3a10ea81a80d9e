//! One model's vectors of the documents or of the queries by themselves.

use super::{
    Health, Spread, mixture,
    rows::{part, share},
    spectrum,
};
use crate::{DecideError, Pulse, Vectors, vectors::length};

/// Numbers between two pulses: some milliseconds.
const STRIDE: usize = 1 << 20;

/// Pairs of equal rows that are listed.
const PAIRS: usize = 20;

/// A model's health, and what sentences about it need beside it.
pub(super) struct Checked {
    /// What is kept.
    pub(super) health: Health,
    /// Each row that equals an earlier one, by row.
    pub(super) copies: Vec<usize>,
    /// Columns that hold the same number in every row that is not all zeros.
    pub(super) constant: Vec<usize>,
    /// The largest effective rank that the sample could have shown.
    pub(super) most_rank: usize,
}

/// Looks at all rows, and for rank and mixture at a sample of them.
pub(super) fn check(model: &str, what: &str, vectors: &Vectors, pulse: Pulse<'_>) -> Result<Checked, DecideError> {
    let Scan { lengths, zero_rows, constant, hashes, sums } = Scan::of(vectors, &mut part(pulse, 0.0, 0.4))?;
    let pairs = copies(vectors, hashes);
    pulse(0.5)?;
    let rows: Vec<usize> = lengths.iter().map(|&(row, _)| row).collect();
    let effective_rank = spectrum::effective_rank(vectors, &rows, &mut part(pulse, 0.5, 0.8))?;
    let two_models = mixture::two_models(model, what, vectors, &lengths, &mut part(pulse, 0.8, 1.0))?;
    let norm = spread(lengths.iter().map(|&(_, length)| length).collect());
    let mean_norm = sums.iter().map(|sum| sum * sum).sum::<f64>().sqrt() / rows.len().max(1) as f64;
    let health = Health {
        model: model.to_owned(),
        what: what.to_owned(),
        rows: vectors.count(),
        dims: vectors.dims(),
        norm,
        unit: !rows.is_empty() && norm.least >= 0.99 && norm.most <= 1.01,
        zero_rows,
        constant_columns: constant.len(),
        duplicate_rows: pairs.len(),
        duplicates: pairs.iter().copied().take(PAIRS).collect(),
        mean_norm,
        effective_rank,
        two_models,
    };
    let sampled = rows.len().min(spectrum::most_rows(vectors.dims()));
    let most_rank = vectors.dims().min(sampled.saturating_sub(1));
    Ok(Checked { health, copies: pairs.iter().map(|&(_, copy)| copy).collect(), constant, most_rank })
}

/// What one pass over all rows finds.
#[derive(Default)]
struct Scan {
    /// Rows that are not all zeros, with their lengths.
    lengths: Vec<(usize, f64)>,
    zero_rows: Vec<usize>,
    constant: Vec<usize>,
    /// Of rows that are not all zeros.
    hashes: Vec<(u64, usize)>,
    /// Sum of unit rows, `[dims]`.
    sums: Vec<f64>,
}

impl Scan {
    fn of(vectors: &Vectors, pulse: Pulse<'_>) -> Result<Self, DecideError> {
        let mut scan = Self { sums: vec![0.0; vectors.dims()], ..Self::default() };
        let stride = (STRIDE / vectors.dims().max(1)).max(1);
        let mut first: Option<&[f32]> = None;
        for (at, row) in vectors.rows().enumerate() {
            if at.is_multiple_of(stride) {
                pulse(share(at, vectors.count()))?;
            }
            let length = length(row);
            if length == 0.0 {
                scan.zero_rows.push(at);
                continue;
            }
            scan.lengths.push((at, length));
            scan.hashes.push((hash(row), at));
            let scale = 1.0 / length;
            for (sum, &number) in scan.sums.iter_mut().zip(row) {
                *sum += f64::from(number) * scale;
            }
            match first {
                None => {
                    first = Some(row);
                    scan.constant = (0..vectors.dims()).collect();
                }
                Some(first) => scan.constant.retain(|&column| row.get(column) == first.get(column)),
            }
        }
        // A single row is no evidence of anything constant.
        if scan.lengths.len() < 2 {
            scan.constant.clear();
        }
        Ok(scan)
    }
}

/// A number that equal rows share, after Firefox's hash. Rows of one hash are compared, so that it need not be a good one.
fn hash(row: &[f32]) -> u64 {
    row.iter().fold(0, |hash: u64, &number| {
        // Adding 0 turns -0 into the 0 that it equals.
        let bits = u64::from((number + 0.0).to_bits());
        (hash.rotate_left(5) ^ bits).wrapping_mul(0x517c_c1b7_2722_0a95)
    })
}

/// The first of equal rows with each later one, by the later one.
fn copies(vectors: &Vectors, mut hashes: Vec<(u64, usize)>) -> Vec<(usize, usize)> {
    hashes.sort_unstable();
    let mut pairs = Vec::new();
    for alike in hashes.chunk_by(|(a, _), (b, _)| a == b).filter(|alike| alike.len() > 1) {
        // More than one only where different rows happen to share a hash.
        let mut firsts: Vec<usize> = Vec::new();
        for &(_, row) in alike {
            let first = firsts.iter().copied().find(|&first| vectors.row(first) == vectors.row(row));
            match first {
                Some(first) => pairs.push((first, row)),
                None => firsts.push(row),
            }
        }
    }
    pairs.sort_unstable_by_key(|&(_, copy)| copy);
    pairs
}

/// Least, median and most; zeros where there is nothing.
fn spread(mut numbers: Vec<f64>) -> Spread {
    numbers.sort_unstable_by(f64::total_cmp);
    let at = |place: usize| numbers.get(place).copied().unwrap_or(0.0);
    let count = numbers.len();
    // Of an even number the mean of the two in the middle.
    let median = (at(count.saturating_sub(1) / 2) + at(count / 2)) / 2.0;
    Spread { least: at(0), median, most: at(count.saturating_sub(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::made::{go_on, noise, stop};

    fn checked(dims: usize, numbers: &[f32]) -> Checked {
        check("m", "documents", &Vectors::new(dims, numbers.to_vec()).unwrap(), &mut go_on).unwrap()
    }

    #[test]
    fn a_few_rows_by_hand() {
        let rows =
            [[3.0, 4.0, 7.0], [0.0, 0.0, 0.0], [6.0, 8.0, 7.0], [3.0, 4.0, 7.0], [-0.0, 0.0, 7.0], [0.0, 0.0, 7.0]];
        let Checked { health, copies, constant, most_rank } = checked(3, &rows.concat());
        assert_eq!((health.rows, health.dims, health.unit), (6, 3, false));
        assert_eq!(health.zero_rows, [1]);
        assert_eq!((health.constant_columns, constant), (1, vec![2]));
        assert_eq!((health.duplicate_rows, health.duplicates), (2, vec![(0, 3), (4, 5)]));
        assert_eq!((copies, most_rank), (vec![3, 5], 3));
        // Lengths 7, 7, sqrt(74) twice and sqrt(149).
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-12;
        assert!(near(health.norm.least, 7.0) && near(health.norm.median, 74.0_f64.sqrt()));
        assert!(near(health.norm.most, 149.0_f64.sqrt()));
    }

    #[test]
    fn the_mean_of_unit_rows_tells_how_much_they_point_one_way() {
        // East, east, north: (2, 1) / 3; their lengths play no part.
        let found = checked(2, &[5.0, 0.0, 0.1, 0.0, 0.0, 2.0]).health;
        assert!((found.mean_norm - 5.0_f64.sqrt() / 3.0).abs() < 1e-12);
        let around = checked(2, &[1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, -1.0]).health;
        assert!(around.mean_norm < 1e-15 && around.unit && around.two_models.is_none());
        assert_eq!(around.norm, Spread { least: 1.0, median: 1.0, most: 1.0 });
    }

    #[test]
    fn nothing_and_zeros_have_numbers_too() {
        let zeros = checked(2, &[0.0; 6]).health;
        assert_eq!((zeros.zero_rows.len(), zeros.duplicate_rows, zeros.constant_columns, zeros.unit), (3, 0, 0, false));
        assert_eq!((zeros.norm, zeros.mean_norm), (Spread { least: 0.0, median: 0.0, most: 0.0 }, 0.0));
        let none = checked(2, &[]).health;
        assert_eq!((none.rows, none.effective_rank), (0, 0.0));
        assert_eq!(checked(2, &[1.0, 2.0]).health.constant_columns, 0);
    }

    #[test]
    fn huge_and_tiny_rows_are_measured() {
        let huge: Vec<f32> = noise(50, 4, 1).unit().numbers().iter().map(|number| number * 1e25).collect();
        let found = checked(4, &huge).health;
        assert!((found.norm.median / 1e25 - 1.0).abs() < 1e-6 && found.effective_rank > 3.0 && found.mean_norm < 0.5);
        assert!((checked(2, &[1e-42, 0.0, 0.0, 1e-42]).health.mean_norm - 0.5_f64.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn rows_that_share_a_hash_are_compared() {
        let vectors = Vectors::new(1, vec![1.0, 2.0, 1.0, 2.0, 3.0]).unwrap();
        let hashes = (0..5).map(|row| (9, row)).collect();
        assert_eq!(copies(&vectors, hashes), [(0, 2), (1, 3)]);
        assert_eq!(hash(&[0.0, 1.0]), hash(&[-0.0, 1.0]));
        assert_ne!(hash(&[1.0, 0.0]), hash(&[0.0, 1.0]));
    }

    #[test]
    fn what_is_cancelled_stops() {
        let stopped = check("m", "documents", &noise(5, 2, 1), &mut stop);
        assert!(matches!(stopped, Err(DecideError::Cancelled)));
    }
}
