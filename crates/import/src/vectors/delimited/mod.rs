//! Tables of text (CSV and TSV): a column for each dim, or a cell for each vector; beside them ids and labels.

mod cells;

use super::error::VectorsError;
use super::limits;
use super::lines::Lines;
use super::naming::{self, Use};
use super::qrels::shortened;
use super::records::{Cell, Records};
use super::sources::Store;
use super::things::Thing;
use cells::{Row, Table};

pub(super) use cells::vector;

/// What a column of a table is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    /// Numbers, one after the other, of a vector of this name.
    Dim(String),
    /// A vector in each cell, or a name.
    Cell(String),
    /// The place of a row in a table that it once was of.
    Index,
}

/// Reads file `entry`.
pub(super) fn read(store: &mut Store, entry: usize, path: &str) -> Result<Vec<Thing>, VectorsError> {
    let lines = Lines::new(store, entry, path)?;
    let mut table = Table::new(lines, path);
    let mut records = Records::new(path);
    let Some(first) = table.next()? else { return records.finish(entry) };
    let second = table.next()?;
    let below = second.as_ref().map(|row| row.cells.as_slice());
    let header = is_header(&first.cells, below, path);
    let columns = columns(&first.cells, if header { below } else { Some(first.cells.as_slice()) }, header, path);
    let most = limits::DIMS.end() * 4;
    if columns.len() > most {
        let (path, most) = (path.to_owned(), most.to_string());
        return Err(VectorsError::TooLarge { path, what: "more columns", most, remedy: "save vectors as .npy" });
    }
    let fault = |line: usize, reason: String| VectorsError::Line { path: path.to_owned(), line, reason };
    if !header {
        take_in(&mut records, &columns, first.cells).map_err(|reason| fault(first.line, reason))?;
        records.end()?;
    }
    let mut next = second;
    while let Some(Row { line, cells }) = next {
        if cells.len() != columns.len() {
            let reason = format!("it has {} cells, and the first line has {}", cells.len(), columns.len());
            return Err(fault(line, reason));
        }
        take_in(&mut records, &columns, cells).map_err(|reason| fault(line, reason))?;
        records.end()?;
        next = table.next()?;
    }
    records.finish(entry)
}

/// Takes in a line.
fn take_in(records: &mut Records<'_>, columns: &[Column], cells: Vec<String>) -> Result<(), String> {
    // Numbers that stand side by side under one name are a vector.
    let mut vector: Option<(&str, Vec<f32>)> = None;
    for (column, cell) in columns.iter().zip(cells) {
        if let Column::Dim(name) = column {
            let number = if cell.trim().is_empty() { Some(f32::NAN) } else { cells::number(&cell) };
            let number = number.ok_or_else(|| format!("`{}` is no number", shortened(&cell)))?;
            match &mut vector {
                Some((of, numbers)) if *of == name.as_str() => numbers.push(number),
                _ => {
                    if let Some((of, numbers)) = vector.replace((name.as_str(), vec![number])) {
                        records.add(of, Cell::Vector(numbers))?;
                    }
                }
            }
            continue;
        }
        if let Some((of, numbers)) = vector.take() {
            records.add(of, Cell::Vector(numbers))?;
        }
        if let Column::Cell(name) = column {
            // An id can be two numbers with a space between them.
            let is_list = cell.trim_start().starts_with(['[', '(', '{']);
            let used = naming::column(name).used;
            let numbers = match used {
                Some(_) if !is_list => None,
                // A text can begin as anything does.
                Some(Use::Texts) => cells::vector(&cell).unwrap_or_default(),
                _ => cells::vector(&cell)?,
            };
            let cell = numbers.map_or_else(|| Cell::Name(cell.trim().to_owned()), Cell::Vector);
            records.add(name, cell)?;
        }
    }
    vector.map_or(Ok(()), |(of, numbers)| records.add(of, Cell::Vector(numbers)))
}

/// Whether the first line names the columns.
fn is_header(first: &[String], second: Option<&[String]>, path: &str) -> bool {
    let known = |cell: &str| {
        let said = naming::column(cell);
        let used = said.used.is_some_and(|used| used != Use::Texts);
        used || said.kind.is_some() && cell.len() < 24
    };
    let is_empty = |cell: &String| cell.trim().is_empty();
    let numbers: Vec<&str> =
        first.iter().map(|cell| cell.trim()).filter(|cell| cells::number(cell).is_some()).collect();
    let counted = |from: usize| numbers.iter().enumerate().all(|(at, number)| *number == (at + from).to_string());
    let others = first.iter().filter(|cell| cells::number(cell).is_none());
    if numbers.len() >= 2 && (counted(0) || counted(1)) && others.clone().all(|cell| is_empty(cell) || known(cell)) {
        // The columns of a data frame without names, and those of its ids and labels.
        return true;
    }
    if first.iter().any(|cell| is_value(cell)) {
        return false;
    }
    // Words alone. Known ones name columns, unless the line below has such words too, as labels like `person 1` have.
    let below = |at: usize| second.and_then(|second| second.get(at)).map_or("", String::as_str);
    if first.iter().enumerate().any(|(at, cell)| known(cell) && !known(below(at))) {
        return true;
    }
    // What texts are called are words that a text or label can be, unless all of a line is so.
    let says = |cell: &String| naming::column(cell).used.is_some();
    if first.len() > 1 && first.iter().all(says) && !second.is_some_and(|second| second.iter().any(says)) {
        return true;
    }
    let values = second.is_some_and(|second| second.iter().any(|cell| is_value(cell)));
    // `d0,cat` in a file of labels is an id and a label.
    values || naming::use_of(path).is_none() || first.len() > 2
}

/// Whether a cell is a number or a vector, and so nothing that names a column.
fn is_value(cell: &str) -> bool {
    cells::number(cell).is_some_and(f32::is_finite) || matches!(cells::vector(cell), Ok(Some(_)) | Err(_))
}

/// What each column is, by its name and the first row of values.
fn columns(first: &[String], values: Option<&[String]>, header: bool, path: &str) -> Vec<Column> {
    let value = |at: usize| values.and_then(|values| values.get(at)).map_or("", String::as_str);
    let named = |(at, name): (usize, &String)| {
        let name = name.trim();
        let said = naming::column(name);
        let number = cells::number(value(at)).is_some();
        let index = name.is_empty() || name.to_lowercase().starts_with("unnamed");
        match () {
            () if at == 0 && index => Column::Index,
            () if said.used.is_some() => Column::Cell(name.to_owned()),
            () if number && !said.grade => Column::Dim(stem(name)),
            () => Column::Cell(name.to_owned()),
        }
    };
    if header {
        let columns: Vec<Column> = first.iter().enumerate().map(named).collect();
        return without_lone_dims(columns, first);
    }
    // Without names: words are ids, or labels where the file is one of labels; the rest is a vector.
    let role = naming::use_of(path).unwrap_or(Use::Ids);
    let words: Vec<usize> = (0..first.len()).filter(|&at| cells::number(value(at)).is_none()).collect();
    let lists = first.len() == 1 || naming::use_of(path).is_some() && first.len() == 2;
    let unnamed = |at: usize| {
        let vector = matches!(cells::vector(value(at)), Ok(Some(_)) | Err(_));
        let last = at + 1 == first.len();
        match () {
            () if vector => Column::Cell("vector".to_owned()),
            () if lists && last => Column::Cell(role.column().to_owned()),
            () if lists => Column::Cell("id".to_owned()),
            () if words.first() == Some(&at) => Column::Cell("id".to_owned()),
            () if words.get(1) == Some(&at) => Column::Cell("label".to_owned()),
            () if words.contains(&at) => Column::Index,
            () => Column::Dim("vector".to_owned()),
        }
    };
    (0..first.len()).map(unnamed).collect()
}

/// A column of numbers by itself is no vector: a grade, a count, an id.
fn without_lone_dims(columns: Vec<Column>, names: &[String]) -> Vec<Column> {
    let alone = |column: &Column| {
        matches!(column, Column::Dim(_)) && columns.iter().filter(|other| *other == column).nth(1).is_none()
    };
    let named = columns.iter().zip(names).map(|(column, name)| match alone(column) {
        true => Column::Cell(name.trim().to_owned()),
        false => column.clone(),
    });
    named.collect()
}

/// The name of a vector whose numbers stand in columns of their own: `old` of `old_0` and `old.1`.
fn stem(name: &str) -> String {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let stem = stem.trim_end_matches(['_', '-', '.', ' ', '[', ':']);
    if stem.is_empty() { "vector".to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests;
