//! Arrow: the stream of messages that both a stream and a file (Feather) are made of. A file has a footer behind it, which only says where
//! each message begins.

mod array;
mod schema;

use std::collections::HashMap;
use std::io::{self, BufRead, Read as _};

use polars_arrow_format::ipc::planus::ReadAsRoot as _;
use polars_arrow_format::ipc::{CompressionType, Endianness, MessageHeaderRef, MessageRef, RecordBatchRef};

use super::super::error::VectorsError;
use super::super::limits;
use super::super::records::Records;
use super::super::sources::Store;
use super::super::things::{Body, Thing};
use super::packed::Packing;
use super::{NESTED, Target, Want, want_of_lists, want_of_value};
use crate::words;
use array::{Arrays, Batch};
use schema::{Field, Form};

/// What a file, other than a stream, begins and ends with.
pub(in super::super) const MAGIC: &[u8] = b"ARROW1";
/// The magic, up to where messages begin.
const HEAD: usize = 8;
/// What stands before the length of a message, but for very old ones.
pub(in super::super) const CONTINUED: &[u8] = &[0xff; 4];
/// Why something is not read, as the end of a sentence.
type Why = String;

/// Reads file `entry`.
///
/// # Errors
/// It is damaged or too large, or vectors of one column differ in length.
pub(in super::super) fn read(store: &mut Store, entry: usize, path: &str) -> Result<Vec<Thing>, VectorsError> {
    let fault = |reason: Why| VectorsError::Columns { path: path.to_owned(), form: "Arrow", reason };
    let failed = |reason: io::Error| match reason.kind() {
        io::ErrorKind::UnexpectedEof => fault("it is cut short".to_owned()),
        _ => VectorsError::Read { path: path.to_owned(), reason: reason.to_string() },
    };
    let mut reader = store.open(entry, 0)?.reader;
    let file = reader.fill_buf().map_err(failed)?.starts_with(MAGIC);
    if file {
        reader.read_exact(&mut [0; HEAD]).map_err(failed)?;
    }
    let (mut fields, mut columns, mut dictionaries) = (None, Vec::new(), HashMap::new());
    let (mut records, mut rows, mut extras) = (Records::new(path), 0usize, Vec::new());
    while let Some(message) = message(&mut *reader, path, &fault, &failed)? {
        let read = MessageRef::read_as_root(&message).map_err(|why| fault(why.to_string()))?;
        let header = read.header().map_err(|why| fault(why.to_string()))?;
        let length = read.body_length().map_err(|why| fault(why.to_string()))?;
        let body = body(&mut *reader, length, path, &fault, &failed)?;
        match header {
            Some(MessageHeaderRef::Schema(schema)) if fields.is_none() => {
                if schema.endianness().map_err(|why| fault(why.to_string()))? == Endianness::Big {
                    return Err(fault("its numbers have their largest byte first".to_owned()));
                }
                let found = schema::fields(schema).map_err(&fault)?;
                for (at, field) in found.iter().enumerate() {
                    let own = format!("{path}/{}", field.name);
                    let thing = |body: Body| Thing { path: own.clone(), bundle: None, body };
                    match wanted(field) {
                        Ok(Some(want)) => columns.push((at, field.name.clone(), want)),
                        Ok(None) => {}
                        Err(Bad::Nested) => extras.push(thing(Body::Extra(NESTED.to_owned()))),
                        Err(Bad::Bytes) => extras.push(thing(Body::Refused(VectorsError::Dtype {
                            path: own.clone(),
                            dtype: "uint8".to_owned(),
                            remedy: super::BYTES.to_owned(),
                        }))),
                    }
                }
                fields = Some(found);
            }
            Some(MessageHeaderRef::DictionaryBatch(dictionary)) => {
                let fields = fields.as_deref().unwrap_or_default();
                let id = dictionary.id().map_err(|why| fault(why.to_string()))?;
                let delta = dictionary.is_delta().map_err(|why| fault(why.to_string()))?;
                let data = dictionary.data().map_err(|why| fault(why.to_string()))?;
                let Some((data, form)) = data.zip(schema::of_dictionary(fields, id)) else { continue };
                let words = words_of(&body, data, form).map_err(&fault)?;
                let held: &mut Vec<String> = dictionaries.entry(id).or_default();
                if !delta {
                    held.clear();
                }
                held.extend(words);
                let bytes = held.iter().map(|word| word.len().saturating_add(24)).sum::<usize>();
                super::super::lines::within(path, held.len(), bytes)?;
            }
            Some(MessageHeaderRef::RecordBatch(batch)) => {
                let fields = fields.as_deref().ok_or_else(|| fault("its rows come before their schema".to_owned()))?;
                let (count, arrays) = arrays(&body, batch, fields, &dictionaries).map_err(&fault)?;
                let last = rows.checked_add(count).filter(|&last| last <= limits::ROWS);
                let last = last.ok_or_else(|| VectorsError::TooLarge {
                    path: path.to_owned(),
                    what: "more rows",
                    most: limits::ROWS.to_string(),
                    remedy: "hand in fewer",
                })?;
                for (at, name, want) in &columns {
                    let Some(array) = arrays.get(*at) else { continue };
                    let target = Target { path, name, want: *want };
                    let mut row = Vec::new();
                    for place in 0..count {
                        row.clear();
                        array.row(place, &mut row).map_err(&fault)?;
                        target.put(&mut records, rows + place, &row, array::Value::number, array::Value::word)?;
                    }
                }
                rows = last;
                records.reach(rows)?;
            }
            Some(MessageHeaderRef::Schema(_) | MessageHeaderRef::Tensor(_) | MessageHeaderRef::SparseTensor(_))
            | None => {}
        }
    }
    if fields.is_none() {
        return Err(fault("it has no schema".to_owned()));
    }
    if file && !ends_whole(&mut *reader).map_err(failed)? {
        return Err(fault("it is cut short".to_owned()));
    }
    let mut things = records.finish(entry)?;
    things.extend(extras);
    Ok(things)
}

/// Whether the rest of a file ends as it has to.
fn ends_whole(reader: &mut dyn BufRead) -> io::Result<bool> {
    let mut rest = Vec::new();
    reader.take((limits::FOOTER_BYTES as u64).saturating_mul(4)).read_to_end(&mut rest)?;
    Ok(rest.ends_with(MAGIC))
}

/// The next message, without its body; none at the end.
fn message(
    reader: &mut dyn BufRead,
    path: &str,
    fault: &dyn Fn(Why) -> VectorsError,
    failed: &dyn Fn(io::Error) -> VectorsError,
) -> Result<Option<Vec<u8>>, VectorsError> {
    if reader.fill_buf().map_err(failed)?.is_empty() {
        return Ok(None);
    }
    let mut length = [0; 4];
    reader.read_exact(&mut length).map_err(failed)?;
    if length == CONTINUED {
        reader.read_exact(&mut length).map_err(failed)?;
    }
    let length =
        usize::try_from(i32::from_le_bytes(length)).map_err(|_| fault("it says impossible sizes".to_owned()))?;
    if length == 0 {
        return Ok(None);
    }
    if length > limits::FOOTER_BYTES {
        return Err(VectorsError::TooLarge {
            path: path.to_owned(),
            what: "a longer header of a message",
            most: words::megabytes(limits::FOOTER_BYTES),
            remedy: "save vectors as .npy",
        });
    }
    let mut message = vec![0; length];
    reader.read_exact(&mut message).map_err(failed)?;
    Ok(Some(message))
}

fn body(
    reader: &mut dyn BufRead,
    length: i64,
    path: &str,
    fault: &dyn Fn(Why) -> VectorsError,
    failed: &dyn Fn(io::Error) -> VectorsError,
) -> Result<Vec<u8>, VectorsError> {
    let length = u64::try_from(length).map_err(|_| fault("it says impossible sizes".to_owned()))?;
    if length > limits::CHUNK_BYTES as u64 {
        return Err(VectorsError::TooLarge {
            path: path.to_owned(),
            what: "more bytes in one batch of rows",
            most: words::megabytes(limits::CHUNK_BYTES),
            remedy: "save it in batches of fewer rows, such as with df.to_feather(path, chunksize=10000)",
        });
    }
    // Grows with what there is, whatever was announced.
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body).map_err(failed)?;
    if (body.len() as u64) < length { Err(fault("it is cut short".to_owned())) } else { Ok(body) }
}

/// Why a column that may be meant is not read.
enum Bad {
    Nested,
    Bytes,
}

/// What a column is read as, if it is of use.
fn wanted(field: &Field) -> Result<Option<Want>, Bad> {
    match &field.form {
        _ if field.dictionary.is_some() => Ok(want_of_value(&field.name)),
        form if form.is_value() => Ok(want_of_value(&field.name)),
        Form::List { child, .. } if child.dictionary.is_none() => {
            match (&child.form, want_of_lists(&field.name, child.form.is_number())) {
                (Form::Whole { bytes: 1, signed: false }, Some(Want::Vector)) => Err(Bad::Bytes),
                (form, want) if form.is_value() => Ok(want),
                _ => Err(Bad::Nested),
            }
        }
        Form::Null | Form::Other { .. } => Ok(None),
        _ => Err(Bad::Nested),
    }
}

fn packing(batch: RecordBatchRef<'_>) -> Result<Option<Packing>, Why> {
    let Some(packed) = batch.compression().map_err(|why| why.to_string())? else { return Ok(None) };
    Ok(Some(match packed.codec().map_err(|why| why.to_string())? {
        CompressionType::Lz4Frame => Packing::Lz4Frame,
        CompressionType::Zstd => Packing::Zstd,
    }))
}

/// All columns of a batch, and how many rows it has.
fn arrays<'a>(
    body: &'a [u8],
    batch: RecordBatchRef<'_>,
    fields: &[Field],
    dictionaries: &'a HashMap<i64, Vec<String>>,
) -> Result<(usize, Vec<array::Array<'a>>), Why> {
    let count = usize::try_from(batch.length().map_err(|why| why.to_string())?).map_err(|why| why.to_string())?;
    let mut arrays = Arrays::new(Batch::new(body, batch, packing(batch)?)?, dictionaries);
    let read = fields.iter().map(|field| arrays.next(field)).collect::<Result<Vec<_>, _>>()?;
    if read.iter().any(|array| array.rows() != count) {
        return Err("its columns differ in length".to_owned());
    }
    Ok((count, read))
}

/// The words of a dictionary.
fn words_of(body: &[u8], batch: RecordBatchRef<'_>, form: &Form) -> Result<Vec<String>, Why> {
    let nothing = HashMap::new();
    let field = Field { name: String::new(), form: form.clone(), dictionary: None };
    let (count, arrays) = arrays(body, batch, std::slice::from_ref(&field), &nothing)?;
    let Some(array) = arrays.first() else { return Ok(Vec::new()) };
    let mut row = Vec::new();
    let (mut words, mut bytes) = (Vec::new(), 0usize);
    for place in 0..count {
        row.clear();
        array.row(place, &mut row)?;
        let word = row.first().and_then(Option::as_ref).map(array::Value::word).unwrap_or_default();
        bytes = bytes.saturating_add(word.len());
        if bytes > limits::NAME_BYTES {
            return Err("the words of a dictionary are longer than can be read".to_owned());
        }
        words.push(word);
    }
    Ok(words)
}
