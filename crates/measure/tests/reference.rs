//! Agreement with an independent implementation; `reference/generate.py` says how the numbers were made.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use measure::{
    Features, Items,
    alignment::{self, Embedding as Rows, Fit, fit},
    backfill::{MixedIndex, Order},
    chance::expected_average_precision,
    knowledge::TaskScores,
    pairwise::{PairwiseSatisfaction, pairwise_satisfaction},
    projection::Pca,
    retrieve,
    samples::{Directions, Order as Power, coverage, median_distance, mmd_squared, modes, sliced_wasserstein},
    similarity::{linear_cka, linear_cka_debiased, mutual_knn},
    statistics::Summary,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

#[derive(Deserialize)]
struct Embedding {
    dim: usize,
    values: Vec<f32>,
}

impl Embedding {
    fn features(&self) -> Features<'_> {
        Features::new(&self.values, self.dim).unwrap()
    }
}

#[derive(Deserialize)]
struct Ranking {
    average_precision: Vec<Option<f64>>,
    top: Vec<Vec<u32>>,
    map: f64,
    cmc1: f64,
    cmc5: f64,
    recall10: f64,
    queries: usize,
}

fn read<T: DeserializeOwned>(key: &str) -> T {
    let file: Value = serde_json::from_str(include_str!("reference/reference.json")).unwrap();
    serde_json::from_value(file[key].clone()).unwrap()
}

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found} is not {expected}");
}

/// Ranks the gallery for the rows of `query` that `chosen` names and compares every number with the reference.
fn ranks_as_in(key: &str, query: &Embedding, gallery: &Embedding, chosen: impl Iterator<Item = usize>) {
    let (labels, ids): (Vec<u32>, Vec<u32>) = (read("labels"), read("ids"));
    let chosen: Vec<usize> = chosen.collect();
    let rows: Vec<f32> = chosen.iter().flat_map(|&row| query.features().row(row).unwrap().to_vec()).collect();
    let pick = |all: &[u32]| -> Vec<u32> { chosen.iter().map(|&row| all[row]).collect() };
    let (query_labels, query_ids) = (pick(&labels), pick(&ids));
    let queries = Items::new(Features::new(&rows, query.dim).unwrap(), &query_labels, &query_ids).unwrap();
    let gallery = Items::new(gallery.features(), &labels, &ids).unwrap();

    let (found, expected) = (retrieve(&queries, &gallery, 3).unwrap(), read::<Ranking>(key));
    let top: Vec<_> = found.queries.iter().map(|query| query.top.clone()).collect();
    assert_eq!(top, expected.top, "{key}");
    for (found, expected) in found.average_precisions().iter().zip(&expected.average_precision) {
        assert_eq!(found.is_some(), expected.is_some());
        close(found.unwrap_or(0.0), expected.unwrap_or(0.0), 1e-12, key);
    }
    let summary = found.summary().unwrap();
    assert_eq!((summary.queries, summary.ambiguous_queries), (expected.queries, 0));
    close(summary.map, expected.map, 1e-12, key);
    close(summary.cmc1, expected.cmc1, 1e-12, key);
    close(summary.cmc5, expected.cmc5, 1e-12, key);
    close(summary.recall10, expected.recall10, 1e-12, key);
}

#[test]
fn retrieval_within_and_across_widths() {
    let (old, new): (Embedding, Embedding) = (read("old"), read("new"));
    ranks_as_in("old_old", &old, &old, 0..32);
    ranks_as_in("new_old", &new, &old, 0..32);
    ranks_as_in("old_new", &old, &new, 0..32);
    ranks_as_in("every_third_query_new_new", &new, &new, (1..32).step_by(3));
}

#[test]
fn pairwise_fractions() {
    let (old, new): (Embedding, Embedding) = (read("old"), read("new"));
    let found = pairwise_satisfaction(&new.features(), &old.features(), &read::<Vec<u32>>("labels")).unwrap();
    let expected: PairwiseSatisfaction = read("pairwise");
    close(found.same_class.unwrap(), expected.same_class.unwrap(), 1e-12, "same class");
    close(found.different_class.unwrap(), expected.different_class.unwrap(), 1e-12, "different class");
}

#[test]
fn similarities() {
    let (old, new): (Embedding, Embedding) = (read("old"), read("new"));
    let (old, new) = (old.features(), new.features());
    close(linear_cka(&old, &new).unwrap(), read("cka_biased"), 1e-9, "biased CKA");
    close(linear_cka_debiased(&old, &new).unwrap(), read("cka_debiased"), 1e-9, "debiased CKA");
    close(mutual_knn(&old, &new, 4).unwrap(), read("mutual_knn_4"), 1e-12, "mutual k-NN");
}

#[test]
fn principal_components() {
    #[derive(Deserialize)]
    struct Reference {
        axes: Vec<f64>,
        explained_variance: Vec<f64>,
        explained_variance_ratio: Vec<f64>,
        coordinates: Vec<f64>,
    }
    let (old, new): (Embedding, Embedding) = (read("old"), read("new"));
    let (pca, expected): (_, Reference) = (Pca::fit(&old.features(), 3).unwrap(), read("pca"));
    let coordinates: Vec<f64> = pca.project(&new.features()).unwrap().iter().map(|&value| value.into()).collect();
    for (found, expected, what) in [
        (&pca.axes, &expected.axes, "axes"),
        (&pca.explained_variance, &expected.explained_variance, "variance"),
        (&pca.explained_variance_ratio, &expected.explained_variance_ratio, "ratio"),
        (&coordinates, &expected.coordinates, "coordinates"),
    ] {
        assert_eq!(found.len(), expected.len());
        found.iter().zip(expected).for_each(|(&found, &expected)| close(found, expected, 1e-6, what));
    }
}

#[test]
fn chance_and_intervals() {
    #[derive(Deserialize)]
    struct Chance {
        relevant: usize,
        gallery: usize,
        value: f64,
    }
    for Chance { relevant, gallery, value } in read::<Vec<Chance>>("chance_average_precision") {
        close(expected_average_precision(relevant, gallery).unwrap(), value, 1e-12, "chance");
    }
    #[derive(Deserialize)]
    struct Sample {
        values: Vec<f64>,
        deviation: f64,
        error: f64,
        low: f64,
        high: f64,
    }
    for sample in read::<Vec<Sample>>("intervals") {
        let found = Summary::of(&sample.values).unwrap();
        close(found.standard_deviation.unwrap(), sample.deviation, 1e-12, "deviation");
        close(found.standard_error.unwrap(), sample.error, 1e-12, "error");
        close(found.interval.unwrap().low, sample.low, 1e-7, "low");
        close(found.interval.unwrap().high, sample.high, 1e-7, "high");
    }
}

#[test]
fn adapters_in_both_directions() {
    #[derive(Deserialize)]
    struct Reference {
        matrix: Vec<f64>,
        r2: f64,
    }
    let (old, new): (Embedding, Embedding) = (read("old"), read("new"));
    let (old, new) = (Rows { model: "old", rows: old.features() }, Rows { model: "new", rows: new.features() });
    for (direction, from, to) in [("new_to_old", new, old), ("old_to_new", old, new)] {
        let expected: Value = read(direction);
        for (family, kind) in [
            ("translation", Fit::Translation),
            ("procrustes", Fit::Procrustes),
            ("scaled", Fit::ScaledProcrustes),
            ("affine", Fit::Affine { ridge: 0.0 }),
            ("ridge_3", Fit::Affine { ridge: 3.0 }),
            ("rank_2", Fit::LowRankAffine { rank: 2, ridge: 0.0 }),
            ("rank_2_ridge_3", Fit::LowRankAffine { rank: 2, ridge: 3.0 }),
        ] {
            let what = format!("{direction} {family}");
            let fitted = fit(kind, &from, &to).unwrap();
            let expected: Reference = serde_json::from_value(expected[family].clone()).unwrap();
            let found = fitted.adapter.matrix();
            assert_eq!(found.len(), expected.matrix.len(), "{what}");
            found.iter().zip(&expected.matrix).for_each(|(&found, &expected)| close(found, expected, 1e-9, &what));
            close(fitted.report.train_r2.unwrap(), expected.r2, 1e-9, &what);
            close(fitted.adapter.r_squared(&from, &to).unwrap().unwrap(), expected.r2, 1e-9, &what);
        }
    }
}

#[test]
fn interpolated_queries() {
    let (old, new): (Embedding, Embedding) = (read("old"), read("new"));
    let prefix = new.features().prefix(old.dim).unwrap();
    let found = alignment::slerp(0.3, &old.features(), &Features::new(&prefix, old.dim).unwrap()).unwrap();
    let expected: Vec<f64> = read("slerp_0.3");
    assert_eq!(found.len(), expected.len());
    found.iter().zip(&expected).for_each(|(&found, &expected)| close(found.into(), expected, 1e-6, "slerp"));
}

#[test]
fn backfill_with_single_and_dual_queries() {
    #[derive(Deserialize)]
    struct Reference {
        map: Vec<f64>,
        area: f64,
    }
    let (old, new): (Embedding, Embedding) = (read("old"), read("new"));
    let (labels, ids): (Vec<u32>, Vec<u32>) = (read("labels"), read("ids"));
    let (priority, fractions): (Vec<f64>, Vec<f64>) = (read("priority"), read("fractions"));
    let query = Items::new(new.features(), &labels, &ids).unwrap();
    let gallery = Items::new(old.features(), &labels, &ids).unwrap();
    let index = MixedIndex::new(query, gallery, new.features()).unwrap();
    for (key, index) in [("backfill", index), ("backfill_dual", index.with_old_query(old.features()).unwrap())] {
        let (found, expected): (_, Reference) =
            (index.backfill(&Order::Descending(&priority), &fractions).unwrap(), read(key));
        assert_eq!(found.points.len(), expected.map.len());
        for (point, &expected) in found.points.iter().zip(&expected.map) {
            close(point.scores.map, expected, 1e-12, key);
        }
        close(found.area(|scores| scores.map).unwrap(), expected.area, 1e-12, key);
    }
}

#[test]
fn generated_points_beside_real_ones() {
    #[derive(Deserialize)]
    struct Samples {
        dim: usize,
        real: Vec<f32>,
        generated: Vec<f32>,
        lines: Vec<f32>,
        w1: f64,
        w2: f64,
        bandwidth: f64,
        mmd: f64,
        mmd_narrow: f64,
        coverage: Vec<f64>,
        modes: Vec<usize>,
    }
    for expected in read::<Vec<Samples>>("samples") {
        let points = |values| Features::new(values, expected.dim).unwrap();
        let (real, generated) = (points(&expected.real), points(&expected.generated));
        let lines = Directions::new(&points(&expected.lines)).unwrap();
        for (order, distance) in [(Power::First, expected.w1), (Power::Second, expected.w2)] {
            close(sliced_wasserstein(&real, &generated, &lines, order).unwrap(), distance, 1e-12, "sliced Wasserstein");
        }
        close(median_distance(&real, &generated).unwrap(), expected.bandwidth, 1e-12, "median distance");
        for (bandwidth, mmd) in [(expected.bandwidth, expected.mmd), (0.25, expected.mmd_narrow)] {
            close(mmd_squared(&real, &generated, bandwidth).unwrap(), mmd, 1e-12, "MMD");
        }
        for (k, share) in [1, 2, 5].into_iter().zip(&expected.coverage) {
            close(coverage(&real, &generated, k).unwrap(), *share, 1e-12, "coverage");
        }
        let corner = |mode: usize, axis: usize| if mode >> (expected.dim - 1 - axis) & 1 == 1 { 1.0 } else { -1.0 };
        let centres: Vec<f32> =
            (0..1 << expected.dim).flat_map(|mode| (0..expected.dim).map(move |axis| corner(mode, axis))).collect();
        let found = modes(&generated, &points(&centres), 0.6).unwrap();
        assert_eq!([found.points, vec![found.outside]].concat(), expected.modes);
    }
}

#[test]
fn definitions_of_forgetting() {
    #[derive(Deserialize)]
    struct Knowledge {
        cells: Vec<f64>,
        untrained: Vec<f64>,
        average_accuracy: f64,
        first_minus_last: f64,
        best_minus_last: f64,
        backward_transfer: f64,
        forward_transfer: f64,
    }
    let expected: Knowledge = read("knowledge");
    let scores = TaskScores::from_cells(&expected.cells, expected.untrained.len()).unwrap();
    for (found, expected, what) in [
        (scores.average_accuracy(4), expected.average_accuracy, "average accuracy"),
        (scores.first_minus_last(4), expected.first_minus_last, "first minus last"),
        (scores.forgetting(4), expected.best_minus_last, "best minus last"),
        (scores.backward_transfer(4), expected.backward_transfer, "BWT"),
        (scores.forward_transfer(4, &expected.untrained), expected.forward_transfer, "FWT"),
    ] {
        close(found.unwrap(), expected, 1e-12, what);
    }
}
