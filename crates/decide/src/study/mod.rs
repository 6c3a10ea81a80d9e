//! The whole measurement of a case: what every option scores, breaks and costs, what happens on the way, and what more judgements would
//! tell.

mod beside;
mod notices;
mod options;
mod progress;
mod run;
mod tasks;
#[cfg(test)]
mod tests;
mod timing;

use serde::{Deserialize, Serialize};

use crate::{
    doctor::Examination,
    judge::{Estimate, Metric},
    maps::{Direction, Map},
    options::{Choice, OptionRow, Score, mixed},
    pairs,
    rank::Ranking,
    thresholds,
};

pub use run::study;
pub use tasks::{Task, TaskScore};
pub use timing::timed;

/// What was measured of a case.
///
/// Rows of zeros are left out before. All places are those of what is left: of [`cleaned`](crate::doctor::cleaned), which is the case
/// itself where no row had to go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// The old model's name.
    pub old: String,
    /// The new model's name.
    pub new: String,
    /// Documents in the index, without those that were left out.
    pub documents: usize,
    /// Queries, judged or not, without those that were left out; 0 where documents ask.
    pub queries: usize,
    /// Queries (documents, where they ask) that anything is known to be relevant to; 0 where nothing is known of any.
    pub judged: usize,
    /// What says which documents are relevant: a whole sentence.
    pub relevance: String,
    /// The metric that decides.
    pub deciding: Metric,
    /// How many documents a query is answered with.
    pub k: usize,
    /// What everything random followed from.
    pub seed: u64,
    /// Documents whose two vectors maps are fitted on.
    pub fitted_on: usize,
    /// Queries asked none of whose relevant documents maps are fitted on. All where no document that asks is fitted on, and where nothing
    /// is known to be relevant; `notices` say which.
    pub judged_on: usize,
    /// Options from the cheapest to the full re-index. Bridges of one direction stand in the order of their fit to held-out pairs, the best
    /// first; see [`Study::best_bridge_of`].
    pub rows: Vec<OptionRow>,
    /// Judged queries that it would take to tell, by the deciding metric, the full re-index from the old system where their difference is
    /// not told from 0, else from the best option that embeds no document. `None` where nothing is judged or no number would do.
    pub needed: Option<usize>,
    /// What the index answers while it is re-embedded.
    pub mixed: Vec<mixed::Point>,
    /// What becomes of cut-offs; `None` where nothing is known to be relevant.
    pub thresholds: Option<thresholds::Thresholds>,
    /// What the best bridge would be worth fitted on fewer pairs.
    pub pairs: Vec<pairs::Point>,
    /// What options score task by task; empty where queries are of one.
    #[serde(default)]
    pub tasks: Vec<Task>,
    /// What the doctor found.
    pub examination: Examination,
    /// What a reader has to know: rows left out, who asks, what maps are fitted on. Whole sentences.
    pub notices: Vec<String>,
}

/// What does not travel in a report: fitted maps and what every option finds. Places are those of the [`Study`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// Of every bridge that was fitted, in the order of the rows.
    pub maps: Vec<(Choice, Map)>,
    /// Places of the queries that are asked (of documents, where they ask), ascending.
    pub asked: Vec<usize>,
    /// Of every option that was ranked: a list for each query asked.
    pub rankings: Vec<(Choice, Ranking)>,
}

impl Kept {
    /// The map of a bridge.
    pub fn map(&self, choice: &Choice) -> Option<&Map> {
        self.maps.iter().find(|(kept, _)| kept == choice).map(|(_, map)| map)
    }

    /// What an option finds.
    pub fn ranking(&self, choice: &Choice) -> Option<&Ranking> {
        self.rankings.iter().find(|(kept, _)| kept == choice).map(|(_, ranking)| ranking)
    }
}

impl Study {
    /// The row of an option.
    pub fn row(&self, choice: &Choice) -> Option<&OptionRow> {
        row(&self.rows, choice)
    }

    /// What an option scores.
    pub fn score(&self, choice: &Choice, metric: Metric) -> Option<&Score> {
        score(self.row(choice)?, metric)
    }

    /// The bridge of one direction to go by: the one whose map fits held-out pairs best, by their mean cosine.
    ///
    /// It is never picked by what the judged queries say. Of many maps the luckiest is the best on the very queries that it is then judged
    /// by, and its score would be too high for any others.
    pub fn best_bridge_of(&self, direction: Direction) -> Option<&OptionRow> {
        best_bridge_of(&self.rows, direction)
    }

    /// The bridge to go by: of the best of each direction the one of the higher mean by the deciding metric, among equals that of queries.
    ///
    /// Cosines of two spaces cannot be held against each other, so that this one choice, between two, is left to the judged queries.
    pub fn best_bridge(&self) -> Option<&OptionRow> {
        best_bridge(&self.rows, self.deciding)
    }

    /// The options that a reader wants to see beside each other, from staying to the full re-index: of bridges the best of each direction,
    /// of cascades the smallest that keeps 80 % of what a full re-index scores, else the best.
    pub fn main(&self) -> Vec<&OptionRow> {
        let bridges = [Direction::Queries, Direction::Gallery].map(|direction| self.best_bridge_of(direction));
        let cascades = self.rows.iter().filter(|row| matches!(row.choice, Choice::Cascade { .. }));
        let cascade = self.best_cascade(0.8).or_else(|| best_by_mean(cascades, self.deciding));
        let chosen: Vec<&Choice> = bridges.into_iter().chain([cascade]).flatten().map(|row| &row.choice).collect();
        let is_main = |row: &&OptionRow| match row.choice {
            Choice::Stay | Choice::Centred | Choice::Swap | Choice::Reindex => !row.scores.is_empty(),
            _ => chosen.contains(&&row.choice),
        };
        self.rows.iter().filter(is_main).collect()
    }

    /// The cascade of fewest candidates that keeps at least this share of the full re-index's score (its estimate, not the end of its
    /// interval), by the deciding metric; among cascades of equally many that with the highest mean.
    pub fn best_cascade(&self, retention: f64) -> Option<&OptionRow> {
        let measured = self.rows.iter().filter_map(|row| {
            let Choice::Cascade { candidates, .. } = row.choice else { return None };
            let score = score(row, self.deciding)?;
            (score.retention?.value >= retention).then_some((candidates, score.mean.value, row))
        });
        measured.min_by(|one, other| one.0.cmp(&other.0).then(other.1.total_cmp(&one.1))).map(|(_, _, row)| row)
    }
}

fn row<'a>(rows: &'a [OptionRow], choice: &Choice) -> Option<&'a OptionRow> {
    rows.iter().find(|row| row.choice == *choice)
}

fn score(row: &OptionRow, metric: Metric) -> Option<&Score> {
    row.scores.iter().find(|score| score.metric == metric)
}

fn mean(row: &OptionRow, metric: Metric) -> Option<Estimate> {
    score(row, metric).map(|score| score.mean)
}

fn best_bridge_of(rows: &[OptionRow], direction: Direction) -> Option<&OptionRow> {
    rows.iter().find(|row| row.choice.is_bridge_of(direction) && !row.scores.is_empty())
}

fn best_bridge(rows: &[OptionRow], deciding: Metric) -> Option<&OptionRow> {
    let best = [Direction::Queries, Direction::Gallery].map(|direction| best_bridge_of(rows, direction));
    best_by_mean(best.into_iter().flatten(), deciding)
}

/// The row with the highest mean, the first of equals.
fn best_by_mean<'a>(rows: impl Iterator<Item = &'a OptionRow>, metric: Metric) -> Option<&'a OptionRow> {
    let measured = rows.filter_map(|row| Some((mean(row, metric)?.value, row)));
    measured.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, row)| row)
}
