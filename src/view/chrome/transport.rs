//! The status line of the transport: what is being done, how far it is, how long it will take.

use protocol::{ModelId, Pace, Phase, PhaseKind, Progress, RunLog, RunState};

use crate::view::draw::format;

/// What the transport shows.
#[derive(Clone, Debug, PartialEq)]
pub struct TransportView {
    /// Share of the expected time that has passed, `0..=1`.
    pub fraction: f64,
    /// What is being done.
    pub status: String,
    /// What is left, or what it took; may be empty.
    pub time: String,
    /// Step and milliseconds per step of the model in training; may be empty.
    pub detail: String,
}

/// Seconds of a step in slow motion.
pub const SLOW_STEP_SECONDS: f64 = 1.5;

/// Stops of the speed slider: steps a second; after them come full speed, and full speed that skips drawing.
const PACES: [f64; 10] = [1.0 / SLOW_STEP_SECONDS, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0];

/// Position of full speed on the speed slider.
pub const FULL_SPEED: usize = PACES.len();

/// Position of slow motion on the speed slider.
pub const SLOW_MOTION: usize = 0;

/// The end of the speed slider: full speed, and the page draws once a second at most.
pub const SKIPS_DRAWING: usize = FULL_SPEED + 1;

/// The pace at a stop of the speed slider.
pub fn pace(stop: usize) -> Pace {
    PACES.get(stop).map_or(Pace::Full, |&steps| Pace::StepsPerSecond(steps))
}

/// A stop of the speed slider in words.
pub fn pace_label(stop: usize) -> String {
    match pace(stop) {
        Pace::Full if stop >= SKIPS_DRAWING => "full speed, skips drawing".to_owned(),
        Pace::Full => "full speed".to_owned(),
        Pace::StepsPerSecond(_) if stop == SLOW_MOTION => "slow motion".to_owned(),
        Pace::StepsPerSecond(1.0) => "1 step/s".to_owned(),
        Pace::StepsPerSecond(steps) => format!("{steps} steps/s"),
    }
}

/// Whether there is anything left to run.
pub fn can_run(log: &RunLog) -> bool {
    matches!(log.state, RunState::Empty | RunState::Running)
}

impl TransportView {
    /// The status of `log`; `playing` is the worker's word on whether the run goes on by itself.
    pub fn of(log: &RunLog, playing: bool) -> Self {
        let progress = Progress::of(log);
        let status = match log.state {
            RunState::Empty => "Ready".to_owned(),
            RunState::Finished => "Finished".to_owned(),
            RunState::Faulted => "Stopped by a fault".to_owned(),
            RunState::Running if playing => progress.phase.clone(),
            RunState::Running if log.models.is_empty() => "Ready".to_owned(),
            RunState::Running => match trained(log) {
                Some(model) => format!("Paused: {model} is trained"),
                None => format!("Paused: {}", lower_first(&progress.phase)),
            },
        };
        let time = match (log.state, log.seconds, progress.seconds_left) {
            (RunState::Finished, Some(seconds), _) => format!("took {}", format::seconds(seconds)),
            (RunState::Running, _, Some(left)) => format::time_left(left),
            _ => String::new(),
        };
        Self { fraction: progress.fraction.clamp(0.0, 1.0), status, time, detail: detail(log) }
    }

    /// The status of a recorded run, which cannot go on by itself; `log` is of any moment of it. `opened` says that the reader opened it,
    /// which the line above the panels says too.
    pub fn recorded(log: &RunLog, opened: bool) -> Self {
        let made = log.engine.as_ref().map(|engine| format!("made on {}", engine.name)).unwrap_or_default();
        let status = if opened { "Opened run" } else { "Recorded run" };
        Self { fraction: 1.0, status: status.to_owned(), time: String::new(), detail: made }
    }
}

/// A moment of a run in words: what trained then, else its place among `count` moments, counted from 1.
pub fn moment(step: Option<(ModelId, u32)>, place: usize, count: usize) -> String {
    match step {
        Some((model, step)) => format!("{model}, step {}", format::count(u64::from(step))),
        None => format!("moment {} of {count}", place + 1),
    }
}

/// Where a run stands, for whoever is asked whether it should go on.
pub fn place(log: &RunLog) -> String {
    let phase = log.phase.and_then(|phase| log.plan.get(phase));
    match phase {
        Some(Phase { kind: PhaseKind::Train, model, steps }) => {
            let step = log.models.get(model).map_or(0, |model| model.step);
            format!("{model}, step {} of {}", format::count(u64::from(step)), format::count(u64::from(*steps)))
        }
        Some(_) => "the final measurement".to_owned(),
        None => "its start".to_owned(),
    }
}

/// The model of the phase under way, if its training is over.
fn trained(log: &RunLog) -> Option<ModelId> {
    let phase = log.phase.and_then(|phase| log.plan.get(phase))?;
    let over = phase.kind == PhaseKind::Train && log.models.get(&phase.model)?.trained.is_some();
    over.then_some(phase.model)
}

/// Step and speed of the model in training.
fn detail(log: &RunLog) -> String {
    let current = log.phase.and_then(|phase| log.plan.get(phase));
    let Some((phase, model)) = current.and_then(|phase| Some((phase, log.models.get(&phase.model)?))) else {
        return String::new();
    };
    let speed = model.ms_per_step.map(|ms| format!(", {ms:.1} ms per step")).unwrap_or_default();
    match model.trained {
        Some(_) => String::new(),
        None => {
            format!("step {} of {}{speed}", format::count(u64::from(model.step)), format::count(u64::from(phase.steps)))
        }
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use protocol::Event;

    use super::*;
    use crate::view::testing::half_way;

    #[test]
    fn the_status_names_phase_time_and_speed() {
        let view = TransportView::of(&half_way(), true);
        assert_eq!(view.status, "Training v2");
        assert_eq!(view.time, "about 4 s left", "as much is measured along the way as for the models before");
        assert_eq!(view.detail, "step 20 of 80, 10.0 ms per step");
        assert_eq!(TransportView::of(&half_way(), false).status, "Paused: training v2");
        assert_eq!(place(&half_way()), "v2, step 20 of 80");
        assert_eq!(place(&RunLog::default()), "its start");
    }

    #[test]
    fn between_two_models_the_first_is_done() {
        let mut log = half_way();
        log.apply(&Event::ModelTrained {
            model: ModelId::deployed(2),
            steps: 80,
            seconds: 1.5,
            parameters: 9,
            dims: 32,
        });
        assert_eq!(TransportView::of(&log, false).status, "Paused: v2 is trained");
    }

    #[test]
    fn a_finished_run_says_what_it_took_and_cannot_go_on() {
        let mut log = half_way();
        log.apply(&Event::RunFinished { seconds: 41.2 });
        let view = TransportView::of(&log, false);
        assert_eq!((view.status.as_str(), view.time.as_str(), can_run(&log)), ("Finished", "took 41 s", false));
        assert_eq!(TransportView::of(&RunLog::default(), false).status, "Ready");
        assert_eq!(TransportView::recorded(&log, false).status, "Recorded run");
        assert_eq!(TransportView::recorded(&log, true).status, "Opened run");
    }

    #[test]
    fn the_end_of_the_slider_is_full_speed() {
        assert_eq!(
            (pace(1), pace(FULL_SPEED), pace(SKIPS_DRAWING)),
            (Pace::StepsPerSecond(1.0), Pace::Full, Pace::Full)
        );
        assert!(
            matches!(pace(SLOW_MOTION), Pace::StepsPerSecond(rate) if (1.0 / rate - SLOW_STEP_SECONDS).abs() < 1e-9)
        );
        let labels = [SLOW_MOTION, 1, FULL_SPEED - 1, FULL_SPEED, SKIPS_DRAWING].map(pace_label);
        assert_eq!(labels, ["slow motion", "1 step/s", "500 steps/s", "full speed", "full speed, skips drawing"]);
    }
}
