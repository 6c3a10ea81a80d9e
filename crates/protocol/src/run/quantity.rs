//! Numbers, tables and things that a run measures beside retrieval. A quantity is declared once, with unit and direction; what
//! follows names it by its id, so that something new to measure needs no new kind of event and no new field of the log.

use serde::{Deserialize, Serialize};

use crate::{ModelId, Packed};

/// Something that is measured: what its numbers mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantity {
    /// Stable name, as readings and tables give it: lower case, `-` between words.
    pub id: String,
    /// What a person reads: sentence case, no colon.
    pub name: String,
    /// Unit of its numbers, empty if they have none; fractions in `0..=1` have the unit `%` and are shown times 100.
    pub unit: String,
    /// Which direction is an improvement.
    pub better: Better,
    /// One sentence: how it is measured.
    pub about: String,
}

impl Quantity {
    /// Unit of quantities that are fractions in `0..=1`.
    pub const PERCENT: &str = "%";

    /// A fraction in `0..=1`.
    pub fn fraction(id: &str, name: &str, better: Better, about: &str) -> Self {
        Self::new(id, name, Self::PERCENT, better, about)
    }

    /// A number with this unit, empty for none.
    pub fn new(id: &str, name: &str, unit: &str, better: Better, about: &str) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), unit: unit.to_owned(), better, about: about.to_owned() }
    }

    /// Whether its numbers are fractions, to be shown in percent.
    pub fn is_fraction(&self) -> bool {
        self.unit == Self::PERCENT
    }
}

/// Which direction of a number is an improvement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// It only tells what is the case.
    Neither,
}

/// A number of a [`Quantity`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Id of the quantity.
    pub quantity: String,
    /// What it was measured on, as in `task 3` or `severity 5`; empty for the whole.
    pub of: String,
    /// The number; finite.
    pub value: f64,
}

impl Reading {
    /// A number that was measured; `None` for what is none, which nobody should take for a measurement.
    pub fn of(quantity: &str, of: impl Into<String>, value: f64) -> Option<Self> {
        value.is_finite().then(|| Self { quantity: quantity.to_owned(), of: of.into(), value })
    }
}

/// Numbers of one quantity by two things, as the accuracy of every model on every task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Stable name; a table of the same name replaces the one before.
    pub id: String,
    /// What a person reads: sentence case, no colon.
    pub title: String,
    /// Id of the quantity.
    pub quantity: String,
    /// What the rows are.
    pub row_of: String,
    /// Names of the rows.
    pub rows: Vec<String>,
    /// What the columns are.
    pub column_of: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The numbers, `[rows, columns]` row-major; NaN where there is none.
    pub cells: Packed<f32>,
}

impl Table {
    /// The number in a cell; `None` where there is none.
    pub fn cell(&self, row: usize, column: usize) -> Option<f64> {
        if row >= self.rows.len() || column >= self.columns.len() {
            return None;
        }
        let value = self.cells.0.get(row * self.columns.len() + column)?;
        (!value.is_nan()).then_some(f64::from(*value))
    }

    /// The rows with their names, each with its cells.
    pub fn by_row(&self) -> impl Iterator<Item = (&str, Vec<Option<f64>>)> {
        let cells = move |row| (0..self.columns.len()).map(|column| self.cell(row, column)).collect();
        self.rows.iter().enumerate().map(move |(row, name)| (name.as_str(), cells(row)))
    }
}

/// Things to look at that a model made or was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exhibit {
    /// Stable name; what the same model shows under it later replaces what it showed before.
    pub id: String,
    /// What a person reads: sentence case, no colon.
    pub title: String,
    /// Which model.
    pub model: ModelId,
    /// Its training step.
    pub step: u32,
    /// The things.
    pub things: Things,
    /// Id of an exhibit, of whatever model, that these are to be seen against, as what they are to become; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub behind: String,
}

/// What is shown of a kind of thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Things {
    /// Points of the plane.
    Points {
        /// x, y of each.
        xy: Packed<f32>,
        /// Class of each; empty where they have none.
        classes: Packed<u16>,
    },
    /// Pictures of one shape.
    Pixels {
        /// 1 for grey, 3 for red, green, blue.
        channels: u32,
        /// In pixels.
        height: u32,
        /// In pixels.
        width: u32,
        /// `[pictures, channels, height, width]`, 0 is black.
        pixels: Packed<u8>,
        /// What stands below each; empty, or one per picture.
        captions: Vec<String>,
    },
    /// Sentences or sequences.
    Words(Vec<String>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_no_reading() {
        assert_eq!(Reading::of("accuracy", "task 1", f64::NAN), None);
        assert_eq!(Reading::of("accuracy", "", f64::INFINITY), None);
        assert!(Reading::of("accuracy", "", 0.5).is_some_and(|reading| reading.value == 0.5));
    }

    #[test]
    fn a_cell_that_is_not_there_is_none() {
        let table = Table {
            id: "a".to_owned(),
            title: String::new(),
            quantity: "accuracy".to_owned(),
            row_of: "after stage".to_owned(),
            rows: vec!["1".to_owned(), "2".to_owned()],
            column_of: "task".to_owned(),
            columns: vec!["1".to_owned(), "2".to_owned()],
            cells: Packed(vec![0.5, f32::NAN, 0.25, 0.75]),
        };
        assert_eq!(table.cell(1, 1), Some(0.75));
        assert_eq!((table.cell(0, 1), table.cell(0, 2), table.cell(2, 0)), (None, None, None));
        let rows: Vec<_> = table.by_row().collect();
        assert_eq!(rows, [("1", vec![Some(0.5), None]), ("2", vec![Some(0.25), Some(0.75)])]);
        let text = serde_json::to_string(&table).expect("has a JSON form");
        let read: Table = serde_json::from_str(&text).expect("is the table");
        assert_eq!(read.cell(1, 0), Some(0.25));
    }
}
