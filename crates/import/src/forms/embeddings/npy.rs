//! One array out of a NumPy file (`.npy`).

use super::matrix::{Array, Head, Plan, Sort, Values};
use crate::error::EmbeddingsError;
use crate::input::npy::{self, Dtype, NoHeader, Plain};

/// Longest header that is read, in bytes. NumPy itself trusts no longer one.
pub(crate) const LONGEST: usize = 10_000;

/// Letters of the types that NumPy has.
const LETTERS: &[u8] = b"biufcmMSUVO";

/// Reads the file at `path`: floats of 16, 32 or 64 bits as rows, whole numbers and strings as labels, in either order of bytes
/// and of axes. Values of other types and shapes are left where they are.
///
/// # Errors
/// It is no whole `.npy` file, or has too many rows.
pub(crate) fn read(path: &str, bytes: &[u8]) -> Result<Array, EmbeddingsError> {
    let fault = |reason: String| EmbeddingsError::Npy { path: path.to_owned(), reason };
    let foreign = || "its header is not that of a plain array".to_owned();
    let mut reader = bytes;
    let header = npy::read(&mut reader, LONGEST).map_err(|none| {
        fault(match none {
            NoHeader::Longer => "its header is longer than that of any plain array".into(),
            NoHeader::Foreign => foreign(),
            NoHeader::Because(reason) => reason,
        })
    })?;
    let Dtype::Plain(plain) = header.dtype else { return Err(fault(foreign())) };
    if !LETTERS.contains(&plain.letter) {
        return Err(fault(format!("invalid type string: {}", plain.name)));
    }

    let head = Head { path: path.to_owned(), shape: header.shape, dtype: plain.name.clone(), sort: sort(&plain) };
    let plan = head.plan()?;
    if plan == Plan::Leave {
        return Ok(Array { head, values: Values::Unread });
    }
    let data = bytes.get(header.offset..).unwrap_or_default();
    let count = head.shape.iter().try_fold(plain.bytes, |product, &side| product.checked_mul(side));
    if count != Some(data.len()) {
        let announced = count.map_or_else(|| "more bytes than there can be".into(), |count| format!("{count} bytes"));
        return Err(fault(format!("its header announces {announced} of values, there are {}", data.len())));
    }
    let each = data.chunks_exact(plain.bytes.max(1));
    let values = match plan {
        Plan::Rows { rows, dims } => {
            let numbers: Vec<f32> = each.map(|value| plain.number(value) as f32).collect();
            let numbers = if header.columns_first { in_rows(&numbers, rows) } else { numbers };
            Values::Rows { rows, dims, numbers }
        }
        _ => Values::Labels(each.map(|value| plain.text(value)).collect()),
    };
    Ok(Array { head, values })
}

/// What a type makes of values.
fn sort(plain: &Plain) -> Sort {
    match plain.letter {
        b'f' if plain.is_number() => Sort::Numbers,
        // Of no bytes there could be any number.
        b'S' | b'U' if plain.bytes > 0 => Sort::Names,
        _ if plain.is_number() => Sort::Names,
        _ => Sort::Other,
    }
}

/// Numbers that lie column by column, row by row.
fn in_rows(numbers: &[f32], rows: usize) -> Vec<f32> {
    (0..rows).flat_map(|row| numbers.iter().skip(row).step_by(rows).copied()).collect()
}

#[cfg(test)]
mod tests;
