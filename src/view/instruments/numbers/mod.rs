//! Numbers of a declared quantity as curves: over the training of each model, or over the models, each with its last reading.

use protocol::{Better, ModelId, ModelLog, Quantity, RunLog, RunState, Table};

use crate::view::draw::axis::Axis;
use crate::view::draw::series::{Curves, Dash, Ink, Series};
use crate::view::draw::ticks::ticks;
use crate::view::few::sort_few;
use crate::view::upgrade::models;

/// What stands in the place of curves that are not there.
const EMPTY: &str = "Numbers appear here once there are two of a kind, of one model or of two.";

/// What readings are drawn over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Over {
    /// The training of each model.
    #[default]
    Training,
    /// The models, in the order in which they were deployed.
    Models,
    /// The columns of a table, where those are numbers: sequences by their length, corruptions by their severity.
    Columns,
}

impl Over {
    /// All, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Training, Self::Models, Self::Columns];
}

/// The parts of a quantity that are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// All of them.
    All,
    /// One; without a name it is the whole.
    Part(String),
}

impl Of {
    fn has(&self, part: &str) -> bool {
        match self {
            Self::All => true,
            Self::Part(one) => one == part,
        }
    }
}

/// More curves than these nobody tells apart.
const MOST: usize = 8;

/// A quantity that has enough readings for a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// What it can be drawn over, at least one, with what a person reads.
    pub over: Vec<(Over, String)>,
    /// What it was measured on, in order; the whole has no name.
    pub parts: Vec<String>,
    /// Pairs of model and part that it was measured of.
    curves: usize,
    /// What it is drawn over unless a reader asks for something else.
    first: Over,
}

impl Choice {
    /// What it is drawn over where a reader asks for `wanted`.
    pub fn nearest(&self, wanted: Option<Over>) -> Over {
        let can = |wanted: &Over| self.over.iter().any(|(over, _)| over == wanted);
        wanted.filter(can).unwrap_or(self.first)
    }

    /// What is drawn of it where a reader asks for `wanted`: all, or of more than a reader can tell apart the first part, which is the
    /// whole if that was measured.
    pub fn of(&self, wanted: Option<&Of>) -> Of {
        let can = |of: &&Of| match of {
            Of::All => true,
            Of::Part(part) => self.parts.contains(part),
        };
        match (wanted.filter(can), self.parts.first()) {
            (Some(wanted), _) => wanted.clone(),
            (None, Some(first)) if self.curves > MOST && self.parts.len() > 1 => Of::Part(first.clone()),
            (None, _) => Of::All,
        }
    }
}

/// Every quantity with two readings of one kind, in the order in which they were declared.
pub fn shown(log: &RunLog) -> Vec<Choice> {
    let choice = |quantity: &Quantity| {
        let word = |over: Over| match over {
            Over::Training => "training".to_owned(),
            Over::Models => "models".to_owned(),
            Over::Columns => numbered(log, &quantity.id).map(by).unwrap_or_default(),
        };
        let over = Over::ALL.into_iter().filter(|&over| is_curve(log, &quantity.id, over));
        let over: Vec<(Over, String)> = over.map(|over| (over, word(over))).collect();
        let parts = all_parts(log, &quantity.id);
        let curves = parts.len();
        // What comes of the columns is known of finished models alone.
        let last = over.last().filter(|(over, _)| *over == Over::Columns && log.state == RunState::Finished);
        let first = last.or(over.first())?.0;
        Some(Choice {
            id: quantity.id.clone(),
            name: quantity.name.clone(),
            over,
            parts: names(parts).into_iter().map(str::to_owned).collect(),
            curves,
            first,
        })
    };
    log.quantities.iter().filter_map(choice).collect()
}

/// What a quantity was measured on of one model, in order; the whole has no name.
pub fn parts<'a>(log: &'a RunLog, model: ModelId, quantity: &str) -> Vec<&'a str> {
    let numbers = log.models.get(&model).into_iter().flat_map(|model| model.numbers.keys());
    names(numbers.filter(|(id, _)| id.as_str() == quantity).map(|(_, of)| of.as_str()).collect())
}

/// The part of every reading of a quantity that a model has.
fn all_parts<'a>(log: &'a RunLog, quantity: &str) -> Vec<&'a str> {
    let numbers = log.models.values().flat_map(|model| model.numbers.keys());
    numbers.filter(|(id, _)| id.as_str() == quantity).map(|(_, of)| of.as_str()).collect()
}

/// Each part once, in order.
fn names(mut parts: Vec<&str>) -> Vec<&str> {
    sort_few(&mut parts, |part| natural(part));
    parts.dedup();
    parts
}

/// Least columns of a table that is drawn as curves.
const FEWEST_COLUMNS: usize = 3;

/// The first table of a quantity whose columns are numbers, in their order.
fn numbered<'a>(log: &'a RunLog, quantity: &str) -> Option<&'a Table> {
    log.tables.iter().filter(|table| table.quantity == quantity).find(|table| {
        let places = places(table);
        places.len() >= FEWEST_COLUMNS && places.len() == table.columns.len() && places.is_sorted()
    })
}

/// The columns of a table that are numbers.
fn places(table: &Table) -> Vec<f64> {
    table.columns.iter().filter_map(|column| column.parse().ok()).collect()
}

/// What the columns of a table are.
fn by(table: &Table) -> String {
    table.column_of.to_lowercase()
}

fn is_curve(log: &RunLog, quantity: &str, over: Over) -> bool {
    let mut numbers = log.models.iter().flat_map(|(id, model)| model.numbers.iter().map(move |it| (id, it)));
    let of_quantity = |id: &String| id == quantity;
    match over {
        Over::Columns => numbered(log, quantity).is_some(),
        Over::Training => numbers.any(|(_, ((id, _), readings))| of_quantity(id) && readings.len() > 1),
        Over::Models => {
            let kinds = numbers.filter(|(_, ((id, _), _))| of_quantity(id)).map(|(model, ((_, of), _))| (model, of));
            let mut kinds: Vec<(bool, &String)> = kinds.map(|(model, of)| (model.independent, of)).collect();
            sort_few(&mut kinds, |kind| *kind);
            kinds.windows(2).any(|two| two.first() == two.last())
        }
    }
}

/// The curves of some parts of a quantity, one per model and part, or over the models one per part. Fractions are in points.
pub fn curves(log: &RunLog, quantity: &Quantity, of: &Of, over: Over, x: Axis) -> Curves {
    let models: Vec<(ModelId, &ModelLog)> =
        models(log).into_iter().filter_map(|id| Some((id, log.models.get(&id)?))).collect();
    let parts: Vec<&str> = names(all_parts(log, &quantity.id)).into_iter().filter(|part| of.has(part)).collect();
    let scale = if quantity.is_fraction() { 100.0 } else { 1.0 };
    let last = |model: &ModelLog, part: &str| model.reading(&quantity.id, part).map(|value| scale * value);
    let mut series = Vec::new();
    match over {
        Over::Columns => {}
        Over::Training => {
            for (at, (id, model)) in models.iter().enumerate() {
                for (place, part) in parts.iter().enumerate() {
                    let point = |&(step, value): &(u32, f64)| Some((x.at(log, *id, step)?, scale * value));
                    let points = model.readings(&quantity.id, part).iter().filter_map(point).collect();
                    let dash = if id.independent { Dash::Dashed } else { Dash::Solid };
                    // Where there are parts, they have the colours, and the models the dashes.
                    let (ink, dash) = if parts.len() > 1 { (place, DASHES.of(at)) } else { (at, dash) };
                    series.push(curve(label(&id.to_string(), part), ink, dash, points));
                }
            }
        }
        Over::Models => {
            for (independent, name, dash) in [(false, "deployed", Dash::Solid), (true, "alone", Dash::Dashed)] {
                for (place, part) in parts.iter().enumerate() {
                    let of_kind = models.iter().filter(|(id, _)| id.independent == independent);
                    let point = |(id, model): &(ModelId, &ModelLog)| Some((f64::from(id.stage), last(model, part)?));
                    let points = of_kind.filter_map(point).collect();
                    series.push(curve(label(name, part), place, dash, points));
                }
            }
        }
    }
    let table = numbered(log, &quantity.id).filter(|_| over == Over::Columns);
    if let Some(table) = table {
        for (place, (name, cells)) in table.by_row().enumerate() {
            let points = places(table).into_iter().zip(cells);
            let points = points.filter_map(|(at, cell)| Some((at, scale * cell.filter(|it| it.is_finite())?)));
            series.push(curve(name.to_owned(), place, DASHES.of(place), points.collect()));
        }
    }
    series.retain(|series| !series.points.is_empty());
    let ids: Vec<ModelId> = models.iter().map(|(id, _)| *id).collect();
    let x = match over {
        Over::Training => x,
        Over::Models => Axis::Models,
        Over::Columns => Axis::Columns,
    };
    Curves {
        ticks: ticks(log, &ids, x),
        series,
        x,
        columns: table.map(by),
        y_label: unit(quantity)
            .map_or_else(|| quantity.name.clone(), |unit| format!("{}, {unit}", quantity.name))
            .into(),
        caption: caption(quantity),
        empty: EMPTY,
    }
}

/// Dashes by position.
struct Dashes([Dash; 3]);

const DASHES: Dashes = Dashes([Dash::Solid, Dash::Dashed, Dash::Dotted]);

impl Dashes {
    fn of(&self, place: usize) -> Dash {
        self.0.get(place % self.0.len()).copied().unwrap_or(Dash::Solid)
    }
}

fn curve(label: String, place: usize, dash: Dash, points: Vec<(f64, f64)>) -> Series {
    Series { label, ink: Ink::Group(place), dash, points, mean: None, band: Vec::new() }
}

/// Whose curve it is and of what.
fn label(name: &str, part: &str) -> String {
    if part.is_empty() { name.to_owned() } else { format!("{name} {part}") }
}

/// A text by which `task 2` stands before `task 10`.
fn natural(part: &str) -> (String, u64, String) {
    let digits = part.find(|char: char| char.is_ascii_digit()).unwrap_or(part.len());
    let (words, rest) = part.split_at(digits);
    let end = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
    (words.to_owned(), rest.split_at(end).0.parse().unwrap_or(0), part.to_owned())
}

/// The unit in which a quantity is shown; none if it has none.
pub fn unit(quantity: &Quantity) -> Option<&str> {
    match quantity.unit.as_str() {
        Quantity::PERCENT => Some("points"),
        "" => None,
        unit => Some(unit),
    }
}

/// How a quantity is measured, and which direction is an improvement.
pub fn caption(quantity: &Quantity) -> String {
    let better = match quantity.better {
        Better::Higher => " Higher is better.",
        Better::Lower => " Lower is better.",
        Better::Neither => "",
    };
    format!("{}{better}", quantity.about)
}

#[cfg(test)]
mod tests;
