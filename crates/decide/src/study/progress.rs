//! How much of a study is done.

use crate::{DecideError, Pulse};

/// Shares of the whole that are done when the vectors are examined, both models ranked, maps fitted, options judged, half-migrated indexes
/// and cut-offs measured. What is left is the number of pairs.
pub(super) const EXAMINED: f64 = 0.05;
pub(super) const RANKED: f64 = 0.15;
pub(super) const FITTED: f64 = 0.4;
pub(super) const JUDGED: f64 = 0.8;
pub(super) const MIXED: f64 = 0.88;
pub(super) const CUT: f64 = 0.9;

/// Tells what is being done and the share of the whole that is, chapter by chapter: each has a part of the whole, and its steps share that
/// by weights that are known when it begins. So the share never falls, however a chapter turns out.
pub(super) struct Progress<'a> {
    stage: &'a mut dyn FnMut(&str, f64) -> Result<(), DecideError>,
    /// Where the chapter begins and ends, in `0..=1`.
    start: f64,
    end: f64,
    /// What its steps weigh together, and those that are done.
    total: f64,
    done: f64,
}

impl<'a> Progress<'a> {
    pub(super) fn new(stage: &'a mut dyn FnMut(&str, f64) -> Result<(), DecideError>) -> Self {
        Self { stage, start: 0.0, end: 0.0, total: 1.0, done: 0.0 }
    }

    /// Begins a chapter that ends when the share `end` of the whole is done.
    pub(super) fn chapter(&mut self, end: f64, total: f64) {
        (self.start, self.end, self.total, self.done) = (self.end, end, total.max(1.0), 0.0);
    }

    /// Does one step and tells of it.
    pub(super) fn step<T>(
        &mut self,
        name: &str,
        weight: f64,
        work: impl FnOnce(Pulse<'_>) -> Result<T, DecideError>,
    ) -> Result<T, DecideError> {
        let (start, length, total, done) = (self.start, self.end - self.start, self.total, self.done);
        let share = |part: f64| start + length * ((done + weight * part.clamp(0.0, 1.0)) / total).min(1.0);
        let stage = &mut *self.stage;
        stage(name, share(0.0))?;
        let made = work(&mut |part| stage(name, share(part)));
        self.done += weight;
        made
    }
}

/// Lets only being broken off end a study: what else goes wrong with one option is a reason not to offer it.
pub(super) fn attempt<T>(result: Result<T, DecideError>) -> Result<Result<T, String>, DecideError> {
    match result {
        Ok(made) => Ok(Ok(made)),
        Err(DecideError::Cancelled) => Err(DecideError::Cancelled),
        Err(error) => Ok(Err(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_share_their_chapter() {
        let mut told = Vec::new();
        let mut stage = |name: &str, share: f64| {
            told.push((name.to_owned(), share));
            Ok(())
        };
        let mut progress = Progress::new(&mut stage);
        progress.chapter(0.5, 4.0);
        progress.step("one", 1.0, |pulse| pulse(0.5)).unwrap();
        progress.step("two", 3.0, |pulse| pulse(2.0)).unwrap();
        progress.step("more than was planned", 8.0, |pulse| pulse(1.0)).unwrap();
        progress.chapter(1.0, 0.0);
        assert_eq!(progress.step("three", 1.0, |_| Ok(7)), Ok(7));
        let shares: Vec<f64> = told.iter().map(|(_, share)| *share).collect();
        assert_eq!(shares, [0.0, 0.0625, 0.125, 0.5, 0.5, 0.5, 0.5]);
        assert_eq!((told[1].0.as_str(), told[6].0.as_str()), ("one", "three"));
    }

    #[test]
    fn only_breaking_off_ends_a_study() {
        assert_eq!(attempt(Ok(1)), Ok(Ok(1)));
        assert_eq!(attempt::<()>(Err(DecideError::Cancelled)), Err(DecideError::Cancelled));
        assert_eq!(attempt::<()>(Err(DecideError::Judgement)), Ok(Err(DecideError::Judgement.to_string())));
    }
}
