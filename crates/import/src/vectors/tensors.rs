//! The arrays in a `.safetensors` file.

use std::io::Read as _;

use half::{bf16, f16};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use super::error::VectorsError;
use super::limits;
use super::matrix::{Element, Matrix, Stored};
use super::naming::{self, Use};
use super::sources::Store;
use super::things::{Body, Names, Sets, Thing, name_of};
use crate::words;

/// Looks at the arrays of file `entry`, in the order of their names. Vectors stay where they are; ids and labels are read.
///
/// # Errors
/// It is no whole `.safetensors` file, or an array has too many rows.
pub(super) fn read(store: &mut Store, entry: usize, path: &str) -> Result<Vec<Thing>, VectorsError> {
    let fault = |reason: &str| VectorsError::Safetensors { path: path.to_owned(), reason: reason.to_owned() };
    let mut opened = store.open(entry, 0)?;
    let mut length = [0; 8];
    opened.reader.read_exact(&mut length).map_err(|_| fault("it is cut short"))?;
    let length = usize::try_from(u64::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > limits::HEADER_BYTES {
        return Err(fault("its header is longer than that of a few arrays"));
    }
    let mut header = vec![0; length];
    opened.reader.read_exact(&mut header).map_err(|_| fault("it is cut short"))?;
    let before = 8 + length as u64;
    let size = opened.size;
    drop(opened);
    // Types, shapes and offsets are compared with one another here.
    let metadata: Metadata = serde_json::from_slice(&header).map_err(|reason| fault(&reason.to_string()))?;
    let announced = metadata.data_len() as u64;
    if let Some(found) = size.map(|size| size.saturating_sub(before))
        && found != announced
    {
        return Err(fault(&format!("its header announces {announced} bytes of values, there are {found}")));
    }
    let mut tensors: Vec<(String, &TensorInfo)> = metadata.tensors().into_iter().collect();
    tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut things = Vec::new();
    for (name, info) in tensors {
        let path = format!("{path}/{name}");
        let body = array(store, entry, before, &path, info)?;
        things.push(Thing { path, bundle: None, body });
    }
    Ok(things)
}

fn array(store: &mut Store, entry: usize, before: u64, path: &str, info: &TensorInfo) -> Result<Body, VectorsError> {
    let Some((&rows, sides)) = info.shape.split_first() else { return Ok(Body::Extra("it is a single value".into())) };
    if rows > limits::ROWS {
        let most = limits::ROWS.to_string();
        return Err(VectorsError::TooLarge { path: path.to_owned(), what: "more rows", most, remedy: "hand in fewer" });
    }
    let mut wide = sides.iter().copied().filter(|&side| side != 1);
    let (width, more) = (wide.next(), wide.next());
    if more.is_some() {
        let why = format!("its shape is {:?}, and vectors have the shape [rows, dims]", info.shape);
        return Ok(Body::Extra(why));
    }
    let offset = before.saturating_add(info.data_offsets.0 as u64);
    let hint = naming::use_of(path);
    let element = match info.dtype {
        Dtype::F16 => Some(Element::F16),
        Dtype::BF16 => Some(Element::Bf16),
        Dtype::F32 => Some(Element::F32),
        Dtype::F64 => Some(Element::F64),
        Dtype::I8 => Some(Element::I8),
        Dtype::U8 => Some(Element::Bits),
        _ => None,
    };
    // Vectors can be called after classes.
    let float = is_float(info.dtype);
    let short = !float || info.data_offsets.1.saturating_sub(info.data_offsets.0) <= limits::NAME_BYTES / 16;
    if let Some(width) = width
        && hint == Some(Use::Labels)
        && number(info.dtype, &[0; 8]).is_some()
        && short
    {
        match sets(store, entry, offset, path, info, rows, width)? {
            Body::Extra(_) if float => {}
            body => return Ok(body),
        }
    }
    Ok(match (width, element) {
        (None, _) => names(store, entry, offset, path, info, hint)?,
        (Some(width), Some(element)) => {
            let (big, by_columns) = (false, false);
            Body::Matrix(Matrix::Stored(Stored { entry, offset, rows, width, element, big, by_columns }))
        }
        (Some(_), None) => Body::Refused(VectorsError::Dtype {
            path: path.to_owned(),
            dtype: format!("{:?}", info.dtype),
            remedy:
                "save vectors as floats of 16, 32 or 64 bits (torch: x.to(torch.float16)), as int8, or as packed bits"
                    .into(),
        }),
    })
}

fn is_float(dtype: Dtype) -> bool {
    matches!(dtype, Dtype::F16 | Dtype::BF16 | Dtype::F32 | Dtype::F64)
}

/// The bytes of an array of ids or labels.
fn bytes(store: &mut Store, entry: usize, offset: u64, path: &str, info: &TensorInfo) -> Result<Vec<u8>, VectorsError> {
    let length = info.data_offsets.1.saturating_sub(info.data_offsets.0);
    if length > limits::NAME_BYTES {
        let most = words::megabytes(limits::NAME_BYTES);
        return Err(VectorsError::TooLarge {
            path: path.to_owned(),
            what: "more bytes",
            most,
            remedy: "hand in fewer rows",
        });
    }
    let mut bytes = Vec::new();
    let opened = store.open(entry, offset)?;
    let read = opened.reader.take(length as u64).read_to_end(&mut bytes);
    read.map_err(|reason| VectorsError::Read { path: path.to_owned(), reason: reason.to_string() })?;
    Ok(bytes)
}

/// A list of ids or labels.
fn names(
    store: &mut Store,
    entry: usize,
    offset: u64,
    path: &str,
    info: &TensorInfo,
    hint: Option<Use>,
) -> Result<Body, VectorsError> {
    let float = is_float(info.dtype);
    if number(info.dtype, &[0; 8]).is_none() {
        return Ok(Body::Extra(format!("it holds values of type {:?}", info.dtype)));
    }
    if float && hint.is_none() {
        return Ok(Body::Extra("it has one number a row".into()));
    }
    let bytes = bytes(store, entry, offset, path, info)?;
    let names: Option<Names> = bytes
        .chunks_exact(info.dtype.bitsize().div_ceil(8).max(1))
        .map(|value| match info.dtype {
            // Beyond what floats of 64 bits hold.
            Dtype::I64 => value.first_chunk::<8>().map(|&value| i64::from_le_bytes(value).to_string()),
            Dtype::U64 => value.first_chunk::<8>().map(|&value| u64::from_le_bytes(value).to_string()),
            _ => number(info.dtype, value).and_then(name_of),
        })
        .collect();
    Ok(names.map_or_else(|| Body::Extra("it has numbers with fractions, one a row".into()), Body::Names))
}

/// The labels of a matrix with a column for each, 1 where a row has it.
fn sets(
    store: &mut Store,
    entry: usize,
    offset: u64,
    path: &str,
    info: &TensorInfo,
    rows: usize,
    width: usize,
) -> Result<Body, VectorsError> {
    let bytes = bytes(store, entry, offset, path, info)?;
    let item = info.dtype.bitsize().div_ceil(8).max(1);
    let mut of = Vec::new();
    for row in bytes.chunks_exact(item.saturating_mul(width).max(1)).take(rows) {
        let mut labels = Vec::new();
        for (column, value) in row.chunks_exact(item).enumerate() {
            match number(info.dtype, value) {
                Some(1.0) => labels.push(column as u32),
                Some(0.0) => {}
                _ => return Ok(Body::Extra(format!("labels of shape {:?} have to be 0 or 1 each", info.shape))),
            }
        }
        of.push(labels);
    }
    Ok(Body::Sets(Sets { of, names: (0..width).map(|column| column.to_string()).collect() }))
}

/// The number that begins `bytes`; none of types that are not read.
fn number(dtype: Dtype, bytes: &[u8]) -> Option<f64> {
    fn first<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
        bytes.first_chunk::<N>().copied()
    }
    Some(match dtype {
        Dtype::BOOL | Dtype::U8 => f64::from(*bytes.first()?),
        Dtype::I8 => f64::from(i8::from_le_bytes(first(bytes)?)),
        Dtype::I16 => f64::from(i16::from_le_bytes(first(bytes)?)),
        Dtype::U16 => f64::from(u16::from_le_bytes(first(bytes)?)),
        Dtype::I32 => f64::from(i32::from_le_bytes(first(bytes)?)),
        Dtype::U32 => f64::from(u32::from_le_bytes(first(bytes)?)),
        Dtype::I64 => i64::from_le_bytes(first(bytes)?) as f64,
        Dtype::U64 => u64::from_le_bytes(first(bytes)?) as f64,
        Dtype::F16 => f64::from(f16::from_le_bytes(first(bytes)?)),
        Dtype::BF16 => f64::from(bf16::from_le_bytes(first(bytes)?)),
        Dtype::F32 => f64::from(f32::from_le_bytes(first(bytes)?)),
        Dtype::F64 => f64::from_le_bytes(first(bytes)?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use safetensors::{serialize, tensor::TensorView};

    use super::*;
    use crate::testing::named;

    fn file(tensors: &[(&str, Dtype, &[usize], Vec<u8>)]) -> Vec<u8> {
        let views = tensors.iter().map(|(name, dtype, shape, data)| {
            (name.to_string(), TensorView::new(*dtype, shape.to_vec(), data).unwrap())
        });
        serialize(views, None).unwrap()
    }

    fn of(bytes: &[u8]) -> Result<Vec<Thing>, VectorsError> {
        let mut store = Store::new(vec![named("m.safetensors", bytes).into()], &mut Vec::new()).unwrap();
        read(&mut store, 0, "m.safetensors")
    }

    #[test]
    fn arrays_are_vectors_ids_or_labels() {
        let bytes = file(&[
            ("old", Dtype::F16, &[2, 3], vec![0; 12]),
            ("new", Dtype::F8_E4M3, &[2, 3], vec![0; 6]),
            ("ids", Dtype::I64, &[2], [7i64, i64::MAX].iter().flat_map(|value| value.to_le_bytes()).collect()),
            ("labels", Dtype::U8, &[2, 2], vec![1, 0, 1, 1]),
            ("scores", Dtype::F32, &[2], vec![0; 8]),
            ("tokens", Dtype::F32, &[2, 3, 4], vec![0; 96]),
        ]);
        let things = of(&bytes).unwrap();
        let path = |at: usize| things[at].path.as_str();
        assert_eq!([path(0), path(2)], ["m.safetensors/ids", "m.safetensors/new"]);
        let Body::Names(ids) = &things[0].body else { panic!("{things:?}") };
        assert_eq!(ids.values, ["7", "9223372036854775807"]);
        let Body::Sets(labels) = &things[1].body else { panic!("{things:?}") };
        assert_eq!(labels.of, [vec![0], vec![0, 1]]);
        let Body::Refused(fault) = &things[2].body else { panic!("{things:?}") };
        assert!(
            fault.to_string().starts_with("m.safetensors/new holds values of type F8_E4M3; save vectors"),
            "{fault}"
        );
        let Body::Matrix(matrix) = &things[3].body else { panic!("{things:?}") };
        assert_eq!((matrix.rows(), matrix.dims()), (2, 3));
        assert!(matches!((&things[4].body, &things[5].body), (Body::Extra(_), Body::Extra(_))));
    }

    #[test]
    fn damaged_files_are_told() {
        let say = |bytes: &[u8]| of(bytes).unwrap_err().to_string();
        let told = |reason: &str| format!("m.safetensors cannot be read as .safetensors: {reason}; save it again");
        let whole = file(&[("a", Dtype::U8, &[4, 2], vec![0; 8])]);
        assert_eq!(say(b"abc"), told("it is cut short"));
        assert_eq!(say(&whole[..20]), told("it is cut short"));
        assert_eq!(say(&whole[..whole.len() - 1]), told("its header announces 8 bytes of values, there are 7"));
        assert_eq!(say(&[0xff; 16]), told("its header is longer than that of a few arrays"));
    }

    proptest! {
        #[test]
        fn damaged_files_never_panic(at in any::<prop::sample::Index>(), value: u8) {
            let mut bytes = file(&[("labels", Dtype::U8, &[4], vec![0, 1, 2, 3]), ("b", Dtype::F16, &[1, 2], vec![0; 4])]);
            let at = at.index(bytes.len());
            bytes[at] = value;
            let _ = of(&bytes);
        }

        #[test]
        fn arbitrary_headers_never_panic(
            dtype in "(U8|F4|F16|F32|I64|BOOL)", name in "(labels|ids|x)", shape in prop::collection::vec(any::<u64>(), 0..3), small: bool,
            start: u64, end: u64, data in prop::collection::vec(any::<u8>(), 0..64)
        ) {
            let limit = |value: u64| if small { value % 64 } else { value };
            let shape: Vec<u64> = shape.into_iter().map(|side| if small { side % 9 } else { side }).collect();
            let header = format!(
                r#"{{"{name}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{},{}]}}}}"#, limit(start), limit(end)
            );
            let _ = of(&[&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat());
        }
    }
}
