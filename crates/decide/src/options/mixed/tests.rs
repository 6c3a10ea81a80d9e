#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use proptest::prelude::*;

use super::{
    testing::{labelled, near, noise, search},
    *,
};
use crate::{
    Case,
    maps::{Family, Step},
    options::Settings,
};

fn quiet(_: f64) -> Result<(), DecideError> {
    Ok(())
}

/// Two unrelated models' 60 documents and 12 queries; the new one's queries are near what they ask for.
fn unrelated() -> Case {
    let relevant: Vec<usize> = (0..12).map(|query| query * 5).collect();
    let new = noise(60, 7, 3);
    let queries = near(&new.select(&relevant), 0.3, 4);
    search([noise(60, 5, 1), noise(12, 5, 2)], [new, queries], &relevant)
}

fn hits(pairs: &[(u32, f32)]) -> Vec<Hit> {
    pairs.iter().map(|&(document, score)| Hit { document, score }).collect()
}

fn documents(ranking: &Ranking, query: usize) -> Vec<u32> {
    ranking.of(query).iter().map(|hit| hit.document).collect()
}

#[test]
fn the_ends_are_staying_and_the_full_re_index() {
    let labels: Vec<u32> = (0..5).cycle().take(60).collect();
    let settings = Settings { k: 3, depth: 20, ..Settings::default() };
    for case in [unrelated(), labelled(noise(60, 5, 1), noise(60, 8, 2), &labels)] {
        let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
        let points = mixed(&bench, None, &mut quiet).unwrap();
        let mean = |ranking| bench.bootstrap.mean(&bench.scores(Metric::deciding(&case), ranking)).unwrap();
        let (first, last) = (&points[0], &points[6]);
        assert_eq!((first.raw, first.calibrated, first.bridged), (mean(&bench.stay), mean(&bench.stay), None));
        assert_eq!((last.raw, last.calibrated, last.bridged), (mean(&bench.full), mean(&bench.full), None));
        assert_ne!(first.raw, last.raw);
        assert_eq!(points.iter().map(|point| point.percent).collect::<Vec<_>>(), PERCENTS);
    }
}

#[test]
fn what_the_ends_leave_out_would_have_said_the_same() {
    let case = unrelated();
    let settings = Settings { k: 3, depth: 20, ..Settings::default() };
    let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
    let plan = Plan::new(&bench, 3);
    let old = plan.source(false, &bench.old_queries, Some(&bench.stay), &mut quiet).unwrap();
    let new = plan.source(true, &bench.new_queries, Some(&bench.full), &mut quiet).unwrap();
    for (step, done, end) in [(0, 0, &bench.stay), (6, 60, &bench.full)] {
        let stale = plan.lists(&old, done, &mut quiet).unwrap();
        let fresh = plan.lists(&new, done, &mut quiet).unwrap();
        let calibrated = merged((&stale, old.scales(step)), (&fresh, new.scales(step)), 3);
        for query in 0..12 {
            assert_eq!(documents(&calibrated, query), documents(end, query)[..3]);
        }
    }
}

#[test]
fn one_model_twice_is_mixed_without_loss() {
    // On one scale raw scores of any mixture are those of the whole, and so is a bridge that changes nothing.
    let relevant: Vec<usize> = (0..12).map(|query| query * 5).collect();
    let model = || [noise(60, 6, 1), noise(12, 6, 2)];
    let case = search(model(), model(), &relevant);
    let settings = Settings { k: 10, depth: 20, ..Settings::default() };
    let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
    let same = Map {
        family: Family::Translation,
        from: 6,
        to: 6,
        steps: vec![Step::Add(vec![0.0; 6])],
        fitted: crate::maps::Fitted::default(),
    };
    let points = mixed(&bench, Some(&same), &mut quiet).unwrap();
    assert!(points.iter().all(|point| point.raw == points[0].raw));
    assert!(points.iter().all(|point| point.bridged == Some(point.calibrated)), "{points:?}");
}

#[test]
fn lists_of_a_part_are_exact_where_the_ranking_of_all_is_too_short() {
    let labels: Vec<u32> = (0..5).cycle().take(60).collect();
    let settings = Settings { k: 3, depth: 4, ..Settings::default() };
    for case in [unrelated(), labelled(noise(60, 5, 1), noise(60, 8, 2), &labels)] {
        let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
        let plan = Plan::new(&bench, 3);
        let mut source = plan.source(true, &bench.new_queries, Some(&bench.full), &mut quiet).unwrap();
        // Once out of a deep ranking with gaps, once out of one that hardly serves any query.
        for _ in 0..2 {
            for done in plan.done {
                let lists = plan.lists(&source, done, &mut quiet).unwrap();
                for (query, list) in lists.iter().enumerate() {
                    let part = plan.order.part(done, true).iter().copied();
                    let others = part.filter(|&document| plan.own(query) != Some(document));
                    let row = bench.new_queries.row(query);
                    let score = |document: usize| Hit {
                        document: document as u32,
                        score: bench.new.score(row, document as u32),
                    };
                    let mut best: Vec<Hit> = others.map(score).collect();
                    best.sort_by(|&a, &b| before(a, b));
                    best.truncate(3);
                    let found: Vec<u32> = list.iter().map(|hit| hit.document).collect();
                    assert_eq!(found, best.iter().map(|hit| hit.document).collect::<Vec<_>>(), "{done} {query}");
                    assert!(list.iter().zip(&best).all(|(a, b)| (a.score - b.score).abs() < 1e-5));
                }
            }
            source.ranking = Cow::Borrowed(&bench.full);
        }
    }
}

#[test]
fn lists_merged_by_hand() {
    let (old, new) = (vec![hits(&[(0, 0.9), (1, 0.8)])], vec![hits(&[(2, 0.3), (3, 0.1)])]);
    let raw = merged((&old, &[]), (&new, &[]), 3);
    assert_eq!(raw.of(0), hits(&[(0, 0.9), (1, 0.8), (2, 0.3)]));
    // Old scores are .8 with a deviation of .1, new ones .1 with .1: 1 and 0 against 2 and 0.
    let (high, low) = ([Scale { mean: 0.8, deviation: 0.1 }], [Scale { mean: 0.1, deviation: 0.1 }]);
    let calibrated = merged((&old, &high), (&new, &low), 2);
    assert_eq!(documents(&calibrated, 0), [2, 0]);
}

#[test]
fn scales_by_hand() {
    let scale = Scale::of(&[1.0, 2.0, 3.0, 6.0]);
    // Squares of 2, 1, 0 and 3 are 14 in all.
    assert_eq!((scale.mean, scale.deviation), (3.0, 3.5_f64.sqrt()));
    assert_eq!(Scale::of(&[f64::from(0.9_f32); 3]).deviation, 1.0, "equal scores have no scale");
    assert_eq!(Scale::of(&[]), Scale::RAW);
    assert_eq!(Scale::RAW.place(0.3) as f32, 0.3);
}

#[test]
fn the_order_is_kept_as_more_is_re_embedded() {
    let order = Order::new(1000, 4);
    assert_eq!(PERCENTS.map(|percent| order.done(percent)), [0, 100, 250, 500, 750, 900, 1000]);
    assert_eq!(order.part(250, true)[..100], *order.part(100, true));
    for new in [false, true] {
        let part = order.part(250, new);
        assert!((0..1000).all(|document| part.contains(&document) == order.holds(250, new, document)));
        // What stands for a part lies in it, and where the part is smaller, as much of it as the part has.
        let drawn = order.drawn(new);
        assert_eq!(drawn.len(), DRAWN);
        assert!(drawn.iter().all(|&document| order.holds(400, new, document)));
        let tenth = if new { 100 } else { 900 };
        assert!(drawn.iter().take(100).all(|&document| order.holds(tenth, new, document)));
    }
    assert_ne!(Order::new(1000, 5).documents, order.documents);
}

#[test]
fn calibrated_scores_let_new_documents_up_beside_a_model_whose_scores_are_all_high() {
    // Old cosines lie above .99 and say nothing. A new query has .89 with its document and 0 with a deviation of .18 with others.
    let cone = |vectors: Vectors| Vectors::new(8, vectors.numbers().iter().map(|x| x + 10.0).collect()).unwrap();
    let new = noise(200, 32, 1);
    let relevant: Vec<usize> = (0..200).collect();
    let queries = near(&new, 0.5, 2);
    let case = search([cone(noise(200, 8, 3)), cone(noise(200, 8, 4))], [new, queries], &relevant);
    let settings = Settings { k: 10, depth: 100, ..Settings::default() };
    let points = mixed(&Workbench::new(&case, &settings, &mut quiet).unwrap(), None, &mut quiet).unwrap();
    let half = points.iter().find(|point| point.percent == 50).unwrap();
    assert!(half.raw.value < 0.1, "{half:?}");
    assert!(half.calibrated.value > 0.35, "{half:?}");
    assert!(points[6].raw.value > 0.9);
}

#[test]
fn a_bridge_to_elsewhere_is_refused_and_a_cancelled_curve_ends() {
    let case = unrelated();
    let settings = Settings { k: 3, depth: 20, ..Settings::default() };
    let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
    let astray = Map {
        family: Family::Translation,
        from: 7,
        to: 7,
        steps: vec![Step::Add(vec![0.0; 7])],
        fitted: crate::maps::Fitted::default(),
    };
    let error = mixed(&bench, Some(&astray), &mut quiet).unwrap_err();
    assert!(error.to_string().contains("7 dims and the old index has 5"), "{error}");
    let mut left = 3;
    let cancelled = mixed(&bench, None, &mut |_| {
        left -= 1;
        if left > 0 { Ok(()) } else { Err(DecideError::Cancelled) }
    });
    assert_eq!(cancelled, Err(DecideError::Cancelled));
}

proptest! {
    #[test]
    fn raw_scores_merge_as_one_ranking(
        scores in prop::collection::vec((0_u8..6, any::<bool>()), 0..12),
        need in 1_usize..14,
    ) {
        let all: Vec<(bool, Hit)> = (0..).zip(&scores).map(|(document, &(score, new))| {
            (new, Hit { document, score: f32::from(score) })
        }).collect();
        let part = |which: bool| {
            let mut part: Vec<Hit> = all.iter().filter(|(new, _)| *new == which).map(|&(_, hit)| hit).collect();
            part.sort_by(|&a, &b| before(a, b));
            part.truncate(need);
            part
        };
        let (old, new) = (vec![part(false)], vec![part(true)]);
        let mut together: Vec<Hit> = all.iter().map(|&(_, hit)| hit).collect();
        together.sort_by(|&a, &b| before(a, b));
        together.truncate(need);
        let ranking = merged((&old, &[]), (&new, &[]), need);
        prop_assert_eq!(ranking.of(0), &together[..]);
    }
}
