//! A ring of bells: the usual test of whether a generator forgets modes.

use std::f64::consts::TAU;

use protocol::{DatasetInfo, ItemKind, Parameter};

use super::{Points, Wish, World};
use crate::{DataError, Dataset, Rng};

/// The ring of eight bells as a world.
pub const RING: World = World { id: "ring", card, make };

/// Setting: how wide a mode is.
const SPREAD: &str = "spread";

/// The modes of [`Ring::EIGHT`] in their order.
const NAMES: [&str; 8] = ["east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east"];

fn card() -> DatasetInfo {
    DatasetInfo {
        id: RING.id.to_owned(),
        name: "Ring of eight".to_owned(),
        about:
            "Points of the plane around eight places on a circle: what a generator forgets of them is seen at a glance."
                .to_owned(),
        items: ItemKind::Rows,
        classes: Ring::EIGHT.modes,
        train_per_class: 1000,
        test_per_class: 200,
        parameters: vec![Parameter::real(
            SPREAD,
            "Spread",
            (0.02, 0.5, 0.01),
            0.1,
            "Standard deviation of the points around their place, on a circle of radius 2; from 0.4 on neighbours run into each other.",
        )],
        ..DatasetInfo::default()
    }
}

fn make(wish: &Wish) -> Result<Dataset, DataError> {
    let ring = Ring { spread: wish.value(SPREAD) as f32, ..Ring::EIGHT };
    super::plane(&card(), &NAMES, wish, |count, stream| ring.points(count, stream))
}

/// Normal distributions of one spread with their centres evenly spaced on a circle around the origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ring {
    /// Number of modes, 1 to [`Ring::MAX_MODES`]; each is a class, counted counter-clockwise from the one on the right.
    pub modes: u32,
    /// Distance of the centres from the origin, 0.01 to [`Ring::MAX_RADIUS`].
    pub radius: f32,
    /// Standard deviation of each mode along both axes, 0 to the radius.
    pub spread: f32,
}

impl Ring {
    /// Eight modes, 15 standard deviations from one to the next.
    pub const EIGHT: Self = Self { modes: 8, radius: 2.0, spread: 0.1 };

    /// Most modes.
    pub const MAX_MODES: u32 = 64;

    /// Largest radius.
    pub const MAX_RADIUS: f32 = 100.0;

    /// The centres of the modes, `[modes, 2]` row-major.
    ///
    /// # Errors
    /// A setting is out of range.
    pub fn centres(&self) -> Result<Vec<f32>, DataError> {
        DataError::check_range("the number of modes", self.modes.into(), 1.0, Self::MAX_MODES.into())?;
        DataError::check_range("the radius of the ring", self.radius.into(), 0.01, Self::MAX_RADIUS.into())?;
        DataError::check_range("the spread of a mode", self.spread.into(), 0.0, self.radius.into())?;
        let angle = |mode: u32| TAU * f64::from(mode) / f64::from(self.modes);
        let place = |along: f64| (f64::from(self.radius) * along) as f32;
        Ok((0..self.modes).flat_map(|mode| [place(libm::cos(angle(mode))), place(libm::sin(angle(mode)))]).collect())
    }

    /// `count` points, of the modes in turn, so that no mode has two more than another.
    ///
    /// # Errors
    /// A setting is out of range.
    pub fn points(&self, count: usize, stream: &Rng) -> Result<Points, DataError> {
        let centres = self.centres()?;
        let mut points = Points::default();
        let modes = (0..self.modes).zip(centres.chunks_exact(2)).cycle();
        for (item, (mode, centre)) in (0..count as u64).zip(modes) {
            let mut rng = stream.substream(item);
            points.xy.extend(centre.iter().map(|at| at + self.spread * rng.normal()));
            points.classes.push(mode);
        }
        Ok(points)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::Seed;

    #[test]
    fn centres_lie_on_the_circle() {
        let centres = Ring { modes: 4, radius: 3.0, spread: 0.0 }.centres().unwrap();
        for (found, expected) in centres.iter().zip([3.0, 0.0, 0.0, 3.0, -3.0, 0.0, 0.0, -3.0]) {
            assert!((found - expected).abs() < 1e-6, "{centres:?}");
        }
        // Neighbours of eight are 2 * 2 * sin(22.5 degrees) = 1.53 apart.
        let eight = Ring::EIGHT.centres().unwrap();
        assert!((libm::hypotf(eight[2] - eight[0], eight[3] - eight[1]) - 1.530_734).abs() < 1e-5);
    }

    #[test]
    fn points_are_of_all_modes_alike_with_the_spread_asked_for() {
        let ring = Ring::EIGHT;
        let points = ring.points(8001, &Seed(1).stream("ring")).unwrap();
        assert_eq!((points.xy.len(), points.classes.len()), (16_002, 8001));
        let centres = ring.centres().unwrap();
        let of = |mode: u32| points.classes.iter().filter(|&&class| class == mode).count();
        assert_eq!((0..8).map(of).collect::<Vec<_>>(), [1001, 1000, 1000, 1000, 1000, 1000, 1000, 1000]);
        let off = |(point, &class): (&[f32], &u32)| {
            let centre = &centres[class as usize * 2..][..2];
            f64::from((point[0] - centre[0]).powi(2) + (point[1] - centre[1]).powi(2))
        };
        let squares: f64 = points.xy.chunks_exact(2).zip(&points.classes).map(off).sum();
        // Both axes; five standard errors of sqrt(2 / 16002).
        assert!((squares / 16_002.0 / 0.01 - 1.0).abs() < 0.056, "{squares}");
    }

    #[test]
    fn a_larger_world_begins_with_the_smaller_one() {
        let points = |count, seed| Ring::EIGHT.points(count, &Seed(seed).stream("ring")).unwrap();
        let (few, many) = (points(10, 1), points(50, 1));
        assert_eq!((&many.xy[..20], &many.classes[..10]), (&few.xy[..], &few.classes[..]));
        assert_ne!(points(10, 2).xy, few.xy);
        assert_eq!(points(0, 1), Points::default());
    }

    #[test]
    fn a_ring_that_is_none_is_refused() {
        let refused = |ring: Ring| ring.points(1, &Seed(1).stream("")).unwrap_err().to_string();
        assert_eq!(refused(Ring { modes: 0, ..Ring::EIGHT }), "the number of modes is 0; choose 1 to 64");
        assert_eq!(refused(Ring { spread: 3.0, ..Ring::EIGHT }), "the spread of a mode is 3; choose 0 to 2");
        for radius in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert!(refused(Ring { radius, ..Ring::EIGHT }).starts_with("the radius of the ring"));
        }
    }
}
