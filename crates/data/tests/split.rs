//! Properties of the seeded subsets, over small datasets in which every picture is unique.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::collections::HashSet;

use data::{DataError, Dataset, ImageShape, Items, Normalisation, Part, Provenance, Seed, TestSubset, TrainSubset};
use proptest::prelude::*;

const CLASSES: usize = 4;
const PER_CLASS: usize = 12;

/// Classes take turns; the pixels of a picture are its number, counted through both parts.
fn dataset() -> Dataset {
    let part = |first: usize| {
        let numbers = first..first + CLASSES * PER_CLASS;
        let pixels = numbers.clone().map(|number| number as u8).collect();
        let images = Items::pixels(ImageShape { channels: 1, height: 1, width: 1 }, pixels).unwrap();
        Part::new(images, numbers.map(|number| (number % CLASSES) as u32).collect(), CLASSES).unwrap()
    };
    let train = part(0);
    Dataset {
        id: "toy".into(),
        name: "Toy".into(),
        class_names: (0..CLASSES).map(|class| class.to_string()).collect(),
        normalisation: Normalisation::of(train.items()),
        given: Vec::new(),
        train,
        test: part(CLASSES * PER_CLASS),
        provenance: Provenance {
            package: "none".into(),
            package_version: "0".into(),
            licence: "CC0-1.0".into(),
            copyright: "none".into(),
            homepage: String::new(),
        },
    }
}

fn per_class(part: &Part, indices: &[usize]) -> [usize; CLASSES] {
    let mut counts = [0; CLASSES];
    for &index in indices {
        counts[part.labels()[index] as usize] += 1;
    }
    counts
}

#[test]
fn a_subset_takes_turns_between_its_classes() {
    let dataset = dataset();
    let indices = TrainSubset { classes: 3, per_class: 10, fraction: 0.3 }.indices(&dataset, Seed(1)).unwrap();
    let labels: Vec<u32> = indices.iter().map(|&index| dataset.train.labels()[index]).collect();
    assert_eq!(labels, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
}

#[test]
fn a_class_that_has_fewer_gives_all_it_has() {
    let dataset = dataset();
    let count = |fraction| {
        let indices = TrainSubset { classes: CLASSES, per_class: 50, fraction }.indices(&dataset, Seed(1)).unwrap();
        per_class(&dataset.train, &indices)
    };
    assert_eq!((count(1.0), count(0.5)), ([PER_CLASS; CLASSES], [PER_CLASS / 2; CLASSES]));
    let test = TestSubset { per_class: 50 }.indices(&dataset, Seed(1)).unwrap();
    assert_eq!(per_class(&dataset.test, &test), [PER_CLASS; CLASSES]);
}

#[test]
fn subsets_never_change() {
    let dataset = dataset();
    let train = TrainSubset { classes: 2, per_class: 3, fraction: 1.0 }.indices(&dataset, Seed(1)).unwrap();
    let test = TestSubset { per_class: 2 }.indices(&dataset, Seed(1)).unwrap();
    assert_eq!(train, [0, 25, 28, 37, 12, 17]);
    assert_eq!(test, [29, 28, 2, 27, 46, 11, 17, 24]);
}

#[test]
fn what_the_dataset_does_not_have_is_refused_in_a_sentence() {
    let dataset = dataset();
    let say = |classes, per_class, fraction| {
        TrainSubset { classes, per_class, fraction }.indices(&dataset, Seed(1)).unwrap_err().to_string()
    };
    assert_eq!(say(5, 1, 1.0), "5 classes were asked for, the dataset has 4; ask for 1 to 4");
    assert_eq!(
        say(1, 0, 1.0),
        "0 items per class were asked for, class 0 has 12; ask for at least 1 of classes that have some"
    );
    assert_eq!(say(1, 1, f32::NAN), "the fraction of the training data must be above 0 and at most 1, found NaN");
    assert!(matches!(
        TestSubset { per_class: 0 }.indices(&dataset, Seed(1)),
        Err(DataError::PerClass { asked: 0, .. })
    ));
}

prop_compose! {
    fn subset()(classes in 1..=CLASSES, per_class in 1..=PER_CLASS, fraction in 0.01f32..=1.0) -> TrainSubset {
        TrainSubset { classes, per_class, fraction }
    }
}

proptest! {
    #[test]
    fn smaller_subsets_lie_within_larger_ones(a in subset(), b in subset(), seed: u64) {
        let dataset = dataset();
        let within = TrainSubset {
            classes: a.classes.min(b.classes), per_class: a.per_class.min(b.per_class), fraction: a.fraction.min(b.fraction),
        };
        let small = within.indices(&dataset, Seed(seed)).unwrap();
        let large: HashSet<usize> = a.indices(&dataset, Seed(seed)).unwrap().into_iter().collect();
        prop_assert!(small.iter().all(|index| large.contains(index)));
    }

    #[test]
    fn a_fraction_is_the_beginning_of_the_whole(part in subset(), seed: u64) {
        let dataset = dataset();
        let whole = TrainSubset { fraction: 1.0, ..part }.indices(&dataset, Seed(seed)).unwrap();
        prop_assert!(whole.starts_with(&part.indices(&dataset, Seed(seed)).unwrap()));
    }

    #[test]
    fn every_class_has_its_share_and_no_item_comes_twice(part in subset(), seed: u64) {
        let dataset = dataset();
        let indices = part.indices(&dataset, Seed(seed)).unwrap();
        let share = ((part.per_class as f64 * f64::from(part.fraction)).round() as usize).max(1);
        let counts = per_class(&dataset.train, &indices);
        let expected: [usize; CLASSES] = std::array::from_fn(|class| if class < part.classes { share } else { 0 });
        prop_assert_eq!(counts, expected);
        prop_assert_eq!(indices.iter().collect::<HashSet<_>>().len(), indices.len());
    }

    #[test]
    fn test_items_are_balanced_and_never_training_items(per_class_asked in 1..=PER_CLASS, seed: u64) {
        let dataset = dataset();
        let test = TestSubset { per_class: per_class_asked }.indices(&dataset, Seed(seed)).unwrap();
        prop_assert_eq!(per_class(&dataset.test, &test), [per_class_asked; CLASSES]);
        let train = TrainSubset { classes: CLASSES, per_class: PER_CLASS, fraction: 1.0 }.indices(&dataset, Seed(seed)).unwrap();
        let pixels = |part: &Part, indices: &[usize]| -> HashSet<u8> {
            indices.iter().map(|&index| part.items().picture(index).unwrap()[0]).collect()
        };
        let (train, test_pixels) = (pixels(&dataset.train, &train), pixels(&dataset.test, &test));
        prop_assert_eq!(test_pixels.len(), test.len());
        prop_assert!(train.is_disjoint(&test_pixels));
    }
}

/// The first position of each class in the list must be spread evenly over seeds: position tells
/// nothing about class.
#[test]
fn the_order_of_test_items_carries_no_class() {
    let dataset = dataset();
    let mut firsts = [0; CLASSES];
    for seed in 0..400 {
        let first = TestSubset { per_class: PER_CLASS }.indices(&dataset, Seed(seed)).unwrap()[0];
        firsts[dataset.test.labels()[first] as usize] += 1;
    }
    // 100 expected of each; five standard deviations are 43.
    assert!(firsts.iter().all(|count| (57..=143).contains(count)), "{firsts:?}");
}
