//! Options that are one search each, without a fitted map.

use super::{bridges, within, workbench::Workbench};
use crate::{
    DecideError, Pulse, Similarity, Vectors,
    maps::{Family, Fitted, Map, Step},
    rank::Ranking,
    vectors::length,
};

/// Rows summed between two calls of a pulse.
const ROWS: usize = 4096;

/// New queries over the old index, as they are; `None` where a query and a document have different numbers of dims.
pub(crate) fn swap(bench: &Workbench<'_>, pulse: Pulse<'_>) -> Result<Option<Ranking>, DecideError> {
    if bench.old.dims() != bench.new_queries.dims() {
        return Ok(None);
    }
    bench.old.search(&bench.new_queries, bench.settings.depth, bench.own.as_deref(), pulse).map(Some)
}

/// Old queries over the old index, the mean of the old documents subtracted from both.
pub(crate) fn centred(bench: &Workbench<'_>, pulse: Pulse<'_>) -> Result<Ranking, DecideError> {
    let documents = &bench.case.old.documents;
    let map = centring(documents, bench.case.similarity, &mut within(&mut *pulse, 0.0, 0.1))?;
    let queries = map.apply(&bench.old_queries, &mut within(&mut *pulse, 0.1, 0.15))?;
    bridges::over_mapped(bench, &map, &queries, bench.settings.depth, &mut within(pulse, 0.15, 1.0))
}

/// The map that subtracts the mean of the documents: of the rows as they are compared, so of unit rows where the cosine is.
fn centring(documents: &Vectors, similarity: Similarity, pulse: Pulse<'_>) -> Result<Map, DecideError> {
    let mut sums = vec![0.0; documents.dims()];
    for (at, row) in documents.rows().enumerate() {
        if at.is_multiple_of(ROWS) {
            pulse(at as f64 / documents.count() as f64)?;
        }
        let length = match similarity {
            Similarity::Cosine => length(row),
            Similarity::InnerProduct => 1.0,
        };
        if length > 0.0 {
            for (sum, &number) in sums.iter_mut().zip(row) {
                *sum += f64::from(number) / length;
            }
        }
    }
    let count = documents.count().max(1) as f64;
    let subtract = Step::Add(sums.iter().map(|sum| (-sum / count) as f32).collect());
    let steps = match similarity {
        Similarity::Cosine => vec![Step::Normalize, subtract],
        Similarity::InnerProduct => vec![subtract],
    };
    let dims = documents.dims();
    Ok(Map { family: Family::Translation, from: dims, to: dims, steps, fitted: Fitted::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{options::Settings, rank::Index, testing::Planted};

    fn quiet(_: f64) -> Result<(), DecideError> {
        Ok(())
    }

    #[test]
    fn the_mean_is_that_of_the_rows_as_they_are_compared() {
        let documents = Vectors::new(2, vec![3.0, 4.0, 0.0, 2.0]).unwrap();
        let of = |similarity| centring(&documents, similarity, &mut quiet).unwrap().steps;
        assert_eq!(of(Similarity::InnerProduct), [Step::Add(vec![-1.5, -3.0])]);
        assert_eq!(of(Similarity::Cosine), [Step::Normalize, Step::Add(vec![-0.3, -0.9])]);
    }

    #[test]
    fn centring_is_a_search_of_centred_rows() {
        let mut case = Planted { documents: 90, queries: 10, ..Planted::default() }.judged();
        // Far from the origin, where every two rows look alike.
        fn far(rows: &Vectors) -> Vectors {
            Vectors::new(rows.dims(), rows.numbers().iter().map(|number| number + 9.0).collect()).unwrap()
        }
        case.old.documents = far(&case.old.documents);
        case.old.queries = case.old.queries.as_ref().map(far);
        let settings = Settings::default();
        let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
        let found = centred(&bench, &mut quiet).unwrap();

        let unit = case.old.documents.unit();
        let mean = unit.mean();
        let subtract = |rows: Vectors| {
            let row = |row: &[f32]| row.iter().zip(&mean).map(|(a, b)| (f64::from(*a) - b) as f32).collect::<Vec<_>>();
            Vectors::new(rows.dims(), rows.rows().flat_map(row).collect()).unwrap()
        };
        let documents = subtract(unit.clone());
        let index = Index::new(&documents, Similarity::Cosine).unwrap();
        let expected = index.search(&subtract(bench.old_queries.unit()), 10, None, &mut quiet).unwrap();
        for (found, expected) in found.lists().zip(expected.lists()) {
            let documents =
                |hits: &[crate::rank::Hit]| hits.iter().take(10).map(|hit| hit.document).collect::<Vec<_>>();
            assert_eq!(documents(found), documents(expected));
        }
    }

    #[test]
    fn a_swap_takes_equal_dims() {
        let settings = Settings::default();
        let same = Planted { documents: 90, queries: 3, ..Planted::default() }.judged();
        let bench = Workbench::new(&same, &settings, &mut quiet).unwrap();
        assert_eq!(swap(&bench, &mut quiet).unwrap().unwrap().count(), 3);
        let wider = Planted { documents: 90, queries: 3, dims: (7, 12), ..Planted::default() }.judged();
        let bench = Workbench::new(&wider, &settings, &mut quiet).unwrap();
        assert_eq!(swap(&bench, &mut quiet).unwrap(), None);
    }
}
