//! Scores of one query's ranking.

use super::{Metric, PerQuery};
use crate::{
    Case, Relevance,
    rank::{Hit, Ranking},
};

/// What a ranking scores, list by list: list `i` is of the case's query `i` (of document `i`, where documents ask).
///
/// `None` for a query that is not judged: none of its documents is relevant, it has no label, or no (other) document has its label. Overlaps
/// are with `reference`, and `None` where that found nothing. Rankings have to be at least `k` deep; what they lack counts as not found.
/// Those that are compared by [`Metric::LabelMap`], which goes as deep as the longest list, have to be of one depth.
pub fn per_query(metric: Metric, k: usize, ranking: &Ranking, case: &Case, reference: Option<&Ranking>) -> PerQuery {
    let lists = ranking.lists().enumerate();
    match (metric, &case.relevance) {
        (Metric::OverlapNew | Metric::OverlapOld, _) => {
            lists.map(|(query, hits)| overlap(k, hits, reference?.of(query))).collect()
        }
        (Metric::Recall | Metric::Mrr | Metric::Ndcg, Relevance::Judged(judged)) => {
            let score = |(query, hits): (usize, &[Hit])| {
                let relevant = by_document(judged.get(query)?);
                (!relevant.is_empty()).then_some(())?;
                match metric {
                    Metric::Recall => Some(recall(k, hits, &relevant)),
                    Metric::Ndcg => ndcg(k, hits, &relevant),
                    _ => Some(reciprocal_rank(k, hits, &relevant)),
                }
            };
            lists.map(score).collect()
        }
        (Metric::LabelMap, Relevance::Shared(shared)) => {
            let depth = ranking.depth();
            let score = |(query, hits): (usize, &[Hit])| {
                let relevant = by_document(shared.get(query)?);
                average_precision(hits.iter().map(|hit| grade(hit, &relevant).is_some()), relevant.len(), depth)
            };
            lists.map(score).collect()
        }
        (Metric::LabelMap, _) => {
            let Some([documents, queries]) = case.labels() else { return vec![None; ranking.count()] };
            let asking = if case.asks_with_documents() { documents } else { queries };
            let sizes = sizes(documents);
            let depth = ranking.depth();
            let score = |(query, hits): (usize, &[Hit])| {
                let label = asking.get(query).copied().flatten()?;
                let size = sizes.get(label as usize).copied().unwrap_or_default();
                let others = size.saturating_sub(usize::from(case.asks_with_documents()));
                let relevant = |hit: &Hit| documents.get(hit.document as usize).copied().flatten() == Some(label);
                average_precision(hits.iter().map(relevant), others, depth)
            };
            lists.map(score).collect()
        }
        // There is nothing to judge this by.
        (Metric::Recall | Metric::Mrr | Metric::Ndcg, _) => vec![None; ranking.count()],
    }
}

/// Relevant documents in the order of their places, each once with its highest grade.
fn by_document(judged: &[(usize, f32)]) -> Vec<(usize, f64)> {
    let mut relevant: Vec<_> = judged.iter().map(|&(document, grade)| (document, f64::from(grade))).collect();
    relevant.sort_unstable_by(|(a, high), (b, low)| a.cmp(b).then(low.total_cmp(high)));
    relevant.dedup_by_key(|(document, _)| *document);
    relevant
}

/// The grade of a hit; `None` if it is not relevant.
fn grade(hit: &Hit, relevant: &[(usize, f64)]) -> Option<f64> {
    let place = relevant.binary_search_by_key(&(hit.document as usize), |&(document, _)| document).ok()?;
    relevant.get(place).map(|&(_, grade)| grade)
}

fn recall(k: usize, hits: &[Hit], relevant: &[(usize, f64)]) -> f64 {
    let found = hits.iter().take(k).filter(|hit| grade(hit, relevant).is_some()).count();
    found as f64 / relevant.len().max(1) as f64
}

fn reciprocal_rank(k: usize, hits: &[Hit], relevant: &[(usize, f64)]) -> f64 {
    let first = hits.iter().take(k).position(|hit| grade(hit, relevant).is_some());
    first.map_or(0.0, |place| 1.0 / (place + 1) as f64)
}

/// `None` if nothing can be gained, as with `k` of 0.
fn ndcg(k: usize, hits: &[Hit], relevant: &[(usize, f64)]) -> Option<f64> {
    let gained = discounted(hits.iter().take(k).map(|hit| grade(hit, relevant).unwrap_or_default()));
    let mut best: Vec<f64> = relevant.iter().map(|&(_, grade)| grade).collect();
    best.sort_unstable_by(|a, b| b.total_cmp(a));
    let ideal = discounted(best.into_iter().take(k));
    (ideal > 0.0).then(|| gained / ideal)
}

/// Sum of grades over `log2(rank + 1)`.
fn discounted(grades: impl Iterator<Item = f64>) -> f64 {
    grades.enumerate().map(|(place, grade)| grade / ((place + 2) as f64).log2()).sum()
}

/// Mean precision at the ranks of the relevant ones, over as many of all as could be within `depth`; `None` if none could.
fn average_precision(relevant: impl Iterator<Item = bool>, all: usize, depth: usize) -> Option<f64> {
    let (mut found, mut sum) = (0.0, 0.0);
    for (place, relevant) in relevant.enumerate() {
        if relevant {
            found += 1.0;
            sum += found / (place + 1) as f64;
        }
    }
    (all > 0).then(|| sum / all.min(depth).max(1) as f64)
}

/// How many documents have each label.
fn sizes(labels: &[Option<u32>]) -> Vec<usize> {
    let most = labels.iter().flatten().max().map_or(0, |&label| label as usize + 1);
    let mut sizes = vec![0; most];
    for &label in labels.iter().flatten() {
        if let Some(size) = sizes.get_mut(label as usize) {
            *size += 1;
        }
    }
    sizes
}

/// Share of the reference's first `k` that are among the first `k` here.
fn overlap(k: usize, hits: &[Hit], reference: &[Hit]) -> Option<f64> {
    let mut here: Vec<u32> = hits.iter().take(k).map(|hit| hit.document).collect();
    here.sort_unstable();
    let there = reference.get(..k).unwrap_or(reference);
    let shared = there.iter().filter(|hit| here.binary_search(&hit.document).is_ok()).count();
    (!there.is_empty()).then(|| shared as f64 / there.len() as f64)
}

#[cfg(test)]
mod tests;
