//! Queries that an option answers wrong where the old system is right, and the other way round.

use super::workbench::Workbench;
use crate::{
    Relevance,
    rank::{Hit, Ranking},
};

/// Of each query asked, whether its answer is right: a relevant document among the first `k`; with labels, the label of the first
/// document. `None` where nothing is known to be relevant.
pub(crate) fn right(bench: &Workbench<'_>, ranking: &Ranking) -> Vec<Option<bool>> {
    bench.asked.iter().zip(ranking.lists()).map(|(&place, hits)| answered(bench, place, hits)).collect()
}

fn answered(bench: &Workbench<'_>, place: usize, hits: &[Hit]) -> Option<bool> {
    let found = |hit: &Hit| bench.case.answers(place, hit.document as usize);
    match &bench.case.relevance {
        Relevance::Unknown => None,
        Relevance::Judged(_) => {
            let judged = !bench.case.judged(place).is_empty();
            judged.then(|| hits.iter().take(bench.settings.k).any(found))
        }
        Relevance::Shared(_) => {
            let labelled = !bench.case.judged(place).is_empty();
            labelled.then(|| hits.first().is_some_and(found))
        }
        Relevance::Labels { documents, queries, .. } => {
            let asking = if bench.own.is_some() { documents } else { queries };
            asking.get(place).copied().flatten()?;
            Some(hits.first().is_some_and(found))
        }
    }
}

/// Places of the queries that were right before and are wrong after, and of those that were wrong and are right.
pub(crate) fn changed(asked: &[usize], before: &[Option<bool>], after: &[Option<bool>]) -> (Vec<usize>, Vec<usize>) {
    let those = |was: bool| {
        let changes = asked.iter().zip(before.iter().zip(after));
        let changed = changes.filter(|&(_, answers)| answers == (&Some(was), &Some(!was)));
        changed.map(|(&place, _)| place).collect::<Vec<_>>()
    };
    (those(true), those(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        options::Settings,
        testing::{self, Planted},
    };

    fn ranking(lists: &[&[u32]]) -> Ranking {
        let list = |list: &&[u32]| list.iter().map(|&document| Hit { document, score: 0.0 }).collect::<Vec<_>>();
        Ranking::new(lists.iter().map(list).collect())
    }

    #[test]
    fn what_changed_is_told_by_place() {
        let before = [Some(true), Some(true), Some(false), Some(false), None, None];
        let after = [Some(true), Some(false), Some(true), Some(false), None, Some(true)];
        assert_eq!(changed(&[3, 5, 8, 13, 21, 34], &before, &after), (vec![5], vec![8]));
    }

    #[test]
    fn judged_queries_are_right_within_k() {
        let mut case = Planted { documents: 90, queries: 3, ..Planted::default() }.judged();
        case.relevance = Relevance::Judged(vec![vec![(4, 1.0), (6, 2.0)], vec![], vec![(8, 1.0)]]);
        let settings = Settings { k: 2, ..Settings::default() };
        let bench = Workbench::new(&case, &settings, &mut |_| Ok(())).unwrap();
        assert_eq!(right(&bench, &ranking(&[&[1, 6], &[1, 2, 8]])), [Some(true), Some(false)]);
        assert_eq!(right(&bench, &ranking(&[&[], &[8]])), [Some(false), Some(true)]);
    }

    #[test]
    fn labels_are_right_at_the_top_alone() {
        let mut case = testing::without_queries(Planted { documents: 4, ..Planted::default() }.labelled());
        let Relevance::Labels { documents, .. } = &mut case.relevance else { unreachable!() };
        *documents = vec![Some(0), Some(0), Some(0), Some(0)];
        let settings = Settings::default();
        let bench = Workbench::new(&case, &settings, &mut |_| Ok(())).unwrap();
        let [first, second] = bench.asked[..] else { unreachable!() };
        let mut other = case.clone();
        let Relevance::Labels { documents, .. } = &mut other.relevance else { unreachable!() };
        documents[second] = Some(1);
        let bench = Workbench { case: &other, ..bench };
        let found = ranking(&[&[second as u32, first as u32], &[second as u32]]);
        assert_eq!(right(&bench, &found), [Some(false), Some(true)]);
    }

    #[test]
    fn where_nothing_is_known_nothing_is_right_or_wrong() {
        let mut case = Planted { documents: 90, queries: 2, ..Planted::default() }.judged();
        case.relevance = Relevance::Unknown;
        let settings = Settings::default();
        let bench = Workbench::new(&case, &settings, &mut |_| Ok(())).unwrap();
        assert_eq!(right(&bench, &bench.full), [None, None]);
    }
}
