//! Cascades: a first stage finds the best N documents, which the new model embeds and re-scores by the new query.

use super::{Settings, workbench::Workbench};
use crate::{
    DecideError, Pulse,
    rank::{Hit, Ranking, before},
};

/// Queries between two calls of a pulse.
const QUERIES: usize = 64;

/// What a cascade finds.
pub(crate) struct Cascaded {
    pub ranking: Ranking,
    /// Documents that the new model embedded for these queries together, each counted once.
    pub touched: usize,
}

/// The numbers of candidates that are tried, ascending.
pub(crate) fn counts(settings: &Settings, documents: usize) -> Vec<usize> {
    let mut counts: Vec<usize> =
        settings.cascade.iter().copied().filter(|count| (1..=documents).contains(count)).collect();
    counts.sort_unstable();
    counts.dedup();
    counts
}

/// What the new model scores the first `most` candidates of each query, in the order in which the first stage found them.
///
/// # Errors
/// `pulse` breaks it off.
pub(crate) fn scored(
    bench: &Workbench<'_>,
    first: &Ranking,
    most: usize,
    pulse: Pulse<'_>,
) -> Result<Vec<Vec<Hit>>, DecideError> {
    let mut scored = Vec::with_capacity(first.count());
    for (at, (query, hits)) in bench.new_queries.rows().zip(first.lists()).enumerate() {
        if at.is_multiple_of(QUERIES) {
            pulse(at as f64 / first.count() as f64)?;
        }
        let hits = hits.get(..most).unwrap_or(hits);
        let scores = bench.new.scores(query, hits.iter().map(|hit| hit.document));
        scored.push(hits.iter().zip(scores).map(|(hit, score)| Hit { score, ..*hit }).collect());
    }
    Ok(scored)
}

/// Puts the first `candidates` of what the first stage found in the order of their new scores.
///
/// The rest of its ranking follows in its own order, as it would in an answer that is longer than `candidates`: else a cascade could not
/// be held against options that rank as deep as [`Settings::depth`]. Scores of the two parts are of different models.
pub(crate) fn rescored(bench: &Workbench<'_>, first: &Ranking, scored: &[Vec<Hit>], candidates: usize) -> Cascaded {
    let mut touched = vec![false; bench.case.documents.len()];
    let mut lists = Vec::with_capacity(first.count());
    for (hits, scored) in first.lists().zip(scored) {
        let mut list = scored.get(..candidates).unwrap_or(scored).to_vec();
        for hit in &list {
            if let Some(touched) = touched.get_mut(hit.document as usize) {
                *touched = true;
            }
        }
        list.sort_unstable_by(|&one, &other| before(one, other));
        list.extend(hits.iter().skip(list.len()).copied());
        list.truncate(bench.settings.depth);
        lists.push(list);
    }
    Cascaded { ranking: Ranking::new(lists), touched: touched.iter().filter(|&&touched| touched).count() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        options::workbench::Opened,
        testing::{self, Planted},
    };

    fn rescored(bench: &Workbench<'_>, first: &Ranking, candidates: usize) -> Cascaded {
        let scored = scored(bench, first, 90, &mut |_| Ok(())).unwrap();
        super::rescored(bench, first, &scored, candidates)
    }

    fn documents(hits: &[Hit]) -> Vec<u32> {
        hits.iter().map(|hit| hit.document).collect()
    }

    #[test]
    fn all_documents_re_scored_are_a_re_index() {
        for own in [false, true] {
            let judged = Planted { documents: 90, queries: 8, ..Planted::default() }.judged();
            let case = if own { testing::without_queries(judged) } else { judged };
            let settings = Settings { cascade: vec![90], ..Settings::default() };
            let Opened { bench, deep, .. } = Workbench::open(&case, &settings, &mut |_| Ok(())).unwrap();
            let found = rescored(&bench, &deep, 90);
            assert_eq!(found.touched, 90);
            for (full, list) in bench.full.lists().zip(found.ranking.lists()) {
                assert_eq!((full.len(), documents(&full[..20])), (list.len(), documents(&list[..20])));
            }
        }
    }

    #[test]
    fn the_rest_follows_as_it_was_found() {
        let case = Planted { documents: 90, queries: 8, ..Planted::default() }.judged();
        let settings = Settings { depth: 30, ..Settings::default() };
        let Opened { bench, deep, .. } = Workbench::open(&case, &settings, &mut |_| Ok(())).unwrap();
        let found = rescored(&bench, &deep, 10);
        let mut touched: Vec<u32> = deep.lists().flat_map(|hits| documents(&hits[..10])).collect();
        touched.sort_unstable();
        touched.dedup();
        assert_eq!(found.touched, touched.len());
        for (query, (before, after)) in deep.lists().zip(found.ranking.lists()).enumerate() {
            let (mut before, mut after) = (documents(before), documents(after));
            assert_eq!((after.len(), &after[10..]), (30, &before[10..30]));
            let score = |document: &u32| bench.new.score(bench.new_queries.row(query), *document);
            assert!(after[..10].is_sorted_by(|a, b| score(a) >= score(b)));
            before[..10].sort_unstable();
            after[..10].sort_unstable();
            assert_eq!(after[..10], before[..10]);
        }
    }

    #[test]
    fn counts_are_tried_once_each_and_none_beyond_the_documents() {
        let settings = Settings { cascade: vec![50, 10, 0, 50, 200], ..Settings::default() };
        assert_eq!(counts(&settings, 60), [10, 50]);
    }

    #[test]
    fn a_cascade_is_broken_off() {
        let case = Planted { documents: 90, queries: 8, ..Planted::default() }.judged();
        let settings = Settings::default();
        let Opened { bench, deep, .. } = Workbench::open(&case, &settings, &mut |_| Ok(())).unwrap();
        let found = scored(&bench, &deep, 10, &mut |_| Err(DecideError::Cancelled));
        assert_eq!(found.err(), Some(DecideError::Cancelled));
    }
}
