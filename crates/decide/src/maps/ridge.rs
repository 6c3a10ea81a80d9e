//! Penalised linear regression, and how strong the penalty has to be.

use super::{
    Family, Fitted, Map, cholesky, dual::Dual, pairs::Pairs, products::add_to_diagonal, side::Side, sums::Moments,
    work::Work,
};
use crate::DecideError;

/// Penalties that are tried, as shares of the mean eigenvalue of `(X - mx)'(X - mx)`.
pub(super) const SHARES: [f64; 6] = [1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0];

/// The mean eigenvalue is taken as at least this, so that a penalty is always above 0.
const LEAST: f64 = 1e-12;

/// `(X'X + lambda I)^-1 X'Y` of centred rows.
pub(super) struct Ridge {
    /// The penalty of the fit on all pairs.
    pub(super) lambda: f64,
    /// The mean cosine on held-out pairs of the fit on the others.
    pub(super) held_out: f64,
    /// Of the pairs that are not held out, `[from, to]`.
    pub(super) nine: Vec<f64>,
    /// Of all pairs, `[from, to]`.
    pub(super) all: Vec<f64>,
}

/// The affine map.
///
/// # Errors
/// What the pulse says.
pub(super) fn fit(pairs: &Pairs<'_>, work: &mut Work<'_>) -> Result<Map, DecideError> {
    let ridge = shared(pairs, work)?;
    let fitted = Fitted { lambda: Some(ridge.lambda), held_out: Some(ridge.held_out), ..Fitted::default() };
    Ok(pairs.map(Family::Ridge, vec![pairs.affine(&pairs.all, &ridge.all)], fitted))
}

/// The regression of these pairs, made once: the penalty whose fit on nine tenths has the largest mean cosine on the other pairs, the
/// smallest of equals, then all pairs.
///
/// # Errors
/// What the pulse says.
pub(super) fn shared<'p>(pairs: &'p Pairs<'_>, work: &mut Work<'_>) -> Result<&'p Ridge, DecideError> {
    if let Some(found) = pairs.ridge.get() {
        return Ok(found);
    }
    let system = System::new(pairs, &pairs.nine, pairs.kept_rows(), work)?;
    let (mut chosen, mut held_out, mut nine) = (1.0, f64::NEG_INFINITY, Vec::new());
    for share in SHARES {
        let weight = system.solve(share * mean_eigenvalue(&pairs.nine), work)?;
        let cosine = pairs.agreement_of(&[pairs.affine(&pairs.nine, &weight)], work)?;
        if cosine > held_out {
            (chosen, held_out, nine) = (share, cosine, weight);
        }
    }
    drop(system);
    let lambda = chosen * mean_eigenvalue(&pairs.all);
    let all = System::new(pairs, &pairs.all, &pairs.all_rows(), work)?.solve(lambda, work)?;
    Ok(pairs.ridge.get_or_init(|| Ridge { lambda, held_out, nine, all }))
}

/// The mean eigenvalue of the scatter of the rows to map from.
pub(super) fn mean_eigenvalue(moments: &Moments) -> f64 {
    (moments.spread.0 / moments.x.len() as f64).max(LEAST)
}

/// What is solved for every penalty: a system as large as there are dims, or as there are rows where these are far fewer.
enum System<'m> {
    Primal(&'m Moments),
    Dual { rows: Dual<f64>, targets: Vec<f64>, columns: usize },
}

impl<'m> System<'m> {
    fn new(pairs: &Pairs<'_>, moments: &'m Moments, rows: &[usize], work: &mut Work<'_>) -> Result<Self, DecideError> {
        let (from, to) = pairs.dims();
        if 2 * rows.len() > from {
            return Ok(Self::Primal(moments));
        }
        let x = about(&pairs.x, rows, &moments.x, work)?;
        let targets = about(&pairs.y, rows, &moments.y, work)?;
        Ok(Self::Dual { rows: Dual::new(x, from, work)?, targets, columns: to })
    }

    /// `[from, to]`.
    fn solve(&self, lambda: f64, work: &mut Work<'_>) -> Result<Vec<f64>, DecideError> {
        match self {
            Self::Primal(moments) => {
                let (from, to) = (moments.x.len(), moments.y.len());
                let (mut system, mut weight) = (moments.auto.clone(), moments.cross.clone());
                add_to_diagonal(&mut system, from, lambda);
                cholesky::factor(&mut system, from, work)?;
                cholesky::solve(&system, from, &mut weight, to, work)?;
                Ok(weight)
            }
            Self::Dual { rows, targets, columns } => {
                let coefficients = rows.coefficients(targets, *columns, lambda, work)?;
                rows.weight(&coefficients, *columns, work)
            }
        }
    }
}

/// Rows in 64 bits less their mean.
fn about(side: &Side<'_>, rows: &[usize], mean: &[f64], work: &mut Work<'_>) -> Result<Vec<f64>, DecideError> {
    let rows = side.centred(rows, work)?;
    let row = |row: &[f32]| row.iter().zip(mean).map(|(&number, mean)| f64::from(number) - mean).collect::<Vec<f64>>();
    Ok(rows.chunks_exact(mean.len()).flat_map(row).collect())
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::super::{
        Step, fit,
        products::widen,
        testing::{agreement, noise, pairs, quiet, turned, unit},
    };
    use super::*;
    use crate::Vectors;

    fn unit_rows(rows: &Vectors) -> DMatrix<f64> {
        DMatrix::from_row_slice(rows.count(), rows.dims(), &widen(rows.unit().numbers()))
    }

    /// What the normal equations say of rows with a column of ones, whose own weight has no penalty: weight and bias.
    fn normal(x: &Vectors, y: &Vectors, lambda: f64) -> (DMatrix<f64>, DMatrix<f64>) {
        let x = unit_rows(x).insert_column(0, 1.0);
        let mut system = x.transpose() * &x;
        for at in 1..system.nrows() {
            system[(at, at)] += lambda;
        }
        let solved = system.lu().solve(&(x.transpose() * unit_rows(y))).unwrap();
        (solved.rows(1, solved.nrows() - 1).into_owned(), solved.rows(0, 1).into_owned())
    }

    /// Rows, and rows that follow from them but for noise.
    fn related(count: usize, (from, to): (usize, usize), blur: f64, seed: u64) -> (Vectors, Vectors) {
        let x = unit(from, &noise(count * from, seed).iter().map(|number| number + 0.5).collect::<Vec<_>>());
        let mixed = turned(&x, &noise(from * to, seed + 1), to);
        let numbers: Vec<f64> = mixed.iter().zip(noise(count * to, seed + 2)).map(|(a, b)| a + blur * b).collect();
        (x, unit(to, &numbers))
    }

    #[test]
    fn it_solves_the_normal_equations_with_many_and_few_pairs() {
        // The last two are solved in the rows.
        for (count, from, to) in [(100, 6, 4), (60, 5, 8), (30, 20, 20), (12, 40, 9), (4, 30, 3)] {
            let (x, y) = related(count, (from, to), 0.3, 1);
            let rows: Vec<usize> = (0..count).collect();
            let map = fit(Family::Ridge, &pairs(&x, &y, &rows), 0, &mut quiet).unwrap();
            let (weight, bias) = normal(&x, &y, map.fitted.lambda.unwrap());
            let near = |found: &[f32], expected: &DMatrix<f64>| {
                let expected = expected.transpose();
                found.len() == expected.len()
                    && found.iter().zip(&expected).all(|(&a, b)| (f64::from(a) - b).abs() < 1e-4 * (1.0 + b.abs()))
            };
            match map.steps.as_slice() {
                [Step::Normalize, Step::Affine { weight: found, bias: found_bias }] => {
                    assert!(near(found, &weight) && near(found_bias, &bias), "{count} {from} {to}");
                }
                steps => panic!("{steps:?}"),
            }
            assert_eq!(map.fitted.pairs, count);
        }
    }

    #[test]
    fn both_systems_give_one_solution() {
        let (x, y) = related(40, (25, 7), 0.2, 4);
        let rows: Vec<usize> = (0..40).collect();
        let pairs = pairs(&x, &y, &rows);
        let mut quiet = quiet;
        let mut work = Work::start(&mut quiet, 1.0).unwrap();
        let large = System::Primal(&pairs.all).solve(0.5, &mut work).unwrap();
        let x = about(&pairs.x, &pairs.all_rows(), &pairs.all.x, &mut work).unwrap();
        let targets = about(&pairs.y, &pairs.all_rows(), &pairs.all.y, &mut work).unwrap();
        let rows = Dual::new(x, 25, &mut work).unwrap();
        let small = System::Dual { rows, targets, columns: 7 }.solve(0.5, &mut work).unwrap();
        assert!(large.iter().zip(&small).all(|(a, b)| (a - b).abs() < 1e-5));
    }

    #[test]
    fn with_few_and_noisy_pairs_the_chosen_penalty_beats_almost_none() {
        let (x, y) = related(1000, (24, 24), 1.0, 7);
        let rows: Vec<usize> = (0..30).collect();
        let others: Vec<usize> = (30..1000).collect();
        let (fresh_x, fresh_y) = (x.select(&others), y.select(&others));
        let pairs = pairs(&x, &y, &rows);
        let map = fit(Family::Ridge, &pairs, 0, &mut quiet).unwrap();
        let mut quiet = quiet;
        let mut work = Work::start(&mut quiet, 1.0).unwrap();
        let free = System::Primal(&pairs.all).solve(1e-9, &mut work).unwrap();
        let free = pairs.map(Family::Ridge, vec![pairs.affine(&pairs.all, &free)], Fitted::default());
        let (chosen, free) = (agreement(&map, &fresh_x, &fresh_y), agreement(&free, &fresh_x, &fresh_y));
        assert!(chosen > free + 0.05, "{chosen} {free}");
        let share = map.fitted.lambda.unwrap() / mean_eigenvalue(&pairs.all);
        assert!(SHARES.iter().any(|known| (share / known - 1.0).abs() < 1e-9) && share > 1e-3, "{share}");
    }

    #[test]
    fn without_noise_the_map_is_found() {
        let (x, y) = related(400, (6, 6), 0.0, 9);
        let rows: Vec<usize> = (0..400).collect();
        let map = fit(Family::Ridge, &pairs(&x, &y, &rows), 0, &mut quiet).unwrap();
        // Scaling y to unit length bends what was straight.
        assert!(map.fitted.held_out.unwrap() > 0.95 && agreement(&map, &x, &y) > 0.95, "{map:?}");
    }
}
