//! From the final matrix to the scores of a chain.

use measure::matrix::CompatibilityMatrix;
use protocol::{Cell, Chain, ChainScores, Growth, ModelId, Rates};

use crate::LabError;

/// Fewest deployed models that make a chain; of two, the verdict says all.
const SHORTEST: u8 = 3;

/// Judges the `models` deployed models of a run as a chain; `None` if they are too few.
///
/// # Errors
/// [`LabError::Missing`] if a pair of deployed models was not measured, [`LabError::Measure`] if a score is no number.
pub(crate) fn chain(models: u8, cells: &[Cell]) -> Result<Option<Chain>, LabError> {
    if models < SHORTEST {
        return Ok(None);
    }
    let map = scores(models, cells, |rates| rates.map)?;
    let cmc1 = scores(models, cells, |rates| rates.cmc1)?;
    let growth = (2..=models).map(|models| {
        let ChainScores { ac, aa, .. } = scores(models, cells, |rates| rates.map)?;
        Ok(Growth { models, ac, aa })
    });
    Ok(Some(Chain { models, map, cmc1, growth: growth.collect::<Result<_, LabError>>()? }))
}

fn scores(models: u8, cells: &[Cell], score: fn(&Rates) -> f64) -> Result<ChainScores, LabError> {
    let place = |model: ModelId| usize::from(model.stage).wrapping_sub(1);
    let mut matrix = CompatibilityMatrix::new(usize::from(models));
    let counts = |model: ModelId| !model.independent && model.stage <= models;
    for Cell { query, gallery, all, .. } in cells.iter().filter(|it| counts(it.query) && counts(it.gallery)) {
        matrix.set(place(*query), place(*gallery), score(all))?;
    }
    let known = |value: Option<f64>| value.ok_or_else(|| LabError::Missing("A pair of the chain".to_owned()));
    let upgrades =
        (1..=models).flat_map(|new| (1..new).map(move |old| (ModelId::deployed(new), ModelId::deployed(old))));
    let fails = |(new, old): &(ModelId, ModelId)| {
        let (new, old) = (place(*new), place(*old));
        // Where one was not measured, AC is missing too and the whole is an error.
        matrix.get(new, old).zip(matrix.get(old, old)).is_some_and(|(cross, own)| cross <= own)
    };
    Ok(ChainScores {
        ac: known(matrix.average_compatibility())?,
        ac_with_ties: known(matrix.average_compatibility_with_ties())?,
        aa: known(matrix.average_accuracy())?,
        bc: known(matrix.backward_compatibility())?,
        fc: known(matrix.forward_compatibility())?,
        failed: upgrades.filter(fails).collect(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    /// Cells of the lower triangle, and of a ceiling that must not count.
    fn cells(rows: &[&[f64]]) -> Vec<Cell> {
        let cell = |query, gallery, map| {
            // Top-1 is the other way round, so that a mix-up shows.
            let all = Rates { map, cmc1: 1.0 - map, ..Rates::default() };
            Cell { query, gallery, all, seen: None, unseen: None }
        };
        let mut cells = vec![cell(ModelId::independent(2), ModelId::deployed(1), 0.0)];
        for (query, row) in (1..).zip(rows) {
            cells.extend(
                (1..).zip(*row).map(|(gallery, &map)| cell(ModelId::deployed(query), ModelId::deployed(gallery), map)),
            );
        }
        cells
    }

    #[test]
    fn the_scores_of_a_chain_by_hand() {
        let chain = chain(3, &cells(&[&[0.4], &[0.5, 0.6], &[0.4, 0.5, 0.9]])).unwrap().unwrap();
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        // v2/v1 passes, v3/v1 ties, v3/v2 fails.
        near(chain.map.ac, 1.0 / 3.0);
        near(chain.map.ac_with_ties, 2.0 / 3.0);
        near(chain.map.aa, (0.4 + 0.5 + 0.6 + 0.4 + 0.5 + 0.9) / 6.0);
        near(chain.map.bc, ((0.4 - 0.4) + (0.5 - 0.6)) / 2.0);
        near(chain.map.fc, ((0.5 - 0.6) + (0.5 - 0.9)) / 2.0);
        assert_eq!(chain.growth.iter().map(|growth| growth.models).collect::<Vec<_>>(), [2, 3]);
        near(chain.growth[0].ac, 1.0);
        near(chain.growth[0].aa, (0.4 + 0.5 + 0.6) / 3.0);
        assert_eq!((chain.growth[1].ac, chain.growth[1].aa), (chain.map.ac, chain.map.aa));
        let [v1, v2, v3] = [1, 2, 3].map(ModelId::deployed);
        assert_eq!(chain.map.failed, [(v3, v1), (v3, v2)]);
        assert_eq!(chain.cmc1.failed, [(v2, v1), (v3, v1)]);
        assert_eq!((chain.models, chain.upgrades()), (3, 3));
    }

    #[test]
    fn two_models_are_no_chain_and_a_missing_pair_is_an_error() {
        assert_eq!(chain(2, &cells(&[&[0.4], &[0.5, 0.6]])).unwrap(), None);
        assert!(matches!(chain(3, &cells(&[&[0.4], &[0.5, 0.6]])), Err(LabError::Missing(_))));
    }
}
