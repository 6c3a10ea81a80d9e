//! Any table that a run measured, as a grid: a number in each cell, deeper in colour the better it is, and what changed from row to row.

use protocol::{Better, ModelId, Quantity, RunLog, Scenario, Table};

use super::numbers;
use crate::view::draw::csv::csv;
use crate::view::draw::format;

/// A table before it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// What a person reads above it.
    pub title: String,
    /// What the rows are.
    pub row_of: String,
    /// What the columns are.
    pub column_of: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What was measured, its unit and direction, and what the marks mean.
    pub caption: String,
    /// Whether deeper is better, rather than more.
    pub judged: bool,
}

/// A row of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// The model that it is about, if it is one.
    pub model: Option<ModelId>,
    /// One entry per column; none where nothing was measured.
    pub cells: Vec<Option<Cell>>,
}

/// A number of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The number as a person reads it.
    pub text: String,
    /// How deep its colour is, `0..=1`: how good it is, or how large where no direction is better.
    pub depth: f64,
    /// What there is to say of it.
    pub mark: Mark,
}

/// What there is to say of a cell beside its number.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Nothing.
    None,
    /// It is the best of its column.
    Best,
    /// It is the worst of its column.
    Worst,
    /// By how much it differs from the model that it goes on from, and whether that is better; `None` where it is neither.
    Change(Option<bool>, String),
}

/// Id and title of every table, in the order in which they came.
pub fn choices(log: &RunLog) -> Vec<(String, String)> {
    log.tables.iter().map(|table| (table.id.clone(), table.title.clone())).collect()
}

/// The table that is shown where a reader asks for `wanted`: that, or the first.
pub fn chosen<'a>(log: &'a RunLog, wanted: Option<&str>) -> Option<&'a Table> {
    wanted.and_then(|id| log.table(id)).or(log.tables.first())
}

impl Grid {
    /// A table of a run; a model is held against the first of those that it goes on from.
    pub fn of(log: &RunLog, table: &Table) -> Self {
        let quantity = log.quantity(&table.quantity);
        let better = quantity.map_or(Better::Neither, |it| it.better);
        let fraction = quantity.is_some_and(Quantity::is_fraction);
        let rows: Vec<(&str, Vec<Option<f64>>)> = table
            .by_row()
            .map(|(name, cells)| (name, cells.into_iter().map(|cell| cell.filter(|it| it.is_finite())).collect()))
            .collect();
        let row_of = |model: ModelId| rows.iter().position(|(name, _)| name.parse() == Ok(model));
        let line = |name: &str| name.parse().map(|model| ancestors(log, model)).unwrap_or_default();
        let lines: Vec<Vec<usize>> =
            rows.iter().map(|(name, _)| line(name).into_iter().filter_map(row_of).collect()).collect();
        // Models side by side are held against each other.
        let of_line = lines.iter().any(|line| !line.is_empty());
        let all = || rows.iter().flat_map(|(_, cells)| cells.iter().flatten().copied());
        let (low, high) = ends(all()).unwrap_or((0.0, 1.0));
        // Shares have ends of their own; other numbers those of the table.
        let (low, high) = if fraction && low >= 0.0 && high <= 1.0 { (0.0, 1.0) } else { (low, high) };
        let digits = digits(fraction, low.abs().max(high.abs()));
        let column = |at: usize| rows.iter().filter_map(move |(_, cells)| cells.get(at).copied().flatten());
        let cell = |row: usize, at: usize, value: f64| {
            let share = if high > low { (value - low) / (high - low) } else { 0.0 };
            let depth = if better == Better::Lower { 1.0 - share } else { share };
            let mark = if of_line {
                let known = |&row: &usize| rows.get(row)?.1.get(at).copied().flatten();
                let before = lines.get(row).and_then(|line| line.iter().find_map(known));
                before.map_or(Mark::None, |before| change(value - before, better, fraction, digits))
            } else {
                extreme(value, ends(column(at)), better)
            };
            Cell { text: number(value, fraction, digits), depth, mark }
        };
        let row = |(index, (name, cells)): (usize, &(&str, Vec<Option<f64>>))| Row {
            name: (*name).to_owned(),
            model: name.parse().ok(),
            cells: cells.iter().enumerate().map(|(at, value)| value.map(|value| cell(index, at, value))).collect(),
        };
        Self {
            title: table.title.clone(),
            row_of: table.row_of.clone(),
            column_of: table.column_of.clone(),
            columns: table.columns.clone(),
            caption: caption(table, quantity, of_line),
            judged: better != Better::Neither,
            rows: rows.iter().enumerate().map(row).collect(),
        }
    }
}

/// The deployed models that a deployed one goes on from, by the first of several, the nearest first; none of a ceiling.
fn ancestors(log: &RunLog, model: ModelId) -> Vec<ModelId> {
    let parent = |model: &ModelId| {
        let scenario = log.scenario.as_ref();
        // Of a log without settings models are taken to follow each other.
        let parents = scenario.map_or_else(|| Scenario::default().parents(model.stage), |it| it.parents(model.stage));
        parents.first().filter(|&&parent| parent < model.stage).map(|&parent| ModelId::deployed(parent))
    };
    if model.independent { Vec::new() } else { std::iter::successors(parent(&model), parent).collect() }
}

/// Least and greatest of some numbers.
fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let ends = |ends: Option<(f64, f64)>, value: f64| match ends {
        Some((low, high)) => Some((low.min(value), high.max(value))),
        None => Some((value, value)),
    };
    values.fold(None, ends)
}

fn change(difference: f64, better: Better, fraction: bool, digits: usize) -> Mark {
    let text = match fraction {
        true => format::signed_points(difference),
        false => signed(difference, digits),
    };
    let rises = match better {
        // What rounds to nothing has no sign.
        _ if !text.starts_with(['+', '\u{2212}']) => None,
        Better::Higher => Some(difference > 0.0),
        Better::Lower => Some(difference < 0.0),
        Better::Neither => None,
    };
    Mark::Change(rises, text)
}

/// Whether a number is the best or the worst of its column, where that has two different ones.
fn extreme(value: f64, column: Option<(f64, f64)>, better: Better) -> Mark {
    let Some((low, high)) = column.filter(|(low, high)| low < high) else { return Mark::None };
    let (best, worst) = match better {
        Better::Higher => (high, low),
        Better::Lower => (low, high),
        Better::Neither => return Mark::None,
    };
    match value {
        value if value == best => Mark::Best,
        value if value == worst => Mark::Worst,
        _ => Mark::None,
    }
}

/// Decimals of numbers as large as that.
fn digits(fraction: bool, most: f64) -> usize {
    match most {
        _ if fraction => 1,
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        0.01.. => 3,
        0.001.. => 4,
        _ => 5,
    }
}

/// A number as a person reads it; fractions in points.
fn number(value: f64, fraction: bool, digits: usize) -> String {
    plain(if fraction { 100.0 * value } else { value }, digits)
}

fn plain(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let zero = text.trim_matches(['-', '0', '.']).is_empty();
    if zero { text.trim_start_matches('-').to_owned() } else { text.replace('-', "\u{2212}") }
}

fn signed(difference: f64, digits: usize) -> String {
    let text = plain(difference, digits);
    let zero = text.trim_matches(['0', '.']).is_empty();
    if zero || text.starts_with('\u{2212}') { text } else { format!("+{text}") }
}

fn caption(table: &Table, quantity: Option<&Quantity>, of_line: bool) -> String {
    let judged = quantity.is_some_and(|it| it.better != Better::Neither);
    let marks = match (of_line, judged) {
        (true, true) => " \u{25b2} better, \u{25bc} worse than the model that it goes on from.",
        (true, false) => " Signed: against the model that it goes on from.",
        (false, true) => " \u{25b2} best, \u{25bc} worst of a column.",
        (false, false) => "",
    };
    let about = quantity.map(numbers::caption).unwrap_or_default();
    let unit = quantity.and_then(numbers::unit).map(|unit| format!(" In {unit}.")).unwrap_or_default();
    format!("{about}{unit} Rows: {}. Columns: {}.{marks}", lower(&table.row_of), lower(&table.column_of))
        .trim_start()
        .to_owned()
}

/// A name within a sentence.
fn lower(name: &str) -> String {
    let mut letters = name.chars();
    // What has a second capital is an abbreviation.
    match (letters.next(), letters.clone().any(char::is_uppercase)) {
        (Some(first), false) => first.to_lowercase().chain(letters).collect(),
        _ => name.to_owned(),
    }
}

/// A table as comma-separated values, unrounded; fractions in points.
pub fn table_csv(log: &RunLog, table: &Table) -> String {
    let quantity = log.quantity(&table.quantity);
    let scale = if quantity.is_some_and(Quantity::is_fraction) { 100.0 } else { 1.0 };
    let head = std::iter::once(table.row_of.clone()).chain(table.columns.iter().cloned()).collect();
    let line = |(name, cells): (&str, Vec<Option<f64>>)| {
        // Cells are single precision: more digits would be those of the conversion.
        let number = |cell: Option<f64>| cell.map(|value| ((scale * value) as f32).to_string()).unwrap_or_default();
        std::iter::once(name.to_owned()).chain(cells.into_iter().map(number)).collect()
    };
    csv(std::iter::once(head).chain(table.by_row().map(line)))
}

#[cfg(test)]
mod tests {
    use protocol::Packed;

    use super::*;
    use crate::view::testing::{accuracies, knowledge};

    fn severities(better: Better) -> (Table, RunLog) {
        let table = Table {
            rows: vec!["none".to_owned(), "severe".to_owned()],
            columns: vec!["source".to_owned(), "TENT".to_owned()],
            row_of: "Severity".to_owned(),
            column_of: "BN".to_owned(),
            quantity: "error".to_owned(),
            cells: Packed(vec![2.0, 3.0, 12.5, f32::INFINITY]),
            ..accuracies()
        };
        let quantities = vec![Quantity::new("error", "Error", "items", better, "Wrong answers.")];
        (table, RunLog { quantities, ..RunLog::default() })
    }

    #[test]
    fn models_are_held_against_the_model_before() {
        let log = knowledge();
        let grid = Grid::of(&log, &log.tables[0]);
        let texts: Vec<Vec<Option<&str>>> = grid
            .rows
            .iter()
            .map(|row| row.cells.iter().map(|cell| cell.as_ref().map(|it| it.text.as_str())).collect())
            .collect();
        assert_eq!(texts, [[Some("75.0"), None], [Some("50.0"), Some("100.0")]]);
        let marks = |row: usize| grid.rows[row].cells.iter().flatten().map(|it| it.mark.clone()).collect::<Vec<_>>();
        assert_eq!(marks(0), [Mark::None]);
        assert_eq!(marks(1), [Mark::Change(Some(false), "\u{2212}25.0".to_owned()), Mark::None]);
        assert_eq!(grid.rows[1].model, Some(ModelId::deployed(2)));
        let depths: Vec<f64> = grid.rows.iter().flat_map(|row| row.cells.iter().flatten()).map(|it| it.depth).collect();
        assert_eq!(depths, [0.75, 0.5, 1.0], "shares go from none to all");
        assert_eq!(
            grid.caption,
            "Share of right answers. Higher is better. In points. Rows: model. Columns: task. \u{25b2} better, \u{25bc} worse than the model that it goes on from."
        );
    }

    #[test]
    fn models_side_by_side_are_not_held_against_each_other() {
        let mut log = knowledge();
        let stage = |from: &[u8]| protocol::Stage { from: from.to_vec(), ..protocol::Stage::default() };
        let stages = vec![stage(&[]), stage(&[]), stage(&[1]), stage(&[2, 3])];
        log.scenario = Some(protocol::Scenario { stages, ..protocol::Scenario::default() });
        let table = |rows: &[&str], cells: Vec<f32>| Table {
            rows: rows.iter().map(|&row| row.to_owned()).collect(),
            columns: vec!["task 1".to_owned()],
            cells: Packed(cells),
            ..accuracies()
        };
        let marks = |table: &Table| -> Vec<Mark> {
            Grid::of(&log, table)
                .rows
                .iter()
                .flat_map(|row| row.cells.iter().flatten())
                .map(|it| it.mark.clone())
                .collect()
        };
        let change = |better, text: &str| Mark::Change(Some(better), text.to_owned());
        // v3 goes on from v1, not from the ceiling or the model that stand above it; v4 from v2 first.
        let found = marks(&table(&["v1", "v2", "v2*", "v3", "v4"], vec![0.5, 0.75, 0.875, 0.25, 1.0]));
        let expected =
            [Mark::None, change(true, "+25.0"), Mark::None, change(false, "\u{2212}25.0"), change(true, "+25.0")];
        assert_eq!(found, expected);
        // Where none stands beside what it goes on from, the best and the worst are marked.
        assert_eq!(marks(&table(&["v2", "v3"], vec![0.75, 0.25])), [Mark::Best, Mark::Worst]);
        // What the model before has no number of is held against the one before that.
        let found = marks(&table(&["v1", "v2", "v4"], vec![0.5, f32::NAN, 0.75]));
        assert_eq!(found, [Mark::None, change(true, "+25.0")]);
    }

    #[test]
    fn other_rows_have_a_best_and_a_worst_by_column() {
        let (table, log) = severities(Better::Lower);
        let grid = Grid::of(&log, &table);
        let cells: Vec<_> = grid.rows.iter().flat_map(|row| row.cells.clone()).collect();
        let found: Vec<_> =
            cells.iter().map(|cell| cell.as_ref().map(|it| (it.text.as_str(), it.mark.clone()))).collect();
        assert_eq!(found, [Some(("2.0", Mark::Best)), Some(("3.0", Mark::None)), Some(("12.5", Mark::Worst)), None]);
        assert_eq!(cells[0].as_ref().map(|it| it.depth), Some(1.0), "less is better");
        assert!(grid.caption.contains("In items. Rows: severity. Columns: BN. \u{25b2} best"), "{}", grid.caption);
        assert_eq!(grid.rows[0].model, None);
    }

    #[test]
    fn a_quantity_that_only_tells_judges_nothing() {
        let (table, log) = severities(Better::Neither);
        for log in [&log, &RunLog::default()] {
            let grid = Grid::of(log, &table);
            assert!(grid.rows.iter().flat_map(|row| row.cells.iter().flatten()).all(|cell| cell.mark == Mark::None));
        }
        assert_eq!(Grid::of(&RunLog::default(), &table).caption, "Rows: severity. Columns: BN.");
        assert_eq!(change(-0.25, Better::Neither, false, 2), Mark::Change(None, "\u{2212}0.25".to_owned()));
        assert_eq!(change(0.001, Better::Higher, false, 2), Mark::Change(None, "0.00".to_owned()));
        assert_eq!(change(-3.0, Better::Lower, false, 1), Mark::Change(Some(true), "\u{2212}3.0".to_owned()));
    }

    #[test]
    fn a_table_without_numbers_is_empty_cells() {
        let table = Table { cells: Packed(Vec::new()), ..accuracies() };
        let grid = Grid::of(&RunLog::default(), &table);
        assert!(grid.rows.iter().all(|row| row.cells == [None, None]));
    }

    #[test]
    fn a_file_has_points_and_gaps() {
        let log = knowledge();
        let text = table_csv(&log, &log.tables[0]);
        assert_eq!(text, "Model,task 1: Shirt,task 2: Bag\r\nv1,75,\r\nv2,50,100\r\n");
        let fine = Table { cells: Packed(vec![0.9775, 0.1, f32::NAN, 1.0]), ..accuracies() };
        assert!(table_csv(&log, &fine).contains("v1,97.75,10\r\n"), "{}", table_csv(&log, &fine));
    }

    #[test]
    fn a_table_is_chosen_by_its_id_or_is_the_first() {
        let mut log = knowledge();
        log.tables.push(Table { id: "within".to_owned(), title: "Within".to_owned(), ..accuracies() });
        assert_eq!(choices(&log).len(), 2);
        let id = |wanted: Option<&str>| chosen(&log, wanted).map(|table| table.id.as_str());
        assert_eq!([None, Some("within"), Some("gone")].map(id), [Some("accuracy"), Some("within"), Some("accuracy")]);
        assert_eq!(chosen(&RunLog::default(), None), None);
    }
}
