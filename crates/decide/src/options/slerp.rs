//! Both encoders: the old query and the mapped new one, fused on the great circle between them (Ricci, Biondi and Pernici, NeurIPS 2026).

use measure::{Features, alignment::slerp};

use super::{within, workbench::Workbench};
use crate::{DecideError, Pulse, Vectors, maps::Map, rank::Ranking};

/// How far fused queries are on the way to the mapped new query, in percent. At 0 there is the old system, at 100 the bridge.
pub(crate) const WEIGHTS: [u8; 3] = [25, 50, 75];

/// Fused queries over the old index. `map` leads from the new space into the old one.
pub(crate) fn search(
    bench: &Workbench<'_>,
    map: &Map,
    weight_percent: u8,
    pulse: Pulse<'_>,
) -> Result<Ranking, DecideError> {
    let mapped = map.apply(&bench.new_queries, &mut within(&mut *pulse, 0.0, 0.1))?;
    let queries = fuse(&bench.old_queries, &mapped, weight_percent)?;
    bench.old.search(&queries, bench.settings.depth, bench.own.as_deref(), &mut within(pulse, 0.1, 1.0))
}

/// Each row of `old` turned towards that of `mapped`, both scaled to unit length before: `[rows, dims]`.
pub(crate) fn fuse(old: &Vectors, mapped: &Vectors, weight_percent: u8) -> Result<Vectors, DecideError> {
    let refused = |error: measure::MeasureError| DecideError::Undefined {
        what: "a query of both models",
        why: error.to_string(),
    };
    let from = Features::new(old.numbers(), old.dims()).map_err(refused)?;
    let to = Features::new(mapped.numbers(), mapped.dims()).map_err(refused)?;
    let fused = slerp(f64::from(weight_percent) / 100.0, &from, &to).map_err(refused)?;
    Vectors::new(old.dims(), fused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_fused_on_the_great_circle() {
        let old = Vectors::new(2, vec![3.0, 0.0, 0.0, 1.0]).unwrap();
        let mapped = Vectors::new(2, vec![0.0, 0.5, 0.0, 2.0]).unwrap();
        let fused = |percent| fuse(&old, &mapped, percent).unwrap().numbers().to_vec();
        let half = std::f32::consts::FRAC_1_SQRT_2;
        for (percent, expected) in
            [(0, [1.0, 0.0, 0.0, 1.0]), (50, [half, half, 0.0, 1.0]), (100, [0.0, 1.0, 0.0, 1.0])]
        {
            assert!(fused(percent).iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{percent} %");
        }
        // Of a right angle, 33 % are 29.7 degrees.
        assert!((fused(33)[0] - 0.868_632).abs() < 1e-5);
    }

    #[test]
    fn rows_that_do_not_pair_up_are_refused() {
        let old = Vectors::new(2, vec![1.0; 4]).unwrap();
        let error = fuse(&old, &Vectors::new(3, vec![1.0; 6]).unwrap(), 50).unwrap_err();
        assert!(matches!(error, DecideError::Undefined { .. }));
    }
}
