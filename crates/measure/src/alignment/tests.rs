#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use nalgebra::DVector;
use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::{Features, Items, chance::chance_level, retrieve};

fn noise(rows: usize, dim: usize, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..rows * dim).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn embedding<'a>(model: &'a str, values: &'a [f32], dim: usize) -> Embedding<'a> {
    Embedding { model, rows: Features::new(values, dim).unwrap() }
}

/// A random orthogonal matrix, `[dim, dim]`.
fn rotation(dim: usize, seed: u64) -> DMatrix<f64> {
    let values = noise(dim, dim, seed).into_iter().map(f64::from);
    procrustes::nearest_orthogonal(&DMatrix::from_iterator(dim, dim, values)).unwrap().0
}

/// `scale * rows * matrix + shift`, row-major.
fn mapped(rows: &[f32], matrix: &DMatrix<f64>, scale: f64, shift: f64) -> Vec<f32> {
    let rows = DMatrix::from_row_iterator(
        rows.len() / matrix.nrows(),
        matrix.nrows(),
        rows.iter().map(|&value| f64::from(value)),
    );
    let mapped = (rows * matrix * scale).add_scalar(shift);
    mapped.transpose().iter().map(|&value| value as f32).collect()
}

fn near(found: &[f64], expected: &[f64], tolerance: f64) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= tolerance)
}

fn near_rows(found: &[f32], expected: &[f32], tolerance: f32) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= tolerance)
}

/// `W` of an adapter.
fn matrix(adapter: &Adapter) -> DMatrix<f64> {
    DMatrix::from_row_slice(adapter.source_mean().len(), adapter.target_mean().len(), adapter.matrix())
}

const ALL: [Fit; 5] = [
    Fit::Translation,
    Fit::Procrustes,
    Fit::ScaledProcrustes,
    Fit::Affine { ridge: 0.0 },
    Fit::LowRankAffine { rank: 1, ridge: 0.0 },
];

#[test]
fn the_way_back_of_a_rotation_is_its_transpose() {
    let (dim, turn) = (8, rotation(8, 2));
    let x = noise(200, dim, 1);
    let y = mapped(&x, &turn, 1.0, 0.3);
    let (new, old) = (embedding("new", &x, dim), embedding("old", &y, dim));
    let there = fit(Fit::Procrustes, &new, &old).unwrap().adapter;
    let back = fit(Fit::Procrustes, &old, &new).unwrap().adapter;
    assert!(near(matrix(&back).transpose().as_slice(), matrix(&there).as_slice(), 1e-9));
}

#[test]
fn each_family_recovers_a_map_of_its_own_kind() {
    let dim = 8;
    let x = noise(200, dim, 1);
    let (turn, any) = (rotation(dim, 2), DMatrix::from_row_slice(dim, dim, &noise(dim, dim, 3)).cast::<f64>());
    for (kind, truth, scale) in [
        (Fit::Translation, DMatrix::identity(dim, dim), 1.0),
        (Fit::Procrustes, turn.clone(), 1.0),
        (Fit::ScaledProcrustes, turn, 2.5),
        (Fit::Affine { ridge: 0.0 }, any.clone(), 1.0),
        (Fit::LowRankAffine { rank: dim, ridge: 0.0 }, any, 1.0),
    ] {
        let y = mapped(&x, &truth, scale, 0.3);
        let Fitted { adapter, report } = fit(kind, &embedding("v2", &x, dim), &embedding("v1", &y, dim)).unwrap();
        assert!((matrix(&adapter) - truth * scale).abs().max() < 1e-5, "{kind:?}");
        assert!(near_rows(&adapter.apply(&embedding("v2", &x, dim)).unwrap(), &y, 1e-5), "{kind:?}");
        assert!(report.train_r2.unwrap() > 1.0 - 1e-9 && report.held_out_r2.unwrap() > 1.0 - 1e-9, "{kind:?}");
        assert_eq!((report.pairs, report.warning), (200, None));
    }
}

#[test]
fn a_fit_worked_out_by_hand() {
    // Centred x: (-1, 0), (1, 0), (0, -2), (0, 2); y is x turned by 90 degrees, doubled and moved to (5, 7).
    let (x, y) = ([0.0, 3.0, 2.0, 3.0, 1.0, 1.0, 1.0, 5.0], [5.0, 5.0, 5.0, 9.0, 9.0, 7.0, 1.0, 7.0]);
    let (x, y) = (embedding("v2", &x, 2), embedding("v1", &y, 2));
    let fitted = |kind| fit(kind, &x, &y).unwrap();
    let turned = fitted(Fit::Procrustes);
    assert!(near(turned.adapter.matrix(), &[0.0, 1.0, -1.0, 0.0], 1e-12));
    assert_eq!((turned.adapter.source_mean(), turned.adapter.target_mean()), (&[1.0, 3.0][..], &[5.0, 7.0][..]));
    // Half of every length is missing, so a quarter of the squares is.
    assert!((turned.report.train_r2.unwrap() - 0.75).abs() < 1e-12);
    assert!(near(fitted(Fit::ScaledProcrustes).adapter.matrix(), &[0.0, 2.0, -2.0, 0.0], 1e-12));
    // X'X = diag(2, 8), X'Y = [[0, 4], [-16, 0]].
    assert!(near(fitted(Fit::Affine { ridge: 2.0 }).adapter.matrix(), &[0.0, 1.0, -1.6, 0.0], 1e-12));
    // Of the two directions of y the first carries 32 of the 40 squares.
    let line = fitted(Fit::LowRankAffine { rank: 1, ridge: 0.0 });
    assert!(near(line.adapter.matrix(), &[0.0, 0.0, -2.0, 0.0], 1e-12));
    assert!((line.report.train_r2.unwrap() - 0.8).abs() < 1e-12);
    // Four pairs leave none to hold out, and are few for two dimensions.
    assert_eq!(line.report.held_out_r2, None);
    assert!(line.report.warning.unwrap().starts_with("4 pairs are few for 2 dimensions: "));
}

#[test]
fn procrustes_is_orthogonal_in_every_shape_and_rank() {
    for (source, target, rows) in [(6, 6, 50), (9, 5, 50), (4, 7, 50), (6, 6, 3), (8, 3, 2), (1, 1, 2)] {
        let (x, y) = (noise(rows, source, 7), noise(rows, target, 8));
        let fitted = fit(Fit::Procrustes, &embedding("v2", &x, source), &embedding("v1", &y, target)).unwrap();
        let w = matrix(&fitted.adapter);
        let gram = if source >= target { w.transpose() * &w } else { &w * w.transpose() };
        let identity = DMatrix::identity(gram.nrows(), gram.nrows());
        assert!((gram - identity).abs().max() < 1e-12, "{source} to {target} from {rows}");
    }
}

/// Orthonormal columns, `[dims, count]`.
fn orthonormal(dims: usize, count: usize, seed: u64) -> DMatrix<f64> {
    DMatrix::from_iterator(dims, count, noise(dims, count, seed).into_iter().map(f64::from)).qr().q()
}

proptest! {
    // The decomposition of nalgebra 0.35 gives wrong vectors for some matrices without full rank.
    #[test]
    fn the_nearest_orthogonal_matrix_reaches_the_sum_of_the_singular_values(
        (rows, columns) in (1_usize..20, 1_usize..20), rank in 1_usize..20, seed in 0_u64..1000,
    ) {
        let full = rows.min(columns);
        let rank = rank.min(full);
        let values = DVector::from_fn(rank, |at, _| 0.5_f64.powi(at as i32));
        let (left, right) = (orthonormal(rows, rank, seed), orthonormal(columns, rank, seed + 1000));
        let (found, trace) =
            procrustes::nearest_orthogonal(&(&left * DMatrix::from_diagonal(&values) * right.transpose())).unwrap();
        prop_assert!((trace - values.sum()).abs() < 1e-12, "{} {}", trace, values.sum());
        prop_assert!((left.tr_mul(&found) * &right).diagonal().iter().all(|cosine| (cosine - 1.0).abs() < 1e-9));
        let gram = if rows >= columns { found.tr_mul(&found) } else { &found * found.transpose() };
        prop_assert!((gram - DMatrix::identity(full, full)).abs().max() < 1e-12);
        if rank == full {
            // Of full rank there is one alone.
            prop_assert!((found - left * right.transpose()).abs().max() < 1e-9);
        }
    }
}

#[test]
fn a_translation_cuts_or_pads_to_the_other_width() {
    let (wide, narrow) = ([1.0, 2.0, 9.0, 3.0, 4.0, 9.0], [0.0, 0.0, 2.0, 2.0]);
    let (wide, narrow) = (embedding("v2", &wide, 3), embedding("v1", &narrow, 2));
    let down = fit(Fit::Translation, &wide, &narrow).unwrap().adapter;
    assert_eq!(down.apply(&wide).unwrap(), [0.0, 0.0, 2.0, 2.0]);
    let up = fit(Fit::Translation, &narrow, &wide).unwrap().adapter;
    assert_eq!(up.apply(&narrow).unwrap(), [1.0, 2.0, 9.0, 3.0, 4.0, 9.0]);
}

#[test]
fn more_rank_fits_better_and_less_freedom_carries_over_better() {
    let dim = 12;
    let x = noise(40, dim, 11);
    let blur = noise(40, dim, 12);
    let turned = mapped(&x, &rotation(dim, 13), 1.0, 0.0);
    let y: Vec<f32> = turned.iter().zip(&blur).map(|(y, blur)| y + 0.7 * blur).collect();
    let report = |kind| fit(kind, &embedding("v2", &x, dim), &embedding("v1", &y, dim)).unwrap().report;
    let ranks = [1, 4, 8, 12].map(|rank| report(Fit::LowRankAffine { rank, ridge: 0.0 }).train_r2.unwrap());
    assert!(ranks.is_sorted());
    let (affine, turn) = (report(Fit::Affine { ridge: 0.0 }), report(Fit::Procrustes));
    assert!(affine.train_r2 > turn.train_r2 && affine.held_out_r2 < turn.held_out_r2, "{affine:?} {turn:?}");
    assert!(affine.warning.is_some());
}

#[test]
fn r_squared_of_chosen_pairs_is_that_of_the_mapped_rows() {
    let (x, y, other_x, other_y) = (noise(30, 4, 1), noise(30, 3, 2), noise(9, 4, 3), noise(9, 3, 4));
    for kind in ALL {
        let adapter = fit(kind, &embedding("v2", &x, 4), &embedding("v1", &y, 3)).unwrap().adapter;
        let (x, y) = (embedding("v2", &other_x, 4), embedding("v1", &other_y, 3));
        let mean = |column: usize| other_y.iter().skip(column).step_by(3).sum::<f32>() / 9.0;
        let squares = |rows: &[f32]| {
            let pairs = other_y.iter().enumerate().zip(rows.iter().cycle());
            pairs.map(|((_, y), row)| f64::from(y - row).powi(2)).sum::<f64>()
        };
        let direct = 1.0 - squares(&adapter.apply(&x).unwrap()) / squares(&[mean(0), mean(1), mean(2)]);
        assert!((adapter.r_squared(&x, &y).unwrap().unwrap() - direct).abs() < 1e-5, "{kind:?}");
    }
}

#[test]
fn a_map_the_wrong_way_round_is_refused() {
    let (x, y) = (noise(20, 3, 1), noise(20, 3, 2));
    let (x, y) = (embedding("v2", &x, 3), embedding("v1", &y, 3));
    let adapter = fit(Fit::Procrustes, &x, &y).unwrap().adapter;
    assert_eq!(
        adapter.apply(&y).unwrap_err().to_string(),
        "the adapter maps v2 to v1 but these are embeddings of v1; pass those of v2 or fit anew"
    );
    let narrow = Embedding { rows: Features::new(&[1.0, 2.0], 2).unwrap(), ..x };
    assert!(matches!(adapter.apply(&narrow), Err(MeasureError::LengthMismatch { expected: 3, found: 2, .. })));
    assert!(adapter.r_squared(&x, &x).is_err() && adapter.r_squared(&y, &x).is_err());
}

#[test]
fn an_adapter_survives_its_file_and_a_damaged_one_is_refused() {
    let (x, y) = (noise(20, 3, 1), noise(20, 2, 2));
    let adapter = fit(Fit::Procrustes, &embedding("v2", &x, 3), &embedding("v1", &y, 2)).unwrap().adapter;
    let text = serde_json::to_string(&adapter).unwrap();
    assert_eq!(serde_json::from_str::<Adapter>(&text).unwrap(), adapter);
    let damaged = r#"{"from":"v2","to":"v1","source_mean":[0,0],"matrix":[1,0,0],"target_mean":[0,0]}"#;
    assert!(serde_json::from_str::<Adapter>(damaged).unwrap_err().to_string().contains("3 given for 4"));
    assert!(
        serde_json::from_str::<Adapter>(r#"{"from":"","to":"","source_mean":[],"matrix":[],"target_mean":[]}"#)
            .is_err()
    );
}

#[test]
fn input_without_a_fit_is_named() {
    let (x, flat, one) = (noise(20, 3, 1), [0.4; 60], noise(1, 3, 2));
    let (x, flat, one) = (embedding("v2", &x, 3), embedding("v1", &flat, 3), embedding("v1", &one, 3));
    for kind in &ALL[1..] {
        assert!(matches!(fit(*kind, &x, &flat), Err(MeasureError::NoVariance { side: "target", .. })));
        assert!(matches!(fit(*kind, &flat, &x), Err(MeasureError::NoVariance { side: "source", .. })));
        assert!(matches!(fit(*kind, &one, &one), Err(MeasureError::TooFewRows { found: 1, .. })));
    }
    let moved = fit(Fit::Translation, &one, &one).unwrap();
    assert_eq!((moved.report.train_r2, moved.report.held_out_r2), (None, None));
    assert!(fit(Fit::Procrustes, &x, &one).is_err());
    let ridge = |ridge| fit(Fit::Affine { ridge }, &x, &x).unwrap_err().to_string();
    assert_eq!(ridge(-1.0), "the ridge penalty is -1; choose 0 to inf");
    assert_eq!(ridge(f64::NAN), "the ridge penalty is NaN; choose 0 to inf");
    let rank = fit(Fit::LowRankAffine { rank: 4, ridge: 0.0 }, &x, &x).unwrap_err();
    assert_eq!(rank.to_string(), "the rank of the adapter is 4; choose 1 to 3");
}

#[test]
fn a_source_that_lacks_a_dimension_gives_it_no_weight() {
    let x: Vec<f32> = noise(30, 2, 1).chunks(2).flat_map(|row| [row[0], row[1], row[0]]).collect();
    let y: Vec<f32> = x.chunks(3).map(|row| 2.0 * row[0]).collect();
    let fitted = fit(Fit::Affine { ridge: 0.0 }, &embedding("v2", &x, 3), &embedding("v1", &y, 1)).unwrap();
    assert!(near(fitted.adapter.matrix(), &[1.0, 0.0, 1.0], 1e-9), "{:?}", fitted.adapter.matrix());
}

/// Items of `classes` clusters, in a space with some shape to recognise it by: labels and unit-variance rows.
fn clustered(rows: usize, dim: usize, classes: usize, seed: u64) -> (Vec<u32>, Vec<f32>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let centres = noise(classes, dim, 99);
    let labels: Vec<u32> = (0..rows).map(|_| rng.random_range(0..classes as u32)).collect();
    let row = |&label: &u32| {
        let centre = &centres[label as usize * dim..][..dim];
        centre.iter().map(|value| value + 0.4 * rng.random_range(-1.0_f32..1.0)).collect::<Vec<_>>()
    };
    let values = labels.iter().flat_map(row).collect();
    (labels, values)
}

#[test]
fn slerp_by_hand() {
    let (u, v) = ([2.0, 0.0, 0.0, 3.0, 1.0, 0.0, 1.0, 0.0], [0.0, 5.0, 0.0, 1.0, -1.0, 0.0, 0.0, 1.0]);
    let (u, v) = (Features::new(&u, 2).unwrap(), Features::new(&v, 2).unwrap());
    assert!(near_rows(&slerp(0.0, &u, &v).unwrap(), &[1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0], 1e-7));
    assert!(near_rows(&slerp(1.0, &u, &v).unwrap(), &[0.0, 1.0, 0.0, 1.0, -1.0, 0.0, 0.0, 1.0], 1e-7));
    let third = slerp(1.0 / 3.0, &u, &v).unwrap();
    let (sin, cos) = (0.5, 0.75_f32.sqrt());
    assert!(near_rows(&third, &[cos, sin, 0.0, 1.0, 1.0 / 3.0, 0.0, cos, sin], 1e-6), "{third:?}");
    assert!(slerp(-0.1, &u, &v).is_err() && slerp(f64::NAN, &u, &v).is_err());
    assert!(slerp(0.5, &u, &Features::new(&[1.0; 8], 4).unwrap()).is_err());
}

#[test]
fn fusion_beats_both_of_its_ends_where_each_model_errs_alone() {
    let dim = 8;
    let (labels, clean) = clustered(300, dim, 10, 21);
    let blurred = |seed| -> Vec<f32> { clean.iter().zip(noise(300, dim, seed)).map(|(a, b)| a + 1.2 * b).collect() };
    let (old, new) = (blurred(22), mapped(&blurred(23), &rotation(dim, 24), 1.0, 0.0));
    let (old, new) = (embedding("v1", &old, dim), embedding("v2", &new, dim));
    let fusion = SlerpFusion::fit(&new, &old, &labels).unwrap();
    let (first, last) = (fusion.support[0], fusion.support[10]);
    let best = fusion.support.iter().find(|(a, _)| *a == fusion.a).unwrap().1;
    assert!(0.0 < fusion.a && fusion.a < 1.0 && best > first.1.max(last.1), "{:?}", fusion.support);

    // The end a = 0 is the old model's own cell.
    let ids: Vec<u32> = (0..300).collect();
    let gallery = Items::new(old.rows, &labels, &ids).unwrap();
    assert!((retrieve(&gallery, &gallery, 0).unwrap().map().unwrap() - first.1).abs() < 1e-4);
    let query = fusion.fuse(&new, &old).unwrap();
    let query = Items::new(Features::new(&query, dim).unwrap(), &labels, &ids).unwrap();
    assert_eq!(retrieve(&query, &gallery, 0).unwrap().map(), Some(best));
    assert!(fusion.fuse(&old, &new).is_err() && SlerpFusion::fit(&new, &old, &labels[1..]).is_err());
}

#[test]
fn mini_vec2vec_recovers_a_rotation_it_was_never_shown() {
    let dim = 16;
    let method = MiniVec2Vec { clusters: 12, runs: 10, neighbours: 20, steps: 30, sample: 400, seed: 4 };
    let ((labels, x), (_, other)) = (clustered(400, dim, 12, 31), clustered(500, dim, 12, 32));
    // The two sides share no item; `paired` is what the map should make of x.
    let turn = rotation(dim, 33);
    let (y, paired) = (mapped(&other, &turn, 3.0, 0.5), mapped(&x, &turn, 3.0, 0.5));
    let (x, y) = (embedding("v2", &x, dim), embedding("v1", &y, dim));
    let adapter = method.fit(&x, &y).unwrap();
    assert_eq!(adapter, method.fit(&x, &y).unwrap());
    assert_ne!(adapter, MiniVec2Vec { seed: 5, ..method }.fit(&x, &y).unwrap());

    let ids: Vec<u32> = (0..400).collect();
    let items = |values| Items::new(Features::new(values, dim).unwrap(), &labels, &ids).unwrap();
    let found = adapter.apply(&x).unwrap();
    let map = retrieve(&items(&found), &items(&paired), 0).unwrap().map().unwrap();
    let chance = chance_level(&items(&found), &items(&paired)).unwrap().map;
    let r2 = adapter.r_squared(&x, &embedding("v1", &paired, dim)).unwrap().unwrap();
    assert!(map > 8.0 * chance && r2 > 0.85, "mAP {map}, chance {chance}, R^2 {r2}");
}

#[test]
fn mini_vec2vec_names_what_it_cannot_use() {
    let (x, y) = (noise(30, 3, 1), noise(30, 3, 2));
    let (x, y) = (embedding("v2", &x, 3), embedding("v1", &y, 3));
    let usable = MiniVec2Vec { clusters: 4, runs: 2, neighbours: 3, steps: 2, sample: 25, seed: 0 };
    assert!(usable.fit(&x, &y).is_ok());
    for (method, sentence) in [
        (MiniVec2Vec { clusters: 26, ..usable }, "the number of clusters is 26; choose 2 to 25"),
        (MiniVec2Vec { neighbours: 0, ..usable }, "the number of neighbours is 0; choose 1 to 25"),
    ] {
        assert_eq!(method.fit(&x, &y).unwrap_err().to_string(), sentence);
    }
    assert!(MiniVec2Vec { runs: 0, ..usable }.fit(&x, &y).is_err());
    let flat = [0.5; 90];
    let refused = MeasureError::NoVariance { measure: "mini-vec2vec", side: "target" };
    assert_eq!(usable.fit(&x, &embedding("v1", &flat, 3)), Err(refused));
}
