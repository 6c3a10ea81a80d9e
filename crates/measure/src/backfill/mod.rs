//! Backfill: what a gallery scores while it is re-embedded item by item.
//!
//! In between, an index is mixed: some items carry the embedding of the old model, others that of the new one. All are ranked in one
//! list by their scores as they are, which is what an index does that knows nothing of versions: an old item is compared with the
//! query on the common prefix, a re-embedded one in full, both by cosine. Nothing is rescaled, so if old items score lower throughout
//! (same class 0.6 where new items reach 0.7) the list is bad in the middle although it is good at both ends. That dip, and how
//! much of the gain comes early, is what [`BackfillCurve`] shows.

mod order;

use serde::{Deserialize, Serialize};

pub use order::Order;

use crate::{
    Features, Items, MeasureError, Retrieval, RetrievalSummary,
    features::one_per_row,
    retrieval::{RankedQuery, position, rank_into},
    scores::{Gallery, QUERIES},
};

/// An index on its way from the old model to the new one, and the queries that it answers meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct MixedIndex<'a> {
    query: Items<'a>,
    old_query: Features<'a>,
    old_gallery: Items<'a>,
    new_gallery: Features<'a>,
}

impl<'a> MixedIndex<'a> {
    /// New queries on a gallery embedded by both models, row `i` of both being item `i`.
    ///
    /// # Errors
    /// When the two embeddings of the gallery differ in rows.
    pub fn new(query: Items<'a>, old_gallery: Items<'a>, new_gallery: Features<'a>) -> Result<Self, MeasureError> {
        one_per_row("re-embedded gallery rows", old_gallery.features().rows(), new_gallery.rows())?;
        Ok(Self { query, old_query: query.features(), old_gallery, new_gallery })
    }

    /// The same with other embeddings of the queries for the items that are still old: by the old model (the dual query, which asks both
    /// models at twice the cost), or by the new model through an [adapter](crate::alignment).
    ///
    /// # Errors
    /// When there is not one row per query.
    pub fn with_old_query(self, old_query: Features<'a>) -> Result<Self, MeasureError> {
        one_per_row("queries for the old items", self.query.features().rows(), old_query.rows())?;
        Ok(Self { old_query, ..self })
    }

    /// Scores the index with each of the given fractions of its items re-embedded, taken in `order`.
    ///
    /// Of `N` items a fraction `b` is `b N`, rounded. At 0 this is [`retrieve`](crate::retrieve) on the old gallery (the cross-test, for
    /// a dual query the old model's own cell), at 1 the self-test of the new model, and ties and the query's own identity are treated as
    /// there. Every item is scored once under each model, whatever the number of fractions: `O(queries * items * (dim + log items +
    /// fractions))` time.
    ///
    /// # Errors
    /// When `fractions` do not ascend within `0..=1`, or the order does not cover the gallery.
    pub fn backfill(&self, order: &Order, fractions: &[f64]) -> Result<BackfillCurve, MeasureError> {
        let mut lowest = 0.0;
        for &value in fractions {
            if !(lowest..=1.0).contains(&value) {
                return Err(MeasureError::NumberOutOfRange {
                    what: "a re-embedded fraction",
                    value,
                    min: lowest,
                    max: 1.0,
                });
            }
            lowest = value;
        }
        let turns = order.turns(&self.old_gallery)?;
        let reembedded: Vec<usize> =
            fractions.iter().map(|fraction| (fraction * turns.len() as f64).round() as usize).collect();
        let mixtures = self.rank(&turns, &reembedded)?;
        let points = fractions.iter().zip(reembedded).zip(mixtures).filter_map(|((&fraction, reembedded), mixture)| {
            Some(BackfillPoint { fraction, reembedded, scores: mixture.summary()? })
        });
        Ok(BackfillCurve { points: points.collect() })
    }

    /// The rankings with the first `reembedded[i]` items new, `turns` telling when each item gets its turn.
    fn rank(&self, turns: &[usize], reembedded: &[usize]) -> Result<Vec<Retrieval>, MeasureError> {
        let old = self.old_gallery;
        let new = Items::new(self.new_gallery, old.labels(), old.ids())?;
        let (old_side, new_side) = (Side::new(&self.old_query, &old)?, Side::new(&self.query.features(), &new)?);
        let mut mixtures = vec![Retrieval { queries: Vec::new() }; reembedded.len()];
        let mut asked = self.query.labels().iter().copied().zip(self.query.ids().iter().copied());
        let (mut old_scores, mut new_scores) = (Vec::new(), Vec::new());
        let (mut both, mut keys) = (Vec::new(), Vec::new());
        for (old_rows, new_rows) in
            old_side.queries.chunks(old_side.dim * QUERIES).zip(new_side.queries.chunks(new_side.dim * QUERIES))
        {
            old_side.gallery.score_block(old_rows, &mut old_scores);
            new_side.gallery.score_block(new_rows, &mut new_scores);
            let scores = old_scores.chunks_exact(turns.len()).zip(new_scores.chunks_exact(turns.len()));
            for ((old_scores, new_scores), asked) in scores.zip(&mut asked) {
                both.clear();
                for (scores, gallery, is_new) in [(old_scores, &old, false), (new_scores, &new, true)] {
                    rank_into(scores, asked, gallery, &mut keys);
                    let turn = |key: u64| turns.get(position(key) as usize).copied().unwrap_or_default();
                    both.extend(keys.iter().map(|&key| (key, turn(key), is_new)));
                }
                // Every item twice, in two sorted runs that the stable sort merges; a mixture then only leaves one of the two out.
                both.sort_by_key(|&(key, _, _)| key);
                for (mixture, &count) in mixtures.iter_mut().zip(reembedded) {
                    keys.clear();
                    keys.extend(
                        both.iter().filter(|&&(_, turn, is_new)| (turn < count) == is_new).map(|&(key, _, _)| key),
                    );
                    mixture.queries.push(RankedQuery::read(&keys, 0));
                }
            }
        }
        Ok(mixtures)
    }
}

/// The queries and the gallery as one model sees them, ready to be scored.
struct Side {
    queries: Vec<f32>,
    gallery: Gallery,
    dim: usize,
}

impl Side {
    fn new(query: &Features, gallery: &Items) -> Result<Self, MeasureError> {
        let dim = query.dim().min(gallery.features().dim());
        let gallery = Gallery::pack(&gallery.features().prefix(dim)?, dim);
        Ok(Self { queries: query.prefix(dim)?, gallery, dim })
    }
}

/// One state of the index.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BackfillPoint {
    /// Fraction re-embedded as it was asked for, in `0..=1`.
    pub fraction: f64,
    /// Number of items re-embedded.
    pub reembedded: usize,
    /// Scores of the mixed index.
    pub scores: RetrievalSummary,
}

/// `M(b)`: the score against the fraction re-embedded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BackfillCurve {
    /// One point per fraction, ascending; empty when no query has a match in the gallery.
    pub points: Vec<BackfillPoint>,
}

impl BackfillCurve {
    /// The area under the curve of one score, per unit of fraction: its mean over a backfill at even speed, `E[M(b)]` for `b` uniform
    /// (FastFill, ICLR 2023). Of a curve over `0..=1` it is the area itself.
    ///
    /// By the trapezoid rule, so fractions need not be evenly spaced. The plain mean over an even grid counts the two ends in full; over
    /// eleven points it is larger by `((M(0) + M(1)) / 2 - area) / 11`. `None` unless two points differ in fraction.
    pub fn area(&self, score: impl Fn(&RetrievalSummary) -> f64) -> Option<f64> {
        let width = self.points.last()?.fraction - self.points.first()?.fraction;
        let slabs = self.points.windows(2).filter_map(|pair| match pair {
            [left, right] => {
                Some((right.fraction - left.fraction) * score(&left.scores).midpoint(score(&right.scores)))
            }
            _ => None,
        });
        (width > 0.0).then(|| slabs.sum::<f64>() / width)
    }

    /// How far the mixed index falls below the lower of its two ends: `min_b M(b) - min(M(first), M(last))`, 0 when it never does and
    /// negative when the two models' scores do not mix. `None` without points.
    pub fn dip(&self, score: impl Fn(&RetrievalSummary) -> f64) -> Option<f64> {
        let scores: Vec<f64> = self.points.iter().map(|point| score(&point.scores)).collect();
        let lowest = scores.iter().copied().reduce(f64::min)?;
        Some(lowest - scores.first()?.min(*scores.last()?))
    }
}

#[cfg(test)]
mod tests;
