//! Cut-offs on the top answer's score: what an old one does under another model, and whether there is a new one.
//!
//! A system that answers only where its best document scores at least the cut is judged by how often it is then right. A cut that is
//! judged by the queries it was chosen on flatters itself, so it is chosen on one half of the judged queries and judged on the other.

mod faces;
mod sentence;

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::{
    Case, DecideError, Pulse, Relevance,
    judge::{Bootstrap, Estimate, PerQuery},
    options::workbench::Workbench,
    rank::Ranking,
};

#[cfg(test)]
mod tests;

/// Share of the answers that shall be right.
pub const TARGET: f64 = 0.9;

/// Fewest answers on which a cut is chosen: of fewer, nine in ten right is all right by luck.
pub const LEAST: usize = 10;

/// What cut-offs do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Share of the answers that shall be right, in `0..=1`.
    pub target: f64,
    /// The old system with its cut; then of every other system the old cut carried over (where there is one) and its own. Empty where there
    /// are too few judged queries to choose on one half and judge on the other, which says nothing of whether a threshold exists.
    pub rows: Vec<Threshold>,
    /// Verification of faces or other labels with few rows each; `None` where labels are not like that.
    pub faces: Option<Vec<TarAtFar>>,
    /// What follows, in whole sentences.
    pub sentence: String,
}

/// A system with a cut-off. The cut is chosen on one half of the judged queries, all else is of the other half.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// What answers.
    pub system: String,
    /// The lowest score of a top answer from which on at least the target of the answers are right, of [`LEAST`] or more; `None` where
    /// no such threshold exists.
    pub cut: Option<f64>,
    /// Right answers among answers; `None` without a cut, or if nothing is answered.
    pub precision: Option<Estimate>,
    /// Right answers among judged queries; `None` without a cut.
    pub recall: Option<Estimate>,
    /// Answers among judged queries; `None` without a cut.
    pub answered: Option<Estimate>,
    /// Whether the cut is the old system's.
    pub carried: bool,
}

/// True accepts at a rate of false accepts: pairs of one label against pairs of two, by their similarity under one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TarAtFar {
    /// The model, whose documents are compared with each other.
    pub system: String,
    /// The share of pairs of two labels that may be accepted.
    pub far: f64,
    /// The share of pairs of one label that is then accepted; `None` where there are too few pairs of two labels to tell.
    pub tar: Option<f64>,
    /// The lowest similarity that is accepted; `None` as for `tar`, and where nothing can be accepted.
    pub cut: Option<f64>,
}

/// Judges cut-offs of each system by name and ranking, a list for each query that is asked; the first is the old one. `None` where
/// nothing is known to be relevant.
///
/// # Errors
/// It was cancelled.
pub fn thresholds(
    bench: &Workbench<'_>,
    systems: &[(String, &Ranking)],
    pulse: Pulse<'_>,
) -> Result<Option<Thresholds>, DecideError> {
    pulse(0.0)?;
    let Some(((old, old_ranking), others)) = systems.split_first() else { return Ok(None) };
    if bench.case.relevance == Relevance::Unknown || bench.asked.is_empty() {
        return Ok(None);
    }
    let judged = bench.asked.len();
    let halves = Halves::new(judged, bench.settings.seed);
    let tops = |ranking: &Ranking| answers(bench.case, &bench.asked, ranking);
    let old_answers = tops(old_ranking);
    let old_cut = halves.cut(&old_answers);
    let mut rows = vec![halves.row(old, old_cut, false, &old_answers)];
    for (system, ranking) in others {
        let answers = tops(ranking);
        if old_cut.is_some() {
            rows.push(halves.row(system, old_cut, true, &answers));
        }
        rows.push(halves.row(system, halves.cut(&answers), false, &answers));
    }
    if judged < 2 * LEAST {
        rows.clear();
    }
    let sentence = sentence::sentence(&rows, judged);
    let faces = faces::tar_at_far(bench, pulse)?;
    Ok(Some(Thresholds { target: TARGET, rows, faces, sentence }))
}

/// The best document of a query.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Answer {
    score: f64,
    /// Whether it is relevant.
    right: bool,
}

/// The top answer to each query asked; `None` where a ranking has none.
fn answers(case: &Case, asked: &[usize], ranking: &Ranking) -> Vec<Option<Answer>> {
    let top = |(list, &place): (usize, &usize)| {
        let hit = ranking.of(list).first()?;
        Some(Answer { score: f64::from(hit.score), right: case.answers(place, hit.document as usize) })
    };
    asked.iter().enumerate().map(top).collect()
}

/// The lowest cut from which on at least `target` of the answers are right, if there are [`LEAST`] of them.
fn lowest_cut(answers: impl Iterator<Item = Answer>, target: f64) -> Option<f64> {
    let mut answers: Vec<Answer> = answers.collect();
    answers.sort_by(|a, b| b.score.total_cmp(&a.score));
    let (mut right, mut cut) = (0_usize, None);
    for (place, answer) in answers.iter().enumerate() {
        right += usize::from(answer.right);
        let answered = place + 1;
        // Queries of one score are answered together or not at all.
        let is_last = answers.get(answered).is_none_or(|next| next.score < answer.score);
        if is_last && answered >= LEAST && right as f64 / answered as f64 >= target {
            cut = Some(answer.score);
        }
    }
    cut
}

/// Queries on which a cut is chosen and those by which it is judged.
struct Halves {
    choosing: Vec<usize>,
    judging: Vec<usize>,
    /// Of the judging ones, the same resamples for all systems.
    bootstrap: Bootstrap,
}

impl Halves {
    fn new(queries: usize, seed: u64) -> Self {
        let mut choosing: Vec<usize> = (0..queries).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // Unrelated to what else is drawn with this seed.
        rng.set_stream(52);
        choosing.shuffle(&mut rng);
        let judging = choosing.split_off(queries / 2);
        let bootstrap = Bootstrap::new(judging.len(), seed);
        Self { choosing, judging, bootstrap }
    }

    fn cut(&self, answers: &[Option<Answer>]) -> Option<f64> {
        lowest_cut(self.choosing.iter().filter_map(|&query| answers.get(query).copied().flatten()), TARGET)
    }

    fn row(&self, system: &str, cut: Option<f64>, carried: bool, answers: &[Option<Answer>]) -> Threshold {
        let system = system.to_owned();
        let Some(least) = cut else {
            return Threshold { system, cut, precision: None, recall: None, answered: None, carried };
        };
        // Whether each is right, of those that are answered.
        let right = self.judging.iter().map(|&query| {
            let answer = answers.get(query).copied().flatten().filter(|answer| answer.score >= least)?;
            Some(f64::from(u8::from(answer.right)))
        });
        let precision: PerQuery = right.collect();
        let recall: PerQuery = precision.iter().map(|right| Some(right.unwrap_or(0.0))).collect();
        let answered: PerQuery = precision.iter().map(|right| Some(f64::from(u8::from(right.is_some())))).collect();
        Threshold {
            system,
            cut,
            precision: self.bootstrap.mean(&precision),
            recall: self.bootstrap.mean(&recall),
            answered: self.bootstrap.mean(&answered),
            carried,
        }
    }
}
