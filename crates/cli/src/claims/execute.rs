//! Runs all arms over all seeds: a family of one seed after the other on as many threads as there are cores.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{available_parallelism, scope};
use std::time::Instant;

use data::Dataset;
use lab::{Engine, Model, Runner};
use protocol::{ModelId, RunLog, Scenario, Stage};

use super::arms::{Arm, Family};
use super::outcome::{Outcome, Store};
use crate::{dataset, run};

/// Outcomes of one seed by the name of the arm.
pub type SeedOutcomes = BTreeMap<&'static str, Outcome>;

/// Runs what is not there yet; gives the outcomes seed by seed.
pub fn execute(families: &[Family], seeds: u32, data: &Path, store: &Store) -> anyhow::Result<Vec<SeedOutcomes>> {
    let mut datasets = BTreeMap::new();
    for arm in families.iter().flat_map(|family| &family.arms) {
        let id = &arm.scenario.data.dataset;
        if !datasets.contains_key(id) {
            datasets.insert(id.clone(), Arc::new(dataset::load(data, id)?));
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
    found: Mutex<Vec<SeedOutcomes>>,
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
        let mut common = Common::default();
        for arm in &family.arms {
            let outcome = outcome(shared, arm, seed, &mut common)?;
            let mut found = shared.found.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(outcomes) = found.get_mut(seed as usize - 1) {
                outcomes.insert(arm.name, outcome);
            }
            drop(found);
            shared.progress.one_more(&format!("{}, {}, seed {seed}", family.preset, arm.name));
        }
    }
}

/// What arms that were run before can lend to the next.
#[derive(Default)]
struct Common {
    models: Vec<Trained>,
}

/// A model that was trained, with all that decides what came out.
struct Trained {
    scenario: Scenario,
    id: ModelId,
    model: Arc<dyn Model>,
    seconds: f64,
}

impl Trained {
    /// Whether the model of this name in `other`, which has the same data and seed, would be the same.
    fn serves(&self, other: &Scenario) -> bool {
        let count = usize::from(self.id.stage);
        match (self.id.independent, self.scenario.stage(self.id), other.stage(self.id)) {
            // What trains without compatibility goes by its own settings alone.
            (true, Some(this), Some(that)) => Stage { method: that.method.clone(), ..this.clone() } == *that,
            _ => self.scenario.stages.get(..count) == other.stages.get(..count),
        }
    }
}

/// The outcome of an arm. It is charged for the models that it borrows.
fn outcome(shared: &Shared, arm: &Arm, seed: u32, common: &mut Common) -> anyhow::Result<Outcome> {
    let mut scenario = arm.scenario.clone();
    scenario.seed = u64::from(seed);
    if let Some(outcome) = shared.store.read(&scenario) {
        return Ok(outcome);
    }
    let id = &scenario.data.dataset;
    let dataset = shared.datasets.get(id).cloned().ok_or_else(|| anyhow::anyhow!("the dataset {id} is not loaded"))?;
    let engine = Engine::cpu("Chosen for the report.");
    let lent: Vec<&Trained> = common.models.iter().filter(|trained| trained.serves(&scenario)).collect();
    let models = lent.iter().map(|trained| (trained.id, trained.model.clone())).collect();
    let seconds: Vec<(ModelId, f64)> = lent.iter().map(|trained| (trained.id, trained.seconds)).collect();
    let mut runner = Runner::with_models(scenario.clone(), dataset, engine, run::clock, models)?;
    let mut log = RunLog::default();
    while let Some(events) = pollster::block_on(runner.next()) {
        events.iter().for_each(|event| log.apply(event));
    }
    let mut outcome = Outcome::of(&log)?;
    for (id, seconds) in &outcome.seconds {
        let model =
            runner.finished(*id).map(|model| Trained { scenario: scenario.clone(), id: *id, model, seconds: *seconds });
        common.models.extend(model);
    }
    // A model that an arm does not have, as an arm without ceiling, is none that it borrowed.
    outcome.seconds.extend(seconds.into_iter().filter(|(id, _)| runner.models().any(|model| model == *id)));
    shared.store.write(&scenario, &outcome)?;
    Ok(outcome)
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
