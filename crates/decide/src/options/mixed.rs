//! A half-migrated index: while documents are re-embedded, some have the old model's vectors and some the new one's.
//!
//! Each part is searched by a query of its own model, or the old part by the new query that a bridge has mapped (then one encoder is
//! enough), and the two lists become one. Two models' scores are rarely on one scale: where one model's cosines all lie above .9, raw
//! scores put all of its documents first, relevant or not. So lists are merged once by raw scores and once by how many deviations a
//! score lies above the mean of what this query scores in this part, which takes no judgements.

use std::borrow::Cow;

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{within, workbench::Workbench};
use crate::{
    DecideError, Pulse, Vectors,
    judge::{Estimate, Metric},
    maps::Map,
    rank::{Hit, Index, Ranking, before},
};
use merge::{Scale, merged};

mod merge;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

/// Shares of the documents that are re-embedded, in percent.
pub const PERCENTS: [u8; 7] = [0, 10, 25, 50, 75, 90, 100];

/// A part's mean and deviation of a query's scores are those of this many of its documents, drawn by seed (all of a smaller part).
pub const DRAWN: usize = 256;

/// A known ranking of all documents is filtered by part if it is this many times as long as a part's list has to be: deep enough for a
/// quarter of the documents, and for some queries of a tenth.
const ENOUGH: usize = 5;

/// Where it is not, all documents are ranked this many times as deep, and hardly a query runs short in a tenth of them.
const DEEP: usize = 15;

/// Documents beyond the end of a list that a part's own search keeps: copies of a document at that end then come in the order in which
/// a ranking of all documents has them.
const SPARE: usize = 16;

/// What the deciding metric says while a share of the documents is re-embedded, in random order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The share, in percent, `0..=100`.
    pub percent: u8,
    /// Both parts' lists merged by raw scores; old queries search the old part and new ones the new part.
    pub raw: Estimate,
    /// The same lists merged by per-query z-scores: deviations above the mean of this query's scores over [`DRAWN`] documents of the part.
    pub calibrated: Estimate,
    /// As `calibrated`, but the old part is searched by the mapped new query; `None` without a bridge.
    pub bridged: Option<Estimate>,
}

/// The curve over [`PERCENTS`], judged by the deciding metric; empty if no query is judged. It begins at staying and ends at the full
/// re-index, exactly (with a bridge it begins at that bridge). `bridge` maps new queries into the old space.
///
/// # Errors
/// The bridge does not lead into the old space, or it was cancelled.
pub fn mixed(bench: &Workbench<'_>, bridge: Option<&Map>, pulse: Pulse<'_>) -> Result<Vec<Point>, DecideError> {
    pulse(0.0)?;
    let metric = Metric::deciding(bench.case);
    let mean = |ranking: &Ranking| bench.bootstrap.mean(&bench.scores(metric, ranking));
    let (Some(stay), Some(full)) = (mean(&bench.stay), mean(&bench.full)) else { return Ok(Vec::new()) };
    let mapped = match bridge {
        Some(map) => Some(map_queries(bench, map, &mut within(&mut *pulse, 0.0, 0.05))?),
        None => None,
    };
    let plan = Plan::new(bench, needed(bench, metric));
    let old = plan.source(false, &bench.old_queries, Some(&bench.stay), &mut within(&mut *pulse, 0.05, 0.2))?;
    let new = plan.source(true, &bench.new_queries, Some(&bench.full), &mut within(&mut *pulse, 0.2, 0.35))?;
    let bridged = match &mapped {
        Some(queries) => Some(plan.source(false, queries, None, &mut within(&mut *pulse, 0.35, 0.5))?),
        None => None,
    };
    let share = |step: usize| 0.5 + 0.5 * step as f64 / PERCENTS.len() as f64;
    let mut points = Vec::with_capacity(PERCENTS.len());
    for (step, (&percent, &done)) in PERCENTS.iter().zip(&plan.done).enumerate() {
        let mut pulse = within(&mut *pulse, share(step), share(step + 1));
        let all = done == plan.order.documents.len();
        let fresh = plan.lists(&new, done, &mut pulse)?;
        let (raw, calibrated) = match (done, all) {
            (0, _) => (Some(stay), Some(stay)),
            (_, true) => (Some(full), Some(full)),
            _ => {
                let stale = plan.lists(&old, done, &mut pulse)?;
                let raw = merged((&stale, &[]), (&fresh, &[]), plan.need);
                let calibrated = merged((&stale, old.scales(step)), (&fresh, new.scales(step)), plan.need);
                (mean(&raw), mean(&calibrated))
            }
        };
        let bridged = match &bridged {
            Some(_) if all => Some(full),
            Some(source) => {
                let stale = plan.lists(source, done, &mut pulse)?;
                mean(&merged((&stale, source.scales(step)), (&fresh, new.scales(step)), plan.need))
            }
            None => None,
        };
        if let (Some(raw), Some(calibrated)) = (raw, calibrated) {
            points.push(Point { percent, raw, calibrated, bridged });
        }
    }
    Ok(points)
}

/// How long a ranking has to be to be scored: as long as the base rankings where the metric looks at all of it, else `k`.
pub(crate) fn needed(bench: &Workbench<'_>, metric: Metric) -> usize {
    match metric {
        Metric::LabelMap => bench.stay.depth().max(bench.full.depth()),
        _ => bench.settings.k,
    }
}

fn map_queries(bench: &Workbench<'_>, map: &Map, pulse: Pulse<'_>) -> Result<Vectors, DecideError> {
    let mapped = map.apply(&bench.new_queries, pulse)?;
    let (found, expected) = (mapped.dims(), bench.old.dims());
    if found == expected {
        return Ok(mapped);
    }
    let why = format!("the bridge leads to {found} dims and the old index has {expected}; fit it from new to old");
    Err(DecideError::Undefined { what: "a half-migrated index", why })
}

/// Which document is re-embedded when.
struct Order {
    /// Documents, the first to be re-embedded first.
    documents: Vec<usize>,
    /// Of each document, its place there.
    turns: Vec<usize>,
}

impl Order {
    fn new(count: usize, seed: u64) -> Self {
        let mut documents: Vec<usize> = (0..count).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // Unrelated to what else is drawn with this seed.
        rng.set_stream(51);
        documents.shuffle(&mut rng);
        let mut turns = vec![0; count];
        for (turn, &document) in documents.iter().enumerate() {
            if let Some(slot) = turns.get_mut(document) {
                *slot = turn;
            }
        }
        Self { documents, turns }
    }

    /// How many documents a share is, rounded to the nearest.
    fn done(&self, percent: u8) -> usize {
        (self.documents.len() * usize::from(percent) + 50) / 100
    }

    /// The documents that are re-embedded when `done` are, or the others.
    fn part(&self, done: usize, new: bool) -> &[usize] {
        let (first, last) = self.documents.split_at_checked(done).unwrap_or((&self.documents, &[]));
        if new { first } else { last }
    }

    /// Whether a document is in that part.
    fn holds(&self, done: usize, new: bool, document: usize) -> bool {
        self.turns.get(document).is_some_and(|&turn| (turn < done) == new)
    }

    /// Documents whose scores stand for a part: of a part that is smaller, the first are all that it has. The order being random, they
    /// are a random sample.
    fn drawn(&self, new: bool) -> Vec<usize> {
        let documents = self.documents.iter().copied();
        if new { documents.take(DRAWN).collect() } else { documents.rev().take(DRAWN).collect() }
    }
}

/// One model's index and what asks it.
struct Source<'a> {
    index: &'a Index<'a>,
    /// What the index is of.
    documents: &'a Vectors,
    queries: &'a Vectors,
    /// Whether its part of the mixed index is what has been re-embedded.
    new: bool,
    /// The best of all documents, to be filtered by part.
    ranking: Cow<'a, Ranking>,
    /// Of each share and query.
    scales: Vec<Vec<Scale>>,
}

impl Source<'_> {
    fn scales(&self, step: usize) -> &[Scale] {
        self.scales.get(step).map(Vec::as_slice).unwrap_or_default()
    }
}

/// What all shares and sources have in common.
struct Plan<'a> {
    bench: &'a Workbench<'a>,
    order: Order,
    /// How many documents are re-embedded at each of [`PERCENTS`].
    done: [usize; PERCENTS.len()],
    /// How many documents of each part a merged list can take.
    need: usize,
}

impl<'a> Plan<'a> {
    fn new(bench: &'a Workbench<'a>, need: usize) -> Self {
        let order = Order::new(bench.case.documents.len(), bench.settings.seed);
        let done = PERCENTS.map(|percent| order.done(percent));
        Self { bench, order, done, need: need.max(1) }
    }

    /// The document that a query is, where documents ask.
    fn own(&self, query: usize) -> Option<usize> {
        self.bench.own.as_ref()?.get(query).copied()
    }

    fn source(
        &self,
        new: bool,
        queries: &'a Vectors,
        known: Option<&'a Ranking>,
        pulse: Pulse<'_>,
    ) -> Result<Source<'a>, DecideError> {
        let bench = self.bench;
        let (index, model) = if new { (&bench.new, &bench.case.new) } else { (&bench.old, &bench.case.old) };
        let ranking = match known.filter(|known| known.depth() >= self.need.saturating_mul(ENOUGH)) {
            Some(known) => Cow::Borrowed(known),
            None => {
                let depth = self.need.saturating_mul(DEEP).min(index.count());
                let mut pulse = within(&mut *pulse, 0.0, 0.8);
                Cow::Owned(index.search(queries, depth, bench.own.as_deref(), &mut pulse)?)
            }
        };
        let mut source = Source { index, documents: &model.documents, queries, new, ranking, scales: Vec::new() };
        source.scales = self.scales(&source, &mut within(pulse, 0.8, 1.0))?;
        Ok(source)
    }

    fn scales(&self, source: &Source<'_>, pulse: Pulse<'_>) -> Result<Vec<Vec<Scale>>, DecideError> {
        let drawn = self.order.drawn(source.new);
        let mut scales = vec![Vec::new(); self.done.len()];
        for (query, row) in source.queries.rows().enumerate() {
            if query.is_multiple_of(16) {
                pulse(query as f64 / source.queries.count() as f64)?;
            }
            let own = self.own(query);
            let scores = source.index.scores(row, drawn.iter().map(|&document| document as u32));
            // What a query scores with itself says nothing of others.
            let others = drawn.iter().zip(scores).map(|(&document, score)| (own != Some(document)).then_some(score));
            let others: Vec<Option<f32>> = others.collect();
            for (&done, scales) in self.done.iter().zip(&mut scales) {
                let size = self.order.part(done, source.new).len();
                let of_part: Vec<f64> = others.iter().take(size).copied().flatten().map(f64::from).collect();
                scales.push(Scale::of(&of_part));
            }
        }
        Ok(scales)
    }

    /// The best of each query within the source's part when `done` documents are re-embedded, best first, as many as are needed.
    fn lists(&self, source: &Source<'_>, done: usize, pulse: Pulse<'_>) -> Result<Vec<Vec<Hit>>, DecideError> {
        let holds = |document: usize| self.order.holds(done, source.new, document);
        let of_part = |list: &[Hit]| -> Vec<Hit> {
            list.iter().copied().filter(|hit| holds(hit.document as usize)).take(self.need).collect()
        };
        let mut lists: Vec<Vec<Hit>> = source.ranking.lists().map(of_part).collect();
        let part = self.order.part(done, source.new);
        let is_short = |&(query, list): &(usize, &Vec<Hit>)| {
            let others = part.len() - usize::from(self.own(query).is_some_and(holds));
            list.len() < self.need.min(others)
        };
        let short: Vec<usize> = lists.iter().enumerate().filter(is_short).map(|(query, _)| query).collect();
        if short.is_empty() {
            return Ok(lists);
        }
        let documents = source.documents.select(part);
        let index = Index::new(&documents, self.bench.case.similarity)?;
        // One more for the query itself, which is found here.
        let count = (self.need + 1 + SPARE).min(part.len());
        let found = index.search(&source.queries.select(&short), count, None, pulse)?;
        for (&query, hits) in short.iter().zip(found.lists()) {
            let own = self.own(query);
            let of_all = |hit: &Hit| {
                let document = *part.get(hit.document as usize)?;
                (own != Some(document)).then_some(Hit { document: document as u32, score: hit.score })
            };
            let mut hits: Vec<Hit> = hits.iter().filter_map(of_all).collect();
            hits.sort_by(|&a, &b| before(a, b));
            hits.truncate(self.need);
            if let Some(slot) = lists.get_mut(query) {
                *slot = hits;
            }
        }
        Ok(lists)
    }
}
