//! The columns of a batch of rows, in the place where they lie.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use half::f16;
use polars_arrow_format::ipc::RecordBatchRef;

use super::super::super::limits;
use super::super::packed::{Packing, unpack};
use super::super::{named, text};
use super::Why;
use super::schema::{Field, Form};

type Buffer<'a> = Cow<'a, [u8]>;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Float(f64),
    Whole(i64),
    Long(u64),
    Flag(bool),
    Word(String),
}

impl Value {
    pub fn number(&self) -> f32 {
        match self {
            Self::Float(value) => *value as f32,
            Self::Whole(value) => *value as f32,
            Self::Long(value) => *value as f32,
            Self::Flag(flag) => f32::from(u8::from(*flag)),
            Self::Word(_) => f32::NAN,
        }
    }

    pub fn word(&self) -> String {
        match self {
            Self::Float(value) => named(*value),
            Self::Whole(value) => value.to_string(),
            Self::Long(value) => value.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Word(word) => word.clone(),
        }
    }
}

/// Where the parts of a batch lie.
pub(super) struct Batch<'a> {
    body: &'a [u8],
    /// Rows of each array.
    nodes: std::vec::IntoIter<i64>,
    /// Offset and length of each buffer.
    buffers: std::vec::IntoIter<(i64, i64)>,
    /// How many buffers of words each array of views has.
    views: std::vec::IntoIter<i64>,
    packing: Option<Packing>,
    /// Bytes that it may still unpack to.
    left: usize,
}

impl<'a> Batch<'a> {
    pub fn new(body: &'a [u8], batch: RecordBatchRef<'_>, packing: Option<Packing>) -> Result<Self, Why> {
        let said = |why: polars_arrow_format::ipc::planus::Error| why.to_string();
        let nodes: Vec<i64> = batch.nodes().map_err(said)?.into_iter().flatten().map(|node| node.length()).collect();
        let buffers: Vec<(i64, i64)> = batch
            .buffers()
            .map_err(said)?
            .into_iter()
            .flatten()
            .map(|buffer| (buffer.offset(), buffer.length()))
            .collect();
        let views: Vec<i64> = batch.variadic_buffer_counts().map_err(said)?.into_iter().flatten().collect();
        Ok(Self {
            body,
            nodes: nodes.into_iter(),
            buffers: buffers.into_iter(),
            views: views.into_iter(),
            packing,
            left: limits::CHUNK_BYTES,
        })
    }

    fn rows(&mut self) -> Result<usize, Why> {
        let rows = self.nodes.next().and_then(|rows| usize::try_from(rows).ok());
        rows.ok_or_else(|| "it has fewer columns than it says".to_owned())
    }

    /// Where the next buffer lies.
    fn place(&mut self) -> Result<&'a [u8], Why> {
        let (offset, length) = self.buffers.next().ok_or_else(|| "it has fewer buffers than it says".to_owned())?;
        let range = usize::try_from(offset).ok().zip(usize::try_from(length).ok());
        let range = range.and_then(|(start, length)| Some(start..start.checked_add(length)?));
        range.and_then(|range| self.body.get(range)).ok_or_else(|| "a buffer lies outside of it".to_owned())
    }

    fn buffer(&mut self) -> Result<Buffer<'a>, Why> {
        let packing = self.packing;
        let bytes = self.place()?;
        let Some((length, packed)) = bytes.split_first_chunk::<8>().filter(|_| packing.is_some()) else {
            return Ok(Cow::Borrowed(bytes));
        };
        match (i64::from_le_bytes(*length), packing) {
            (-1, _) | (_, None) => Ok(Cow::Borrowed(packed)),
            (length, Some(packing)) => {
                let length = usize::try_from(length).ok().filter(|&length| length <= self.left);
                let length = length.ok_or_else(|| "a batch of rows unpacks to more than can be read".to_owned())?;
                self.left -= length;
                unpack(packing, packed, length).map(Cow::Owned)
            }
        }
    }

    fn skip(&mut self, buffers: usize) -> Result<(), Why> {
        (0..buffers).try_for_each(|_| self.place().map(|_| ()))
    }
}

/// Makes the columns of a batch, each after the one before.
pub(super) struct Arrays<'a> {
    batch: Batch<'a>,
    dictionaries: &'a HashMap<i64, Vec<String>>,
}

/// A column.
pub(super) struct Array<'a> {
    rows: usize,
    /// A bit for each row, set where it is not null; empty where none is.
    valid: Buffer<'a>,
    data: Data<'a>,
}

enum Data<'a> {
    /// Of no use here, or null everywhere.
    Nothing,
    Flags(Buffer<'a>),
    Whole {
        bytes: usize,
        signed: bool,
        values: Buffer<'a>,
    },
    Floats {
        bytes: usize,
        values: Buffer<'a>,
    },
    Words {
        ends: Ends<'a>,
        letters: Buffer<'a>,
    },
    Views {
        views: Buffer<'a>,
        letters: Vec<Buffer<'a>>,
    },
    Coded {
        bytes: usize,
        codes: Buffer<'a>,
        words: &'a [String],
    },
    List {
        ends: Ends<'a>,
        child: Box<Array<'a>>,
    },
}

/// Where rows begin and end.
enum Ends<'a> {
    Each(usize),
    Short(Buffer<'a>),
    Long(Buffer<'a>),
}

impl Ends<'_> {
    fn of(&self, row: usize) -> Option<Range<usize>> {
        match self {
            Self::Each(size) => Some(row.checked_mul(*size)?..row.checked_add(1)?.checked_mul(*size)?),
            Self::Short(ends) => {
                let end = |row: usize| usize::try_from(i32::from_le_bytes(nth(ends, row)?)).ok();
                Some(end(row)?..end(row.checked_add(1)?)?)
            }
            Self::Long(ends) => {
                let end = |row: usize| usize::try_from(i64::from_le_bytes(nth(ends, row)?)).ok();
                Some(end(row)?..end(row.checked_add(1)?)?)
            }
        }
    }
}

/// Value `at` of those of `N` bytes each.
fn nth<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at.checked_mul(N)?..)?.first_chunk::<N>().copied()
}

impl<'a> Arrays<'a> {
    pub fn new(batch: Batch<'a>, dictionaries: &'a HashMap<i64, Vec<String>>) -> Self {
        Self { batch, dictionaries }
    }

    pub fn next(&mut self, field: &Field) -> Result<Array<'a>, Why> {
        let rows = self.batch.rows()?;
        if let Some(dictionary) = &field.dictionary {
            let valid = self.batch.buffer()?;
            let words = self.dictionaries.get(&dictionary.id).map_or(&[][..], Vec::as_slice);
            let data = Data::Coded { bytes: dictionary.bytes, codes: self.batch.buffer()?, words };
            return Ok(Array { rows, valid, data });
        }
        let mut valid = Cow::Borrowed(&[][..]);
        let data = match &field.form {
            Form::Null => Data::Nothing,
            Form::Flags => {
                valid = self.batch.buffer()?;
                Data::Flags(self.batch.buffer()?)
            }
            &Form::Whole { bytes, signed } => {
                valid = self.batch.buffer()?;
                Data::Whole { bytes, signed, values: self.batch.buffer()? }
            }
            &Form::Floats { bytes } => {
                valid = self.batch.buffer()?;
                Data::Floats { bytes, values: self.batch.buffer()? }
            }
            &Form::Words { long } => {
                valid = self.batch.buffer()?;
                Data::Words { ends: self.ends(long)?, letters: self.batch.buffer()? }
            }
            Form::Views => {
                valid = self.batch.buffer()?;
                let views = self.batch.buffer()?;
                let count = self.batch.views.next().ok_or_else(|| "it does not say where words are".to_owned())?;
                let letters = (0..count).map(|_| self.batch.buffer()).collect::<Result<Vec<_>, Why>>()?;
                Data::Views { views, letters }
            }
            Form::List { long, size, child } => {
                valid = self.batch.buffer()?;
                let ends = match size {
                    Some(size) => Ends::Each(*size),
                    None => self.ends(*long)?,
                };
                Data::List { ends, child: Box::new(self.next(child)?) }
            }
            Form::ListViews(child) => {
                self.batch.skip(3)?;
                self.next(child)?;
                Data::Nothing
            }
            Form::Struct(children) => {
                self.batch.skip(1)?;
                children.iter().try_for_each(|child| self.next(child).map(|_| ()))?;
                Data::Nothing
            }
            Form::RunEnds(children) => {
                children.iter().try_for_each(|child| self.next(child).map(|_| ()))?;
                Data::Nothing
            }
            &Form::Other { buffers } => {
                self.batch.skip(buffers)?;
                Data::Nothing
            }
        };
        Ok(Array { rows, valid, data })
    }

    fn ends(&mut self, long: bool) -> Result<Ends<'a>, Why> {
        let ends = self.batch.buffer()?;
        Ok(if long { Ends::Long(ends) } else { Ends::Short(ends) })
    }
}

impl Array<'_> {
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What stands in row `at`: the values of a list, or one. Nothing where it is null.
    pub fn row(&self, at: usize, into: &mut Vec<Option<Value>>) -> Result<(), Why> {
        if !self.is_valid(at) {
            return Ok(());
        }
        let Data::List { ends, child } = &self.data else {
            into.push(self.value(at)?);
            return Ok(());
        };
        let range =
            ends.of(at).filter(|range| range.start <= range.end && range.end <= child.rows).ok_or_else(short)?;
        let most = *limits::DIMS.end();
        if range.len() > most {
            return Err(format!("a row holds {} values, and a vector at most {most}", range.len()));
        }
        for at in range {
            into.push(child.value(at)?);
        }
        Ok(())
    }

    fn is_valid(&self, at: usize) -> bool {
        // Without the bits, nothing is null.
        self.valid.is_empty() || bit(&self.valid, at).unwrap_or_default()
    }

    fn value(&self, at: usize) -> Result<Option<Value>, Why> {
        if !self.is_valid(at) {
            return Ok(None);
        }
        let value = match &self.data {
            Data::Nothing | Data::List { .. } => return Ok(None),
            Data::Flags(flags) => bit(flags, at).map(Value::Flag),
            &Data::Whole { bytes, signed, ref values } => whole(values, at, bytes, signed),
            &Data::Floats { bytes, ref values } => match bytes {
                2 => nth(values, at).map(|two| f64::from(f16::from_le_bytes(two).to_f32())),
                4 => nth(values, at).map(|four| f64::from(f32::from_le_bytes(four))),
                _ => nth(values, at).map(f64::from_le_bytes),
            }
            .map(Value::Float),
            Data::Words { ends, letters } => {
                ends.of(at).and_then(|range| letters.get(range)).map(|letters| Value::Word(text(letters)))
            }
            Data::Views { views, letters } => view(views, letters, at).map(|letters| Value::Word(text(letters))),
            &Data::Coded { bytes, ref codes, words } => {
                let code = match whole(codes, at, bytes, true) {
                    Some(Value::Whole(code)) => usize::try_from(code).ok(),
                    _ => None,
                };
                code.and_then(|code| words.get(code)).map(|word| Value::Word(word.clone()))
            }
        };
        value.map(Some).ok_or_else(short)
    }
}

fn short() -> Why {
    "a buffer is cut short".to_owned()
}

fn bit(bits: &[u8], at: usize) -> Option<bool> {
    bits.get(at / 8).map(|byte| byte >> (at % 8) & 1 == 1)
}

fn whole(values: &[u8], at: usize, bytes: usize, signed: bool) -> Option<Value> {
    Some(match (bytes, signed) {
        (1, true) => Value::Whole(i64::from(i8::from_le_bytes(nth(values, at)?))),
        (1, false) => Value::Whole(i64::from(u8::from_le_bytes(nth(values, at)?))),
        (2, true) => Value::Whole(i64::from(i16::from_le_bytes(nth(values, at)?))),
        (2, false) => Value::Whole(i64::from(u16::from_le_bytes(nth(values, at)?))),
        (4, true) => Value::Whole(i64::from(i32::from_le_bytes(nth(values, at)?))),
        (4, false) => Value::Whole(i64::from(u32::from_le_bytes(nth(values, at)?))),
        (_, true) => Value::Whole(i64::from_le_bytes(nth(values, at)?)),
        (_, false) => Value::Long(u64::from_le_bytes(nth(values, at)?)),
    })
}

/// The letters of a word that stands where its view says: short ones in the view itself.
fn view<'a>(views: &'a [u8], letters: &'a [Buffer<'_>], at: usize) -> Option<&'a [u8]> {
    const INLINE: usize = 12;
    let view = views.get(at.checked_mul(16)?..)?.get(..16)?;
    let number =
        |at: usize| view.get(at..)?.first_chunk::<4>().and_then(|four| usize::try_from(i32::from_le_bytes(*four)).ok());
    let length = number(0)?;
    if length <= INLINE {
        return view.get(4..4 + length);
    }
    let (buffer, start) = (number(8)?, number(12)?);
    letters.get(buffer)?.get(start..start.checked_add(length)?)
}
