//! Pictures to size: a triangle filter that widens with the reduction, so that every pixel counts.
//!
//! Only sums, products and quotients of floats: the same numbers on every machine.

use super::picture::{Picture, Value};

/// One channel of a picture, as a view on its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plane<'a, T = u8> {
    pub values: &'a [T],
    /// Position of the first value.
    pub start: usize,
    /// Values from one column to the next.
    pub column: usize,
    /// Values from one row to the next.
    pub row: usize,
    pub width: usize,
    pub height: usize,
}

/// The centred square of `picture`, upright, `side` pixels wide, channel by channel.
pub(crate) fn square<T: Value>(picture: &Picture<T>, side: usize) -> Vec<T> {
    let &Picture { width, height, channels, ref values, turn } = picture;
    let short = width.min(height);
    let corner = (height - short) / 2 * width + (width - short) / 2;
    let channel = |channel| {
        let start = corner * channels + channel;
        let plane = Plane { values, start, column: channels, row: width * channels, width: short, height: short };
        turned(plane.resized(side, side), side, turn)
    };
    (0..channels).flat_map(channel).collect()
}

impl<T: Value> Plane<'_, T> {
    /// The values of a plane of `width` x `height`, row by row.
    pub fn resized(self, width: usize, height: usize) -> Vec<T> {
        let across = Weights::new(self.width, width);
        let down = Weights::new(self.height, height);
        // Rows first: each is read once, and only a narrow picture is kept.
        let mut narrow: Vec<f32> = Vec::with_capacity(width * self.height);
        let mut values: Vec<f32> = Vec::with_capacity(self.width);
        for row in 0..self.height {
            values.clear();
            let rest = self.values.get(self.start + row * self.row..).unwrap_or_default();
            values.extend(
                rest.iter().step_by(self.column.max(1)).take(self.width).map(|&value| Into::<f32>::into(value)),
            );
            narrow.extend(across.sums(&values));
        }
        let columns: Vec<Vec<f32>> = (0..width)
            .map(|column| {
                let values: Vec<f32> = narrow.iter().skip(column).step_by(width.max(1)).copied().collect();
                down.sums(&values).collect()
            })
            .collect();
        let pixel = |row: usize, column: &Vec<f32>| T::cut(column.get(row).map_or(0.0, |value| value + 0.5));
        (0..height).flat_map(|row| columns.iter().map(move |column| pixel(row, column))).collect()
    }
}

/// For every new pixel the first old one that counts, and how much it and those after it do.
struct Weights(Vec<(usize, Vec<f32>)>);

impl Weights {
    fn new(from: usize, to: usize) -> Self {
        let scale = from as f32 / to.max(1) as f32;
        let reach = scale.max(1.0);
        let pixel = |new: usize| {
            let centre = (new as f32 + 0.5) * scale;
            // Casts cut off and stay at 0 below it.
            let first = (centre - reach) as usize;
            let end = ((centre + reach) as usize + 1).min(from);
            let weight = |old: usize| (1.0 - (old as f32 + 0.5 - centre).abs() / reach).max(0.0);
            let weights: Vec<f32> = (first..end).map(weight).collect();
            let sum = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
            (first, weights.into_iter().map(|weight| weight / sum).collect())
        };
        Self((0..to).map(pixel).collect())
    }

    fn sums(&self, values: &[f32]) -> impl Iterator<Item = f32> {
        self.0.iter().map(|(first, weights)| {
            let old = values.get(*first..).unwrap_or_default();
            old.iter().zip(weights).map(|(value, weight)| value * weight).sum()
        })
    }
}

/// The square `values`, turned and mirrored as EXIF's orientation says.
fn turned<T: Value>(values: Vec<T>, side: usize, turn: u8) -> Vec<T> {
    let last = side.saturating_sub(1);
    let from = |row: usize, column: usize| match turn {
        2 => (row, last - column),
        3 => (last - row, last - column),
        4 => (last - row, column),
        5 => (column, row),
        6 => (last - column, row),
        7 => (last - column, last - row),
        8 => (column, last - row),
        _ => (row, column),
    };
    if turn <= 1 {
        return values;
    }
    let pixel = |at: usize| {
        let (row, column) = from(at / side, at % side);
        values.get(row * side + column).copied().unwrap_or(T::WHITE)
    };
    (0..values.len()).map(pixel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plane(bytes: &[u8], width: usize, height: usize) -> Plane<'_> {
        Plane { values: bytes, start: 0, column: 1, row: width, width, height }
    }

    #[test]
    fn the_same_size_changes_nothing() {
        let bytes: Vec<u8> = (0..12).map(|value| value * 20).collect();
        assert_eq!(plane(&bytes, 4, 3).resized(4, 3), bytes);
    }

    #[test]
    fn every_pixel_counts() {
        // A chequer of single pixels is grey, not black or white.
        let bytes: Vec<u8> = (0..64 * 64).map(|at| if (at / 64 + at % 64) % 2 == 0 { 255 } else { 0 }).collect();
        let small = plane(&bytes, 64, 64).resized(8, 8);
        assert!(small.iter().all(|&value| value.abs_diff(127) < 4), "{small:?}");
    }

    #[test]
    fn the_square_is_taken_from_the_middle() {
        let bytes = vec![1u8, 1, 50, 60, 9, 9, 1, 1, 70, 80, 9, 9];
        let picture = Picture { width: 6, height: 2, channels: 1, values: bytes, turn: 1 };
        assert_eq!(square(&picture, 2), [50, 60, 70, 80]);
        assert_eq!(square(&Picture { turn: 6, ..picture.clone() }, 2), [70, 50, 80, 60]);
        assert_eq!(square(&Picture { turn: 8, ..picture }, 2), [60, 80, 50, 70]);
    }

    #[test]
    fn channels_come_one_after_the_other() {
        let picture = Picture { width: 1, height: 2, channels: 3, values: vec![1u8, 2, 3, 4, 5, 6], turn: 1 };
        assert_eq!(square(&picture, 1), [1, 2, 3]);
    }

    proptest! {
        #[test]
        fn one_colour_stays_that_colour(value: u8, width in 1usize..40, height in 1usize..40, to in 1usize..40) {
            let bytes = vec![value; width * height];
            let resized = plane(&bytes, width, height).resized(to, to);
            prop_assert_eq!(resized.len(), to * to);
            prop_assert!(resized.iter().all(|&found| found == value));
        }
    }
}
