//! What a generator makes up: held against the test items, and against what the model before made of the same noise.
//!
//! All models of a run are given the same noise at every moment, so a sample can be followed through a training and from model to
//! model. A flow takes so many Euler steps for a sample; each number is measured for several of them.

mod yardstick;

use std::collections::BTreeMap;

use burn::tensor::{Tensor, TensorData};
use protocol::{Better, Event, Exhibit, ModelId, Packed, Quantity, Reading, Table, Things};

use crate::engine::read;
use crate::runner::Runner;
use crate::{Engine, Inputs, LabError, Model};
pub(crate) use yardstick::Yardstick;
use yardstick::{Scores, straightness};

/// Steps that a finished model is measured at; the last is what it makes at its best, and what later ones are held against.
const STEPS: [usize; 4] = [1, 2, 4, MANY];
const MANY: usize = 32;
/// Steps that a model is looked at on the way.
const LIVE: [usize; 2] = [1, 4];
/// Samples that are shown of a model, at most.
const SHOWN: usize = 300;

const DISTANCE: &str = "sliced-wasserstein";
const MMD: &str = "mmd";
const COVERAGE: &str = "coverage";
const COVERAGE_OLD: &str = "coverage-old";
const MOVED: &str = "moved";
const STRAIGHTNESS: &str = "straightness";
const MODES: &str = "modes";
const IN_MODES: &str = "in-modes";
const SHARE: &str = "mode-share";
/// Id of the test items as points.
const TARGET: &str = "target";
/// Name of what lies in no mode.
const OUTSIDE: &str = "none";

/// What its numbers mean.
pub(crate) fn quantities() -> Vec<Quantity> {
    let number = |id, name, better, about| Quantity::new(id, name, "", better, about);
    let fraction = Quantity::fraction;
    vec![
        number(
            DISTANCE,
            "Sliced Wasserstein distance",
            Better::Lower,
            "How far samples must be moved to lie as the test items do: W2 along 64 lines, root mean square, in the units of the items.",
        ),
        number(
            STRAIGHTNESS,
            "Straightness",
            Better::Lower,
            "Mean squared distance of the velocity along a path of 32 steps from the straight way between its ends; 0 is straight.",
        ),
        fraction(
            COVERAGE,
            "Coverage",
            Better::Higher,
            "Share of test items with a sample no farther than their fifth neighbour (Naeem et al. 2020); as many fresh items cover about 97 %.",
        ),
        fraction(
            COVERAGE_OLD,
            "Old samples covered",
            Better::Higher,
            "The same share of what the model before made in 32 steps, by samples from the same noise.",
        ),
        number(
            MOVED,
            "Moved",
            Better::Lower,
            "Mean distance between a sample and what the model before made of the same noise in 32 steps.",
        ),
        number(
            MODES,
            "Modes found",
            Better::Higher,
            "Classes that at least one sample lies in: within the distance from their middle that holds 99 % of the test items.",
        ),
        fraction(
            IN_MODES,
            "Samples in a mode",
            Better::Higher,
            "Share of the samples that lie in any class, as 99 % of the test items do.",
        ),
        fraction(
            SHARE,
            "Share of a mode",
            Better::Neither,
            "Share of the samples that lie in a class; the rest lies in none.",
        ),
        number(
            MMD,
            "MMD",
            Better::Lower,
            "Maximum mean discrepancy from the test items, squared and unbiased, so that it can be a little below 0; Gaussian kernel of the median distance.",
        ),
    ]
}

/// What the generators of a run made so far.
pub(crate) struct Samples {
    yardstick: Yardstick,
    made: BTreeMap<ModelId, Made>,
}

/// What a finished model makes.
struct Made {
    /// In [`MANY`] steps, `[noise, width]` row-major.
    best: Vec<f32>,
    /// For each of [`STEPS`].
    scores: Vec<Scores>,
    /// For each of [`STEPS`], beside the model before: what of its samples is covered, and how far samples moved.
    beside: Option<Vec<(f64, f64)>>,
}

impl Samples {
    pub(crate) fn new(yardstick: Yardstick) -> Self {
        Self { yardstick, made: BTreeMap::new() }
    }

    /// The items that samples are held against, as points; nothing where items are no points of the plane.
    pub(crate) fn target(&self, model: ModelId) -> Option<Event> {
        let shown = self.yardstick.real().get(..2 * SHOWN).unwrap_or(self.yardstick.real());
        self.points(TARGET.to_owned(), "Test items".to_owned(), model, 0, shown, "")
    }

    fn points(&self, id: String, title: String, model: ModelId, step: u32, xy: &[f32], behind: &str) -> Option<Event> {
        if self.yardstick.width() != 2 {
            return None;
        }
        let things = Things::Points { xy: Packed(xy.to_vec()), classes: Packed(self.yardstick.nearest(xy)) };
        let exhibit = Exhibit { id, title, model, step, things, behind: behind.to_owned() };
        Some(Event::ExhibitShown { exhibit })
    }

    /// What a model made in so many steps, as points.
    fn shown(&self, model: ModelId, step: u32, steps: usize, made: &[f32]) -> Option<Event> {
        let xy = made.get(..2 * SHOWN).unwrap_or(made);
        self.points(format!("samples-{steps:02}"), format!("Samples in {}", named(steps)), model, step, xy, TARGET)
    }

    /// The noise as the model takes it.
    fn noise(&self, engine: &Engine) -> Inputs {
        let (noise, width) = (self.yardstick.noise(), self.yardstick.width());
        let rows = noise.len() / width.max(1);
        Inputs::Rows(Tensor::from_data(TensorData::new(noise.to_vec(), [rows, width]), engine.device()))
    }

    /// What a model in training makes; nothing of one that makes nothing up.
    async fn look(&self, id: ModelId, step: u32, model: &dyn Model, engine: &Engine) -> Result<Vec<Event>, LabError> {
        let noise = self.noise(engine);
        let (mut readings, mut events) = (Vec::new(), Vec::new());
        for steps in LIVE {
            let Some(made) = model.sample(&noise, steps)? else { return Ok(Vec::new()) };
            let made = read(made.flat()?).await?;
            readings.extend(Reading::of(DISTANCE, named(steps), self.yardstick.distance(&made)?));
            events.extend(self.shown(id, step, steps, &made));
        }
        events.insert(0, Event::Measured { model: id, step, readings });
        Ok(events)
    }

    /// What a finished model makes; nothing of one that makes nothing up. `old` is the model that it goes on from.
    async fn take(
        &mut self,
        id: ModelId,
        step: u32,
        old: Option<ModelId>,
        model: &dyn Model,
        engine: &Engine,
    ) -> Result<Vec<Event>, LabError> {
        let noise = self.noise(engine);
        let mut made = Vec::new();
        for steps in STEPS {
            let Some(samples) = model.sample(&noise, steps)? else { return Ok(Vec::new()) };
            made.push(read(samples.flat()?).await?);
        }
        let mut path = Vec::new();
        for points in model.path(&noise, MANY)? {
            path.push(read(points.flat()?).await?);
        }
        let scores = made.iter().map(|made| self.yardstick.scores(made)).collect::<Result<Vec<_>, _>>()?;
        let beside = match old.and_then(|old| self.made.get(&old)) {
            Some(old) => {
                let beside = made.iter().map(|made| self.yardstick.beside(&old.best, made));
                Some(beside.collect::<Result<Vec<_>, _>>()?)
            }
            None => None,
        };
        let best = made.pop().unwrap_or_default();
        let readings =
            readings(&scores, beside.as_deref(), straightness(self.yardstick.noise(), &path, self.yardstick.width()));
        let mut events = vec![Event::Measured { model: id, step, readings }];
        events.extend(self.shown(id, step, MANY, &best));
        self.made.insert(id, Made { best, scores, beside });
        events.extend(self.tables());
        Ok(events)
    }

    /// What all finished models make so far, by the number of steps.
    fn tables(&self) -> Vec<Event> {
        let models: Vec<String> = self.made.keys().map(ModelId::to_string).collect();
        let steps: Vec<String> = STEPS.map(named).into();
        let table =
            |id: &str, title: &str, rows: Vec<String>, columns: &[String], cells: Vec<f64>| Event::TableMeasured {
                table: Table {
                    id: id.to_owned(),
                    title: title.to_owned(),
                    quantity: id.to_owned(),
                    row_of: "Model".to_owned(),
                    rows,
                    column_of: if id == SHARE { "Mode" } else { "Euler steps" }.to_owned(),
                    columns: columns.to_vec(),
                    cells: Packed(cells.into_iter().map(|cell| cell as f32).collect()),
                },
            };
        // As many training items stand for the best that can be hoped for: two samples of one distribution differ, too.
        let fresh = self.yardstick.fresh();
        let by_steps = |id, title, of: fn(&Scores) -> f64| {
            let rows = std::iter::once("training items".to_owned()).chain(models.clone()).collect();
            let all = self.made.values().flat_map(|made| made.scores.iter().map(of));
            table(id, title, rows, &steps, std::iter::repeat_n(of(fresh), STEPS.len()).chain(all).collect())
        };
        let mut tables = vec![
            by_steps(DISTANCE, "Sliced Wasserstein distance to the test items", |scores| scores.distance),
            by_steps(COVERAGE, "Test items covered", |scores| scores.coverage),
            by_steps(MMD, "MMD from the test items", |scores| scores.mmd),
        ];
        let later: Vec<(&ModelId, &Vec<(f64, f64)>)> =
            self.made.iter().filter_map(|(model, made)| Some((model, made.beside.as_ref()?))).collect();
        let beside = |id, title, of: fn(&(f64, f64)) -> f64| {
            let rows = later.iter().map(|(model, _)| model.to_string()).collect();
            table(id, title, rows, &steps, later.iter().flat_map(|(_, beside)| beside.iter().map(of)).collect())
        };
        if !later.is_empty() {
            tables.push(beside(COVERAGE_OLD, "Samples of the model before that are covered", |both| both.0));
            tables.push(beside(MOVED, "Distance from what the model before made of the same noise", |both| both.1));
        }
        let (mut rows, mut cells) = (Vec::new(), Vec::new());
        let ends = [0, STEPS.len() - 1];
        for (model, made) in &self.made {
            for (steps, scores) in ends.into_iter().filter_map(|at| Some((STEPS.get(at)?, made.scores.get(at)?))) {
                rows.push(format!("{model}, {}", named(*steps)));
                cells.extend(scores.modes.shares());
                cells.push(scores.modes.outside as f64 / scores.modes.total() as f64);
            }
        }
        let mut columns = self.yardstick.names().to_vec();
        columns.push(OUTSIDE.to_owned());
        tables.push(table(SHARE, "Share of the samples in each mode", rows, &columns, cells));
        tables
    }
}

/// So many steps, in words.
fn named(steps: usize) -> String {
    if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") }
}

/// The readings of a finished model.
fn readings(scores: &[Scores], beside: Option<&[(f64, f64)]>, straightness: Option<f64>) -> Vec<Reading> {
    let mut readings: Vec<Reading> =
        straightness.and_then(|value| Reading::of(STRAIGHTNESS, "", value)).into_iter().collect();
    for (steps, scores) in STEPS.into_iter().map(named).zip(scores) {
        let all = [
            (DISTANCE, scores.distance),
            (MMD, scores.mmd),
            (COVERAGE, scores.coverage),
            (MODES, scores.modes.reached() as f64),
            (IN_MODES, 1.0 - scores.modes.outside as f64 / scores.modes.total() as f64),
        ];
        readings.extend(all.into_iter().filter_map(|(quantity, value)| Reading::of(quantity, steps.clone(), value)));
    }
    for (steps, &(covered, moved)) in STEPS.into_iter().map(named).zip(beside.unwrap_or_default()) {
        readings.extend(Reading::of(COVERAGE_OLD, steps.clone(), covered));
        readings.extend(Reading::of(MOVED, steps, moved));
    }
    readings
}

impl Runner {
    /// Looks at what a model in training makes.
    pub(crate) async fn samples_live(&self, id: ModelId, step: u32, model: &dyn Model) -> Result<Vec<Event>, LabError> {
        match &self.further.generated {
            Some(samples) => samples.look(id, step, model, &self.engine).await,
            None => Ok(Vec::new()),
        }
    }

    /// Looks at what a finished model makes.
    pub(crate) async fn samples(&mut self, id: ModelId, model: &dyn Model) -> Result<Vec<Event>, LabError> {
        let old = self.plan.parents(id).first().copied();
        let step = self.steps.get(&id).copied().unwrap_or(0);
        match &mut self.further.generated {
            Some(samples) => samples.take(id, step, old, model, &self.engine).await,
            None => Ok(Vec::new()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
