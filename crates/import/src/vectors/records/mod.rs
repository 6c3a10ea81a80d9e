//! Records, such as the lines of JSON lines and of tables: some of their fields are vectors, some ids, labels, tasks or texts, and the
//! others are of no use here.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::error::VectorsError;
use super::limits;
use super::lines::within;
use super::matrix::Matrix;
use super::naming::{self, Kind, Use};
use super::qrels::shortened;
use super::things::{Body, Judgement, Names, Sets, Thing, cut};
use crate::words;

/// Most fields that are looked at.
const COLUMNS: usize = 256;
/// Bytes that a word takes beside its letters.
pub(super) const PER_WORD: usize = 24;

/// What a record has in a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Vector(Vec<f32>),
    Name(String),
    Set(Vec<String>),
}

/// The fields of all records of a file so far, column by column.
pub(super) struct Records<'a> {
    path: &'a str,
    columns: Vec<Column>,
    places: HashMap<String, usize>,
    /// Fields that hold words of no use here, whatever stands in one of them later.
    useless: HashSet<String>,
    rows: usize,
    /// Numbers that are held, and bytes that ids and labels take.
    numbers: usize,
    bytes: usize,
    /// Bytes that texts take; none where that was too much, and they are no longer kept.
    text_bytes: Option<usize>,
}

struct Column {
    name: String,
    values: Values,
    /// How many records it has values of, with what stands for nothing where some were without.
    rows: usize,
}

enum Values {
    /// `at` are the records that have one.
    Vectors {
        dims: usize,
        numbers: Vec<f32>,
        at: Vec<usize>,
    },
    Names(Names),
    Sets {
        sets: Sets,
        places: HashMap<String, u32>,
    },
    /// What a person reads, cut.
    Texts(Vec<String>),
}

impl<'a> Records<'a> {
    pub fn new(path: &'a str) -> Self {
        Self {
            path,
            columns: Vec::new(),
            places: HashMap::new(),
            useless: HashSet::new(),
            rows: 0,
            numbers: 0,
            bytes: 0,
            text_bytes: Some(0),
        }
    }

    /// Takes in a field of the record that is being read. Words in fields that are for nothing here are forgotten.
    ///
    /// # Errors
    /// Why it does not go with the records before, as a part of a sentence.
    pub fn add(&mut self, name: &str, cell: Cell) -> Result<(), String> {
        let Some(place) = self.place(name, &cell) else { return Ok(()) };
        let Some(column) = self.columns.get_mut(place) else { return Ok(()) };
        if column.rows > self.rows {
            // The same field twice in a record.
            return Ok(());
        }
        if let Values::Vectors { dims, numbers, at } = &mut column.values {
            match cell {
                Cell::Vector(vector) if vector.len() == *dims => {
                    self.numbers = self.numbers.saturating_add(vector.len());
                    numbers.extend(vector);
                    at.push(self.rows);
                }
                Cell::Vector(vector) => {
                    return Err(format!("`{name}` has {} numbers, and {dims} before", vector.len()));
                }
                Cell::Name(text) if text.trim().is_empty() => {}
                Cell::Name(text) => return Err(format!("`{name}` is `{}`, and a vector before", shortened(&text))),
                Cell::Set(_) => return Err(format!("`{name}` is a list of words, and a vector before")),
            }
            column.rows = self.rows + 1;
            return Ok(());
        }
        if matches!(column.values, Values::Texts(_)) {
            if let Cell::Name(text) = cell {
                self.add_text(place, &cut(&text));
            }
            return Ok(());
        }
        let more: usize = match &cell {
            Cell::Vector(_) => return Err(format!("`{name}` is a vector, and a word before")),
            Cell::Name(text) => text.len(),
            Cell::Set(set) => set.iter().map(String::len).sum(),
        };
        let missing = self.rows.saturating_sub(column.rows).saturating_add(1);
        self.bytes = self.bytes.saturating_add(missing.saturating_mul(PER_WORD)).saturating_add(more);
        if self.bytes > limits::NAME_BYTES {
            return Err(format!("ids and labels take more than {}", words::megabytes(limits::NAME_BYTES)));
        }
        column.pad(self.rows);
        if matches!(cell, Cell::Set(_)) {
            column.widen();
        }
        let set = match (&mut column.values, cell) {
            (Values::Names(names), Cell::Name(text)) => {
                names.values.push(text);
                None
            }
            (_, Cell::Name(text)) if text.is_empty() => Some(Vec::new()),
            (_, Cell::Name(text)) => Some(vec![text]),
            (_, Cell::Set(set)) => Some(set),
            (_, Cell::Vector(_)) => None,
        };
        if let (Some(set), Values::Sets { sets, places }) = (set, &mut column.values) {
            sets.of.push(set.into_iter().map(|label| place_of(label, &mut sets.names, places)).collect());
        }
        column.rows = self.rows + 1;
        Ok(())
    }

    /// Takes in a text, or forgets all where that is too much.
    fn add_text(&mut self, place: usize, text: &str) {
        let (Some(column), Some(bytes)) = (self.columns.get_mut(place), self.text_bytes) else { return };
        let missing = self.rows.saturating_sub(column.rows).saturating_add(1);
        let bytes = bytes.saturating_add(missing.saturating_mul(PER_WORD)).saturating_add(text.len());
        if bytes > limits::TEXT_BYTES {
            self.forget_texts();
            return;
        }
        self.text_bytes = Some(bytes);
        column.pad(self.rows);
        if let Values::Texts(texts) = &mut column.values {
            texts.push(text.to_owned());
        }
        column.rows = self.rows + 1;
    }

    fn forget_texts(&mut self) {
        self.text_bytes = None;
        for column in &mut self.columns {
            if let Values::Texts(texts) = &mut column.values {
                *texts = Vec::new();
            }
        }
    }

    /// Where the column of this name is; a new one where the field is of use and is met for the first time.
    fn place(&mut self, name: &str, cell: &Cell) -> Option<usize> {
        if let Some(&place) = self.places.get(name) {
            return Some(place);
        }
        if self.columns.len() >= COLUMNS || self.useless.contains(name) {
            return None;
        }
        let said = naming::column(name);
        let values = match cell {
            Cell::Vector(vector) => Values::Vectors { dims: vector.len(), numbers: Vec::new(), at: Vec::new() },
            // Nothing yet.
            Cell::Name(text) if text.trim().is_empty() && said.used.is_none() => return None,
            _ if said.used.is_none() && said.kind.is_none() && !said.grade => {
                if self.useless.len() < COLUMNS {
                    self.useless.insert(name.to_owned());
                }
                return None;
            }
            Cell::Name(_) if said.used == Some(Use::Texts) => Values::Texts(Vec::new()),
            Cell::Set(_) if said.used == Some(Use::Texts) => return None,
            Cell::Name(_) => Values::Names(Names::default()),
            Cell::Set(_) => Values::Sets { sets: Sets::default(), places: HashMap::new() },
        };
        self.places.insert(name.to_owned(), self.columns.len());
        self.columns.push(Column { name: name.to_owned(), values, rows: 0 });
        Some(self.columns.len() - 1)
    }

    /// Goes to record `row`, whose fields come next: a file of columns comes back to the first record for each.
    pub fn go_to(&mut self, row: usize) {
        self.rows = row;
    }

    /// Ends all records before `rows`.
    pub fn reach(&mut self, rows: usize) -> Result<(), VectorsError> {
        self.rows = rows;
        within(self.path, self.rows, self.bytes)?;
        self.check(self.numbers)
    }

    /// Ends a record.
    pub fn end(&mut self) -> Result<(), VectorsError> {
        self.reach(self.rows + 1)
    }

    fn check(&self, numbers: usize) -> Result<(), VectorsError> {
        if numbers <= limits::TEXT_NUMBERS {
            return Ok(());
        }
        let (path, most) = (self.path.to_owned(), limits::TEXT_NUMBERS.to_string());
        let remedy = "save vectors as .npy, of which only the rows that are taken are held";
        Err(VectorsError::TooLarge { path, what: "more numbers", most, remedy })
    }

    /// The columns of vectors, one of ids, one of labels, one of tasks and one of texts; or judgements, where records name a query and a
    /// document and have no vectors.
    pub fn finish(mut self, bundle: usize) -> Result<Vec<Thing>, VectorsError> {
        // What stands for nothing is made only where it is not too much.
        let (mut numbers, mut bytes, mut text_bytes) = (0usize, self.bytes, self.text_bytes.unwrap_or_default());
        for column in &self.columns {
            let missing = self.rows.saturating_sub(column.rows).saturating_mul(PER_WORD);
            match &column.values {
                Values::Vectors { dims, .. } => numbers = numbers.saturating_add(dims.saturating_mul(self.rows)),
                Values::Texts(_) => text_bytes = text_bytes.saturating_add(missing),
                Values::Names(_) | Values::Sets { .. } => bytes = bytes.saturating_add(missing),
            }
        }
        self.check(numbers)?;
        within(self.path, self.rows, bytes)?;
        if text_bytes > limits::TEXT_BYTES {
            self.forget_texts();
        }
        let forgotten = self.text_bytes.is_none();
        if forgotten {
            self.columns.retain(|column| !matches!(column.values, Values::Texts(_)));
        }
        for column in &mut self.columns {
            column.pad(self.rows);
        }
        let path = self.path.to_owned();
        let thing = |name: &str, body: Body| Thing { path: format!("{path}/{name}"), bundle: Some(bundle), body };
        let (vectors, mut others): (Vec<Column>, Vec<Column>) =
            self.columns.into_iter().partition(|column| matches!(column.values, Values::Vectors { .. }));
        if vectors.is_empty()
            && let Some(judgements) = judgements(&others)
        {
            return Ok(vec![Thing { path, bundle: Some(bundle), body: Body::Judgements(judgements) }]);
        }
        let ids = best(&mut others, rank_of_ids);
        let asks = vectors.first().is_some_and(|column| {
            let said = naming::parse(&format!("{path}/{}", column.name), &BTreeSet::new(), false);
            said.kind == Some(Kind::Queries)
        });
        let labels = best(&mut others, |name| rank_of_labels(name, asks));
        let tasks = best(&mut others, |name| (naming::column(name).used == Some(Use::Tasks)).then_some(0));
        let queries = asks || naming::parse(&path, &BTreeSet::new(), false).kind == Some(Kind::Queries);
        let titles = best(&mut others, |name| own(name).starts_with("title").then_some(0));
        let texts = best(&mut others, |name| rank_of_texts(name, queries));
        let mut things = Vec::new();
        for Column { name, values, .. } in vectors {
            if let Values::Vectors { dims, numbers, .. } = values {
                things.push(thing(&name, Body::Matrix(Matrix::Held { dims, numbers })));
            }
        }
        // Under names that say what they are, whatever theirs are.
        for (column, role) in [(ids, Use::Ids), (labels, Use::Labels), (tasks, Use::Tasks)] {
            match column.map(|column| column.values) {
                Some(Values::Names(names)) => things.push(thing(role.column(), Body::Names(names))),
                Some(Values::Sets { sets, .. }) => things.push(thing(role.column(), Body::Sets(sets))),
                Some(Values::Vectors { .. } | Values::Texts(_)) | None => {}
            }
        }
        if let Some(texts) = titled(titles, texts) {
            things.push(thing(Use::Texts.column(), Body::Names(texts)));
        }
        if things.is_empty() {
            let why = "none of its fields holds vectors, ids or labels".to_owned();
            return Ok(vec![Thing { path, bundle: None, body: Body::Extra(why) }]);
        }
        if forgotten {
            things.push(thing(Use::Texts.column(), Body::Extra(too_long())));
        }
        Ok(things)
    }
}

impl Column {
    /// Makes it `rows` long, with what stands for nothing.
    fn pad(&mut self, rows: usize) {
        let missing = rows.saturating_sub(self.rows);
        match &mut self.values {
            Values::Vectors { dims, numbers, at } if at.len() < rows => {
                let mut all = vec![f32::NAN; rows.saturating_mul(*dims)];
                for (vector, &row) in numbers.chunks_exact((*dims).max(1)).zip(at.iter()) {
                    let start = row.saturating_mul(*dims);
                    if let Some(place) = all.get_mut(start..start.saturating_add(vector.len())) {
                        place.copy_from_slice(vector);
                    }
                }
                *numbers = all;
                *at = (0..rows).collect();
            }
            Values::Vectors { .. } => {}
            Values::Names(names) => names.values.extend(std::iter::repeat_n(String::new(), missing)),
            Values::Sets { sets, .. } => sets.of.extend(std::iter::repeat_n(Vec::new(), missing)),
            Values::Texts(texts) => texts.extend(std::iter::repeat_n(String::new(), missing)),
        }
        self.rows = self.rows.max(rows);
    }

    /// Makes sets of one of names.
    fn widen(&mut self) {
        if let Values::Names(names) = &mut self.values {
            let (mut sets, mut places) = (Sets::default(), HashMap::new());
            for name in std::mem::take(&mut names.values) {
                let set = if name.is_empty() { Vec::new() } else { vec![name] };
                sets.of.push(set.into_iter().map(|label| place_of(label, &mut sets.names, &mut places)).collect());
            }
            self.values = Values::Sets { sets, places };
        }
    }
}

fn place_of(label: String, names: &mut Vec<String>, places: &mut HashMap<String, u32>) -> u32 {
    *places.entry(label).or_insert_with_key(|label| {
        names.push(label.clone());
        (names.len() - 1) as u32
    })
}

/// Takes out the column of the lowest rank; the first of several.
fn best(columns: &mut Vec<Column>, rank: impl Fn(&str) -> Option<u8>) -> Option<Column> {
    let ranked = columns.iter().enumerate().filter_map(|(at, column)| Some((rank(&column.name)?, at)));
    let (_, at) = ranked.min()?;
    Some(columns.remove(at))
}

/// Why texts are not kept, as the end of a sentence.
pub(super) fn too_long() -> String {
    format!("texts take more than the {} that are kept of them", words::megabytes(limits::TEXT_BYTES))
}

/// The texts of rows, each behind its title where it has both; none where no row has one.
fn titled(titles: Option<Column>, texts: Option<Column>) -> Option<Names> {
    let of = |column: Option<Column>| match column.map(|column| column.values) {
        Some(Values::Texts(texts)) => Some(texts),
        _ => None,
    };
    let texts: Vec<String> = match (of(titles), of(texts)) {
        (Some(titles), Some(texts)) => {
            let both = |(title, text): (String, String)| match (title.is_empty(), text.is_empty()) {
                (false, false) => cut(&format!("{title}: {text}")),
                (true, _) => text,
                (false, true) => title,
            };
            titles.into_iter().zip(texts).map(both).collect()
        }
        (titles, texts) => titles.or(texts)?,
    };
    texts.iter().any(|text| !text.is_empty()).then(|| texts.into_iter().collect())
}

/// The name of a field itself, without what it lies in.
fn own(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_lowercase()
}

/// Which of several columns of texts is read: what says of itself that it is of the other kind comes last. `asks`: whether records are
/// queries.
fn rank_of_texts(name: &str, asks: bool) -> Option<u8> {
    let said = naming::column(name);
    (said.used == Some(Use::Texts)).then_some(match said.kind {
        Some(kind) if (kind == Kind::Queries) == asks => 0,
        None => 1,
        Some(_) => 2,
    })
}

/// Which of several columns of ids names the records.
fn rank_of_ids(name: &str) -> Option<u8> {
    let (said, own) = (naming::column(name), own(name));
    (said.used == Some(Use::Ids)).then_some(match own.as_str() {
        "id" | "_id" | "ids" => 0,
        "custom_id" | "uuid" | "key" => 1,
        _ if said.kind == Some(Kind::Queries) => 2,
        _ => 3,
    })
}

/// Which of several columns of labels counts: documents that are relevant before classes. `asks`: whether records are queries, of which
/// the id of a document says what answers them.
fn rank_of_labels(name: &str, asks: bool) -> Option<u8> {
    let (said, own) = (naming::column(name), own(name));
    match said.used {
        Some(Use::Labels) if ["relevant", "positive", "gold"].iter().any(|word| own.contains(word)) => Some(0),
        Some(Use::Ids) if asks && said.kind == Some(Kind::Documents) => Some(1),
        Some(Use::Labels) if own.starts_with("label") => Some(2),
        Some(Use::Labels) => Some(3),
        _ => None,
    }
}

/// Judgements, where there is a column of ids of queries and one of documents.
fn judgements(columns: &[Column]) -> Option<Vec<Judgement>> {
    let of = |kind: Kind| {
        columns.iter().find_map(|column| {
            let said = naming::column(&column.name);
            let names = match &column.values {
                Values::Names(names) if said.kind == Some(kind) && said.used == Some(Use::Ids) => names,
                _ => return None,
            };
            Some(&names.values)
        })
    };
    let (queries, documents) = (of(Kind::Queries)?, of(Kind::Documents)?);
    let grades = columns.iter().find_map(|column| match &column.values {
        Values::Names(names) if naming::column(&column.name).grade => Some(&names.values),
        _ => None,
    });
    let grade = |row: usize| grades.map_or(Some(1.0), |grades| grades.get(row)?.trim().parse().ok());
    let pairs = queries.iter().zip(documents).enumerate();
    let judgement = |(row, (query, document)): (usize, (&String, &String))| {
        Some(Judgement { query: query.clone(), document: document.clone(), grade: grade(row)? })
    };
    pairs.map(judgement).collect()
}

#[cfg(test)]
mod tests;
