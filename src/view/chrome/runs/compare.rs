//! Chosen runs side by side: what was set differently, and what came of it.

use measure::statistics::Summary;
use protocol::{Catalogue, Cell, ChainScores, ModelId, Quantity, Scenario};

use super::{RunRecord, Runs};
use crate::view::chrome::form::{self, Setting};
use crate::view::chrome::named;
use crate::view::draw::format;
use crate::view::few::sort_few;
use crate::view::instruments::matrix::Metric;
use crate::view::instruments::numbers::parts;
use crate::view::upgrade::Upgrade;

/// Chosen runs, those that differ in their seed alone taken together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// What stands side by side.
    pub groups: Vec<Group>,
    /// Settings that differ: name, and the value in each group.
    pub settings: Vec<(String, Vec<String>)>,
    /// Scores and costs.
    pub lines: Vec<Line>,
}

/// Runs of the same settings under one letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Stands for it in the list, the tables and the plot.
    pub letter: char,
    /// Name of its newest run, or that and how many seeds.
    pub name: String,
    /// Its runs, newest first.
    pub runs: Vec<RunRecord>,
    /// Their seeds, each once.
    seeds: Vec<u64>,
    /// Their settings, with the seed of the newest.
    scenario: Scenario,
}

impl Group {
    /// Their settings, with the seed of the newest.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }
}

/// A score or a cost of each group.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Name in the field's words.
    pub name: String,
    /// Whether it is a rate, shown in points.
    pub rate: bool,
    /// One entry per group; `None` where no run of it has this.
    pub scores: Vec<Option<Score>>,
}

/// A number of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Over its runs.
    pub band: Band,
    /// Mean minus that of the first group; `None` for the first itself.
    pub difference: Option<f64>,
}

/// Mean and spread of a number over runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The mean.
    pub mean: f64,
    /// The least.
    pub low: f64,
    /// The greatest.
    pub high: f64,
    /// Sample standard deviation; `None` of a single run.
    pub deviation: Option<f64>,
}

impl Band {
    /// Of all that `read` finds; `None` if it finds nothing.
    pub fn of(runs: &[RunRecord], read: impl Fn(&RunRecord) -> Option<f64>) -> Option<Self> {
        Self::over(&runs.iter().filter_map(read).collect::<Vec<_>>())
    }

    /// Of these numbers; `None` of none.
    pub fn over(values: &[f64]) -> Option<Self> {
        let Summary { mean, standard_deviation: deviation, .. } = Summary::of(values)?;
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(Self { mean, low, high, deviation })
    }

    /// Whether its ends lie apart.
    pub fn is_wide(&self) -> bool {
        self.high > self.low
    }
}

impl Line {
    /// A number of this line in words.
    pub fn value(&self, value: f64) -> String {
        let text = if self.rate { format::points(value) } else { format::rounded(value) };
        text.replace('-', "\u{2212}")
    }

    /// Range and standard deviation of a score in words; empty where there is none.
    pub fn range(&self, band: &Band) -> String {
        match band.deviation.filter(|_| band.is_wide()) {
            Some(deviation) => {
                let [low, high, deviation] = [band.low, band.high, deviation].map(|it| self.value(it));
                // A dash beside minus signs would be read as one.
                let dash = if band.low < 0.0 { " to " } else { "\u{2013}" };
                format!("{low}{dash}{high}, SD {deviation}")
            }
            None => String::new(),
        }
    }

    /// A difference of this line in words.
    pub fn difference(&self, value: f64) -> String {
        // Points are hundredths.
        if self.rate {
            return format::signed_points(value);
        }
        match format::rounded(value).as_str() {
            "0" => "0".to_owned(),
            text => match text.strip_prefix('-') {
                Some(down) => format!("\u{2212}{down}"),
                None => format!("+{text}"),
            },
        }
    }
}

impl Comparison {
    /// What to say where no setting differs: runs of the same settings are one group, whatever their seeds.
    pub fn sameness(&self) -> String {
        match self.groups.first().map_or(1, |group| group.seeds.len()) {
            ..=1 => "None: the same settings, and the same seed.".to_owned(),
            seeds => format!("None: the same settings under {seeds} seeds."),
        }
    }

    /// The runs with these ids, newest first; cells are compared by `metric`.
    pub fn of(runs: &Runs, chosen: &[u64], catalogue: &Catalogue, metric: Metric) -> Self {
        let groups = groups(runs.iter().filter(|record| chosen.contains(&record.id)), catalogue);
        let (settings, lines) = (settings(&groups, catalogue), lines(&groups, metric));
        Self { groups, settings, lines }
    }

    /// Runs as a plan has them: name, settings and finished runs of each group, which may be none yet. The names tell what was
    /// set differently.
    pub fn planned(plan: Vec<(String, Scenario, Vec<RunRecord>)>, metric: Metric) -> Self {
        let group =
            |(place, (name, scenario, runs))| Group { letter: letter(place), name, runs, seeds: Vec::new(), scenario };
        let groups: Vec<Group> = plan.into_iter().enumerate().map(group).collect();
        let lines = lines(&groups, metric);
        Self { groups, settings: Vec::new(), lines }
    }

    /// The letter of a run; `None` if it is not chosen.
    pub fn letter(&self, id: u64) -> Option<char> {
        self.groups.iter().find(|group| group.runs.iter().any(|run| run.id == id)).map(|group| group.letter)
    }
}

fn letter(place: usize) -> char {
    char::from(b'A' + (place % 26) as u8)
}

fn groups<'a>(runs: impl Iterator<Item = &'a RunRecord>, catalogue: &Catalogue) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (record, scenario) in runs.filter_map(|record| Some((record, record.scenario(catalogue)?))) {
        // A preset is only where the settings came from.
        let alike = |it: &Scenario| *it == Scenario { seed: it.seed, preset: it.preset.clone(), ..scenario.clone() };
        if let Some(group) = groups.iter_mut().find(|group| alike(&group.scenario)) {
            group.runs.push(record.clone());
            group.seeds.push(scenario.seed);
        } else {
            let letter = letter(groups.len());
            let (name, seeds) = (record.name.clone(), vec![scenario.seed]);
            groups.push(Group { letter, name, runs: vec![record.clone()], seeds, scenario });
        }
    }
    for group in &mut groups {
        sort_few(&mut group.seeds, |seed| *seed);
        group.seeds.dedup();
        match (group.runs.len(), group.seeds.len()) {
            (1, _) => {}
            (runs, 1) => group.name = format!("{}, {runs} runs", group.name),
            (_, seeds) => {
                // What a sweep called it, or its methods.
                let name = group.name.strip_suffix(&format!(", seed {}", group.scenario.seed)).map(str::to_owned);
                group.name =
                    format!("{}, {seeds} seeds", name.unwrap_or_else(|| named::methods(&group.scenario, catalogue)));
            }
        }
    }
    groups
}

/// Names and values of the settings that differ, in the order of the form.
fn settings(groups: &[Group], catalogue: &Catalogue) -> Vec<(String, Vec<String>)> {
    let scenarios: Vec<&Scenario> = groups.iter().map(|group| &group.scenario).collect();
    let mut rows = form::settings(&scenarios, catalogue);
    let seeds = groups.iter().map(|group| group.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", "));
    if let Some(row) = rows.iter_mut().find(|row| row.id == form::SEED) {
        row.values = seeds.collect();
    }
    rows.retain(Setting::differs);
    rows.into_iter().map(|row| (row.name, row.values)).collect()
}

fn lines(groups: &[Group], metric: Metric) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut add = |name: &str, rate: bool, read: &dyn Fn(&Group, &RunRecord) -> Option<f64>| {
        if lines.iter().any(|line| line.name == name) {
            return;
        }
        let bands = groups.iter().map(|group| Band::of(&group.runs, |run| read(group, run))).collect::<Vec<_>>();
        let first = bands.first().copied().flatten();
        let score = |(place, band): (usize, Option<Band>)| {
            let difference = first.filter(|_| place > 0).zip(band).map(|(first, band)| band.mean - first.mean);
            Some(Score { band: band?, difference })
        };
        let scores: Vec<_> = bands.into_iter().enumerate().map(score).collect();
        if scores.iter().any(Option::is_some) {
            lines.push(Line { name: name.to_owned(), rate, scores });
        }
    };
    for group in groups {
        let pair = |group: &Group, cell: &Cell| Upgrade::last(&group.scenario).pair(cell.query, cell.gallery);
        for cell in group.runs.iter().flat_map(|run| &run.log.matrix) {
            let name = pair(group, cell);
            add(&name, true, &|group, run| {
                let cell = run.log.matrix.iter().find(|cell| pair(group, cell) == name)?;
                Some(metric.of(&cell.all))
            });
        }
    }
    let chain = |run: &RunRecord| -> Option<ChainScores> {
        let chain = run.log.chain.as_ref()?;
        Some(if metric == Metric::Top1 { &chain.cmc1 } else { &chain.map }.clone())
    };
    add("AC", true, &|_, run| Some(chain(run)?.ac));
    add("AA", true, &|_, run| Some(chain(run)?.aa));
    let last = |group: &Group| ModelId::deployed(u8::try_from(group.scenario.stages.len()).unwrap_or(u8::MAX));
    for (group, run) in groups.iter().flat_map(|group| group.runs.iter().map(move |run| (group, run))) {
        // Numbers of the whole by the last model, or of what has no whole its first part: the others are for the panels.
        for quantity in &run.log.quantities {
            let Quantity { id, name, .. } = quantity;
            let Some(part) = parts(&run.log, last(group), id).into_iter().next() else { continue };
            let name = if part.is_empty() { name.clone() } else { format!("{name}, {part}") };
            add(&name, quantity.is_fraction(), &|group, run| run.log.reading(last(group), id, part));
        }
    }
    add("Gain by mAP", true, &|_, run| Some(run.last()?.gain()));
    add("Tax by mAP", true, &|_, run| Some(run.last()?.tax));
    add("Stored floats", false, &|_, run| Some(f64::from(run.last()?.cost.stored)));
    add("Training runs", false, &|_, run| Some(f64::from(run.last()?.cost.passes)));
    add("Training seconds", false, &|_, run| run.last()?.cost.seconds);
    lines
}
