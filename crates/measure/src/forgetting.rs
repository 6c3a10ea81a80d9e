//! What a model sequence loses on earlier tasks.
//!
//! `a[l][j]` is the score on task `j` after stage `l`; stages and tasks are counted from 0 and stage `j` is the one that learns task `j`.
//! A retrieval system forgets in two different ways, and one curve cannot show both:
//!
//! - *re-indexed* ([`re_indexed`]): query and gallery are both embedded by the current model. A fall says the **skill** is lost.
//! - *frozen gallery* ([`frozen_gallery`]): the gallery stays as model `j` indexed it when task `j` was new. A fall says the **space** has
//!   moved, even when the skill is intact and re-indexing would bring it all back.

use serde::{Deserialize, Serialize};

use crate::{matrix::CompatibilityMatrix, statistics::mean};

/// Scores `a[l][j]` of every task after every stage; `None` where nothing was measured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TaskScores {
    /// `stages[l][j]`; rows may have different lengths.
    pub stages: Vec<Vec<Option<f64>>>,
}

impl TaskScores {
    /// The score on `task` after `stage`, if it was measured.
    pub fn get(&self, stage: usize, task: usize) -> Option<f64> {
        self.stages.get(stage)?.get(task).copied().flatten()
    }

    /// How far `task` is, after `stage`, below the best it was after any earlier stage. Negative when it has never been better.
    ///
    /// `None` when the task was not measured after `stage` or never before.
    pub fn forgetting_of(&self, task: usize, stage: usize) -> Option<f64> {
        let best = (0..stage).filter_map(|earlier| self.get(earlier, task)).reduce(f64::max)?;
        Some(best - self.get(stage, task)?)
    }

    /// Forgetting `F` after `stage`: mean over the earlier tasks `j` of `max_{l < stage} a[l][j] - a[stage][j]`.
    ///
    /// `None` for the first stage or when an earlier task lacks a score.
    pub fn forgetting(&self, stage: usize) -> Option<f64> {
        let terms: Option<Vec<f64>> = (0..stage).map(|task| self.forgetting_of(task, stage)).collect();
        mean(&terms?)
    }

    /// Backward transfer BWT after `stage`: mean over the earlier tasks `j` of `a[stage][j] - a[j][j]`; negative is forgetting.
    ///
    /// `None` for the first stage or when an earlier task lacks a score.
    pub fn backward_transfer(&self, stage: usize) -> Option<f64> {
        let terms = (0..stage).map(|task| Some(self.get(stage, task)? - self.get(task, task)?));
        mean(&terms.collect::<Option<Vec<f64>>>()?)
    }

    /// [`forgetting`](Self::forgetting) after every stage.
    pub fn curve(&self) -> Vec<Option<f64>> {
        (0..self.stages.len()).map(|stage| self.forgetting(stage)).collect()
    }
}

/// Has the skill gone? `a[l][j]` is the self-test of model `l` on task `j`, its gallery embedded anew by model `l`.
///
/// `tasks[j]` holds the scores on the queries and gallery of task `j` for every pair of models. Cells before a task was learned
/// (`l < j`) stay empty: what was never taught cannot be forgotten.
pub fn re_indexed(tasks: &[CompatibilityMatrix]) -> TaskScores {
    scores(tasks, |stage, _| stage)
}

/// Has the space moved? `a[l][j]` is the cross-test of model `l` on task `j`, its gallery still embedded by model `j`.
///
/// `tasks` and empty cells as in [`re_indexed`]; before stage `j` there is no such gallery.
pub fn frozen_gallery(tasks: &[CompatibilityMatrix]) -> TaskScores {
    scores(tasks, |_, task| task)
}

/// Picks, for every stage and task, the gallery model that `indexed_by` names.
fn scores(tasks: &[CompatibilityMatrix], indexed_by: impl Fn(usize, usize) -> usize) -> TaskScores {
    let models = tasks.iter().map(CompatibilityMatrix::models).max().unwrap_or(0);
    let learned = |stage: usize| tasks.iter().enumerate().take(stage + 1);
    let row = |stage| learned(stage).map(|(task, matrix)| matrix.get(stage, indexed_by(stage, task))).collect();
    TaskScores { stages: (0..models).map(row).collect() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn close(found: Option<f64>, expected: f64) {
        assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?} is not {expected}");
    }

    #[test]
    fn forgetting_and_backward_transfer_by_hand() {
        let some = |row: &[f64]| row.iter().copied().map(Some).collect();
        let scores = TaskScores { stages: vec![some(&[0.8]), some(&[0.9, 0.7]), some(&[0.6, 0.5, 0.9])] };
        // Task 0 was best (0.9) after stage 1, task 1 after stage 1 (0.7).
        close(scores.forgetting(2), (0.3 + 0.2) / 2.0);
        close(scores.backward_transfer(2), (-0.2 - 0.2) / 2.0);
        close(scores.forgetting(1), -0.1);
        assert_eq!((scores.forgetting(0), scores.backward_transfer(0), scores.forgetting(3)), (None, None, None));
        assert_eq!(scores.curve().len(), 3);
    }

    #[test]
    fn a_missing_score_gives_no_forgetting_instead_of_a_wrong_one() {
        let scores = TaskScores { stages: vec![vec![Some(0.8)], vec![None, Some(0.7)], vec![Some(0.6), None]] };
        close(scores.forgetting_of(0, 2), 0.2);
        assert_eq!((scores.forgetting(1), scores.forgetting(2)), (None, None));
    }

    #[test]
    fn the_two_kinds_read_different_galleries() {
        // Task 0 after stage 1: re-indexed it still scores .8, on the gallery of model 0 only .3.
        let mut task0 = CompatibilityMatrix::new(2);
        let mut task1 = CompatibilityMatrix::new(2);
        for (query, gallery, score) in [(0, 0, 0.8), (1, 0, 0.3), (1, 1, 0.8)] {
            task0.set(query, gallery, score).unwrap();
            task1.set(query, gallery, score / 2.0).unwrap();
        }
        let tasks = [task0, task1];
        close(re_indexed(&tasks).forgetting(1), 0.0);
        close(frozen_gallery(&tasks).forgetting(1), 0.5);
        assert_eq!(re_indexed(&tasks).stages, [vec![Some(0.8)], vec![Some(0.8), Some(0.4)]]);
        assert_eq!(frozen_gallery(&tasks).stages, [vec![Some(0.8)], vec![Some(0.3), Some(0.4)]]);
    }
}
