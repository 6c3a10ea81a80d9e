//! What a stage of a scenario sees of the training part.

use std::collections::BTreeMap;

use protocol::{Parameter, Values};

use crate::{DataError, Dataset, Seed, TrainSubset};

/// Id of the setting that says with which class a stage begins.
const FIRST: &str = "first";

/// What can be said of a stage on labelled items beyond its number of classes and its share of them.
#[must_use]
pub fn sees_of_labelled() -> Vec<Parameter> {
    vec![Parameter::integer(
        FIRST,
        "First class",
        (0, 98),
        0,
        "Number, from 0, of the class with which its own begin: of earlier ones it sees what it rehearses alone, as where tasks come one \
         after the other.",
    )]
}

/// What a stage asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// Classes, items and share.
    pub subset: TrainSubset,
    /// Number of the class with which its own begin.
    pub first: usize,
    /// Classes that the stage before knew: the first so many.
    pub known: usize,
    /// Items kept per class from before, as a memory; 0 keeps all of those from `first` on, and none before.
    pub rehearsal: usize,
}

impl Wanted {
    /// The class with which a stage begins that sees this.
    #[must_use]
    pub fn first(sees: &Values) -> usize {
        // Settled values are whole and at least 0.
        sees.get(FIRST).map_or(0, |&first| first.clamp(0.0, 65_535.0) as usize)
    }
}

/// Indices into the training part, in the order of [`TrainSubset::indices`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slice {
    /// All that the stage is trained on.
    pub seen: Vec<usize>,
    /// Those of them that it remembers from before.
    pub memory: Vec<usize>,
    /// What it is to forget: it is not trained on any of these.
    pub forget: Vec<usize>,
}

impl Slice {
    /// What a stage sees of `dataset`.
    ///
    /// # Errors
    /// As [`TrainSubset::indices`]; [`DataError::FirstClass`] if no class is its own.
    pub fn new(dataset: &Dataset, wanted: Wanted, seed: Seed) -> Result<Self, DataError> {
        let Wanted { subset, first, known, rehearsal } = wanted;
        if first >= subset.classes {
            return Err(DataError::FirstClass { first, classes: subset.classes });
        }
        let mut slice = Self::default();
        let mut kept: BTreeMap<u32, usize> = BTreeMap::new();
        for index in subset.indices(dataset, seed)? {
            let Some(&label) = dataset.train.labels().get(index) else { continue };
            let class = label as usize;
            // What no stage before saw cannot be remembered: branches of one model know nothing of each other's classes.
            if class < first && class >= known {
                continue;
            }
            if class < first || (rehearsal > 0 && class < known) {
                let count = kept.entry(label).or_default();
                *count += 1;
                if *count > rehearsal {
                    continue;
                }
                slice.memory.push(index);
            }
            slice.seen.push(index);
        }
        Ok(slice)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Items, Normalisation, Part, Provenance};

    /// Three items of each of four classes.
    fn dataset() -> Dataset {
        let labels: Vec<u32> = (0..12).map(|item| item % 4).collect();
        let part = Part::new(Items::rows(1, vec![0.0; 12]).unwrap(), labels, 4).unwrap();
        Dataset {
            id: String::new(),
            name: String::new(),
            class_names: vec![String::new(); 4],
            normalisation: Normalisation::of(part.items()),
            train: part.clone(),
            test: part,
            given: Vec::new(),
            provenance: Provenance {
                package: String::new(),
                package_version: String::new(),
                licence: String::new(),
                copyright: String::new(),
                homepage: String::new(),
            },
        }
    }

    /// How many items of each class are seen, and how many are remembered.
    fn counts(first: usize, known: usize, rehearsal: usize) -> ([usize; 4], usize) {
        let dataset = dataset();
        let subset = TrainSubset { classes: 4, per_class: 3, fraction: 1.0 };
        let slice = Slice::new(&dataset, Wanted { subset, first, known, rehearsal }, Seed(1)).unwrap();
        let of = |class: u32| slice.seen.iter().filter(|&&item| dataset.train.labels()[item] == class).count();
        ([0, 1, 2, 3].map(of), slice.memory.len())
    }

    #[test]
    fn a_stage_sees_its_own_classes_and_what_it_rehearses() {
        assert_eq!(counts(0, 0, 0), ([3, 3, 3, 3], 0));
        assert_eq!(counts(0, 2, 0), ([3, 3, 3, 3], 0), "0 keeps all");
        assert_eq!(counts(0, 2, 1), ([1, 1, 3, 3], 2));
        assert_eq!(counts(2, 2, 0), ([0, 0, 3, 3], 0), "a task of its own");
        assert_eq!(counts(2, 2, 2), ([2, 2, 3, 3], 4));
        assert_eq!(counts(2, 3, 1), ([1, 1, 1, 3], 3));
        assert_eq!(counts(3, 1, 1), ([1, 0, 0, 3], 1), "the stage before knew one class alone");
    }

    #[test]
    fn a_stage_without_a_class_of_its_own_is_refused() {
        let subset = TrainSubset { classes: 2, per_class: 3, fraction: 1.0 };
        let refused = Slice::new(&dataset(), Wanted { subset, first: 2, known: 0, rehearsal: 0 }, Seed(1));
        let sentence = refused.unwrap_err().to_string();
        assert_eq!(
            sentence,
            "the first class of a stage is number 2, counted from 0, but it sees only the first 2; choose at most 1"
        );
    }

    #[test]
    fn the_setting_is_read_as_it_was_described() {
        let values = Values::from([(FIRST.to_owned(), 4.0)]);
        assert_eq!((Wanted::first(&values), Wanted::first(&Values::new())), (4, 0));
    }
}
