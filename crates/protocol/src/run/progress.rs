//! How far a run is and how long it will take, from its log alone.

use crate::{ModelLog, PhaseKind, RunLog, RunState};

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
/// Most that measuring along the way is taken to add to the time of steps.
const MOST_BESIDE: f64 = 5.0;

impl Progress {
    /// Reads the progress off a log.
    pub fn of(log: &RunLog) -> Self {
        match log.state {
            RunState::Empty => return Self { fraction: 0.0, phase: "Not started".to_owned(), seconds_left: None },
            RunState::Finished => return Self { fraction: 1.0, phase: "Finished".to_owned(), seconds_left: Some(0.0) },
            RunState::Running | RunState::Faulted => {}
        }
        let current = log.phase.unwrap_or(0);
        let last_timed = log.models.values().filter_map(step_ms).next_back();
        let beside = beside(log);
        let (mut done, mut left) = (0.0, 0.0);
        for (index, phase) in log.plan.iter().enumerate() {
            let steps = f64::from(phase.steps);
            let model = log.models.get(&phase.model);
            let (ms, steps_done) = match phase.kind {
                // A model that was not timed yet is taken to be as slow as the last one that was.
                PhaseKind::Train => (
                    beside * model.and_then(step_ms).or(last_timed).unwrap_or(20.0),
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

/// Milliseconds that a step of a model takes, over all of its steps but the first, at which the machine warms up. `None` until more than
/// that was read; a model without losses is taken at its last word.
fn step_ms(model: &ModelLog) -> Option<f64> {
    let ms = match model.losses.as_slice() {
        [] => model.ms_per_step,
        [only] if only.step > 1 => Some(1000.0 * only.seconds / f64::from(only.step)),
        [first, .., last] if last.step > first.step => {
            Some(1000.0 * (last.seconds - first.seconds) / f64::from(last.step - first.step))
        }
        _ => None,
    };
    // A clock that stands tells nothing.
    ms.filter(|&ms| ms > 0.0)
}

/// How much longer training takes than its steps, for what is measured along the way: as it was for the models that are trained.
fn beside(log: &RunLog) -> f64 {
    let times = log.models.values().filter_map(|model| {
        let steps = step_ms(model)? * f64::from(model.trained?) / 1000.0;
        Some((model.seconds?, steps))
    });
    let (took, steps) = times.fold((0.0, 0.0), |(took, steps), (seconds, step)| (took + seconds, steps + step));
    if steps > 0.0 { (took / steps).clamp(1.0, MOST_BESIDE) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LossPoint, ModelId, Phase};

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

    fn reading(step: u32, seconds: f64) -> LossPoint {
        LossPoint { step, epoch: 0.0, seconds, rate: 0.0, total: 1.0, terms: Vec::new(), orthogonality: None }
    }

    #[test]
    fn a_slow_first_step_does_not_stretch_what_is_left() {
        let model = ModelId::deployed(1);
        let mut log = RunLog { state: RunState::Running, phase: Some(0), ..RunLog::default() };
        log.plan = vec![Phase { kind: PhaseKind::Train, model, steps: 100 }];
        let mut left = |step: u32, losses: &[LossPoint]| {
            let model_log = ModelLog { step, ms_per_step: Some(300.0), losses: losses.to_vec(), ..ModelLog::default() };
            log.models.insert(model, model_log);
            Progress::of(&log).seconds_left
        };
        assert_eq!(left(1, &[reading(1, 0.3)]), None, "of the first step alone nothing follows");
        let two = left(11, &[reading(1, 0.3), reading(11, 0.4)]).unwrap();
        assert!((two - 0.89).abs() < 1e-9, "{two}");
        // One slow reading among many moves it little.
        let many = left(31, &[reading(1, 0.3), reading(11, 0.4), reading(21, 0.7), reading(31, 0.8)]).unwrap();
        assert!((many - 69.0 * 0.5 / 30.0).abs() < 1e-9, "{many}");
    }

    #[test]
    fn measuring_along_the_way_counts_as_it_did_before() {
        let (first, second) = (ModelId::deployed(1), ModelId::deployed(2));
        let mut log = RunLog { state: RunState::Running, phase: Some(1), ..RunLog::default() };
        log.plan = [first, second].map(|model| Phase { kind: PhaseKind::Train, model, steps: 101 }).to_vec();
        let losses = vec![reading(1, 0.1), reading(101, 1.1)];
        let trained = ModelLog { step: 101, trained: Some(101), seconds: Some(2.02), losses, ..ModelLog::default() };
        log.models.insert(first, trained);
        let left = Progress::of(&log).seconds_left.unwrap();
        assert!((left - 2.02).abs() < 1e-9, "{left}");
    }
}
