#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::retrieve;

const TENTHS: [f64; 11] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

fn noise(rows: usize, dim: usize, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..rows * dim).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn features(values: &[f32], dim: usize) -> Features<'_> {
    Features::new(values, dim).unwrap()
}

fn map(scores: &RetrievalSummary) -> f64 {
    scores.map
}

#[test]
fn the_ends_are_the_cross_test_and_the_self_test() {
    let labels: Vec<u32> = (0..7).cycle().take(50).collect();
    let ids: Vec<u32> = (0..50).collect();
    let (old, new) = (noise(50, 5, 1), noise(50, 8, 2));
    // Equal rows tie, and must tie alike.
    let old: Vec<f32> = old.iter().map(|value| value.round()).collect();
    let (old, new) = (features(&old, 5), features(&new, 8));
    let items = |rows| Items::new(rows, &labels, &ids).unwrap();
    let index = MixedIndex::new(items(new), items(old), new).unwrap();
    let ends = |index: MixedIndex| {
        let curve = index.backfill(&Order::Random { seed: 1 }, &[0.0, 1.0]).unwrap();
        (curve.points[0].scores, curve.points[1].scores)
    };
    let cell = |query, gallery| retrieve(&items(query), &items(gallery), 0).unwrap().summary().unwrap();
    assert_eq!(ends(index), (cell(new, old), cell(new, new)));
    assert!(cell(new, old).ambiguous_queries > 0);
    let dual = index.with_old_query(old).unwrap();
    assert_eq!(ends(dual), (cell(old, old), cell(new, new)));
}

#[test]
fn a_mixed_list_worked_out_by_hand() {
    // Cosines with the one query: old gallery .8 (relevant), .6; new gallery .28 (relevant), .96, the old model being narrower.
    let query = [1.0, 0.0, 0.0];
    let (old, new) = ([0.8, 0.6, 0.6, 0.8], [0.28, 0.96, 0.0, 0.96, 0.0, 0.28]);
    let query = Items::new(features(&query, 3), &[5], &[9]).unwrap();
    let gallery = Items::new(features(&old, 2), &[5, 6], &[0, 1]).unwrap();
    let index = MixedIndex::new(query, gallery, features(&new, 3)).unwrap();
    let curve = |order| index.backfill(&order, &[0.0, 0.5, 1.0]).unwrap();
    let scores = |curve: &BackfillCurve| curve.points.iter().map(|point| point.scores.map).collect::<Vec<_>>();
    // The relevant item first: .28 against .6. The other first: .8 against .96.
    let (relevant, other) = (curve(Order::Descending(&[2.0, 1.0])), curve(Order::Descending(&[1.0, 2.0])));
    assert_eq!((scores(&relevant), scores(&other)), (vec![1.0, 0.5, 0.5], vec![1.0, 0.5, 0.5]));
    assert_eq!(relevant.points.iter().map(|point| point.reembedded).collect::<Vec<_>>(), [0, 1, 2]);
    // (1 + .5) / 2 over the first half, .5 over the second.
    assert!((relevant.area(map).unwrap() - 0.625).abs() < 1e-12);
    assert_eq!(relevant.dip(map), Some(0.0));
    // A dual query that the old items answer otherwise: the relevant one is now behind.
    let dual = index.with_old_query(features(&[0.0, 1.0], 2)).unwrap();
    let dual = dual.backfill(&Order::Descending(&[2.0, 1.0]), &[0.0, 1.0]).unwrap();
    assert_eq!(scores(&dual), [0.5, 0.5]);
}

#[test]
fn models_whose_scores_do_not_mix_dip_in_the_middle_and_a_dual_query_does_not_mend_it() {
    // Each gallery is perfect for its own queries, with 0.5 and 0 between old rows of the same and of different classes. Between new ones it
    // is 1 and 0.99: a stranger that is re-embedded passes every relative that is not.
    let (rows, classes) = (60, 6);
    let labels: Vec<u32> = (0..classes).cycle().take(rows).collect();
    let ids: Vec<u32> = (0..rows as u32).collect();
    let space = |dim: usize, other: &dyn Fn(usize) -> usize, value: f32| -> Vec<f32> {
        let mut values = vec![0.0; rows * dim];
        for (item, row) in values.chunks_mut(dim).enumerate() {
            row[labels[item] as usize] = 1.0;
            row[other(item)] = value;
        }
        values
    };
    let (old, new) = (space(66, &|item| 6 + item, 1.0), space(7, &|_| 6, 9.0));
    let (old, new) = (features(&old, 66), features(&new, 7));
    let items = |rows| Items::new(rows, &labels, &ids).unwrap();
    let index = MixedIndex::new(items(new), items(old), new).unwrap().with_old_query(old).unwrap();
    let curve = index.backfill(&Order::Random { seed: 3 }, &TENTHS).unwrap();
    assert_eq!((curve.points[0].scores.map, curve.points[10].scores.map), (1.0, 1.0));
    assert!(curve.dip(map).unwrap() < -0.05 && curve.area(map).unwrap() < 1.0);
    // One space on both sides mixes perfectly.
    let same = MixedIndex::new(items(old), items(old), old).unwrap();
    let same = same.backfill(&Order::Random { seed: 3 }, &TENTHS).unwrap();
    assert_eq!((same.dip(map), same.area(map)), (Some(0.0), Some(1.0)));
}

#[test]
fn orders_by_hand() {
    // Class 0 at 0, 0 and 90 degrees: the mean lies nearer to the first two. Class 1 is alone in its place, at any length.
    let rows = [3.0, 0.0, 1.0, 0.0, 0.0, 1.0, -7.0, 0.0];
    let gallery = Items::new(features(&rows, 2), &[0, 0, 0, 1], &[0, 1, 2, 3]).unwrap();
    let turns = |order: Order| order.turns(&gallery).unwrap();
    assert_eq!(turns(Order::FarthestFromClassMean), [1, 2, 0, 3]);
    assert_eq!(turns(Order::Descending(&[0.5, f64::NAN, 0.5, 9.0])), [2, 0, 3, 1]);
    assert_eq!(turns(Order::Random { seed: 1 }), turns(Order::Random { seed: 1 }));
    assert!((2..9).any(|seed| turns(Order::Random { seed }) != turns(Order::Random { seed: 1 })));
    let short = Order::Descending(&[0.5]).turns(&gallery).unwrap_err();
    assert_eq!(short.to_string(), "numbers to order the backfill by: 1 given for 4; pass exactly one for each");
}

#[test]
fn input_that_does_not_fit_is_named() {
    let (rows, other) = (noise(6, 2, 1), noise(5, 2, 2));
    let items = Items::new(features(&rows, 2), &[0, 0, 0, 1, 1, 1], &[0, 1, 2, 3, 4, 5]).unwrap();
    assert!(MixedIndex::new(items, items, features(&other, 2)).is_err());
    let index = MixedIndex::new(items, items, features(&rows, 2)).unwrap();
    assert!(index.with_old_query(features(&other, 2)).is_err());
    let order = Order::Random { seed: 0 };
    for (fractions, sentence) in [
        (&[0.0, 1.5][..], "a re-embedded fraction is 1.5; choose 0 to 1"),
        (&[0.5, 0.25], "a re-embedded fraction is 0.25; choose 0.5 to 1"),
        (&[f64::NAN], "a re-embedded fraction is NaN; choose 0 to 1"),
    ] {
        assert_eq!(index.backfill(&order, fractions).unwrap_err().to_string(), sentence);
    }
    let single = index.backfill(&order, &[0.5]).unwrap();
    assert_eq!((single.area(map), single.dip(map), single.points.len()), (None, Some(0.0), 1));
    // Nobody has a match.
    let strangers = Items::new(features(&rows, 2), &[7; 6], &[6; 6]).unwrap();
    let nothing = MixedIndex::new(strangers, items, features(&rows, 2)).unwrap().backfill(&order, &TENTHS).unwrap();
    assert_eq!((nothing.points.len(), nothing.area(map), nothing.dip(map)), (0, None, None));
}
