//! The one task of the worker: commands, slices of work, pacing.

use lab::{Checkpoint, LabError, Position, Runner, read_model};
use protocol::{
    Command, EngineChoice, EngineKind, Event, Fault, FaultKind, Message, ModelId, Pace, Scenario, StepUnit, Workload,
};

use super::engines::Engines;
use super::files::Datasets;
use super::inbox::Inbox;
use super::outbox::Outbox;
use super::turn::{now_ms, sleep, yield_now};

/// Work done between two looks at the inbox, in milliseconds.
const SLICE_MS: f64 = 12.0;
/// Longest sleep of a slow pace, so that a pause is heard soon.
const NAP_MS: f64 = 40.0;
/// Most steps a second that are looked at one by one.
const ONE_BY_ONE: f64 = 2.0;
/// Time from the start of a model to its first checkpoint, in milliseconds. Each further one lets twice as much go by, up to the most: what an
/// interruption costs is about half of the time that a short model has trained, and seconds of a long one.
const CHECKPOINT_MS: f64 = 2_000.0;
/// See [`CHECKPOINT_MS`].
const CHECKPOINT_MOST_MS: f64 = 10_000.0;
/// Largest share of the time that checkpoints may take.
const CHECKPOINT_SHARE: f64 = 0.02;

/// What the worker holds.
pub struct Session {
    outbox: Outbox,
    engines: Engines,
    datasets: Datasets,
    runner: Option<Runner>,
    goal: Goal,
    pace: Pace,
    stepped_ms: f64,
    /// When the next checkpoint is due, and the time from it to the one after it.
    checkpoint_ms: f64,
    interval_ms: f64,
    /// Whether something was done since the last one.
    stale: bool,
    /// Whether the page knows that the run under way has no checkpoints.
    unkept: bool,
}

/// How far to go on by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Goal {
    /// Not at all.
    Rest,
    /// To the end.
    End,
    /// Until this much is done, counted from the position.
    Unit(StepUnit, Position),
}

/// Why nothing was imported.
enum Unusable {
    /// The files are for a program with more methods.
    Elsewhere,
    /// Why they are for none, in a sentence.
    Refused(String),
}

impl From<LabError> for Unusable {
    fn from(error: LabError) -> Self {
        match error {
            LabError::UnknownMethod(_) if !lab::IS_WIDE => Self::Elsewhere,
            error => Self::Refused(error.to_string()),
        }
    }
}

impl Session {
    /// A session without a run.
    pub fn new(outbox: Outbox) -> Self {
        Self {
            outbox,
            engines: Engines::default(),
            datasets: Datasets::default(),
            runner: None,
            goal: Goal::Rest,
            pace: Pace::default(),
            stepped_ms: 0.0,
            checkpoint_ms: 0.0,
            interval_ms: CHECKPOINT_MS,
            stale: false,
            unkept: false,
        }
    }

    /// Works until the worker is terminated.
    pub async fn run(mut self, inbox: Inbox) {
        loop {
            while let Some((command, buffers)) = inbox.take() {
                self.obey(command, buffers).await;
            }
            if self.goal == Goal::Rest {
                let (stale, wait) = (self.stale, (self.checkpoint_ms - now_ms()).max(0.0));
                let due = async move {
                    match stale {
                        true => sleep(wait as u32).await,
                        false => std::future::pending().await,
                    }
                };
                match inbox.before(due).await {
                    Some((command, buffers)) => self.obey(command, buffers).await,
                    None => self.checkpoint().await,
                }
            } else {
                self.work().await;
                yield_now().await;
            }
        }
    }

    async fn obey(&mut self, command: Command, buffers: Vec<Vec<u8>>) {
        match command {
            Command::Prepare { scenario, engine } => {
                self.rest();
                self.runner = None;
                if let Err(fault) = self.prepare(scenario, engine).await {
                    self.fail(fault);
                }
            }
            Command::Resume => {
                self.rest();
                self.runner = None;
                if let Err(fault) = self.resume(&buffers.concat()).await {
                    self.fail(fault);
                }
            }
            Command::Play => self.go(Goal::End),
            Command::Pause if self.goal != Goal::Rest => {
                self.rest();
                self.checkpoint().await;
            }
            Command::Pause => {}
            Command::Step { unit } => {
                let position = self.runner.as_ref().map(Runner::position);
                if let Some(position) = position {
                    self.go(Goal::Unit(unit, position));
                }
            }
            Command::SetPace { pace } => self.pace = pace,
            Command::Adjust { adjustment } => {
                match self.runner.as_mut().map(|runner| runner.adjust(&adjustment)) {
                    Some(Ok(events)) => self.outbox.events(events),
                    Some(Err(error)) => self.outbox.send(&Message::Refused { reason: error.to_string() }, &[]),
                    // The run that it was meant for is no longer there.
                    None => {}
                }
                self.outbox.flush();
            }
            Command::Export { model } => {
                if let Err(reason) = self.export(model).await {
                    self.outbox.send(&Message::Refused { reason }, &[]);
                }
            }
            Command::Import => match self.import(&buffers).await {
                Ok(()) => self.go(Goal::End),
                Err(Unusable::Elsewhere) => self.outbox.send(&Message::Elsewhere, &buffers),
                Err(Unusable::Refused(reason)) => self.outbox.send(&Message::Refused { reason }, &[]),
            },
            Command::Find => {
                let answer = match &self.runner {
                    Some(runner) => runner.find(buffers.concat()).await.map_err(|error| error.to_string()),
                    None => Err("There is no run whose models could look for it; reset first.".to_owned()),
                };
                let answer = match answer {
                    Ok(nearest) => Message::Found { nearest },
                    Err(reason) => Message::Refused { reason },
                };
                self.outbox.send(&answer, &[]);
            }
            Command::Probe { engine, workload, budget_ms } => {
                let engine = self.engines.get(engine, workload).await;
                let answer = match lab::probe(workload, &engine, budget_ms, now_ms).await {
                    Ok(timing) => Message::Probed(timing),
                    Err(error) => Message::Refused { reason: error.to_string() },
                };
                self.outbox.send(&answer, &[]);
            }
            Command::Lend { paths } => self.datasets.take(paths, buffers),
            // The listener answers it.
            Command::Ping => {}
        }
    }

    fn fail(&self, fault: Fault) {
        self.outbox.events(vec![Event::Faulted { fault }]);
        self.outbox.flush();
    }

    /// Starts or goes on, if there is anything to do.
    fn go(&mut self, goal: Goal) {
        if self.runner.is_some() {
            self.goal = goal;
            self.say_pacing();
        }
    }

    fn rest(&mut self) {
        if self.goal != Goal::Rest {
            self.goal = Goal::Rest;
            self.say_pacing();
        }
    }

    /// Tells the page whether the run goes on by itself, after all events so far.
    fn say_pacing(&self) {
        if let Some(runner) = &self.runner {
            let engine = runner.engine().report().clone();
            self.outbox.send(&Message::Pacing { playing: self.goal == Goal::End, engine }, &[]);
        }
    }

    async fn prepare(&mut self, scenario: Scenario, engine: EngineChoice) -> Result<(), Fault> {
        let dataset = self.datasets.of(&scenario).await?;
        let engine = self.engines.get(engine, Workload::of(&scenario)).await;
        let runner = Runner::new(scenario, dataset, engine, now_ms).map_err(|error| error.fault())?;
        self.begin(runner).await.map_err(|error| error.fault())
    }

    /// Makes ready to go on from a checkpoint, on the kind of engine that it was taken on.
    async fn resume(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let checkpoint = Checkpoint::read(bytes).map_err(|error| error.fault())?;
        let scenario = checkpoint.scenario();
        let dataset = self.datasets.of(scenario).await?;
        let choice = match checkpoint.engine() {
            EngineKind::Cpu => EngineChoice::Cpu,
            EngineKind::Webgpu => EngineChoice::Webgpu,
        };
        let engine = self.engines.get(choice, Workload::of(scenario)).await;
        let right = engine.report().kind == checkpoint.engine();
        let engine = engine.because("The interrupted run began on it.".to_owned());
        let runner = Runner::resume(&checkpoint, dataset, engine, now_ms).await.map_err(|error| match right {
            true => error.fault(),
            // Nothing is wrong with the checkpoint: the page must not forget it.
            false => Fault {
                kind: FaultKind::Engine,
                action: "Resume it when WebGPU is there again.".to_owned(),
                ..error.fault()
            },
        })?;
        self.show(runner).map_err(|error| error.fault())
    }

    /// Takes a fresh runner and gives the page its first events and the test images.
    async fn begin(&mut self, mut runner: Runner) -> Result<(), LabError> {
        self.outbox.events(runner.next().await.unwrap_or_default());
        self.show(runner)
    }

    /// Takes a runner and gives the page the test images.
    fn show(&mut self, runner: Runner) -> Result<(), LabError> {
        let (shape, pixels) = runner.test_pictures()?;
        let sizes = [runner.test_len(), shape.channels, shape.height, shape.width];
        self.runner = Some(runner);
        self.checkpoint_ms = now_ms() + CHECKPOINT_MS;
        (self.interval_ms, self.stale) = (2.0 * CHECKPOINT_MS, false);
        self.unkept = false;
        let [count, channels, height, width] = sizes.map(|size| size as u32);
        self.outbox.send(&Message::Images { count, channels, height, width }, &[pixels]);
        self.say_pacing();
        Ok(())
    }

    /// Gives the page a checkpoint to keep, if there is anything to go on with.
    async fn checkpoint(&mut self) {
        // Also where no run is left: else one would be due at once, again and again.
        self.stale = false;
        let Some(runner) = &self.runner else { return };
        let before_ms = now_ms();
        let taken = runner.checkpoint().await.and_then(|taken| taken.map(|checkpoint| checkpoint.write()).transpose());
        match taken {
            Ok(Some(bytes)) => self.outbox.send(&Message::Checkpointed, &[bytes]),
            Ok(None) => {}
            Err(_) if self.unkept => {}
            Err(error) => {
                self.unkept = true;
                let reason = format!("The run cannot be kept for a reload: {error}");
                self.outbox.send(&Message::Refused { reason }, &[]);
            }
        }
        let (now, took) = (now_ms(), now_ms() - before_ms);
        self.checkpoint_ms = now + self.interval_ms.max(took / CHECKPOINT_SHARE);
        self.interval_ms = (2.0 * self.interval_ms).min(CHECKPOINT_MOST_MS);
    }

    async fn export(&self, model: ModelId) -> Result<(), String> {
        let runner = self.runner.as_ref().ok_or("There is no run to export from; reset first.")?;
        if runner.finished(model).is_none() {
            return Err(format!("{model} is not trained yet; play on until it is."));
        }
        let (card, file) = runner.export(model).await.map_err(|error| error.to_string())?;
        let name = format!("{}.safetensors", card.file_stem());
        let card = serde_json::to_string(&card).map_err(|error| format!("The card has no JSON form: {error}."))?;
        self.outbox.send(&Message::Exported { file: name, card }, &[file.0]);
        Ok(())
    }

    /// Replaces the run by one with the models of these files. The current run stays if a file is refused.
    async fn import(&mut self, files: &[Vec<u8>]) -> Result<(), Unusable> {
        let engine = match &self.runner {
            Some(runner) => runner.engine().clone(),
            None => self.engines.get(EngineChoice::Auto, Workload::MlpStep).await,
        };
        let mut models = Vec::new();
        for bytes in files {
            models.push(read_model(bytes, &engine).await?);
        }
        let scenario = models.first().map(|(card, _)| card.scenario.clone()).unwrap_or_default();
        let dataset = self.datasets.of(&scenario).await.map_err(|fault| Unusable::Refused(fault.message))?;
        let runner = Runner::import(models, dataset, engine, now_ms)?;
        self.rest();
        Ok(self.begin(runner).await?)
    }

    /// Whether each step is looked at: those asked for one by one, and those that come one by one.
    fn is_watched(&self) -> bool {
        match (self.goal, self.pace) {
            (Goal::Unit(unit, _), _) => unit == StepUnit::Batch,
            (_, Pace::StepsPerSecond(rate)) => rate <= ONE_BY_ONE,
            (_, Pace::Full) => false,
        }
    }

    /// Does slices of work for a while, or one at a slow pace.
    async fn work(&mut self) {
        let started_ms = now_ms();
        loop {
            if let Pace::StepsPerSecond(rate) = self.pace
                && self.goal == Goal::End
            {
                let wait = self.stepped_ms + 1000.0 / rate.max(0.1) - now_ms();
                if wait > 1.0 {
                    self.outbox.flush();
                    return sleep(wait.min(NAP_MS) as u32).await;
                }
            }
            let watched = self.is_watched();
            let Some(runner) = &mut self.runner else { return self.rest() };
            self.stepped_ms = now_ms();
            let phase = runner.position().phase;
            if watched {
                runner.attend();
            }
            let Some(events) = runner.next().await else { return self.rest() };
            let position = runner.position();
            self.outbox.events(events);
            self.stale = true;
            if position.phase != phase {
                self.interval_ms = CHECKPOINT_MS;
            }
            if position.phase != phase || now_ms() >= self.checkpoint_ms {
                self.checkpoint().await;
            }
            if self.goal.is_reached(position) {
                return self.rest();
            }
            if now_ms() - started_ms > SLICE_MS || self.pace != Pace::Full {
                return;
            }
        }
    }
}

impl Goal {
    /// Whether a run at `position` has gone as far as asked.
    fn is_reached(self, position: Position) -> bool {
        let Self::Unit(unit, from) = self else { return false };
        let moved_on = position.phase != from.phase;
        match unit {
            StepUnit::Batch => moved_on || position.step > from.step,
            StepUnit::Epoch => {
                let at_edge = position.epoch_steps > 0 && position.step.is_multiple_of(position.epoch_steps);
                moved_on || (position.step > from.step && at_edge)
            }
            StepUnit::Phase => moved_on,
        }
    }
}
