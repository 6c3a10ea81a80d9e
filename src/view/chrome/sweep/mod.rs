//! Several runs at once: which ones, how far they are, what came of them.
//!
//! [`Plan`] makes the list of runs, [`Sweep`] says which one is next and keeps what is known of each; workers are the page's.

mod plan;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use protocol::{Catalogue, Progress, Read, RunLog, Sample, Scenario};

use super::named;
use super::runs::{Band, Comparison, RunRecord};
use crate::view::draw::axis::Axis;
use crate::view::draw::format;
use crate::view::draw::series::{Curves, Dash, Ink, Series};
use crate::view::instruments::matrix::{Metric, sample_words};
use crate::view::upgrade::Upgrade;
pub use plan::{Job, Plan, RUNS, SEEDS, Varied, choices, estimate};

/// Runs that are done several at a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sweep {
    groups: Vec<String>,
    tries: Vec<Try>,
    workers: usize,
    sample: Option<Sample>,
}

/// A run of a sweep.
#[derive(Clone, Debug, PartialEq)]
struct Try {
    job: Job,
    state: State,
    /// Live cross-test mAP in points by step of the new model.
    points: Vec<(u32, f64)>,
    record: Option<RunRecord>,
    /// Whether it was begun anew, for its worker was lost.
    again: bool,
}

/// How far a run of a sweep is. Times are milliseconds of one clock; the seconds count the start of its worker, too, and are for
/// estimates alone.
#[derive(Clone, Debug, PartialEq)]
enum State {
    Waiting,
    Running { since: f64, fraction: f64, left: Option<f64> },
    Done { seconds: f64 },
    Failed(String),
    Cancelled,
}

/// What the list shows of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is called.
    pub name: String,
    /// How far it is, in words.
    pub state: String,
    /// mAP of the cross-test, in points; empty until it is finished.
    pub cross: String,
    /// mAP of the self-test.
    pub own: String,
}

impl Sweep {
    /// None of these runs has begun; `workers` of them may run at a time.
    pub fn new((groups, jobs): (Vec<String>, Vec<Job>), workers: usize) -> Self {
        let fresh = |job| Try { job, state: State::Waiting, points: Vec::new(), record: None, again: false };
        Self { groups, tries: jobs.into_iter().map(fresh).collect(), workers: workers.max(1), sample: None }
    }

    /// The preset that its runs began from.
    pub fn preset(&self) -> String {
        self.tries.first().map(|it| it.job.scenario.preset.clone()).unwrap_or_default()
    }

    /// Scenario and data that its runs are of, as in `Extended class, Fashion-MNIST`.
    pub fn made_of(&self, catalogue: &Catalogue) -> String {
        self.tries.first().map(|it| named::scenario_and_data(&it.job.scenario, catalogue)).unwrap_or_default()
    }

    /// Whether its runs are others than these. A preset is only where settings came from.
    pub fn differs(&self, planned: &[Job]) -> bool {
        let same = |(it, job): (&Try, &Job)| {
            let made = &it.job.scenario;
            *made == (Scenario { preset: made.preset.clone(), ..job.scenario.clone() })
        };
        self.tries.len() != planned.len() || !self.tries.iter().zip(planned).all(same)
    }

    /// Starts the next run, if one waits and a worker is free; gives its position.
    pub fn begin(&mut self, now: f64) -> Option<(usize, Job)> {
        if self.count(|it| matches!(it, State::Running { .. })) >= self.workers {
            return None;
        }
        let (at, next) = self.tries.iter_mut().enumerate().find(|(_, it)| it.state == State::Waiting)?;
        next.state = State::Running { since: now, fraction: 0.0, left: None };
        Some((at, next.job.clone()))
    }

    /// Starts a run under way once more, whose worker was lost; `None` if it was before.
    pub fn begin_anew(&mut self, at: usize, now: f64) -> Option<Job> {
        let it = self.tries.get_mut(at).filter(|it| !it.again && matches!(it.state, State::Running { .. }))?;
        it.state = State::Running { since: now, fraction: 0.0, left: None };
        it.points.clear();
        it.again = true;
        Some(it.job.clone())
    }

    /// Takes in how far a run is.
    pub fn hear(&mut self, at: usize, log: &RunLog) {
        let Some(it) = self.tries.get_mut(at) else { return };
        let Upgrade { old, new, .. } = Upgrade::last(&it.job.scenario);
        let evaluations = log.models.get(&new).map(|model| model.evaluations.as_slice()).unwrap_or_default();
        let points = evaluations.iter().filter_map(|evaluation| {
            let cell = evaluation.cells.iter().find(|cell| (cell.query, cell.gallery) == (new, old))?;
            Some((evaluation.step, 100.0 * cell.all.map))
        });
        it.points = points.collect();
        self.sample = self.sample.or(evaluations.last().map(|evaluation| evaluation.sample));
        if let State::Running { fraction, left, .. } = &mut it.state {
            let progress = Progress::of(log);
            (*fraction, *left) = (progress.fraction.clamp(0.0, 1.0), progress.seconds_left);
        }
    }

    /// A run under way ended: with what is kept of it, or with a sentence that says why not. Later words are not heard.
    pub fn end(&mut self, at: usize, outcome: Result<RunRecord, String>, now: f64) {
        let Some(it) = self.tries.get_mut(at) else { return };
        let State::Running { since, .. } = it.state else { return };
        match outcome {
            Ok(record) => {
                it.state = State::Done { seconds: (now - since).max(0.0) / 1000.0 };
                it.record = Some(record);
            }
            Err(reason) => it.state = State::Failed(reason),
        }
    }

    /// Gives up what is not done.
    pub fn cancel(&mut self) {
        for it in &mut self.tries {
            if matches!(it.state, State::Waiting | State::Running { .. }) {
                it.state = State::Cancelled;
            }
        }
    }

    /// Whether nothing is left to do.
    pub fn is_over(&self) -> bool {
        self.left() == 0
    }

    /// How many of its runs are over, as in `3/12`; `None` once nothing is left to do.
    pub fn under_way(&self) -> Option<String> {
        let left = self.left();
        (left > 0).then(|| format!("{}/{}", self.tries.len() - left, self.tries.len()))
    }

    /// Ids of the kept runs.
    pub fn ids(&self) -> Vec<u64> {
        self.tries.iter().filter_map(|it| Some(it.record.as_ref()?.id)).collect()
    }

    /// Share of the runs that is done, `0..=1`.
    pub fn fraction(&self) -> f64 {
        let of = |it: &Try| match it.state {
            State::Waiting => 0.0,
            State::Running { fraction, .. } => fraction,
            _ => 1.0,
        };
        self.tries.iter().map(of).sum::<f64>() / self.tries.len().max(1) as f64
    }

    /// Expected seconds left; `None` until a step was timed. A run that waits is taken to be as long as those before it.
    pub fn seconds_left(&self, now: f64) -> Option<f64> {
        let mean = |lengths: Vec<f64>| measure::statistics::mean(&lengths);
        let done = |it: &Try| if let State::Done { seconds } = it.state { Some(seconds) } else { None };
        let expected = |it: &Try| match it.state {
            State::Running { since, left, .. } => Some((now - since).max(0.0) / 1000.0 + left?),
            _ => None,
        };
        let all = |length: &dyn Fn(&Try) -> Option<f64>| mean(self.tries.iter().filter_map(length).collect());
        let usual = all(&done).or_else(|| all(&expected))?;
        // What is under way, then each waiting run with the worker that is free first.
        let mut lanes: Vec<f64> = Vec::new();
        for it in &self.tries {
            if let State::Running { since, left, .. } = it.state {
                lanes.push(left.unwrap_or_else(|| (usual - (now - since) / 1000.0).max(0.0)));
            }
        }
        lanes.resize(self.workers.max(lanes.len()), 0.0);
        for _ in 0..self.count(|it| *it == State::Waiting) {
            if let Some(free) = lanes.iter_mut().min_by(|a, b| a.total_cmp(b)) {
                *free += usual;
            }
        }
        lanes.into_iter().max_by(f64::total_cmp)
    }

    /// Whether any of the runs asks the galleries of others.
    pub fn finds(&self, catalogue: &Catalogue) -> bool {
        let methods = self.tries.iter().flat_map(|it| &it.job.scenario.stages).map(|stage| &stage.method.id);
        methods.filter_map(|id| catalogue.method(id)).any(|card| card.reads.contains(&Read::Retrieval))
    }

    /// Where the sweep stands, in a sentence.
    pub fn status(&self, now: f64) -> String {
        let mut text =
            format!("{} of {} finished", self.count(|it| matches!(it, State::Done { .. })), self.tries.len());
        for (word, count) in [
            ("under way", self.count(|it| matches!(it, State::Running { .. }))),
            ("failed", self.count(|it| matches!(it, State::Failed(_)))),
            ("cancelled", self.count(|it| *it == State::Cancelled)),
        ] {
            if count > 0 {
                text += &format!(", {count} {word}");
            }
        }
        match self.seconds_left(now).filter(|_| !self.is_over()) {
            Some(left) => format!("{text}; {}.", format::time_left(left)),
            None => text + ".",
        }
    }

    /// The list of runs.
    pub fn rows(&self) -> Vec<Row> {
        let row = |it: &Try| {
            let last = it.record.as_ref().and_then(RunRecord::last);
            Row {
                name: it.job.name.clone(),
                state: match &it.state {
                    State::Waiting => "waiting".to_owned(),
                    State::Running { fraction, .. } if it.again => {
                        format!("{}, begun anew", format::percent(*fraction))
                    }
                    State::Running { fraction, .. } => format::percent(*fraction),
                    State::Done { seconds } => {
                        // Its own work, as in the list of kept runs.
                        let worked = it.record.as_ref().map_or(*seconds, |record| record.seconds);
                        format!("finished in {}", format::short_seconds(worked))
                    }
                    State::Failed(reason) if it.again => format!("failed twice: {reason}"),
                    State::Failed(reason) => format!("failed: {reason}"),
                    State::Cancelled => "cancelled".to_owned(),
                },
                cross: last.map(|verdict| format::points(verdict.new_old.map)).unwrap_or_default(),
                own: last.map(|verdict| format::points(verdict.new_new.map)).unwrap_or_default(),
            }
        };
        self.tries.iter().map(row).collect()
    }

    /// The finished runs side by side, those that differ in the seed alone taken together.
    pub fn comparison(&self, metric: Metric) -> Comparison {
        let group = |(place, name): (usize, &String)| {
            let of = || self.tries.iter().filter(move |it| it.job.group == place);
            let scenario = of().next()?.job.scenario.clone();
            Some((name.clone(), scenario, of().filter_map(|it| it.record.clone()).collect()))
        };
        Comparison::planned(self.groups.iter().enumerate().filter_map(group).collect(), metric)
    }

    /// Live cross-test over the training of the new model: of each group the mean over its seeds, and their range as a band.
    pub fn bands(&self) -> Curves {
        let seeds = self.tries.iter().filter(|it| it.job.group == 0).count();
        let upgrade = self.tries.first().map(|it| Upgrade::last(&it.job.scenario));
        let pair = upgrade.map(|it| format!("{}/{}", it.new, it.old)).unwrap_or_default();
        let basis = self.sample.map_or_else(|| "live sample".to_owned(), sample_words);
        let seeds = match seeds {
            ..=1 => "one seed, so there is no band",
            _ => "at each step the mean over the seeds that are there by now, and their range as a band",
        };
        let bands = self.groups.iter().enumerate().map(|(place, name)| self.band(place, name));
        Curves {
            series: bands.filter(|series| !series.points.is_empty()).collect(),
            ticks: Vec::new(),
            columns: None,
            x: Axis::Steps,
            y_label: "mAP, points".into(),
            caption: format!("{pair} cross-test, {basis}; {seeds}."),
            empty: "The cross-test appears here once new models train.",
        }
    }

    fn band(&self, place: usize, name: &str) -> Series {
        let mut at: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for (step, value) in self.tries.iter().filter(|it| it.job.group == place).flat_map(|it| &it.points) {
            at.entry(*step).or_default().push(*value);
        }
        let found = |(step, values): (&u32, &Vec<f64>)| Some((f64::from(*step), Band::over(values)?));
        let bands: Vec<(f64, Band)> = at.iter().filter_map(found).collect();
        // Of one run there is no deviation.
        let wide = bands.iter().filter(|(_, band)| band.deviation.is_some());
        Series {
            label: name.to_owned(),
            ink: Ink::Group(place),
            dash: match place % 3 {
                0 => Dash::Solid,
                1 => Dash::Dashed,
                _ => Dash::Dotted,
            },
            points: bands.iter().map(|(step, band)| (*step, band.mean)).collect(),
            mean: None,
            band: wide.map(|(step, band)| (*step, band.low, band.high)).collect(),
        }
    }

    /// How many runs are not over.
    fn left(&self) -> usize {
        self.count(|it| matches!(it, State::Waiting | State::Running { .. }))
    }

    fn count(&self, which: impl Fn(&State) -> bool) -> usize {
        self.tries.iter().filter(|it| which(&it.state)).count()
    }
}
