#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use proptest::prelude::*;

use super::*;
use crate::{
    Case, Vectors,
    options::{
        Settings,
        mixed::testing::{near, noise, search},
    },
};

fn quiet(_: f64) -> Result<(), DecideError> {
    Ok(())
}

/// The same rows in a space whose axes are in the opposite order.
fn turned(rows: &Vectors) -> Vectors {
    let numbers = rows.rows().flat_map(|row| row.iter().rev().copied());
    Vectors::new(rows.dims(), numbers.collect()).unwrap()
}

/// 150 documents, the first 20 asked for; the old space is the new one turned.
fn rotated() -> Case {
    let new = noise(150, 6, 1);
    let relevant: Vec<usize> = (0..20).collect();
    let queries = near(&new.select(&relevant), 0.3, 2);
    search([turned(&new), turned(&queries)], [new, queries], &relevant)
}

/// Eight subjects of 24 documents, each with three dims of its own; 12 documents of the first are asked for.
fn subjects() -> Case {
    let noise = noise(192, 3, 5);
    let numbers = noise.rows().enumerate().flat_map(|(document, row)| {
        let mut numbers = [0.0; 24];
        for (number, noise) in numbers[document / 24 * 3..].iter_mut().zip(row) {
            *number = 1.0 + 0.3 * noise;
        }
        numbers
    });
    let new = Vectors::new(24, numbers.collect()).unwrap();
    let relevant: Vec<usize> = (0..12).collect();
    let queries = new.select(&relevant);
    search([turned(&new), turned(&queries)], [new, queries], &relevant)
}

#[test]
fn numbers_of_pairs_double_up_to_all() {
    assert_eq!(sizes(300, 0.0), [64, 128, 256, 300]);
    assert_eq!(sizes(256, 0.0), [64, 128, 256]);
    assert_eq!(sizes(65, 0.0), [64, 65]);
    assert_eq!((sizes(64, 0.0), sizes(40, 0.0)), (vec![64], vec![40]));
    assert_eq!(sizes(300, 1e12), [64, 256, 300]);
    assert!(sizes(1, 0.0).is_empty() && sizes(0, 0.0).is_empty());
}

#[test]
fn the_last_point_is_the_bridge_fitted_on_all_pairs() {
    let case = rotated();
    let settings = Settings::default();
    let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
    for direction in [Direction::Queries, Direction::Gallery] {
        let points = pairs(&bench, Family::Procrustes, direction, None, &mut quiet).unwrap();
        let curve: Vec<&Point> = points.iter().take(3).collect();
        assert_eq!(curve.iter().map(|point| point.pairs).collect::<Vec<_>>(), [64, 128, 130]);
        assert!(curve.iter().all(|point| (point.family, point.direction) == (Family::Procrustes, direction)));
        let (x, y) = bridges::sides(&bench, direction);
        let sums = maps::Pairs::new(x, y, &bench.fit_rows, &mut quiet).unwrap();
        let map = maps::fit(Family::Procrustes, &sums, settings.seed, &mut quiet).unwrap();
        let ranking = bridges::search(&bench, direction, &map, 100, &mut quiet).unwrap();
        let scores = bench.scores(Metric::Mrr, &ranking);
        assert_eq!(Some(curve[2].mean), bench.bootstrap.mean(&scores));
        let known = pairs(&bench, Family::Procrustes, direction, Some(&ranking), &mut quiet).unwrap();
        assert_eq!(known, points, "whoever knows it finds nothing else");
        // A turn is found exactly, and nothing is lost.
        assert!(curve.iter().all(|point| point.retention.unwrap().value > 0.99), "{points:?}");
    }
}

#[test]
fn the_subject_of_the_queries_is_held_out() {
    let case = subjects();
    let settings = Settings::default();
    let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
    let held_out = HeldOut::new(&bench, &mut quiet).unwrap().unwrap();
    assert_eq!(held_out.inside, [true; 12]);
    assert_eq!(held_out.rows, bench.fit_rows.iter().copied().filter(|&row| row >= 24).collect::<Vec<_>>());
    assert_eq!(held_out.rows.len(), 168);
}

#[test]
fn pairs_of_other_subjects_are_no_help_where_the_subject_has_dims_of_its_own() {
    let case = subjects();
    let settings = Settings::default();
    let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
    let points = pairs(&bench, Family::Ridge, Direction::Queries, None, &mut quiet).unwrap();
    let [.., any, others] = &points[..] else { panic!("{points:?}") };
    assert_eq!((any.pairs, any.domain, others.pairs, others.domain), (168, false, 168, true));
    // Without its dims all queries are mapped to one point, and ten of 12 are found at best: (1 + 1/2 + ... + 1/10) / 12 = .244.
    assert!(others.mean.value < 0.25, "{others:?}");
    assert!(any.mean.value > others.mean.value + 0.15, "{any:?}");
    assert!(points[..points.len() - 1].iter().all(|point| !point.domain));
}

#[test]
fn what_a_query_is_about_is_its_best_document_or_itself() {
    let mut case = rotated();
    let settings = Settings::default();
    let Relevance::Judged(lists) = &mut case.relevance else { panic!() };
    lists[3] = vec![(7, 1.0), (9, 2.0), (8, 2.0)];
    lists[0].clear();
    {
        let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
        // Query 0 is not judged, so the third that is asked is query 3.
        assert_eq!(subject(&bench, 2), case.new.documents.row(9));
        assert_eq!(subject(&bench, 0), case.new.documents.row(1));
    }
    case.relevance = Relevance::Unknown;
    let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
    assert_eq!(subject(&bench, 2), bench.new_queries.row(2));
    let points = pairs(&bench, Family::Ridge, Direction::Queries, None, &mut quiet).unwrap();
    // Nothing agrees with the full re-index more than it does itself.
    let shares = points.iter().all(|point| point.retention == Some(point.mean));
    assert!(shares && points.len() >= 3, "{points:?}");
}

#[test]
fn few_pairs_hold_nothing_out_and_a_cancelled_curve_ends() {
    let case = rotated();
    let settings = Settings { pairs: 100, ..Settings::default() };
    let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
    let points = pairs(&bench, Family::Procrustes, Direction::Queries, None, &mut quiet).unwrap();
    assert_eq!(points.iter().map(|point| (point.pairs, point.domain)).collect::<Vec<_>>(), [(64, false), (100, false)]);
    for after in [0.0, 0.3] {
        let cancelled = pairs(&bench, Family::Procrustes, Direction::Queries, None, &mut |share| {
            if share >= after { Err(DecideError::Cancelled) } else { Ok(()) }
        });
        assert_eq!(cancelled, Err(DecideError::Cancelled));
    }
}

#[test]
fn scores_outside_are_left_out() {
    let scores = vec![Some(0.5), None, Some(0.25)];
    assert_eq!(only(None, scores.clone()), scores);
    assert_eq!(only(Some(&[true, true, false][..]), scores), [Some(0.5), None, None]);
}

proptest! {
    #[test]
    fn samples_are_nested(all in 0_usize..1000) {
        let rows: Vec<usize> = (0..all).rev().collect();
        let samples: Vec<&[usize]> = sizes(all, 0.0).iter().map(|&size| sample(&rows, size)).collect();
        for (less, more) in samples.iter().zip(samples.iter().skip(1)) {
            prop_assert!(less.len() < more.len() && more.starts_with(less));
        }
        prop_assert!(samples.last().is_none_or(|last| **last == rows[..]));
    }
}
