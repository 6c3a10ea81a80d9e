//! A map for each cluster of rows: the regression of its own pairs, drawn towards that of all.

mod kmeans;
mod own;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use self::{
    kmeans::{centroids, nearest},
    own::{Additions, Rows, residuals},
};
use super::{
    Family, Fitted, Map, Step,
    apply::{cosines, normalize},
    pairs::Pairs,
    products::{View, narrow, product},
    ridge,
    work::Work,
};
use crate::DecideError;

/// Clusters at most, and pairs that there are for each at least on average.
const MOST_CLUSTERS: usize = 16;
const PAIRS_FOR_A_CLUSTER: usize = 200;

/// Pairs at most that clusters are found and fitted on.
const MOST_PAIRS: usize = 16_384;

/// Penalties on what is a cluster's own, as shares of the mean eigenvalue of the scatter of all pairs.
const SHARES: [f64; 5] = [1e-3, 1e-2, 1e-1, 1.0, 10.0];

/// A penalty is chosen on so many random sums of the numbers of a row, which have nearly the same cosines as the rows.
const SUMS: usize = 64;

/// `x W + b` of the regression of all pairs and, for each cluster of spherical k-means on centred rows, the penalised regression of its own
/// pairs on what the first leaves over, which shrinks it to the map of all. The penalty is the one whose fit on nine tenths serves the
/// held-out pairs best.
///
/// # Errors
/// What the pulse says.
pub(super) fn fit(pairs: &Pairs<'_>, seed: u64, work: &mut Work<'_>) -> Result<Map, DecideError> {
    let (ridge, dims) = (ridge::shared(pairs, work)?, pairs.dims());
    let (held_rows, kept_rows) = (pairs.held_rows(), pairs.kept_rows());
    let kept_rows = kept_rows.get(..MOST_PAIRS).unwrap_or(kept_rows);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);

    let kept = pairs.x.centred(kept_rows, work)?;
    let mut units = kept.clone();
    units.chunks_exact_mut(dims.0).for_each(normalize);
    let count = (pairs.count() / PAIRS_FOR_A_CLUSTER).clamp(1, MOST_CLUSTERS);
    let centroids = centroids(&units, dims.0, count, &mut rng, work)?;
    drop(units);
    let kept = grouped(kept, &centroids, dims.0, work)?;
    let held = grouped(pairs.x.centred(held_rows, work)?, &centroids, dims.0, work)?;

    let mean_eigenvalue = ridge::mean_eigenvalue(&pairs.nine);
    let (_, left) = residuals(pairs, kept_rows, &pairs.nine, &ridge.nine, work)?;
    let (mut predicted, _) = residuals(pairs, held_rows, &pairs.nine, &ridge.nine, work)?;
    let share = best_share(pairs, (&kept, &held), (&left, &predicted), &mut rng, work)?;
    Additions::new(&kept, &left, dims, work)?.add(&mut predicted, &held, share * mean_eigenvalue, work)?;
    let held_out = pairs.agreement(predicted, work)?;

    let all = kept.with(&held, dims.0);
    let (_, left) = residuals(pairs, &[kept_rows, held_rows].concat(), &pairs.all, &ridge.all, work)?;
    let lambda = share * ridge::mean_eigenvalue(&pairs.all);
    let bias = pairs.bias(&pairs.all, &ridge.all);
    let maps = Additions::new(&all, &left, dims, work)?.maps(&ridge.all, &bias, lambda, work)?;
    let mut steps = Vec::new();
    if pairs.x.projected().is_none() {
        steps.push(Step::Add(narrow(pairs.x.origin()).iter().map(|number| -number).collect()));
    }
    steps.push(Step::Clustered { centroids, maps });
    let fitted = Fitted { lambda: Some(lambda), held_out: Some(held_out), ..Fitted::default() };
    Ok(pairs.map(Family::Clusters, steps, fitted))
}

/// Centred rows by cluster.
fn grouped(x: Vec<f32>, centroids: &[f32], dims: usize, work: &mut Work<'_>) -> Result<Rows, DecideError> {
    let clusters = nearest(&x, centroids, dims, work)?;
    Ok(Rows::new(x, &clusters, centroids.len() / dims))
}

/// The one of [`SHARES`] that serves held-out pairs best, given what the map of all leaves over of the others and predicts for these.
fn best_share(
    pairs: &Pairs<'_>,
    (kept, held): (&Rows, &Rows),
    (left, predicted): (&[f32], &[f32]),
    rng: &mut ChaCha8Rng,
    work: &mut Work<'_>,
) -> Result<f64, DecideError> {
    let (from, to) = pairs.dims();
    let columns = to.min(SUMS);
    let truth = pairs.y.rows(pairs.held_rows(), work)?;
    let signs: Vec<f32> = (0..to * columns).map(|_| if rng.random() { 1.0 } else { -1.0 }).collect();
    let mut sums = |rows: &[f32]| {
        if columns == to { Ok(rows.to_vec()) } else { product(View::new(rows, to), View::new(&signs, columns), work) }
    };
    let (left, predicted, mut truth) = (sums(left)?, sums(predicted)?, sums(&truth)?);
    truth.chunks_exact_mut(columns).for_each(normalize);

    let additions = Additions::new(kept, &left, (from, columns), work)?;
    let mut best = (1.0, f64::NEG_INFINITY);
    for share in SHARES {
        let mut predicted = predicted.clone();
        additions.add(&mut predicted, held, share * ridge::mean_eigenvalue(&pairs.nine), work)?;
        let cosine = cosines(&predicted, &truth, columns);
        if cosine > best.1 {
            best = (share, cosine);
        }
    }
    Ok(best.0)
}

#[cfg(test)]
mod tests {
    use super::super::{
        fit,
        testing::{agreement, noise, orthogonal, pairs, quiet, turned, unit},
    };
    use super::*;
    use crate::Vectors;

    /// Rows about the first axis and against it, one after the other, each side turned in a way of its own.
    fn two_turns(count: usize, dims: usize) -> (Vectors, Vectors) {
        let mut numbers = noise(count * dims, 1);
        for (row, numbers) in numbers.chunks_mut(dims).enumerate() {
            numbers[0] = if row.is_multiple_of(2) { 3.0 } else { -3.0 };
        }
        let x = unit(dims, &numbers);
        let turns = [orthogonal(dims, 2), orthogonal(dims, 3)];
        let both = turns.map(|turn| turned(&x, &turn, dims));
        let y: Vec<f64> = (0..count * dims).map(|at| both[at / dims % 2][at]).collect();
        (x, unit(dims, &y))
    }

    #[test]
    fn two_planted_rotations_are_found() {
        // 100 numbers a row are more than the sums that a penalty is chosen on.
        for (count, dims) in [(800, 8), (1200, 100)] {
            let (x, y) = two_turns(count, dims);
            let rows: Vec<usize> = (0..count - 100).collect();
            let fresh: Vec<usize> = (count - 100..count).collect();
            let pairs = pairs(&x, &y, &rows);
            let map = fit(Family::Clusters, &pairs, 5, &mut quiet).unwrap();
            let ridge = fit(Family::Ridge, &pairs, 5, &mut quiet).unwrap();
            let (x, y) = (x.select(&fresh), y.select(&fresh));
            let (own, all) = (agreement(&map, &x, &y), agreement(&ridge, &x, &y));
            assert!(own > 0.99 && own > all + 0.02, "{count} {dims}: {own} {all}");
            assert!(map.fitted.held_out.unwrap() > 0.99, "{map:?}");
            match map.steps.as_slice() {
                [Step::Normalize, Step::Add(_), Step::Clustered { centroids, maps }] => {
                    assert_eq!((centroids.len(), maps.len()), (rows.len() / 200 * dims, rows.len() / 200));
                }
                steps => panic!("{steps:?}"),
            }
            assert_eq!(fit(Family::Clusters, &pairs, 5, &mut quiet).unwrap(), map);
        }
    }

    #[test]
    fn without_clusters_it_is_nearly_the_map_of_all() {
        let x = unit(6, &noise(6 * 900, 1));
        let mixed: Vec<f64> =
            turned(&x, &noise(24, 2), 4).iter().zip(noise(900 * 4, 3)).map(|(a, b)| a + 0.3 * b).collect();
        let y = unit(4, &mixed);
        let rows: Vec<usize> = (0..600).collect();
        let fresh: Vec<usize> = (600..900).collect();
        let pairs = pairs(&x, &y, &rows);
        let map = fit(Family::Clusters, &pairs, 0, &mut quiet).unwrap();
        let ridge = fit(Family::Ridge, &pairs, 0, &mut quiet).unwrap();
        let (x, y) = (x.select(&fresh), y.select(&fresh));
        let (own, all) = (agreement(&map, &x, &y), agreement(&ridge, &x, &y));
        assert!(own > all - 0.02, "{own} {all}");
    }

    #[test]
    fn few_pairs_are_one_cluster() {
        let (x, y) = (unit(9, &noise(9 * 30, 1)), unit(5, &noise(5 * 30, 2)));
        let rows: Vec<usize> = (0..30).collect();
        let map = fit(Family::Clusters, &pairs(&x, &y, &rows), 0, &mut quiet).unwrap();
        assert!(matches!(&map.steps[2], Step::Clustered { maps, .. } if maps.len() == 1));
        assert_eq!(map.apply(&x, &mut quiet).unwrap().dims(), 5);
    }
}
