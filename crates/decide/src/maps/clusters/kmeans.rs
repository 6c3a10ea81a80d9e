//! k-means of directions: clusters of rows that point the same way (Dhillon and Modha, 2001).

use rand::{Rng, RngExt};

use super::super::{
    apply::{largest, normalize},
    products::{View, dot, product, transposed},
    work::Work,
};
use crate::DecideError;

/// Rounds at most; on a few thousand rows clusters have settled long before.
const ROUNDS: usize = 25;

/// Rows tried as each first centroid, of which the best is kept.
const TRIALS: usize = 3;

/// `count` centroids of rows of length 1, `[rows, dims]`: themselves of length 1, `[count, dims]`. Rows are drawn with a probability in
/// proportion to how far they point away from those before (k-means++, Arthur and Vassilvitskii, 2007), then rows and centroids follow one
/// another until no row changes its cluster. A cluster that runs empty keeps its centroid.
///
/// # Errors
/// What the pulse says.
pub(super) fn centroids(
    units: &[f32],
    dims: usize,
    count: usize,
    rng: &mut impl Rng,
    work: &mut Work<'_>,
) -> Result<Vec<f32>, DecideError> {
    let mut centroids = seeds(units, dims, count, rng, work)?;
    let mut clusters = Vec::new();
    for _ in 0..ROUNDS {
        let nearest = nearest(units, &centroids, dims, work)?;
        if nearest == clusters {
            break;
        }
        clusters = nearest;
        let mut sums = vec![0.0_f32; centroids.len()];
        for (row, &cluster) in units.chunks_exact(dims).zip(&clusters) {
            let sum = sums.get_mut(cluster * dims..(cluster + 1) * dims).unwrap_or_default();
            sum.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
        }
        for (centroid, sum) in centroids.chunks_exact_mut(dims).zip(sums.chunks_exact_mut(dims)) {
            if sum.iter().any(|&number| number != 0.0) {
                normalize(sum);
                centroid.copy_from_slice(sum);
            }
        }
    }
    Ok(centroids)
}

/// The centroid of largest inner product with each row, the first of equals.
///
/// # Errors
/// What the pulse says.
pub(super) fn nearest(
    rows: &[f32],
    centroids: &[f32],
    dims: usize,
    work: &mut Work<'_>,
) -> Result<Vec<usize>, DecideError> {
    let columns = transposed(centroids, dims);
    let count = (centroids.len() / dims).max(1);
    let likeness = product(View::new(rows, dims), View::new(&columns, count), work)?;
    Ok(likeness.chunks_exact(count).map(largest).collect())
}

fn seeds(
    units: &[f32],
    dims: usize,
    count: usize,
    rng: &mut impl Rng,
    work: &mut Work<'_>,
) -> Result<Vec<f32>, DecideError> {
    let rows = units.len() / dims;
    let mut chosen = Vec::with_capacity(count * dims);
    // The first is drawn evenly, and no distance is above these.
    let (mut distances, mut weights) = (vec![f32::INFINITY; rows], vec![1.0; rows]);
    for _ in 0..count {
        let mut best: Option<(f64, Vec<f32>, &[f32])> = None;
        for _ in 0..TRIALS {
            let Some(row) = units.chunks_exact(dims).nth(draw(&weights, rng)) else { break };
            let away = |(other, distance): (&[f32], &f32)| (1.0 - dot(other, row)).max(0.0).min(*distance);
            let left: Vec<f32> = units.chunks_exact(dims).zip(&distances).map(away).collect();
            work.advance(units.len() as f64)?;
            let sum: f64 = left.iter().map(|&distance| f64::from(distance)).sum();
            if best.as_ref().is_none_or(|(least, _, _)| sum < *least) {
                best = Some((sum, left, row));
            }
        }
        let Some((_, left, row)) = best else { break };
        weights = left.iter().map(|&distance| f64::from(distance)).collect();
        distances = left;
        chosen.extend_from_slice(row);
    }
    Ok(chosen)
}

/// A place with a probability in proportion to its weight; the first where all are 0.
fn draw(weights: &[f64], rng: &mut impl Rng) -> usize {
    let mut left = rng.random_range(0.0..1.0) * weights.iter().sum::<f64>();
    let drawn = weights.iter().position(|&weight| {
        left -= weight;
        left < 0.0
    });
    drawn.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::super::super::testing::{noise, quiet, unit};
    use super::*;

    fn found(units: &[f32], dims: usize, count: usize, seed: u64) -> (Vec<f32>, Vec<usize>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut quiet = quiet;
        let mut work = Work::start(&mut quiet, 1.0).unwrap();
        let centroids = centroids(units, dims, count, &mut rng, &mut work).unwrap();
        let clusters = nearest(units, &centroids, dims, &mut work).unwrap();
        (centroids, clusters)
    }

    #[test]
    fn directions_apart_are_told_apart() {
        // Around three axes of five, 30 rows each, of different lengths before they are scaled.
        let numbers = noise(90 * 5, 1);
        let rows: Vec<f64> = (0..450)
            .map(|at| {
                let (row, column) = (at / 5, at % 5);
                let axis = if column == row % 3 { 1.0 } else { 0.0 };
                (1.0 + row as f64) * (axis + 0.2 * numbers[at])
            })
            .collect();
        for seed in 0..5 {
            let (centroids, clusters) = found(unit(5, &rows).numbers(), 5, 3, seed);
            for (row, &cluster) in clusters.iter().enumerate() {
                assert_eq!(cluster, clusters[row % 3]);
            }
            assert!(clusters[0] != clusters[1] && clusters[1] != clusters[2] && clusters[0] != clusters[2]);
            for centroid in centroids.chunks(5) {
                assert!((dot(centroid, centroid) - 1.0).abs() < 1e-6);
            }
            assert_eq!(found(unit(5, &rows).numbers(), 5, 3, seed).0, centroids);
        }
    }

    #[test]
    fn more_clusters_than_directions_do_no_harm() {
        let units = [1.0, 0.0].repeat(6);
        let (centroids, clusters) = found(&units, 2, 3, 0);
        assert_eq!((centroids, clusters), ([1.0, 0.0].repeat(3), vec![0; 6]));
    }
}
