//! What files hold, before it is known what it is for.

use std::collections::HashMap;

use super::error::VectorsError;
use super::limits;
use super::matrix::Matrix;

/// An array, a column of records, or a file that is either as a whole.
#[derive(Debug)]
pub(super) struct Thing {
    /// Path of the file; of an array or column within it, with its name after another `/`.
    pub path: String,
    /// Things with the same number were records of one file, so their rows belong together.
    pub bundle: Option<usize>,
    pub body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    /// Vectors, one a row.
    Matrix(Matrix),
    /// Ids, labels, tasks or texts, one a row.
    Names(Names),
    /// Any number of labels a row.
    Sets(Sets),
    /// What is relevant to what.
    Judgements(Vec<Judgement>),
    /// Something that is not read, with a way of converting it.
    Refused(VectorsError),
    /// Something else; why it is of no use here, as the end of a sentence.
    Extra(String),
}

/// A word for each row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// An empty one is none.
    pub values: Vec<String>,
    /// Whether some were no UTF-8 and were read as Latin-1.
    pub latin: bool,
}

/// Several labels for each row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sets {
    /// Of every row, indices into `names`.
    pub of: Vec<Vec<u32>>,
    pub names: Vec<String>,
}

/// A document that is relevant to a query, by their ids.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Judgement {
    pub query: String,
    pub document: String,
    /// 0 or less where it is known not to be relevant.
    pub grade: f32,
}

impl Names {
    /// Takes in a string of bytes: UTF-8, or where it is none, Latin-1.
    pub fn push(&mut self, bytes: &[u8]) {
        self.values.push(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                self.latin = true;
                bytes.iter().map(|&byte| char::from(byte)).collect()
            }
        });
    }
}

impl Sets {
    /// Of the labels of every row.
    pub fn of_names(rows: Vec<Vec<String>>) -> Self {
        let (mut names, mut places) = (Vec::new(), HashMap::new());
        let mut place = |name: String| {
            *places.entry(name).or_insert_with_key(|name: &String| {
                names.push(name.clone());
                (names.len() - 1) as u32
            })
        };
        let mut set =
            |row: Vec<String>| row.into_iter().filter(|name| !name.is_empty()).map(&mut place).collect::<Vec<u32>>();
        let of = rows.into_iter().map(&mut set).collect();
        Self { of, names }
    }
}

impl FromIterator<String> for Names {
    fn from_iter<I: IntoIterator<Item = String>>(values: I) -> Self {
        Self { values: values.into_iter().collect(), latin: false }
    }
}

/// As much of a text as is kept.
pub(super) fn cut(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(limits::TEXT_LETTERS) {
        Some((end, _)) => format!("{}\u{2026}", text.get(..end).unwrap_or(text).trim_end()),
        None => text.to_owned(),
    }
}

/// A number as the name of something: `3` of 3 and of 3.0. None where it has a fraction; of NaN, which stands for nothing, an empty name.
pub(super) fn name_of(number: f64) -> Option<String> {
    match number {
        _ if number.is_nan() => Some(String::new()),
        _ if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 => Some((number as i64).to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_names_where_they_are_whole() {
        let names = [3.0, -1.0, 0.5, f64::NAN, 1e300, f64::INFINITY].map(name_of);
        let expected = [Some("3"), Some("-1"), None, Some(""), None, None];
        assert_eq!(names, expected.map(|name| name.map(str::to_owned)));
    }

    #[test]
    fn long_texts_are_cut_between_letters() {
        let long = "\u{e4}".repeat(limits::TEXT_LETTERS + 1);
        assert_eq!(cut(&long), format!("{}\u{2026}", "\u{e4}".repeat(limits::TEXT_LETTERS)));
        assert_eq!(cut(" a b\n"), "a b");
        assert_eq!(cut(&"a".repeat(limits::TEXT_LETTERS)).len(), limits::TEXT_LETTERS);
    }

    #[test]
    fn bytes_that_are_no_utf8_are_latin() {
        let mut names = Names::default();
        names.push("Möntel".as_bytes());
        assert!(!names.latin);
        names.push(b"W\xe4sche");
        assert_eq!((names.values[1].as_str(), names.latin), ("Wäsche", true));
    }
}
