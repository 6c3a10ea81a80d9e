//! What a model sequence loses on earlier tasks.
//!
//! A retrieval system forgets in two different ways, and one curve cannot show both:
//!
//! - *re-indexed* ([`re_indexed`]): query and gallery are both embedded by the current model. A fall says the **skill** is lost.
//! - *frozen gallery* ([`frozen_gallery`]): the gallery stays as model `j` indexed it when task `j` was new. A fall says the **space** has
//!   moved, even when the skill is intact and re-indexing would bring it all back.
//!
//! Both give [`TaskScores`]; what is then lost, and by which definition, is for its methods to say.

pub use crate::knowledge::TaskScores;
use crate::matrix::CompatibilityMatrix;

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
