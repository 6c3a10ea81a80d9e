//! A model that is judged while it learns.
//!
//! On a stream each batch is first answered and only then learned from (prequential evaluation: test, then train), so every answer is an
//! honest one and no test set is needed. What is kept of a batch is a [`Tally`]: how many items were asked, how many answers were right.

use serde::{Deserialize, Serialize};

use crate::{Features, MeasureError, features::one_per_row};

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

/// Online error: after each batch, the share of wrong answers among all from the start of the stream. Every answer counts once, however
/// large its batch. The last value is the online error of the stream; `None` until something was asked.
pub fn online_error(batches: &[Tally]) -> Vec<Option<f64>> {
    let so_far = batches.iter().scan(Tally::default(), |sum, &batch| {
        *sum = sum.with(batch);
        Some(*sum)
    });
    so_far.map(Tally::error).collect()
}

/// Windowed error: after each batch, the share of wrong answers in it and the `window - 1` batches before it, fewer at the start. It
/// follows a model that changes, where the online error remembers the beginning for ever.
///
/// # Errors
/// When `window` is 0.
pub fn windowed_error(batches: &[Tally], window: usize) -> Result<Vec<Option<f64>>, MeasureError> {
    if window == 0 {
        return Err(MeasureError::OutOfRange { what: "the window", value: 0, min: 1, max: usize::MAX });
    }
    let seen = |end: usize| batches.iter().take(end).skip(end.saturating_sub(window));
    Ok((1..=batches.len()).map(|end| seen(end).copied().fold(Tally::default(), Tally::with).error()).collect())
}

/// How far the probabilities of one answer may add up to something other than 1, as single precision leaves them.
const SUM_TOLERANCE: f64 = 1e-3;

/// Entropy of every answer in nats, `-sum_c p_c ln p_c`: 0 when the model is sure, `ln(classes)` when it knows nothing. Rows of
/// `probabilities` are answers, columns classes.
///
/// # Errors
/// When a probability is negative or a row does not add up to 1.
pub fn entropies(probabilities: &Features) -> Result<Vec<f64>, MeasureError> {
    let entropy = |row: &[f32]| {
        if let Some(&value) = row.iter().find(|&&value| value < 0.0) {
            return Err(MeasureError::NumberOutOfRange {
                what: "a probability",
                value: value.into(),
                min: 0.0,
                max: 1.0,
            });
        }
        let sum: f64 = row.iter().copied().map(f64::from).sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            let (min, max) = (1.0 - SUM_TOLERANCE, 1.0 + SUM_TOLERANCE);
            return Err(MeasureError::NumberOutOfRange { what: "the sum of an answer", value: sum, min, max });
        }
        // What is impossible adds nothing: p ln p goes to 0 with p.
        let terms = row.iter().copied().map(f64::from).filter(|&value| value > 0.0);
        Ok(-terms.map(|value| value * value.ln()).sum::<f64>())
    };
    probabilities.iter().map(entropy).collect()
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

    #[test]
    fn the_online_error_weighs_answers_not_batches() {
        let batches = [tally(0, 0), tally(4, 1), tally(1, 1), tally(3, 2)];
        assert_eq!(online_error(&batches), [None, Some(0.75), Some(0.6), Some(0.5)]);
        assert_eq!(online_error(&[]), []);
    }

    #[test]
    fn a_window_forgets_what_lies_before_it() {
        let batches = [tally(4, 0), tally(4, 2), tally(4, 4), tally(2, 1)];
        let two = windowed_error(&batches, 2).unwrap();
        assert_eq!(two, [Some(1.0), Some(0.75), Some(0.25), Some(1.0 / 6.0)]);
        assert_eq!(windowed_error(&batches, 1).unwrap(), [Some(1.0), Some(0.5), Some(0.0), Some(0.5)]);
        assert_eq!(windowed_error(&batches, usize::MAX).unwrap(), online_error(&batches));
        assert_eq!(windowed_error(&batches, 0).unwrap_err().to_string().split(';').next(), Some("the window is 0"));
    }

    #[test]
    fn entropy_lies_between_certainty_and_ignorance() {
        let rows = [1.0, 0.0, 0.0, 0.0, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.0, 0.0];
        let found = entropies(&Features::new(&rows, 4).unwrap()).unwrap();
        let expected = [0.0, 4.0_f64.ln(), 2.0_f64.ln()];
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{found:?}");
        for (rows, said) in [([1.5, -0.5], "a probability is -0.5"), ([0.5, 0.25], "the sum of an answer is 0.75")] {
            let refused = entropies(&Features::new(&rows, 2).unwrap()).unwrap_err().to_string();
            assert!(refused.starts_with(said), "{refused}");
        }
    }
}
