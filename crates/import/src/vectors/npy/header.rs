//! The header of a NumPy file: a Python dict with the type, the order of axes and the shape of an array.
//!
//! It is read by a parser of its own: what old versions of Python wrote (`24L`) and what arrays of records have is no dict that other
//! readers take, and nothing here nests without end or adds up what has no sum.

use std::io::{ErrorKind, Read};

use super::super::limits;
use crate::input::kind::NPY;

/// Dicts, lists and tuples within one another.
const DEPTH: usize = 8;

/// What an array says of itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Header {
    pub dtype: Dtype,
    /// Whether the first axis changes fastest (Fortran's order).
    pub columns_first: bool,
    /// Sides, outermost first.
    pub shape: Vec<usize>,
    /// Where values begin, in bytes.
    pub offset: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Dtype {
    Plain(Plain),
    /// Of a structured array.
    Fields(Vec<Field>),
}

/// A type of values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plain {
    /// NumPy's letter: `f`, `i`, `u`, `b` (bool), `S`, `U`, `V`, `O` and others.
    pub letter: u8,
    /// Of one value.
    pub bytes: usize,
    /// Whether the largest byte comes first.
    pub big: bool,
    /// As the header has it.
    pub name: String,
}

/// A field of records.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub name: String,
    /// Whether it holds several values.
    pub wide: bool,
}

/// Reads the header from the start of a file.
///
/// # Errors
/// Why it is none, as a part of a sentence.
pub(super) fn read(reader: &mut dyn Read) -> Result<Header, String> {
    let mut start = [0; 8];
    fill(reader, &mut start)?;
    let [.., major, _] = start;
    if !start.starts_with(NPY) {
        return Err("it does not begin as one".into());
    }
    let (length, before) = match major {
        1 => {
            let mut length = [0; 2];
            fill(reader, &mut length)?;
            (usize::from(u16::from_le_bytes(length)), 10)
        }
        2 | 3 => {
            let mut length = [0; 4];
            fill(reader, &mut length)?;
            (u32::from_le_bytes(length) as usize, 12)
        }
        _ => return Err(format!("it is of version {major}, which is not known")),
    };
    if length > limits::NPY_HEADER_BYTES {
        return Err("its header is longer than that of any array of numbers".into());
    }
    let mut text = vec![0; length];
    fill(reader, &mut text)?;
    let (dtype, columns_first, shape) = parse(&text).ok_or("its header is not that of an array")?;
    Ok(Header { dtype, columns_first, shape, offset: before + length as u64 })
}

fn fill(reader: &mut dyn Read, into: &mut [u8]) -> Result<(), String> {
    reader.read_exact(into).map_err(|reason| match reason.kind() {
        ErrorKind::UnexpectedEof => "it is cut short".to_owned(),
        _ => reason.to_string(),
    })
}

fn parse(text: &[u8]) -> Option<(Dtype, bool, Vec<usize>)> {
    let Literal::Dict(entries) = Parser { rest: text }.value(DEPTH)? else { return None };
    let entry = |name: &str| entries.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let dtype = dtype(entry("descr")?)?;
    let &Literal::Flag(columns_first) = entry("fortran_order")? else { return None };
    let Literal::List(sides) = entry("shape")? else { return None };
    let side = |side: &Literal| match side {
        Literal::Whole(side) => usize::try_from(*side).ok(),
        _ => None,
    };
    Some((dtype, columns_first, sides.iter().map(side).collect::<Option<_>>()?))
}

fn dtype(descr: &Literal) -> Option<Dtype> {
    match descr {
        Literal::Text(text) => plain(text).map(Dtype::Plain),
        Literal::List(fields) => fields.iter().map(field).collect::<Option<_>>().map(Dtype::Fields),
        _ => None,
    }
}

/// `('name', '<f4')` or `('name', '<f4', (24,))`.
fn field(field: &Literal) -> Option<Field> {
    let Literal::List(parts) = field else { return None };
    let (Some(name), Some(_)) = (parts.first(), parts.get(1)) else { return None };
    let name = match name {
        Literal::Text(name) => name.clone(),
        // A title and a name.
        Literal::List(names) => names.iter().rev().find_map(|name| match name {
            Literal::Text(name) => Some(name.clone()),
            _ => None,
        })?,
        _ => return None,
    };
    Some(Field { name, wide: parts.get(2).is_some() })
}

/// `<f4`, `|S7`, `<M8[ns]`.
fn plain(text: &str) -> Option<Plain> {
    let mut letters = text.trim_start_matches(['<', '>', '|', '=']).chars();
    let letter = u8::try_from(letters.next()?).ok()?;
    let rest = letters.as_str();
    let digits = rest.get(..rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len()))?;
    let count: usize = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let (letter, bytes) = match letter {
        b'?' => (b'b', 1),
        b'U' => (b'U', count.checked_mul(4)?),
        _ => (letter, count),
    };
    Some(Plain { letter, bytes, big: text.starts_with('>'), name: text.to_owned() })
}

/// A Python literal, as far as headers have them. Tuples are lists.
#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Text(String),
    Whole(u64),
    Flag(bool),
    List(Vec<Self>),
    Dict(Vec<(String, Self)>),
    Nothing,
}

struct Parser<'a> {
    rest: &'a [u8],
}

impl Parser<'_> {
    /// The value that comes next, with `depth` values within one another at most.
    fn value(&mut self, depth: usize) -> Option<Literal> {
        let depth = depth.checked_sub(1)?;
        self.rest = self.rest.trim_ascii_start();
        match *self.rest.first()? {
            b'(' => self.list(b')', depth),
            b'[' => self.list(b']', depth),
            b'{' => self.dict(depth),
            b'0'..=b'9' => self.whole(),
            b'\'' | b'"' => self.text(),
            // Strings of one kind or the other, by version of Python.
            b'u' | b'b' if matches!(self.rest.get(1), Some(b'\'' | b'"')) => {
                self.rest = self.rest.get(1..)?;
                self.text()
            }
            _ => {
                let words: [(&[u8], Literal); 3] =
                    [(b"True", Literal::Flag(true)), (b"False", Literal::Flag(false)), (b"None", Literal::Nothing)];
                let now = self.rest;
                let found = words.into_iter().find_map(|(word, value)| Some((now.strip_prefix(word)?, value)));
                let (rest, value) = found?;
                self.rest = rest;
                Some(value)
            }
        }
    }

    /// Whether `byte` comes next, which is then passed.
    fn take(&mut self, byte: u8) -> bool {
        self.rest = self.rest.trim_ascii_start();
        match self.rest.split_first() {
            Some((&first, rest)) if first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn list(&mut self, end: u8, depth: usize) -> Option<Literal> {
        self.rest = self.rest.get(1..)?;
        let mut items = Vec::new();
        while !self.take(end) {
            items.push(self.value(depth)?);
            if !self.take(b',') {
                return self.take(end).then_some(Literal::List(items));
            }
        }
        Some(Literal::List(items))
    }

    fn dict(&mut self, depth: usize) -> Option<Literal> {
        self.rest = self.rest.get(1..)?;
        let mut entries = Vec::new();
        while !self.take(b'}') {
            let Literal::Text(key) = self.value(depth)? else { return None };
            if !self.take(b':') {
                return None;
            }
            entries.push((key, self.value(depth)?));
            if !self.take(b',') {
                return self.take(b'}').then_some(Literal::Dict(entries));
            }
        }
        Some(Literal::Dict(entries))
    }

    fn whole(&mut self) -> Option<Literal> {
        let end = self.rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(end)?;
        // Python 2 ends long numbers so.
        self.rest = rest.strip_prefix(b"L").unwrap_or(rest);
        std::str::from_utf8(digits).ok()?.parse().ok().map(Literal::Whole)
    }

    fn text(&mut self) -> Option<Literal> {
        let (&quote, mut rest) = self.rest.split_first()?;
        let mut text = Vec::new();
        loop {
            let (&byte, after) = rest.split_first()?;
            rest = after;
            if byte == quote {
                break;
            }
            if byte == b'\\' {
                let (&escaped, after) = rest.split_first()?;
                text.push(escaped);
                rest = after;
            } else {
                text.push(byte);
            }
        }
        self.rest = rest;
        Some(Literal::Text(String::from_utf8_lossy(&text).into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(Dtype, bool, Vec<usize>)> {
        parse(text.as_bytes())
    }

    fn plain(letter: u8, bytes: usize, big: bool, name: &str) -> Dtype {
        Dtype::Plain(Plain { letter, bytes, big, name: name.into() })
    }

    #[test]
    fn headers_of_every_age_are_read() {
        let today = "{'descr': '<f4', 'fortran_order': False, 'shape': (24, 1536), }   \n";
        assert_eq!(of(today), Some((plain(b'f', 4, false, "<f4"), false, vec![24, 1536])));
        let before = "{'descr': u'>f8', 'fortran_order': True, 'shape': (24L, 1536L)}";
        assert_eq!(of(before), Some((plain(b'f', 8, true, ">f8"), true, vec![24, 1536])));
        assert_eq!(of("{'shape': (), 'fortran_order': False, 'descr': '|O'}").unwrap().2, [0; 0]);
        assert_eq!(
            of("{'descr': '<U7', 'fortran_order': False, 'shape': (3,)}").unwrap().0,
            plain(b'U', 28, false, "<U7")
        );
        assert_eq!(
            of("{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (3,)}").unwrap().0,
            plain(b'M', 8, false, "<M8[ns]")
        );
    }

    #[test]
    fn fields_of_records_are_named() {
        let (dtype, ..) =
            of("{'descr': [('id', '<i8'), (('a title', 'vector'), '<f4', (24,))], 'fortran_order': False, 'shape': (120,)}").unwrap();
        let field = |name: &str, wide| Field { name: name.into(), wide };
        assert_eq!(dtype, Dtype::Fields(vec![field("id", false), field("vector", true)]));
    }

    #[test]
    fn what_is_no_header_is_none() {
        for text in [
            "",
            "{",
            "{'descr': '<f4'}",
            "{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
            "{'descr': '', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<f99999999999999999999999', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<U18446744073709551615', 'fortran_order': False, 'shape': (1,)}",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(of(&"(".repeat(100_000)), None);
    }
}
