//! Spherical k-means (Dhillon and Modha, 2001): clusters of directions.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::{DecideError, Pulse, Vectors};

/// Rounds at most; what is left to move then is little.
const ROUNDS: usize = 20;

/// Candidates for each first centre.
const TRIALS: usize = 4;

/// Rows compared with all centres between two calls of a pulse.
const ROWS: usize = 1024;

/// Rows grouped by direction.
pub(super) struct Clusters {
    /// `[clusters, dims]`, each of unit length.
    centres: Vectors,
    /// The cluster of each row.
    pub rows: Vec<usize>,
}

impl Clusters {
    /// At most `count` clusters of unit `rows`; each row is in that of the centre with the largest cosine, and each centre points to the
    /// mean of its rows.
    pub(super) fn new(
        rows: &Vectors,
        count: usize,
        rng: &mut ChaCha8Rng,
        pulse: Pulse<'_>,
    ) -> Result<Self, DecideError> {
        let mut centres = first_centres(rows, count, rng, &mut *pulse)?;
        let mut assigned = assign(rows, &centres, &mut *pulse)?;
        for round in 0..ROUNDS {
            pulse(round as f64 / ROUNDS as f64)?;
            centres = means(rows, &assigned, &centres)?;
            let next = assign(rows, &centres, &mut |_| pulse(round as f64 / ROUNDS as f64))?;
            if next == assigned {
                break;
            }
            assigned = next;
        }
        Ok(Self { centres, rows: assigned })
    }

    /// The cluster of any row.
    pub(super) fn nearest(&self, row: &[f32]) -> usize {
        nearest(&self.centres, row)
    }
}

/// Rows drawn as first centres as k-means++ does (Arthur and Vassilvitskii, 2007), each the best of a few draws, as scikit-learn has it: a
/// single draw often splits one cluster and joins two others.
fn first_centres(rows: &Vectors, count: usize, rng: &mut ChaCha8Rng, pulse: Pulse<'_>) -> Result<Vectors, DecideError> {
    let mut chosen = Vec::with_capacity(count);
    // No two directions are farther apart than 2, so the first centre is drawn evenly.
    let mut distances = vec![2.0_f64; rows.count()];
    for _ in 0..count.min(rows.count()) {
        let mut best: Option<(f64, usize, Vec<f64>)> = None;
        for _ in 0..TRIALS {
            pulse(0.0)?;
            let candidate = draw(&distances, rng);
            let centre = rows.row(candidate);
            let distance = |(row, &before): (&[f32], &f64)| f64::from(1.0 - dot(row, centre)).max(0.0).min(before);
            let left: Vec<f64> = rows.rows().zip(&distances).map(distance).collect();
            let sum: f64 = left.iter().sum();
            if best.as_ref().is_none_or(|&(least, ..)| sum < least) {
                best = Some((sum, candidate, left));
            }
        }
        if let Some((_, candidate, left)) = best {
            chosen.push(candidate);
            distances = left;
        }
    }
    Ok(rows.select(&chosen))
}

/// A place with a probability in proportion to its weight; the first where all weights are 0.
fn draw(weights: &[f64], rng: &mut ChaCha8Rng) -> usize {
    let mut left = rng.random_range(0.0..1.0) * weights.iter().sum::<f64>();
    let drawn = weights.iter().position(|&weight| {
        left -= weight;
        left < 0.0
    });
    drawn.unwrap_or(0)
}

/// The nearest centre of every row.
fn assign(rows: &Vectors, centres: &Vectors, pulse: Pulse<'_>) -> Result<Vec<usize>, DecideError> {
    let mut assigned = Vec::with_capacity(rows.count());
    for (place, row) in rows.rows().enumerate() {
        if place.is_multiple_of(ROWS) {
            pulse(0.0)?;
        }
        assigned.push(nearest(centres, row));
    }
    Ok(assigned)
}

/// The centre with the largest product, the first of equals.
fn nearest(centres: &Vectors, row: &[f32]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (place, centre) in centres.rows().enumerate() {
        let product = dot(centre, row);
        if product > best.1 {
            best = (place, product);
        }
    }
    best.0
}

/// The mean direction of each cluster; one that is empty, or whose rows cancel out, keeps its centre.
fn means(rows: &Vectors, assigned: &[usize], centres: &Vectors) -> Result<Vectors, DecideError> {
    let dims = rows.dims();
    let mut sums = vec![0.0_f64; centres.numbers().len()];
    for (row, &cluster) in rows.rows().zip(assigned) {
        if let Some(sum) = sums.chunks_exact_mut(dims).nth(cluster) {
            for (sum, &number) in sum.iter_mut().zip(row) {
                *sum += f64::from(number);
            }
        }
    }
    let mut data = centres.numbers().to_vec();
    for (centre, sum) in data.chunks_exact_mut(dims).zip(sums.chunks_exact(dims)) {
        let norm = sum.iter().map(|number| number * number).sum::<f64>().sqrt();
        if norm > 1e-9 {
            for (number, sum) in centre.iter_mut().zip(sum) {
                *number = (sum / norm) as f32;
            }
        }
    }
    Vectors::new(dims, data)
}

/// In eight sums, which the compiler keeps in registers side by side.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::options::mixed::testing::noise;

    fn clusters(rows: &Vectors, count: usize) -> Clusters {
        Clusters::new(rows, count, &mut ChaCha8Rng::seed_from_u64(1), &mut |_| Ok(())).unwrap()
    }

    #[test]
    fn a_product_is_the_sum_of_products() {
        for length in [0, 3, 8, 19] {
            let row: Vec<f32> = (0..length).map(|at| at as f32).collect();
            let squares: usize = (0..length).map(|at| at * at).sum();
            assert_eq!(dot(&row, &row), squares as f32);
        }
    }

    #[test]
    fn far_directions_are_told_apart() {
        // Row i is near axis i % 4.
        let noise = noise(60, 4, 1);
        let near = noise.rows().enumerate().flat_map(|(place, row)| {
            row.iter().enumerate().map(move |(at, x)| 0.1 * x + if at == place % 4 { 1.0 } else { 0.0 })
        });
        let rows = Vectors::new(4, near.collect()).unwrap().unit();
        let found = clusters(&rows, 4);
        let mut seen = found.rows[..4].to_vec();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3]);
        assert!(found.rows.iter().enumerate().all(|(place, &cluster)| cluster == found.rows[place % 4]));
        // Lengths do not matter to who is nearest.
        assert_eq!(found.nearest(&[0.0, 7.0, 0.1, 0.0]), found.rows[1]);
        assert!(found.centres.rows().all(|centre| (dot(centre, centre) - 1.0).abs() < 1e-5));
    }

    #[test]
    fn fewer_rows_than_clusters_and_equal_rows_are_clustered() {
        let rows = Vectors::new(2, vec![1.0, 0.0, 0.0, 1.0]).unwrap();
        let found = clusters(&rows, 8);
        assert!(found.rows.iter().all(|&cluster| cluster < 2));
        let rows = Vectors::new(2, [1.0, 0.0].repeat(9)).unwrap();
        assert_eq!(clusters(&rows, 3).rows, [0; 9]);
    }

    #[test]
    fn means_by_hand() {
        let rows = Vectors::new(2, vec![1.0, 0.0, 0.0, 1.0, -1.0, 0.0]).unwrap();
        let centres = Vectors::new(2, vec![0.6, 0.8, 0.8, -0.6]).unwrap();
        let half = 0.5_f32.sqrt();
        assert_eq!(means(&rows, &[0, 0, 0], &centres).unwrap().numbers(), [0.0, 1.0, 0.8, -0.6]);
        let both = means(&rows, &[1, 1, 0], &centres).unwrap();
        assert!(both.numbers().iter().zip([-1.0, 0.0, half, half]).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}
