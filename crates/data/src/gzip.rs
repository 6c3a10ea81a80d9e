//! Packing and unpacking, without clock or file names, so that equal content gives equal bytes.

use std::io::{Read, Write};

use flate2::{Compression, GzBuilder, read::GzDecoder};

/// Packs `bytes` at the highest level. The header carries no time and no name.
///
/// # Errors
/// The encoder fails; writing to memory, it has no reason to.
pub fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Unpacks a gzip stream up to `limit` bytes of content: a small file can otherwise unpack to more
/// than the memory of the page.
///
/// # Errors
/// `packed` is not a whole gzip stream, or holds more than `limit` bytes.
pub fn gunzip(packed: &[u8], limit: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(limit.min(packed.len().saturating_mul(8)));
    GzDecoder::new(packed).take((limit as u64).saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(std::io::Error::other(format!("it unpacks to more than the expected {limit} bytes")));
    }
    Ok(bytes)
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
    }

    #[test]
    fn content_beyond_the_limit_is_refused() {
        let packed = gzip(&[0; 1000]).unwrap();
        let fault = gunzip(&packed, 999).unwrap_err();
        assert_eq!(fault.to_string(), "it unpacks to more than the expected 999 bytes");
        assert!(gunzip(&packed[..packed.len() - 9], 1000).is_err());
        assert!(gunzip(b"not gzip", 1000).is_err());
    }
}
