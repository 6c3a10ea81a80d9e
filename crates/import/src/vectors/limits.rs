//! How much is read. Sizes are compared with these before anything of that size is allocated.

use std::ops::RangeInclusive;

/// Whether addresses have 32 bits, as in a browser, where all memory together is 4 GiB.
const SMALL: bool = cfg!(target_pointer_width = "32");

/// Fewest and most numbers of a vector: the longest of text-embedding-3 has 3072.
pub const DIMS: RangeInclusive<usize> = 2..=4096;
/// Most rows of one array or file of records.
pub const ROWS: usize = 10_000_000;
/// Most numbers that are kept, of both models' documents and queries together: two times 1,000,000 x 768 natively. Where rows have more,
/// fewer documents are taken.
pub const NUMBERS: usize = if SMALL { 320_000_000 } else { 1_600_000_000 };
/// Most numbers that come out of one file of text, which is held as a whole before rows are chosen.
pub const TEXT_NUMBERS: usize = if SMALL { 160_000_000 } else { 800_000_000 };
/// Longest line of text, in bytes: a few vectors of the longest kind beside the text of a document.
pub const LINE_BYTES: usize = 16 << 20;
/// Largest file that is one JSON value, in bytes; JSON lines have no such limit.
pub const JSON_BYTES: usize = if SMALL { 128 << 20 } else { 512 << 20 };
/// Most bytes that the ids or labels of one array may take.
pub const NAME_BYTES: usize = if SMALL { 128 << 20 } else { 1 << 30 };
/// Longest id or label, in bytes.
pub const NAME_LENGTH: usize = 1 << 16;
/// Most bytes that the texts of all rows may take, cut as they are; where there are more, none are kept.
pub const TEXT_BYTES: usize = if SMALL { 32 << 20 } else { 64 << 20 };
/// Longest text, in letters: as much as a person reads of it.
pub const TEXT_LETTERS: usize = 300;
/// Most bytes, packed, of a column in one group of rows of a Parquet file, or of one batch of an Arrow file; they are held in memory.
pub const CHUNK_BYTES: usize = if SMALL { 512 << 20 } else { 2 << 30 };
/// Most bytes that a page of a Parquet file unpacks to.
pub const PAGE_BYTES: usize = 256 << 20;
/// Longest footer of a Parquet file, or header of a message of Arrow, in bytes.
pub const FOOTER_BYTES: usize = 4 << 20;
/// Longest header of a file of tensors, in bytes.
pub const HEADER_BYTES: usize = 1 << 20;
/// Longest header of a NumPy file, in bytes.
pub const NPY_HEADER_BYTES: usize = 1 << 16;
/// Largest archive within an archive, in bytes; it is held in memory.
pub const NESTED_BYTES: usize = if SMALL { 512 << 20 } else { 2 << 30 };
/// Most bytes that are read in all, packed ones counted as they unpack.
pub const READ_BYTES: u64 = 64 << 30;
/// Most files, those in archives included.
pub const FILES: usize = 100_000;
/// Most queries; where there are more, a sample is taken.
pub const QUERIES: usize = 20_000;
/// Most pairs of a query and a relevant document.
pub const JUDGEMENTS: usize = if SMALL { 5_000_000 } else { 20_000_000 };
