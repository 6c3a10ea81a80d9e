//! What every option is measured with: both indices, the queries that are judged, the pairs that maps are fitted on, and the two systems
//! that all others stand between.

use super::{Settings, split::Split, within};
use crate::{
    Case, DecideError, Embedded, Pulse, Vectors,
    judge::{Bootstrap, Metric, PerQuery, per_query},
    rank::{Index, Ranking},
};

/// A case made ready. Rankings and scores hold one list or number for each of [`Workbench::asked`], in its order.
#[derive(Clone, Debug)]
pub struct Workbench<'a> {
    /// What there is to decide about.
    pub case: &'a Case,
    /// What is tried.
    pub settings: &'a Settings,
    /// The old model's documents.
    pub old: Index<'a>,
    /// The new model's documents.
    pub new: Index<'a>,
    /// The old model's vectors of the queries that are asked, `[asked, old dims]`.
    pub old_queries: Vectors,
    /// The new model's, `[asked, new dims]`.
    pub new_queries: Vectors,
    /// Where there are no queries, the documents that ask, none of which finds itself; the same as `asked`.
    pub own: Option<Vec<usize>>,
    /// Documents whose pairs maps are fitted on, in an order drawn by seed: the first few are a sample of them.
    pub fit_rows: Vec<usize>,
    /// The old system: old queries over old documents, [`Settings::depth`] deep.
    pub stay: Ranking,
    /// The full re-index: new queries over new documents, as deep.
    pub full: Ranking,
    /// The resamples of queries, the same for everything that is compared.
    pub bootstrap: Bootstrap,
    /// Places in the case of the queries that are judged, ascending; of documents, where these ask.
    pub asked: Vec<usize>,
}

/// A workbench, and what came up on the way to it.
pub(crate) struct Opened<'a> {
    pub bench: Workbench<'a>,
    /// The old system's ranking, as deep as the largest cascade needs.
    pub deep: Ranking,
    /// Queries judged none of whose relevant documents is fitted on.
    pub judged_on: usize,
    /// Who asks and what is fitted on, in whole sentences.
    pub notices: Vec<String>,
}

impl<'a> Workbench<'a> {
    /// Splits pairs from queries by seed, builds both indices and ranks by both models.
    ///
    /// # Errors
    /// No query is judged, rows cannot be searched, or `pulse` breaks it off.
    pub fn new(case: &'a Case, settings: &'a Settings, pulse: Pulse<'_>) -> Result<Self, DecideError> {
        Ok(Self::open(case, settings, pulse)?.bench)
    }

    /// [`Workbench::new`], with all that came up.
    pub(crate) fn open(case: &'a Case, settings: &'a Settings, pulse: Pulse<'_>) -> Result<Opened<'a>, DecideError> {
        let Split { fit_rows, asked, own, judged_on, notices } = Split::new(case, settings)?;
        let old_queries = asking(case, &case.old, &asked)?;
        let new_queries = asking(case, &case.new, &asked)?;
        let own = own.then(|| asked.clone());
        let old = Index::new(&case.old.documents, case.similarity)?;
        pulse(0.05)?;
        let new = Index::new(&case.new.documents, case.similarity)?;
        pulse(0.1)?;
        let deep = old.search(&old_queries, deepest(settings), own.as_deref(), &mut within(&mut *pulse, 0.1, 0.55))?;
        let full = new.search(&new_queries, settings.depth, own.as_deref(), &mut within(pulse, 0.55, 1.0))?;
        let stay = cut(&deep, settings.depth);
        let bootstrap = Bootstrap::new(asked.len(), settings.seed);
        let bench =
            Self { case, settings, old, new, old_queries, new_queries, own, fit_rows, stay, full, bootstrap, asked };
        Ok(Opened { bench, deep, judged_on, notices })
    }
}

impl Workbench<'_> {
    /// What a ranking of the queries asked scores, one number for each. Overlaps are with [`Workbench::full`] and [`Workbench::stay`].
    pub fn scores(&self, metric: Metric, ranking: &Ranking) -> PerQuery {
        let reference = match metric {
            Metric::OverlapNew => Some(self.in_place(&self.full)),
            Metric::OverlapOld => Some(self.in_place(&self.stay)),
            Metric::Recall | Metric::Mrr | Metric::Ndcg | Metric::LabelMap => None,
        };
        let scores = per_query(metric, self.settings.k, &self.in_place(ranking), self.case, reference.as_ref());
        self.asked.iter().map(|&place| scores.get(place).copied().flatten()).collect()
    }

    /// A ranking with a list for every query of the case (every document, where these ask), empty where it was not asked: judging goes by
    /// places in the case.
    fn in_place(&self, ranking: &Ranking) -> Ranking {
        let places = if self.own.is_some() { self.case.documents.len() } else { self.case.queries.len() };
        let mut lists = vec![Vec::new(); places];
        for (&place, hits) in self.asked.iter().zip(ranking.lists()) {
            if let Some(list) = lists.get_mut(place) {
                *list = hits.to_vec();
            }
        }
        Ranking::new(lists)
    }
}

/// The rows of those that ask.
fn asking(case: &Case, model: &Embedded, asked: &[usize]) -> Result<Vectors, DecideError> {
    if case.asks_with_documents() {
        return Ok(model.documents.select(asked));
    }
    let missing =
        || DecideError::Lengths { what: "queries", model: model.name.clone(), found: 0, expected: case.queries.len() };
    Ok(model.queries.as_ref().ok_or_else(missing)?.select(asked))
}

/// How deep a ranking has to be to serve as the first stage of every cascade.
pub(crate) fn deepest(settings: &Settings) -> usize {
    settings.cascade.iter().copied().max().unwrap_or(0).max(settings.depth)
}

/// The first `depth` documents of every query.
pub(crate) fn cut(ranking: &Ranking, depth: usize) -> Ranking {
    Ranking::new(ranking.lists().map(|hits| hits.iter().take(depth).copied().collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Relevance,
        rank::Hit,
        testing::{self, Planted},
    };

    #[test]
    fn a_ranking_is_judged_in_the_place_of_its_queries() {
        let mut case = Planted { documents: 90, queries: 4, ..Planted::default() }.judged();
        case.relevance = Relevance::Judged(vec![vec![], vec![(5, 1.0)], vec![], vec![(7, 1.0)]]);
        let settings = Settings::default();
        let bench = Workbench::new(&case, &settings, &mut |_| Ok(())).unwrap();
        assert_eq!((&bench.asked[..], bench.old_queries.count()), (&[1, 3][..], 2));
        assert_eq!(bench.new_queries.row(1), case.new.queries.as_ref().unwrap().row(3));
        let list = |documents: [u32; 2]| documents.map(|document| Hit { document, score: 1.0 }).to_vec();
        let ranking = Ranking::new(vec![list([5, 7]), list([5, 7])]);
        assert_eq!(bench.scores(Metric::Mrr, &ranking), [Some(1.0), Some(0.5)]);
        assert_eq!(bench.scores(Metric::OverlapNew, &bench.full), [Some(1.0), Some(1.0)]);
    }

    #[test]
    fn documents_that_ask_never_find_themselves() {
        let case = testing::without_queries(Planted { documents: 80, ..Planted::default() }.labelled());
        let settings = Settings::default();
        let Opened { bench, deep, judged_on, .. } = Workbench::open(&case, &settings, &mut |_| Ok(())).unwrap();
        assert_eq!(bench.own.as_ref(), Some(&bench.asked));
        assert_eq!((bench.full.count(), judged_on), (bench.asked.len(), bench.asked.len()));
        for ranking in [&bench.stay, &bench.full, &deep] {
            assert!(
                bench
                    .asked
                    .iter()
                    .zip(ranking.lists())
                    .all(|(&own, hits)| { hits.len() == 79 && hits.iter().all(|hit| hit.document as usize != own) })
            );
        }
        let scores = bench.scores(Metric::LabelMap, &bench.full);
        assert!(scores.len() == bench.asked.len() && scores.iter().all(Option::is_some));
    }

    #[test]
    fn a_deep_ranking_is_cut() {
        let case = Planted { documents: 150, queries: 5, ..Planted::default() }.judged();
        let settings = Settings { depth: 20, cascade: vec![5, 60], ..Settings::default() };
        let opened = Workbench::open(&case, &settings, &mut |_| Ok(())).unwrap();
        let (deep, stay) = (opened.deep, opened.bench.stay);
        assert_eq!((deep.of(2).len(), stay.of(2).len()), (60, 20));
        assert_eq!(deep.of(2)[..20], *stay.of(2));
    }

    #[test]
    fn queries_that_a_model_does_not_have_are_missed() {
        let mut case = Planted { documents: 90, queries: 3, ..Planted::default() }.judged();
        case.old.queries = None;
        let error = Workbench::new(&case, &Settings::default(), &mut |_| Ok(())).unwrap_err();
        assert!(matches!(error, DecideError::Lengths { found: 0, expected: 3, .. }));
    }
}
