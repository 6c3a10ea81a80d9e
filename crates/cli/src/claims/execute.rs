//! Runs what is wanted: the arms of one preset, seed and order of classes one after the other, on as many threads as there are cores.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{available_parallelism, scope};
use std::time::Instant;

use data::{Dataset, Items, Part};
use lab::claims::{Facts, Pair, asked, rules};
use lab::{Engine, Model, Runner};
use protocol::{ModelId, Reference, RunLog, Scenario, Stage};

use crate::{dataset, run};

/// Runs that may lend each other models: of one preset, one seed and one order of classes.
#[derive(Clone, Debug)]
pub struct Job {
    /// Id of the preset.
    pub preset: &'static str,
    /// Order of the classes.
    pub order: u32,
    /// Seed.
    pub seed: u64,
    /// Whether a part of the training images stands in for the test images.
    pub held_out: bool,
    /// What to run.
    pub wanted: Vec<Wanted>,
}

/// A run.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Name among those of the job.
    pub name: String,
    /// What is run.
    pub scenario: Scenario,
    /// Cells of which groups of queries are kept beside the usual ones.
    pub pairs: Vec<Pair>,
}

/// What came of a run.
pub struct Outcome {
    /// What it found.
    pub facts: Facts,
    /// Seconds of its own work.
    pub seconds: f64,
    /// Seconds of training all of its models. It is charged for those that it borrowed.
    pub trained: f64,
    /// What it said.
    pub log: RunLog,
    /// The run itself, at its end, with its models.
    pub runner: Runner,
}

impl Job {
    /// Whether the two may lend each other models.
    pub fn is_of(&self, other: &Self) -> bool {
        (self.preset, self.order, self.seed, self.held_out) == (other.preset, other.order, other.seed, other.held_out)
    }
}

/// Datasets that are loaded when they are first asked for.
pub struct Datasets {
    folder: PathBuf,
    loaded: BTreeMap<(String, bool), Arc<Dataset>>,
}

impl Datasets {
    /// Those in a folder with a manifest.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), loaded: BTreeMap::new() }
    }

    /// Loads what these jobs need.
    fn load(&mut self, jobs: &[Job]) -> anyhow::Result<()> {
        for job in jobs {
            for Wanted { scenario, .. } in &job.wanted {
                let id = &scenario.data.dataset;
                let key = (id.clone(), job.held_out);
                if data::worlds::world(id).is_none() && !self.loaded.contains_key(&key) {
                    let whole = dataset::of(&self.folder, scenario)?;
                    let loaded = if job.held_out { held_out(&whole)? } else { whole };
                    self.loaded.insert(key, Arc::new(loaded));
                }
            }
        }
        Ok(())
    }
}

/// Of every so many training images of a class one stands in for a test image.
const HELD_OUT: usize = 5;

/// The dataset with a fifth of its training images, every fifth of each class, in the place of its test images.
fn held_out(dataset: &Dataset) -> anyhow::Result<Dataset> {
    let classes = dataset.class_names.len();
    let mut parts = [Vec::new(), Vec::new()];
    for of_class in dataset.train.by_class(classes) {
        for (at, item) in of_class.into_iter().enumerate() {
            let [train, test] = &mut parts;
            if at % HELD_OUT == 0 { test.push(item) } else { train.push(item) }
        }
    }
    let [train, test] = parts.map(|mut picked| {
        picked.sort_unstable();
        part(&dataset.train, &picked, classes)
    });
    Ok(Dataset { train: train?, test: test?, ..dataset.clone() })
}

/// Some of the pictures of a part.
fn part(whole: &Part, picked: &[usize], classes: usize) -> anyhow::Result<Part> {
    let none = || anyhow::anyhow!("settings are chosen on pictures, and this dataset has none");
    let shape = whole.items().image_shape().ok_or_else(none)?;
    let mut pixels = Vec::with_capacity(picked.len() * shape.size());
    let mut labels = Vec::with_capacity(picked.len());
    for &item in picked {
        pixels.extend_from_slice(whole.items().picture(item)?);
        labels.extend(whole.labels().get(item));
    }
    Ok(Part::new(Items::pixels(shape, pixels)?, labels, classes)?)
}

/// Takes what came of a run of a job.
type Sink<'a> = dyn Fn(&Job, &str, &Outcome) -> anyhow::Result<()> + Sync + 'a;

/// Runs all jobs, as far as time allows, and gives each outcome as it comes.
pub fn execute(
    jobs: Vec<Job>,
    datasets: &mut Datasets,
    until: Option<Instant>,
    sink: impl Fn(&Job, &str, &Outcome) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<()> {
    datasets.load(&jobs)?;
    let all = jobs.iter().map(|job| job.wanted.len()).sum();
    let shared = Shared {
        jobs: Mutex::new(jobs.into()),
        datasets: &datasets.loaded,
        asked: asked(rules().map(|(_, rule)| rule)),
        until,
        sink: &sink,
        progress: Progress { started: Instant::now(), all, done: Mutex::new(0) },
    };
    let threads = available_parallelism().map_or(1, usize::from);
    scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&shared))).collect();
        // A thread that died has said why on the terminal; the error is for the exit code.
        let died = || Err(anyhow::anyhow!("a thread of the report died"));
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| died()))
    })
}

/// What the threads share.
struct Shared<'a> {
    jobs: Mutex<VecDeque<Job>>,
    datasets: &'a BTreeMap<(String, bool), Arc<Dataset>>,
    /// What rules ask for of what runs declare.
    asked: BTreeSet<String>,
    until: Option<Instant>,
    sink: &'a Sink<'a>,
    progress: Progress,
}

/// Takes jobs until there are none, or no time.
fn work(shared: &Shared) -> anyhow::Result<()> {
    loop {
        let Some(job) = shared.jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else {
            return Ok(());
        };
        let mut common = Vec::new();
        for wanted in &job.wanted {
            if shared.until.is_some_and(|until| Instant::now() >= until) {
                return Ok(());
            }
            let outcome = finish(shared, &job, wanted, &mut common)?;
            (shared.sink)(&job, &wanted.name, &outcome)?;
            shared
                .progress
                .one_more(&format!("{}, {}, order {}, seed {}", job.preset, wanted.name, job.order, job.seed));
        }
    }
}

/// A model that a run before trained and can lend to the next, with all that decides what came out.
struct Trained {
    scenario: Scenario,
    id: ModelId,
    model: Arc<dyn Model>,
    /// What those that go on from it may ask for.
    numbers: (Vec<f32>, lab::Kept),
    /// Seconds that it took.
    seconds: f64,
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

/// Runs a scenario to its end.
fn finish(shared: &Shared, job: &Job, wanted: &Wanted, common: &mut Vec<Trained>) -> anyhow::Result<Outcome> {
    let scenario = &wanted.scenario;
    let id = &scenario.data.dataset;
    let loaded = || shared.datasets.get(&(id.clone(), job.held_out)).cloned();
    let dataset = match lab::made(scenario)? {
        Some(made) => Arc::new(made),
        None => loaded().ok_or_else(|| anyhow::anyhow!("the dataset {id} is not loaded"))?,
    };
    let engine = Engine::cpu("Chosen for the report.");
    let lent: Vec<&Trained> = common.iter().filter(|trained| trained.serves(scenario)).collect();
    let models = lent.iter().map(|trained| (trained.id, trained.model.clone())).collect();
    let mut runner = Runner::with_models(scenario.clone(), dataset, engine, run::clock, models)?;
    lent.iter().for_each(|trained| runner.take_numbers(trained.id, trained.numbers.clone()));
    let mut log = RunLog::default();
    while let Some(events) = pollster::block_on(runner.next()) {
        events.iter().for_each(|event| log.apply(event));
    }
    if let Some(fault) = &log.fault {
        anyhow::bail!("{}, seed {}: {} {}", wanted.name, job.seed, fault.message, fault.action);
    }
    // A model that an arm does not have, as an arm without ceiling, is none that it borrowed.
    let borrowed = lent.iter().filter(|trained| runner.models().any(|model| model == trained.id));
    let borrowed: f64 = borrowed.map(|trained| trained.seconds).sum();
    let own = log.models.iter().filter_map(|(&id, model)| Some((id, model.seconds?)));
    let trained = own.filter_map(|(id, seconds)| {
        let (model, numbers) = (runner.finished(id)?, runner.numbers(id));
        Some(Trained { scenario: scenario.clone(), id, model, numbers, seconds })
    });
    let trained: Vec<Trained> = trained.collect();
    let seconds: f64 = trained.iter().map(|trained| trained.seconds).sum();
    common.extend(trained);
    Ok(Outcome {
        facts: Facts::of(&log, &wanted.pairs, &shared.asked),
        seconds: log.seconds.unwrap_or_default(),
        trained: seconds + borrowed,
        log,
        runner,
    })
}

/// Says on the terminal how far it is.
struct Progress {
    started: Instant,
    all: usize,
    done: Mutex<usize>,
}

impl Progress {
    fn one_more(&self, what: &str) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        *done += 1;
        let left = self.started.elapsed().as_secs_f64() / *done as f64 * (self.all - *done) as f64;
        eprintln!("claims: {} of {} runs ({what}), about {:.0} min left", *done, self.all, (left / 60.0).ceil());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_the_training_images_of_each_class_stands_in_for_the_test_images() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../public/data");
        let whole = dataset::of(&folder, &run::preset("extended-class").unwrap()).unwrap();
        let held = held_out(&whole).unwrap();
        let count = |part: &Part| part.by_class(10).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!((count(&held.train), count(&held.test)), (vec![800; 10], vec![200; 10]));
        let first = whole.train.by_class(10).first().unwrap().first().copied().unwrap();
        let again = held.test.by_class(10).first().unwrap().first().copied().unwrap();
        assert_eq!(whole.train.items().picture(first).unwrap(), held.test.items().picture(again).unwrap());
    }
}
