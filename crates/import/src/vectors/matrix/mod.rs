//! Vectors where they are stored, and reading those rows of them that are wanted.

use std::io;

use half::{bf16, f16};

use super::error::VectorsError;
use super::sources::Store;

/// Values that are decoded at a time, in bytes.
const CHUNK: usize = 1 << 20;
/// The place of a row that is not wanted.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Vectors, one a row.
#[derive(Debug, PartialEq)]
pub(super) enum Matrix {
    /// In a file.
    Stored(Stored),
    /// Read already, `[rows, dims]`: out of text.
    Held { dims: usize, numbers: Vec<f32> },
}

/// Where a file has vectors, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// The file, by its place in the store.
    pub entry: usize,
    /// Where the first value begins, in bytes.
    pub offset: u64,
    pub rows: usize,
    /// Values of a row.
    pub width: usize,
    pub element: Element,
    /// Whether the largest byte of a value comes first.
    pub big: bool,
    /// Whether the first column comes before the second, rather than the first row before the second.
    pub by_columns: bool,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    F16,
    Bf16,
    F32,
    F64,
    /// Numbers that were rounded to whole ones.
    I8,
    /// Eight signs, the first in the highest bit, as `np.packbits` packs them.
    Bits,
}

impl Element {
    /// Bytes of a value.
    fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::Bits => 1,
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Numbers that a value makes.
    fn numbers(self) -> usize {
        match self {
            Self::Bits => 8,
            _ => 1,
        }
    }

    /// Makes numbers of `bytes`. What has no number of 32 bits becomes infinite.
    fn decode(self, big: bool, bytes: &[u8], into: &mut [f32]) {
        match (self, big) {
            (Self::F16, false) => each(bytes, into, |value| f16::from_le_bytes(value).to_f32()),
            (Self::F16, true) => each(bytes, into, |value| f16::from_be_bytes(value).to_f32()),
            (Self::Bf16, false) => each(bytes, into, |value| bf16::from_le_bytes(value).to_f32()),
            (Self::Bf16, true) => each(bytes, into, |value| bf16::from_be_bytes(value).to_f32()),
            (Self::F32, false) => each(bytes, into, f32::from_le_bytes),
            (Self::F32, true) => each(bytes, into, f32::from_be_bytes),
            (Self::F64, false) => each(bytes, into, |value| f64::from_le_bytes(value) as f32),
            (Self::F64, true) => each(bytes, into, |value| f64::from_be_bytes(value) as f32),
            (Self::I8, _) => each(bytes, into, |value| f32::from(i8::from_le_bytes(value))),
            (Self::Bits, _) => {
                for (signs, &byte) in into.as_chunks_mut::<8>().0.iter_mut().zip(bytes) {
                    for (place, sign) in signs.iter_mut().enumerate() {
                        *sign = if byte & (0x80 >> place) == 0 { -1.0 } else { 1.0 };
                    }
                }
            }
        }
    }
}

/// What `value` makes of every `N` bytes.
fn each<const N: usize>(bytes: &[u8], into: &mut [f32], value: impl Fn([u8; N]) -> f32) {
    for (number, &bytes) in into.iter_mut().zip(bytes.as_chunks::<N>().0) {
        *number = value(bytes);
    }
}

impl Stored {
    /// Bytes of all values.
    pub fn bytes(&self) -> u64 {
        self.rows.saturating_mul(self.width).saturating_mul(self.element.bytes()) as u64
    }
}

impl Matrix {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Stored(stored) => stored.rows,
            Self::Held { dims, numbers } => numbers.len() / (*dims).max(1),
        }
    }

    /// Numbers of a row.
    pub fn dims(&self) -> usize {
        match self {
            Self::Stored(stored) => stored.width.saturating_mul(stored.element.numbers()),
            Self::Held { dims, .. } => *dims,
        }
    }

    /// What its type implies of how rows are to be compared, as a sentence; none where that is nothing out of the ordinary.
    pub fn implies(&self, path: &str) -> Option<String> {
        let Self::Stored(stored) = self else { return None };
        match stored.element {
            Element::I8 => Some(format!(
                "{path} holds whole numbers of 8 bits (int8): they are compared by their cosine, as one scale for all dims does not change \
                 it."
            )),
            Element::Bits => Some(format!(
                "{path} holds bytes (uint8), read as packed bits (np.packbits): {} dims of -1 and 1 each, whose cosine ranks as their \
                 Hamming distance does. Where they are quantised numbers, save them as float32.",
                self.dims()
            )),
            _ => None,
        }
    }

    /// Puts row `i` into row `slots[i]` of `into`, `[any, dims]`; rows whose slot is [`NOWHERE`] are passed over. `pulse` is called every
    /// now and then.
    pub fn fill(
        &self,
        store: &mut Store,
        path: &str,
        slots: &[u32],
        into: &mut [f32],
        pulse: &mut dyn FnMut(u64),
    ) -> Result<(), VectorsError> {
        let dims = self.dims();
        match self {
            Self::Held { numbers, .. } => {
                for (row, &slot) in numbers.chunks_exact(dims.max(1)).zip(slots) {
                    put(row, slot, dims, 0, into);
                }
                Ok(())
            }
            Self::Stored(stored) => {
                let done = store.done();
                let failed =
                    |reason: io::Error| VectorsError::Read { path: path.to_owned(), reason: reason.to_string() };
                let mut opened = store.open(stored.entry, stored.offset)?;
                let mut advance = |bytes: u64| pulse(done.saturating_add(bytes));
                let filled = if stored.by_columns {
                    columns(stored, &mut opened.reader, slots, dims, into, &mut advance)
                } else {
                    rows(stored, &mut opened.reader, slots, dims, into, &mut advance)
                };
                filled.map_err(failed)
            }
        }
    }
}

/// Copies `values` into row `slot` of `into`, from its number `at` on.
fn put(values: &[f32], slot: u32, dims: usize, at: usize, into: &mut [f32]) {
    if slot == NOWHERE {
        return;
    }
    let start = (slot as usize).checked_mul(dims).and_then(|start| start.checked_add(at));
    let range = start.and_then(|start| Some(start..start.checked_add(values.len())?));
    if let Some(place) = range.and_then(|range| into.get_mut(range)) {
        place.copy_from_slice(values);
    }
}

fn rows(
    stored: &Stored,
    reader: &mut dyn io::Read,
    slots: &[u32],
    dims: usize,
    into: &mut [f32],
    advance: &mut dyn FnMut(u64),
) -> io::Result<()> {
    let long = stored.width.saturating_mul(stored.element.bytes());
    let some = (CHUNK / long.max(1)).max(1);
    let (mut bytes, mut row) = (vec![0; some.saturating_mul(long)], vec![0.0; dims]);
    let mut done = 0;
    for slots in slots.get(..stored.rows).unwrap_or(slots).chunks(some) {
        let Some(part) = bytes.get_mut(..slots.len().saturating_mul(long)) else { break };
        reader.read_exact(part)?;
        for (value, &slot) in part.chunks_exact(long.max(1)).zip(slots) {
            if slot != NOWHERE {
                stored.element.decode(stored.big, value, &mut row);
                put(&row, slot, dims, 0, into);
            }
        }
        done += part.len() as u64;
        advance(done);
    }
    Ok(())
}

fn columns(
    stored: &Stored,
    reader: &mut dyn io::Read,
    slots: &[u32],
    dims: usize,
    into: &mut [f32],
    advance: &mut dyn FnMut(u64),
) -> io::Result<()> {
    let (long, numbers) = (stored.element.bytes(), stored.element.numbers());
    let some = CHUNK / long;
    let mut bytes = vec![0; CHUNK];
    let mut values = vec![0.0; some * numbers];
    let mut done = 0;
    for column in 0..stored.width {
        for slots in slots.get(..stored.rows).unwrap_or(slots).chunks(some) {
            let Some(part) = bytes.get_mut(..slots.len() * long) else { break };
            reader.read_exact(part)?;
            stored.element.decode(stored.big, part, &mut values);
            for (value, &slot) in values.chunks_exact(numbers).zip(slots) {
                put(value, slot, dims, column * numbers, into);
            }
            done += part.len() as u64;
            advance(done);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
