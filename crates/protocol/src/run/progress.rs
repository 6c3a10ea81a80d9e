//! How far a run is and how long it will take, from its log alone.

use crate::{PhaseKind, RunLog, RunState};

/// Where a run stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Share of the expected time that has passed, `0..=1`.
    pub fraction: f64,
    /// What is being done, in a few words.
    pub phase: String,
    /// Expected seconds left; `None` until a step was timed.
    pub seconds_left: Option<f64>,
}

/// Assumed milliseconds for measuring one pair of models, until the run is over. Only weighs the progress bar.
const MS_PER_PAIR: f64 = 400.0;

impl Progress {
    /// Reads the progress off a log.
    pub fn of(log: &RunLog) -> Self {
        match log.state {
            RunState::Empty => return Self { fraction: 0.0, phase: "Not started".to_owned(), seconds_left: None },
            RunState::Finished => return Self { fraction: 1.0, phase: "Finished".to_owned(), seconds_left: Some(0.0) },
            RunState::Running | RunState::Faulted => {}
        }
        let current = log.phase.unwrap_or(0);
        let last_timed = log.models.values().filter_map(|model| model.ms_per_step).next_back();
        let (mut done, mut left) = (0.0, 0.0);
        for (index, phase) in log.plan.iter().enumerate() {
            let steps = f64::from(phase.steps);
            let model = log.models.get(&phase.model);
            let (ms, steps_done) = match phase.kind {
                // A model that was not timed yet is taken to be as slow as the last one that was.
                PhaseKind::Train => (
                    model.and_then(|model| model.ms_per_step).or(last_timed).unwrap_or(20.0),
                    model.map_or(0.0, |model| f64::from(model.step)),
                ),
                PhaseKind::Measure => (MS_PER_PAIR, 0.0),
            };
            let steps_done = if index < current { steps } else { steps_done.min(steps) };
            done += ms * steps_done;
            left += ms * (steps - steps_done);
        }
        let phase = match log.plan.get(current) {
            Some(phase) if phase.kind == PhaseKind::Train => format!("Training {}", phase.model),
            Some(_) => "Measuring every pair".to_owned(),
            None => "Preparing".to_owned(),
        };
        let total = done + left;
        Self {
            fraction: if total > 0.0 { done / total } else { 0.0 },
            phase,
            seconds_left: last_timed.map(|_| left / 1000.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ModelId, ModelLog, Phase};

    #[test]
    fn a_half_trained_model_is_half_way() {
        let model = ModelId::deployed(1);
        let mut log = RunLog { state: RunState::Running, phase: Some(0), ..RunLog::default() };
        log.plan = vec![Phase { kind: PhaseKind::Train, model, steps: 100 }];
        assert_eq!(Progress::of(&log).seconds_left, None);
        log.models.insert(model, ModelLog { step: 50, ms_per_step: Some(10.0), ..ModelLog::default() });
        let progress = Progress::of(&log);
        assert_eq!((progress.fraction, progress.seconds_left), (0.5, Some(0.5)));
        assert_eq!(progress.phase, "Training v1");
    }
}
