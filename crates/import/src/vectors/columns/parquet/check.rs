//! Whether a page holds what it says. The crate takes some of its lengths on trust, and panics where these lead beyond its end.

use ::parquet::basic::{Encoding, Type};

use super::super::super::limits;
use super::Why;
use super::bits::{Differences, Runs};

/// Words of a page of which much is in common unpack to so many times what is not, and to so many bytes anyway.
const IN_COMMON: usize = 4096;
const ANYWAY: usize = 1 << 22;

/// How many of `count` values are there, not null, by their levels of definition.
///
/// # Errors
/// There are fewer levels, or one is above `most`.
pub(super) fn defined(levels: &[u8], most: u32, count: usize) -> Result<usize, Why> {
    if most == 0 {
        return Ok(count);
    }
    Runs::up_to(levels, most).check()?;
    let (mut runs, mut defined) = (Runs::up_to(levels, most), 0);
    for _ in 0..count {
        let level = runs.next().filter(|&level| level <= most).ok_or_else(short)?;
        defined += usize::from(level == most);
    }
    Ok(defined)
}

/// Passes where `bytes` hold `count` values of a type, of which those of a fixed length have `fixed` bytes.
///
/// # Errors
/// They hold fewer, or their lengths are impossible.
pub(super) fn values(
    form: Type,
    fixed: Option<usize>,
    encoding: Encoding,
    bytes: &[u8],
    count: usize,
) -> Result<(), Why> {
    match encoding {
        Encoding::PLAIN if form == Type::BYTE_ARRAY => words(bytes, count),
        Encoding::RLE => {
            let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(short)?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok();
            let own = length.and_then(|length| rest.get(..length)).ok_or_else(short)?;
            Runs::up_to(own, 1).check()
        }
        Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
            let Some((&bits, places)) = bytes.split_first() else { return Ok(()) };
            let unused = 32u32.checked_sub(bits.into()).ok_or_else(short)?;
            Runs::up_to(places, u32::MAX.checked_shr(unused).unwrap_or_default()).check()
        }
        Encoding::DELTA_BINARY_PACKED => {
            let mut numbers = Differences::new(bytes)?;
            exactly(&numbers, count)?;
            (0..count).try_for_each(|_| numbers.next().map(|_| ()))
        }
        Encoding::DELTA_LENGTH_BYTE_ARRAY => {
            let lengths = Differences::new(bytes)?;
            exactly(&lengths, count)?;
            let letters = lengths.behind()?;
            ends(lengths, letters, count, None, fixed)
        }
        Encoding::DELTA_BYTE_ARRAY => {
            let common = Differences::new(bytes)?;
            exactly(&common, count)?;
            let lengths = Differences::new(common.behind()?)?;
            exactly(&lengths, count)?;
            let letters = lengths.behind()?;
            ends(lengths, letters, count, Some(common), fixed)
        }
        Encoding::BYTE_STREAM_SPLIT => {
            let width = match form {
                Type::INT32 | Type::FLOAT => Some(4),
                Type::INT64 | Type::DOUBLE => Some(8),
                _ => fixed,
            };
            let held = width.and_then(|width| bytes.len().checked_div(width));
            held.filter(|&held| held == count).map(|_| ()).ok_or_else(short)
        }
        _ => Ok(()),
    }
}

/// Words one after the other, each with its length before it.
pub(super) fn words(mut bytes: &[u8], count: usize) -> Result<(), Why> {
    for _ in 0..count {
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(short)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok();
        bytes = length.and_then(|length| rest.get(length..)).ok_or_else(short)?;
    }
    Ok(())
}

/// Words whose ends stand in `letters`, and of which each has a number of bytes in common with the one before.
fn ends(
    mut lengths: Differences<'_>,
    letters: &[u8],
    count: usize,
    mut common: Option<Differences<'_>>,
    fixed: Option<usize>,
) -> Result<(), Why> {
    let (mut left, mut before, mut all) = (letters.len(), 0, 0_usize);
    for _ in 0..count {
        let length = |number: i64| usize::try_from(number as i32).map_err(|_| short());
        let shared = common.as_mut().map_or(Ok(0), |common| length(common.next()?))?;
        let own = length(lengths.next()?)?;
        left = left.checked_sub(own).filter(|_| shared <= before).ok_or_else(short)?;
        before = shared + own;
        if fixed.is_some_and(|fixed| fixed != before) {
            return Err("a page has a value of another length than its column".to_owned());
        }
        all = all.saturating_add(before);
    }
    // What is in common takes no bytes of the page, but memory.
    if all > limits::PAGE_BYTES.min(letters.len().saturating_mul(IN_COMMON).saturating_add(ANYWAY)) {
        Err("a page unpacks to too much".to_owned())
    } else {
        Ok(())
    }
}

fn exactly(numbers: &Differences<'_>, count: usize) -> Result<(), Why> {
    if numbers.count() == count { Ok(()) } else { Err(short()) }
}

fn short() -> Why {
    "a page does not hold the values that it says".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_counted() {
        // Four times 1, then the bits 0, 1, 0, 1, ...
        let levels = [8, 1, 3, 0b1010_1010];
        assert_eq!(defined(&levels, 1, 4), Ok(4));
        assert_eq!(defined(&levels, 1, 8), Ok(6));
        assert!(defined(&levels, 1, 13).is_err(), "there are twelve");
        // Runs of two bits can hold a 3.
        assert_eq!(defined(&[8, 2], 2, 4), Ok(4));
        assert!(defined(&[8, 3], 2, 4).is_err());
        assert_eq!(defined(&[], 0, 7), Ok(7), "all are there where none can be missing");
    }

    #[test]
    fn runs_without_end_are_refused_wherever_they_stand() {
        let endless = [0xff; 14];
        assert!(defined(&endless, 1, 0).is_err(), "though no level is asked for");
        assert!(defined(&[&[8, 1], endless.as_slice()].concat(), 1, 4).is_err(), "behind the last level");
        assert_eq!(defined(&[8, 1, 0xff, 0xff], 1, 4), Ok(4), "bytes that fill a page up");
        let of = |form, encoding, bytes: &[u8]| values(form, None, encoding, bytes, 4);
        assert!(of(Type::BOOLEAN, Encoding::RLE, &[&[14, 0, 0, 0], endless.as_slice()].concat()).is_err());
        assert!(of(Type::BOOLEAN, Encoding::RLE, &[9, 0, 0, 0, 8, 1]).is_err());
        assert_eq!(of(Type::BOOLEAN, Encoding::RLE, &[2, 0, 0, 0, 8, 1]), Ok(()));
        for encoding in [Encoding::RLE_DICTIONARY, Encoding::PLAIN_DICTIONARY] {
            for bits in [0, 1, 32] {
                assert!(of(Type::INT64, encoding, &[&[bits], endless.as_slice()].concat()).is_err(), "{bits}");
                assert_eq!(of(Type::INT64, encoding, &[bits, 8, 0, 0, 0, 0]), Ok(()), "{bits}");
            }
            assert!(of(Type::INT64, encoding, &[33, 8, 0]).is_err());
        }
    }

    #[test]
    fn words_end_within_their_page() {
        let page = [2, 0, 0, 0, b'a', b'b', 0, 0, 0, 0];
        assert_eq!(words(&page, 2), Ok(()));
        assert!(words(&page, 3).is_err() && words(&page[..5], 1).is_err());
        assert!(words(&[0xff; 8], 1).is_err());
        let of = |count| values(Type::BYTE_ARRAY, None, Encoding::PLAIN, &page, count);
        assert!(of(2).is_ok() && of(3).is_err());
    }

    #[test]
    fn differences_are_as_many_as_they_say() {
        // Blocks of 128 in 4 parts, 2 numbers, 5 and 1 more: least difference 1, parts of no bits.
        let page = [0x80, 1, 4, 2, 10, 2, 0, 0, 0, 0];
        let of = |page: &[u8], count| values(Type::INT64, None, Encoding::DELTA_BINARY_PACKED, page, count);
        assert_eq!(of(&page, 2), Ok(()));
        assert!(of(&page, 1).is_err() && of(&page, 3).is_err() && of(&page[..6], 2).is_err());
        // Parts of no numbers.
        assert!(of(&[0x80, 1, 0, 2, 10, 2, 0], 2).is_err());
    }

    #[test]
    fn bytes_that_are_split_are_as_many_as_values() {
        let of = |form, fixed, count| values(form, fixed, Encoding::BYTE_STREAM_SPLIT, &[0; 16], count);
        assert!(of(Type::FLOAT, None, 4).is_ok() && of(Type::INT64, None, 2).is_ok());
        assert!(of(Type::FIXED_LEN_BYTE_ARRAY, Some(2), 8).is_ok());
        assert!(of(Type::FLOAT, None, 5).is_err() && of(Type::FIXED_LEN_BYTE_ARRAY, Some(0), 0).is_err());
    }

    #[test]
    fn lengths_lead_to_words() {
        // Two words of 5 and 6 bytes.
        let page = [&[0x80, 1, 4, 2, 10, 2, 0, 0, 0, 0], b"hellothere!".as_slice()].concat();
        let of = |page: &[u8], fixed| values(Type::BYTE_ARRAY, fixed, Encoding::DELTA_LENGTH_BYTE_ARRAY, page, 2);
        assert_eq!(of(&page, None), Ok(()));
        assert!(of(&page[..20], None).is_err() && of(&page, Some(5)).is_err());
        // None of either word is in the first of them, so that they have nothing in common.
        let none = [0x80, 1, 4, 2, 0, 0, 0, 0, 0, 0];
        let both = [none.as_slice(), &page].concat();
        let of = |page: &[u8]| values(Type::BYTE_ARRAY, None, Encoding::DELTA_BYTE_ARRAY, page, 2);
        assert_eq!(of(&both), Ok(()));
        let more = [[0x80, 1, 4, 2, 0, 12, 0, 0, 0, 0].as_slice(), &page].concat();
        assert!(of(&more).is_err(), "six bytes of a word of five");
    }
}
