//! Maps of every kind of step, and rows for them.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Leaving;
use crate::Vectors;
use crate::maps::{Direction, Family, Fitted, Map, Step};

/// Numbers of a row that goes into [`maps`].
pub(super) const FROM: usize = 5;

/// A map of these steps.
pub(super) fn map(from: usize, to: usize, steps: Vec<Step>) -> Map {
    Map { family: Family::Ridge, from, to, steps, fitted: Fitted::default() }
}

/// How a map leaves for the index of `glove`.
pub(super) fn leaving(map: &Map) -> Leaving<'_> {
    Leaving { map, direction: Direction::Queries, from: "mini-lm", to: "glove" }
}

/// A map of every family's shape. All but the first end in another width.
pub(super) fn maps() -> Vec<Map> {
    let mut rng = ChaCha8Rng::seed_from_u64(17);
    let mut numbers = |count: usize| (0..count).map(|_| rng.random::<f32>() * 2.0 - 1.0).collect::<Vec<f32>>();
    let mut affine = |from: usize, to: usize| (numbers(from * to), numbers(to));
    let mut layer = |from, to| {
        let (weight, bias) = affine(from, to);
        Step::Affine { weight, bias }
    };
    let fitted = Fitted { pairs: 70, lambda: Some(0.1), rank: Some(2), held_out: Some(1.0 / 3.0), projected: Some(4) };
    let translation = vec![Step::Add(vec![0.25, -0.5, 0.0, 1.0, -2.0])];
    let centred = vec![Step::Normalize, Step::Add(vec![0.1, 0.2, -0.3, 0.4, 0.0]), layer(FROM, 3)];
    let low_rank = vec![layer(FROM, 2), layer(2, 7), Step::Add(vec![0.5; 7])];
    let perceptron = vec![
        Step::Normalize,
        layer(FROM, 6),
        Step::Gelu,
        Step::Residual(vec![layer(6, 4), Step::Gelu, Step::Residual(vec![layer(4, 4)]), layer(4, 6)]),
        Step::Normalize,
        layer(6, 4),
    ];
    let centroids = Vectors::new(FROM, numbers(3 * FROM)).unwrap().unit().numbers().to_vec();
    let clusters = (0..3).map(|_| (numbers(FROM * 4), numbers(4))).collect();
    let clustered = vec![Step::Clustered { centroids, maps: clusters }];
    vec![
        Map { family: Family::Translation, ..map(FROM, FROM, translation) },
        Map { family: Family::Procrustes, ..map(FROM, 3, centred) },
        Map { family: Family::LowRank, fitted, ..map(FROM, 7, low_rank) },
        Map { family: Family::Mlp, ..map(FROM, 4, perceptron) },
        Map { family: Family::Clusters, ..map(FROM, 4, clustered) },
    ]
}

/// Rows as models give them, long and short; the last is of zeros.
pub(super) fn rows(dims: usize) -> Vectors {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut data = Vec::new();
    for length in [1.0, 0.01, 300.0, 1e25, 1e-25, 1.0, 2.0, 5.0] {
        data.extend((0..dims).map(|_| (rng.random::<f32>() - 0.5) * length));
    }
    data.extend(vec![0.0; dims]);
    Vectors::new(dims, data).unwrap()
}

/// What the lab makes of rows.
pub(super) fn mapped(map: &Map, rows: &Vectors) -> Vectors {
    map.apply(&rows.unit(), &mut |_| Ok(())).unwrap()
}
