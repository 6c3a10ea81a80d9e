//! Parquet: the columns of vectors, ids, labels, tasks and texts, one group of rows after the other.

mod bits;
mod check;
mod footer;
mod pages;
mod thrift;

use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use ::parquet::column::reader::ColumnReaderImpl;
use ::parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader};
use ::parquet::schema::types::ColumnDescPtr;
use bytes::Bytes;
use half::f16;

use super::super::error::VectorsError;
use super::super::limits;
use super::super::records::Records;
use super::super::sources::Store;
use super::super::things::{Body, Thing};
use super::{NESTED, Target, Want, named, text, want_of_lists, want_of_value};
use crate::words;
use pages::Pages;

/// What stands at both ends of a file.
pub(in super::super) const MAGIC: &[u8] = b"PAR1";
/// The length of the footer and the magic behind it.
const TAIL: u64 = 8;
/// Rows that are decoded at a time.
const BATCH: usize = 1024;
/// What to do where a file is too much.
const REMEDY: &str = "save vectors as .npy";
/// Why something is not read, as the end of a sentence.
type Why = String;

/// Reads file `entry`.
///
/// # Errors
/// It is damaged or too large, or vectors of one column differ in length.
pub(in super::super) fn read(store: &mut Store, entry: usize, path: &str) -> Result<Vec<Thing>, VectorsError> {
    let file = File { path, entry };
    // The crate panics at some damaged pages. In a browser nothing can be caught, and what watches over its workers tells of it.
    let read = catch_unwind(AssertUnwindSafe(|| columns(store, &file)));
    read.unwrap_or_else(|_| Err(file.fault("a page of it is damaged".to_owned())))
}

fn columns(store: &mut Store, file: &File<'_>) -> Result<Vec<Thing>, VectorsError> {
    let &File { path, entry } = file;
    let mut bytes = file.open(store)?;
    let metadata = bytes.metadata(store, file)?;
    let schema = metadata.file_metadata().schema_descr();
    let rows = metadata.row_groups().iter().try_fold(0usize, |rows, group| {
        rows.checked_add(usize::try_from(group.num_rows()).ok()?).filter(|&rows| rows <= limits::ROWS)
    });
    if rows.is_none() {
        return Err(file.too_large("more rows", limits::ROWS.to_string()));
    }
    let mut columns = Vec::new();
    let mut extras = Vec::new();
    for (at, leaf) in schema.columns().iter().enumerate() {
        let root = schema.get_column_root_idx(at);
        let own = schema.get_column_root(at);
        let alone = (0..schema.num_columns()).filter(|&other| schema.get_column_root_idx(other) == root).count() == 1;
        let thing = |body: Body| Thing { path: format!("{path}/{}", own.name()), bundle: None, body };
        let want = match (alone, leaf.max_rep_level()) {
            (true, 0) if own.is_primitive() => want_of_value(own.name()),
            (true, 1) => want_of_lists(own.name(), is_number(leaf)),
            _ => {
                if extras.last().is_none_or(|(last, _)| *last != root) {
                    extras.push((root, thing(Body::Extra(NESTED.to_owned()))));
                }
                None
            }
        };
        let Some(want) = want else { continue };
        if want == Want::Vector && is_byte(leaf) {
            let dtype = "uint8".to_owned();
            let remedy = super::BYTES.to_owned();
            let fault = VectorsError::Dtype { path: format!("{path}/{}", own.name()), dtype, remedy };
            extras.push((root, thing(Body::Refused(fault))));
            continue;
        }
        columns.push((at, own.name().to_owned(), want));
    }
    let mut numbers = 0u64;
    for group in metadata.row_groups() {
        let own = columns.iter().filter(|(.., want)| *want != Want::Word);
        let chunks = own.filter_map(|(at, ..)| group.columns().get(*at));
        numbers = chunks.filter_map(|chunk| u64::try_from(chunk.num_values()).ok()).fold(numbers, u64::saturating_add);
    }
    if numbers > limits::TEXT_NUMBERS as u64 {
        return Err(file.too_large("more numbers", limits::TEXT_NUMBERS.to_string()));
    }
    let (mut records, mut first) = (Records::new(path), 0);
    for group in metadata.row_groups() {
        let count = usize::try_from(group.num_rows()).unwrap_or_default();
        for (at, name, want) in &columns {
            let Some(chunk) = group.columns().get(*at) else { continue };
            let packing = match pages::packing(chunk.compression()) {
                Ok(packing) => packing,
                Err(packing) => return Ok(vec![file.packed(&packing)]),
            };
            let (start, part) = bytes.chunk(store, file, chunk)?;
            let pages = Pages::new(chunk, packing, start, part).map_err(|why| file.damaged(&why))?;
            let target = Target { path, name, want: *want };
            let place = Place { file, target, first, rows: count };
            place.read(pages, chunk.column_descr_ptr(), &mut records)?;
        }
        first = first.saturating_add(count);
        records.reach(first)?;
    }
    let mut things = records.finish(entry)?;
    things.extend(extras.into_iter().map(|(_, thing)| thing));
    Ok(things)
}

/// The file that is read.
struct File<'a> {
    path: &'a str,
    entry: usize,
}

/// What it holds: all of it, or where it is read from.
enum Held {
    Whole(Bytes),
    Apart { size: u64 },
}

impl File<'_> {
    fn open(&self, store: &mut Store) -> Result<Held, VectorsError> {
        // What is packed as a whole has no places to begin at.
        let size = store.open(self.entry, 0)?.size;
        match size {
            Some(size) => Ok(Held::Apart { size }),
            None => {
                let bytes = store.read(self.entry, limits::NESTED_BYTES, "unpack it before you hand it in")?;
                Ok(Held::Whole(Bytes::from(bytes)))
            }
        }
    }

    fn damaged(&self, why: &ParquetError) -> VectorsError {
        self.fault(why.to_string())
    }

    fn fault(&self, reason: String) -> VectorsError {
        VectorsError::Columns { path: self.path.to_owned(), form: "Parquet", reason }
    }

    fn too_large(&self, what: &'static str, most: String) -> VectorsError {
        VectorsError::TooLarge { path: self.path.to_owned(), what, most, remedy: REMEDY }
    }

    /// A file that is packed in a way that is not read.
    fn packed(&self, packing: &str) -> Thing {
        let path = self.path.to_owned();
        let fault = VectorsError::Packed { path: path.clone(), packing: packing.to_owned() };
        Thing { path, bundle: None, body: Body::Refused(fault) }
    }
}

impl Held {
    fn size(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Apart { size } => *size,
        }
    }

    /// `length` bytes from `start` on.
    fn range(&self, store: &mut Store, file: &File<'_>, start: u64, length: usize) -> Result<Bytes, VectorsError> {
        let short = || file.fault("it is cut short".to_owned());
        let end = start.checked_add(length as u64).filter(|&end| end <= self.size()).ok_or_else(short)?;
        match self {
            Self::Whole(bytes) => {
                let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
                let range = range.filter(|&(_, end)| end <= bytes.len());
                range.map(|(start, end)| bytes.slice(start..end)).ok_or_else(short)
            }
            Self::Apart { .. } => {
                let mut bytes = Vec::new();
                let opened = store.open(file.entry, start)?;
                let read = opened.reader.take(length as u64).read_to_end(&mut bytes);
                let reason =
                    |why: std::io::Error| VectorsError::Read { path: file.path.to_owned(), reason: why.to_string() };
                read.map_err(reason)?;
                if bytes.len() < length { Err(short()) } else { Ok(Bytes::from(bytes)) }
            }
        }
    }

    fn metadata(&mut self, store: &mut Store, file: &File<'_>) -> Result<ParquetMetaData, VectorsError> {
        let start = self.size().checked_sub(TAIL).ok_or_else(|| file.fault("it is cut short".to_owned()))?;
        let tail = self.range(store, file, start, TAIL as usize)?;
        let length = match tail.split_first_chunk::<4>() {
            Some((length, MAGIC)) => u32::from_le_bytes(*length) as usize,
            Some((_, b"PARE")) => return Err(file.fault("it is encrypted".to_owned())),
            _ => return Err(file.fault("it has no footer, so it is cut short".to_owned())),
        };
        if length > limits::FOOTER_BYTES {
            return Err(file.too_large("a longer footer", words::megabytes(limits::FOOTER_BYTES)));
        }
        let start = start.checked_sub(length as u64).ok_or_else(|| file.fault("it is cut short".to_owned()))?;
        let footer = self.range(store, file, start, length)?;
        footer::check(&footer).map_err(|why| file.fault(why))?;
        ParquetMetaDataReader::decode_metadata(&footer).map_err(|why| file.damaged(&why))
    }

    /// The bytes of a column of a group of rows, and where they begin.
    fn chunk(
        &self,
        store: &mut Store,
        file: &File<'_>,
        chunk: &ColumnChunkMetaData,
    ) -> Result<(u64, Bytes), VectorsError> {
        let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
        let (start, length) = (u64::try_from(start), usize::try_from(chunk.compressed_size()));
        let (Ok(start), Ok(length), true) = (start, length, chunk.num_values() >= 0) else {
            return Err(file.fault("its footer says impossible sizes".to_owned()));
        };
        if length > limits::CHUNK_BYTES {
            let most = words::megabytes(limits::CHUNK_BYTES);
            return Err(file.too_large("more bytes of a column in one group of rows", most));
        }
        Ok((start, self.range(store, file, start, length)?))
    }
}

fn is_number(leaf: &ColumnDescPtr) -> bool {
    matches!(leaf.physical_type(), Physical::INT32 | Physical::INT64 | Physical::FLOAT | Physical::DOUBLE)
        || is_half(leaf)
}

fn is_half(leaf: &ColumnDescPtr) -> bool {
    leaf.logical_type_ref() == Some(&LogicalType::Float16) && leaf.type_length() == 2
}

fn is_byte(leaf: &ColumnDescPtr) -> bool {
    leaf.converted_type() == ConvertedType::UINT_8
}

/// Where a column of a group of rows goes.
struct Place<'a> {
    file: &'a File<'a>,
    target: Target<'a>,
    /// The number of its first row.
    first: usize,
    rows: usize,
}

impl Place<'_> {
    fn read(&self, pages: Pages, leaf: ColumnDescPtr, records: &mut Records<'_>) -> Result<(), VectorsError> {
        let whole = |number: f64| number as f32;
        match leaf.physical_type() {
            Physical::BOOLEAN => {
                self.typed::<BoolType>(pages, leaf, records, |&flag| f32::from(u8::from(flag)), bool::to_string)
            }
            Physical::INT32 => {
                self.typed::<Int32Type>(pages, leaf, records, |&value| whole(f64::from(value)), i32::to_string)
            }
            Physical::INT64 => self.typed::<Int64Type>(pages, leaf, records, |&value| value as f32, i64::to_string),
            Physical::FLOAT => {
                self.typed::<FloatType>(pages, leaf, records, |&value| value, |&value| named(f64::from(value)))
            }
            Physical::DOUBLE => {
                self.typed::<DoubleType>(pages, leaf, records, |&value| whole(value), |&value| named(value))
            }
            Physical::BYTE_ARRAY => {
                self.typed::<ByteArrayType>(pages, leaf, records, |_| f32::NAN, |value| text(value.data()))
            }
            Physical::FIXED_LEN_BYTE_ARRAY if is_half(&leaf) => {
                let number =
                    |bytes: &[u8]| bytes.first_chunk::<2>().map_or(f32::NAN, |&two| f16::from_le_bytes(two).to_f32());
                let word = |bytes: &[u8]| named(f64::from(number(bytes)));
                self.typed::<FixedLenByteArrayType>(
                    pages,
                    leaf,
                    records,
                    |value| number(value.data()),
                    |value| word(value.data()),
                )
            }
            Physical::FIXED_LEN_BYTE_ARRAY => {
                self.typed::<FixedLenByteArrayType>(pages, leaf, records, |_| f32::NAN, |value| text(value.data()))
            }
            // Moments of a form that is no longer used.
            Physical::INT96 => Ok(()),
        }
    }

    fn typed<T: DataType>(
        &self,
        pages: Pages,
        leaf: ColumnDescPtr,
        records: &mut Records<'_>,
        number: impl Fn(&T::T) -> f32,
        word: impl Fn(&T::T) -> String,
    ) -> Result<(), VectorsError> {
        let (most, repeated) = (leaf.max_def_level(), leaf.max_rep_level() > 0);
        // From this level on there is an element, though it can be null.
        let optional = leaf.self_type().get_basic_info().repetition() == Repetition::OPTIONAL;
        let least = most - i16::from(optional && repeated);
        let mut reader = ColumnReaderImpl::<T>::new(leaf, Box::new(pages));
        let (mut defined, mut repetition, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let (mut row, mut done) = (Vec::new(), 0);
        while done < self.rows {
            defined.clear();
            repetition.clear();
            values.clear();
            let batch = BATCH.min(self.rows - done);
            let read = reader.read_records(batch, Some(&mut defined), Some(&mut repetition), &mut values);
            let (count, _, levels) = read.map_err(|why| self.file.damaged(&why))?;
            if count == 0 {
                return Err(self.file.fault(format!("`{}` has fewer rows than it says", self.target.name)));
            }
            let mut values = values.drain(..);
            let mut at = self.first + done;
            for level in 0..levels {
                if level > 0 && repetition.get(level).is_none_or(|&level| level == 0) {
                    self.target.put(records, at, &row, &number, &word)?;
                    row.clear();
                    at += 1;
                }
                let level = defined.get(level).copied().unwrap_or(most);
                if level == most {
                    row.push(values.next());
                } else if level >= least {
                    row.push(None);
                }
            }
            self.target.put(records, at, &row, &number, &word)?;
            row.clear();
            done += count;
        }
        Ok(())
    }
}
