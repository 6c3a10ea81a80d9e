//! What holds for all families.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::{
    testing::{agreement, noise, pairs, quiet, semi_orthogonal, turned, unit},
    *,
};
use crate::Vectors;

/// Rows, and the same turned into another width with some noise.
fn related(count: usize, from: usize, to: usize) -> (Vectors, Vectors) {
    let x = unit(from, &noise(count * from, 1).iter().map(|number| number + 0.4).collect::<Vec<_>>());
    let y = turned(&x, &semi_orthogonal(from, to, 2), to);
    let y: Vec<f64> = y.iter().zip(noise(count * to, 3)).map(|(a, b)| a + 0.05 * b).collect();
    (x, unit(to, &y))
}

#[test]
fn families_are_named_once() {
    for family in Family::ALL {
        assert_eq!(serde_json::to_string(&family).unwrap(), format!("\"{}\"", family.id()));
        assert_eq!(Family::ALL.iter().filter(|other| other.name() == family.name()).count(), 1);
    }
    assert_eq!(Family::ALL.iter().filter(|family| family.closed_form()).count(), 5);
}

#[test]
fn every_family_maps_between_unequal_widths_both_ways() {
    for (from, to) in [(12, 12), (12, 20), (20, 12)] {
        let (x, y) = related(500, from, to);
        let rows: Vec<usize> = (0..400).collect();
        let fresh: Vec<usize> = (400..500).collect();
        let pairs = pairs(&x, &y, &rows);
        for family in Family::ALL {
            let map = fit(family, &pairs, 1, &mut quiet).unwrap();
            assert_eq!((map.family, map.from, map.to, map.fitted.pairs), (family, from, to, 400));
            assert_eq!((map.steps.first(), map.fitted.projected), (Some(&Step::Normalize), None));
            let reached = agreement(&map, &x.select(&fresh), &y.select(&fresh));
            // A translation knows of no turn, half of the directions do not hold all, and a turn into fewer dims is not the best map.
            let least = match family {
                Family::Translation => 0.0,
                Family::LowRank => 0.7,
                _ if from > to => 0.85,
                _ => 0.95,
            };
            assert!(reached > least, "{family:?} {from} {to}: {reached}");
            // The first step makes lengths of no account.
            let longer = Vectors::new(from, x.numbers().iter().map(|number| 7.0 * number).collect()).unwrap();
            let (a, b) = (map.apply(&x, &mut quiet).unwrap(), map.apply(&longer, &mut quiet).unwrap());
            assert!(a.numbers().iter().zip(b.numbers()).all(|(a, b)| (a - b).abs() < 1e-4), "{family:?}");
        }
    }
}

#[test]
fn four_pairs_are_enough_for_every_family() {
    let (x, y) = related(4, 6, 9);
    let rows: Vec<usize> = (0..4).collect();
    let pairs = pairs(&x, &y, &rows);
    for family in Family::ALL {
        let map = fit(family, &pairs, 1, &mut quiet).unwrap();
        assert_eq!(map.apply(&x, &mut quiet).unwrap().dims(), 9, "{family:?}");
    }
}

#[test]
fn constant_rows_are_undefined() {
    let rows: Vec<usize> = (0..40).collect();
    let (x, _) = related(40, 5, 5);
    let same = unit(5, &noise(5, 9).repeat(40));
    for (x, y) in [(&x, &same), (&same, &x)] {
        let pairs = pairs(x, y, &rows);
        for family in Family::ALL {
            let fitted = fit(family, &pairs, 1, &mut quiet);
            match family {
                Family::Translation => assert!(fitted.is_ok()),
                _ => assert!(matches!(fitted, Err(DecideError::Undefined { .. })), "{family:?}: {fitted:?}"),
            }
        }
    }
}

#[test]
fn a_pulse_breaks_every_fit_off() {
    let (x, y) = related(300, 40, 40);
    let rows: Vec<usize> = (0..300).collect();
    for family in Family::ALL {
        let pairs = pairs(&x, &y, &rows);
        let cancelled = fit(family, &pairs, 1, &mut |_| Err(DecideError::Cancelled));
        assert_eq!(cancelled, Err(DecideError::Cancelled), "{family:?}");
    }
    // Later on, too, and with a share that never falls.
    let pairs = pairs(&x, &y, &rows);
    let mut shares = Vec::new();
    let cancelled = fit(Family::Mlp, &pairs, 1, &mut |share| {
        shares.push(share);
        if shares.len() < 4 { Ok(()) } else { Err(DecideError::Cancelled) }
    });
    assert_eq!(cancelled, Err(DecideError::Cancelled));
    assert!(shares.is_sorted() && shares.len() == 4 && shares[0] == 0.0 && shares[3] <= 1.0, "{shares:?}");
}

#[test]
fn wide_rows_are_fitted_behind_a_projection() {
    // 30 and 24 numbers of which 6 vary; whole is what has up to 16.
    let narrow = noise(6 * 400, 4);
    let widened = |to: usize, seed: u64| {
        let turn = semi_orthogonal(6, to, seed);
        let rows = unit(6, &narrow);
        let mixed = turned(&rows, &turn, to);
        unit(to, &mixed.iter().zip(noise(400 * to, seed + 1)).map(|(a, b)| a + 0.01 * b).collect::<Vec<f64>>())
    };
    let (x, y) = (widened(30, 5), widened(24, 7));
    let rows: Vec<usize> = (0..350).collect();
    let fresh: Vec<usize> = (350..400).collect();
    let limits = Limits { whole: 16, axes: 10 };
    let pairs = Pairs::within(&x, &y, &rows, limits, &mut quiet).unwrap();
    assert_eq!(pairs.dims(), (10, 10));
    for family in Family::ALL {
        let map = fit(family, &pairs, 1, &mut quiet).unwrap();
        assert_eq!((map.from, map.to), (30, 24));
        if family != Family::Translation {
            assert_eq!(map.fitted.projected, Some(10), "{family:?}");
            let reached = agreement(&map, &x.select(&fresh), &y.select(&fresh));
            assert!(reached > if family == Family::LowRank { 0.8 } else { 0.98 }, "{family:?}: {reached}");
        }
        if let Some(held_out) = map.fitted.held_out.filter(|_| family == Family::Mlp) {
            let held = (x.select(pairs.held_rows()), y.select(pairs.held_rows()));
            assert!((agreement(&map, &held.0, &held.1) - held_out).abs() < 1e-5);
        }
    }
    // Of one wide side only that one is projected.
    let narrow = unit(6, &narrow);
    let pairs = Pairs::within(&narrow, &y, &rows, limits, &mut quiet).unwrap();
    let map = fit(Family::Ridge, &pairs, 1, &mut quiet).unwrap();
    assert_eq!((pairs.dims(), map.fitted.projected), ((6, 10), Some(10)));
    assert!(agreement(&map, &narrow.select(&fresh), &y.select(&fresh)) > 0.98);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_same_pairs_and_seed_give_the_same_map(
        from in 2_usize..9, to in 2_usize..9, count in 4_usize..30, seed in 0_u64..100,
    ) {
        let (x, y) = (unit(from, &noise(from * count, seed)), unit(to, &noise(to * count, seed + 1)));
        let rows: Vec<usize> = (0..count).collect();
        let families = [Family::Procrustes, Family::Ridge, Family::LowRank, Family::Clusters];
        let fitted = |order: &[Family]| {
            // Whichever family comes first makes what others share.
            let pairs = Pairs::new(&x, &y, &rows, &mut quiet).unwrap();
            order.iter().map(|&family| (family, fit(family, &pairs, seed, &mut quiet).unwrap())).collect::<Vec<_>>()
        };
        let (forwards, mut backwards) = (fitted(&families), fitted(&[families[3], families[2], families[1], families[0]]));
        backwards.reverse();
        prop_assert_eq!(&forwards, &backwards);
        for (family, map) in &forwards {
            let mapped = map.apply(&x, &mut quiet).unwrap();
            prop_assert_eq!((mapped.count(), mapped.dims()), (count, to), "{:?}", family);
        }
    }
}
