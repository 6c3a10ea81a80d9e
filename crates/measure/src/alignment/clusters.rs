//! k-means, for anchors that two spaces may share.

use rand::{Rng, RngExt};

use crate::scores::Gallery;

/// Lloyd's iterations at most; on a few thousand rows the centres have settled long before.
const ROUNDS: usize = 50;

/// Cluster centres of `rows`, `[rows, dim]` row-major and finite, as `[count, dim]`: k-means++ (Arthur and Vassilvitskii, 2007), then
/// Lloyd's iteration until no row changes its cluster. A cluster that runs empty keeps its centre.
///
/// `count` is at most the number of rows.
pub(super) fn centres(rows: &[f32], dim: usize, count: usize, rng: &mut impl Rng) -> Vec<f32> {
    let mut centres = seeds(rows, dim, count, rng);
    let mut assigned = Vec::new();
    for _ in 0..ROUNDS {
        let nearest = nearest(rows, dim, &centres);
        if nearest == assigned {
            break;
        }
        assigned = nearest;
        let mut sums = vec![0.0_f64; centres.len()];
        let mut sizes = vec![0.0_f64; count];
        for (row, &cluster) in rows.chunks_exact(dim).zip(&assigned) {
            if let Some((sum, size)) = sums.chunks_exact_mut(dim).zip(&mut sizes).nth(cluster) {
                sum.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value));
                *size += 1.0;
            }
        }
        for ((centre, sum), &size) in centres.chunks_exact_mut(dim).zip(sums.chunks_exact(dim)).zip(&sizes) {
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
fn seeds(rows: &[f32], dim: usize, count: usize, rng: &mut impl Rng) -> Vec<f32> {
    let trials = 2 + (count as f64).ln() as usize;
    let mut chosen = Vec::with_capacity(count * dim);
    let mut distances = vec![1.0_f64; rows.len() / dim];
    for _ in 0..count {
        let drawn = (0..trials).filter_map(|_| {
            let centre = rows.chunks_exact(dim).nth(draw(&distances, rng))?;
            let squared = rows.chunks_exact(dim).map(|row| squared_distance(row, centre));
            let left = squared
                .zip(&distances)
                .map(|(squared, &distance)| if chosen.is_empty() { squared } else { squared.min(distance) });
            Some((left.collect::<Vec<f64>>(), centre))
        });
        let sum = |distances: &[f64]| distances.iter().sum::<f64>();
        let Some((left, centre)) = drawn.min_by(|(a, _), (b, _)| sum(a).total_cmp(&sum(b))) else { break };
        distances = left;
        chosen.extend_from_slice(centre);
    }
    chosen
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
fn nearest(rows: &[f32], dim: usize, centres: &[f32]) -> Vec<usize> {
    let half = |centre: &[f32]| centre.iter().map(|value| value * value).sum::<f32>() / 2.0;
    let halves: Vec<f32> = centres.chunks_exact(dim).map(half).collect();
    let mut all = Vec::with_capacity(rows.len() / dim);
    Gallery::pack(centres, dim).score_each(rows, |_, scores| {
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
