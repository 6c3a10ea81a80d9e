//! A chart before it is drawn: named series over an axis.

use std::borrow::Cow;

use super::axis::Axis;
use super::csv::csv;
use super::ticks::Tick;
use crate::view::upgrade::Role;

/// A chart before it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// The curves, in the order of the legend; empty if nothing was measured.
    pub series: Vec<Series>,
    /// What changed on the way.
    pub ticks: Vec<Tick>,
    /// What the points go by.
    pub x: Axis,
    /// Of the columns of a table what they are.
    pub columns: Option<String>,
    /// What stands beside the y axis.
    pub y_label: Cow<'static, str>,
    /// What was measured on what, in a sentence or two.
    pub caption: String,
    /// What stands in the place of an empty chart.
    pub empty: &'static str,
}

/// One named curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Name in the legend.
    pub label: String,
    /// Decides the colour.
    pub ink: Ink,
    /// Decides the dashes.
    pub dash: Dash,
    /// Place on the axis and value, sorted.
    pub points: Vec<(f64, f64)>,
    /// The number beside the name, where it is not the last value.
    pub mean: Option<f64>,
    /// Place on the axis, least and greatest, where the points are means over several runs.
    pub band: Vec<(f64, f64, f64)>,
}

/// What a curve is about; themes turn it into a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// A model in its role.
    Model(Role),
    /// The new model against the old gallery.
    Cross,
    /// A level to compare with.
    Reference,
    /// A loss term by its position.
    Term(usize),
    /// The sum of the loss terms.
    Total,
    /// Runs of a sweep by their position.
    Group(usize),
}

/// How a curve is drawn, since colour alone must not tell curves apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// An unbroken line.
    Solid,
    /// Long dashes.
    Dashed,
    /// Short dashes.
    Dotted,
}

impl Dash {
    /// Name in class attributes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Solid => "solid",
            Self::Dashed => "dashed",
            Self::Dotted => "dotted",
        }
    }
}

impl Curves {
    /// What stands below the axis.
    pub fn x_label(&self) -> &str {
        self.columns.as_deref().unwrap_or_else(|| self.x.label())
    }

    /// What one of the numbers on the axis is called.
    pub fn x_unit(&self) -> &str {
        self.columns.as_deref().unwrap_or_else(|| self.x.unit())
    }

    /// A place on the axis, in words.
    pub fn place(&self, at: f64) -> String {
        match &self.columns {
            Some(columns) => format!("at {columns} {}", self.x.number(at)),
            None => self.x.place(at),
        }
    }

    /// What changed on the way, in words.
    pub fn changes(&self) -> Vec<String> {
        self.ticks.iter().map(|tick| format!("{} {}", tick.label, self.place(tick.at))).collect()
    }

    /// The same without the series of these names.
    pub fn without(&self, hidden: &[String]) -> Self {
        let series: Vec<Series> = self.series.iter().filter(|it| !hidden.contains(&it.label)).cloned().collect();
        let empty = if series.is_empty() && !self.series.is_empty() { "All curves are hidden." } else { self.empty };
        Self { series, empty, ..self.clone() }
    }

    /// Decimals of its values: points have one, losses three, others as many as they are large.
    pub fn digits(&self) -> usize {
        if self.y_label.ends_with("points") {
            return 1;
        }
        let values = self.series.iter().flat_map(|series| series.points.iter().map(|point| point.1.abs()));
        match values.fold(0.0, f64::max) {
            _ if self.y_label == "loss" => 3,
            100.0.. => 0,
            10.0.. => 1,
            1.0.. => 2,
            0.01.. => 3,
            0.001.. => 4,
            _ => 5,
        }
    }

    /// Every place on the axis with the value of each column there, for the table beside the chart.
    pub fn table(&self) -> Vec<(f64, Vec<Option<f64>>)> {
        let mut steps: Vec<f64> =
            self.series.iter().flat_map(|series| series.points.iter().map(|point| point.0)).collect();
        steps.sort_by(f64::total_cmp);
        steps.dedup();
        let columns = self.columns();
        let at = |points: &[(f64, f64)], step: f64| {
            let found = points.binary_search_by(|point| point.0.total_cmp(&step)).ok()?;
            points.get(found).map(|point| point.1)
        };
        steps.into_iter().map(|step| (step, columns.iter().map(|(_, points)| at(points, step)).collect())).collect()
    }

    /// Names of the table's columns after the first.
    pub fn heads(&self) -> Vec<String> {
        self.columns().into_iter().map(|(name, _)| name).collect()
    }

    /// Each curve and, where it has a band, the ends of that.
    fn columns(&self) -> Vec<(String, Vec<(f64, f64)>)> {
        let columns = |series: &Series| {
            let low = series.band.iter().map(|it| (it.0, it.1)).collect();
            let high = series.band.iter().map(|it| (it.0, it.2)).collect();
            let ends = [("low", low), ("high", high)].map(|(end, points)| (format!("{} {end}", series.label), points));
            let ends = ends.into_iter().filter(|_| !series.band.is_empty());
            std::iter::once((series.label.clone(), series.points.clone())).chain(ends).collect::<Vec<_>>()
        };
        self.series.iter().flat_map(columns).collect()
    }

    /// The whole table as comma-separated values, unrounded.
    pub fn csv(&self) -> String {
        let head = std::iter::once(self.x_unit().to_owned()).chain(self.heads());
        let line = |(at, values): (f64, Vec<Option<f64>>)| {
            let values = values.into_iter().map(|value| value.map(|value| value.to_string()).unwrap_or_default());
            std::iter::once(at.to_string()).chain(values).collect()
        };
        csv(std::iter::once(head.collect()).chain(self.table().into_iter().map(line)))
    }
}
