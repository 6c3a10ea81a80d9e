//! How far a run is and how long it will take, from its log alone.

use std::collections::BTreeMap;

use crate::{ModelId, ModelLog, PhaseKind, RunLog, RunState};

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

/// How long the training steps of a run take, with what is measured along the way.
#[derive(Clone, Debug, PartialEq)]
pub struct StepTimes {
    /// Milliseconds of a step, of the models that were timed.
    timed: BTreeMap<ModelId, f64>,
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
        let times = StepTimes::of(log);
        let (mut done, mut left) = (0.0, 0.0);
        for (index, phase) in log.plan.iter().enumerate() {
            let steps = f64::from(phase.steps);
            let model = log.models.get(&phase.model);
            let (ms, steps_done) = match phase.kind {
                PhaseKind::Train => {
                    (times.ms(phase.model).unwrap_or(20.0), model.map_or(0.0, |model| f64::from(model.step)))
                }
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
            seconds_left: (!times.timed.is_empty()).then_some(left / 1000.0),
        }
    }
}

impl StepTimes {
    /// What is known of them by now.
    pub fn of(log: &RunLog) -> Self {
        let beside = beside(log);
        let ms = |(&id, model): (&ModelId, &ModelLog)| {
            // The whole time of a model without losses holds what was measured.
            let more = if model.losses.is_empty() { 1.0 } else { beside };
            Some((id, more * step_ms(model)?))
        };
        Self { timed: log.models.iter().filter_map(ms).collect() }
    }

    /// Milliseconds of a step. A model that was not timed yet is taken to be as slow as the last one that was; `None`
    /// before any was.
    pub fn ms(&self, model: ModelId) -> Option<f64> {
        self.timed.get(&model).or_else(|| self.timed.values().next_back()).copied()
    }
}

/// Milliseconds that a step of a model takes, over all of its steps but the first, at which the machine warms up.
/// `None` until more than that was read; a model without losses is timed as a whole, once it is done.
fn step_ms(model: &ModelLog) -> Option<f64> {
    let ms = match model.losses.as_slice() {
        [] => {
            let steps = model.trained.filter(|&steps| steps > 0);
            model.seconds.zip(steps).map(|(seconds, steps)| 1000.0 * seconds / f64::from(steps))
        }
        [only] if only.step > 1 => Some(1000.0 * only.seconds / f64::from(only.step)),
        [first, .., last] if last.step > first.step => {
            Some(1000.0 * (last.seconds - first.seconds) / f64::from(last.step - first.step))
        }
        _ => None,
    };
    // A clock that stands tells nothing.
    ms.filter(|&ms| ms > 0.0)
}

/// How much longer training takes than its steps, for what is measured along the way: as it was for the models that are
/// trained, from their first reading on, before which the machine warms up.
fn beside(log: &RunLog) -> f64 {
    let times = log.models.values().filter_map(|model| {
        let (warm_up, before) = match model.losses.as_slice() {
            [] => return None,
            [_] => (0.0, 0),
            [first, ..] => (first.seconds, first.step),
        };
        let steps = step_ms(model)? * f64::from(model.trained?.saturating_sub(before)) / 1000.0;
        Some((model.seconds? - warm_up, steps))
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
        log.models.insert(model, ModelLog { step: 50, losses: vec![reading(50, 0.5)], ..ModelLog::default() });
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
            let model_log = ModelLog { step, losses: losses.to_vec(), ..ModelLog::default() };
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
        // As much again as the 100 steps after the first one, whether that is slow or not.
        for warm_up in [0.1, 5.0] {
            let losses = vec![reading(1, warm_up), reading(101, warm_up + 1.0)];
            let seconds = Some(warm_up + 2.0);
            let trained = ModelLog { step: 101, trained: Some(101), seconds, losses, ..ModelLog::default() };
            log.models.insert(first, trained);
            let left = Progress::of(&log).seconds_left.unwrap();
            assert!((left - 2.02).abs() < 1e-9, "{left}");
        }
    }

    #[test]
    fn a_model_without_losses_is_timed_as_a_whole() {
        let [first, second, third] = [1, 2, 3].map(ModelId::deployed);
        let mut log = RunLog { state: RunState::Running, phase: Some(2), ..RunLog::default() };
        log.plan = [first, second, third].map(|model| Phase { kind: PhaseKind::Train, model, steps: 100 }).to_vec();
        // Measuring doubles the time of v1, at 80 ms a step; v2 only answers, at 5 ms with all that is measured of it.
        let losses = vec![reading(1, 0.0), reading(101, 8.0)];
        let trained = ModelLog { step: 101, trained: Some(101), seconds: Some(16.0), losses, ..ModelLog::default() };
        log.models.insert(first, trained);
        let answered = ModelLog { step: 100, trained: Some(100), seconds: Some(0.5), ..ModelLog::default() };
        log.models.insert(second, answered);
        let left = Progress::of(&log).seconds_left.unwrap();
        assert!((left - 0.5).abs() < 1e-9, "{left}");
        // What takes no step tells nothing.
        let fitted = ModelLog { trained: Some(0), seconds: Some(9.0), ..ModelLog::default() };
        log.models.insert(third, fitted);
        assert_eq!(Progress::of(&log).seconds_left, Some(left));
    }
}
