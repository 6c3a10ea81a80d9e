//! One array out of a NumPy file (`.npy`).

use std::io::{self, Read};

use super::error::VectorsError;
use super::limits;
use super::matrix::{Element, Matrix, Stored};
use super::naming::Use;
use super::records::too_long;
use super::sources::Store;
use super::things::{Body, Names, Sets, name_of};
use crate::input::npy::{self, Dtype, Field, Header, NoHeader, Plain, trimmed};
use crate::words;

/// Looks at file `entry`, an array at `path`. Vectors stay where they are; ids and labels are read. `hint` is what its name says it is.
///
/// # Errors
/// It is no whole `.npy` file, or has too many rows.
pub(super) fn read(store: &mut Store, entry: usize, path: &str, hint: Option<Use>) -> Result<Body, VectorsError> {
    let fault = |reason: String| VectorsError::Npy { path: path.to_owned(), reason };
    let mut opened = store.open(entry, 0)?;
    let header = npy::read(&mut opened.reader, limits::NPY_HEADER_BYTES).map_err(|none| {
        fault(match none {
            NoHeader::Longer => "its header is longer than that of any array of numbers".into(),
            NoHeader::Foreign => "its header is not that of an array".into(),
            NoHeader::Because(reason) => reason,
        })
    })?;
    let plain = match &header.dtype {
        Dtype::Plain(plain) => plain,
        Dtype::Fields(fields) => return Ok(Body::Refused(structured(path, fields))),
    };
    if plain.letter == b'O' {
        return Ok(Body::Refused(objects(path, &header.shape, hint)));
    }
    let announced = header.shape.iter().try_fold(plain.bytes, |product, &side| product.checked_mul(side));
    let announced = announced.ok_or_else(|| fault("its shape is larger than any array can be".into()))?;
    if let Some(found) = opened.size.map(|size| size.saturating_sub(header.offset as u64))
        && found != announced as u64
    {
        return Err(fault(format!("its header announces {announced} bytes of values, there are {found}")));
    }
    let Some((&rows, sides)) = header.shape.split_first() else {
        return Ok(Body::Extra("it is a single value".into()));
    };
    if rows > limits::ROWS {
        let most = limits::ROWS.to_string();
        return Err(VectorsError::TooLarge { path: path.to_owned(), what: "more rows", most, remedy: "hand in fewer" });
    }
    // Sides of 1 count for nothing.
    let mut wide = sides.iter().copied().filter(|&side| side != 1);
    let (width, more) = (wide.next(), wide.next());
    if more.is_some() {
        let why = format!("its shape is {:?}, and vectors have the shape [rows, dims]", header.shape);
        return Ok(Body::Extra(why));
    }
    let failed = |reason: io::Error| fault(reason.to_string());
    let Some(width) = width else {
        return names(&mut opened.reader, path, plain, rows, hint, failed);
    };
    if hint == Some(Use::Labels) && plain.is_number() {
        match sets(&mut opened.reader, &header, plain, rows, width).map_err(failed)? {
            Some(sets) => return Ok(Body::Sets(sets)),
            // Vectors can be called after classes.
            None if plain.letter == b'f' => {}
            None => return Ok(Body::Extra(format!("labels of shape {:?} have to be 0 or 1 each", header.shape))),
        }
    }
    Ok(match element(plain) {
        Some(element) => Body::Matrix(Matrix::Stored(Stored {
            entry,
            offset: header.offset as u64,
            rows,
            width,
            element,
            big: plain.big,
            by_columns: header.columns_first,
        })),
        None => Body::Refused(VectorsError::Dtype {
            path: path.to_owned(),
            dtype: plain.name.clone(),
            remedy: match (plain.letter, plain.bytes) {
                (b'V', 1) => {
                    format!("floats of 8 bits are not read, so save it with {}", saved(path, ".astype('float16')"))
                }
                _ => format!(
                    "save vectors as floats of 16, 32 or 64 bits, as int8, or as bits with np.packbits: {}",
                    saved(path, ".astype('float32')")
                ),
            },
        }),
    })
}

/// How vectors of this type are stored.
fn element(plain: &Plain) -> Option<Element> {
    match (plain.letter, plain.bytes) {
        (b'f', 2) => Some(Element::F16),
        (b'f', 4) => Some(Element::F32),
        (b'f', 8) => Some(Element::F64),
        // NumPy knows no bfloat16 and saves it as two bytes of anything.
        (b'V', 2) => Some(Element::Bf16),
        (b'i', 1) => Some(Element::I8),
        (b'u', 1) => Some(Element::Bits),
        _ => None,
    }
}

/// A list of ids or labels.
fn names(
    reader: &mut dyn Read,
    path: &str,
    plain: &Plain,
    rows: usize,
    hint: Option<Use>,
    failed: impl Fn(io::Error) -> VectorsError,
) -> Result<Body, VectorsError> {
    let text = matches!(plain.letter, b'S' | b'U');
    if !text && !plain.is_number() {
        return Ok(Body::Extra(format!("it holds values of type {}", plain.name)));
    }
    if plain.letter == b'f' && hint.is_none() {
        return Ok(Body::Extra("it has one number a row".into()));
    }
    if plain.bytes > limits::NAME_LENGTH || plain.bytes.saturating_mul(rows) > limits::NAME_BYTES {
        if hint == Some(Use::Texts) {
            return Ok(Body::Extra(too_long()));
        }
        let most = words::megabytes(limits::NAME_BYTES);
        let remedy = "save shorter strings, such as ids in the place of texts";
        return Err(VectorsError::TooLarge { path: path.to_owned(), what: "more bytes", most, remedy });
    }
    let mut names = Names::default();
    let mut value = vec![0; plain.bytes];
    for _ in 0..rows {
        reader.read_exact(&mut value).map_err(&failed)?;
        match plain.letter {
            b'S' => names.push(trimmed(&value)),
            b'f' => match name_of(plain.number(&value)) {
                Some(name) => names.values.push(name),
                None => return Ok(Body::Extra("it has numbers with fractions, one a row".into())),
            },
            _ => names.values.push(plain.text(&value)),
        }
    }
    Ok(Body::Names(names))
}

/// The labels of a matrix with a column for each, 1 where a row has it; none where another number stands there.
fn sets(reader: &mut dyn Read, header: &Header, plain: &Plain, rows: usize, width: usize) -> io::Result<Option<Sets>> {
    if plain.bytes.saturating_mul(rows).saturating_mul(width) > limits::NAME_BYTES || width > limits::ROWS {
        return if plain.letter == b'f' {
            Ok(None)
        } else {
            Err(io::Error::other("it has more labels than can be read"))
        };
    }
    let (outer, inner) = if header.columns_first { (width, rows) } else { (rows, width) };
    let mut of = vec![Vec::new(); rows];
    let mut value = vec![0; plain.bytes];
    for first in 0..outer {
        for second in 0..inner {
            reader.read_exact(&mut value)?;
            let number = plain.number(&value);
            let (row, column) = if header.columns_first { (second, first) } else { (first, second) };
            match of.get_mut(row) {
                Some(labels) if number == 1.0 => labels.push(column as u32),
                _ if number == 0.0 => {}
                _ => return Ok(None),
            }
        }
    }
    Ok(Some(Sets { of, names: (0..width).map(|column| column.to_string()).collect() }))
}

/// Python that loads the array at `path`.
fn loaded(path: &str, pickled: bool) -> String {
    let allow = if pickled { ", allow_pickle=True" } else { "" };
    match path.rsplit_once(".npz/") {
        Some((archive, name)) => {
            format!("np.load('{archive}.npz'{allow})['{}']", name.strip_suffix(".npy").unwrap_or(name))
        }
        None => format!("np.load('{path}'{allow})"),
    }
}

/// The name to save an array under.
fn target(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    format!("{}.npy", name.strip_suffix(".gz").unwrap_or(name).strip_suffix(".npy").unwrap_or(name))
}

/// Python that saves the array at `path` anew, with `change` behind it.
fn saved(path: &str, change: &str) -> String {
    format!("np.save('{}', {}{change})", target(path), loaded(path, false))
}

fn objects(path: &str, shape: &[usize], hint: Option<Use>) -> VectorsError {
    let array = loaded(path, true);
    let path = path.to_owned();
    if shape.is_empty() {
        let name = target(&path);
        let archive = name.strip_suffix(".npy").unwrap_or(&name);
        return VectorsError::Pickled { remedy: format!("np.savez('{archive}.npz', **{array}.item())"), path };
    }
    let name = target(&path);
    match hint {
        Some(_) => {
            let remedy = format!("np.save('{name}', {array}.astype(str))");
            VectorsError::Objects { path, what: "its values as strings", remedy }
        }
        None => {
            let remedy = format!("np.save('{name}', np.stack({array}).astype('float32'))");
            VectorsError::Objects { path, what: "its rows as one array of numbers", remedy }
        }
    }
}

fn structured(path: &str, fields: &[Field]) -> VectorsError {
    let names = fields.iter().map(|field| field.name.as_str());
    let (name, array) = (target(path), loaded(path, false));
    let remedy = match fields.iter().find(|field| field.wide) {
        Some(field) => format!("np.save('{name}', {array}['{}'])", field.name),
        None => format!("np.save('{name}', np.lib.recfunctions.structured_to_unstructured({array}))"),
    };
    VectorsError::Structured { path: path.to_owned(), fields: words::list(names, "none"), remedy }
}

#[cfg(test)]
mod tests;
