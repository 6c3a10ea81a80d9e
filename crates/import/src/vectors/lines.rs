//! Text, line by line: no line is held that is longer than may be.

use std::io::{BufRead, Read as _};

use super::error::VectorsError;
use super::limits;
use super::sources::Store;
use super::things::Names;
use crate::words;

const BOM: &[u8] = b"\xef\xbb\xbf";
/// What to do where a file of text is too much.
const REMEDY: &str = "save vectors as .npy";

/// The lines of a file.
pub(super) struct Lines<'a> {
    reader: Box<dyn BufRead + 'a>,
    path: &'a str,
    /// How many there were so far.
    pub number: usize,
}

impl<'a> Lines<'a> {
    pub fn new(store: &'a mut Store, entry: usize, path: &'a str) -> Result<Self, VectorsError> {
        Ok(Self { reader: store.open(entry, 0)?.reader, path, number: 0 })
    }

    /// The next line in the place of what is in `line`, without its end; whether there was one.
    pub fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, VectorsError> {
        line.clear();
        let more = self.append(line)?;
        trim_end(line);
        Ok(more)
    }

    /// Puts the next line, with its end, behind `line`; whether there was one.
    ///
    /// # Errors
    /// It cannot be read, or `line` becomes too long.
    pub fn append(&mut self, line: &mut Vec<u8>) -> Result<bool, VectorsError> {
        let left = limits::LINE_BYTES.saturating_sub(line.len()) as u64;
        let read = self.reader.by_ref().take(left).read_until(b'\n', line);
        let read =
            read.map_err(|reason| VectorsError::Read { path: self.path.to_owned(), reason: reason.to_string() })?;
        if line.len() >= limits::LINE_BYTES {
            let most = words::megabytes(limits::LINE_BYTES);
            return Err(VectorsError::TooLarge {
                path: self.path.to_owned(),
                what: "longer lines",
                most,
                remedy: REMEDY,
            });
        }
        if read == 0 {
            return Ok(false);
        }
        if self.number == 0 && line.starts_with(BOM) {
            line.drain(..BOM.len());
        }
        self.number += 1;
        Ok(true)
    }

    /// A fault of the line that was read last.
    pub fn fault(&self, reason: impl Into<String>) -> VectorsError {
        VectorsError::Line { path: self.path.to_owned(), line: self.number, reason: reason.into() }
    }
}

/// Cuts off what ends a line.
pub(super) fn trim_end(line: &mut Vec<u8>) {
    while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        line.pop();
    }
}

/// A name of every line of file `entry`, but for empty ones at its end.
pub(super) fn names(store: &mut Store, entry: usize, path: &str) -> Result<Names, VectorsError> {
    let mut lines = Lines::new(store, entry, path)?;
    let (mut names, mut line, mut bytes) = (Names::default(), Vec::new(), 0usize);
    while lines.next(&mut line)? {
        bytes = bytes.saturating_add(line.len());
        within(path, names.values.len() + 1, bytes)?;
        names.push(line.trim_ascii());
    }
    while names.values.last().is_some_and(String::is_empty) {
        names.values.pop();
    }
    Ok(names)
}

/// Compares how many ids or labels there are, and of how many bytes, with what can be read.
pub(super) fn within(path: &str, rows: usize, bytes: usize) -> Result<(), VectorsError> {
    let (what, most) = match () {
        () if rows > limits::ROWS => ("more rows", limits::ROWS.to_string()),
        () if bytes > limits::NAME_BYTES => ("more bytes of ids or labels", words::megabytes(limits::NAME_BYTES)),
        () => return Ok(()),
    };
    Err(VectorsError::TooLarge { path: path.to_owned(), what, most, remedy: "hand in fewer rows" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::named;

    fn of(bytes: &[u8]) -> Result<Vec<String>, VectorsError> {
        let mut store = Store::new(vec![named("a.txt", bytes).into()], &mut Vec::new()).unwrap();
        names(&mut store, 0, "a.txt").map(|names| names.values)
    }

    #[test]
    fn every_line_is_a_name() {
        assert_eq!(of(b"\xef\xbb\xbfd1\r\n d2 \n\nd4\n\n\r\n").unwrap(), ["d1", "d2", "", "d4"]);
        assert_eq!(of(b"W\xe4sche").unwrap(), ["Wäsche"]);
        assert_eq!(of(b"").unwrap(), [""; 0]);
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let said = of(&vec![b'a'; limits::LINE_BYTES]).unwrap_err().to_string();
        assert_eq!(said, "a.txt has longer lines than can be read (at most 16 MB); save vectors as .npy");
        assert_eq!(within("a", limits::ROWS, 0), Ok(()));
        assert!(within("a", limits::ROWS + 1, 0).is_err() && within("a", 1, limits::NAME_BYTES + 1).is_err());
    }
}
