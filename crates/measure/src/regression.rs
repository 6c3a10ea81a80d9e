//! Queries that an upgrade breaks although the average improves.
//!
//! Both models query the same old gallery. Then `Delta R@1 = PFR - NFR`, so two upgrades with the same gain can differ in how many users
//! they let down; the negative flips are what those users report.

use serde::{Deserialize, Serialize};

use crate::{MeasureError, features::one_per_row};

/// What changed for single queries between the old and the new query model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flips {
    /// Number of queries scored under both models.
    pub queries: usize,
    /// Indices of the queries that the old model answers right and the new one wrong.
    pub broken: Vec<usize>,
    /// Indices of the queries that the old model answers wrong and the new one right.
    pub fixed: Vec<usize>,
}

impl Flips {
    /// Compares top-1 correctness query by query; see [`Retrieval::top1_correct`](crate::Retrieval::top1_correct).
    ///
    /// A query without a match under either model is left out.
    ///
    /// # Errors
    /// When the two do not describe the same number of queries.
    pub fn between(old: &[Option<bool>], new: &[Option<bool>]) -> Result<Self, MeasureError> {
        one_per_row("new answers", old.len(), new.len())?;
        let mut flips = Self { queries: 0, broken: Vec::new(), fixed: Vec::new() };
        for (query, answers) in old.iter().zip(new).enumerate() {
            let (Some(old), Some(new)) = answers else { continue };
            flips.queries += 1;
            match (old, new) {
                (true, false) => flips.broken.push(query),
                (false, true) => flips.fixed.push(query),
                _ => {}
            }
        }
        Ok(flips)
    }

    /// Negative flip rate NFR: the fraction of queries broken, in `0..=1`; `None` without queries.
    pub fn negative_rate(&self) -> Option<f64> {
        self.rate(self.broken.len())
    }

    /// Positive flip rate PFR: the fraction of queries fixed, in `0..=1`; `None` without queries.
    pub fn positive_rate(&self) -> Option<f64> {
        self.rate(self.fixed.len())
    }

    fn rate(&self, flipped: usize) -> Option<f64> {
        (self.queries > 0).then(|| flipped as f64 / self.queries as f64)
    }
}

/// What two models answer to the same questions, right or wrong: the four counts of a 2 x 2 table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FlipTable {
    /// Both right.
    pub both_right: usize,
    /// The old model right, the new one wrong: the negative flips.
    pub broken: usize,
    /// The old model wrong, the new one right: the positive flips.
    pub fixed: usize,
    /// Both wrong, with the same answer or another.
    pub both_wrong: usize,
}

impl FlipTable {
    /// Counts the predicted classes of the `old` and the `new` model against the true `labels`.
    ///
    /// # Errors
    /// When the three are not equally long.
    pub fn between(labels: &[u32], old: &[u32], new: &[u32]) -> Result<Self, MeasureError> {
        one_per_row("old predictions", labels.len(), old.len())?;
        one_per_row("new predictions", labels.len(), new.len())?;
        let mut table = Self::default();
        for (label, (old, new)) in labels.iter().zip(old.iter().zip(new)) {
            let count = match (old == label, new == label) {
                (true, true) => &mut table.both_right,
                (true, false) => &mut table.broken,
                (false, true) => &mut table.fixed,
                (false, false) => &mut table.both_wrong,
            };
            *count += 1;
        }
        Ok(table)
    }

    /// Number of questions.
    pub fn questions(&self) -> usize {
        self.both_right + self.broken + self.fixed + self.both_wrong
    }

    /// Accuracy of the old and of the new model, in `0..=1`; `None` without questions.
    pub fn accuracies(&self) -> Option<(f64, f64)> {
        let share = |right: usize| right as f64 / self.questions() as f64;
        (self.questions() > 0).then(|| (share(self.both_right + self.broken), share(self.both_right + self.fixed)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn predictions_fall_into_four_cells() {
        let table = FlipTable::between(&[0, 0, 1, 1, 2, 2], &[0, 0, 1, 0, 0, 1], &[0, 1, 1, 1, 0, 0]).unwrap();
        assert_eq!(table, FlipTable { both_right: 2, broken: 1, fixed: 1, both_wrong: 2 });
        assert_eq!((table.questions(), table.accuracies()), (6, Some((0.5, 0.5))));
        assert_eq!(FlipTable::between(&[], &[], &[]).unwrap().accuracies(), None);
        let short = FlipTable::between(&[0, 1], &[0, 1], &[0]).unwrap_err().to_string();
        assert!(short.starts_with("new predictions: 1 given for 2"), "{short}");
        assert!(FlipTable::between(&[0, 1], &[0], &[0, 1]).is_err());
    }

    #[test]
    fn the_gain_is_the_difference_of_the_rates() {
        let answers = |bits: &str| -> Vec<Option<bool>> {
            bits.chars().map(|bit| if bit == '-' { None } else { Some(bit == '1') }).collect()
        };
        let flips = Flips::between(&answers("1100-1"), &answers("1010-0")).unwrap();
        assert_eq!((flips.queries, &flips.broken[..], &flips.fixed[..]), (5, &[1, 5][..], &[2][..]));
        assert_eq!((flips.negative_rate(), flips.positive_rate()), (Some(0.4), Some(0.2)));
        // 3 of 5 right before, 2 of 5 after.
        assert!((flips.positive_rate().unwrap() - flips.negative_rate().unwrap() - (0.4 - 0.6)).abs() < 1e-12);
        assert_eq!(Flips::between(&[None], &[None]).unwrap().negative_rate(), None);
        assert!(Flips::between(&[None], &[]).is_err());
    }
}
