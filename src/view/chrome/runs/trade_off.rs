//! What compatibility costs: chosen runs in a plane, the cross-test up.

use std::collections::BTreeSet;

use protocol::Scenario;

use super::{Band, Comparison, Group};
use crate::view::draw::csv::csv;
use crate::view::draw::format;
use crate::view::instruments::matrix::Metric;

/// What the cross-test is set against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    /// How good the new model is by itself.
    #[default]
    SelfTest,
    /// What it stores per item.
    Stored,
}

/// The plane.
#[derive(Clone, Debug, PartialEq)]
pub struct TradeOff {
    /// What is across.
    pub axis: Axis,
    /// Which score.
    pub metric: Metric,
    /// One point per group that has a verdict.
    pub points: Vec<Point>,
    /// Positions in `points` of those that differ in one number of the last method alone, in the order of that number.
    pub paths: Vec<Vec<usize>>,
}

/// A group of runs in the plane; scores in points.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Position of the group, which decides marker and colour.
    pub place: usize,
    /// Letter of the group.
    pub letter: char,
    /// Its name.
    pub name: String,
    /// Across.
    pub x: Band,
    /// Up: the cross-test.
    pub y: Band,
}

impl Axis {
    /// Both in the order of the switch.
    pub const ALL: [Self; 2] = [Self::SelfTest, Self::Stored];

    /// What stands on the switch.
    pub fn label(self) -> &'static str {
        match self {
            Self::SelfTest => "self-test",
            Self::Stored => "stored floats",
        }
    }
}

impl TradeOff {
    /// The last upgrade of each group.
    pub fn of(comparison: &Comparison, axis: Axis, metric: Metric) -> Self {
        let point = |(place, group): (usize, &Group)| {
            let x = Band::of(&group.runs, |run| {
                let verdict = run.last()?;
                Some(match axis {
                    Axis::SelfTest => 100.0 * metric.of(&verdict.new_new),
                    Axis::Stored => f64::from(verdict.cost.stored),
                })
            })?;
            let y = Band::of(&group.runs, |run| Some(100.0 * metric.of(&run.last()?.new_old)))?;
            Some(Point { place, letter: group.letter, name: group.name.clone(), x, y })
        };
        let points: Vec<Point> = comparison.groups.iter().enumerate().filter_map(point).collect();
        let scenarios: Vec<&Scenario> =
            points.iter().filter_map(|point| comparison.groups.get(point.place)).map(Group::scenario).collect();
        Self { axis, metric, paths: paths(&scenarios), points }
    }

    /// What is across, with its unit.
    pub fn x_label(&self) -> String {
        match self.axis {
            Axis::SelfTest => format!("new/new, {} in points", self.metric.label()),
            Axis::Stored => "floats stored per item".to_owned(),
        }
    }

    /// What is up, with its unit.
    pub fn y_label(&self) -> String {
        format!("new/old, {} in points", self.metric.label())
    }

    /// What the plane shows, without a full stop.
    pub fn caption(&self) -> String {
        format!("Cross-test against {} by {}", self.axis.label(), self.metric.label())
    }

    /// The plane in words.
    pub fn described(&self) -> String {
        let digits = usize::from(self.axis == Axis::SelfTest);
        let point = |it: &Point| format!("{} {}: {:.1} against {:.digits$}", it.letter, it.name, it.y.mean, it.x.mean);
        let points: Vec<String> = self.points.iter().map(point).collect();
        format!("{}. {}.", self.caption(), points.join("; "))
    }

    /// Positions in `points` from left to right.
    pub fn order(&self) -> Vec<usize> {
        let x = |at: &usize| self.points.get(*at).map_or(0.0, |point| point.x.mean);
        let mut order: Vec<usize> = (0..self.points.len()).collect();
        order.sort_by(|one, other| x(one).total_cmp(&x(other)));
        order
    }

    /// What a point says: names and values with their range over seeds.
    pub fn told(&self, point: &Point) -> [(String, String); 2] {
        let words = |band: &Band, digits: usize| match band.is_wide() {
            true => format!("{:.digits$} ({:.digits$} to {:.digits$})", band.mean, band.low, band.high),
            false => format!("{:.digits$}", band.mean),
        };
        let digits = usize::from(self.axis == Axis::SelfTest);
        [(self.y_label(), words(&point.y, 1)), (self.x_label(), words(&point.x, digits))]
    }

    /// The points as a table.
    pub fn csv(&self) -> String {
        let (x, y) = (self.axis.label(), "cross-test");
        let part = |name: &str| ["", " low", " high"].map(|end| format!("{name}{end}"));
        let head = ["run".to_owned(), "name".to_owned()].into_iter().chain(part(x)).chain(part(y)).collect();
        let numbers = |band: &Band| [band.mean, band.low, band.high].map(format::setting);
        let line = |it: &Point| {
            let name = [it.letter.to_string(), it.name.clone()];
            name.into_iter().chain(numbers(&it.x)).chain(numbers(&it.y)).collect()
        };
        csv(std::iter::once(head).chain(self.points.iter().map(line)))
    }
}

/// Positions of scenarios that differ in one number of their last method, and in their seed, alone; in the order of that number.
fn paths(scenarios: &[&Scenario]) -> Vec<Vec<usize>> {
    let values =
        |scenario: &Scenario| scenario.stages.last().map(|stage| stage.method.values.clone()).unwrap_or_default();
    let without = |scenario: &Scenario, id: &str| {
        let mut bare = Scenario { seed: 0, ..scenario.clone() };
        if let Some(stage) = bare.stages.last_mut() {
            stage.method.values.remove(id);
        }
        bare
    };
    let ids: BTreeSet<String> = scenarios.iter().flat_map(|scenario| values(scenario).into_keys()).collect();
    let mut paths = Vec::new();
    for id in ids {
        let mut families: Vec<(Scenario, Vec<(f64, usize)>)> = Vec::new();
        for (at, scenario) in scenarios.iter().enumerate() {
            let Some(value) = values(scenario).get(&id).copied() else { continue };
            let bare = without(scenario, &id);
            match families.iter_mut().find(|(other, _)| *other == bare) {
                Some((_, members)) => members.push((value, at)),
                None => families.push((bare, vec![(value, at)])),
            }
        }
        for (_, mut members) in families {
            members.sort_by(|a, b| a.0.total_cmp(&b.0));
            // What differs in another number would be here under each of its values.
            if members.len() > 1 && members.iter().zip(members.iter().skip(1)).all(|(a, b)| a.0 < b.0) {
                paths.push(members.into_iter().map(|(_, at)| at).collect());
            }
        }
    }
    paths
}
