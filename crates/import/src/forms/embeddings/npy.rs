//! One array out of a NumPy file (`.npy`).

use half::f16;
use npyz::{DType, Deserialize, NpyFile, NpyHeader, Order, TypeChar};

use super::matrix::{Array, Head, Labels, Plan, Sort, Values};
use crate::error::EmbeddingsError;
use crate::input::kind::NPY;

/// Longest header that is read, in bytes. NumPy itself trusts no longer one.
const LONGEST: usize = 10_000;

/// Reads the file at `path`: floats of 16, 32 or 64 bits as rows, whole numbers and strings as labels, in either order of bytes
/// and of axes. Values of other types and shapes are left where they are.
///
/// # Errors
/// It is no whole `.npy` file, or has too many rows.
pub(crate) fn read(path: &str, bytes: &[u8]) -> Result<Array, EmbeddingsError> {
    let fault = |reason: String| EmbeddingsError::Npy { path: path.to_owned(), reason };
    check_header(bytes).map_err(|reason| fault(reason.into()))?;
    let mut data = bytes;
    let header = NpyHeader::from_reader(&mut data).map_err(|reason| fault(reason.to_string()))?;
    let shape: Option<Vec<usize>> = header.shape().iter().map(|&side| usize::try_from(side).ok()).collect();
    let shape = shape.ok_or_else(|| fault("its shape is too large".into()))?;

    let (dtype, sort, item) = sort(&header.dtype());
    let head = Head { path: path.to_owned(), shape, dtype, sort };
    let plan = head.plan()?;
    if plan == Plan::Leave {
        return Ok(Array { head, values: Values::Unread });
    }
    let count = head.shape.iter().try_fold(item, |product, &side| product.checked_mul(side));
    if count != Some(data.len()) {
        let announced = count.map_or_else(|| "more bytes than there can be".into(), |count| format!("{count} bytes"));
        return Err(fault(format!("its header announces {announced} of values, there are {}", data.len())));
    }
    let columns_first = header.order() == Order::Fortran;
    let file = NpyFile::with_header(header, data);
    let values = match plan {
        Plan::Rows { rows, dims } => {
            let numbers = match item {
                2 => floats::<f16>(file),
                4 => floats::<f32>(file),
                _ => floats::<f64>(file),
            };
            let numbers = numbers.map_err(|reason| fault(reason.to_string()))?;
            let numbers = if columns_first { in_rows(&numbers, rows) } else { numbers };
            Values::Rows { rows, dims, numbers }
        }
        _ => Values::Labels(labels(file, item).map_err(|reason| fault(reason.to_string()))?),
    };
    Ok(Array { head, values })
}

/// The name of a type, what it makes of values, and the bytes of one.
fn sort(dtype: &DType) -> (String, Sort, usize) {
    let DType::Plain(plain) = dtype else { return ("records".into(), Sort::Other, 0) };
    let item = plain.num_bytes().unwrap_or_default();
    let sort = match plain.type_char() {
        TypeChar::Float if item <= 8 => Sort::Numbers,
        TypeChar::Bool | TypeChar::Int | TypeChar::Uint => Sort::Names,
        // Of no bytes there could be any number.
        TypeChar::ByteStr | TypeChar::UnicodeStr if item > 0 => Sort::Names,
        _ => Sort::Other,
    };
    (plain.to_string(), sort, item)
}

fn floats<T: Deserialize + Into<f64>>(file: NpyFile<&[u8]>) -> std::io::Result<Vec<f32>> {
    let values = file.data::<T>().map_err(std::io::Error::other)?;
    values.map(|value| value.map(|value| value.into() as f32)).collect()
}

fn labels(file: NpyFile<&[u8]>, item: usize) -> std::io::Result<Labels> {
    let DType::Plain(plain) = file.dtype() else { return Ok(Labels::default()) };
    match (plain.type_char(), item) {
        (TypeChar::Bool, _) => names(file, |value: bool| u8::from(value).to_string()),
        (TypeChar::Int, 1) => names(file, |value: i8| value.to_string()),
        (TypeChar::Int, 2) => names(file, |value: i16| value.to_string()),
        (TypeChar::Int, 4) => names(file, |value: i32| value.to_string()),
        (TypeChar::Int, _) => names(file, |value: i64| value.to_string()),
        (TypeChar::Uint, 1) => names(file, |value: u8| value.to_string()),
        (TypeChar::Uint, 2) => names(file, |value: u16| value.to_string()),
        (TypeChar::Uint, 4) => names(file, |value: u32| value.to_string()),
        (TypeChar::Uint, _) => names(file, |value: u64| value.to_string()),
        (TypeChar::ByteStr, _) => names(file, |value: Vec<u8>| String::from_utf8_lossy(&value).into_owned()),
        _ => names(file, |value: String| value),
    }
}

fn names<T: Deserialize>(file: NpyFile<&[u8]>, name: impl Fn(T) -> String) -> std::io::Result<Labels> {
    let values = file.data::<T>().map_err(std::io::Error::other)?;
    values.map(|value| value.map(&name)).collect()
}

/// Numbers that lie column by column, row by row.
fn in_rows(numbers: &[f32], rows: usize) -> Vec<f32> {
    (0..rows).flat_map(|row| numbers.iter().skip(row).step_by(rows).copied()).collect()
}

/// Looks at the header before its parser does, which takes any Python literal: there a few bytes can nest without end, sum
/// numbers that have no sum, or announce more than can be counted. A plain array needs none of that.
fn check_header(bytes: &[u8]) -> Result<(), &'static str> {
    const SHORT: &str = "it is cut short";
    let rest = bytes.strip_prefix(NPY).ok_or("it does not begin as one")?;
    let (&[major, _], rest) = rest.split_first_chunk::<2>().ok_or(SHORT)?;
    let (length, rest) = if major == 1 {
        let (&length, rest) = rest.split_first_chunk::<2>().ok_or(SHORT)?;
        (usize::from(u16::from_le_bytes(length)), rest)
    } else {
        let (&length, rest) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
        (u32::from_le_bytes(length) as usize, rest)
    };
    if length > LONGEST {
        return Err("its header is longer than that of any plain array");
    }
    let header = rest.get(..length).ok_or(SHORT)?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"'\"_<>|=(){}[]:, \n".contains(byte);
    let count = |mark: u8| header.iter().filter(|&&byte| byte == mark).count();
    if !header.iter().all(plain) || count(b'{') != 1 || count(b'(') != 1 || count(b'[') > 1 {
        return Err("its header is not that of a plain array");
    }
    // Whatever number could be a side counts here, as the parser multiplies them unchecked.
    let words = header.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let numbers = words.filter(|word| word.first().is_some_and(u8::is_ascii_digit));
    let product = numbers.into_iter().try_fold(1u64, |product, word| {
        let side: u64 = std::str::from_utf8(word).ok()?.parse().ok()?;
        product.checked_mul(side.max(1))
    });
    product.map(|_| ()).ok_or("its shape is larger than any array can be")
}

#[cfg(test)]
mod tests;
