//! What was handed in, loose files and the entries of archives alike, under one roof of paths.

use std::io::{Cursor, Read};

use flate2::read::GzDecoder;
use protocol::{ImportProgress, ImportStage};
use zip::ZipArchive;

use super::names;
use super::path::has_extension;
use crate::error::ImportError;
use crate::file::NamedFile;
use crate::{limits, words};

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// As much as tells a form: a tar archive says its name at byte 257.
pub(crate) const HEAD: usize = 512;

/// Files by path, in the order of their paths. Archives stay packed until an entry is read.
pub(crate) struct Store<'a> {
    entries: Vec<Entry>,
    archives: Vec<ZipArchive<Cursor<Vec<u8>>>>,
    /// Bytes that may still be unpacked.
    left: usize,
    /// Files that were read, and how many will be.
    done: usize,
    expected: usize,
    tell: &'a mut dyn FnMut(ImportProgress),
}

struct Entry {
    path: String,
    place: Place,
    /// Where the path within its archive begins.
    within: usize,
}

enum Place {
    Loose(Vec<u8>),
    Packed { archive: usize, index: usize },
}

impl<'a> Store<'a> {
    /// Opens the archives among `files`. An archive counts as a folder of its name without `.zip` or `.npz`. With every file that is read
    /// `tell` hears how far that is.
    pub fn new(
        files: Vec<NamedFile>,
        notices: &mut Vec<String>,
        tell: &'a mut dyn FnMut(ImportProgress),
    ) -> Result<Self, ImportError> {
        let (mut entries, mut archives, mut nested) = (Vec::new(), Vec::new(), Vec::new());
        for NamedFile { path, bytes } in files {
            let path = path.replace('\\', "/");
            if is_noise(&path) {
                continue;
            }
            if !ZIP.iter().any(|magic| bytes.starts_with(magic)) {
                if is_archive(&path) {
                    let reason = "it does not begin as one".into();
                    return Err(ImportError::Archive { path, reason });
                }
                entries.push(Entry { path, place: Place::Loose(bytes), within: 0 });
                continue;
            }
            let fault =
                |reason: zip::result::ZipError| ImportError::Archive { path: path.clone(), reason: reason.to_string() };
            let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(fault)?;
            let (names, guessed) = names::of(&mut archive, &path);
            notices.extend(guessed);
            let folder = if is_archive(&path) { path.get(..path.len() - 4).unwrap_or(&path) } else { &path };
            for (index, name) in names.into_iter().enumerate() {
                let name = name.replace('\\', "/");
                let entry = format!("{folder}/{name}");
                if is_archive(&name) {
                    nested.push(entry);
                } else if !name.ends_with('/') && !is_noise(&name) {
                    let place = Place::Packed { archive: archives.len(), index };
                    entries.push(Entry { path: entry, place, within: folder.len() + 1 });
                }
            }
            archives.push(archive);
        }
        if !nested.is_empty() {
            nested.sort();
            let list = words::list(nested.iter().map(String::as_str), "");
            notices.push(format!("Archives within archives were left out: {list}."));
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { entries, archives, left: limits::TOTAL_BYTES, done: 0, expected: 0, tell })
    }

    /// Takes in how many files will be read.
    pub fn expect(&mut self, files: usize) {
        self.expected = files;
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Path of file `index`.
    pub fn path(&self, index: usize) -> &str {
        self.entries.get(index).map_or("", |entry| &entry.path)
    }

    /// Path of file `index` within the archive that it lies in, where it lies in one.
    pub fn path_within(&self, index: usize) -> &str {
        self.entries.get(index).and_then(|entry| entry.path.get(entry.within..)).unwrap_or_default()
    }

    /// The first bytes of file `index`, unpacked where it is packed with gzip; fewer where it cannot
    /// be read.
    pub fn head(&mut self, index: usize) -> Vec<u8> {
        let raw = match self.entries.get(index).map(|entry| &entry.place) {
            Some(Place::Loose(bytes)) => bytes.get(..HEAD).unwrap_or(bytes).to_vec(),
            Some(&Place::Packed { archive, index }) => {
                let entry = self.archives.get_mut(archive).and_then(|archive| archive.by_index(index).ok());
                entry.map(first_bytes).unwrap_or_default()
            }
            None => Vec::new(),
        };
        if raw.starts_with(GZIP) { first_bytes(GzDecoder::new(raw.as_slice())) } else { raw }
    }

    /// What file `index` holds, at most `limit` bytes, unpacked where it is packed with gzip. A loose
    /// file is given away, so each can be read once.
    pub fn read(&mut self, index: usize, limit: usize) -> Result<Vec<u8>, ImportError> {
        let share = self.done as f64 / self.expected.max(1) as f64;
        (self.tell)(ImportProgress { stage: ImportStage::Unpacking, share: share.min(1.0) });
        self.done += 1;
        let Some(entry) = self.entries.get_mut(index) else { return Ok(Vec::new()) };
        let fault = |reason: String| ImportError::Unpack { path: entry.path.clone(), reason };
        let too_large = || ImportError::TooLarge { path: entry.path.clone(), limit: words::megabytes(limit) };
        let bounded = limit.min(self.left);
        let too_much = || {
            if bounded < limit {
                ImportError::TooMuch { limit: words::megabytes(limits::TOTAL_BYTES) }
            } else {
                too_large()
            }
        };
        let (raw, unpacked) = match &mut entry.place {
            Place::Loose(bytes) => (std::mem::take(bytes), false),
            &mut Place::Packed { archive, index } => {
                let Some(archive) = self.archives.get_mut(archive) else { return Ok(Vec::new()) };
                let file = archive.by_index(index).map_err(|reason| fault(reason.to_string()))?;
                (up_to(file, bounded).map_err(|reason| fault(reason.to_string()))?.ok_or_else(too_much)?, true)
            }
        };
        let (bytes, unpacked) = if raw.starts_with(GZIP) {
            let bytes = up_to(GzDecoder::new(raw.as_slice()), bounded).map_err(|reason| fault(reason.to_string()))?;
            (bytes.ok_or_else(too_much)?, true)
        } else {
            (raw, unpacked)
        };
        if bytes.len() > limit {
            return Err(too_large());
        }
        if unpacked {
            self.left = self.left.saturating_sub(bytes.len());
        }
        Ok(bytes)
    }
}

/// All that `reader` gives; none when that is more than `limit` bytes.
fn up_to(reader: impl Read, limit: usize) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take((limit as u64).saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

/// What `reader` gives at first, up to its end or its first fault.
fn first_bytes(reader: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What came before a fault is in `bytes`; the fault itself is met again when the file is read.
    let _ = reader.take(HEAD as u64).read_to_end(&mut bytes);
    bytes
}

/// Whether the name is that of an archive; NumPy's `.npz` is a zip of its arrays.
fn is_archive(path: &str) -> bool {
    has_extension(path, ".zip") || has_extension(path, ".npz")
}

/// What systems leave beside a person's files.
fn is_noise(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.') && part.len() > 1 || part == "__MACOSX")
        || ["Thumbs.db", "desktop.ini"].iter().any(|noise| has_extension(&format!("/{path}"), &format!("/{noise}")))
}
