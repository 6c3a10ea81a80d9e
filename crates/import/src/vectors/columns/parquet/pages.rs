//! The pages of one column of one group of rows. What they announce is compared with what the footer says before they are unpacked, and
//! they are unpacked here rather than by the crate, which cannot do all of it in a browser.

use std::sync::Arc;

use ::parquet::basic::{Compression, Encoding, Type};
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::ColumnChunkMetaData;
use ::parquet::file::reader::{ChunkReader, Length};
use ::parquet::file::serialized_reader::SerializedPageReader;
use bytes::{Buf as _, Bytes};

use super::super::super::limits;
use super::super::packed::{Packing, unpack};
use super::check;

/// A part of a file.
struct Part {
    /// Where it begins in the file.
    start: u64,
    bytes: Bytes,
}

impl Part {
    fn from(&self, start: u64) -> Result<Bytes> {
        let at = start.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        let at = at.filter(|&at| at <= self.bytes.len());
        at.map(|at| self.bytes.slice(at..)).ok_or_else(|| cut_short("a page lies outside of its column"))
    }
}

impl Length for Part {
    fn len(&self) -> u64 {
        self.start.saturating_add(self.bytes.len() as u64)
    }
}

impl ChunkReader for Part {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let from = self.from(start)?;
        if length > from.len() {
            return Err(cut_short("a page is cut short"));
        }
        Ok(from.slice(..length))
    }
}

fn cut_short(why: &str) -> ParquetError {
    ParquetError::General(why.to_owned())
}

/// How a column is packed; none where it is not.
///
/// # Errors
/// The name of a way that is not read.
pub(super) fn packing(compression: Compression) -> std::result::Result<Option<Packing>, String> {
    Ok(Some(match compression {
        Compression::UNCOMPRESSED => return Ok(None),
        Compression::SNAPPY => Packing::Snappy,
        Compression::GZIP(_) => Packing::Gzip,
        Compression::LZ4_RAW => Packing::Lz4Block,
        Compression::ZSTD(_) => Packing::Zstd,
        // Without the level, which says nothing of how to read it.
        other => return Err(other.to_string().split('(').next().unwrap_or_default().to_owned()),
    }))
}

/// Pages, unpacked.
pub(super) struct Pages {
    inner: SerializedPageReader<Part>,
    packing: Option<Packing>,
    /// Values that may still come.
    left: u64,
    /// What values are, and how many bytes each has where all have as many.
    form: Type,
    fixed: Option<usize>,
    /// Most of the levels of repetition and of definition.
    levels: [u32; 2],
    /// Whether there was a dictionary.
    dictionary: bool,
    /// A page that was looked at before it was asked for.
    next: Option<Page>,
}

impl Pages {
    /// Of the column that `meta` describes, whose `bytes` begin at `start` of the file.
    pub fn new(meta: &ColumnChunkMetaData, packing: Option<Packing>, start: u64, bytes: Bytes) -> Result<Self> {
        let left = u64::try_from(meta.num_values())?;
        let (column, form) = (meta.column_descr(), meta.column_type());
        let levels =
            [column.max_rep_level(), column.max_def_level()].map(|most| u32::try_from(most).unwrap_or_default());
        let fixed = (form == Type::FIXED_LEN_BYTE_ARRAY).then(|| usize::try_from(column.type_length())).transpose()?;
        let meta = meta.clone().into_builder().set_compression(Compression::UNCOMPRESSED).build()?;
        let inner = SerializedPageReader::new(Arc::new(Part { start, bytes }), &meta, 0, None)?;
        Ok(Self { inner, packing, left, form, fixed, levels, dictionary: false, next: None })
    }

    fn unpacked(&self, bytes: &[u8]) -> Result<Bytes> {
        match self.packing {
            None => Ok(Bytes::copy_from_slice(bytes)),
            // An empty page can be packed to nothing at all.
            Some(_) if bytes.is_empty() => Ok(Bytes::new()),
            Some(packing) => unpack(packing, bytes, limits::PAGE_BYTES).map(Bytes::from).map_err(ParquetError::General),
        }
    }

    fn count(&mut self, values: u32) -> Result<()> {
        let left = self.left.checked_sub(u64::from(values));
        self.left = left.ok_or_else(|| cut_short("its pages hold more values than its footer says"))?;
        Ok(())
    }

    /// Where the levels of repetition and of definition end, which the crate takes to be as long as they say.
    fn after_levels(&self, page: &[u8], encodings: [Encoding; 2]) -> Result<[usize; 2]> {
        let mut ends = [0usize; 2];
        let mut start = 0usize;
        for ((most, encoding), end) in self.levels.into_iter().zip(encodings).zip(&mut ends) {
            if most > 0 {
                if encoding != Encoding::RLE {
                    return Err(cut_short("its levels are of a form that is no longer in use"));
                }
                let length = page.get(start..).and_then(|rest| rest.first_chunk::<4>());
                let length = length.and_then(|length| usize::try_from(i32::from_le_bytes(*length)).ok());
                let all = length.and_then(|length| start.checked_add(4)?.checked_add(length));
                let all = all.filter(|&end| end <= page.len());
                start = all.ok_or_else(|| cut_short("a page is shorter than its levels"))?;
            }
            *end = start;
        }
        Ok(ends)
    }

    /// Whether `values` hold as many as the levels say, of each of which `count` stand in `repetition` and `definition`.
    fn check(&self, [repetition, definition]: [&[u8]; 2], encoding: Encoding, values: &[u8], count: u32) -> Result<()> {
        let [most_repeated, most_defined] = self.levels;
        let checked = || {
            check::defined(repetition, most_repeated, count as usize)?;
            let defined = check::defined(definition, most_defined, count as usize)?;
            check::values(self.form, self.fixed, encoding, values, defined)
        };
        checked().map_err(ParquetError::General)?;
        self.check_codes(encoding, values)
    }

    /// Whether what has a dictionary has one, and indices of a width that can be.
    fn check_codes(&self, encoding: Encoding, values: &[u8]) -> Result<()> {
        let coded = encoding == Encoding::RLE_DICTIONARY || encoding == Encoding::PLAIN_DICTIONARY;
        if coded && (!self.dictionary || values.first().is_some_and(|&bits| bits > 32)) {
            return Err(cut_short("a page has no dictionary to go by"));
        }
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Page>> {
        let Some(mut page) = self.inner.get_next_page()? else { return Ok(None) };
        match &mut page {
            Page::DataPage { buf, num_values, encoding, def_level_encoding, rep_level_encoding, .. } => {
                self.count(*num_values)?;
                *buf = self.unpacked(buf)?;
                let [middle, start] = self.after_levels(buf, [*rep_level_encoding, *def_level_encoding])?;
                // A length of four bytes stands before each.
                let levels = [buf.get(4..middle), buf.get(middle + 4..start)].map(Option::unwrap_or_default);
                self.check(levels, *encoding, buf.get(start..).unwrap_or_default(), *num_values)?;
            }
            Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                rep_levels_byte_len,
                def_levels_byte_len,
                is_compressed,
                ..
            } => {
                self.count(*num_values)?;
                let levels = (*rep_levels_byte_len as usize).saturating_add(*def_levels_byte_len as usize);
                let (Some(own), Some(values)) = (buf.get(..levels), buf.get(levels..)) else {
                    return Err(cut_short("a page is shorter than its levels"));
                };
                if *is_compressed {
                    *buf = Bytes::from([own, self.unpacked(values)?.as_ref()].concat());
                }
                let middle = *rep_levels_byte_len as usize;
                let own = [buf.get(..middle), buf.get(middle..levels)].map(Option::unwrap_or_default);
                self.check(own, *encoding, buf.get(levels..).unwrap_or_default(), *num_values)?;
            }
            Page::DictionaryPage { buf, num_values, .. } => {
                let unpacked = self.unpacked(buf)?;
                // Each takes a bit or more.
                if *num_values as usize > unpacked.len().saturating_mul(8) {
                    return Err(cut_short("its dictionary holds fewer values than it says"));
                }
                if self.form == Type::BYTE_ARRAY {
                    check::words(&unpacked, *num_values as usize).map_err(ParquetError::General)?;
                }
                *buf = unpacked;
                self.dictionary = true;
            }
        }
        Ok(Some(page))
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        match self.next.take() {
            Some(page) => Ok(Some(page)),
            None => self.read(),
        }
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        if self.next.is_none() {
            self.next = self.read()?;
        }
        Ok(self.next.as_ref().map(|page| PageMetadata {
            num_rows: match page {
                Page::DataPageV2 { num_rows, .. } => Some(*num_rows as usize),
                _ => None,
            },
            num_levels: page.is_data_page().then(|| page.num_values() as usize),
            is_dict: page.is_dictionary_page(),
        }))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.get_next_page().map(|_| ())
    }
}
