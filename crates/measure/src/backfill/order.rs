//! Which item is re-embedded first.

use std::collections::BTreeMap;

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use crate::{Items, MeasureError, features::one_per_row};

/// The order of a backfill. Among equals the earlier item comes first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Order<'a> {
    /// Any order, the same for the same seed on every platform: the baseline that another order has to beat, over several seeds.
    Random {
        /// Seed of the shuffle.
        seed: u64,
    },
    /// Items farthest from the mean of their class first (Euclidean, of unit rows of the old gallery), as in lambda-orthogonality
    /// (NeurIPS 2025). It needs labels that a real gallery may lack.
    FarthestFromClassMean,
    /// Items of the largest number first, one number per item: the uncertainty `sigma` that FastFill (ICLR 2023) learns, or any priority.
    /// NaN counts as largest.
    Descending(&'a [f64]),
}

impl Order<'_> {
    /// When each item of the gallery gets its turn, counted from 0: `[items]`.
    ///
    /// # Errors
    /// When there is not one number per item.
    pub fn turns(&self, gallery: &Items) -> Result<Vec<usize>, MeasureError> {
        let count = gallery.features().rows();
        let items = match self {
            Self::Random { seed } => {
                let mut items: Vec<usize> = (0..count).collect();
                items.shuffle(&mut ChaCha8Rng::seed_from_u64(*seed));
                items
            }
            Self::FarthestFromClassMean => descending(&distances_to_class_mean(gallery)?),
            Self::Descending(numbers) => {
                one_per_row("numbers to order the backfill by", count, numbers.len())?;
                descending(numbers)
            }
        };
        let mut turns = vec![0; count];
        for (turn, &item) in items.iter().enumerate() {
            if let Some(slot) = turns.get_mut(item) {
                *slot = turn;
            }
        }
        Ok(turns)
    }
}

/// Indices of the numbers, the largest first.
fn descending(numbers: &[f64]) -> Vec<usize> {
    // In the total order a positive NaN lies above infinity; adding zero makes both zeros equal.
    let mut ranked: Vec<_> =
        numbers.iter().map(|number| if number.is_nan() { f64::NAN.abs() } else { number + 0.0 }).enumerate().collect();
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    ranked.into_iter().map(|(index, _)| index).collect()
}

/// Squared Euclidean distance of each unit row from the mean of the unit rows of its class.
fn distances_to_class_mean(gallery: &Items) -> Result<Vec<f64>, MeasureError> {
    let dim = gallery.features().dim();
    let unit = gallery.features().prefix(dim)?;
    let rows = || unit.chunks_exact(dim).zip(gallery.labels());
    let mut classes = BTreeMap::<u32, (Vec<f64>, f64)>::new();
    for (row, &label) in rows() {
        let (sum, size) = classes.entry(label).or_insert_with(|| (vec![0.0; dim], 0.0));
        sum.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value));
        *size += 1.0;
    }
    let distance = |(row, label): (&[f32], &u32)| {
        let (sum, size) = classes.get(label)?;
        Some(row.iter().zip(sum).map(|(&value, sum)| (f64::from(value) - sum / size).powi(2)).sum())
    };
    Ok(rows().filter_map(distance).collect())
}
