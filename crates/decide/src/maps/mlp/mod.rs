//! A small network on top of the linear map: what bends between two spaces.

mod network;

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use self::network::Network;
use super::{
    Family, Fitted, Map,
    apply::{Program, normalize},
    pairs::Pairs,
    ridge,
    work::Work,
};
use crate::DecideError;

/// Neurons of the hidden layer.
pub(super) const HIDDEN: usize = 256;

/// Pairs of one step, and steps at most: about four seconds at 384 dims.
pub(super) const BATCH: usize = 128;
pub(super) const STEPS: usize = 300;

/// Steps between two looks at the held-out pairs, and looks without a gain before it stops.
const LOOK: usize = 15;
const PATIENCE: usize = 5;

/// Pairs at most that it is trained on: more than are seen in all steps.
const MOST_PAIRS: usize = 16_384;

/// `z + GELU(z A + a) B + b` of what the regression makes of a row, `z`. Both are fitted on nine tenths of the pairs: Adam (Kingma and Ba,
/// 2015) raises the mean cosine with the rows to map to, and the network that serves the held-out pairs best is kept, which is the
/// regression alone where nothing is gained.
///
/// # Errors
/// What the pulse says.
pub(super) fn fit(pairs: &Pairs<'_>, seed: u64, work: &mut Work<'_>) -> Result<Map, DecideError> {
    let (ridge, (from, to)) = (ridge::shared(pairs, work)?, pairs.dims());
    let rows = pairs.kept_rows();
    let rows = rows.get(..MOST_PAIRS).unwrap_or(rows);
    let linear = [pairs.affine(&pairs.nine, &ridge.nine)];
    let (x, held) = {
        let program = Program::new(&linear, from)?;
        let x = program.run(pairs.x.rows(rows, work)?, work)?;
        (x, program.run(pairs.held_x.clone(), work)?)
    };
    let mut y = pairs.y.rows(rows, work)?;
    y.chunks_exact_mut(to).for_each(normalize);

    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut network = Network::new(&x, to, &mut rng);
    let (mut held_out, mut best) = (pairs.agreement(held.clone(), work)?, None);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let (mut next, mut idle) = (order.len(), 0);
    for step in 1..=STEPS {
        if next + BATCH > order.len() {
            order.shuffle(&mut rng);
            next = 0;
        }
        let batch = order.get(next..).unwrap_or_default();
        let batch = batch.get(..BATCH).unwrap_or(batch);
        network.learn(&gathered(&x, batch, to), &gathered(&y, batch, to), step, work)?;
        next += BATCH;
        if step.is_multiple_of(LOOK) {
            let cosine = pairs.agreement(network.apply(&held, work)?, work)?;
            idle += 1;
            if cosine > held_out {
                (held_out, best, idle) = (cosine, Some(network.step()), 0);
            }
            if idle == PATIENCE {
                break;
            }
        }
    }
    let steps = linear.into_iter().chain(best).collect();
    let fitted = Fitted { lambda: Some(ridge.lambda), held_out: Some(held_out), ..Fitted::default() };
    Ok(pairs.map(Family::Mlp, steps, fitted))
}

fn gathered(rows: &[f32], places: &[usize], dims: usize) -> Vec<f32> {
    let row = |&place: &usize| rows.get(place * dims..(place + 1) * dims).unwrap_or_default();
    places.iter().flat_map(row).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::super::{
        Step, fit,
        testing::{agreement, bent, noise, pairs, quiet, unit},
    };
    use super::*;

    #[test]
    fn what_bends_is_learned() {
        let (x, y) = bent(900, 6);
        let rows: Vec<usize> = (0..700).collect();
        let fresh: Vec<usize> = (700..900).collect();
        let pairs = pairs(&x, &y, &rows);
        let (map, ridge) =
            (fit(Family::Mlp, &pairs, 3, &mut quiet).unwrap(), fit(Family::Ridge, &pairs, 3, &mut quiet).unwrap());
        let (x, y) = (x.select(&fresh), y.select(&fresh));
        let (bent, straight) = (agreement(&map, &x, &y), agreement(&ridge, &x, &y));
        assert!(1.0 - bent < 0.5 * (1.0 - straight), "{bent} {straight}");
        assert!(map.fitted.held_out.unwrap() > ridge.fitted.held_out.unwrap());
        assert!(matches!(map.steps.as_slice(), [Step::Normalize, Step::Affine { .. }, Step::Residual(_)]));
        assert_eq!(fit(Family::Mlp, &pairs, 3, &mut quiet).unwrap(), map);
    }

    #[test]
    fn it_is_never_worse_on_held_out_pairs_than_where_it_starts() {
        for (from, to, count) in [(8, 8, 60), (5, 9, 300), (9, 5, 4)] {
            let (x, y) = (unit(from, &noise(from * count, 4)), unit(to, &noise(to * count, 5)));
            let rows: Vec<usize> = (0..count).collect();
            let pairs = pairs(&x, &y, &rows);
            let map = fit(Family::Mlp, &pairs, 0, &mut quiet).unwrap();
            let start = fit(Family::Ridge, &pairs, 0, &mut quiet).unwrap().fitted.held_out;
            assert!(map.fitted.held_out >= start, "{:?} {start:?}", map.fitted);
            let held = (x.select(pairs.held_rows()), y.select(pairs.held_rows()));
            assert!((agreement(&map, &held.0, &held.1) - map.fitted.held_out.unwrap()).abs() < 1e-5);
        }
    }
}
