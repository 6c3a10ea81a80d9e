//! k-means, for anchors that two spaces may share.

use rand::{Rng, RngExt};

use super::rows::Rows;

/// Lloyd's iterations at most; on a few thousand rows the centres have settled long before.
const ROUNDS: usize = 50;

/// `count` cluster centres: k-means++ (Arthur and Vassilvitskii, 2007), then Lloyd's iteration until no row changes its cluster. A cluster
/// that runs empty keeps its centre.
pub(super) fn centres(rows: &Rows, count: usize, rng: &mut impl Rng) -> Rows {
    let mut centres = seeds(rows, count, rng);
    let mut assigned = Vec::new();
    for _ in 0..ROUNDS {
        let nearest = nearest(rows, &centres);
        if nearest == assigned {
            break;
        }
        assigned = nearest;
        let mut sums = vec![0.0_f64; centres.values.len()];
        let mut sizes = vec![0.0_f64; count];
        for (row, &cluster) in rows.iter().zip(&assigned) {
            if let Some((sum, size)) = sums.chunks_exact_mut(rows.dim).zip(&mut sizes).nth(cluster) {
                sum.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value));
                *size += 1.0;
            }
        }
        let updates = sums.chunks_exact(rows.dim).zip(&sizes);
        for (centre, (sum, &size)) in centres.values.chunks_exact_mut(rows.dim).zip(updates) {
            if size > 0.0 {
                centre.iter_mut().zip(sum).for_each(|(centre, sum)| *centre = (sum / size) as f32);
            }
        }
    }
    centres
}

/// Rows drawn as first centres, each with a probability in proportion to its squared distance from those before; of a few such draws
/// the one that leaves the smallest sum of squared distances, as scikit-learn does. A single draw often splits one cluster and
/// joins two others.
fn seeds(rows: &Rows, count: usize, rng: &mut impl Rng) -> Rows {
    let trials = 2 + (count as f64).ln() as usize;
    let mut chosen = Vec::with_capacity(count * rows.dim);
    // The first centre is drawn evenly, and any distance is below these.
    let (mut distances, mut weights) = (vec![f64::INFINITY; rows.count()], vec![1.0; rows.count()]);
    for _ in 0..count {
        let drawn = (0..trials).filter_map(|_| {
            let centre = rows.iter().nth(draw(&weights, rng))?;
            let left = rows.iter().zip(&distances).map(|(row, distance)| squared_distance(row, centre).min(*distance));
            Some((left.collect::<Vec<f64>>(), centre))
        });
        let sum = |distances: &[f64]| distances.iter().sum::<f64>();
        let Some((left, centre)) = drawn.min_by(|(a, _), (b, _)| sum(a).total_cmp(&sum(b))) else { break };
        chosen.extend_from_slice(centre);
        weights.clone_from(&left);
        distances = left;
    }
    Rows { values: chosen, dim: rows.dim }
}

/// An index with a probability in proportion to its weight; the first where all weights are 0.
fn draw(weights: &[f64], rng: &mut impl Rng) -> usize {
    let mut left = rng.random_range(0.0..1.0) * weights.iter().sum::<f64>();
    let drawn = weights.iter().position(|&weight| {
        left -= weight;
        left < 0.0
    });
    drawn.unwrap_or(0)
}

fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum()
}

/// The nearest centre of every row: the one with the largest `<row, centre> - ||centre||^2 / 2`, the first of equals.
fn nearest(rows: &Rows, centres: &Rows) -> Vec<usize> {
    let halves: Vec<f32> =
        centres.iter().map(|centre| centre.iter().map(|value| value * value).sum::<f32>() / 2.0).collect();
    let mut all = Vec::with_capacity(rows.count());
    centres.score_each(rows, |scores| {
        let mut best = (0, f32::NEG_INFINITY);
        for (cluster, (score, half)) in scores.iter().zip(&halves).enumerate() {
            if score - half > best.1 {
                best = (cluster, score - half);
            }
        }
        all.push(best.0);
    });
    all
}
