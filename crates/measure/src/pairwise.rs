//! The strict, pairwise definition of compatibility (Shen et al., CVPR 2020, Definition 1), as a diagnostic.
//!
//! For all items `i != j`, with `d` the cosine distance on the common prefix, `n` the new and `o` the old embedding:
//!
//! ```text
//! same class       d(n_i, o_j) <= d(o_i, o_j)
//! different class  d(n_i, o_j) >= d(o_i, o_j)
//! ```
//!
//! No real model satisfies all pairs, which is why the field uses the relaxed criterion
//! [`UpgradeScores::is_compatible`](crate::compatibility::UpgradeScores::is_compatible). The satisfied fractions still tell which side
//! gives way: pulling same-class items together or keeping the others apart.

use serde::{Deserialize, Serialize};

use crate::{
    Features, MeasureError,
    features::one_per_row,
    scores::{Gallery, QUERIES},
};

/// Satisfied fractions of the pairwise definition, in `0..=1`; `None` for a side without pairs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairwiseSatisfaction {
    /// Fraction of the ordered same-class pairs that the new query brings no farther apart.
    pub same_class: Option<f64>,
    /// Fraction of the ordered different-class pairs that the new query brings no closer.
    pub different_class: Option<f64>,
}

/// Counts the pairs of the same items, embedded by the new and by the old model, that satisfy the definition.
///
/// An item is not paired with itself: `d(o_i, o_i)` is 0 and no upgrade could do better. Takes `O(rows^2 dim)` time.
///
/// # Errors
/// When `new`, `old` and `labels` do not have the same number of rows.
pub fn pairwise_satisfaction(
    new: &Features,
    old: &Features,
    labels: &[u32],
) -> Result<PairwiseSatisfaction, MeasureError> {
    one_per_row("old rows", new.rows(), old.rows())?;
    one_per_row("labels", new.rows(), labels.len())?;
    let dim = new.dim().min(old.dim());
    let (new, old) = (new.prefix(dim)?, old.prefix(dim)?);
    let gallery = Gallery::pack(&old, dim);
    let (mut same, mut different) = (Tally::default(), Tally::default());
    let (mut cross, mut own) = (Vec::new(), Vec::new());
    let mut queries = labels.iter().enumerate();
    for (new, old) in new.chunks(dim * QUERIES).zip(old.chunks(dim * QUERIES)) {
        gallery.score_block(new, &mut cross);
        gallery.score_block(old, &mut own);
        let rows = cross.chunks_exact(labels.len()).zip(own.chunks_exact(labels.len()));
        for ((cross, own), (i, query)) in rows.zip(&mut queries) {
            for ((j, label), (cross, own)) in labels.iter().enumerate().zip(cross.iter().zip(own)) {
                // A larger score is a smaller distance.
                match (i == j, label == query) {
                    (true, _) => {}
                    (false, true) => same.count(cross >= own),
                    (false, false) => different.count(cross <= own),
                }
            }
        }
    }
    Ok(PairwiseSatisfaction { same_class: same.fraction(), different_class: different.fraction() })
}

#[derive(Default)]
struct Tally {
    pairs: u64,
    satisfied: u64,
}

impl Tally {
    fn count(&mut self, satisfied: bool) {
        self.pairs += 1;
        self.satisfied += u64::from(satisfied);
    }

    fn fraction(&self) -> Option<f64> {
        (self.pairs > 0).then(|| self.satisfied as f64 / self.pairs as f64)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn satisfaction(new: &[f32], old: &[f32], labels: &[u32]) -> PairwiseSatisfaction {
        let rows = |values| Features::new(values, 2).unwrap();
        pairwise_satisfaction(&rows(new), &rows(old), labels).unwrap()
    }

    #[test]
    fn an_unchanged_model_satisfies_every_pair() {
        let old: Vec<f32> = (0..22).map(|i| ((i * 37 % 19) as f32 - 9.0) / 7.0).collect();
        let all = satisfaction(&old, &old, &[0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1]);
        assert_eq!((all.same_class, all.different_class), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn fractions_by_hand() {
        // Old: class 0 at 0 and 60 degrees, class 1 at 90. New item 0 moves to 30 degrees: closer to item 1 (good), closer to 2 (bad).
        let at = |degrees: f32| [degrees.to_radians().cos(), degrees.to_radians().sin()];
        let old = [at(0.0), at(60.0), at(90.0)].concat();
        let new = [at(30.0), at(60.0), at(90.0)].concat();
        let found = satisfaction(&new, &old, &[0, 0, 1]);
        assert_eq!((found.same_class, found.different_class), (Some(1.0), Some(0.75)));
    }

    #[test]
    fn a_side_without_pairs_has_no_fraction() {
        let found = satisfaction(&[1.0, 0.0, 0.0, 1.0], &[1.0, 0.0, 0.0, 1.0], &[0, 1]);
        assert_eq!((found.same_class, found.different_class), (None, Some(1.0)));
    }
}
