//! Properties that hold for every embedding, checked on random ones.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use measure::{
    Features, Items, Retrieval, RetrievalSummary,
    alignment::{Embedding, Fit, MiniVec2Vec, SlerpFusion, fit},
    backfill::{MixedIndex, Order},
    chance::chance_level,
    pairwise::pairwise_satisfaction,
    retrieve,
    samples::{self, Directions, coverage, median_distance, mmd_squared, sliced_wasserstein},
    similarity,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

const CLASSES: u32 = 4;

/// An owned labelled embedding; rows carry their index as identity.
#[derive(Debug, Clone)]
struct Set {
    values: Vec<f32>,
    dim: usize,
    labels: Vec<u32>,
    ids: Vec<u32>,
}

impl Set {
    fn features(&self) -> Features<'_> {
        Features::new(&self.values, self.dim).unwrap()
    }

    fn items(&self) -> Items<'_> {
        Items::new(self.features(), &self.labels, &self.ids).unwrap()
    }

    /// The rows in another order.
    fn reordered(&self, order: &[usize]) -> Self {
        let rows = self.features();
        Self {
            values: order.iter().flat_map(|&row| rows.row(row).unwrap().to_vec()).collect(),
            dim: self.dim,
            labels: order.iter().map(|&row| self.labels[row]).collect(),
            ids: order.iter().map(|&row| self.ids[row]).collect(),
        }
    }
}

fn rank(query: &Set, gallery: &Set) -> Retrieval {
    retrieve(&query.items(), &gallery.items(), 5).unwrap()
}

prop_compose! {
    /// Uniform noise, for which exact ties are out of the question.
    fn sets()(rows in 2_usize..40, dim in 2_usize..20, seed: u64) -> Set {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        Set {
            values: (0..rows * dim).map(|_| rng.random_range(-1.0..1.0)).collect(),
            dim,
            labels: (0..rows).map(|_| rng.random_range(0..CLASSES)).collect(),
            ids: (0..rows as u32).collect(),
        }
    }
}

fn shuffled(rows: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    order
}

fn in_unit_range(summary: &RetrievalSummary) -> bool {
    [summary.map, summary.cmc1, summary.cmc5, summary.recall10].iter().all(|rate| (0.0..=1.0).contains(rate))
}

proptest! {
    #[test]
    fn rates_stay_in_range(query in sets(), gallery in sets()) {
        let found = rank(&query, &gallery);
        prop_assert_eq!(found.queries.len(), query.labels.len());
        if let Some(summary) = found.summary() {
            prop_assert!(in_unit_range(&summary), "{:?}", summary);
            prop_assert!(summary.cmc1 <= summary.cmc5 && summary.map > 0.0);
            prop_assert_eq!(summary.queries, chance_level(&query.items(), &gallery.items()).unwrap().queries);
        } else {
            prop_assert_eq!(chance_level(&query.items(), &gallery.items()), None);
        }
    }

    #[test]
    fn the_order_of_the_gallery_does_not_matter(query in sets(), gallery in sets(), seed: u64) {
        let found = rank(&query, &gallery);
        prop_assume!(found.queries.iter().all(|query| !query.ambiguous));
        let reordered = rank(&query, &gallery.reordered(&shuffled(gallery.labels.len(), seed)));
        for (a, b) in found.queries.iter().zip(&reordered.queries) {
            prop_assert_eq!(&a.relevant_ranks, &b.relevant_ranks);
        }
    }

    #[test]
    fn reordering_the_queries_reorders_the_answers(query in sets(), gallery in sets(), seed: u64) {
        let order = shuffled(query.labels.len(), seed);
        let (found, reordered) = (rank(&query, &gallery), rank(&query.reordered(&order), &gallery));
        for (&row, answer) in order.iter().zip(&reordered.queries) {
            prop_assert_eq!(answer, &found.queries[row]);
        }
    }

    // Powers of two, because they are exact: any other factor may round two near-equal scores into another order.
    #[test]
    fn scaling_queries_leaves_every_rank_identical(query in sets(), gallery in sets(), seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut scaled = query.clone();
        for row in scaled.values.chunks_mut(query.dim) {
            let factor = 2.0_f32.powi(rng.random_range(-20..20));
            row.iter_mut().for_each(|value| *value *= factor);
        }
        prop_assert_eq!(rank(&query, &gallery), rank(&scaled, &gallery));
    }

    #[test]
    fn extra_dimensions_of_either_side_are_ignored(query in sets(), gallery in sets(), extra in 1_usize..5, seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut widen = |set: &Set| {
            let mut wide = set.clone();
            wide.dim += extra;
            wide.values = set.features().iter().flat_map(|row| {
                let mut row = row.to_vec();
                row.extend((0..extra).map(|_| rng.random_range(-9.0_f32..9.0)));
                row
            }).collect();
            wide
        };
        if query.dim <= gallery.dim {
            prop_assert_eq!(rank(&query, &gallery), rank(&query, &widen(&gallery)));
        }
        if gallery.dim <= query.dim {
            prop_assert_eq!(rank(&query, &gallery), rank(&widen(&query), &gallery));
        }
    }

    #[test]
    fn perfect_separation_scores_one(mut set in sets(), seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        set.dim = CLASSES as usize;
        set.values = set.labels.iter().flat_map(|&label| {
            let mut row: Vec<f32> = (0..CLASSES).map(|_| rng.random_range(-0.1..0.1)).collect();
            row[label as usize] += 1.0;
            row
        }).collect();
        if let Some(summary) = rank(&set, &set).summary() {
            prop_assert_eq!((summary.map, summary.cmc1), (1.0, 1.0));
        }
        let found = pairwise_satisfaction(&set.features(), &set.features(), &set.labels).unwrap();
        prop_assert!(found.same_class.unwrap_or(1.0) == 1.0 && found.different_class.unwrap_or(1.0) == 1.0);
    }

    #[test]
    fn similarities_are_symmetric_and_bounded(x in sets(), dim in 1_usize..9, seed: u64) {
        let rows = x.labels.len();
        prop_assume!(rows >= 4);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let y: Vec<f32> = (0..rows * dim).map(|_| rng.random_range(-1.0..1.0)).collect();
        let (x, y) = (x.features(), Features::new(&y, dim).unwrap());
        for measure in [similarity::linear_cka, similarity::linear_cka_debiased] {
            let (forth, back) = (measure(&x, &y).unwrap(), measure(&y, &x).unwrap());
            prop_assert!((forth - back).abs() < 1e-9 && forth.abs() <= 1.0 + 1e-9);
        }
        let shared = similarity::mutual_knn(&x, &y, 3).unwrap();
        prop_assert!((0.0..=1.0).contains(&shared) && shared == similarity::mutual_knn(&y, &x, 3).unwrap());
    }
}

proptest! {
    #[test]
    fn procrustes_keeps_inner_products(x in sets(), extra in 0_usize..5, seed: u64) {
        let (rows, dim) = (x.labels.len(), x.dim + extra);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let y: Vec<f32> = (0..rows * dim).map(|_| rng.random_range(-1.0..1.0)).collect();
        let source = Embedding { model: "new", rows: x.features() };
        let target = Embedding { model: "old", rows: Features::new(&y, dim).unwrap() };
        let adapter = fit(Fit::Procrustes, &source, &target).unwrap().adapter;
        let mapped = adapter.apply(&source).unwrap();
        let centred = |values: &[f32], mean: &[f64]| -> Vec<Vec<f64>> {
            let centre = |row: &[f32]| row.iter().zip(mean).map(|(&value, mean)| f64::from(value) - mean).collect();
            values.chunks(mean.len()).map(centre).collect()
        };
        let (before, after) = (centred(&x.values, adapter.source_mean()), centred(&mapped, adapter.target_mean()));
        let product = |rows: &[Vec<f64>], i: usize, j: usize| rows[i].iter().zip(&rows[j]).map(|(a, b)| a * b).sum::<f64>();
        for (i, j) in (0..rows).map(|i| (i, (i * 7 + 3) % rows)) {
            prop_assert!((product(&before, i, j) - product(&after, i, j)).abs() < 1e-4);
        }
    }

    // Few distinct small integers: repeated rows, constant columns and singular scatter come up all the time.
    #[test]
    fn every_fit_of_degenerate_rows_is_finite_or_refused(
        (source, target) in (1_usize..7, 1_usize..7), rows in 1_usize..12, levels in 1_u8..4, scale in -30_i32..30, seed: u64,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut values = |count: usize| -> Vec<f32> {
            (0..count).map(|_| f32::from(rng.random_range(0..levels)) * 2.0_f32.powi(scale)).collect()
        };
        let (x, y) = (values(rows * source), values(rows * target));
        let x = Embedding { model: "new", rows: Features::new(&x, source).unwrap() };
        let y = Embedding { model: "old", rows: Features::new(&y, target).unwrap() };
        for kind in [
            Fit::Translation,
            Fit::Procrustes,
            Fit::ScaledProcrustes,
            Fit::Affine { ridge: 0.0 },
            Fit::Affine { ridge: 1.0 },
            Fit::LowRankAffine { rank: 1, ridge: 0.0 },
        ] {
            match fit(kind, &x, &y) {
                Ok(fitted) => {
                    let mapped = fitted.adapter.apply(&x).unwrap();
                    prop_assert!(mapped.len() == rows * target && mapped.iter().all(|value| value.is_finite()));
                    let report = fitted.report;
                    prop_assert!(report.train_r2.is_none_or(|r2| r2.is_finite() && r2 <= 1.0), "{:?} {:?}", kind, report);
                    prop_assert!(report.held_out_r2.is_none_or(f64::is_finite), "{:?} {:?}", kind, report);
                    if kind != Fit::Translation {
                        prop_assert!(report.train_r2.is_none_or(|r2| kind == Fit::Procrustes || r2 >= -1e-9), "{:?} {:?}", kind, report);
                    }
                }
                Err(error) => prop_assert!(!error.to_string().contains("converge"), "{:?}: {}", kind, error),
            }
        }
    }

    #[test]
    fn maps_beside_the_closed_forms_stay_finite_too(
        (source, target) in (1_usize..6, 1_usize..6), rows in 1_usize..12, levels in 1_u8..4, seed: u64,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut values = |count: usize| -> Vec<f32> { (0..count).map(|_| f32::from(rng.random_range(0..levels))).collect() };
        let (x, y) = (values(rows * source), values(rows * target));
        let x = Embedding { model: "new", rows: Features::new(&x, source).unwrap() };
        let y = Embedding { model: "old", rows: Features::new(&y, target).unwrap() };
        let finite = |values: &[f32]| values.len() == rows * target && values.iter().all(|value| value.is_finite());
        let labels: Vec<u32> = (0..3).cycle().take(rows).collect();
        if let Ok(fusion) = SlerpFusion::fit(&x, &y, &labels) {
            prop_assert!((0.0..=1.0).contains(&fusion.a) && finite(&fusion.fuse(&x, &y).unwrap()));
        }
        let method = MiniVec2Vec { clusters: 3, runs: 2, neighbours: 2, steps: 2, sample: 9, seed };
        match method.fit(&x, &y) {
            Ok(adapter) => prop_assert!(finite(&adapter.apply(&x).unwrap())),
            Err(error) => prop_assert!(!error.to_string().contains("converge"), "{}", error),
        }
    }

    #[test]
    fn a_backfill_ends_where_retrieval_does_and_stays_in_range(new in sets(), width in 1_usize..9, seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let old: Vec<f32> = (0..new.labels.len() * width).map(|_| f32::from(rng.random_range(-2_i8..3))).collect();
        let old = Set { values: old, dim: width, ..new.clone() };
        let index = MixedIndex::new(new.items(), old.items(), new.features()).unwrap();
        for order in [Order::Random { seed }, Order::FarthestFromClassMean] {
            let curve = index.backfill(&order, &[0.0, 0.3, 0.7, 1.0]).unwrap();
            prop_assert!(curve.points.iter().all(|point| in_unit_range(&point.scores)));
            let ends = (curve.points.first().map(|point| point.scores), curve.points.last().map(|point| point.scores));
            prop_assert_eq!(ends, (rank(&new, &old).summary(), rank(&new, &new).summary()));
            if let (Some(area), Some(dip)) = (curve.area(|scores| scores.map), curve.dip(|scores| scores.map)) {
                prop_assert!((0.0..=1.0).contains(&area) && (-1.0..=0.0).contains(&dip));
            }
        }
    }
}

#[test]
fn random_embeddings_score_at_chance() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let rows = 600;
    let noise = Set {
        values: (0..rows * 32).map(|_| rng.random_range(-1.0..1.0)).collect(),
        dim: 32,
        labels: (0..rows).map(|_| rng.random_range(0..10)).collect(),
        ids: (0..rows as u32).collect(),
    };
    let (found, chance) =
        (rank(&noise, &noise).summary().unwrap(), chance_level(&noise.items(), &noise.items()).unwrap());
    assert!((found.map - chance.map).abs() < 0.003, "{found:?} {chance:?}");
    assert!((found.recall10 - chance.recall10).abs() < 0.003 && (found.cmc5 - chance.cmc5).abs() < 0.06);
}

/// A cloud of as many points as asked for.
fn cloud(points: usize, dim: usize, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..points * dim).map(|_| rng.random_range(-1.0..1.0)).collect()
}

proptest! {
    #[test]
    fn distances_between_samples_are_distances(
        (n, m, dim) in (2_usize..30, 2_usize..30, 1_usize..5), seed: u64, shift in -2.0_f32..2.0,
    ) {
        let (x, y, lines) = (cloud(n, dim, seed), cloud(m, dim, seed ^ 1), cloud(6, dim, seed ^ 2));
        fn rows(values: &[f32], dim: usize) -> Features<'_> {
            Features::new(values, dim).unwrap()
        }
        let (x, y, lines) = (rows(&x, dim), rows(&y, dim), Directions::new(&rows(&lines, dim)).unwrap());
        for order in [samples::Order::First, samples::Order::Second] {
            let distance =
                |left: &Features, right: &Features| sliced_wasserstein(left, right, &lines, order).unwrap();
            prop_assert_eq!(distance(&x, &x), 0.0);
            prop_assert!((distance(&x, &y) - distance(&y, &x)).abs() < 1e-12);
            // Moving both leaves the distance; single precision rounds the moved points.
            let moved = |set: &Features| -> Vec<f32> { set.values().iter().map(|value| value + shift).collect() };
            let (moved_x, moved_y) = (moved(&x), moved(&y));
            prop_assert!((distance(&rows(&moved_x, dim), &rows(&moved_y, dim)) - distance(&x, &y)).abs() < 1e-5);
            // Moving one costs at most how far it moved, along the diagonal.
            let length = f64::from(shift.abs()) * (dim as f64).sqrt();
            prop_assert!(distance(&x, &rows(&moved_x, dim)) <= length + 1e-5);
        }
        let far = |order| sliced_wasserstein(&x, &y, &lines, order).unwrap();
        prop_assert!(far(samples::Order::First) <= far(samples::Order::Second) + 1e-12, "W1 is at most W2");
        let bandwidth = median_distance(&x, &y).unwrap();
        let mmd = |left, right| mmd_squared(left, right, bandwidth).unwrap();
        prop_assert!((mmd(&x, &y) - mmd(&y, &x)).abs() < 1e-12 && mmd(&x, &y) <= 2.0);
        prop_assert!(mmd(&x, &x) <= 1e-12, "a set beside itself is never told apart");
    }

    #[test]
    fn coverage_grows_with_the_ball_and_with_the_sample(
        (n, m) in (3_usize..30, 1_usize..30), seed: u64, radius in 0.0_f64..1.0,
    ) {
        let (real, generated) = (cloud(n, 2, seed), cloud(m, 2, seed ^ 1));
        let plane = |values| Features::new(values, 2).unwrap();
        let more = [&generated[..], &real[..2]].concat();
        let (real, generated, more) = (plane(&real), plane(&generated), plane(&more));
        let mut last = 0.0;
        for k in 1..n {
            let share = coverage(&real, &generated, k).unwrap();
            prop_assert!((last..=1.0).contains(&share));
            prop_assert!(coverage(&real, &more, k).unwrap() >= share.max(1.0 / n as f64));
            last = share;
        }
        prop_assert_eq!(coverage(&real, &real, 1).unwrap(), 1.0);
        let found = samples::modes(&generated, &real, radius).unwrap();
        prop_assert_eq!(found.total(), m);
        prop_assert!(found.shares().iter().sum::<f64>() <= 1.0 + 1e-12 && found.reached() <= n.min(m));
    }
}
