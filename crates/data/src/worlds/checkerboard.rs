//! A checkerboard: sharp edges and corners that touch, which a smooth generator washes out.

use protocol::{DatasetInfo, ItemKind};

use super::{Points, Wish, World};
use crate::{DataError, Dataset, Rng};

/// The board of four by four cells as a world.
pub const CHECKERBOARD: World = World { id: "checkerboard", card, make };

/// The filled cells of [`Checkerboard::FOUR`] in the order of the classes, as on a chess board.
const NAMES: [&str; 8] = ["a1", "c1", "b2", "d2", "a3", "c3", "b4", "d4"];

fn card() -> DatasetInfo {
    DatasetInfo {
        id: CHECKERBOARD.id.to_owned(),
        name: "Checkerboard".to_owned(),
        about: "Points of the plane that fill every other cell of a board: sharp edges, which a smooth generator washes out."
            .to_owned(),
        items: ItemKind::Rows,
        classes: 8,
        train_per_class: 1000,
        test_per_class: 200,
        ..DatasetInfo::default()
    }
}

fn make(wish: &Wish) -> Result<Dataset, DataError> {
    super::plane(&card(), &NAMES, wish, |count, stream| Checkerboard::FOUR.points(count, stream))
}

/// A square around the origin, cut into cells, of which every other one is filled evenly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Checkerboard {
    /// Cells along a side, 1 to [`Checkerboard::MAX_CELLS`].
    pub cells: u32,
    /// Distance of the sides from the origin, 0.01 to [`Checkerboard::MAX_REACH`].
    pub reach: f32,
}

impl Checkerboard {
    /// Four by four cells of side 1, of which eight are filled.
    pub const FOUR: Self = Self { cells: 4, reach: 2.0 };

    /// Most cells along a side.
    pub const MAX_CELLS: u32 = 16;

    /// Largest distance of the sides.
    pub const MAX_REACH: f32 = 100.0;

    /// Column and row of every filled cell: those where the sum of both is even, from the bottom left along the rows. The place in the
    /// list is the class.
    fn filled(&self) -> Result<Vec<(u32, u32)>, DataError> {
        DataError::check_range("the number of cells", self.cells.into(), 1.0, Self::MAX_CELLS.into())?;
        DataError::check_range("the reach of the board", self.reach.into(), 0.01, Self::MAX_REACH.into())?;
        let cells = (0..self.cells).flat_map(|row| (0..self.cells).map(move |column| (column, row)));
        Ok(cells.filter(|(column, row)| (column + row) % 2 == 0).collect())
    }

    /// Where a place within a row of cells, in cells, lies on its axis.
    fn place(&self, cells: f64) -> f32 {
        (f64::from(self.reach) * (2.0 * cells / f64::from(self.cells) - 1.0)) as f32
    }

    /// The middles of the filled cells in the order of the classes, `[classes, 2]` row-major.
    ///
    /// # Errors
    /// A setting is out of range.
    pub fn centres(&self) -> Result<Vec<f32>, DataError> {
        let middle = |cell: u32| self.place(f64::from(cell) + 0.5);
        Ok(self.filled()?.into_iter().flat_map(|(column, row)| [middle(column), middle(row)]).collect())
    }

    /// `count` points, of the filled cells in turn, so that no cell has two more than another.
    ///
    /// # Errors
    /// A setting is out of range.
    pub fn points(&self, count: usize, stream: &Rng) -> Result<Points, DataError> {
        let filled = self.filled()?;
        let mut points = Points::default();
        for (item, (class, &(column, row))) in (0..count as u64).zip((0..).zip(&filled).cycle()) {
            let mut rng = stream.substream(item);
            // Below 1, so that a point stays in its cell but for rounding to single precision.
            let mut within = |cell: u32| self.place(f64::from(cell) + f64::from(rng.uniform(0.0, 1.0)));
            points.xy.extend([within(column), within(row)]);
            points.classes.push(class);
        }
        Ok(points)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::*;
    use crate::Seed;

    #[test]
    fn cells_are_counted_from_the_bottom_left() {
        let centres = Checkerboard::FOUR.centres().unwrap();
        let rows = [[-1.5, -1.5, 0.5, -1.5], [-0.5, -0.5, 1.5, -0.5], [-1.5, 0.5, 0.5, 0.5], [-0.5, 1.5, 1.5, 1.5]];
        assert_eq!(centres, rows.concat());
    }

    #[test]
    fn classes_have_the_names_of_their_cells() {
        for (name, centre) in NAMES.iter().zip(Checkerboard::FOUR.centres().unwrap().chunks_exact(2)) {
            let place = |at: f32| (at + 1.5) as u8;
            let expected = [b'a' + place(centre[0]), b'1' + place(centre[1])];
            assert_eq!(name.as_bytes(), expected);
        }
    }

    #[test]
    fn a_cell_is_filled_evenly() {
        let points = Checkerboard { cells: 1, reach: 1.0 }.points(40_000, &Seed(1).stream("board")).unwrap();
        let mean = points.xy.iter().copied().map(f64::from).sum::<f64>() / 80_000.0;
        let square = points.xy.iter().map(|&at| f64::from(at).powi(2)).sum::<f64>() / 80_000.0;
        // Five standard errors of a uniform number in -1..1 and its square.
        assert!(mean.abs() < 0.0103 && (square - 1.0 / 3.0).abs() < 0.0053, "{mean} {square}");
    }

    #[test]
    fn a_board_that_is_none_is_refused() {
        let refused =
            |cells, reach| Checkerboard { cells, reach }.points(1, &Seed(1).stream("")).unwrap_err().to_string();
        assert_eq!(refused(0, 2.0), "the number of cells is 0; choose 1 to 16");
        assert_eq!(refused(17, 2.0), "the number of cells is 17; choose 1 to 16");
        assert!(refused(4, 0.0).starts_with("the reach of the board is 0"));
        assert!(refused(4, f32::NAN).starts_with("the reach of the board is NaN"));
    }

    proptest! {
        #[test]
        fn every_point_lies_in_the_cell_of_its_class(cells in 1_u32..=16, reach in 0.1_f32..100.0, seed: u64) {
            let board = Checkerboard { cells, reach };
            let points = board.points(200, &Seed(seed).stream("board")).unwrap();
            let classes = board.filled().unwrap().len();
            prop_assert_eq!(classes, (cells * cells).div_ceil(2) as usize);
            for (item, (point, &class)) in points.xy.chunks_exact(2).zip(&points.classes).enumerate() {
                prop_assert_eq!(class as usize, item % classes);
                // Rounding to single precision may put a point on the border.
                let centre = &board.centres().unwrap()[class as usize * 2..][..2];
                let half = reach / cells as f32 * 1.000_01;
                prop_assert!((point[0] - centre[0]).abs() <= half && (point[1] - centre[1]).abs() <= half);
            }
            let fewer = board.points(30, &Seed(seed).stream("board")).unwrap();
            prop_assert_eq!(&points.xy[..60], &fewer.xy[..]);
        }
    }
}
