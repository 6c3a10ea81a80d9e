//! A study read for a decision: only numbers that are there are compared.

use crate::judge::{Estimate, Metric};
use crate::options::{Choice, First, OptionRow, Score};
use crate::study::{Study, Task};

/// Counts where settings have no margin that is one.
const MARGIN: f64 = 0.01;

/// So many margins an interval may reach where what it belongs to is within one. With fewer, no usual number of queries would show that
/// two systems are alike; with more, nothing would be ruled out.
const REACH: f64 = 2.0;

/// How far the ratio of two scores that are alike may be from 1, however small both are: 0.001 and 0.009 are within 0.01, and one is a
/// ninth of the other.
const RATIO: f64 = 0.1;

/// How the doctor's finding begins where both models have the very same vectors, but for their lengths.
const SAME: &str = "Nothing changed:";

/// A study with the words and the margin that all rules need.
pub(super) struct Facts<'a> {
    pub study: &'a Study,
    /// A difference below it is called equal.
    pub margin: f64,
    /// The name of the metric that decides.
    pub metric: String,
}

/// What says which results are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    Judged,
    Labels,
    Unknown,
}

/// What an option scores by the metric that decides.
#[derive(Clone, Copy)]
pub(super) struct Standing<'a> {
    pub row: &'a OptionRow,
    pub mean: Estimate,
    /// Minus staying.
    pub gain: Option<Estimate>,
    /// Minus the full re-index.
    pub behind: Option<Estimate>,
    /// Divided by the full re-index.
    pub retention: Option<Estimate>,
    /// Of what the full re-index gains.
    pub share: Option<Estimate>,
}

/// Candidates of the old index that the new model scores again.
#[derive(Clone, Copy)]
pub(super) struct Cascading<'a> {
    pub first: &'a First,
    pub candidates: usize,
    pub standing: Standing<'a>,
}

impl<'a> Facts<'a> {
    pub fn new(study: &'a Study, margin: f64) -> Self {
        let margin = if margin.is_finite() && margin >= 0.0 { margin } else { MARGIN };
        Self { study, margin, metric: study.deciding.name(study.k) }
    }

    pub fn evidence(&self) -> Evidence {
        match self.study.deciding {
            Metric::OverlapNew | Metric::OverlapOld => Evidence::Unknown,
            Metric::LabelMap => Evidence::Labels,
            Metric::Recall | Metric::Mrr | Metric::Ndcg => Evidence::Judged,
        }
    }

    /// What `row` scores by the metric that decides; nothing where it was not measured.
    pub fn standing(&self, row: &'a OptionRow) -> Option<Standing<'a>> {
        let score = row.scores.iter().find(|score| score.metric == self.study.deciding)?;
        let Score { mean, gain, behind, retention, share_of_gain, .. } = *score;
        let mean = sound(Some(mean))?;
        let [gain, behind, retention, share] = [gain, behind, retention, share_of_gain].map(sound);
        Some(Standing { row, mean, gain, behind, retention, share })
    }

    /// What an option scores.
    pub fn of(&self, choice: &Choice) -> Option<Standing<'a>> {
        self.standing(self.study.rows.iter().find(|row| row.choice == *choice)?)
    }

    /// All options that are measured.
    pub fn standings(&self) -> impl Iterator<Item = Standing<'a>> {
        self.study.rows.iter().filter_map(|row| self.standing(row))
    }

    /// All maps, measured.
    pub fn bridges(&self) -> impl Iterator<Item = Standing<'a>> {
        self.standings().filter(|standing| matches!(standing.row.choice, Choice::Bridge { .. }))
    }

    /// The map to go by, which is not picked by what it scores here: see [`Study::best_bridge`].
    pub fn best_bridge(&self) -> Option<Standing<'a>> {
        self.standing(self.study.best_bridge()?)
    }

    /// All cascades, measured.
    pub fn cascades(&self) -> impl Iterator<Item = Cascading<'a>> {
        self.standings().filter_map(|standing| match &standing.row.choice {
            Choice::Cascade { first, candidates } => Some(Cascading { first, candidates: *candidates, standing }),
            _ => None,
        })
    }

    /// What the full re-index gains over staying, where this is a gain beyond its interval.
    pub fn gain(&self) -> Option<Estimate> {
        self.of(&Choice::Reindex)?.gain.filter(|gain| above(*gain))
    }

    /// Whether a difference and its interval are both as small as what is called equal.
    pub fn small(&self, difference: Estimate) -> bool {
        difference.value.abs() <= self.margin && within(difference, self.reach())
    }

    /// How far behind an interval may end of what is as good.
    pub fn reach(&self) -> f64 {
        REACH * self.margin
    }

    /// Whether an option is as good as the full re-index.
    pub fn reaches(&self, standing: &Standing<'_>) -> bool {
        let near = standing.behind.is_some_and(|behind| behind.value >= -self.margin && behind.low >= -self.reach());
        near && standing.retention.is_none_or(|retention| retention.value >= 1.0 - RATIO)
    }

    /// Whether a difference is one beyond its interval and the margin.
    pub fn matters(&self, difference: Estimate) -> bool {
        (above(difference) || below(difference)) && difference.value.abs() > self.margin
    }

    /// By other metrics than the one that decides: what the full re-index gains or loses where that matters.
    pub fn others(&self) -> Vec<(Metric, Estimate)> {
        let rows = self.study.rows.iter().filter(|row| row.choice == Choice::Reindex);
        let scores = rows.flat_map(|row| &row.scores).filter(|score| {
            score.metric != self.study.deciding && !matches!(score.metric, Metric::OverlapNew | Metric::OverlapOld)
        });
        scores.filter_map(|score| Some((score.metric, sound(score.gain).filter(|gain| self.matters(*gain))?))).collect()
    }

    /// Task by task, what the full re-index gains or loses.
    pub fn tasks(&self) -> Vec<(&'a str, Estimate)> {
        let of = |task: &'a Task| Some((task.name.as_str(), sound(task.of(&Choice::Reindex)?.gain)?));
        self.study.tasks.iter().filter_map(of).collect()
    }

    /// Whether both models are one: the doctor says so or sees no difference between their vectors, and no query finds anything else.
    pub fn same(&self) -> bool {
        let models = &self.study.examination.models;
        let differ = models.iter().enumerate().any(|(at, one)| {
            models.iter().skip(at + 1).filter(|other| other.what == one.what).any(|other| {
                (one.dims, one.norm, one.mean_norm, one.effective_rank)
                    != (other.dims, other.norm, other.mean_norm, other.effective_rank)
            })
        });
        let row = |choice: &Choice| self.study.rows.iter().find(|row| row.choice == *choice);
        let (Some(stay), Some(swap), Some(full)) = (row(&Choice::Stay), row(&Choice::Swap), row(&Choice::Reindex))
        else {
            return false;
        };
        let said = self.study.examination.findings.iter().any(|finding| finding.sentence.starts_with(SAME));
        (said || !differ) && [swap, full].iter().all(|row| !row.scores.is_empty() && as_before(stay, row))
    }
}

/// Whether an option finds what staying finds, by all that was measured of both.
fn as_before(stay: &OptionRow, row: &OptionRow) -> bool {
    let same = |score: &Score| match score.metric {
        // By itself: an equal mean may come of other results.
        Metric::OverlapOld | Metric::OverlapNew => score.mean.value >= 1.0,
        metric => stay.scores.iter().filter(|before| before.metric == metric).all(|before| before.mean == score.mean),
    };
    row.newly_broken.is_empty() && row.newly_fixed.is_empty() && row.scores.iter().all(same)
}

/// An estimate that can be compared.
pub(super) fn sound(estimate: Option<Estimate>) -> Option<Estimate> {
    estimate
        .filter(|Estimate { value, low, high }| value.is_finite() && low.is_finite() && high.is_finite() && low <= high)
}

/// Whether it is above 0 beyond its interval.
pub(super) fn above(difference: Estimate) -> bool {
    difference.low > 0.0
}

/// Whether it is below 0 beyond its interval.
pub(super) fn below(difference: Estimate) -> bool {
    difference.high < 0.0
}

/// Whether its interval lies within `reach` of 0.
pub(super) fn within(difference: Estimate, reach: f64) -> bool {
    difference.low >= -reach && difference.high <= reach
}

/// Whether a ratio says that two scores are alike.
pub(super) fn alike(ratio: Option<Estimate>) -> bool {
    ratio.is_none_or(|ratio| (ratio.value - 1.0).abs() <= RATIO)
}

/// The one with the best mean, the first of equals.
pub(super) fn best<'a>(standings: impl Iterator<Item = Standing<'a>>) -> Option<Standing<'a>> {
    standings.reduce(|best, next| if next.mean.value > best.mean.value { next } else { best })
}
