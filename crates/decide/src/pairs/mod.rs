//! How many pairs a bridge needs, and whether they may be of other subjects than the queries.

mod clusters;

use std::cmp::Reverse;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::{
    DecideError, Pulse, Relevance,
    judge::{Estimate, Metric, PerQuery},
    maps::{self, Direction, Family, Map},
    options::{bridges, mixed::needed, within, workbench::Workbench},
    rank::Ranking,
};
use clusters::Clusters;

#[cfg(test)]
mod tests;

/// The smallest sample of pairs, and fewest that have to remain outside the cluster that is held out.
const LEAST: usize = 64;

/// Multiplications of a search that takes a second or more.
const LONG: f64 = 2e10;

/// Clusters of the pairs, of which one is held out.
const CLUSTERS: usize = 8;

/// What a bridge scores that was fitted on so many pairs.
///
/// Points of all judged queries come first, by number of pairs. Where there are enough pairs the last two are of one cluster of queries
/// and of as many pairs each: one fitted on pairs of any cluster, one on pairs of the others (`domain`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// How many pairs it was fitted on.
    pub pairs: usize,
    /// What was fitted.
    pub family: Family,
    /// What is mapped.
    pub direction: Direction,
    /// The deciding metric's mean over the queries that the point is of.
    pub mean: Estimate,
    /// As a share of the full re-index's over the same queries; `None` where that is 0.
    pub retention: Option<Estimate>,
    /// Whether it was fitted without the cluster that most judged queries are nearest to, and is judged by these queries.
    pub domain: bool,
}

/// Fits `family` on 64, 128, 256, ... (64, 256, 1024, ... where a search takes long) and all of the workbench's pairs, each sample within the
/// next, and judges every fit by the queries asked. Then the same for one cluster of the documents (see [`Point`]). A number of pairs on which the family cannot be fitted is left
/// out. `known` is what the bridge of all pairs finds, where that is known: it is not fitted again.
///
/// # Errors
/// It was cancelled, or rows cannot be mapped or searched.
pub fn pairs(
    bench: &Workbench<'_>,
    family: Family,
    direction: Direction,
    known: Option<&Ranking>,
    pulse: Pulse<'_>,
) -> Result<Vec<Point>, DecideError> {
    pulse(0.0)?;
    let metric = Metric::deciding(bench.case);
    let trial = Trial { bench, family, direction, metric, full: bench.scores(metric, &bench.full) };
    let held_out = HeldOut::new(bench, &mut within(&mut *pulse, 0.0, 0.05))?;
    let sizes =
        sizes(bench.fit_rows.len(), bench.asked.len() as f64 * bench.new.count() as f64 * bench.new.dims() as f64);
    let share = |step: usize| 0.05 + 0.95 * step as f64 / (sizes.len() + 2) as f64;
    let mut points = Vec::new();
    for (step, &size) in sizes.iter().enumerate() {
        let mut pulse = within(&mut *pulse, share(step), share(step + 1));
        let rows = sample(&bench.fit_rows, size);
        points.extend(match known.filter(|_| size == bench.fit_rows.len()) {
            Some(ranking) => trial.judged(rows, None, ranking),
            None => trial.point(rows, None, &mut pulse)?,
        });
    }
    if let Some(HeldOut { inside, rows }) = held_out {
        let any = sample(&bench.fit_rows, rows.len());
        let (first, second) = (share(sizes.len()), share(sizes.len() + 1));
        let any = trial.point(any, Some(inside.as_slice()), &mut within(&mut *pulse, first, second))?;
        let others = trial.point(&rows, Some(inside.as_slice()), &mut within(&mut *pulse, second, 1.0))?;
        // Either says nothing without the other.
        if let (Some(any), Some(others)) = (any, others) {
            points.extend([any, Point { domain: true, ..others }]);
        }
    }
    Ok(points)
}

/// 64, 128, 256, ... and all, or only every second of these where a search takes so many multiplications that all would take minutes.
fn sizes(all: usize, search: f64) -> Vec<usize> {
    let times = if search > LONG { 4 } else { 2 };
    let doubled = std::iter::successors(Some(LEAST), |size| size.checked_mul(times)).take_while(|&size| size < all);
    doubled.chain((all > 1).then_some(all)).collect()
}

/// The first rows, which are in an order drawn by seed: a larger sample holds all of a smaller one.
fn sample(rows: &[usize], count: usize) -> &[usize] {
    rows.get(..count).unwrap_or(rows)
}

/// What all points have in common.
struct Trial<'a> {
    bench: &'a Workbench<'a>,
    family: Family,
    direction: Direction,
    metric: Metric,
    /// What the full re-index scores.
    full: PerQuery,
}

impl Trial<'_> {
    /// Fits on these rows and judges by the queries `inside` (all without it); `None` where there is nothing to fit or to judge.
    fn point(&self, rows: &[usize], inside: Option<&[bool]>, pulse: Pulse<'_>) -> Result<Option<Point>, DecideError> {
        pulse(0.0)?;
        let &Self { bench, direction, metric, .. } = self;
        let map = match self.fit(rows, &mut within(&mut *pulse, 0.0, 0.4)) {
            Err(DecideError::Undefined { .. } | DecideError::TooFew { .. }) => return Ok(None),
            fitted => fitted?,
        };
        let depth = needed(bench, metric);
        let ranking = bridges::search(bench, direction, &map, depth, &mut within(pulse, 0.4, 1.0))?;
        Ok(self.judged(rows, inside, &ranking))
    }

    /// Judges what a bridge fitted on these rows finds.
    fn judged(&self, rows: &[usize], inside: Option<&[bool]>, ranking: &Ranking) -> Option<Point> {
        let &Self { bench, family, direction, metric, .. } = self;
        let scores = only(inside, bench.scores(metric, ranking));
        let full = only(inside, self.full.clone());
        bench.bootstrap.mean(&scores).map(|mean| Point {
            pairs: rows.len(),
            family,
            direction,
            mean,
            retention: bench.bootstrap.retention(&scores, &full),
            domain: false,
        })
    }

    fn fit(&self, rows: &[usize], pulse: Pulse<'_>) -> Result<Map, DecideError> {
        let (x, y) = bridges::sides(self.bench, self.direction);
        let pairs = maps::Pairs::new(x, y, rows, &mut within(&mut *pulse, 0.0, 0.5))?;
        maps::fit(self.family, &pairs, self.bench.settings.seed, &mut within(pulse, 0.5, 1.0))
    }
}

/// The scores of these queries alone.
fn only(inside: Option<&[bool]>, scores: PerQuery) -> PerQuery {
    match inside {
        Some(inside) => scores.iter().zip(inside).map(|(score, &inside)| score.filter(|_| inside)).collect(),
        None => scores,
    }
}

/// One subject of the queries, and pairs of all others.
struct HeldOut {
    /// Of each query asked, whether it is of the cluster.
    inside: Vec<bool>,
    /// The rows to fit on that are not, in their order.
    rows: Vec<usize>,
}

impl HeldOut {
    /// By the new model's vectors; `None` where too few pairs would remain.
    fn new(bench: &Workbench<'_>, pulse: Pulse<'_>) -> Result<Option<Self>, DecideError> {
        if bench.fit_rows.len() < 2 * LEAST {
            return Ok(None);
        }
        let mut rng = ChaCha8Rng::seed_from_u64(bench.settings.seed);
        // Unrelated to what else is drawn with this seed.
        rng.set_stream(54);
        let documents = bench.case.new.documents.select(&bench.fit_rows).unit();
        let clusters = Clusters::new(&documents, CLUSTERS, &mut rng, pulse)?;
        let nearest: Vec<usize> = (0..bench.asked.len()).map(|query| clusters.nearest(subject(bench, query))).collect();
        let count = |cluster: usize| nearest.iter().filter(|&&nearest| nearest == cluster).count();
        let Some(most) = (0..CLUSTERS).max_by_key(|&cluster| (count(cluster), Reverse(cluster))) else {
            return Ok(None);
        };
        let inside = nearest.iter().map(|&cluster| cluster == most).collect();
        let rows = bench.fit_rows.iter().zip(&clusters.rows).filter(|&(_, &cluster)| cluster != most);
        let rows: Vec<usize> = rows.map(|(&row, _)| row).collect();
        let is_other = (LEAST..bench.fit_rows.len()).contains(&rows.len());
        Ok(is_other.then_some(Self { inside, rows }))
    }
}

/// What a query is about, as the new model has it: the best of its relevant documents where these are judged, else the query.
fn subject<'a>(bench: &'a Workbench<'_>, query: usize) -> &'a [f32] {
    let judged = match &bench.case.relevance {
        Relevance::Judged(lists) => bench.asked.get(query).and_then(|&place| lists.get(place)),
        Relevance::Unknown | Relevance::Shared(_) | Relevance::Labels { .. } => None,
    };
    let mut best: Option<(usize, f32)> = None;
    for &(document, grade) in judged.into_iter().flatten() {
        if best.is_none_or(|(_, highest)| grade > highest) {
            best = Some((document, grade));
        }
    }
    match best {
        Some((document, _)) => bench.case.new.documents.row(document),
        None => bench.new_queries.row(query),
    }
}
