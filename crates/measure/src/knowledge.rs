//! What a model knows of each task after each stage of a sequence.
//!
//! `a[l][j]` is the score on task `j` after stage `l`; stages and tasks are counted from 0 and stage `j` is the one that learns task `j`.
//! Papers and libraries boil this matrix down to one number under the same name in different ways. Each way has its own name here:
//!
//! | number | definition after stage `T` | from |
//! | --- | --- | --- |
//! | [`average_accuracy`](TaskScores::average_accuracy) | mean over `j <= T` of `a[T][j]` | GEM (Lopez-Paz & Ranzato, 2017), ACC |
//! | [`first_minus_last`](TaskScores::first_minus_last) | mean over `j < T` of `a[j][j] - a[T][j]` | forgetting in Avalanche |
//! | [`forgetting`](TaskScores::forgetting) | mean over `j < T` of `max_{l < T} a[l][j] - a[T][j]` | Chaudhry et al., 2018: best minus last |
//! | [`backward_transfer`](TaskScores::backward_transfer) | mean over `j < T` of `a[T][j] - a[j][j]` | GEM, BWT |
//! | [`forward_transfer`](TaskScores::forward_transfer) | mean over `1 <= j <= T` of `a[j-1][j] - b[j]` | GEM, FWT; `b` is an untrained model |
//!
//! Best minus last is never below first minus last. Some codes let the best include the last stage, so that their forgetting is never
//! negative; here a task that ends better than it ever was counts as negative forgetting.

use serde::{Deserialize, Serialize};

use crate::{MeasureError, features::one_per_row, statistics::mean};

/// Scores `a[l][j]` of every task after every stage; `None` where nothing was measured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TaskScores {
    /// `stages[l][j]`; rows may have different lengths.
    pub stages: Vec<Vec<Option<f64>>>,
}

impl TaskScores {
    /// Reads a table of `[stages, tasks]`, row-major, in which NaN says that nothing was measured.
    ///
    /// # Errors
    /// When there are no tasks, the last row is incomplete or a score is infinite.
    pub fn from_cells<T: Copy + Into<f64>>(cells: &[T], tasks: usize) -> Result<Self, MeasureError> {
        if tasks == 0 {
            return Err(MeasureError::OutOfRange { what: "the number of tasks", value: 0, min: 1, max: usize::MAX });
        }
        let score = |(at, &cell): (usize, &T)| match cell.into() {
            cell if cell.is_nan() => Ok(None),
            cell if cell.is_infinite() => {
                Err(MeasureError::TaskScoreNotFinite { stage: at / tasks, task: at % tasks, value: cell })
            }
            cell => Ok(Some(cell)),
        };
        let scores = cells.iter().enumerate().map(score).collect::<Result<Vec<_>, _>>()?;
        let rows = scores.chunks(tasks);
        rows.clone().try_for_each(|row| one_per_row("scores of a stage", tasks, row.len()))?;
        Ok(Self { stages: rows.map(<[_]>::to_vec).collect() })
    }

    /// The score on `task` after `stage`, if it was measured.
    pub fn get(&self, stage: usize, task: usize) -> Option<f64> {
        self.stages.get(stage)?.get(task).copied().flatten()
    }

    /// Average accuracy after `stage`: mean over the tasks learned so far, this one included, of `a[stage][j]`.
    ///
    /// `None` when one of them lacks a score.
    pub fn average_accuracy(&self, stage: usize) -> Option<f64> {
        mean_of((0..=stage).map(|task| self.get(stage, task)))
    }

    /// How far `task` is, after `stage`, below the best it was after any earlier stage. Negative when it has never been better.
    ///
    /// `None` when the task was not measured after `stage` or never before.
    pub fn forgetting_of(&self, task: usize, stage: usize) -> Option<f64> {
        let best = (0..stage).filter_map(|earlier| self.get(earlier, task)).reduce(f64::max)?;
        Some(best - self.get(stage, task)?)
    }

    /// Forgetting as best minus last, `F` after `stage`: mean over the earlier tasks `j` of `max_{l < stage} a[l][j] - a[stage][j]`.
    ///
    /// `None` for the first stage or when an earlier task lacks a score.
    pub fn forgetting(&self, stage: usize) -> Option<f64> {
        mean_of((0..stage).map(|task| self.forgetting_of(task, stage)))
    }

    /// How far `task` is, after `stage`, below what it was when it had just been learned: `a[task][task] - a[stage][task]`.
    ///
    /// `None` when either was not measured or the task is not older than the stage.
    pub fn first_minus_last_of(&self, task: usize, stage: usize) -> Option<f64> {
        if task >= stage {
            return None;
        }
        Some(self.get(task, task)? - self.get(stage, task)?)
    }

    /// Forgetting as first minus last after `stage`: mean of [`first_minus_last_of`](Self::first_minus_last_of) over the earlier tasks.
    ///
    /// `None` for the first stage or when an earlier task lacks a score.
    pub fn first_minus_last(&self, stage: usize) -> Option<f64> {
        mean_of((0..stage).map(|task| self.first_minus_last_of(task, stage)))
    }

    /// Backward transfer BWT after `stage`: mean over the earlier tasks `j` of `a[stage][j] - a[j][j]`; negative is forgetting.
    ///
    /// `None` for the first stage or when an earlier task lacks a score.
    pub fn backward_transfer(&self, stage: usize) -> Option<f64> {
        mean_of((0..stage).map(|task| Some(self.get(stage, task)? - self.get(task, task)?)))
    }

    /// Forward transfer FWT after `stage`: mean over the tasks `1 <= j <= stage` of `a[j - 1][j] - untrained[j]`, what the stages before a
    /// task already did for it. `untrained[j]` is the score on task `j` of the model before its first stage.
    ///
    /// `None` for the first stage or when one of these scores is missing.
    pub fn forward_transfer(&self, stage: usize, untrained: &[f64]) -> Option<f64> {
        mean_of((1..=stage).map(|task| Some(self.get(task - 1, task)? - untrained.get(task)?)))
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

    const NONE: f64 = f64::NAN;

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
    }

    #[test]
    fn a_missing_score_gives_no_forgetting_instead_of_a_wrong_one() {
        let scores = TaskScores { stages: vec![vec![Some(0.8)], vec![None, Some(0.7)], vec![Some(0.6), None]] };
        close(scores.forgetting_of(0, 2), 0.2);
        assert_eq!((scores.forgetting(1), scores.forgetting(2)), (None, None));
    }

    #[test]
    fn every_definition_on_a_sequence_that_forgets() {
        let scores = TaskScores::from_cells(&[0.9, 0.3, 0.2, 0.7, 0.8, 0.3, 0.75, 0.6, 0.9], 3).unwrap();
        close(scores.average_accuracy(2), 0.75);
        close(scores.average_accuracy(0), 0.9);
        close(scores.first_minus_last(2), (0.15 + 0.2) / 2.0);
        close(scores.forgetting(2), (0.15 + 0.2) / 2.0);
        close(scores.backward_transfer(2), -0.175);
        // Tasks 1 and 2 just before they are learned, above the untrained model.
        close(scores.forward_transfer(2, &[0.1, 0.1, 0.15]), (0.2 + 0.15) / 2.0);
        close(scores.forward_transfer(1, &[0.1, 0.1]), 0.2);
        assert_eq!((scores.forward_transfer(0, &[0.1]), scores.forward_transfer(2, &[0.1, 0.1])), (None, None));
    }

    #[test]
    fn the_two_definitions_part_where_a_task_improves_before_it_fades() {
        let scores = TaskScores::from_cells(&[0.5, NONE, NONE, 0.95, 0.8, NONE, 0.9, 0.8, 0.9], 3).unwrap();
        close(scores.first_minus_last(2), -0.2);
        close(scores.first_minus_last_of(0, 2), -0.4);
        close(scores.forgetting(2), 0.025);
        close(scores.forgetting_of(0, 2), 0.05);
        close(scores.backward_transfer(2), 0.2);
        assert_eq!((scores.first_minus_last(0), scores.first_minus_last_of(1, 1)), (None, None));
    }

    #[test]
    fn cells_that_are_no_table_are_refused_and_nan_is_not_measured() {
        let scores = TaskScores::from_cells(&[0.5_f32, f32::NAN, 0.25, 0.75], 2).unwrap();
        assert_eq!(scores.stages, [vec![Some(0.5), None], vec![Some(0.25), Some(0.75)]]);
        assert_eq!(TaskScores::from_cells::<f64>(&[], 2).unwrap(), TaskScores::default());
        let refused = |cells: &[f64], tasks| TaskScores::from_cells(cells, tasks).unwrap_err().to_string();
        assert_eq!(refused(&[0.1; 3], 2), "scores of a stage: 1 given for 2; pass exactly one for each");
        assert!(refused(&[], 0).starts_with("the number of tasks is 0"));
        let infinite = refused(&[0.1, 0.2, 0.3, f64::INFINITY], 2);
        assert_eq!(infinite, "the score on task 1 after stage 1 is inf; leave the cell out if it was not measured");
    }
}
