//! A file of the reader's, read slice by slice, so that only what is asked for is ever in memory.

use std::io::{self, Read, Seek, SeekFrom};

use js_sys::Uint8Array;
use web_sys::{File, FileReaderSync};

use crate::said::in_words;

/// Bytes of a slice.
const SLICE: u64 = 4_194_304;

/// A file with the slice of it that was read last.
pub struct Slices {
    file: File,
    reader: FileReaderSync,
    length: u64,
    at: u64,
    /// Where the slice begins, and its bytes.
    slice: (u64, Vec<u8>),
}

impl Slices {
    /// At the start of a file.
    ///
    /// # Errors
    /// When the browser has no reader for workers.
    pub fn of(file: &File) -> io::Result<Self> {
        let reader = FileReaderSync::new()
            .map_err(|error| io::Error::other(format!("this browser reads no files ({})", in_words(&error))))?;
        // A browser's files are shorter than what its numbers tell apart.
        let length = file.size() as u64;
        Ok(Self { file: file.clone(), reader, length, at: 0, slice: (0, Vec::new()) })
    }

    /// The bytes from the place on that are at hand.
    fn there(&self) -> &[u8] {
        let from = self.at.checked_sub(self.slice.0).and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| self.slice.1.get(from..)).unwrap_or_default()
    }

    /// Reads the slice that begins at the place.
    fn fetch(&mut self) -> io::Result<()> {
        let end = (self.at + SLICE).min(self.length);
        let slice = self.file.slice_with_f64_and_f64(self.at as f64, end as f64);
        let bytes = slice.and_then(|slice| self.reader.read_as_array_buffer(&slice));
        let bytes =
            bytes.map_err(|error| io::Error::other(format!("the browser cannot read it ({})", in_words(&error))))?;
        self.slice = (self.at, Uint8Array::new(&bytes).to_vec());
        Ok(())
    }
}

impl Read for Slices {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.there().is_empty() && self.at < self.length && !buffer.is_empty() {
            self.fetch()?;
        }
        let mut there = self.there();
        let read = there.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Slices {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
