//! What a stage of a scenario sees of the training part.

use std::collections::BTreeMap;

use protocol::{Parameter, Read, Values};

use crate::{DataError, Dataset, Seed, TrainSubset, identified};

/// Id of the setting that says with which class a stage begins.
const FIRST: &str = "first";
/// Id of the setting that says how much of what was tampered with is known.
const IDENTIFIED: &str = "identified";

/// What can be said of a stage on labelled items beyond its number of classes and its share of them.
#[must_use]
pub fn sees_of_labelled() -> Vec<Parameter> {
    let first = Parameter::integer(
        FIRST,
        "First class",
        (0, 98),
        0,
        "Number, from 0, of the class with which its own begin: of earlier ones it sees what it rehearses alone, as where tasks come one \
         after the other.",
    );
    vec![first.counting_classes()]
}

/// What can be said of a stage on pictures, which someone may have tampered with.
#[must_use]
pub fn sees_of_tampered() -> Vec<Parameter> {
    let mut sees = sees_of_labelled();
    let identified = Parameter::real(
        IDENTIFIED,
        "Identified",
        (0.0, 1.0, 0.05),
        0.0,
        "Share of the images that were tampered with which is known by now: the stage is trained on none of these.",
    );
    sees.push(identified.only_where(Read::Probes));
    sees
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
    /// The part of what was tampered with that is known, 0 to 1: what is to be forgotten.
    pub identified: f64,
}

impl Wanted {
    /// What makes a stage one that sees nothing that was tampered with.
    #[must_use]
    pub fn nothing_tampered_with() -> Values {
        Values::from([(IDENTIFIED.to_owned(), 1.0)])
    }

    /// The part of what was tampered with that is known to a stage that sees this.
    #[must_use]
    pub fn identified(sees: &Values) -> f64 {
        sees.get(IDENTIFIED).copied().unwrap_or_default()
    }

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
    /// As [`TrainSubset::indices`] and [`identified`]; [`DataError::FirstClass`] if no class is its own.
    pub fn new(dataset: &Dataset, wanted: Wanted, seed: Seed) -> Result<Self, DataError> {
        let Wanted { subset, first, known, rehearsal, identified: share } = wanted;
        if first >= subset.classes {
            return Err(DataError::FirstClass { first, classes: subset.classes });
        }
        let to_forget = identified(&dataset.train, share, seed)?;
        let mut slice = Self::default();
        let mut kept: BTreeMap<u32, usize> = BTreeMap::new();
        for index in subset.indices(dataset, seed)? {
            // By what an item is, not by its label: someone may have changed that.
            let Some(own) = dataset.train.class(index) else { continue };
            let class = own as usize;
            // What no stage before saw cannot be remembered: branches of one model know nothing of each other's classes.
            if class < first && class >= known {
                continue;
            }
            let is_memory = class < first || (rehearsal > 0 && class < known);
            if is_memory {
                let count = kept.entry(own).or_default();
                *count += 1;
                if *count > rehearsal {
                    continue;
                }
            }
            if to_forget.binary_search(&index).is_ok() {
                slice.forget.push(index);
                continue;
            }
            if is_memory {
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
    use crate::{Items, Manipulation, Part, Poison, testing};

    /// Three items of each of four classes.
    fn dataset() -> Dataset {
        let labels: Vec<u32> = (0..12).map(|item| item % 4).collect();
        let part = Part::new(Items::rows(1, vec![0.0; 12]).unwrap(), labels, 4).unwrap();
        testing::dataset(part, vec![String::new(); 4])
    }

    /// How many items of each class are seen, and how many are remembered.
    fn counts(first: usize, known: usize, rehearsal: usize) -> ([usize; 4], usize) {
        let dataset = dataset();
        let subset = TrainSubset { classes: 4, per_class: 3, fraction: 1.0 };
        let slice = Slice::new(&dataset, Wanted { subset, first, known, rehearsal, identified: 0.0 }, Seed(1)).unwrap();
        assert_eq!(slice.forget, [0; 0], "nobody tampered with anything");
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
        let wanted = Wanted { subset, first: 2, known: 0, rehearsal: 0, identified: 0.0 };
        let refused = Slice::new(&dataset(), wanted, Seed(1));
        let sentence = refused.unwrap_err().to_string();
        assert_eq!(
            sentence,
            "the first class of a stage is number 2, counted from 0, but it sees only the first 2; choose at most 1"
        );
    }

    #[test]
    fn what_is_known_is_to_be_forgotten_and_the_rest_is_seen() {
        let manipulation = Manipulation::Confusion { classes: [1, 2] };
        let clean = dataset();
        let poisoned = Poison { manipulation, share: 1.0 }.apply(&clean.train, &[0, 1, 2, 5, 6], Seed(1)).unwrap();
        let tampered: Vec<usize> = poisoned.tampered().iter().map(|&(index, _)| index).collect();
        assert_eq!(tampered, [1, 2, 5, 6]);
        let dataset = Dataset { train: poisoned, ..clean.clone() };
        let slice = |dataset: &Dataset, rehearsal, identified| {
            let subset = TrainSubset { classes: 4, per_class: 3, fraction: 1.0 };
            Slice::new(dataset, Wanted { subset, first: 0, known: 2, rehearsal, identified }, Seed(1)).unwrap()
        };
        for rehearsal in [0, 2] {
            let before = slice(&clean, rehearsal, 0.0);
            assert_eq!(slice(&dataset, rehearsal, 0.0), before, "what is not known is seen");
            let mut last = 0;
            for identified in [0.25, 0.5, 1.0] {
                let after = slice(&dataset, rehearsal, identified);
                assert!(after.forget.iter().all(|index| tampered.contains(index) && !after.seen.contains(index)));
                assert!(after.memory.iter().all(|index| after.seen.contains(index)));
                let mut all = [after.seen, after.forget.clone()].concat();
                let mut seen = before.seen.clone();
                all.sort_unstable();
                seen.sort_unstable();
                assert_eq!(all, seen, "nothing else goes");
                assert!(after.forget.len() >= last);
                last = after.forget.len();
            }
            let rest = slice(&dataset, rehearsal, 1.0).seen;
            assert!(rest.iter().all(|index| !tampered.contains(index)));
        }
    }

    #[test]
    fn the_settings_are_read_as_they_were_described() {
        let values = Values::from([(FIRST.to_owned(), 4.0), (IDENTIFIED.to_owned(), 0.5)]);
        assert_eq!((Wanted::first(&values), Wanted::first(&Values::new())), (4, 0));
        assert_eq!((Wanted::identified(&values), Wanted::identified(&Values::new())), (0.5, 0.0));
        assert_eq!(Wanted::identified(&Wanted::nothing_tampered_with()), 1.0);
        let described: Vec<String> = sees_of_tampered().into_iter().map(|it| it.id).collect();
        assert_eq!(described, [FIRST, IDENTIFIED]);
    }
}
