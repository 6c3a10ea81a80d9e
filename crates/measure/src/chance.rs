//! What a random ranking scores in expectation, exactly.
//!
//! A score means little without its floor, and the floor of mAP is not the share of relevant items. Let `R` of `N` gallery items be
//! relevant and every order be equally likely, `X_r` telling whether rank `r` holds a relevant one. Then `E[X_r] = R / N` and, for
//! `s != r`, `E[X_r X_s] = R (R - 1) / (N (N - 1))`. Since `AP = (1/R) sum_r X_r (1 + sum_{s<r} X_s) / r`,
//!
//! ```text
//! E[AP] = (1/N) sum_r (1/r) [1 + (r - 1) (R - 1) / (N - 1)] = (1/N) [H_N + (R - 1) / (N - 1) (N - H_N)]
//! ```
//!
//! with the harmonic number `H_N = 1 + 1/2 + ... + 1/N`. The first `k` ranks hold no relevant item with probability
//! `C(N - R, k) / C(N, k)`, which gives CMC; every item, relevant or not, is among them with probability `k / N`, which gives recall.

use std::collections::BTreeMap;

use crate::{Items, RetrievalSummary};

/// Expected average precision with `relevant` of `gallery` items relevant; `None` unless `1 <= relevant <= gallery`.
pub fn expected_average_precision(relevant: usize, gallery: usize) -> Option<f64> {
    within(relevant, gallery)?;
    let n = gallery as f64;
    let harmonic: f64 = (1..=gallery).rev().map(|rank| 1.0 / rank as f64).sum();
    let pairs = if gallery == 1 { 0.0 } else { (relevant - 1) as f64 / (n - 1.0) };
    Some((harmonic + pairs * (n - harmonic)) / n)
}

/// Expected CMC: the probability that one of the first `k` items is relevant; `None` unless `1 <= relevant <= gallery`.
pub fn expected_cmc(relevant: usize, gallery: usize, k: usize) -> Option<f64> {
    within(relevant, gallery)?;
    let irrelevant = gallery - relevant;
    if k > irrelevant {
        return Some(1.0);
    }
    let miss: f64 = (0..k).map(|drawn| (irrelevant - drawn) as f64 / (gallery - drawn) as f64).product();
    Some(1.0 - miss)
}

/// Expected fraction of the relevant items among the first `k`, whatever their number; `None` for an empty gallery.
pub fn expected_recall(gallery: usize, k: usize) -> Option<f64> {
    (gallery > 0).then(|| k.min(gallery) as f64 / gallery as f64)
}

/// What [`retrieve`](crate::retrieve) would report on average if every ranking were random.
///
/// Only labels and identities matter. As there, a query's own identity is dropped from the gallery and queries without a match are
/// left out; `None` when no query has one. A random ranking has no ties, so `ambiguous_queries` is 0.
pub fn chance_level(query: &Items, gallery: &Items) -> Option<RetrievalSummary> {
    let mut by_label = BTreeMap::<u32, usize>::new();
    let mut by_id = BTreeMap::<u32, Vec<u32>>::new();
    for (&label, &id) in gallery.labels().iter().zip(gallery.ids()) {
        *by_label.entry(label).or_default() += 1;
        by_id.entry(id).or_default().push(label);
    }
    // Few distinct (relevant, gallery) pairs occur, so each expectation is computed once.
    let mut cases = BTreeMap::<(usize, usize), usize>::new();
    for (label, id) in query.labels().iter().zip(query.ids()) {
        let own = by_id.get(id).map_or(&[][..], Vec::as_slice);
        let own_relevant = own.iter().filter(|&own| own == label).count();
        let relevant = by_label.get(label).map_or(0, |&count| count - own_relevant);
        if relevant > 0 {
            *cases.entry((relevant, gallery.labels().len() - own.len())).or_default() += 1;
        }
    }
    let queries: usize = cases.values().sum();
    let mean = |score: &dyn Fn(usize, usize) -> Option<f64>| {
        let weighted = cases.iter().map(|(&(relevant, size), &count)| Some(score(relevant, size)? * count as f64));
        weighted.sum::<Option<f64>>().map(|sum| sum / queries as f64)
    };
    (queries > 0).then_some(())?;
    Some(RetrievalSummary {
        map: mean(&expected_average_precision)?,
        cmc1: mean(&|relevant, size| expected_cmc(relevant, size, 1))?,
        cmc5: mean(&|relevant, size| expected_cmc(relevant, size, 5))?,
        recall10: mean(&|_, size| expected_recall(size, 10))?,
        queries,
        ambiguous_queries: 0,
    })
}

/// `Some` when a gallery of this size can hold that many relevant items, and at least one.
fn within(relevant: usize, gallery: usize) -> Option<()> {
    (1..=gallery).contains(&relevant).then_some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Features, retrieval::RankedQuery};

    /// Every placement of `relevant` items in a ranking of `gallery`, as bit masks.
    fn placements(relevant: usize, gallery: usize) -> impl Iterator<Item = RankedQuery> {
        let masks = (0_u32..1 << gallery).filter(move |mask| mask.count_ones() as usize == relevant);
        masks.map(move |mask| {
            let relevant_ranks = (1..=gallery as u32).filter(|rank| mask >> (rank - 1) & 1 == 1).collect();
            RankedQuery { relevant_ranks, top: Vec::new(), ambiguous: false }
        })
    }

    #[test]
    fn the_closed_forms_equal_the_mean_over_all_orders() {
        for gallery in 1..=9 {
            for relevant in 1..=gallery {
                let all: Vec<_> = placements(relevant, gallery).collect();
                let mean = |score: &dyn Fn(&RankedQuery) -> f64| all.iter().map(score).sum::<f64>() / all.len() as f64;
                let map = mean(&|ranked| ranked.average_precision().unwrap());
                assert!((expected_average_precision(relevant, gallery).unwrap() - map).abs() < 1e-12);
                for k in 0..=gallery + 1 {
                    let cmc = mean(&|ranked| f64::from(u8::from(ranked.hits_within(k) > 0)));
                    assert!((expected_cmc(relevant, gallery, k).unwrap() - cmc).abs() < 1e-12);
                    let recall = mean(&|ranked| ranked.recall_at(k).unwrap());
                    assert!((expected_recall(gallery, k).unwrap() - recall).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn impossible_galleries_have_no_chance_level() {
        assert_eq!(expected_average_precision(0, 5), None);
        assert_eq!(expected_cmc(6, 5, 1), None);
        assert_eq!(expected_recall(0, 1), None);
    }

    #[test]
    fn the_query_itself_and_queries_without_a_match_are_left_out() {
        let values = [1.0; 5];
        let items = Items::new(Features::new(&values, 1).unwrap(), &[0, 0, 1, 1, 2], &[0, 1, 2, 3, 4]).unwrap();
        let level = chance_level(&items, &items).unwrap();
        // Four queries see 1 relevant item among the 4 others; the fifth is alone in its class.
        assert_eq!(level.queries, 4);
        assert!((level.map - expected_average_precision(1, 4).unwrap()).abs() < 1e-12);
        assert_eq!((level.cmc1, level.cmc5, level.recall10), (0.25, 1.0, 1.0));
        let alone = Items::new(Features::new(&values, 5).unwrap(), &[3], &[9]).unwrap();
        assert_eq!(chance_level(&alone, &items), None);
    }
}
