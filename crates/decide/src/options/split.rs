//! Which documents maps are fitted on and which queries judge, so that no map is judged by what it was fitted on.

use std::collections::{BTreeMap, BTreeSet};

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::Settings;
use crate::{Case, DecideError, Relevance};

/// Fewest documents that answer no judged query on which maps are fitted; where there are fewer, maps are fitted on any.
const LEAST_PAIRS: usize = 64;
/// Most documents that ask where there are no queries.
const MOST_ASKING: usize = 2000;
/// Which of a seed's streams of numbers this is, so that nothing else that begins with the same seed draws the same.
const STREAM: u64 = 1;

/// Who is fitted on and who asks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Split {
    /// Documents whose pairs maps are fitted on, in an order drawn by seed: the first few are a sample of them.
    pub fit_rows: Vec<usize>,
    /// Places of the queries that are judged (of documents, where they ask), ascending.
    pub asked: Vec<usize>,
    /// Whether documents ask.
    pub own: bool,
    /// Queries judged none of whose relevant documents was fitted on; all where documents ask, none of which is fitted on, and where
    /// nothing is known to be relevant.
    pub judged_on: usize,
    /// What of it a reader has to know.
    pub notices: Vec<String>,
}

/// Whether anything in a case says of any query what is relevant to it.
pub(crate) fn judges(case: &Case) -> bool {
    match (&case.relevance, case.asks_with_documents()) {
        (Relevance::Unknown, _) => false,
        (_, true) => may_ask(case).contains(&true),
        (_, false) => judged(case).contains(&true),
    }
}

impl Split {
    /// Of a case, by seed.
    ///
    /// # Errors
    /// No query is judged.
    pub(super) fn new(case: &Case, settings: &Settings) -> Result<Self, DecideError> {
        let split = if case.asks_with_documents() { Self::halves(case, settings) } else { Self::apart(case, settings) };
        match split.asked.is_empty() {
            true => Err(DecideError::TooFew { what: "queries that anything is relevant to", count: 0, least: 1 }),
            false => Ok(split),
        }
    }

    /// Documents that ask: one half is fitted on, some of the other ask.
    fn halves(case: &Case, settings: &Settings) -> Self {
        let order = drawn((0..case.documents.len()).collect(), settings.seed);
        let (fitted, rest) = order.split_at(order.len() / 2);
        let may_ask = may_ask(case);
        let can = rest.iter().copied().filter(|&row| may_ask.get(row) == Some(&true));
        let mut asked: Vec<usize> = can.take(MOST_ASKING).collect();
        asked.sort_unstable();
        let fit_rows: Vec<usize> = fitted.iter().copied().take(settings.pairs).collect();
        let notices = vec![format!(
            "There are no queries, so documents ask: {} of {}, drawn by seed {}. The whole index is searched, and none finds itself. Maps \
             are fitted on {} pairs of documents, none of which asks.",
            asked.len(),
            order.len(),
            settings.seed,
            fit_rows.len()
        )];
        Self { judged_on: asked.len(), fit_rows, asked, own: true, notices }
    }

    /// Queries apart from documents: maps are fitted on documents that answer none of them.
    fn apart(case: &Case, settings: &Settings) -> Self {
        let judged = judged(case);
        let asked: Vec<usize> = places(&judged, true);
        let answers = answers(case, &asked);
        let free = places(&answers, false);
        let enough = free.len() >= LEAST_PAIRS || free.len() == answers.len();
        let available = free.len();
        let rows = if enough { free } else { (0..answers.len()).collect() };
        let mut fit_rows = drawn(rows, settings.seed);
        fit_rows.truncate(settings.pairs);
        let judged_on = asked.len() - fitted_on(case, &asked, &fit_rows);

        let (pairs, all, seed) = (fit_rows.len(), asked.len(), settings.seed);
        let mut notices = vec![match (enough, &case.relevance) {
            (true, Relevance::Unknown) => format!(
                "Maps are fitted on {pairs} pairs of documents, drawn by seed {seed}. Queries may find these, which flatters maps."
            ),
            (true, _) => format!(
                "Maps are fitted on {pairs} pairs of documents, drawn by seed {seed} among those that answer no judged query."
            ),
            (false, _) => {
                let why = match available {
                    0 => "Every document answers a judged query".to_owned(),
                    _ => format!("Only {available} documents answer no judged query, too few to fit a map"),
                };
                format!(
                    "{why}. So maps are fitted on {pairs} pairs of any documents, drawn by seed {seed}, among them relevant ones of {} of \
                     {all} judged queries, and what they score is flattered.",
                    all - judged_on
                )
            }
        }];
        if all < judged.len() {
            let left_out = judged.len() - all;
            notices.push(format!(
                "{left_out} of {} queries have no document known to be relevant and are left out of every number.",
                judged.len()
            ));
        }
        Self { fit_rows, asked, own: false, judged_on, notices }
    }
}

/// In an order that the seed decides.
fn drawn(mut rows: Vec<usize>, seed: u64) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(STREAM);
    rows.shuffle(&mut rng);
    rows
}

/// Where `flags` are `value`.
fn places(flags: &[bool], value: bool) -> Vec<usize> {
    flags.iter().enumerate().filter(|&(_, &flag)| flag == value).map(|(place, _)| place).collect()
}

/// How many documents have each label.
fn counts(documents: &[Option<u32>]) -> BTreeMap<u32, usize> {
    let mut counts = BTreeMap::new();
    for &label in documents.iter().flatten() {
        *counts.entry(label).or_insert(0) += 1;
    }
    counts
}

/// Of each query, whether anything is relevant to it; all where nothing is known of any.
fn judged(case: &Case) -> Vec<bool> {
    match &case.relevance {
        Relevance::Unknown => vec![true; case.queries.len()],
        Relevance::Judged(lists) | Relevance::Shared(lists) => {
            lists.iter().map(|relevant| !relevant.is_empty()).collect()
        }
        Relevance::Labels { documents, queries, .. } => {
            let counts = counts(documents);
            queries.iter().map(|label| label.is_some_and(|label| counts.contains_key(&label))).collect()
        }
    }
}

/// Of each document, whether another one is relevant to it; all where nothing is known of any. Judgements are of queries, so with these
/// alone none is.
fn may_ask(case: &Case) -> Vec<bool> {
    match &case.relevance {
        Relevance::Unknown => vec![true; case.documents.len()],
        Relevance::Judged(_) | Relevance::Shared(_) => vec![false; case.documents.len()],
        Relevance::Labels { documents, .. } => {
            let counts = counts(documents);
            let shared = |label: u32| counts.get(&label).is_some_and(|&count| count > 1);
            documents.iter().map(|label| label.is_some_and(shared)).collect()
        }
    }
}

/// The labels of these queries.
fn labels(queries: &[Option<u32>], asked: &[usize]) -> BTreeSet<u32> {
    asked.iter().filter_map(|&place| queries.get(place).copied().flatten()).collect()
}

/// Of each document, whether it is relevant to a query that is asked.
fn answers(case: &Case, asked: &[usize]) -> Vec<bool> {
    let mut answers = vec![false; case.documents.len()];
    match &case.relevance {
        Relevance::Unknown => {}
        Relevance::Judged(lists) | Relevance::Shared(lists) => {
            for &(document, _) in lists.iter().flatten() {
                if let Some(answers) = answers.get_mut(document) {
                    *answers = true;
                }
            }
        }
        Relevance::Labels { documents, queries, .. } => {
            let labels = labels(queries, asked);
            for (answers, label) in answers.iter_mut().zip(documents) {
                *answers = label.is_some_and(|label| labels.contains(&label));
            }
        }
    }
    answers
}

/// How many of these queries have a relevant document among `fit_rows`.
fn fitted_on(case: &Case, asked: &[usize], fit_rows: &[usize]) -> usize {
    match &case.relevance {
        Relevance::Unknown => 0,
        Relevance::Judged(lists) | Relevance::Shared(lists) => {
            let mut fitted = vec![false; case.documents.len()];
            for &row in fit_rows {
                if let Some(fitted) = fitted.get_mut(row) {
                    *fitted = true;
                }
            }
            let relevant = asked.iter().filter_map(|&place| lists.get(place));
            relevant.filter(|list| list.iter().any(|&(row, _)| fitted.get(row) == Some(&true))).count()
        }
        Relevance::Labels { documents, queries, .. } => {
            let fitted = labels(documents, fit_rows);
            let labels = asked.iter().filter_map(|&place| queries.get(place).copied().flatten());
            labels.filter(|label| fitted.contains(label)).count()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{testing, testing::Planted};

    fn split(case: &Case, pairs: usize) -> Split {
        Split::new(case, &Settings { pairs, ..Settings::default() }).unwrap()
    }

    #[test]
    fn maps_are_fitted_on_documents_that_answer_no_judged_query() {
        let mut case = Planted { documents: 100, queries: 30, ..Planted::default() }.judged();
        let Relevance::Judged(lists) = &mut case.relevance else { unreachable!() };
        lists[4].clear();
        let found = split(&case, 10_000);
        assert_eq!(found.asked, (0..30).filter(|&place| place != 4).collect::<Vec<_>>());
        let mut rows = found.fit_rows.clone();
        rows.sort_unstable();
        // Document 4 answers a query that is not judged.
        assert_eq!(rows, [4].into_iter().chain(30..100).collect::<Vec<_>>());
        assert_ne!(rows, found.fit_rows, "they are in an order that was drawn");
        assert_eq!((found.judged_on, found.own, found.notices.len()), (29, false, 2));
        assert_eq!(split(&case, 9).fit_rows, found.fit_rows[..9]);
    }

    #[test]
    fn too_few_that_answer_nothing_are_not_fitted_on_alone() {
        let case = Planted { documents: 100, queries: 37, ..Planted::default() }.judged();
        let found = split(&case, 10_000);
        assert_eq!((found.fit_rows.len(), found.judged_on), (100, 0));
        assert!(found.notices[0].contains("Only 63 documents") && found.notices[0].contains("37 of 37"));
        let some = split(&case, 50);
        let fitted = some.fit_rows.iter().filter(|&&row| row < 37).count();
        assert_eq!(some.judged_on, 37 - fitted, "query i is answered by document i");
    }

    #[test]
    fn labels_that_nobody_asks_for_are_fitted_on() {
        let mut case = Planted { documents: 200, queries: 20, ..Planted::default() }.labelled();
        let Relevance::Labels { documents, queries, .. } = &mut case.relevance else { unreachable!() };
        *documents = (0..200).map(|row| if row < 100 { Some(0) } else { (row < 190).then_some(1) }).collect();
        *queries = (0..20).map(|place| [Some(0), Some(7), None, Some(0)][place % 4]).collect();
        let found = split(&case, 10_000);
        assert_eq!(found.asked.len(), 10, "no document has label 7");
        assert!(found.fit_rows.len() == 100 && found.fit_rows.iter().all(|&row| row >= 100));
        assert_eq!(found.judged_on, 10);
    }

    #[test]
    fn a_document_asks_only_where_another_answers() {
        let mut case = testing::without_queries(Planted { documents: 90, ..Planted::default() }.labelled());
        let Relevance::Labels { documents, .. } = &mut case.relevance else { unreachable!() };
        *documents = (0..90).map(|row| if row < 60 { Some(row / 2) } else { (row < 80).then_some(row) }).collect();
        let found = split(&case, 10_000);
        assert!(found.asked.iter().all(|&row| row < 60) && found.asked.is_sorted());
        assert!(found.asked.len() >= 15 && found.fit_rows.len() == 45, "45 ask at most, 30 of them may be of the last");
        assert!(judges(&case));
        let Relevance::Labels { documents, .. } = &mut case.relevance else { unreachable!() };
        *documents = (0..90).map(Some).collect();
        assert!(!judges(&case));
        assert!(matches!(Split::new(&case, &Settings::default()), Err(DecideError::TooFew { count: 0, .. })));
    }

    #[test]
    fn judgements_of_nothing_judge_nothing() {
        let mut case = Planted { documents: 90, queries: 3, ..Planted::default() }.judged();
        assert!(judges(&case));
        case.relevance = Relevance::Judged(vec![Vec::new(); 3]);
        assert!(!judges(&case));
        case.relevance = Relevance::Unknown;
        assert!(!judges(&case));
        assert_eq!(split(&case, 10).asked, [0, 1, 2]);
        assert!(!judges(&testing::without_queries(case)));
    }

    #[test]
    fn at_most_two_thousand_documents_ask() {
        let case = testing::without_queries(
            Planted { documents: 4200, latent: 2, seen: 2, dims: (2, 2), ..Planted::default() }.judged(),
        );
        let found = split(&case, 100);
        assert_eq!((found.asked.len(), found.fit_rows.len(), found.judged_on), (2000, 100, 2000));
    }

    proptest! {
        #[test]
        fn no_document_is_fitted_on_and_asks(documents in 2_usize..200, seed: u64, pairs in 0_usize..200) {
            let plan = Planted { documents, queries: 1, latent: 2, seen: 1, dims: (2, 2), ..Planted::default() };
            let case = testing::without_queries(plan.judged());
            let found = Split::new(&case, &Settings { seed, pairs, ..Settings::default() }).unwrap();
            let fitted: BTreeSet<_> = found.fit_rows.iter().collect();
            prop_assert_eq!(fitted.len(), (documents / 2).min(pairs));
            prop_assert!(found.asked.iter().all(|row| *row < documents && !fitted.contains(row)));
            prop_assert_eq!(found.asked.len(), documents - documents / 2);
        }
    }
}
