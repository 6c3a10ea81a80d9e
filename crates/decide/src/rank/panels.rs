//! Inner products of many rows with a fixed set of directions.

use wide::f32x8;

use crate::{DecideError, Pulse};

/// Directions that lie side by side: two 128-bit registers, the widest that WebAssembly has.
const LANES: usize = 8;

/// Rows that are multiplied together: `ROWS x LANES` sums still fit the registers of the smallest target.
const ROWS: usize = 4;

/// Rows between two calls of a pulse.
const AT_ONCE: usize = 64;

/// Directions packed for multiplication.
#[derive(Clone, Debug)]
pub(super) struct Panels {
    /// `[panels, length, LANES]`; the last panel is padded with zeros.
    numbers: Vec<[f32; LANES]>,
    /// Numbers of a direction.
    length: usize,
    /// Directions, padding included.
    count: usize,
}

impl Panels {
    /// Of `count` directions of `length` numbers: `number(direction, place)`.
    pub(super) fn pack(count: usize, length: usize, number: impl Fn(usize, usize) -> f32) -> Self {
        let padded = count.max(1).next_multiple_of(LANES);
        let mut numbers = Vec::with_capacity(padded / LANES * length);
        for first in (0..padded).step_by(LANES) {
            numbers.extend((0..length).map(|place| {
                std::array::from_fn(|lane| if first + lane < count { number(first + lane, place) } else { 0.0 })
            }));
        }
        Self { numbers, length: length.max(1), count: padded }
    }

    /// Directions, padding included: a multiple of 8, at least 8.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Inner products of `rows`, `[rows, length]`, with all directions: `products` becomes `[rows, count]`.
    pub(super) fn multiply(&self, rows: &[f32], products: &mut Vec<f32>) {
        products.clear();
        products.resize(rows.len() / self.length * self.count, 0.0);
        let blocks = rows.chunks(ROWS * self.length).zip(products.chunks_mut(ROWS * self.count));
        for (rows, products) in blocks {
            // In a last block that is not full the first row is multiplied more than once, for nothing.
            let row = |at: usize| {
                let own = rows.get(at * self.length..(at + 1) * self.length);
                own.or_else(|| rows.get(..self.length)).unwrap_or_default()
            };
            let rows = [row(0), row(1), row(2), row(3)];
            for (place, panel) in self.numbers.chunks_exact(self.length).enumerate() {
                for (products, sums) in products.chunks_exact_mut(self.count).zip(tile(rows, panel)) {
                    if let Some(slots) = products.as_chunks_mut::<LANES>().0.get_mut(place) {
                        *slots = sums;
                    }
                }
            }
        }
    }

    /// [`Self::multiply`] for long work.
    pub(super) fn multiply_all(&self, rows: &[f32], pulse: Pulse<'_>) -> Result<Vec<f32>, DecideError> {
        let blocks = rows.chunks(AT_ONCE * self.length);
        let count = blocks.len();
        let mut products = Vec::with_capacity(rows.len() / self.length * self.count);
        let mut block = Vec::new();
        for (done, rows) in blocks.enumerate() {
            pulse(done as f64 / count as f64)?;
            self.multiply(rows, &mut block);
            products.extend_from_slice(&block);
        }
        Ok(products)
    }
}

/// Sums of products over the numbers for every pair of a row and a lane.
fn tile([one, two, three, four]: [&[f32]; ROWS], panel: &[[f32; LANES]]) -> [[f32; LANES]; ROWS] {
    let [mut first, mut second, mut third, mut fourth] = [f32x8::splat(0.0); ROWS];
    for ((((&lanes, &one), &two), &three), &four) in panel.iter().zip(one).zip(two).zip(three).zip(four) {
        let lanes = f32x8::new(lanes);
        first += f32x8::splat(one) * lanes;
        second += f32x8::splat(two) * lanes;
        third += f32x8::splat(three) * lanes;
        fourth += f32x8::splat(four) * lanes;
    }
    [first, second, third, fourth].map(f32x8::to_array)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rows_meet_all_directions() {
        let number = |direction: usize, place: usize| (direction * 3 + place * 5) as f32 % 7.0 - 3.0;
        for (rows, count, length) in [(1, 1, 1), (4, 8, 3), (7, 9, 5), (130, 17, 2)] {
            let panels = Panels::pack(count, length, number);
            let values: Vec<f32> = (0..rows * length).map(|at| (at % 11) as f32 - 5.0).collect();
            let products = panels.multiply_all(&values, &mut |_| Ok(())).unwrap();
            assert_eq!((panels.count() % 8, products.len()), (0, rows * panels.count()));
            for (row, products) in values.chunks(length).zip(products.chunks(panels.count())) {
                for (direction, &product) in products.iter().enumerate() {
                    let sum: f32 = row.iter().enumerate().map(|(place, x)| x * number(direction, place)).sum();
                    // Whole numbers are exact.
                    assert_eq!(product, if direction < count { sum } else { 0.0 });
                }
            }
        }
    }

    #[test]
    fn it_can_be_broken_off() {
        let panels = Panels::pack(1, 2, |_, _| 1.0);
        let mut calls = 0;
        let broken = panels.multiply_all(&[1.0; 400], &mut |_| {
            calls += 1;
            if calls == 2 { Err(DecideError::Cancelled) } else { Ok(()) }
        });
        assert_eq!((broken, calls), (Err(DecideError::Cancelled), 2));
    }
}
