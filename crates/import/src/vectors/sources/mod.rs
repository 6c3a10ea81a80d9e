//! What was handed in: loose files and the entries of archives alike, each opened when it is read and as often as that takes, so that a
//! file of many gigabytes is never held as a whole.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;
use std::sync::Arc;

use flate2::bufread::GzDecoder;
use zip::ZipArchive;

use super::error::VectorsError;
use super::limits;
use crate::file::NamedFile;
use crate::input::path::has_extension;
use crate::words;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// Files that are zip archives too, though not of files that anyone put into them.
const OPAQUE: [&str; 7] = [".pt", ".pth", ".xlsx", ".ods", ".docx", ".keras", ".whl"];
/// Bytes that are fetched at a time.
const BUFFER: usize = 1 << 16;
/// Archives within archives within archives are left out.
const DEPTH: usize = 2;

/// What can be read from any place of it.
pub trait Seekable: Read + Seek {}
impl<T: Read + Seek> Seekable for T {}

type Opening = Box<dyn Fn() -> io::Result<Box<dyn Seekable>>>;

/// A file that can be opened as often as it takes: of a disk, or of bytes in memory.
pub struct Source {
    path: String,
    open: Opening,
}

impl Source {
    /// The file at `path` (with `/` between folders), which `open` opens at its start.
    pub fn new(path: impl Into<String>, open: impl Fn() -> io::Result<Box<dyn Seekable>> + 'static) -> Self {
        Self { path: path.into(), open: Box::new(open) }
    }
}

/// Bytes with several readers.
#[derive(Clone)]
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<NamedFile> for Source {
    fn from(NamedFile { path, bytes }: NamedFile) -> Self {
        let bytes = Shared(Arc::new(bytes));
        Self::new(path, move || Ok(Box::new(Cursor::new(bytes.clone()))))
    }
}

/// Files by path, in the order of their paths.
pub(super) struct Store {
    entries: Vec<Entry>,
    archives: Vec<ZipArchive<Box<dyn Seekable>>>,
    /// Bytes that may still be read.
    left: Rc<Cell<u64>>,
}

struct Entry {
    path: String,
    place: Place,
}

enum Place {
    Loose(Opening),
    Packed {
        archive: usize,
        index: usize,
    },
    /// It was read for the last time.
    Gone,
}

/// An open file.
pub(super) struct Opened<'a> {
    pub reader: Box<dyn BufRead + 'a>,
    /// Bytes from the place where it was opened to its end, where that is known before they are read.
    pub size: Option<u64>,
}

impl Store {
    /// Opens the archives among `sources`, those within them too. An archive counts as a folder of its name.
    pub fn new(sources: Vec<Source>, notices: &mut Vec<String>) -> Result<Self, VectorsError> {
        let mut store =
            Self { entries: Vec::new(), archives: Vec::new(), left: Rc::new(Cell::new(limits::READ_BYTES)) };
        let mut deep = Vec::new();
        for Source { path, open } in sources {
            let path = path.replace('\\', "/");
            if !is_noise(&path) {
                store.add(path, open, 0, &mut deep)?;
            }
        }
        if !deep.is_empty() {
            deep.sort();
            let list = words::list(deep.iter().map(String::as_str), "");
            notices.push(format!("Archives that lie too deep within archives were left out: {list}."));
        }
        store.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(store)
    }

    fn add(&mut self, path: String, open: Opening, depth: usize, deep: &mut Vec<String>) -> Result<(), VectorsError> {
        if self.entries.len() >= limits::FILES {
            let most = limits::FILES.to_string();
            return Err(VectorsError::TooLarge {
                path,
                what: "more files",
                most,
                remedy: "hand in those with vectors alone",
            });
        }
        let read = |reason: io::Error| VectorsError::Read { path: path.clone(), reason: reason.to_string() };
        let mut file = open().map_err(read)?;
        let head = first_bytes(&mut file, 4).map_err(read)?;
        if !ZIP.contains(&head.as_slice()) || OPAQUE.iter().any(|end| has_extension(&path, end)) {
            if is_archive(&path) {
                return Err(VectorsError::Archive { path, reason: "it does not begin as one".into() });
            }
            self.entries.push(Entry { path, place: Place::Loose(open) });
            return Ok(());
        }
        if depth > DEPTH {
            deep.push(path);
            return Ok(());
        }
        file.rewind().map_err(read)?;
        let damaged =
            |reason: zip::result::ZipError| VectorsError::Archive { path: path.clone(), reason: reason.to_string() };
        let mut archive = ZipArchive::new(file).map_err(damaged)?;
        let (number, mut nested) = (self.archives.len(), Vec::new());
        for index in 0..archive.len() {
            let Some(name) = archive.name_for_index(index).map(|name| name.replace('\\', "/")) else { continue };
            if name.ends_with('/') || is_noise(&name) {
                continue;
            }
            let entry = format!("{path}/{name}");
            if is_archive(&name) {
                let file = archive.by_index(index).map_err(damaged)?;
                let bytes = up_to(file, limits::NESTED_BYTES).map_err(read)?;
                let bytes = bytes.ok_or_else(|| VectorsError::TooLarge {
                    path: entry.clone(),
                    what: "more bytes",
                    most: words::megabytes(limits::NESTED_BYTES),
                    remedy: "hand it in by itself",
                })?;
                nested.push(Source::from(NamedFile { path: entry, bytes }));
            } else if self.entries.len() < limits::FILES {
                self.entries.push(Entry { path: entry, place: Place::Packed { archive: number, index } });
            }
        }
        self.archives.push(archive);
        nested.into_iter().try_for_each(|Source { path, open }| self.add(path, open, depth + 1, deep))
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Path of file `index`.
    pub fn path(&self, index: usize) -> &str {
        self.entries.get(index).map_or("", |entry| &entry.path)
    }

    /// Bytes that were read so far.
    pub fn done(&self) -> u64 {
        limits::READ_BYTES.saturating_sub(self.left.get())
    }

    /// Lets file `index` go, for it will not be read again.
    pub fn release(&mut self, index: usize) {
        if let Some(entry) = self.entries.get_mut(index)
            && matches!(entry.place, Place::Loose(_))
        {
            entry.place = Place::Gone;
        }
    }

    /// Opens file `index` at byte `offset` of what it holds, unpacked where it is packed with gzip.
    pub fn open(&mut self, index: usize, offset: u64) -> Result<Opened<'_>, VectorsError> {
        let left = Rc::clone(&self.left);
        let entry = self.entries.get_mut(index);
        let path = entry.as_ref().map(|entry| entry.path.clone()).unwrap_or_default();
        let fault = |reason: String| VectorsError::Read { path: path.clone(), reason };
        let read = |reason: io::Error| fault(reason.to_string());
        let gone = || fault("it is no longer there".to_owned());
        match &mut entry.ok_or_else(gone)?.place {
            Place::Loose(open) => {
                let mut file = open().map_err(read)?;
                let packed = first_bytes(&mut file, GZIP.len()).map_err(read)? == GZIP;
                let end = file.seek(SeekFrom::End(0)).map_err(read)?;
                file.seek(SeekFrom::Start(if packed { 0 } else { offset })).map_err(read)?;
                let file = BufReader::with_capacity(BUFFER, file);
                let (skip, size) = if packed { (offset, None) } else { (0, Some(end.saturating_sub(offset))) };
                let mut reader = unpacked(file, packed, left);
                pass_over(&mut reader, skip).map_err(read)?;
                Ok(Opened { reader, size })
            }
            &mut Place::Packed { archive, index } => {
                let archive = self.archives.get_mut(archive).ok_or_else(gone)?;
                let file = archive.by_index(index).map_err(|reason| fault(reason.to_string()))?;
                let end = file.size();
                let mut file = BufReader::with_capacity(BUFFER, file);
                let packed = file.fill_buf().map_err(read)?.starts_with(GZIP);
                let size = (!packed).then(|| end.saturating_sub(offset));
                let mut reader = unpacked(file, packed, left);
                pass_over(&mut reader, offset).map_err(read)?;
                Ok(Opened { reader, size })
            }
            Place::Gone => Err(gone()),
        }
    }

    /// All that file `index` holds, at most `limit` bytes.
    pub fn read(&mut self, index: usize, limit: usize, remedy: &'static str) -> Result<Vec<u8>, VectorsError> {
        let path = self.path(index).to_owned();
        let opened = self.open(index, 0)?;
        let bytes = up_to(opened.reader, limit);
        let bytes = bytes.map_err(|reason| VectorsError::Read { path: path.clone(), reason: reason.to_string() })?;
        bytes.ok_or_else(|| VectorsError::TooLarge { path, what: "more bytes", most: words::megabytes(limit), remedy })
    }

    /// The first bytes of file `index`; fewer where it is shorter or cannot be read, which is told when it is read.
    pub fn head(&mut self, index: usize) -> Vec<u8> {
        let opened = self.open(index, 0).ok();
        opened.and_then(|mut opened| first_bytes(&mut opened.reader, 16).ok()).unwrap_or_default()
    }
}

/// What `file` unpacks to, every byte counted.
fn unpacked<'a>(file: impl BufRead + 'a, packed: bool, left: Rc<Cell<u64>>) -> Box<dyn BufRead + 'a> {
    if packed {
        let inner = BufReader::with_capacity(BUFFER, GzDecoder::new(file));
        return Box::new(Metered { inner, left });
    }
    Box::new(Metered { inner: file, left })
}

/// Counts what is read and ends where that is more than may be.
struct Metered<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let count = available.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left.get() == 0 {
            return Err(io::Error::other("all files together unpack to more than can be read"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.left.set(self.left.get().saturating_sub(amount as u64));
        self.inner.consume(amount);
    }
}

/// Reads `count` bytes and forgets them.
fn pass_over(reader: &mut impl Read, count: u64) -> io::Result<()> {
    io::copy(&mut reader.take(count), &mut io::sink()).map(|_| ())
}

/// All that `reader` gives; none when that is more than `limit` bytes.
fn up_to(reader: impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take((limit as u64).saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

/// The first `count` bytes of `reader`, or all where there are fewer.
fn first_bytes(reader: &mut impl Read, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(count);
    reader.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether the name is that of an archive; NumPy's `.npz` is a zip of its arrays.
fn is_archive(path: &str) -> bool {
    has_extension(path, ".zip") || has_extension(path, ".npz")
}

/// What systems leave beside a person's files.
fn is_noise(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.') && part.len() > 1 && part != ".." || part == "__MACOSX")
        || ["Thumbs.db", "desktop.ini"].iter().any(|noise| path.rsplit('/').next().is_some_and(|name| name == *noise))
}

#[cfg(test)]
mod tests;
