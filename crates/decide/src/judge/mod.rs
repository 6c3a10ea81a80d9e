//! What rankings score, query by query, and how sure that is: intervals over queries, the same queries for everything that is compared.

mod bootstrap;
mod metrics;
mod needed;

use serde::{Deserialize, Serialize};

use crate::{Case, Relevance};

pub use bootstrap::{Bootstrap, RESAMPLES};
pub use metrics::per_query;
pub use needed::queries_needed;

/// How a ranking of a query is scored; always 0 to 1, more is better. Definitions are those of `trec_eval` where it has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Share of the relevant documents that are among the first `k`.
    Recall,
    /// 1 over the rank of the first relevant document; 0 if it is not among the first `k`.
    Mrr,
    /// Grades over `log2(rank + 1)`, summed over the first `k`, as a share of what the best order of all judged documents has there
    /// (Jarvelin and Kekalainen, 2002).
    Ndcg,
    /// Average precision of the documents that have a label of the query's, as deep as the ranking goes: the precision at the rank of each that is
    /// found, summed, over as many as could be found.
    LabelMap,
    /// Share of the first `k` of the full re-index that are among the first `k` here.
    OverlapNew,
    /// Share of the first `k` of the old system that are among the first `k` here.
    OverlapOld,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Recall, Self::Mrr, Self::Ndcg, Self::LabelMap, Self::OverlapNew, Self::OverlapOld];

    /// As it is shown.
    pub fn name(self, k: usize) -> String {
        match self {
            Self::Recall => format!("Recall@{k}"),
            Self::Mrr => format!("MRR@{k}"),
            Self::Ndcg => format!("nDCG@{k}"),
            Self::LabelMap => "mAP by label".to_owned(),
            Self::OverlapNew => format!("overlap@{k} with the full re-index"),
            Self::OverlapOld => format!("overlap@{k} with the old system"),
        }
    }

    /// Those that a case can have.
    pub fn of_case(case: &Case) -> Vec<Self> {
        let judged: &[Self] = match case.relevance {
            Relevance::Unknown => &[],
            Relevance::Judged(_) if case.labels().is_some() => &[Self::Recall, Self::Mrr, Self::Ndcg, Self::LabelMap],
            Relevance::Judged(_) => &[Self::Recall, Self::Mrr, Self::Ndcg],
            Relevance::Shared(_) | Relevance::Labels { .. } => &[Self::LabelMap],
        };
        [judged, &[Self::OverlapNew, Self::OverlapOld]].concat()
    }

    /// The one that decides about a case.
    pub fn deciding(case: &Case) -> Self {
        match case.relevance {
            Relevance::Unknown => Self::OverlapNew,
            Relevance::Judged(_) => Self::Mrr,
            Relevance::Shared(_) | Relevance::Labels { .. } => Self::LabelMap,
        }
    }
}

/// What one option scores, query by query: `None` where a query is not judged.
pub type PerQuery = Vec<Option<f64>>;

/// A number and where 95 of 100 such samples of queries would have it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Of the queries as they are.
    pub value: f64,
    /// The lower end: the 2.5 % point of the resamples.
    pub low: f64,
    /// The upper end: the 97.5 % point.
    pub high: f64,
}

impl Estimate {
    /// Whether a value lies outside the interval; one at an end lies in it.
    pub fn excludes(self, value: f64) -> bool {
        value < self.low || value > self.high
    }

    /// Of another unit or sign. `f` has to rise or to fall throughout.
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let (one, other) = (f(self.low), f(self.high));
        Self { value: f(self.value), low: one.min(other), high: one.max(other) }
    }
}

/// Scores of the queries that all of these have, list by list.
fn common<const LISTS: usize>(lists: [&PerQuery; LISTS]) -> [Vec<f64>; LISTS] {
    let queries = lists.iter().map(|list| list.len()).min().unwrap_or_default();
    let mut found = std::array::from_fn(|_| Vec::new());
    for query in 0..queries {
        let scores = lists.map(|list| list.get(query).copied().flatten().filter(|score| score.is_finite()));
        if scores.iter().all(Option::is_some) {
            for (found, score) in found.iter_mut().zip(scores) {
                found.extend(score);
            }
        }
    }
    found
}

fn mean(values: &[f64]) -> f64 {
    settled(values.iter().sum::<f64>() / values.len().max(1) as f64, largest(values))
}

/// What is less than this part of the numbers that it is made of is of rounding.
const ROUNDING: f64 = 1e-12;

/// A mean or difference of numbers up to this size; 0 where it is of rounding, which would make a gain of nothing.
fn settled(number: f64, size: f64) -> f64 {
    if number.abs() <= ROUNDING * size { 0.0 } else { number }
}

/// The size of the largest of some numbers.
fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |size, value| size.max(value.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Embedded, Similarity, Vectors};

    fn case(relevance: Relevance) -> Case {
        let vectors = || Vectors::new(1, vec![1.0, 2.0]).unwrap();
        let model = |name: &str| Embedded { name: name.to_owned(), documents: vectors(), queries: Some(vectors()) };
        Case {
            old: model("old"),
            new: model("new"),
            documents: vec!["a".into(), "b".into()],
            queries: vec!["p".into(), "q".into()],
            relevance,
            beside: crate::Beside::default(),
            similarity: Similarity::Cosine,
            notices: vec![],
        }
    }

    #[test]
    fn a_case_is_judged_by_what_is_known() {
        let overlaps = [Metric::OverlapNew, Metric::OverlapOld];
        let unknown = case(Relevance::Unknown);
        assert_eq!((Metric::of_case(&unknown), Metric::deciding(&unknown)), (overlaps.to_vec(), Metric::OverlapNew));
        let judged = case(Relevance::Judged(vec![vec![(0, 1.0)], vec![]]));
        let expected = [Metric::Recall, Metric::Mrr, Metric::Ndcg, Metric::OverlapNew, Metric::OverlapOld];
        assert_eq!((Metric::of_case(&judged), Metric::deciding(&judged)), (expected.to_vec(), Metric::Mrr));
        let labelled =
            case(Relevance::Labels { documents: vec![Some(0); 2], queries: vec![None; 2], names: vec!["x".into()] });
        let expected = [Metric::LabelMap, Metric::OverlapNew, Metric::OverlapOld];
        assert_eq!((Metric::of_case(&labelled), Metric::deciding(&labelled)), (expected.to_vec(), Metric::LabelMap));
    }

    #[test]
    fn names_say_what_is_counted() {
        let names = Metric::ALL.map(|metric| metric.name(10));
        assert_eq!(names[..4], ["Recall@10", "MRR@10", "nDCG@10", "mAP by label"]);
        assert_eq!(names[4..], ["overlap@10 with the full re-index", "overlap@10 with the old system"]);
        assert_eq!(serde_json::to_string(&Metric::ALL).unwrap().matches("overlap_new").count(), 1);
    }

    #[test]
    fn an_interval_holds_its_ends() {
        let estimate = Estimate { value: 0.5, low: 0.25, high: 0.75 };
        assert!(!estimate.excludes(0.25) && !estimate.excludes(0.75));
        assert!(estimate.excludes(0.2) && estimate.excludes(0.8));
        assert_eq!(estimate.map(|x| x * 100.0), Estimate { value: 50.0, low: 25.0, high: 75.0 });
        assert_eq!(estimate.map(|x| -x), Estimate { value: -0.5, low: -0.75, high: -0.25 }, "turned about");
    }

    #[test]
    fn queries_count_that_all_have() {
        let one = vec![Some(0.1), None, Some(0.3), Some(f64::NAN), Some(0.5)];
        let other = vec![Some(1.0), Some(2.0), Some(3.0), Some(4.0)];
        assert_eq!(common([&one, &other]), [vec![0.1, 0.3], vec![1.0, 3.0]]);
        assert_eq!(common([&other]), [vec![1.0, 2.0, 3.0, 4.0]]);
        assert_eq!((mean(&[1.0, 2.0, 6.0]), mean(&[])), (3.0, 0.0));
    }
}
