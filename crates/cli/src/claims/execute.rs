//! Runs all arms over all seeds: those of one preset and one seed one after the other, on as many threads as there are cores.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{available_parallelism, scope};
use std::time::Instant;

use data::Dataset;
use lab::claims::Arm;
use lab::claims::evaluate::Logs;
use lab::{Engine, Model, Runner};
use protocol::{Event, ModelId, Reference, RunLog, Scenario, Stage};

use super::store::{Kept, Store};
use crate::{dataset, run};

/// Arms of one preset: over the same data and schedule, unless an arm says otherwise.
pub struct Family {
    preset: &'static str,
    arms: Vec<(&'static str, Scenario)>,
}

/// Every arm that a rule is about, by presets; with `quick`, of little data and few epochs.
pub fn families(quick: bool) -> anyhow::Result<Vec<Family>> {
    let mut families: Vec<Family> = Vec::new();
    for arm in lab::claims::arms() {
        let scenario = scenario(arm, quick)?;
        match families.iter_mut().find(|family| family.preset == arm.preset) {
            Some(family) => family.arms.push((arm.name, scenario)),
            None => families.push(Family { preset: arm.preset, arms: vec![(arm.name, scenario)] }),
        }
    }
    Ok(families)
}

/// The scenario of an arm, with the preset's seed.
pub fn scenario(arm: &Arm, quick: bool) -> anyhow::Result<Scenario> {
    let mut preset = run::preset(arm.preset)?;
    if quick {
        hurry(&mut preset);
    }
    Ok(arm.scenario(&preset))
}

/// Enough for every part to run, too little for anything to be learned.
fn hurry(scenario: &mut Scenario) {
    scenario.data.train_per_class = 40;
    scenario.data.test_per_class = 20;
    for stage in &mut scenario.stages {
        stage.schedule.epochs = 1;
        // Of a stream in use one severity instead of all five.
        if let Some(batch) = stage.sees.get_mut("stream_batch") {
            *batch = batch.max(16.0);
            stage.sees.insert("severity".to_owned(), 5.0);
        }
    }
}

/// Runs what is not there yet; gives the logs seed by seed.
pub fn execute(families: &[Family], seeds: u32, data: &Path, store: &Store) -> anyhow::Result<Vec<Logs>> {
    let mut datasets = BTreeMap::new();
    for (_, scenario) in families.iter().flat_map(|family| &family.arms) {
        let id = &scenario.data.dataset;
        if !datasets.contains_key(id) && data::worlds::world(id).is_none() {
            datasets.insert(id.clone(), Arc::new(dataset::of(data, scenario)?));
        }
    }
    let jobs = (1..=seeds).flat_map(|seed| families.iter().map(move |family| (seed, family)));
    let shared = Shared {
        jobs: Mutex::new(jobs.collect()),
        found: Mutex::new(vec![BTreeMap::new(); seeds as usize]),
        progress: Progress::new(families.iter().map(|family| family.arms.len()).sum::<usize>() * seeds as usize),
        datasets,
        store,
    };
    let threads = available_parallelism().map_or(1, usize::from);
    scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&shared))).collect();
        // A thread that died has said why on the terminal; the error is for the exit code.
        let died = || Err(anyhow::anyhow!("a thread of the report died"));
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| died()))
    })?;
    Ok(shared.found.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// What the threads share.
struct Shared<'a> {
    jobs: Mutex<VecDeque<(u32, &'a Family)>>,
    found: Mutex<Vec<Logs>>,
    progress: Progress,
    datasets: BTreeMap<String, Arc<Dataset>>,
    store: &'a Store,
}

/// Takes jobs until there are none.
fn work(shared: &Shared) -> anyhow::Result<()> {
    loop {
        let Some((seed, family)) = shared.jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else {
            return Ok(());
        };
        let mut common = Vec::new();
        for (name, scenario) in &family.arms {
            let scenario = Scenario { seed: u64::from(seed), ..scenario.clone() };
            let log = match shared.store.read(&scenario) {
                Some(log) => log,
                None => finish(shared, scenario, &mut common)?,
            };
            let mut found = shared.found.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(logs) = found.get_mut(seed as usize - 1) {
                logs.insert(name, log);
            }
            drop(found);
            shared.progress.one_more(&format!("{}, {name}, seed {seed}", family.preset));
        }
    }
}

/// A model that an arm before trained and can lend to the next, with all that decides what came out.
struct Trained {
    scenario: Scenario,
    id: ModelId,
    model: Arc<dyn Model>,
    /// What those that go on from it may ask for.
    numbers: (Vec<f32>, lab::Kept),
    /// What the run said of it.
    event: Event,
}

impl Trained {
    /// Whether the model of this name in `other`, which has the same seed, would be the same.
    fn serves(&self, other: &Scenario) -> bool {
        if self.scenario.data != other.data {
            return false;
        }
        let count = usize::from(self.id.stage);
        match (self.id.independent, self.scenario.stage(self.id), other.stage(self.id)) {
            // What trains without compatibility goes by its own settings alone, and by what its method is held against; what the stage
            // sees of a task or knows of tampering is not for it.
            (true, Some(this), Some(that)) => {
                let (method, sees) = (that.method.clone(), that.sees.clone());
                reference(this) == reference(that) && Stage { method, sees, ..this.clone() } == *that
            }
            _ => self.scenario.stages.get(..count) == other.stages.get(..count),
        }
    }
}

/// What the method of a stage is held against.
fn reference(stage: &Stage) -> Option<Reference> {
    lab::methods::method(&stage.method.id).ok().map(|method| (method.card)().reference)
}

/// Runs a scenario to its end and keeps it. It is charged for the models that it borrows: their training is among its facts.
fn finish(shared: &Shared, scenario: Scenario, common: &mut Vec<Trained>) -> anyhow::Result<RunLog> {
    let id = &scenario.data.dataset;
    let loaded = || shared.datasets.get(id).cloned();
    let dataset = match lab::made(&scenario)? {
        Some(made) => Arc::new(made),
        None => loaded().ok_or_else(|| anyhow::anyhow!("the dataset {id} is not loaded"))?,
    };
    let engine = Engine::cpu("Chosen for the report.");
    let lent: Vec<&Trained> = common.iter().filter(|trained| trained.serves(&scenario)).collect();
    let models = lent.iter().map(|trained| (trained.id, trained.model.clone())).collect();
    let mut runner = Runner::with_models(scenario.clone(), dataset, engine, run::clock, models)?;
    lent.iter().for_each(|trained| runner.take_numbers(trained.id, trained.numbers.clone()));
    let mut kept = Kept::default();
    while let Some(events) = pollster::block_on(runner.next()) {
        events.into_iter().for_each(|event| kept.push(event));
    }
    // A model that an arm does not have, as an arm without ceiling, is none that it borrowed.
    let borrowed = lent.iter().filter(|trained| runner.models().any(|model| model == trained.id));
    let borrowed: Vec<Event> = borrowed.map(|trained| trained.event.clone()).collect();
    let trained = kept.trained().filter_map(|(id, event)| {
        let (model, numbers) = (runner.finished(id)?, runner.numbers(id));
        Some(Trained { scenario: scenario.clone(), id, model, numbers, event: event.clone() })
    });
    let trained: Vec<Trained> = trained.collect();
    let events = kept.with(borrowed);
    let log = RunLog::of(&events);
    if let Some(fault) = &log.fault {
        anyhow::bail!("{} {}", fault.message, fault.action);
    }
    common.extend(trained);
    shared.store.write(&scenario, &events)?;
    Ok(log)
}

/// Says on the terminal how far it is.
struct Progress {
    started: Instant,
    all: usize,
    done: Mutex<usize>,
}

impl Progress {
    fn new(all: usize) -> Self {
        Self { started: Instant::now(), all, done: Mutex::new(0) }
    }

    fn one_more(&self, what: &str) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        *done += 1;
        let left = self.started.elapsed().as_secs_f64() / *done as f64 * (self.all - *done) as f64;
        eprintln!("claims: {} of {} runs ({what}), about {:.0} min left", *done, self.all, (left / 60.0).ceil());
    }
}
