//! What is drawn beside a part of the article, made of the run that the part is about.
//!
//! | written | is |
//! | --- | --- |
//! | `figure: bars`, then `bar: words \| number` for each | numbers as bars, of which 1 is the whole width |
//! | `figure: matrix` | the compatibility matrix |
//! | `figure: table accuracy` | a table of the run |
//! | `figure: curves retrieval` | curves over the training or over a backfill |
//! | `figure: numbers accuracy columns` | readings of a quantity over the training, the models or the columns of a table |
//! | `figure: exhibit samples-01 v2` | what a model made |
//! | `figure: strips all` | what a query finds: of all, or of those that are newly broken or fixed, the first |

use protocol::{Exhibit, ModelId, RunLog, Scenario};

use super::number::amount;
use crate::view::chrome::sections::Section;
use crate::view::draw::axis::Axis;
use crate::view::draw::format;
use crate::view::draw::series::Curves;
use crate::view::instruments::curves::Kind;
use crate::view::instruments::exhibits::{self, Extent, Group};
use crate::view::instruments::grid::{self, Grid, Mark};
use crate::view::instruments::matrix::{Classes, MatrixCell, MatrixRow, MatrixTable, Metric};
use crate::view::instruments::numbers::{self, Of, Over};
use crate::view::instruments::strips::{Filter, Queries, StripView, class_name};
use crate::view::upgrade::Upgrade;

/// A figure before it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// Numbers as bars.
    Bars(Vec<Bar>),
    /// A table.
    Table(FigureTable),
    /// Curves.
    Chart(Curves),
    /// Things that a model made, what they are seen against, the axes and the classes.
    Things(Box<Exhibit>, Option<Box<Exhibit>>, Extent, Vec<Group>),
    /// What a query finds.
    Strips(FigureStrips),
}

/// A number as a bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is.
    pub name: String,
    /// As a person reads it.
    pub told: String,
    /// Its length, `0..=1`.
    pub length: f64,
}

/// A table as it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureTable {
    /// What stands in its corner.
    pub corner: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Names of the rows with their cells.
    pub rows: Vec<(String, Vec<FigureCell>)>,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FigureCell {
    /// Its number; empty where nothing was measured.
    pub text: String,
    /// What there is to say of it.
    pub note: String,
    /// How deep its colour is, `0..=1`.
    pub depth: f64,
    /// Whether its colour says that it is worse.
    pub worse: bool,
}

/// What a query finds.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureStrips {
    /// The query.
    pub query: u16,
    /// Its class.
    pub class: String,
    /// What it finds under each pair.
    pub view: StripView,
    /// The run that its pictures are of.
    pub scenario: Option<Scenario>,
}

impl Figure {
    /// The figure of a section; `None` where it has none or the run has nothing for it.
    pub fn of(section: &Section, log: &RunLog) -> Option<Self> {
        let upgrade = log.scenario.as_ref().map_or_else(|| Upgrade::to_stage(2), Upgrade::last);
        let words: Vec<&str> = section.setting("figure")?.split_whitespace().collect();
        match words.as_slice() {
            ["bars"] => {
                let bars: Option<Vec<Bar>> = section.all("bar").map(|text| bar(text, log)).collect();
                bars.filter(|bars| !bars.is_empty()).map(Self::Bars)
            }
            ["matrix"] => {
                Some(Self::Table(matrix(&MatrixTable::of(log, &upgrade, Metric::Map, Classes::All), &upgrade)?))
            }
            ["table", id] => Some(Self::Table(table(Grid::of(log, log.table(id)?)))),
            ["curves", kind] => {
                let kind = curves_of(kind)?;
                Some(Self::Chart(Curves::of(log, &upgrade, kind, upgrade.new, Axis::Steps))).filter(Self::has_curves)
            }
            ["numbers", id, over] => {
                let curves = numbers::curves(log, log.quantity(id)?, &Of::All, numbers_over(over)?, Axis::Steps);
                Some(Self::Chart(curves)).filter(Self::has_curves)
            }
            ["exhibit", id, model] => {
                let model: ModelId = model.parse().ok()?;
                let exhibit = log.exhibits.get(&((*id).to_owned(), model))?;
                let behind = exhibits::behind(log, exhibit).cloned().map(Box::new);
                let groups = exhibits::groups(log, exhibit);
                Some(Self::Things(Box::new(exhibit.clone()), behind, Extent::of(log, id), groups))
            }
            ["strips", filter] => {
                let query = *Queries::of(log, &upgrade, &[]).passing(filter_of(filter)?).first()?;
                let view = StripView::of(log, &upgrade, query);
                let (class, scenario) = (class_name(log, query), log.scenario.clone());
                Some(Self::Strips(FigureStrips { query, class, view, scenario }))
            }
            _ => None,
        }
    }

    fn has_curves(&self) -> bool {
        matches!(self, Self::Chart(curves) if !curves.series.is_empty())
    }
}

/// The curves of this name.
pub fn curves_of(word: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.label().to_lowercase() == word)
}

/// The queries of this name: `all`, `broken` or `fixed`.
pub fn filter_of(word: &str) -> Option<Filter> {
    [(Filter::All, "all"), (Filter::Broken, "broken"), (Filter::Fixed, "fixed")]
        .into_iter()
        .find(|it| it.1 == word)
        .map(|it| it.0)
}

fn numbers_over(word: &str) -> Option<Over> {
    [(Over::Training, "training"), (Over::Models, "models"), (Over::Columns, "columns")]
        .into_iter()
        .find(|it| it.1 == word)
        .map(|it| it.0)
}

fn bar(text: &str, log: &RunLog) -> Option<Bar> {
    let (name, number) = text.split_once(" | ")?;
    let amount = amount(number, log)?;
    Some(Bar { name: name.to_owned(), told: amount.told(), length: amount.value.clamp(0.0, 1.0) })
}

/// The matrix without rows of which nothing is known.
fn matrix(table: &MatrixTable, upgrade: &Upgrade) -> Option<FigureTable> {
    table.basis.as_ref()?;
    let name = |model: ModelId| match upgrade.role(model).word() {
        "" => model.to_string(),
        word => format!("{model} {word}"),
    };
    let cell = |cell: Option<&MatrixCell>| {
        let Some(cell) = cell else { return FigureCell::default() };
        FigureCell {
            text: format::points(cell.value),
            note: cell.difference.map(format::signed_points).unwrap_or_default(),
            depth: cell.depth(),
            worse: cell.difference.is_some_and(|difference| difference < 0.0),
        }
    };
    let row = |row: &MatrixRow| (name(row.query), row.cells.iter().map(|it| cell(it.as_ref())).collect());
    Some(FigureTable {
        corner: "query \u{2193} gallery \u{2192}".to_owned(),
        columns: table.columns.iter().map(|&model| name(model)).collect(),
        rows: table.rows.iter().map(row).collect(),
    })
}

fn table(grid: Grid) -> FigureTable {
    let cell = |cell: Option<grid::Cell>| {
        let Some(grid::Cell { text, depth, mark }) = cell else { return FigureCell::default() };
        let (note, worse) = match mark {
            Mark::None => (String::new(), false),
            Mark::Best => ("best".to_owned(), false),
            Mark::Worst => ("worst".to_owned(), false),
            Mark::Change(better, text) => (text, better == Some(false)),
        };
        FigureCell { text, note, depth: if worse { 0.0 } else { depth }, worse }
    };
    let rows = grid.rows.into_iter().map(|row| (row.name, row.cells.into_iter().map(cell).collect()));
    FigureTable {
        corner: format!("{} \u{2193} {} \u{2192}", grid.row_of, grid.column_of),
        columns: grid.columns,
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    use protocol::Event;

    use super::*;
    use crate::view::chrome::sections::read;
    use crate::view::testing::{NEW, OLD, cell, half_way, knowledge, rates};

    fn figure(settings: &str, log: &RunLog) -> Option<Figure> {
        Figure::of(&read(&format!("## a: A\n{settings}\n\nWords.")).unwrap()[0], log)
    }

    #[test]
    fn bars_have_the_length_of_their_numbers_and_are_all_there_or_none() {
        let mut log = half_way();
        log.apply(&Event::MatrixMeasured { cells: vec![cell(OLD, OLD, 0.4)], chance: rates(0.1) });
        let Some(Figure::Bars(bars)) = figure("figure: bars\nbar: Old, in old | map v1/v1\nbar: Chance | chance", &log)
        else {
            panic!("no bars");
        };
        assert_eq!(bars[0], Bar { name: "Old, in old".to_owned(), told: "40.0".to_owned(), length: 0.4 });
        assert_eq!(bars.len(), 2);
        assert_eq!(figure("figure: bars\nbar: Old | map v1/v1\nbar: New | map v2/v1", &log), None);
    }

    #[test]
    fn a_matrix_marks_what_is_worse_than_the_status_quo() {
        let mut log = half_way();
        let cells = vec![cell(OLD, OLD, 0.4), cell(NEW, OLD, 0.3)];
        log.apply(&Event::MatrixMeasured { cells, chance: rates(0.1) });
        log.models.clear();
        let Some(Figure::Table(table)) = figure("figure: matrix", &log) else { panic!("no table") };
        assert_eq!(table.columns[..2], ["v1 old", "v2 new"]);
        let (name, cells) = &table.rows[1];
        assert_eq!((name.as_str(), cells[0].note.as_str(), cells[0].worse), ("v2 new", "\u{2212}10.0", true));
        assert_eq!(cells[1], FigureCell::default());
    }

    #[test]
    fn every_figure_is_made_of_a_run_that_has_it() {
        let log = knowledge();
        assert!(matches!(figure("figure: table accuracy", &log), Some(Figure::Table(table)) if table.rows.len() == 2));
        assert!(matches!(figure("figure: numbers accuracy training", &log), Some(Figure::Chart(_))));
        assert!(matches!(figure("figure: exhibit samples v2", &log), Some(Figure::Things(..))));
        let log = half_way();
        assert!(matches!(figure("figure: curves loss", &log), Some(Figure::Chart(_))));
        let Some(Figure::Strips(strips)) = figure("figure: strips broken", &log) else { panic!("no strips") };
        assert_eq!((strips.query, strips.class.as_str(), strips.view.strips.len()), (0, "Shirt", 2));
        for nothing in [
            "figure: bars",
            "figure: table nothing",
            "figure: curves nothing",
            "figure: exhibit samples v9",
            "figure: clock",
            "x: y",
        ] {
            assert_eq!(figure(nothing, &log), None, "{nothing}");
        }
    }
}
