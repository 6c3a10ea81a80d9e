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

use crate::{DataError, Dataset, Normalisation, Part, Provenance, Seed};

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
pub const WORLDS: &[&World] = &[&PARITY, &COUNT_MOD_THREE, &PERMUTATIONS];

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

/// Labelled points in the plane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Points {
    /// Coordinates, `[points, 2]` row-major.
    pub xy: Vec<f32>,
    /// Class of each point.
    pub classes: Vec<u32>,
}
