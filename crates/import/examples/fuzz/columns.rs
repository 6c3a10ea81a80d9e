//! Small files of Parquet, one for each way of writing values, so that damage often meets what says how long something is.

use std::sync::Arc;

use parquet::basic::{Compression, Encoding};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FloatType, Int32Type};
use parquet::data_type::{FixedLenByteArrayType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

/// Rows of a file.
pub const ROWS: i32 = 6;

/// Columns of every type that is read; two of vectors, of which one has nothing in one row and a number that is missing in another.
const SCHEMA: &str = "message rows {
    required binary id (UTF8);
    optional boolean label;
    required int64 task;
    optional int32 doc_type;
    required double score;
    required fixed_len_byte_array(3) query;
    required group old (LIST) { repeated group list { optional float element; } }
    optional group new (LIST) { repeated group list { required double element; } }
    optional group half (LIST) { repeated group list { required fixed_len_byte_array(2) element (FLOAT16); } }
    optional group whole (LIST) { repeated group list { optional int32 element; } }
    optional group long (LIST) { repeated group list { required int64 element; } }
}";

/// How a file is written.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// Of words, of numbers with a fraction, of whole numbers, of what has a fixed length, and of flags.
    pub encodings: [Encoding; 5],
    pub dictionary: bool,
    pub version: WriterVersion,
    pub compression: Compression,
}

/// Every way in which one of the encodings is met, in pages of both versions.
pub fn ways() -> Vec<Way> {
    use Encoding::{BYTE_STREAM_SPLIT, DELTA_BINARY_PACKED, DELTA_BYTE_ARRAY, DELTA_LENGTH_BYTE_ARRAY, PLAIN, RLE};
    let mut ways = Vec::new();
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for (dictionary, encodings) in [
            (true, [PLAIN; 5]),
            (false, [PLAIN; 5]),
            (false, [DELTA_BYTE_ARRAY, BYTE_STREAM_SPLIT, DELTA_BINARY_PACKED, BYTE_STREAM_SPLIT, RLE]),
            (false, [DELTA_LENGTH_BYTE_ARRAY, PLAIN, BYTE_STREAM_SPLIT, DELTA_BYTE_ARRAY, RLE]),
        ] {
            ways.push(Way { encodings, dictionary, version, compression: Compression::UNCOMPRESSED });
        }
    }
    ways
}

/// The file.
///
/// # Errors
/// It cannot be written.
pub fn parquet(way: Way) -> Result<Vec<u8>> {
    let [words, fractions, whole, fixed, flags] = way.encodings;
    let list = |name: &str| ColumnPath::new(vec![name.to_owned(), "list".to_owned(), "element".to_owned()]);
    let mut properties = WriterProperties::builder()
        .set_writer_version(way.version)
        .set_compression(way.compression)
        .set_dictionary_enabled(way.dictionary)
        .set_statistics_enabled(EnabledStatistics::None);
    for (column, encoding) in [
        (ColumnPath::from("id"), words),
        (ColumnPath::from("label"), flags),
        (ColumnPath::from("task"), whole),
        (ColumnPath::from("doc_type"), whole),
        (ColumnPath::from("score"), fractions),
        (ColumnPath::from("query"), fixed),
        (list("old"), fractions),
        (list("new"), fractions),
        (list("half"), fixed),
        (list("whole"), whole),
        (list("long"), whole),
    ] {
        properties = properties.set_column_encoding(column, encoding);
    }
    let mut bytes = Vec::new();
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties.build()))?;
    let mut group = writer.next_row_group()?;
    let mut at = 0;
    while let Some(mut column) = group.next_column()? {
        write(&mut column, at)?;
        column.close()?;
        at += 1;
    }
    group.close()?;
    writer.close()?;
    Ok(bytes)
}

/// Writes column number `at` of the schema.
fn write(column: &mut SerializedColumnWriter<'_>, at: usize) -> Result<()> {
    let rows = 0..ROWS;
    let letters = |text: String| ByteArray::from(text.into_bytes());
    // Two numbers a row.
    let numbers = || (0..ROWS).flat_map(|row| [row, -row]);
    let starts: Vec<i16> = rows.clone().flat_map(|_| [0, 1]).collect();
    let there = |level: i16| vec![level; starts.len()];
    match at {
        0 => {
            let ids: Vec<ByteArray> = rows.map(|row| letters(format!("d{row}"))).collect();
            column.typed::<ByteArrayType>().write_batch(&ids, None, None)
        }
        1 => {
            let levels: Vec<i16> = rows.clone().map(|row| i16::from(row != 2)).collect();
            let flags: Vec<bool> = rows.filter(|&row| row != 2).map(|row| row % 2 == 0).collect();
            column.typed::<BoolType>().write_batch(&flags, Some(&levels), None)
        }
        2 => {
            let tasks: Vec<i64> = rows.map(|row| i64::from(row % 3) - (1 << 40)).collect();
            column.typed::<Int64Type>().write_batch(&tasks, None, None)
        }
        3 => {
            let levels: Vec<i16> = rows.clone().map(|row| i16::from(row != 4)).collect();
            let kinds: Vec<i32> = rows.filter(|&row| row != 4).map(|row| row * 1000).collect();
            column.typed::<Int32Type>().write_batch(&kinds, Some(&levels), None)
        }
        4 => {
            let scores: Vec<f64> = rows.map(|row| f64::from(row) / 2.0).collect();
            column.typed::<DoubleType>().write_batch(&scores, None, None)
        }
        5 => {
            let words: Vec<FixedLenByteArray> = rows.map(|row| letters(format!("q-{row}")).into()).collect();
            column.typed::<FixedLenByteArrayType>().write_batch(&words, None, None)
        }
        6 => {
            // Row 1 holds nothing, and the first number of row 3 is missing.
            let (mut levels, mut starts, mut values) = (Vec::new(), Vec::new(), Vec::new());
            for row in rows {
                if row == 1 {
                    levels.push(0);
                    starts.push(0);
                    continue;
                }
                levels.extend([if row == 3 { 1 } else { 2 }, 2]);
                starts.extend([0, 1]);
                values.extend((row != 3).then_some(row as f32));
                values.push(row as f32 + 0.5);
            }
            column.typed::<FloatType>().write_batch(&values, Some(&levels), Some(&starts))
        }
        7 => {
            let values: Vec<f64> = numbers().map(|value| f64::from(value) * 0.25).collect();
            column.typed::<DoubleType>().write_batch(&values, Some(&there(2)), Some(&starts))
        }
        8 => {
            let half = |value: i32| (if value < 0 { 0xbc00_u16 } else { 0x3c00 }).to_le_bytes().to_vec();
            let values: Vec<FixedLenByteArray> = numbers().map(|value| ByteArray::from(half(value)).into()).collect();
            column.typed::<FixedLenByteArrayType>().write_batch(&values, Some(&there(2)), Some(&starts))
        }
        9 => {
            let values: Vec<i32> = numbers().collect();
            column.typed::<Int32Type>().write_batch(&values, Some(&there(3)), Some(&starts))
        }
        _ => {
            let values: Vec<i64> = numbers().map(|value| i64::from(value) << 33).collect();
            column.typed::<Int64Type>().write_batch(&values, Some(&there(2)), Some(&starts))
        }
    }
    .map(|_| ())
}
