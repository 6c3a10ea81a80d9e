//! A model that is judged while it learns.
//!
//! On a stream each batch is first answered and only then learned from (prequential evaluation: test, then train), so every answer is an
//! honest one and no test set is needed. What is kept of a batch is a [`Tally`]: how many items were asked, how many answers were right.

use serde::{Deserialize, Serialize};

use crate::{MeasureError, features::one_per_row};

/// Answers to one batch of a stream, or to several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Number of answers.
    pub asked: u64,
    /// Number of right ones.
    pub right: u64,
}

impl Tally {
    /// Counts the predicted classes `answers` against the true `labels`.
    ///
    /// # Errors
    /// When the two are not equally long.
    pub fn of(answers: &[u32], labels: &[u32]) -> Result<Self, MeasureError> {
        one_per_row("answers", labels.len(), answers.len())?;
        let right = answers.iter().zip(labels).filter(|(answer, label)| answer == label).count();
        Ok(Self { asked: answers.len() as u64, right: right as u64 })
    }

    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self { asked: self.asked + other.asked, right: self.right + other.right }
    }

    /// Share of wrong answers, in `0..=1`; `None` without answers.
    pub fn error(self) -> Option<f64> {
        (self.asked > 0).then(|| self.asked.saturating_sub(self.right) as f64 / self.asked as f64)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn tally(asked: u64, right: u64) -> Tally {
        Tally { asked, right }
    }

    #[test]
    fn answers_are_counted_against_labels() {
        assert_eq!(Tally::of(&[1, 2, 3, 3], &[1, 2, 3, 4]).unwrap(), tally(4, 3));
        assert_eq!(Tally::of(&[1, 2, 3, 3], &[1, 2, 3, 4]).unwrap().error(), Some(0.25));
        assert_eq!(Tally::default().error(), None);
        assert!(Tally::of(&[1], &[1, 2]).is_err());
    }
}
