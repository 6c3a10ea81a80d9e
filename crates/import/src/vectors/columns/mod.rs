//! Files of columns: Parquet and Arrow. What a column is for is told by the same words as of the fields of records, and the columns are
//! brought as these are.
//!
//! * **Sizes are compared with limits before anything of that size is held**: of messages, of column chunks, and of what pages unpack to.
//! * **One column of one group of rows is held at a time**, beside what is kept.

pub(super) mod arrow;
mod packed;
pub(super) mod parquet;

use super::error::VectorsError;
use super::naming::{self, Use};
use super::records::{Cell, Records};
use super::things::name_of;

/// What a column is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Word,
    Set,
    Vector,
}

/// What a column of one value a row is of use as, if it is.
fn want_of_value(name: &str) -> Option<Want> {
    let said = naming::column(name);
    (said.used.is_some() || said.kind.is_some() || said.grade).then_some(Want::Word)
}

/// What a column of lists is of use as, if it is.
fn want_of_lists(name: &str, numbers: bool) -> Option<Want> {
    match naming::column(name).used {
        Some(Use::Labels) => Some(Want::Set),
        _ => numbers.then_some(Want::Vector),
    }
}

/// A column on its way into records.
struct Target<'a> {
    path: &'a str,
    name: &'a str,
    want: Want,
}

impl Target<'_> {
    /// Takes in what stands in `row`; nothing where that is nothing.
    ///
    /// # Errors
    /// It does not go with the rows before.
    fn put<T>(
        &self,
        records: &mut Records<'_>,
        row: usize,
        values: &[Option<T>],
        number: impl Fn(&T) -> f32,
        word: impl Fn(&T) -> String,
    ) -> Result<(), VectorsError> {
        let cell = match (self.want, values) {
            (_, []) | (Want::Word, [None]) => return Ok(()),
            (Want::Word, _) => Cell::Name(values.iter().flatten().next().map(word).unwrap_or_default()),
            (Want::Set, _) => Cell::Set(values.iter().flatten().map(word).collect()),
            (Want::Vector, _) => {
                Cell::Vector(values.iter().map(|value| value.as_ref().map_or(f32::NAN, &number)).collect())
            }
        };
        records.go_to(row);
        let fault = |reason| VectorsError::Row { path: self.path.to_owned(), row, reason };
        records.add(self.name, cell).map_err(fault)
    }
}

/// UTF-8, or where it is none, Latin-1.
fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect(), str::to_owned)
}

/// A number as a word.
fn named(number: f64) -> String {
    name_of(number).unwrap_or_else(|| number.to_string())
}

/// Why a column of something else is of no use, as the end of a sentence.
const NESTED: &str = "its values are nested, and neither numbers, words nor lists of these";
/// What to do with vectors of bytes.
const BYTES: &str =
    "they can be whole numbers or packed bits, so save them as int8 or float32, bits with np.unpackbits";
