//! A chain of upgrades: every model's queries on every model's gallery.
//!
//! `C[t][k]` is the score with queries of model `t` on the gallery of model `k`, models counted from 0 in the order of their release.
//! The lower triangle (`k <= t`) is what a deployment meets: new queries, older galleries. Codes of the field mark a missing cell by 0,
//! so that a genuine 0 is lost; here a cell that was not measured is `None` and a 0 is a 0.

use serde::{Deserialize, Serialize};

use crate::{MeasureError, statistics::mean};

/// The multi-step matrix of a chain of models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompatibilityMatrix {
    models: usize,
    /// `[models, models]` row-major, rows are query models.
    cells: Vec<Option<f64>>,
}

impl CompatibilityMatrix {
    /// A matrix for `models` models with nothing measured yet.
    pub fn new(models: usize) -> Self {
        Self { models, cells: vec![None; models * models] }
    }

    /// Number of models.
    pub fn models(&self) -> usize {
        self.models
    }

    /// Enters the score of `query` model on the gallery of `gallery` model.
    ///
    /// # Errors
    /// When there is no such model or the score is NaN or infinite.
    pub fn set(&mut self, query: usize, gallery: usize, score: f64) -> Result<(), MeasureError> {
        if !score.is_finite() {
            return Err(MeasureError::ScoreNotFinite { query, gallery, value: score });
        }
        for (what, value) in [("the query model", query), ("the gallery model", gallery)] {
            if value >= self.models {
                return Err(MeasureError::OutOfRange { what, value, min: 0, max: self.models.saturating_sub(1) });
            }
        }
        if let Some(cell) = self.cells.get_mut(query * self.models + gallery) {
            *cell = Some(score);
        }
        Ok(())
    }

    /// The score of `query` model on the gallery of `gallery` model, if it was measured.
    pub fn get(&self, query: usize, gallery: usize) -> Option<f64> {
        let row = self.cells.chunks_exact(self.models.max(1)).nth(query)?;
        row.get(gallery).copied().flatten()
    }

    /// The matrix of the first `models` models only, for curves over a chain in progress.
    pub fn leading(&self, models: usize) -> Self {
        let models = models.min(self.models);
        let cells = (0..models).flat_map(|query| (0..models).map(move |gallery| self.get(query, gallery)));
        Self { models, cells: cells.collect() }
    }

    /// Average compatibility AC, strict: the share of upgrades `j -> i` over any number of steps with `C[i][j] > C[j][j]`, in `0..=1`.
    ///
    /// An equal score is a failure, as in the criterion. `None` with fewer than two models or a cell of the lower triangle missing.
    pub fn average_compatibility(&self) -> Option<f64> {
        self.share_of_upgrades(|cross, own| cross > own)
    }

    /// Average compatibility with ties passing, `C[i][j] >= C[j][j]`, as counted by the code of CL2R and CoReS.
    pub fn average_compatibility_with_ties(&self) -> Option<f64> {
        self.share_of_upgrades(|cross, own| cross >= own)
    }

    /// Average accuracy AA: mean over the measured cells of the lower triangle with the diagonal; `None` when there are none.
    pub fn average_accuracy(&self) -> Option<f64> {
        self.average_accuracy_where(|_, _| true)
    }

    /// Average accuracy over the measured cells of the lower triangle that the mask `keep(query, gallery)` lets through.
    pub fn average_accuracy_where(&self, keep: impl Fn(usize, usize) -> bool) -> Option<f64> {
        let triangle = (0..self.models).flat_map(|query| (0..=query).map(move |gallery| (query, gallery)));
        let kept = triangle.filter(|&(query, gallery)| keep(query, gallery));
        let scores: Vec<f64> = kept.filter_map(|(query, gallery)| self.get(query, gallery)).collect();
        mean(&scores)
    }

    /// Backward compatibility BC of the last model `T`: mean over older models `i` of `C[T][i] - C[i][i]`.
    ///
    /// `None` with fewer than two models or a needed cell missing.
    pub fn backward_compatibility(&self) -> Option<f64> {
        let last = self.models.checked_sub(1)?;
        mean_of((0..last).map(|model| Some(self.get(last, model)? - self.get(model, model)?)))
    }

    /// Forward compatibility FC: mean over models `i` but the first of `C[i][i-1] - C[i][i]`, what queries lose on the gallery one
    /// version behind.
    ///
    /// `None` with fewer than two models or a needed cell missing.
    pub fn forward_compatibility(&self) -> Option<f64> {
        mean_of((1..self.models).map(|model| Some(self.get(model, model - 1)? - self.get(model, model)?)))
    }

    fn share_of_upgrades(&self, passes: impl Fn(f64, f64) -> bool) -> Option<f64> {
        let pairs = (0..self.models).flat_map(|new| (0..new).map(move |old| (new, old)));
        mean_of(pairs.map(|(new, old)| Some(if passes(self.get(new, old)?, self.get(old, old)?) { 1.0 } else { 0.0 })))
    }
}

/// Mean of values that must all be there.
fn mean_of(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    mean(&values.collect::<Option<Vec<f64>>>()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn lower(rows: &[&[f64]]) -> CompatibilityMatrix {
        let mut matrix = CompatibilityMatrix::new(rows.len());
        for (query, row) in rows.iter().enumerate() {
            for (gallery, &score) in row.iter().enumerate() {
                matrix.set(query, gallery, score).unwrap();
            }
        }
        matrix
    }

    /// Top-1 of the chain AlexNet, VGG, ResNet, ViT in the README of BT2 (the first self-test is the oracle's).
    fn chains() -> [CompatibilityMatrix; 2] {
        let bt2 = lower(&[&[0.466], &[0.565, 0.610], &[0.567, 0.615, 0.666], &[0.579, 0.625, 0.720, 0.756]]);
        let bct = lower(&[&[0.466], &[0.544, 0.584], &[0.460, 0.489, 0.643], &[0.549, 0.575, 0.703, 0.739]]);
        [bt2, bct]
    }

    #[test]
    fn average_compatibility_of_the_published_chains() {
        let [bt2, bct] = chains();
        assert_eq!((bt2.average_compatibility(), bct.average_compatibility()), (Some(1.0), Some(0.5)));
        assert_eq!(bct.leading(2).average_compatibility(), Some(1.0));
        assert_eq!(bct.leading(3).average_compatibility(), Some(1.0 / 3.0));
    }

    #[test]
    fn a_tie_fails_unless_ties_are_asked_for() {
        let matrix = lower(&[&[0.5], &[0.5, 0.6]]);
        assert_eq!(matrix.average_compatibility(), Some(0.0));
        assert_eq!(matrix.average_compatibility_with_ties(), Some(1.0));
    }

    #[test]
    fn a_measured_zero_counts_and_a_missing_cell_does_not() {
        let mut matrix = CompatibilityMatrix::new(2);
        matrix.set(0, 0, 0.6).unwrap();
        matrix.set(1, 0, 0.0).unwrap();
        assert_eq!(matrix.average_accuracy(), Some(0.3));
        assert_eq!(matrix.average_accuracy_where(|query, gallery| query == gallery), Some(0.6));
        matrix.set(0, 1, 0.9).unwrap();
        assert_eq!(matrix.average_accuracy(), Some(0.3), "the upper triangle is kept but not averaged");
        assert_eq!(matrix.average_compatibility(), Some(0.0));
        assert_eq!(matrix.forward_compatibility(), None);
        assert_eq!(CompatibilityMatrix::new(1).average_compatibility(), None);
        assert_eq!(CompatibilityMatrix::new(0).backward_compatibility(), None);
    }

    #[test]
    fn backward_and_forward_compatibility_by_hand() {
        let matrix = lower(&[&[0.4], &[0.5, 0.6], &[0.3, 0.7, 0.9]]);
        // BC = ((.3 - .4) + (.7 - .6)) / 2, FC = ((.5 - .6) + (.7 - .9)) / 2.
        assert!(matrix.backward_compatibility().unwrap().abs() < 1e-12);
        assert!((matrix.forward_compatibility().unwrap() + 0.15).abs() < 1e-12);
    }

    #[test]
    fn cells_outside_the_chain_and_scores_that_are_none_are_refused() {
        let mut matrix = CompatibilityMatrix::new(2);
        assert_eq!(matrix.set(0, 2, 0.5).unwrap_err().to_string(), "the gallery model is 2; choose 0 to 1");
        assert_eq!(matrix.set(2, 0, 0.5).unwrap_err().to_string(), "the query model is 2; choose 0 to 1");
        assert!(matches!(matrix.set(0, 0, f64::NAN), Err(MeasureError::ScoreNotFinite { .. })));
        assert_eq!((matrix.get(0, 2), matrix.get(5, 0)), (None, None));
    }
}
