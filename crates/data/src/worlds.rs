//! Worlds that are made from a seed: points in the plane whose every property is known, and sequences whose answer is a state.
//!
//! Item `i` depends on its stream and `i` alone, so the first items of a larger world are those of a smaller one. Give each part a stream
//! of its own: `world/ring/train`, `world/ring/test`.
//!
//! To add one: write its file with card and `make`, add its line to [`WORLDS`].

mod checkerboard;
mod ring;
mod state_tracking;

use protocol::{DataSpec, DatasetInfo};

pub use checkerboard::Checkerboard;
pub use ring::Ring;
pub use state_tracking::{
    ASKED, COUNT_MOD_THREE, LONGEST, MAX_LENGTH, PARITY, PERMUTATIONS, SHORTEST, Sequences, Tracking,
};

use crate::{DataError, Dataset, Items, Normalisation, Part, Provenance, Rng, Seed};

/// A dataset that is made instead of loaded.
pub struct World {
    /// Id used by [`DataSpec::dataset`].
    pub id: &'static str,
    /// How large it can be, and what can be set of it.
    pub card: fn() -> DatasetInfo,
    /// Makes it as wished.
    pub make: fn(&Wish) -> Result<Dataset, DataError>,
}

/// What is wished of a world.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Items per class and the settings that its card describes, settled.
    pub spec: &'a DataSpec,
    /// Seed of the run: another one is another world of the same kind.
    pub seed: Seed,
}

impl Wish<'_> {
    /// A setting of the world; 0 if it is missing, which settled ones are not.
    #[must_use]
    pub fn value(&self, id: &str) -> f64 {
        self.spec.values.get(id).copied().unwrap_or_default()
    }
}

/// Every world that can be made, in the order in which they are offered.
pub const WORLDS: &[&World] = &[&ring::RING, &checkerboard::CHECKERBOARD, &PARITY, &COUNT_MOD_THREE, &PERMUTATIONS];

/// The world with this id.
#[must_use]
pub fn world(id: &str) -> Option<&'static World> {
    WORLDS.iter().copied().find(|world| world.id == id)
}

/// The dataset of a world with these parts.
fn made(card: &DatasetInfo, class_names: Vec<String>, train: Part, test: Part) -> Dataset {
    Dataset {
        id: card.id.clone(),
        name: card.name.clone(),
        class_names,
        normalisation: Normalisation::of(train.items()),
        train,
        test,
        given: Vec::new(),
        provenance: Provenance {
            package: "Made by the lab from the seed of the run".to_owned(),
            package_version: Provenance::MADE.to_owned(),
            licence: "none needed".to_owned(),
            copyright: String::new(),
            homepage: String::new(),
        },
    }
}

/// A world of labelled points of the plane: as many of each class in both parts as are wished for.
fn plane(
    card: &DatasetInfo,
    names: &[&str],
    wish: &Wish,
    points: impl Fn(usize, &Rng) -> Result<Points, DataError>,
) -> Result<Dataset, DataError> {
    let part = |name: &str, per_class: u32| {
        let count = names.len() * per_class as usize;
        let Points { xy, classes } = points(count, &wish.seed.stream(&format!("world/{}/{name}", card.id)))?;
        Part::new(Items::rows(2, xy)?, classes, names.len())
    };
    let (train, test) = (part("train", wish.spec.train_per_class)?, part("test", wish.spec.test_per_class)?);
    Ok(made(card, names.iter().map(|&name| name.to_owned()).collect(), train, test))
}

/// Labelled points in the plane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Points {
    /// Coordinates, `[points, 2]` row-major.
    pub xy: Vec<f32>,
    /// Class of each point.
    pub classes: Vec<u32>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use protocol::ItemKind;

    use super::*;

    /// A world as its card has it by default, with so many training items of each class.
    fn wished(world: &World, train_per_class: u32, seed: u64) -> Dataset {
        let card = (world.card)();
        let values = card.parameters.iter().map(|it| (it.id.clone(), it.default)).collect();
        let spec = DataSpec { dataset: card.id, train_per_class, test_per_class: 3, values, ..DataSpec::default() };
        (world.make)(&Wish { spec: &spec, seed: Seed(seed) }).unwrap()
    }

    #[test]
    fn points_are_as_many_of_each_class_as_is_wished_and_follow_the_seed() {
        for world in WORLDS.iter().filter(|world| (world.card)().items == ItemKind::Rows) {
            let card = (world.card)();
            assert_eq!(card.id, world.id);
            let made = wished(world, 5, 1);
            assert_eq!((made.id.as_str(), made.class_names.len()), (world.id, card.classes as usize));
            for (part, count) in [(&made.train, 5), (&made.test, 3)] {
                assert!(part.by_class(made.class_names.len()).iter().all(|items| items.len() == count), "{}", world.id);
                assert!(part.items().all_rows().iter().all(|at| at.abs() < 4.0));
            }
            let rows = |train, seed| wished(world, train, seed).train.items().all_rows().to_vec();
            let (few, many) = (rows(5, 1), rows(9, 1));
            assert_eq!(many.get(..few.len()), Some(few.as_slice()), "{}", world.id);
            assert_ne!(rows(5, 2), few);
            assert_ne!(made.test.items().all_rows().get(..6), few.get(..6), "test items are others");
        }
    }

    #[test]
    fn the_spread_is_that_of_the_settings() {
        let card = (ring::RING.card)();
        let of = |spread| {
            let spec = DataSpec { values: [("spread".to_owned(), spread)].into(), ..DataSpec::default() };
            let made = (ring::RING.make)(&Wish { spec: &spec, seed: Seed(1) }).unwrap();
            let east = made.train.items().all_rows().chunks_exact(2).zip(made.train.labels()).filter(|it| *it.1 == 0);
            let off: Vec<f32> = east.filter_map(|(point, _)| point.last().copied()).collect();
            (off.iter().map(|y| y * y).sum::<f32>() / off.len() as f32).sqrt()
        };
        let default = card.parameters.first().unwrap().default;
        // Five standard errors of 400 numbers.
        assert!((of(default) / 0.1 - 1.0).abs() < 0.18 && (of(0.4) / 0.4 - 1.0).abs() < 0.18);
    }
}
