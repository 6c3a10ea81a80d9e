//! Ranking a gallery for every query, and the scores of those rankings.
//!
//! The protocol is the one of the compatibility papers: embeddings of different widths are compared on their common prefix, both
//! sides scaled to unit length; the query itself is dropped; scores are means over the queries that have a match at all.
//!
//! Ties are broken by gallery position, which makes a ranking reproducible but says nothing: an embedding that maps everything to
//! one point ties everywhere, and if the gallery happens to be sorted by class some queries even score well. Look at
//! [`RetrievalSummary::ambiguous_queries`] before believing a score: it counts the queries in which a relevant and an irrelevant item
//! have exactly the same score, is 0 for any healthy embedding and reaches the number of queries for a collapsed one.

use serde::{Deserialize, Serialize};

use crate::{Items, MeasureError, cosines::Cosines, scores::Gallery};

/// One query's ranking, reduced to what the scores need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankedQuery {
    /// Ranks of the relevant items (same label as the query), counted from 1, ascending. Empty when the gallery holds no match.
    pub relevant_ranks: Vec<u32>,
    /// Gallery positions of the best-ranked items, best first; as many as were asked for, fewer in a small gallery.
    pub top: Vec<u32>,
    /// Whether a relevant and an irrelevant item have exactly the same score, so that their order is arbitrary.
    pub ambiguous: bool,
}

impl RankedQuery {
    /// Mean precision at the ranks of the relevant items, over the full ranking; `None` without a match.
    pub fn average_precision(&self) -> Option<f64> {
        let hits = self.relevant_ranks.iter().zip(1_u32..);
        let sum: f64 = hits.map(|(&rank, hit)| f64::from(hit) / f64::from(rank)).sum();
        (!self.relevant_ranks.is_empty()).then(|| sum / self.relevant_ranks.len() as f64)
    }

    /// Rank of the first relevant item, counted from 1; `None` without a match.
    pub fn first_hit(&self) -> Option<u32> {
        self.relevant_ranks.first().copied()
    }

    /// How many relevant items are among the first `k`.
    pub fn hits_within(&self, k: usize) -> usize {
        self.relevant_ranks.partition_point(|&rank| rank as usize <= k)
    }

    /// Fraction of the relevant items that are among the first `k`; `None` without a match.
    pub fn recall_at(&self, k: usize) -> Option<f64> {
        (!self.relevant_ranks.is_empty()).then(|| self.hits_within(k) as f64 / self.relevant_ranks.len() as f64)
    }
}

/// The rankings of all queries, in query order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retrieval {
    /// One entry per query.
    pub queries: Vec<RankedQuery>,
}

/// Headline scores of a set of queries. Rates are fractions in `0..=1`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RetrievalSummary {
    /// Mean average precision over the full ranking.
    pub map: f64,
    /// Fraction of queries whose best-ranked item is relevant (top-1 accuracy).
    pub cmc1: f64,
    /// Fraction of queries with a relevant item among the first 5.
    pub cmc5: f64,
    /// Mean fraction of the relevant items that are among the first 10.
    pub recall10: f64,
    /// Number of queries scored: those with at least one match in the gallery.
    pub queries: usize,
    /// How many of the scored queries rest on an arbitrary order of ties; see the [module](self) on what a large number means.
    pub ambiguous_queries: usize,
}

/// Ranks `gallery` for every query and keeps the first `top` positions of each ranking.
///
/// The score is the inner product of the unit-length common prefixes, `min(d_q, d_g)` wide. Gallery items with the query's identity
/// are dropped before ranking. Takes `O(queries * items * (dim + log items))` time.
///
/// # Errors
/// Those of [`Features::prefix`](crate::Features::prefix), which items already checked do not cause.
pub fn retrieve(query: &Items, gallery: &Items, top: usize) -> Result<Retrieval, MeasureError> {
    retrieve_counting(query, gallery, top, None)
}

/// [`retrieve`], which also counts the score of every pair that it ranks into `cosines`.
///
/// # Errors
/// Those of [`retrieve`].
pub fn retrieve_counting(
    query: &Items,
    gallery: &Items,
    top: usize,
    mut cosines: Option<&mut Cosines>,
) -> Result<Retrieval, MeasureError> {
    let dim = query.features().dim().min(gallery.features().dim());
    let packed = Gallery::pack(&gallery.features().prefix(dim)?, dim);
    let unit_queries = query.features().prefix(dim)?;
    let mut queries = Vec::with_capacity(query.features().rows());
    let mut keys = Vec::with_capacity(gallery.features().rows());
    let mut asked = query.labels().iter().zip(query.ids());
    packed.score_each(&unit_queries, |_, scores| {
        if let Some((&label, &id)) = asked.next() {
            if let Some(cosines) = &mut cosines {
                cosines.count(scores, (label, id), gallery);
            }
            rank_into(scores, (label, id), gallery, &mut keys);
            queries.push(RankedQuery::read(&keys, top));
        }
    });
    Ok(Retrieval { queries })
}

/// Makes `keys` the ranking of `gallery` for the query with this label and identity: one sorted key per item but those of its identity.
pub(crate) fn rank_into(scores: &[f32], (label, id): (u32, u32), gallery: &Items, keys: &mut Vec<u64>) {
    keys.clear();
    let items = scores.iter().zip(gallery.labels()).zip(gallery.ids()).zip(0_u32..);
    keys.extend(
        items
            .filter(|&((_, &item), _)| item != id)
            .map(|(((&score, &item), _), position)| sort_key(score, position, item == label)),
    );
    keys.sort_unstable();
}

/// A key whose ascending order is: higher score first, then lower position. The lowest bit carries the relevance along.
fn sort_key(score: f32, position: u32, relevant: bool) -> u64 {
    // Adding zero turns -0 into +0: the two are equal scores and must stay a tie.
    let bits = (score + 0.0).to_bits();
    let ascending = if bits >> 31 == 1 { !bits } else { bits | (1 << 31) };
    u64::from(!ascending) << 32 | u64::from(position) << 1 | u64::from(relevant)
}

/// The gallery position inside a [`sort_key`].
pub(crate) fn position(key: u64) -> u32 {
    (key & 0xFFFF_FFFF) as u32 >> 1
}

impl RankedQuery {
    /// Reads a ranking off its sorted keys.
    pub(crate) fn read(keys: &[u64], top: usize) -> Self {
        let ranked = keys.iter().zip(1_u32..);
        let relevant_ranks = ranked.filter(|&(key, _)| key & 1 == 1).map(|(_, rank)| rank).collect();
        let top = keys.iter().take(top).map(|&key| position(key)).collect();
        // Inside a run of equal scores that holds both kinds, some neighbours must differ in kind.
        let ambiguous = keys.windows(2).any(|pair| matches!(pair, &[a, b] if a >> 32 == b >> 32 && (a ^ b) & 1 == 1));
        Self { relevant_ranks, top, ambiguous }
    }
}

impl Retrieval {
    /// The queries whose index satisfies `keep`: seen classes, one task, one domain.
    pub fn over(&self, mut keep: impl FnMut(usize) -> bool) -> QueryGroup<'_> {
        let kept = self.queries.iter().enumerate().filter(|&(index, _)| keep(index));
        QueryGroup { queries: kept.map(|(_, query)| query).collect() }
    }

    /// All queries.
    pub fn all(&self) -> QueryGroup<'_> {
        self.over(|_| true)
    }

    /// Mean average precision; see [`QueryGroup::map`].
    pub fn map(&self) -> Option<f64> {
        self.all().map()
    }

    /// Cumulative match characteristic; see [`QueryGroup::cmc`].
    pub fn cmc(&self, k: usize) -> Option<f64> {
        self.all().cmc(k)
    }

    /// Mean recall; see [`QueryGroup::recall_at`].
    pub fn recall_at(&self, k: usize) -> Option<f64> {
        self.all().recall_at(k)
    }

    /// Headline scores; see [`QueryGroup::summary`].
    pub fn summary(&self) -> Option<RetrievalSummary> {
        self.all().summary()
    }

    /// For every query, whether its best-ranked item is relevant; `None` without a match.
    pub fn top1_correct(&self) -> Vec<Option<bool>> {
        self.queries.iter().map(|query| query.first_hit().map(|rank| rank == 1)).collect()
    }

    /// For every query, its average precision; `None` without a match. The input of paired statistics.
    pub fn average_precisions(&self) -> Vec<Option<f64>> {
        self.queries.iter().map(RankedQuery::average_precision).collect()
    }
}

/// Some of the queries of a [`Retrieval`]. Every mean is over those with a match in the gallery and `None` if there are none.
#[derive(Debug, Clone)]
pub struct QueryGroup<'a> {
    queries: Vec<&'a RankedQuery>,
}

impl QueryGroup<'_> {
    /// Mean average precision over the full ranking, in `0..=1`.
    pub fn map(&self) -> Option<f64> {
        self.mean(RankedQuery::average_precision)
    }

    /// Fraction of queries with a relevant item among the first `k` (cumulative match characteristic), in `0..=1`.
    pub fn cmc(&self, k: usize) -> Option<f64> {
        self.mean(|query| query.first_hit().map(|rank| if rank as usize <= k { 1.0 } else { 0.0 }))
    }

    /// Mean fraction of the relevant items found among the first `k`, in `0..=1`. With more than `k` relevant items it stays below 1.
    pub fn recall_at(&self, k: usize) -> Option<f64> {
        self.mean(|query| query.recall_at(k))
    }

    /// The headline scores; `None` when no query has a match.
    pub fn summary(&self) -> Option<RetrievalSummary> {
        let scored = || self.queries.iter().filter(|query| !query.relevant_ranks.is_empty());
        Some(RetrievalSummary {
            map: self.map()?,
            cmc1: self.cmc(1)?,
            cmc5: self.cmc(5)?,
            recall10: self.recall_at(10)?,
            queries: scored().count(),
            ambiguous_queries: scored().filter(|query| query.ambiguous).count(),
        })
    }

    fn mean(&self, score: impl Fn(&RankedQuery) -> Option<f64>) -> Option<f64> {
        let scores: Vec<f64> = self.queries.iter().filter_map(|query| score(query)).collect();
        crate::statistics::mean(&scores)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::Features;

    /// Points on the unit circle, in degrees.
    fn circle(degrees: &[f32]) -> Vec<f32> {
        degrees.iter().flat_map(|angle| [angle.to_radians().cos(), angle.to_radians().sin()]).collect()
    }

    fn rank(query: (&[f32], &[u32], &[u32]), gallery: (&[f32], &[u32], &[u32]), dim: (usize, usize)) -> Retrieval {
        let query = Items::new(Features::new(query.0, dim.0).unwrap(), query.1, query.2).unwrap();
        let gallery = Items::new(Features::new(gallery.0, dim.1).unwrap(), gallery.1, gallery.2).unwrap();
        retrieve(&query, &gallery, 2).unwrap()
    }

    #[test]
    fn scores_match_a_ranking_worked_out_by_hand() {
        // Query 0 (label 1): gallery by angle 10, 20, 30, 40 is 1 0 1 0. Query 1 (label 0) at 90 sees 0 1 0 1. Query 2 has no match.
        let gallery = circle(&[30.0, 10.0, 40.0, 20.0]);
        let found = rank(
            (&circle(&[0.0, 90.0, 45.0]), &[1, 0, 7], &[10, 11, 12]),
            (&gallery, &[1, 1, 0, 0], &[0, 1, 2, 3]),
            (2, 2),
        );
        let [first, second, third] = &found.queries[..] else { unreachable!() };
        assert_eq!((&first.relevant_ranks[..], &first.top[..]), (&[1, 3][..], &[1, 3][..]));
        assert_eq!((&second.relevant_ranks[..], &second.top[..]), (&[1, 3][..], &[2, 0][..]));
        assert_eq!((third.average_precision(), third.first_hit(), third.recall_at(3)), (None, None, None));
        assert_eq!(found.top1_correct(), [Some(true), Some(true), None]);
        let summary = found.summary().unwrap();
        assert!((summary.map - 5.0 / 6.0).abs() < 1e-12);
        assert_eq!((summary.cmc1, summary.recall10, summary.queries, summary.ambiguous_queries), (1.0, 1.0, 2, 0));
        assert_eq!((found.recall_at(2), found.recall_at(0), found.cmc(0)), (Some(0.5), Some(0.0), Some(0.0)));
        assert_eq!(found.over(|index| index == 2).summary(), None);
        assert_eq!(found.over(|index| index < 2).summary(), Some(summary));
    }

    #[test]
    fn the_query_itself_is_dropped_by_identity_not_by_position() {
        let points = circle(&[0.0, 10.0, 50.0]);
        let found = rank((&points, &[0, 0, 1], &[5, 6, 7]), (&points, &[0, 0, 1], &[6, 5, 9]), (2, 2));
        // Query 0 is gallery item 1 (identity 5); query 2 is nobody and may find the item at its own place.
        let top: Vec<_> = found.queries.iter().map(|query| query.top.clone()).collect();
        assert_eq!(top, [[0, 2], [1, 2], [2, 1]]);
    }

    #[test]
    fn a_collapsed_embedding_is_flagged_however_well_it_seems_to_score() {
        let collapsed = [0.5, -0.5].repeat(4);
        let found =
            rank((&collapsed, &[0, 0, 0, 0], &[9, 9, 9, 9]), (&collapsed, &[0, 0, 1, 1], &[0, 1, 2, 3]), (2, 2));
        let summary = found.summary().unwrap();
        assert_eq!((summary.map, summary.queries, summary.ambiguous_queries), (1.0, 4, 4));
    }

    #[test]
    fn ties_among_items_of_one_kind_are_not_ambiguous() {
        let gallery = [1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0];
        let found = rank((&[1.0, 0.1], &[0], &[9]), (&gallery, &[0, 0, 1, 1], &[0, 1, 2, 3]), (2, 2));
        assert_eq!(found.summary().unwrap().ambiguous_queries, 0);
    }

    #[test]
    fn zeros_of_either_sign_tie() {
        assert_eq!(sort_key(-0.0, 3, true), sort_key(0.0, 3, true));
        let keys = [0.5, 1e-30, 0.0, -1e-30, -0.5].map(|score| sort_key(score, 0, false));
        assert!(keys.is_sorted());
    }

    #[test]
    fn a_long_prefix_does_not_win_the_ranking() {
        // On the first two coordinates the second item is nearer in angle but three times shorter.
        let gallery = [0.9, 0.4, 0.1, 0.3, 0.0, 0.95];
        let found = rank((&[1.0, 0.0], &[0], &[9]), (&gallery, &[1, 0], &[0, 1]), (2, 3));
        assert_eq!(found.queries[0].relevant_ranks, [1]);
        let swapped = rank((&gallery, &[1, 0], &[0, 1]), (&[1.0, 0.0], &[0], &[9]), (3, 2));
        assert_eq!(swapped.top1_correct(), [None, Some(true)]);
    }
}
