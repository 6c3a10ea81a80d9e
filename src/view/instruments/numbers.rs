//! Numbers of a declared quantity as curves: over the training of each model, or over the models, each with its last reading.

use protocol::{Better, ModelId, ModelLog, Quantity, RunLog};

use crate::view::draw::axis::Axis;
use crate::view::draw::series::{Curves, Dash, Ink, Series};
use crate::view::draw::ticks::ticks;
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
}

impl Over {
    /// Both, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::Training, Self::Models];

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Models => "models",
        }
    }
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
    /// What it can be drawn over, at least one.
    pub over: Vec<Over>,
    /// What it was measured on, in order; the whole has no name.
    pub parts: Vec<String>,
    /// Pairs of model and part that it was measured of.
    curves: usize,
}

impl Choice {
    /// What it is drawn over where a reader asks for `wanted`.
    pub fn nearest(&self, wanted: Option<Over>) -> Over {
        let can = |over: &Over| self.over.contains(over);
        wanted.filter(can).or(self.over.first().copied()).unwrap_or_default()
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
        let over: Vec<Over> = Over::ALL.into_iter().filter(|&over| is_curve(log, &quantity.id, over)).collect();
        let parts = parts(log, &quantity.id);
        let curves = parts.len();
        (!over.is_empty()).then(|| Choice {
            id: quantity.id.clone(),
            name: quantity.name.clone(),
            over,
            parts: names(parts).into_iter().map(str::to_owned).collect(),
            curves,
        })
    };
    log.quantities.iter().filter_map(choice).collect()
}

/// The part of every reading of a quantity that a model has.
fn parts<'a>(log: &'a RunLog, quantity: &str) -> Vec<&'a str> {
    let numbers = log.models.values().flat_map(|model| model.numbers.keys());
    numbers.filter(|(id, _)| id.as_str() == quantity).map(|(_, of)| of.as_str()).collect()
}

/// Each part once, in order.
fn names(mut parts: Vec<&str>) -> Vec<&str> {
    parts.sort_by_key(|part| natural(part));
    parts.dedup();
    parts
}

fn is_curve(log: &RunLog, quantity: &str, over: Over) -> bool {
    let mut numbers = log.models.iter().flat_map(|(id, model)| model.numbers.iter().map(move |it| (id, it)));
    let of_quantity = |id: &String| id == quantity;
    match over {
        Over::Training => numbers.any(|(_, ((id, _), readings))| of_quantity(id) && readings.len() > 1),
        Over::Models => {
            let kinds = numbers.filter(|(_, ((id, _), _))| of_quantity(id)).map(|(model, ((_, of), _))| (model, of));
            let mut kinds: Vec<(bool, &String)> = kinds.map(|(model, of)| (model.independent, of)).collect();
            kinds.sort();
            kinds.windows(2).any(|two| two.first() == two.last())
        }
    }
}

/// The curves of some parts of a quantity, one per model and part, or over the models one per part. Fractions are in points.
pub fn curves(log: &RunLog, quantity: &Quantity, of: &Of, over: Over, x: Axis) -> Curves {
    let models: Vec<(ModelId, &ModelLog)> =
        models(log).into_iter().filter_map(|id| Some((id, log.models.get(&id)?))).collect();
    let parts: Vec<&str> = names(parts(log, &quantity.id)).into_iter().filter(|part| of.has(part)).collect();
    let scale = if quantity.is_fraction() { 100.0 } else { 1.0 };
    let last = |model: &ModelLog, part: &str| model.reading(&quantity.id, part).map(|value| scale * value);
    let mut series = Vec::new();
    match over {
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
    series.retain(|series| !series.points.is_empty());
    let ids: Vec<ModelId> = models.iter().map(|(id, _)| *id).collect();
    let x = if over == Over::Models { Axis::Models } else { x };
    Curves {
        ticks: ticks(log, &ids, x),
        series,
        x,
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
mod tests {
    use super::*;
    use crate::view::testing::{NEW, OLD, half_way, knowledge, measured};

    fn of(log: &RunLog, quantity: &str, over: Over) -> Curves {
        curves(log, log.quantity(quantity).unwrap(), &Of::All, over, Axis::Steps)
    }

    fn lines(curves: &Curves) -> Vec<(&str, &[(f64, f64)])> {
        curves.series.iter().map(|it| (it.label.as_str(), it.points.as_slice())).collect()
    }

    #[test]
    fn a_quantity_is_offered_from_its_second_reading_on() {
        let choices = |log: &RunLog| -> Vec<(String, Vec<Over>)> {
            shown(log).into_iter().map(|choice| (choice.id, choice.over)).collect()
        };
        assert_eq!(
            choices(&knowledge()),
            [("accuracy".to_owned(), Over::ALL.to_vec()), ("distance".to_owned(), vec![Over::Training])]
        );
        assert_eq!(choices(&half_way()), []);
        let distance = shown(&knowledge()).remove(1);
        assert_eq!((distance.nearest(Some(Over::Models)), distance.nearest(None)), (Over::Training, Over::Training));
    }

    #[test]
    fn over_training_each_model_and_part_has_a_curve() {
        let curves = of(&knowledge(), "accuracy", Over::Training);
        assert_eq!(
            lines(&curves),
            [
                ("v1 task 1", &[(10.0, 60.0), (20.0, 75.0)][..]),
                ("v2 task 1", &[(20.0, 50.0)]),
                ("v2 task 2", &[(20.0, 100.0)]),
                ("v2* task 1", &[(20.0, 80.0)])
            ]
        );
        let looks: Vec<(Ink, Dash)> = curves.series.iter().map(|it| (it.ink, it.dash)).collect();
        assert_eq!(looks[0], (Ink::Group(0), Dash::Solid));
        assert_eq!(looks[2], (Ink::Group(1), Dash::Dashed), "the colour is the part's, the dash the model's");
        assert_eq!(
            (&*curves.y_label, curves.caption.as_str()),
            ("Accuracy, points", "Share of right answers. Higher is better.")
        );
    }

    #[test]
    fn over_models_each_part_has_a_curve_with_the_last_readings() {
        let curves = of(&knowledge(), "accuracy", Over::Models);
        assert_eq!(
            lines(&curves),
            [
                ("deployed task 1", &[(1.0, 75.0), (2.0, 50.0)][..]),
                ("deployed task 2", &[(2.0, 100.0)]),
                ("alone task 1", &[(2.0, 80.0)])
            ]
        );
        assert_eq!((curves.x, curves.table()[0].0), (Axis::Models, 1.0));
    }

    #[test]
    fn a_quantity_of_the_whole_has_its_own_unit_and_colours_by_model() {
        let mut log = knowledge();
        log.apply(&measured(NEW, 30, &[("distance", "", 2.0)]));
        let curves = of(&log, "distance", Over::Training);
        assert_eq!(lines(&curves), [("v1", &[(10.0, 8.0), (20.0, 4.0)][..]), ("v2", &[(30.0, 2.0)])]);
        assert_eq!((&*curves.y_label, curves.series[1].ink), ("Distance, px", Ink::Group(1)));
        assert!(curves.caption.ends_with("Lower is better."));
        assert_eq!(lines(&of(&log, "floats", Over::Training)), [("v1", &[(20.0, 64.0)][..])]);
    }

    #[test]
    fn of_more_curves_than_can_be_told_apart_one_part_is_drawn() {
        let mut log = knowledge();
        let accuracy = |log: &RunLog| shown(log).remove(0);
        assert_eq!(accuracy(&log).parts, ["task 1", "task 2"]);
        assert_eq!(accuracy(&log).of(None), Of::All);
        let parts: Vec<String> = (1..=6).map(|task| format!("task {task}")).collect();
        for model in [OLD, NEW] {
            let readings: Vec<(&str, &str, f64)> = parts.iter().map(|part| ("accuracy", part.as_str(), 0.5)).collect();
            log.apply(&measured(model, 40, &readings));
        }
        let choice = accuracy(&log);
        assert_eq!(choice.of(None), Of::Part("task 1".to_owned()));
        assert_eq!(choice.of(Some(&Of::All)), Of::All);
        // A choice that another quantity offered is none here.
        assert_eq!(choice.of(Some(&Of::Part("length 8".to_owned()))), choice.of(None));
        let second = Of::Part("task 2".to_owned());
        let drawn = curves(&log, log.quantity("accuracy").unwrap(), &second, Over::Training, Axis::Steps);
        assert_eq!(lines(&drawn).iter().map(|line| line.0).collect::<Vec<_>>(), ["v1 task 2", "v2 task 2"]);
        assert_ne!(drawn.series[0].ink, drawn.series[1].ink, "one part: the colours are the models'");
    }

    #[test]
    fn parts_are_in_the_order_of_their_numbers() {
        let mut parts = ["task 10", "", "task 2", "forget set", "task 1"];
        parts.sort_by_key(|part| natural(part));
        assert_eq!(parts, ["", "forget set", "task 1", "task 2", "task 10"]);
    }
}
