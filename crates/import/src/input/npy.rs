//! NumPy files: their header, a Python dict with the type, the order of axes and the shape of an array, and how values are written.
//!
//! The header is read by a parser of its own: what old versions of Python wrote (`24L`) and what arrays of records have is no dict that other
//! readers take, and nothing here nests without end or adds up what has no sum.

use std::io::{ErrorKind, Read};

use half::f16;

use super::kind::NPY;

/// Dicts, lists and tuples within one another.
const DEPTH: usize = 8;

/// What an array says of itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header {
    pub dtype: Dtype,
    /// Whether the first axis changes fastest (Fortran's order).
    pub columns_first: bool,
    /// Sides, outermost first. With those of 0 taken for 1 their product has 64 bits.
    pub shape: Vec<usize>,
    /// Where values begin, in bytes.
    pub offset: usize,
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(not(feature = "vectors"), allow(dead_code, reason = "only what is said of vectors names fields"))]
pub(crate) enum Dtype {
    Plain(Plain),
    /// Of a structured array.
    Fields(Vec<Field>),
}

/// A type of values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plain {
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
#[cfg_attr(not(feature = "vectors"), allow(dead_code, reason = "only what is said of vectors names fields"))]
pub(crate) struct Field {
    pub name: String,
    /// Whether it holds several values.
    pub wide: bool,
}

/// Why there is no header.
#[derive(Debug)]
pub(crate) enum NoHeader {
    /// It is longer than is read.
    Longer,
    /// It is that of no array.
    Foreign,
    /// Another reason, as a part of a sentence.
    Because(String),
}

impl Plain {
    /// Whether every value is one number.
    pub fn is_number(&self) -> bool {
        matches!((self.letter, self.bytes), (b'f', 2 | 4 | 8) | (b'i' | b'u', 1 | 2 | 4 | 8) | (b'b', 1))
    }

    /// The number that the bytes of a value hold.
    pub fn number(&self, value: &[u8]) -> f64 {
        match self.letter {
            b'f' => float(value, self.big),
            b'i' => signed(value, self.big) as f64,
            _ => whole(value, self.big) as f64,
        }
    }

    /// A whole number or a string as text.
    pub fn text(&self, value: &[u8]) -> String {
        match self.letter {
            b'S' => String::from_utf8_lossy(trimmed(value)).into_owned(),
            b'U' => unicode(value, self.big),
            b'i' => signed(value, self.big).to_string(),
            _ => whole(value, self.big).to_string(),
        }
    }
}

/// A string of bytes up to the last that is not 0.
pub(crate) fn trimmed(value: &[u8]) -> &[u8] {
    let end = value.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    value.get(..end).unwrap_or_default()
}

/// A whole number of up to 8 bytes.
fn whole(value: &[u8], big: bool) -> u64 {
    let add = |bits: u64, &byte: &u8| (bits << 8) | u64::from(byte);
    if big { value.iter().fold(0, add) } else { value.iter().rev().fold(0, add) }
}

/// The same with a sign.
fn signed(value: &[u8], big: bool) -> i64 {
    let unused = 64 - 8 * value.len().clamp(1, 8);
    (whole(value, big) << unused).cast_signed() >> unused
}

/// A float of 2, 4 or 8 bytes.
fn float(value: &[u8], big: bool) -> f64 {
    match *value {
        [a, b] => f64::from(f16::from_le_bytes(if big { [b, a] } else { [a, b] })),
        [a, b, c, d] => f64::from(f32::from_le_bytes(if big { [d, c, b, a] } else { [a, b, c, d] })),
        [a, b, c, d, e, f, g, h] => {
            f64::from_le_bytes(if big { [h, g, f, e, d, c, b, a] } else { [a, b, c, d, e, f, g, h] })
        }
        _ => f64::NAN,
    }
}

/// A string of 4 bytes a letter, up to the last that is not 0.
fn unicode(value: &[u8], big: bool) -> String {
    let codes = value.as_chunks::<4>().0.iter();
    let codes = codes.map(|&code| if big { u32::from_be_bytes(code) } else { u32::from_le_bytes(code) });
    let text: String = codes.map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.trim_end_matches('\0').to_owned()
}

/// Reads the header, of at most `longest` bytes, from the start of a file.
///
/// # Errors
/// The file does not begin with one.
pub(crate) fn read(reader: &mut dyn Read, longest: usize) -> Result<Header, NoHeader> {
    let because = |reason: &str| NoHeader::Because(reason.to_owned());
    let mut start = Vec::new();
    Read::take(&mut *reader, 8).read_to_end(&mut start).map_err(|reason| because(&reason.to_string()))?;
    if start.iter().zip(NPY).any(|(byte, expected)| byte != expected) {
        return Err(because("it does not begin as one"));
    }
    let Some(&[.., major, _]) = start.first_chunk::<8>() else { return Err(because("it is cut short")) };
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
        _ => return Err(because(&format!("it is of version {major}, which is not known"))),
    };
    if length > longest {
        return Err(NoHeader::Longer);
    }
    let mut text = vec![0; length];
    fill(reader, &mut text)?;
    let (dtype, columns_first, sides) = parse(&text).ok_or(NoHeader::Foreign)?;
    let count = sides.iter().try_fold(1_u64, |product, &side| product.checked_mul(side.max(1)));
    let shape: Option<Vec<usize>> = sides.iter().map(|&side| usize::try_from(side).ok()).collect();
    match shape.filter(|_| count.is_some()) {
        Some(shape) => Ok(Header { dtype, columns_first, shape, offset: before + length }),
        None => Err(because("its shape is larger than any array can be")),
    }
}

fn fill(reader: &mut dyn Read, into: &mut [u8]) -> Result<(), NoHeader> {
    reader.read_exact(into).map_err(|reason| {
        NoHeader::Because(match reason.kind() {
            ErrorKind::UnexpectedEof => "it is cut short".to_owned(),
            _ => reason.to_string(),
        })
    })
}

fn parse(text: &[u8]) -> Option<(Dtype, bool, Vec<u64>)> {
    let Literal::Dict(entries) = Parser { rest: text }.value(DEPTH)? else { return None };
    let entry = |name: &str| entries.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let dtype = dtype(entry("descr")?)?;
    let &Literal::Flag(columns_first) = entry("fortran_order")? else { return None };
    let Literal::List(sides) = entry("shape")? else { return None };
    let side = |side: &Literal| match *side {
        Literal::Whole(side) => Some(side),
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
        let mut number: u64 = 0;
        while let Some((&byte, rest)) = self.rest.split_first() {
            match byte {
                b'0'..=b'9' => number = number.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?,
                b'_' => {}
                _ => break,
            }
            self.rest = rest;
        }
        // Python 2 ends long numbers so.
        self.rest = self.rest.strip_prefix(b"L").unwrap_or(self.rest);
        Some(Literal::Whole(number))
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

    fn of(text: &str) -> Option<(Dtype, bool, Vec<u64>)> {
        parse(text.as_bytes())
    }

    fn typed(letter: u8, bytes: usize, big: bool, name: &str) -> Plain {
        Plain { letter, bytes, big, name: name.into() }
    }

    fn plain(letter: u8, bytes: usize, big: bool, name: &str) -> Dtype {
        Dtype::Plain(typed(letter, bytes, big, name))
    }

    #[test]
    fn headers_of_every_age_are_read() {
        let today = "{'descr': '<f4', 'fortran_order': False, 'shape': (24, 1536), }   \n";
        assert_eq!(of(today), Some((plain(b'f', 4, false, "<f4"), false, vec![24, 1536])));
        let before = "{'descr': u'>f8', 'fortran_order': True, 'shape': (24L, 1536L)}";
        assert_eq!(of(before), Some((plain(b'f', 8, true, ">f8"), true, vec![24, 1536])));
        let grouped = "{'descr': '<f4', 'fortran_order': False, 'shape': (1_000, 2)}";
        assert_eq!(of(grouped).unwrap().2, [1000, 2]);
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
    fn values_are_read_in_either_order_of_bytes() {
        let both = |letter: u8, little: &[u8]| {
            let big: Vec<u8> = little.iter().rev().copied().collect();
            let (one, other) = (typed(letter, little.len(), false, ""), typed(letter, little.len(), true, ""));
            assert!(one.is_number() && other.is_number());
            assert_eq!(one.number(little), other.number(&big));
            if letter != b'f' {
                assert_eq!(one.text(little), other.text(&big));
            }
            one.number(little)
        };
        for value in [-1.5_f32, 0.0, 65_504.0] {
            assert_eq!(both(b'f', &f16::from_f32(value).to_le_bytes()), f64::from(value));
            assert_eq!(both(b'f', &value.to_le_bytes()), f64::from(value));
            assert_eq!(both(b'f', &f64::from(value).to_le_bytes()), f64::from(value));
        }
        assert_eq!((both(b'i', &[0x80]), both(b'u', &[0x80]), both(b'b', &[1])), (-128.0, 128.0, 1.0));
        assert_eq!((both(b'i', &(-2_i16).to_le_bytes()), both(b'u', &(-2_i16).to_le_bytes())), (-2.0, 65_534.0));
        assert_eq!(both(b'i', &(-70_000_i32).to_le_bytes()), -70_000.0);
        for value in [i64::MIN, -1, i64::MAX] {
            assert_eq!(typed(b'i', 8, false, "").text(&value.to_le_bytes()), value.to_string());
        }
        assert_eq!(typed(b'u', 8, true, "").text(&u64::MAX.to_be_bytes()), u64::MAX.to_string());
        assert_eq!((trimmed(b"a\0b\0\0"), trimmed(b"\0"), trimmed(b"")), (&b"a\0b"[..], &b""[..], &b""[..]));
        assert!(!typed(b'f', 16, false, "").is_number() && !typed(b'U', 4, false, "").is_number());
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
