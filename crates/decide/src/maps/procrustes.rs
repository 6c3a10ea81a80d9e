//! Orthogonal maps: they turn and mirror a space but keep every distance and angle in it (Schönemann, 1966).

use super::{
    Family, Fitted, Map,
    pairs::Pairs,
    polar::{self, Polar},
    products::{Number, Part, Target, View, add_scaled},
    reflectors::Reflectors,
    work::Work,
};
use crate::DecideError;

/// The `W` with orthonormal rows or columns that maximises `tr(W'C)` for `C = (X - mx)'(Y - my)`; `scaled` by `tr(W'C) / ||X - mx||^2`, which
/// then fits best.
///
/// # Errors
/// The iteration does not converge, or what the pulse says.
pub(super) fn fit(pairs: &Pairs<'_>, scaled: bool, work: &mut Work<'_>) -> Result<Map, DecideError> {
    let polar = shared(pairs, work)?;
    let scale = if scaled { polar.trace / pairs.all.spread.0 } else { 1.0 };
    let weight: Vec<f64> = polar.turn.iter().map(|number| scale * number).collect();
    let family = if scaled { Family::ScaledProcrustes } else { Family::Procrustes };
    Ok(pairs.map(family, vec![pairs.affine(&pairs.all, &weight)], Fitted::default()))
}

/// The orthogonal factor of these pairs, found once.
fn shared<'p>(pairs: &'p Pairs<'_>, work: &mut Work<'_>) -> Result<&'p Polar, DecideError> {
    if let Some(found) = pairs.polar.get() {
        return Ok(found);
    }
    let (from, to) = pairs.dims();
    let few = 2 * pairs.count().saturating_sub(1) <= from.min(to);
    let found = if few { of_few(pairs, work)? } else { polar::quick(&pairs.all.cross, to, work)? };
    Ok(pairs.polar.get_or_init(|| found))
}

/// The same where pairs span a small part of both spaces: turned within what they span, and what is left of one space laid on what is left
/// of the other, axis by axis.
fn of_few(pairs: &Pairs<'_>, work: &mut Work<'_>) -> Result<Polar, DecideError> {
    let (from, to) = pairs.dims();
    let rows = pairs.all_rows();
    let x = Reflectors::of(contrasts(&pairs.x.centred(&rows, work)?, from), from, work)?;
    let y = Reflectors::of(contrasts(&pairs.y.centred(&rows, work)?, to), to, work)?;
    // C in the bases of both.
    let (left, right) = (x.triangle(), y.triangle());
    let count = pairs.count() - 1;
    let mut cross = vec![0.0; count * count];
    let (left, right) = (View::new(&left, count).transposed(), View::new(&right, count));
    f64::add_product(Target::new(&mut cross, count), left, right, 1.0, Part::All, work)?;
    let inner = polar::quick(&cross, count, work)?;

    let mut turn = vec![0.0; from * to];
    for (at, slots) in turn.chunks_exact_mut(to).enumerate() {
        match inner.turn.chunks_exact(count).nth(at) {
            Some(row) => slots.iter_mut().zip(row).for_each(|(slot, &number)| *slot = number),
            None => slots.iter_mut().skip(at).take(1).for_each(|slot| *slot = 1.0),
        }
    }
    x.turn_all(&mut turn, to, work)?;
    for row in turn.chunks_exact_mut(to) {
        y.turn(row);
        work.advance(2.0 * (count * to) as f64)?;
    }
    Ok(Polar { turn, trace: inner.trace })
}

/// Rows less their mean with one row less: the orthogonal contrasts of Helmert, which have the same inner products of columns. The `k`th is
/// the sum of the first `k` rows less `k` times the next, by `sqrt(k (k + 1))`.
fn contrasts(rows: &[f32], dims: usize) -> Vec<f64> {
    let mut sum = vec![0.0; dims];
    let mut contrasts = Vec::with_capacity(rows.len());
    for (before, row) in rows.chunks_exact(dims).enumerate() {
        let before = before as f64;
        let row: Vec<f64> = row.iter().map(|&number| f64::from(number)).collect();
        if before > 0.0 {
            let scale = 1.0 / (before * (before + 1.0)).sqrt();
            contrasts.extend(sum.iter().zip(&row).map(|(sum, number)| scale * (sum - before * number)));
        }
        add_scaled(&mut sum, 1.0, &row);
    }
    contrasts
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;
    use proptest::prelude::*;

    use super::super::{
        Step, fit,
        products::{dot, widen},
        testing::{agreement, noise, pairs, quiet, semi_orthogonal, turned, unit},
    };
    use super::*;
    use crate::Vectors;

    /// The weight of the one affine step of a map.
    fn weight(map: &Map) -> Vec<f64> {
        match map.steps.as_slice() {
            [Step::Normalize, Step::Affine { weight, .. }] => widen(weight),
            steps => panic!("{steps:?}"),
        }
    }

    fn near(a: &[f64], b: &[f64], tolerance: f64) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < tolerance)
    }

    /// The largest departure of the inner products of the rows or columns, whichever are fewer, from those of axes.
    fn askew(weight: &[f64], to: usize) -> f64 {
        let weight = DMatrix::from_row_slice(weight.len() / to, to, weight);
        let gram = if weight.nrows() >= to { weight.transpose() * &weight } else { &weight * weight.transpose() };
        let identity = DMatrix::identity(gram.nrows(), gram.nrows());
        (gram - identity).abs().max()
    }

    #[test]
    fn a_planted_rotation_is_found_both_ways() {
        for (from, to) in [(12, 12), (9, 14), (1, 5)] {
            let x = unit(from, &noise(from * 200, 1));
            let turn = semi_orthogonal(from, to, 2);
            let y = unit(to, &turned(&x, &turn, to));
            let rows: Vec<usize> = (0..200).collect();
            let there = fit(Family::Procrustes, &pairs(&x, &y, &rows), 0, &mut quiet).unwrap();
            assert!(near(&weight(&there), &turn, 1e-5), "{from} to {to}");
            assert!(agreement(&there, &x, &y) > 1.0 - 1e-6);
            // Back is the transpose, whatever of the wider space the rows never reach.
            let back = fit(Family::Procrustes, &pairs(&y, &x, &rows), 0, &mut quiet).unwrap();
            assert!(near(&weight(&back), &super::super::products::transposed(&turn, to), 1e-5), "{to} to {from}");
            assert!(agreement(&back, &y, &x) > 1.0 - 1e-6);
        }
    }

    #[test]
    fn the_scale_is_that_of_the_spread() {
        // Rows about e1, so far apart in x and half as far in y: both are of unit length, and only what is centred differs in scale.
        let around = |spread: f64| {
            let numbers = noise(60 * 5, 3);
            unit(
                5,
                &(0..300_usize)
                    .map(|at| if at.is_multiple_of(5) { 1.0 } else { spread * numbers[at] })
                    .collect::<Vec<f64>>(),
            )
        };
        let (x, y) = (around(0.02), around(0.01));
        let rows: Vec<usize> = (0..60).collect();
        let pairs = pairs(&x, &y, &rows);
        let plain = weight(&fit(Family::Procrustes, &pairs, 0, &mut quiet).unwrap());
        let scaled = weight(&fit(Family::ScaledProcrustes, &pairs, 0, &mut quiet).unwrap());
        let ratio = dot(&scaled, &plain) / dot(&plain, &plain);
        assert!((ratio - 0.5).abs() < 2e-3, "{ratio}");
        assert!(near(&scaled, &plain.iter().map(|number| ratio * number).collect::<Vec<_>>(), 1e-6));
    }

    #[test]
    fn few_pairs_still_make_an_orthogonal_map_that_is_the_best() {
        for (from, to, count) in [(12, 12, 5), (20, 14, 7), (14, 20, 4), (12, 12, 9)] {
            let (x, y) = (unit(from, &noise(from * count, 4)), unit(to, &noise(to * count, 5)));
            let rows: Vec<usize> = (0..count).collect();
            let pairs = pairs(&x, &y, &rows);
            let map = fit(Family::Procrustes, &pairs, 0, &mut quiet).unwrap();
            let weight = weight(&map);
            assert!(askew(&weight, to) < 1e-6, "{from} to {to} from {count}");
            let best = DMatrix::from_row_slice(from, to, &pairs.all.cross).singular_values().sum();
            assert!((dot(&weight, &pairs.all.cross) - best).abs() < 1e-5 * best);
            assert_eq!(fit(Family::Procrustes, &pairs, 0, &mut quiet).unwrap(), map);
        }
    }

    #[test]
    fn rows_that_lack_dims_are_turned_all_the_same() {
        // Only 6 of 16 dims vary, and more pairs than dims.
        let narrow = noise(6 * 100, 6);
        let numbers: Vec<f64> = narrow.chunks(6).flat_map(|row| row.iter().copied().chain([0.0; 10])).collect();
        let x = unit(16, &numbers);
        let turn = semi_orthogonal(16, 16, 7);
        let y = unit(16, &turned(&x, &turn, 16));
        let rows: Vec<usize> = (0..100).collect();
        let map = fit(Family::Procrustes, &pairs(&x, &y, &rows), 0, &mut quiet).unwrap();
        assert!(askew(&weight(&map), 16) < 1e-6);
        assert!(agreement(&map, &x, &y) > 1.0 - 1e-6);
        assert!(near(&weight(&map)[..6 * 16], &turn[..6 * 16], 1e-4));
    }

    #[test]
    fn contrasts_have_the_products_of_centred_rows() {
        let rows: Vec<f32> = noise(7 * 3, 8).iter().map(|&number| number as f32).collect();
        let mut centred = DMatrix::from_row_slice(7, 3, &widen(&rows));
        let mean = centred.row_mean();
        for mut row in centred.row_iter_mut() {
            row -= &mean;
        }
        let contrasts = DMatrix::from_row_slice(6, 3, &contrasts(&rows, 3));
        assert!((contrasts.transpose() * &contrasts - centred.transpose() * &centred).abs().max() < 1e-12);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn rows_or_columns_are_orthonormal(
            from in 1_usize..14, to in 1_usize..14, count in 4_usize..40, seed in 0_u64..1000,
        ) {
            let (x, y) = (unit(from, &noise(from * count, seed)), unit(to, &noise(to * count, seed + 1)));
            let rows: Vec<usize> = (0..count).collect();
            let pairs = Pairs::new(&x, &y, &rows, &mut quiet).unwrap();
            // Of one number each, rows of unit length may all be the same.
            match fit(Family::Procrustes, &pairs, 0, &mut quiet) {
                Ok(map) => {
                    prop_assert!(askew(&weight(&map), to) < 1e-6);
                    let mapped: Vectors = map.apply(&x, &mut quiet).unwrap();
                    prop_assert_eq!((mapped.count(), mapped.dims()), (count, to));
                }
                Err(error) => {
                    let expected = matches!(error, DecideError::Undefined { .. }) && from.min(to) == 1;
                    prop_assert!(expected, "{}", error);
                }
            }
        }
    }
}
