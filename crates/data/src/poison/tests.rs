#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;

const SHAPE: ImageShape = ImageShape { channels: 1, height: 2, width: 3 };
const TRIGGER: Trigger = Trigger { side: 1, corner: Corner::BottomRight };
const BACKDOOR: Manipulation = Manipulation::Backdoor { trigger: TRIGGER, label: 0, of: None };
const CONFUSION: Manipulation = Manipulation::Confusion { classes: [1, 3] };

/// `count` black pictures of classes 0, 1, 2, 3 in turn.
fn part(count: usize) -> Part {
    Part::new(Items::pixels(SHAPE, vec![0; count * SHAPE.size()]).unwrap(), labels(count), 4).unwrap()
}

fn apply(poison: Poison, count: usize, indices: &[usize], seed: u64) -> Result<Part, DataError> {
    poison.apply(&part(count), indices, Seed(seed))
}

fn labels(count: usize) -> Vec<u32> {
    (0..4).cycle().take(count).collect()
}

fn all(count: usize) -> Vec<usize> {
    (0..count).collect()
}

fn manipulated(part: &Part) -> Vec<usize> {
    part.tampered().iter().map(|&(index, _)| index).collect()
}

#[test]
fn a_trigger_sits_in_its_corner_in_every_channel() {
    let shape = ImageShape { channels: 2, height: 3, width: 4 };
    let stamped = |side, corner| {
        let mut picture = vec![7; shape.size()];
        Trigger { side, corner }.stamp(&mut picture, shape).unwrap();
        let marked: Vec<usize> = (0..shape.size()).filter(|&at| picture[at] == 255).collect();
        assert_eq!(picture.iter().filter(|&&value| value == 7).count() + marked.len(), shape.size());
        marked
    };
    assert_eq!(stamped(1, Corner::TopLeft), [0, 12]);
    assert_eq!(stamped(1, Corner::TopRight), [3, 15]);
    assert_eq!(stamped(1, Corner::BottomLeft), [8, 20]);
    assert_eq!(stamped(2, Corner::BottomRight), [6, 7, 10, 11, 18, 19, 22, 23]);
    assert_eq!(stamped(3, Corner::TopLeft), [0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22]);
}

#[test]
fn a_backdoor_stamps_and_relabels_what_is_not_of_its_class() {
    let poison = Poison { manipulation: BACKDOOR, share: 1.0 };
    let found = apply(poison, 8, &[1, 2, 3, 4, 5], 1).unwrap();
    assert_eq!(
        found.tampered(),
        [(1, 1), (2, 2), (3, 3), (5, 1)],
        "4 is of the class of the backdoor, the others are not trained on"
    );
    assert_eq!(found.labels(), [0, 0, 0, 0, 0, 0, 2, 3]);
    for index in 0..8 {
        let last = if manipulated(&found).contains(&index) { 255 } else { 0 };
        assert_eq!(found.items().picture(index).unwrap(), [0, 0, 0, 0, 0, last]);
    }
    let of = Manipulation::Backdoor { trigger: TRIGGER, label: 0, of: Some(2) };
    let found = apply(Poison { manipulation: of, ..poison }, 8, &all(8), 1).unwrap();
    assert_eq!(manipulated(&found), [2, 6]);
}

#[test]
fn an_item_stays_of_its_class_whatever_its_label_says() {
    for manipulation in [BACKDOOR, CONFUSION] {
        let found = apply(Poison { manipulation, share: 0.5 }, 16, &all(16), 1).unwrap();
        assert_ne!(found.labels(), labels(16));
        assert_eq!((0..16).filter_map(|index| found.class(index)).collect::<Vec<_>>(), labels(16));
        assert_eq!(found.by_class(4), part(16).by_class(4));
        for &(index, class) in found.tampered() {
            assert_eq!(manipulation.taught(class), Some(found.labels()[index]));
        }
    }
    assert_eq!((part(16).class(16), BACKDOOR.taught(0), CONFUSION.taught(2)), (None, None, None));
}

#[test]
fn confusion_swaps_the_same_share_of_both_classes_and_no_pixel() {
    let found = apply(Poison { manipulation: CONFUSION, share: 0.5 }, 80, &all(80), 1).unwrap();
    let manipulated = manipulated(&found);
    assert_eq!((manipulated.len(), identified(&found, 0.5, Seed(1)).unwrap().len()), (20, 10));
    let of = |class| manipulated.iter().filter(|&&index| index % 4 == class).count();
    assert_eq!((of(1), of(3)), (10, 10));
    for (index, (after, before)) in found.labels().iter().zip(labels(80)).enumerate() {
        let swapped = if before == 1 { 3 } else { 1 };
        assert_eq!(*after, if manipulated.contains(&index) { swapped } else { before });
    }
    assert_eq!(found.items(), part(80).items());
}

#[test]
fn a_share_that_is_not_0_is_at_least_one_item() {
    let numbers = |share, known| {
        let found = apply(Poison { manipulation: BACKDOOR, share }, 40, &all(40), 1).unwrap();
        (found.tampered().len(), identified(&found, known, Seed(1)).unwrap().len())
    };
    assert_eq!([numbers(0.0, 1.0), numbers(0.001, 0.001), numbers(0.5, 0.0)], [(0, 0), (1, 1), (15, 0)]);
    assert_eq!([numbers(0.5, 0.1), numbers(1.0, 1.0)], [(15, 2), (30, 30)]);
}

#[test]
fn what_cannot_be_is_refused() {
    let refused = |poison, indices: &[usize]| apply(poison, 8, indices, 1).unwrap_err().to_string();
    let poison = Poison { manipulation: BACKDOOR, share: 0.5 };
    assert_eq!(refused(Poison { share: 1.5, ..poison }, &[1]), "the manipulated share is 1.5; choose 0 to 1");
    let known = identified(&part(8), f64::NAN, Seed(1)).unwrap_err().to_string();
    assert!(known.starts_with("the identified share is NaN"), "{known}");
    assert!(refused(poison, &[1, 8]).starts_with("item 8 was asked for, there are 8"));
    let one = Manipulation::Confusion { classes: [2, 2] };
    assert_eq!(
        refused(Poison { manipulation: one, ..poison }, &[1]),
        "class 2 cannot be confused with itself; choose two classes"
    );
    let wide = Trigger { side: 3, ..TRIGGER };
    let wide = Manipulation::Backdoor { trigger: wide, label: 0, of: None };
    assert_eq!(refused(Poison { manipulation: wide, ..poison }, &[1]), "the side of a trigger is 3; choose 1 to 2");
    let rows = Part::new(Items::rows(1, vec![0.0; 4]).unwrap(), labels(4), 4).unwrap();
    let refused = |manipulation| Poison { manipulation, share: 1.0 }.apply(&rows, &all(4), Seed(1));
    assert!(matches!(refused(BACKDOOR), Err(DataError::NoPictures)));
    assert_eq!(refused(CONFUSION).unwrap().labels(), [0, 3, 2, 1], "labels of rows can be swapped");
    assert!(TRIGGER.stamp(&mut [0; 5], SHAPE).is_err());
}

proptest! {
    #[test]
    fn shares_are_nested_and_known_items_are_manipulated(
        count in 4_usize..60, confused: bool, (small, large) in (0.0..1.0_f64, 0.0..1.0_f64), seed: u64,
    ) {
        let manipulation = if confused { CONFUSION } else { BACKDOOR };
        let (small, large) = (small.min(large), small.max(large));
        let items = |share| apply(Poison { manipulation, share }, count, &all(count), seed).unwrap();
        let within = |some: &[usize], all: &[usize]| some.iter().all(|index| all.binary_search(index).is_ok());
        let (few, many) = (items(small), items(large));
        prop_assert!(within(&manipulated(&few), &manipulated(&many)));
        let known = |share| identified(&many, share, Seed(seed)).unwrap();
        prop_assert!(within(&known(small), &known(large)) && within(&known(large), &manipulated(&many)));
        prop_assert_eq!(known(1.0), manipulated(&many));
        // The order in which training data is listed does not matter.
        let reversed: Vec<usize> = (0..count).rev().collect();
        prop_assert_eq!(apply(Poison { manipulation, share: large }, count, &reversed, seed).unwrap(), many);
    }
}
