//! Regression through a narrow waist: the linear map of a few directions that predicts most (Izenman, 1975; with a penalty Mukherjee and
//! Zhu, 2011).

use super::{
    Family, Fitted, Map, Step,
    apply::Program,
    eigen,
    pairs::Pairs,
    products::{Number, Part, Target, View, add_scaled, mirror, narrow, product},
    ridge,
    sums::Moments,
    work::Work,
};
use crate::DecideError;

/// The smallest rank that is tried.
const LEAST_RANK: usize = 8;

/// The penalised regression `W` projected on the leading eigenvectors of `W'X'Y`, the scatter of what it predicts: of as many as serve the
/// held-out pairs best when fitted on the others, the fewest of equals. Its penalty is that of the regression.
///
/// # Errors
/// The eigenvectors do not converge, or what the pulse says.
pub(super) fn fit(pairs: &Pairs<'_>, work: &mut Work<'_>) -> Result<Map, DecideError> {
    let ridge = ridge::shared(pairs, work)?;
    let (_, to) = pairs.dims();
    let (rank, held_out) = best_rank(pairs, &ridge.nine, work)?;

    let axes = axes(&pairs.all, &ridge.all, rank, work)?;
    let waist = product(View::new(&ridge.all, to), View::new(&axes, to).transposed(), work)?;
    let rank = axes.len() / to;
    let mut bias = vec![0.0; rank];
    let centre = pairs.x.origin().iter().zip(&pairs.all.x);
    for (row, (origin, mean)) in waist.chunks_exact(rank.max(1)).zip(centre) {
        add_scaled(&mut bias, -(origin + mean), row);
    }
    let steps = vec![
        Step::Affine { weight: narrow(&waist), bias: narrow(&bias) },
        Step::Affine { weight: narrow(&axes), bias: narrow(&target_mean(pairs, &pairs.all)) },
    ];
    let fitted = Fitted { lambda: Some(ridge.lambda), rank: Some(rank), held_out: Some(held_out), ..Fitted::default() };
    Ok(pairs.map(Family::LowRank, steps, fitted))
}

/// Ranks that are tried: 8, doubled up to half of the smaller width, and that half itself.
fn ranks(dims: usize) -> Vec<usize> {
    let half = (dims / 2).max(1);
    let doubled = std::iter::successors(Some(LEAST_RANK), |rank| rank.checked_mul(2));
    doubled.take_while(|&rank| rank < half).chain([half]).collect()
}

/// The rank with the largest mean cosine on held-out pairs, and that cosine.
fn best_rank(pairs: &Pairs<'_>, weight: &[f64], work: &mut Work<'_>) -> Result<(usize, f64), DecideError> {
    let (from, to) = pairs.dims();
    let ranks = ranks(from.min(to));
    let most = ranks.last().copied().unwrap_or(1);
    let axes = narrow(&axes(&pairs.nine, weight, most, work)?);
    let mean = narrow(&target_mean(pairs, &pairs.nine));

    let step = [pairs.affine(&pairs.nine, weight)];
    let mut centred = Program::new(&step, from)?.run(pairs.held_x.clone(), work)?;
    for row in centred.chunks_exact_mut(to) {
        row.iter_mut().zip(&mean).for_each(|(number, mean)| *number -= mean);
    }
    let (axes, held) = (View::new(&axes, to), centred.len() / to);
    let along = product(View::new(&centred, to), axes.transposed(), work)?;
    let along = View::new(&along, axes.count());

    let mut predicted = mean.repeat(held);
    let (mut before, mut best) = (0, (1, f64::NEG_INFINITY));
    for rank in ranks {
        let rank = rank.min(axes.count());
        if rank == before {
            continue;
        }
        let (left, right) = (along.part(0..held, before..rank), axes.part(before..rank, 0..to));
        f32::add_product(Target::new(&mut predicted, to), left, right, 1.0, Part::All, work)?;
        let cosine = pairs.agreement(predicted.clone(), work)?;
        if cosine > best.1 {
            best = (rank, cosine);
        }
        before = rank;
    }
    Ok(best)
}

/// The smallest share of the largest eigenvalue that is told from 0: products of rows are taken in 32 bits, which leaves about 1e-7 where
/// there is nothing.
const NOTHING: f64 = 1e-6;

/// The leading eigenvectors of the scatter of what `weight` predicts, `[kept, to]`: as many as are to be kept, or as there are.
fn axes(moments: &Moments, weight: &[f64], keep: usize, work: &mut Work<'_>) -> Result<Vec<f64>, DecideError> {
    let to = moments.y.len();
    let mut scatter = vec![0.0; to * to];
    let (left, right) = (View::new(weight, to).transposed(), View::new(&moments.cross, to));
    f64::add_product(Target::new(&mut scatter, to), left, right, 1.0, Part::Upper, work)?;
    mirror(&mut scatter, to);
    let mut leading = eigen::leading(scatter, to, keep, work)?;
    let largest = leading.values.first().copied().unwrap_or_default();
    let there = leading.values.iter().filter(|&&value| value > NOTHING * largest).count();
    leading.vectors.truncate(there.max(1) * to);
    Ok(leading.vectors)
}

/// The mean of these pairs' rows to map to, in the coordinates of the fit.
fn target_mean(pairs: &Pairs<'_>, moments: &Moments) -> Vec<f64> {
    pairs.y.origin().iter().zip(&moments.y).map(|(origin, mean)| origin + mean).collect()
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, SymmetricEigen};

    use super::super::{
        fit,
        products::widen,
        testing::{agreement, noise, pairs, quiet, turned, unit},
    };
    use super::*;

    #[test]
    fn ranks_double_up_to_half() {
        assert_eq!(ranks(768), [8, 16, 32, 64, 128, 256, 384]);
        assert_eq!(ranks(64), [8, 16, 32]);
        assert_eq!(ranks(50), [8, 16, 25]);
        assert_eq!((ranks(16), ranks(9), ranks(1)), (vec![8], vec![4], vec![1]));
    }

    /// What a matrix of rank 8 makes of rows of 40 numbers, with noise.
    fn planted(count: usize, to: usize) -> (crate::Vectors, crate::Vectors) {
        let x = unit(40, &noise(40 * count, 1));
        let waist = turned(&x, &noise(40 * 8, 3), 8);
        let waist = crate::Vectors::new(8, waist.iter().map(|&number| number as f32).collect()).unwrap();
        let wide = turned(&waist, &noise(8 * to, 4), to);
        let numbers: Vec<f64> = wide.iter().zip(noise(count * to, 5)).map(|(a, b)| a + 1.2 * b).collect();
        (x, unit(to, &numbers))
    }

    #[test]
    fn a_planted_rank_is_found_and_serves_better_than_all() {
        for to in [40, 33] {
            let (x, y) = planted(800, to);
            let rows: Vec<usize> = (0..300).collect();
            let fresh: Vec<usize> = (300..800).collect();
            let pairs = pairs(&x, &y, &rows);
            let low = fit(Family::LowRank, &pairs, 0, &mut quiet).unwrap();
            let ridge = fit(Family::Ridge, &pairs, 0, &mut quiet).unwrap();
            assert_eq!((low.fitted.rank, low.fitted.lambda), (Some(8), ridge.fitted.lambda));
            assert_eq!(low.parameters(), 40 * 8 + 8 + 8 * to + to);
            let (x, y) = (x.select(&fresh), y.select(&fresh));
            assert!(agreement(&low, &x, &y) > agreement(&ridge, &x, &y) + 0.01);
            assert!(low.fitted.held_out.unwrap() > ridge.fitted.held_out.unwrap());
        }
    }

    #[test]
    fn it_is_the_regression_projected_on_what_it_predicts_most() {
        let (x, y) = planted(200, 40);
        let rows: Vec<usize> = (0..200).collect();
        let pairs = pairs(&x, &y, &rows);
        let low = fit(Family::LowRank, &pairs, 0, &mut quiet).unwrap();
        let matrix = |weight: &[f64]| DMatrix::from_row_slice(weight.len() / 40, 40, weight);
        let full = matrix(&pairs.ridge.get().unwrap().all);
        let scatter = full.transpose() * matrix(&pairs.all.cross);
        let eigen = SymmetricEigen::new((&scatter + scatter.transpose()) / 2.0);
        let mut order: Vec<(f64, usize)> = eigen.eigenvalues.iter().copied().zip(0..).collect();
        order.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let rank = low.fitted.rank.unwrap();
        let kept: Vec<_> = order.iter().take(rank).map(|&(_, at)| eigen.eigenvectors.column(at)).collect();
        let axes = DMatrix::from_columns(&kept);
        let expected = full * &axes * axes.transpose();
        match low.steps.as_slice() {
            [Step::Normalize, Step::Affine { weight: first, .. }, Step::Affine { weight: second, .. }] => {
                let found = DMatrix::from_row_slice(40, rank, &widen(first)) * matrix(&widen(second));
                assert!((found - expected).abs().max() < 1e-4);
            }
            steps => panic!("{steps:?}"),
        }
    }

    #[test]
    fn rounding_is_no_direction() {
        // Twelve rows, one of them held out: the others differ in ten directions.
        let (x, y) = (unit(24, &noise(24 * 12, 8)), unit(24, &noise(24 * 12, 9)));
        let rows: Vec<usize> = (0..12).collect();
        let pairs = pairs(&x, &y, &rows);
        let ridge = ridge::shared(&pairs, &mut Work::start(&mut quiet, 1.0).unwrap()).unwrap();
        let found = axes(&pairs.nine, &ridge.nine, 24, &mut Work::start(&mut quiet, 1.0).unwrap()).unwrap();
        assert_eq!(found.len() / 24, 10);
        assert!(fit(Family::LowRank, &pairs, 0, &mut quiet).unwrap().fitted.rank.unwrap() <= 10);
    }

    #[test]
    fn narrow_spaces_have_a_rank_too() {
        for (from, to) in [(1, 6), (6, 1), (3, 3)] {
            let (x, y) = (unit(from, &noise(from * 90, 6)), unit(to, &noise(to * 90, 7)));
            let rows: Vec<usize> = (0..90).collect();
            let map = fit(Family::LowRank, &pairs(&x, &y, &rows), 0, &mut quiet).unwrap();
            assert_eq!(map.fitted.rank, Some(1));
            assert_eq!(map.apply(&x, &mut quiet).unwrap().dims(), to);
        }
    }
}
