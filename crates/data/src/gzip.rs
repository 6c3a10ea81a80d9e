//! Packing and unpacking, without clock or file names, so that equal content gives equal bytes.

use std::io::{Read, Write};

use flate2::read::{DeflateDecoder, GzDecoder};
use flate2::{Compression, GzBuilder};

/// Bytes between two words on how far packing is: a tenth of a second in a browser.
const STEP: usize = 1 << 20;

/// Packs `bytes` at the highest level. The header carries no time and no name.
///
/// # Errors
/// The encoder fails; writing to memory, it has no reason to.
pub fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    gzip_telling(bytes, &mut |_| {})
}

/// The same, which says now and then how many more of the bytes are packed.
///
/// # Errors
/// As [`gzip`].
pub fn gzip_telling(bytes: &[u8], tell: &mut dyn FnMut(usize)) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    for part in bytes.chunks(STEP) {
        encoder.write_all(part)?;
        tell(part.len());
    }
    encoder.finish()
}

/// Unpacks a gzip stream up to `limit` bytes of content: a small file can otherwise unpack to more
/// than the memory of the page.
///
/// # Errors
/// `packed` is not a whole gzip stream, or holds more than `limit` bytes.
pub fn gunzip(packed: &[u8], limit: usize) -> std::io::Result<Vec<u8>> {
    read(GzDecoder::new(packed), packed.len(), limit)
}

/// The same of bytes whose digest was compared. The format's own checksum would find nothing more, and its tables would be a sixtieth of the
/// program that a visitor downloads.
///
/// # Errors
/// As [`gunzip`].
pub(crate) fn unpack_verified(packed: &[u8], limit: usize) -> std::io::Result<Vec<u8>> {
    let content = content(packed).ok_or_else(|| std::io::Error::other("it is no gzip stream"))?;
    read(DeflateDecoder::new(content), packed.len(), limit)
}

/// What a decoder of so many packed bytes gives, up to `limit` bytes.
fn read(decoder: impl Read, packed: usize, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(limit.min(packed.saturating_mul(8)));
    decoder.take((limit as u64).saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(std::io::Error::other(format!("it unpacks to more than the expected {limit} bytes")));
    }
    Ok(bytes)
}

/// What follows the header of a gzip stream (RFC 1952).
fn content(packed: &[u8]) -> Option<&[u8]> {
    let (header, mut rest) = packed.split_at_checked(10)?;
    let &[0x1f, 0x8b, 8, flags, ..] = header else { return None };
    let has = |flag: u8| flags & flag != 0;
    if has(4) {
        let (length, extra) = rest.split_first_chunk()?;
        rest = extra.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    // Name and comment end with a zero.
    for _ in [8, 16].into_iter().filter(|flag| has(*flag)) {
        let end = rest.iter().position(|byte| *byte == 0)?;
        rest = rest.get(end + 1..)?;
    }
    // A checksum of the header.
    if has(2) { rest.get(2..) } else { Some(rest) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn what_was_packed_is_unpacked() {
        let bytes = b"pullover".repeat(100);
        let packed = gzip(&bytes).unwrap();
        assert!(packed.len() < bytes.len() / 4);
        assert_eq!(packed[4..8], [0; 4], "the header holds a time");
        assert_eq!(gunzip(&packed, bytes.len()).unwrap(), bytes);
        assert_eq!(unpack_verified(&packed, bytes.len()).unwrap(), bytes);
    }

    #[test]
    fn whatever_a_header_holds_is_passed_over() {
        let header = || GzBuilder::new().filename("a.idx").comment("b").extra(vec![0, 1, 2]);
        let mut encoder = header().write(Vec::new(), Compression::fast());
        encoder.write_all(b"pullover").unwrap();
        let packed = encoder.finish().unwrap();
        assert_eq!(unpack_verified(&packed, 8).unwrap(), b"pullover");
        let content = packed.len() - content(&packed).unwrap().len();
        assert!((0..content).all(|end| unpack_verified(&packed[..end], 8).is_err()), "cut short");
    }

    #[test]
    fn content_beyond_the_limit_is_refused() {
        let packed = gzip(&[0; 1000]).unwrap();
        for unpack in [gunzip, unpack_verified] {
            let fault = unpack(&packed, 999).unwrap_err();
            assert_eq!(fault.to_string(), "it unpacks to more than the expected 999 bytes");
            assert!(unpack(&packed[..packed.len() - 9], 1000).is_err());
            assert!(unpack(b"not gzip", 1000).is_err());
        }
    }
}
