//! What a model knows: the share of right answers, task by task, and what became of it model after model.
//!
//! A *task* is the classes that a stage sees and none before it saw. A model answers in two ways that must be told apart: among all
//! classes that it knows (*class-incremental*: it must also tell tasks from each other), or among those of the item's task alone
//! (*task-incremental*: it is told which task it is).

mod transfer;

use std::collections::{BTreeMap, BTreeSet};

use data::Part;
use measure::forgetting::TaskScores;
use protocol::{Better, Event, ModelId, Packed, Quantity, Reading, Table};

use crate::answers::highest;
use crate::engine::read;
use crate::images::answers;
use crate::runner::Runner;
use crate::stored::Embedded;
use crate::{LabError, Model, normalize};

/// Id of the share of right answers among all classes that a model knows; also of its table.
pub(crate) const ACCURACY: &str = "accuracy";
/// Id of the share of right answers among the classes of the item's task; also of its table.
pub(crate) const ACCURACY_WITHIN: &str = "accuracy-within";
const AVERAGE: &str = "average-accuracy";
const FORGETTING_BEST: &str = "forgetting-best";
const FORGETTING_FIRST: &str = "forgetting-first";
const BACKWARD: &str = "backward-transfer";
const FORWARD: &str = "forward-transfer";

/// Scores of a model for every test item, as it answers.
#[derive(Clone, Debug)]
pub(crate) struct Scores {
    /// `[items, classes]` row-major; the largest of a row is the answer.
    pub(crate) values: Vec<f32>,
    /// Classes that it knows: the first so many.
    pub(crate) classes: usize,
}

impl Scores {
    /// What a classifier makes of embeddings.
    ///
    /// # Shapes
    /// - rows: `[items, dims]`, row-major
    /// - classifier: `[classes, dims]`, row-major
    fn of(rows: &[f32], classifier: &[f32], dims: usize) -> Self {
        let score = |row: &[f32], class: &[f32]| row.iter().zip(class).map(|(left, right)| left * right).sum();
        let classes = classifier.chunks_exact(dims.max(1));
        let values = rows.chunks_exact(dims.max(1)).flat_map(|row| classes.clone().map(move |class| score(row, class)));
        Self { values: values.collect(), classes: classes.len() }
    }

    /// The answer for each item among all classes that it knows.
    #[cfg(feature = "wide")]
    pub(crate) fn answers(&self) -> Vec<Option<u32>> {
        let items = self.values.len().checked_div(self.classes).unwrap_or_default();
        (0..items).map(|item| self.answer(item, (0..).take(self.classes))).collect()
    }

    /// The answer for an item among these classes; `None` if it knows none of them.
    fn answer(&self, item: usize, among: impl Iterator<Item = u32>) -> Option<u32> {
        let scores = self.values.get(item * self.classes..(item + 1) * self.classes)?;
        let score = |class: u32| Some((class, *scores.get(class as usize)?));
        highest(among.filter_map(score))
    }
}

/// Classes that come together.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Task {
    /// Position of the deployed model that learns it.
    learned: usize,
    classes: BTreeSet<u32>,
}

/// Accuracies of all models of a run so far.
#[derive(Clone, Debug)]
pub(crate) struct Knowledge {
    tasks: Vec<Task>,
    /// Deployed models in order.
    deployed: Vec<ModelId>,
    /// For each of them the positions of those that it descends from, and its own behind them.
    lines: Vec<Vec<usize>>,
    /// Right answers by task, among all classes and within the task.
    known: BTreeMap<ModelId, Shares>,
    /// What each deployed model makes of tasks that none on its way has learned; see [`transfer`].
    ahead: BTreeMap<ModelId, Vec<f64>>,
    /// The same of the items as they are; empty until it is asked for.
    plain: Vec<f64>,
}

/// Share of right answers by task; NaN for a task of which the model knows no class, or of which there are no items.
#[derive(Clone, Debug, PartialEq)]
struct Shares {
    among_all: Vec<f64>,
    within: Vec<f64>,
    /// Over the items of all tasks that were learned by the model or one that it descends from.
    overall: f64,
}

impl Knowledge {
    /// What the models of a run are asked. `sees` gives the classes that each deployed model is trained on, `line` those that it
    /// descends from and itself.
    pub(crate) fn new(sees: &BTreeMap<ModelId, BTreeSet<u32>>, line: impl Fn(ModelId) -> Vec<ModelId>) -> Self {
        let mut tasks: Vec<Task> = Vec::new();
        let mut seen = BTreeSet::new();
        for (learned, classes) in sees.values().enumerate() {
            let classes: BTreeSet<u32> = classes.difference(&seen).copied().collect();
            if !classes.is_empty() {
                seen.extend(&classes);
                tasks.push(Task { learned, classes });
            }
        }
        let deployed: Vec<ModelId> = sees.keys().copied().collect();
        let lines = deployed.iter().map(|&model| {
            let line = line(model);
            deployed.iter().enumerate().filter(|(_, older)| line.contains(older)).map(|(at, _)| at).collect()
        });
        let (known, ahead, plain) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Self { tasks, lines: lines.collect(), deployed, known, ahead, plain }
    }

    /// What its numbers mean.
    pub(crate) fn quantities() -> Vec<Quantity> {
        let fraction = Quantity::fraction;
        vec![
            fraction(
                ACCURACY,
                "Accuracy",
                Better::Higher,
                "Share of test items that the model's own classifier names rightly among all classes that it knows (class-incremental).",
            ),
            fraction(
                ACCURACY_WITHIN,
                "Accuracy within the task",
                Better::Higher,
                "The same where the classifier is told the task and chooses among its classes alone (task-incremental).",
            ),
            fraction(
                AVERAGE,
                "Average accuracy",
                Better::Higher,
                "Mean over the tasks learned so far of the accuracy on each.",
            ),
            fraction(
                FORGETTING_BEST,
                "Forgetting, best minus last",
                Better::Lower,
                "Mean over earlier tasks of the best accuracy that any earlier model had minus the accuracy now (Chaudhry et al. 2018).",
            ),
            fraction(
                FORGETTING_FIRST,
                "Forgetting, first minus last",
                Better::Lower,
                "Mean over earlier tasks of the accuracy of the model that learned the task minus the accuracy now.",
            ),
            fraction(
                BACKWARD,
                "Backward transfer",
                Better::Higher,
                "Mean over earlier tasks of the accuracy now minus that of the model that learned the task (GEM, BWT); negative is forgetting.",
            ),
            fraction(
                FORWARD,
                "Forward transfer",
                Better::Higher,
                "Mean over later tasks of what the model just before a task already makes of it: share of its items whose nearest neighbour in it is of their class, minus the same on the items as they are. GEM's FWT asks a classifier, which has no outputs for classes to come.",
            ),
        ]
    }

    /// Takes a model in that answers with these scores on test items of these classes, and says what it knows.
    ///
    /// # Errors
    /// [`LabError::Missing`] if the model's stage is not among those of the scenario.
    pub(crate) fn take(
        &mut self,
        model: ModelId,
        step: u32,
        scores: &Scores,
        labels: &[u32],
    ) -> Result<Event, LabError> {
        let stage = self.deployed.iter().position(|deployed| deployed.stage == model.stage);
        let stage = stage.ok_or_else(|| LabError::Missing(format!("The stage of {model}")))?;
        let shares = self.shares(stage, scores, labels);
        let several = self.tasks.len() > 1;
        let of = |task: usize| format!("task {}", task + 1);
        let by_task = |quantity: &'static str, shares: &[f64]| {
            let readings =
                shares.iter().enumerate().filter_map(|(task, &share)| Reading::of(quantity, of(task), share));
            readings.collect::<Vec<_>>()
        };
        let mut readings: Vec<Reading> = Reading::of(ACCURACY, "", shares.overall).into_iter().collect();
        if several {
            readings.extend(by_task(ACCURACY, &shares.among_all));
            readings.extend(by_task(ACCURACY_WITHIN, &shares.within));
        }
        self.known.insert(model, shares);
        if several && model == ModelId::deployed(model.stage) {
            readings.extend(self.summary(stage));
        }
        Ok(Event::Measured { model, step, readings })
    }

    fn shares(&self, stage: usize, scores: &Scores, labels: &[u32]) -> Shares {
        let known = || (0..).take(scores.classes);
        let share = |classes: &dyn Fn(u32) -> bool, answer: &dyn Fn(usize) -> Option<u32>| {
            let items = labels.iter().enumerate().filter(|&(_, &label)| classes(label));
            let (mut right, mut all) = (0u32, 0u32);
            for (item, &label) in items {
                all += 1;
                right += u32::from(answer(item) == Some(label));
            }
            if all == 0 { f64::NAN } else { f64::from(right) / f64::from(all) }
        };
        let among_all = |item: usize| scores.answer(item, known());
        let by_task = |task: &Task| {
            // Of classes that it has no score for it can say nothing, right or wrong.
            if !task.classes.iter().any(|&class| (class as usize) < scores.classes) {
                return (f64::NAN, f64::NAN);
            }
            let of_task = |label: u32| task.classes.contains(&label);
            let within = |item: usize| scores.answer(item, task.classes.iter().copied());
            (share(&of_task, &among_all), share(&of_task, &within))
        };
        let (all, within) = self.tasks.iter().map(by_task).unzip();
        let line = self.line(stage);
        let learned = |task: &Task| line.contains(&task.learned);
        let there = |label: u32| self.tasks.iter().any(|task| learned(task) && task.classes.contains(&label));
        Shares { among_all: all, within, overall: share(&there, &among_all) }
    }

    /// Positions of the models that the deployed one of this stage (from 0) descends from, and its own behind them.
    fn line(&self, stage: usize) -> &[usize] {
        self.lines.get(stage).map_or(&[], Vec::as_slice)
    }

    /// What became of earlier tasks, as far as the models tell that the deployed one of this stage (from 0) descends from.
    fn summary(&self, stage: usize) -> Vec<Reading> {
        let row = |at: usize| self.deployed.get(at).and_then(|model| self.known.get(model));
        let number = |at: usize, task: usize| {
            row(at).and_then(|shares| shares.among_all.get(task).copied()).filter(|share| !share.is_nan())
        };
        let line = self.line(stage);
        let tasks: Vec<usize> =
            self.tasks.iter().enumerate().filter(|(_, task)| line.contains(&task.learned)).map(|(at, _)| at).collect();
        let learned: Vec<usize> = tasks.iter().filter_map(|&at| self.tasks.get(at)).map(|task| task.learned).collect();
        // Models that learn no task of their own stand between those that do; the definitions count by tasks.
        let mut rows = learned.clone();
        if rows.last() != Some(&stage) {
            rows.push(stage);
        }
        let by_rows = |rows: &[usize]| TaskScores {
            stages: rows.iter().map(|&at| tasks.iter().map(|&task| number(at, task)).collect()).collect(),
        };
        let aligned = by_rows(&rows);
        let last = rows.len().saturating_sub(1);
        let earlier = learned.iter().filter(|&&at| at < stage).count();
        let every = by_rows(line);
        let mean = |values: Option<Vec<f64>>| values.and_then(|values| measure::statistics::mean(&values));
        let latest = line.len().saturating_sub(1);
        let best = mean((0..earlier).map(|task| every.forgetting_of(task, latest)).collect());
        let average = mean(tasks.iter().map(|&task| number(stage, task)).collect());
        // Of models that went on side by side none stands just before the other's task.
        let ahead = |at: &usize| self.deployed.get(*at).and_then(|model| self.ahead.get(model));
        let ahead = |at| ahead(at).map(|shares| shares.iter().map(|&share| Some(share)).collect()).unwrap_or_default();
        let ahead = TaskScores { stages: rows.iter().map(ahead).collect() };
        let forward =
            (self.is_single(line) && earlier > 0).then(|| ahead.forward_transfer(tasks.len() - 1, &self.plain));
        let readings = [
            (AVERAGE, average),
            (FORGETTING_BEST, best.filter(|_| earlier > 0)),
            (FORGETTING_FIRST, aligned.first_minus_last(last).filter(|_| earlier > 0)),
            (BACKWARD, aligned.backward_transfer(last).filter(|_| earlier > 0)),
            (FORWARD, forward.flatten().filter(|share| share.is_finite())),
        ];
        readings.into_iter().filter_map(|(quantity, value)| Reading::of(quantity, "", value?)).collect()
    }

    /// Whether each of these models descends from all that stand before it here.
    fn is_single(&self, line: &[usize]) -> bool {
        line.iter().enumerate().all(|(place, &at)| self.line(at).len() == place + 1)
    }

    /// The accuracies of all deployed models by task; none where there is only one task or no model answered.
    pub(crate) fn tables(&self, class_names: &[String]) -> Vec<Event> {
        if self.tasks.len() < 2 || self.known.is_empty() {
            return Vec::new();
        }
        let columns = self.tasks.iter().enumerate().map(|(at, task)| {
            let names = task.classes.iter().filter_map(|&class| class_names.get(class as usize)).cloned();
            format!("task {}: {}", at + 1, names.collect::<Vec<_>>().join(", "))
        });
        let columns: Vec<String> = columns.collect();
        let rows: Vec<ModelId> = self.deployed.iter().copied().filter(|model| self.known.contains_key(model)).collect();
        let table = |quantity: &str, title: &str, shares: fn(&Shares) -> &Vec<f64>| {
            let known = rows.iter().filter_map(|model| self.known.get(model));
            let cells = known.flat_map(|known| shares(known).iter().map(|&share| share as f32));
            Event::TableMeasured {
                table: Table {
                    id: quantity.to_owned(),
                    title: title.to_owned(),
                    quantity: quantity.to_owned(),
                    row_of: "Model".to_owned(),
                    rows: rows.iter().map(ModelId::to_string).collect(),
                    column_of: "Task".to_owned(),
                    columns: columns.clone(),
                    cells: Packed(cells.collect()),
                },
            }
        };
        vec![
            table(ACCURACY, "Accuracy by task, among all classes", |shares| &shares.among_all),
            table(ACCURACY_WITHIN, "Accuracy by task, within the task", |shares| &shares.within),
        ]
    }
}

impl Runner {
    /// Asks a finished model; nothing of one that answers nothing.
    pub(crate) async fn ask(&mut self, id: ModelId, model: &dyn Model) -> Result<Option<Event>, LabError> {
        let (rows, test) = (self.galleries.get(&id), &self.dataset.test);
        let Some(scores) = self.scores(model, rows, test, self.test.indices()).await? else { return Ok(None) };
        self.look_ahead(id)?;
        let step = self.steps.get(&id).copied().unwrap_or(0);
        self.knowledge.take(id, step, &scores, &self.test.labels).map(Some)
    }

    /// How a model scores items of a part, of which its embeddings may be there already; `None` if it answers nothing.
    pub(crate) async fn scores(
        &self,
        model: &dyn Model,
        rows: Option<&Embedded>,
        part: &Part,
        items: &[usize],
    ) -> Result<Option<Scores>, LabError> {
        let (Some(classifier), Some(rows)) = (model.classifier(), rows) else {
            let answers = answers(model, &self.dataset, part, items, &self.engine).await?;
            return Ok(answers.map(|(values, classes)| Scores { values, classes }));
        };
        let [_, dims] = classifier.dims();
        if dims != rows.dims {
            return Ok(None);
        }
        let classifier = if model.is_cosine() { normalize(classifier) } else { classifier };
        Ok(Some(Scores::of(&rows.rows, &read(classifier).await?, dims)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
