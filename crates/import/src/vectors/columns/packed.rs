//! What columns are packed with.

use std::io::Read;

use flate2::read::MultiGzDecoder;

/// A way of packing bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Lz4Block,
    Lz4Frame,
    Snappy,
    Zstd,
}

/// A first guess at how much a block of LZ4, which does not say, unpacks to.
const GUESS: usize = 1 << 16;

/// A byte of Snappy unpacks to less than so many: three can stand for 64.
const SNAPPY: usize = 22;

/// What `bytes` unpack to, at most `limit` bytes.
///
/// # Errors
/// They are damaged, or unpack to more; why, as the end of a sentence.
pub(super) fn unpack(packing: Packing, bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    match packing {
        Packing::Gzip => up_to(MultiGzDecoder::new(bytes), limit),
        Packing::Lz4Frame => up_to(lz4_flex::frame::FrameDecoder::new(bytes), limit),
        Packing::Zstd => up_to(ruzstd::decoding::StreamingDecoder::new(bytes).map_err(|why| why.to_string())?, limit),
        Packing::Snappy => {
            let length = snap::raw::decompress_len(bytes).map_err(|why| why.to_string())?;
            if length > limit {
                return Err(too_much(limit));
            }
            // Room is made for all that it announces, so that has to be possible.
            if length > bytes.len().saturating_mul(SNAPPY) {
                return Err("a part of it is too short for what it says it unpacks to".to_owned());
            }
            snap::raw::Decoder::new().decompress_vec(bytes).map_err(|why| why.to_string())
        }
        Packing::Lz4Block => lz4_block(bytes, limit),
    }
}

fn lz4_block(bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let mut size = bytes.len().saturating_mul(4).clamp(GUESS.min(limit), limit);
    loop {
        let mut unpacked = vec![0; size];
        match lz4_flex::block::decompress_into(bytes, &mut unpacked) {
            Ok(length) => {
                unpacked.truncate(length);
                return Ok(unpacked);
            }
            Err(lz4_flex::block::DecompressError::OutputTooSmall { .. }) if size < limit => {
                size = size.saturating_mul(4).min(limit);
            }
            Err(lz4_flex::block::DecompressError::OutputTooSmall { .. }) => return Err(too_much(limit)),
            Err(why) => return Err(why.to_string()),
        }
    }
}

fn up_to(reader: impl Read, limit: usize) -> Result<Vec<u8>, String> {
    let mut unpacked = Vec::new();
    reader.take((limit as u64).saturating_add(1)).read_to_end(&mut unpacked).map_err(|why| why.to_string())?;
    if unpacked.len() > limit {
        return Err(too_much(limit));
    }
    Ok(unpacked)
}

fn too_much(limit: usize) -> String {
    format!("a part of it unpacks to more than {limit} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_snappy_holds_what_it_says() {
        for length in [0, 1, 70_000] {
            let bytes = snap::raw::Encoder::new().compress_vec(&vec![7; length]).unwrap();
            assert_eq!(unpack(Packing::Snappy, &bytes, 70_000).unwrap(), vec![7; length]);
        }
        // 2^27 bytes of nearly none.
        assert!(unpack(Packing::Snappy, &[0x80, 0x80, 0x80, 0x40, 0, 7], 1 << 28).is_err());
    }

    #[test]
    fn a_block_of_lz4_is_unpacked_whatever_its_length() {
        for length in [0, 10, GUESS, 40 * GUESS] {
            let bytes = lz4_flex::block::compress(&vec![7; length]);
            assert_eq!(unpack(Packing::Lz4Block, &bytes, 40 * GUESS).unwrap(), vec![7; length]);
        }
        let bytes = lz4_flex::block::compress(&[7; 100]);
        assert_eq!(unpack(Packing::Lz4Block, &bytes, 99).unwrap_err(), too_much(99));
        assert!(unpack(Packing::Lz4Block, &[0xf0], 99).is_err());
    }
}
