//! What damage is done to bytes: bits turned over, pieces cut out, doubled, brought from other files, and numbers where lengths stand.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Numbers at the ends of what types hold, where sums and products go wrong.
const NUMBERS: [u64; 16] = [
    0,
    1,
    2,
    7,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    1 << 40,
    u64::MAX / 2,
    u64::MAX,
];
/// What readers of text wait for.
const WORDS: [&[u8]; 32] = [
    b"0",
    b"-1",
    b"18446744073709551615",
    b"9223372036854775808",
    b"1e309",
    b"NaN",
    b"-inf",
    b"0x1p3",
    b"1_0",
    b"9L",
    b"null",
    b"true",
    b"\"",
    b"'",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"[",
    b"]",
    b"{",
    b"}",
    b"(",
    b")",
    b",",
    b":",
    b";",
    b"\t",
    b"\n",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\0",
];

/// The longest that a file becomes, in bytes.
const LONGEST: usize = 1 << 13;

/// Damages `bytes` in one to four places, with pieces of `other` where they are brought from elsewhere.
pub fn mutate(rng: &mut ChaCha8Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..rng.random_range(1..=4) {
        once(rng, bytes, other);
    }
    bytes.truncate(LONGEST);
}

fn once(rng: &mut ChaCha8Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = place(rng, bytes.len());
    match rng.random_range(0..10) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << rng.random_range(0..8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = rng.random();
            }
        }
        2 => {
            let (number, width) = (pick(rng, &NUMBERS), pick(rng, &[1_usize, 2, 4, 8]));
            let (little, big): ([u8; 8], [u8; 8]) = (number.to_le_bytes(), number.to_be_bytes());
            let with = if rng.random() { little.get(..width) } else { big.get(8 - width..) };
            write(bytes, at, with.unwrap_or_default());
        }
        3 => bytes.truncate(at),
        4 => {
            let end = (at + span(rng)).min(bytes.len());
            bytes.drain(at..end);
        }
        5 => {
            let piece = piece(rng, bytes).to_vec();
            bytes.splice(at..at, piece);
        }
        6 => {
            let piece = piece(rng, other).to_vec();
            let end = if rng.random() { (at + piece.len()).min(bytes.len()) } else { at };
            bytes.splice(at..end, piece);
        }
        7 => {
            let word = pick(rng, &WORDS);
            bytes.splice(at..at, word.iter().copied());
        }
        8 => {
            // A number in letters becomes another one.
            let start = (at..bytes.len()).find(|&at| bytes.get(at).is_some_and(u8::is_ascii_digit)).unwrap_or(at);
            let digits = bytes.get(start..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
            let word =
                if rng.random() { pick(rng, &WORDS).to_vec() } else { pick(rng, &NUMBERS).to_string().into_bytes() };
            bytes.splice(start..start + digits, word);
        }
        _ => {
            let piece = piece(rng, bytes).to_vec();
            write(bytes, at, &piece);
        }
    }
}

/// A place in so many bytes, more often near their start, where headers are.
fn place(rng: &mut ChaCha8Rng, length: usize) -> usize {
    let end = if rng.random() { length.min(64) } else { length };
    rng.random_range(0..=end)
}

fn span(rng: &mut ChaCha8Rng) -> usize {
    let most = pick(rng, &[1_usize, 2, 4, 8, 64, 512]);
    rng.random_range(1..=most)
}

fn piece<'a>(rng: &mut ChaCha8Rng, of: &'a [u8]) -> &'a [u8] {
    let start = rng.random_range(0..=of.len());
    let end = (start + span(rng)).min(of.len());
    of.get(start..end).unwrap_or_default()
}

fn write(bytes: &mut [u8], at: usize, with: &[u8]) {
    bytes.iter_mut().skip(at).zip(with).for_each(|(byte, &with)| *byte = with);
}

/// One of `of`.
fn pick<T: Copy + Default>(rng: &mut ChaCha8Rng, of: &[T]) -> T {
    of.get(rng.random_range(0..of.len().max(1))).copied().unwrap_or_default()
}
