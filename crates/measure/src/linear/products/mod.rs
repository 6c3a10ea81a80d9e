//! Products of large matrices in vector instructions, natively and in WebAssembly.
//!
//! After Goto and van de Geijn (2008): both operands are packed so that a tile of the result stays in registers while a stretch of the
//! inner dimension goes by, and a block of one operand stays in the cache. Sums of a stretch are added to the result one after another,
//! so products of 32 bits can be summed in 64. All matrices lie row after row.

use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Range, Sub};

use super::Watch;

mod rows;
#[cfg(test)]
mod tests;
mod tile;

pub use self::rows::{add_scaled, add_to_diagonal, dot, gram, mirror, narrow, product, trace, transposed, widen};
use self::tile::Tile;

/// Rows of a tile of the result.
const TALL: usize = 4;

/// Columns of a tile: with four rows its sums take half of the sixteen registers of 128 bits.
pub const WIDE: usize = 8;

/// The same for numbers of 64 bits.
const WIDE_64: usize = 4;

/// Inner products are summed over so many coordinates at a time.
const DEPTH: usize = 128;

/// Rows of the left operand that are packed at a time.
const ROWS: usize = 64;

/// Numbers that matrices are made of, of 32 or 64 bits.
pub trait Number:
    Copy
    + Default
    + PartialOrd
    + AddAssign
    + MulAssign
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
{
    /// The nearest of these numbers.
    fn of(value: f64) -> Self;

    /// The square root.
    fn root(self) -> Self;

    /// `target += factor a b`.
    ///
    /// # Errors
    /// What the watch says.
    fn add_product<W: Watch>(
        target: Target<'_, Self>,
        a: View<'_, Self>,
        b: View<'_, Self>,
        factor: Self,
        part: Part,
        work: &mut W,
    ) -> Result<(), W::Error>;

    /// `target += a b`, stretches of products summed in these numbers and the sums in 64 bits.
    ///
    /// # Errors
    /// What the watch says.
    fn add_wide_product<W: Watch>(
        target: Target<'_, f64>,
        a: View<'_, Self>,
        b: View<'_, Self>,
        part: Part,
        work: &mut W,
    ) -> Result<(), W::Error>;
}

impl Number for f32 {
    fn of(value: f64) -> Self {
        value as Self
    }

    fn root(self) -> Self {
        self.sqrt()
    }

    fn add_product<W: Watch>(
        target: Target<'_, Self>,
        a: View<'_, Self>,
        b: View<'_, Self>,
        factor: Self,
        part: Part,
        work: &mut W,
    ) -> Result<(), W::Error> {
        multiply(target, a, &Packed::<Self, WIDE>::of(b), factor, part, work)
    }

    fn add_wide_product<W: Watch>(
        target: Target<'_, f64>,
        a: View<'_, Self>,
        b: View<'_, Self>,
        part: Part,
        work: &mut W,
    ) -> Result<(), W::Error> {
        multiply(target, a, &Packed::<Self, WIDE>::of(b), 1.0, part, work)
    }
}

impl Number for f64 {
    fn of(value: f64) -> Self {
        value
    }

    fn root(self) -> Self {
        self.sqrt()
    }

    fn add_product<W: Watch>(
        target: Target<'_, Self>,
        a: View<'_, Self>,
        b: View<'_, Self>,
        factor: Self,
        part: Part,
        work: &mut W,
    ) -> Result<(), W::Error> {
        multiply(target, a, &Packed::<Self, WIDE_64>::of(b), factor, part, work)
    }

    fn add_wide_product<W: Watch>(
        target: Target<'_, f64>,
        a: View<'_, Self>,
        b: View<'_, Self>,
        part: Part,
        work: &mut W,
    ) -> Result<(), W::Error> {
        multiply(target, a, &Packed::<Self, WIDE_64>::of(b), 1.0, part, work)
    }
}

/// Which part of a square result is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    All,
    /// The diagonal and what is above it, at half the work. What is below near the diagonal may change too.
    Upper,
}

/// A matrix to read, possibly a part of another or turned over.
#[derive(Clone, Copy)]
pub struct View<'a, T> {
    data: &'a [T],
    rows: usize,
    columns: usize,
    stride: usize,
    flipped: bool,
}

impl<'a, T: Number> View<'a, T> {
    /// Rows of `columns` numbers, one after another.
    pub fn new(data: &'a [T], columns: usize) -> Self {
        let columns = columns.max(1);
        Self { data, rows: data.len() / columns, columns, stride: columns, flipped: false }
    }

    /// How many rows it has.
    pub fn count(&self) -> usize {
        self.rows
    }

    /// Its rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// These rows and columns of it.
    pub fn part(self, rows: Range<usize>, columns: Range<usize>) -> Self {
        let (down, right) = if self.flipped { (columns.start, rows.start) } else { (rows.start, columns.start) };
        let data = self.data.get(down * self.stride + right..).unwrap_or_default();
        Self { data, rows: rows.len(), columns: columns.len(), ..self }
    }

    /// Rows as columns.
    pub fn transposed(self) -> Self {
        Self { rows: self.columns, columns: self.rows, flipped: !self.flipped, ..self }
    }

    /// A number of it; 0 beyond its end.
    pub fn at(&self, row: usize, column: usize) -> T {
        let (down, right) = if self.flipped { (column, row) } else { (row, column) };
        self.data.get(down * self.stride + right).copied().unwrap_or_default()
    }

    /// Fills a panel: slot `i` with the numbers of column `start + i` in the `N` rows from `first` on.
    fn fill<const N: usize>(&self, slots: &mut [[T; N]], first: usize, start: usize) {
        let lanes = N.min(self.rows.saturating_sub(first));
        if self.flipped {
            for (slot, column) in slots.iter_mut().zip(start..) {
                let at = column * self.stride + first;
                let source = self.data.get(at..at + lanes).unwrap_or_default();
                for (slot, &number) in slot.iter_mut().zip(source) {
                    *slot = number;
                }
            }
        } else {
            for lane in 0..lanes {
                let at = (first + lane) * self.stride + start;
                let source = self.data.get(at..at + slots.len()).unwrap_or_default();
                for (slot, &number) in slots.iter_mut().zip(source) {
                    if let Some(slot) = slot.get_mut(lane) {
                        *slot = number;
                    }
                }
            }
        }
    }
}

/// A matrix to add to: some columns of rows that lie one after another.
pub struct Target<'a, T> {
    data: &'a mut [T],
    stride: usize,
    columns: Range<usize>,
}

impl<'a, T: Number> Target<'a, T> {
    /// All of it.
    pub fn new(data: &'a mut [T], columns: usize) -> Self {
        Self { data, stride: columns, columns: 0..columns }
    }

    /// Its columns from `first` on.
    pub fn from_column(data: &'a mut [T], columns: usize, first: usize) -> Self {
        Self { data, stride: columns, columns: first..columns }
    }

    /// Adds a tile; what lies beyond the last row or column is dropped.
    fn add<S: Number, const N: usize>(&mut self, row: usize, column: usize, tile: &[[S; N]; TALL], factor: T)
    where
        T: From<S>,
    {
        let start = self.columns.start + column;
        let end = self.columns.end.min(start + N);
        for (sums, row) in tile.iter().zip(row..) {
            let before = row * self.stride;
            let Some(slots) = self.data.get_mut(before + start..before + end) else { return };
            // A length that the compiler knows saves a loop over what is left.
            if let Some(slots) = slots.first_chunk_mut::<N>() {
                for (slot, &sum) in slots.iter_mut().zip(sums) {
                    *slot += factor * T::from(sum);
                }
            } else {
                for (slot, &sum) in slots.iter_mut().zip(sums) {
                    *slot += factor * T::from(sum);
                }
            }
        }
    }
}

/// A right operand made ready, for one product or for many.
pub struct Packed<T, const N: usize> {
    lanes: Vec<[T; N]>,
    columns: usize,
}

impl<T: Number, const N: usize> Packed<T, N> {
    /// Packs a matrix `[inner, columns]`.
    pub fn of(view: View<'_, T>) -> Self {
        Self { lanes: pack(view.transposed()), columns: view.columns }
    }
}

/// A stretch of columns after another, in it a panel of `N` rows after another, each column by column; filled up with zeros.
fn pack<T: Number, const N: usize>(view: View<'_, T>) -> Vec<[T; N]> {
    let panels = view.rows.div_ceil(N).max(1);
    let mut packed = vec![[T::default(); N]; panels * view.columns];
    for (block, start) in packed.chunks_mut(DEPTH * panels).zip((0..).step_by(DEPTH)) {
        let depth = block.len() / panels;
        for (slots, first) in block.chunks_mut(depth.max(1)).zip((0..).step_by(N)) {
            view.fill(slots, first, start);
        }
    }
    packed
}

/// `target += factor a b`.
///
/// # Errors
/// What the watch says.
pub fn multiply<S: Tile<N>, T: Number + From<S>, W: Watch, const N: usize>(
    mut target: Target<'_, T>,
    a: View<'_, S>,
    b: &Packed<S, N>,
    factor: T,
    part: Part,
    work: &mut W,
) -> Result<(), W::Error> {
    let panels = b.columns.div_ceil(N).max(1);
    let share = if part == Part::Upper { 0.5 } else { 1.0 };
    for (block, start) in b.lanes.chunks(DEPTH * panels).zip((0..).step_by(DEPTH)) {
        let depth = (block.len() / panels).max(1);
        for first in (0..a.rows).step_by(ROWS) {
            let last = a.rows.min(first + ROWS);
            let left = pack::<S, TALL>(a.part(first..last, start..start + depth));
            for (right, column) in block.chunks(depth).zip((0..).step_by(N)) {
                for (left, row) in left.chunks(depth).zip((first..).step_by(TALL)) {
                    let below = part == Part::Upper && column + N <= row;
                    if !below {
                        target.add(row, column, &S::tile(left, right), factor);
                    }
                }
            }
            work.advance(share * ((last - first) * depth * b.columns) as f64)?;
        }
    }
    Ok(())
}
