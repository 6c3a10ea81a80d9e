//! Numbers of a few bits each: runs, in which levels and places in dictionaries are written, and differences, in which whole numbers and
//! lengths can be. Both are read one after the other, so that nothing is of a size that they announce.

use super::Why;
use super::thrift::{NUMBER, unfolded, varint};

/// Most numbers of a block of differences.
const BLOCK: u64 = 1 << 20;

/// The number of `width` bits, at most 64, that begins at bit `at`, the lowest first.
pub(super) fn bits(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let (start, shift) = (at / 8, at % 8);
    let rest = bytes.get(start..)?;
    let word = match rest.first_chunk::<8>() {
        Some(eight) if shift + width <= 64 => u128::from(u64::from_le_bytes(*eight)),
        _ => {
            let own = rest.get(..(shift + width).div_ceil(8))?;
            own.iter().rev().fold(0u128, |word, &byte| word << 8 | u128::from(byte))
        }
    };
    let mask = 1u128.checked_shl(width as u32)?.checked_sub(1)?;
    u64::try_from(word >> shift & mask).ok()
}

/// Numbers of which some stand once for all of a run, and the others each by itself.
pub(super) struct Runs<'a> {
    bytes: &'a [u8],
    /// Where the next run begins.
    at: usize,
    width: usize,
    /// Numbers that are left of this one.
    left: usize,
    run: Run,
}

#[derive(Clone, Copy)]
enum Run {
    Same(u32),
    /// The bit at which the next number begins.
    Each(usize),
}

impl<'a> Runs<'a> {
    /// Of numbers up to `most`.
    pub fn up_to(bytes: &'a [u8], most: u32) -> Self {
        let width = 32 - most.leading_zeros();
        Self { bytes, at: 0, width: width as usize, left: 0, run: Run::Same(0) }
    }

    /// The next number; none at the end.
    pub fn next(&mut self) -> Option<u32> {
        while self.left == 0 {
            self.open()?;
        }
        self.left -= 1;
        match &mut self.run {
            Run::Same(number) => Some(*number),
            Run::Each(at) => {
                let number = bits(self.bytes, *at, self.width)?;
                *at += self.width;
                u32::try_from(number).ok()
            }
        }
    }

    /// Passes where the head of every run ends, also of those behind the last number that is meant: the crate looks ahead.
    ///
    /// # Errors
    /// One does not, at which the crate panics.
    pub fn check(mut self) -> Result<(), Why> {
        loop {
            let head = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<NUMBER>());
            if head.is_some_and(|head| head.iter().all(|byte| byte & 0x80 != 0)) {
                return Err("a page has a run without end".to_owned());
            }
            if self.open().is_none() {
                return Ok(());
            }
        }
    }

    /// Begins the next run. What stands for a run of nothing fills pages up.
    fn open(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        let (head, after) = varint(rest).filter(|&(head, _)| head > 0)?;
        let start = self.bytes.len() - after.len();
        let count = usize::try_from(head >> 1).ok()?;
        if head & 1 == 1 {
            self.left = count.checked_mul(8)?;
            self.run = Run::Each(start.checked_mul(8)?);
            self.at = count.checked_mul(self.width)?.checked_add(start)?;
        } else {
            let bytes = self.width.div_ceil(8);
            let number = u32::try_from(bits(after, 0, 8 * bytes)?).ok()?;
            self.left = count;
            self.run = Run::Same(number);
            self.at = start + bytes;
        }
        Some(())
    }
}

/// Whole numbers, of which the differences are written in blocks of so many bits each.
#[derive(Clone)]
pub(super) struct Differences<'a> {
    bytes: &'a [u8],
    /// Where the next part of a block, or the next block, begins.
    at: usize,
    /// Numbers of a part of a block, and how many parts it has.
    per_part: usize,
    parts: usize,
    /// Numbers that are still to come, the first included.
    left: usize,
    first: Option<i64>,
    last: i64,
    /// What all differences of the block have in common.
    least: i64,
    /// Bits of the differences in each part that is still to come.
    widths: &'a [u8],
    /// Of this part: numbers that are left, the bits of each, and the bit at which the next begins.
    part_left: usize,
    width: usize,
    bit: usize,
}

impl<'a> Differences<'a> {
    pub fn new(bytes: &'a [u8]) -> Result<Self, Why> {
        let (block, rest) = varint(bytes).ok_or_else(short)?;
        let (parts, rest) = varint(rest).ok_or_else(short)?;
        let (left, rest) = varint(rest).ok_or_else(short)?;
        let (first, rest) = varint(rest).ok_or_else(short)?;
        let wrong = || "a page has blocks of differences of an impossible size".to_owned();
        let per_part = block.checked_div(parts).filter(|per| per * parts == block && per % 32 == 0);
        let per_part = per_part.filter(|&per| per > 0 && block <= BLOCK).ok_or_else(wrong)?;
        Ok(Self {
            bytes,
            at: bytes.len() - rest.len(),
            per_part: usize::try_from(per_part).map_err(|_| wrong())?,
            parts: usize::try_from(parts).map_err(|_| wrong())?,
            left: usize::try_from(left).map_err(|_| wrong())?,
            first: Some(unfolded(first)),
            last: 0,
            least: 0,
            widths: &[],
            part_left: 0,
            width: 0,
            bit: 0,
        })
    }

    /// How many are still to come.
    pub fn count(&self) -> usize {
        self.left
    }

    /// The next number.
    pub fn next(&mut self) -> Result<i64, Why> {
        self.left = self.left.checked_sub(1).ok_or_else(short)?;
        if let Some(first) = self.first.take() {
            self.last = first;
            return Ok(first);
        }
        if self.part_left == 0 {
            self.open()?;
        }
        self.part_left -= 1;
        let more = bits(self.bytes, self.bit, self.width).ok_or_else(short)?;
        self.bit += self.width;
        // They go round at the end of what a whole number can be.
        self.last = self.last.wrapping_add(self.least).wrapping_add(more as i64);
        Ok(self.last)
    }

    /// Begins the next part of a block.
    fn open(&mut self) -> Result<(), Why> {
        if self.widths.is_empty() {
            let rest = self.bytes.get(self.at..).ok_or_else(short)?;
            let (least, rest) = varint(rest).ok_or_else(short)?;
            self.least = unfolded(least);
            self.widths = rest.get(..self.parts).ok_or_else(short)?;
            self.at = self.bytes.len() - rest.len() + self.parts;
        }
        let (&width, widths) = self.widths.split_first().ok_or_else(short)?;
        if width > 64 {
            return Err(format!("a page has differences of {width} bits"));
        }
        self.widths = widths;
        self.width = width.into();
        self.part_left = self.per_part;
        self.bit = self.at.checked_mul(8).ok_or_else(short)?;
        self.at = self.at.checked_add(self.per_part / 8 * self.width).ok_or_else(short)?;
        Ok(())
    }

    /// What comes behind all numbers.
    pub fn behind(&self) -> Result<&'a [u8], Why> {
        let mut rest = self.clone();
        rest.left = rest.left.saturating_sub(usize::from(rest.first.is_some()));
        while rest.left > rest.part_left {
            rest.left -= rest.part_left;
            rest.open()?;
        }
        self.bytes.get(rest.at..).ok_or_else(short)
    }
}

fn short() -> Why {
    "a page has fewer values than it says".to_owned()
}
