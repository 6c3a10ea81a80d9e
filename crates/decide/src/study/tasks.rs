//! What options score task by task, where queries are of several: a model may find words better and sentences worse.

use serde::{Deserialize, Serialize};

use super::run::Run;
use crate::{
    Relevance,
    judge::{Bootstrap, Estimate, PerQuery},
    options::Choice,
    rank::Ranking,
};

/// Tasks at most that are told apart: those of the most queries.
const MOST: usize = 12;

/// The queries of one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What it is called.
    pub name: String,
    /// Queries of it that are judged.
    pub judged: usize,
    /// What each option that was measured scores on them, by the metric that decides.
    pub scores: Vec<TaskScore>,
}

/// What an option scores on the queries of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskScore {
    /// Which.
    pub choice: Choice,
    /// The mean over the task's queries, with its interval over these.
    pub mean: Estimate,
    /// Minus the old system's.
    pub gain: Option<Estimate>,
    /// As a share of the full re-index's; `None` where that is 0.
    pub retention: Option<Estimate>,
}

impl Task {
    /// What an option scores on it.
    pub fn of(&self, choice: &Choice) -> Option<&TaskScore> {
        self.scores.iter().find(|score| score.choice == *choice)
    }
}

impl Run<'_, '_, '_> {
    /// Of [`Study::tasks`](super::Study::tasks): none where queries are of one task.
    pub(super) fn tasks(&mut self) -> Vec<Task> {
        let bench = self.bench;
        // Without judgements nothing is better for one task than for another.
        let known = bench.case.relevance != Relevance::Unknown;
        let Some(tasks) = bench.case.beside.tasks.as_ref().filter(|_| known) else { return Vec::new() };
        let mut members: Vec<(&String, Vec<usize>)> = tasks.names.iter().map(|name| (name, Vec::new())).collect();
        for (asked, &place) in bench.asked.iter().enumerate() {
            let task = tasks.of.get(place).copied().flatten();
            if let Some((_, members)) = task.and_then(|task| members.get_mut(task as usize)) {
                members.push(asked);
            }
        }
        members.retain(|(_, members)| !members.is_empty());
        if members.len() < 2 {
            return Vec::new();
        }
        if members.len() > MOST {
            members.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
            let left = members.len() - MOST;
            members.truncate(MOST);
            self.notices.push(format!("Of {} tasks the {MOST} of the most queries are told apart.", MOST + left));
        }
        let scores = |ranking: &Ranking| bench.scores(self.deciding, ranking);
        let ranked: Vec<(&Choice, PerQuery)> =
            self.kept.rankings.iter().map(|(choice, ranking)| (choice, scores(ranking))).collect();
        let (stay, full) = (scores(&bench.stay), scores(&bench.full));
        let task = |(name, members): (&String, Vec<usize>)| {
            let own = |scores: &PerQuery| -> PerQuery {
                members.iter().map(|&asked| scores.get(asked).copied().flatten()).collect()
            };
            let (draws, stay, full) = (Bootstrap::new(members.len(), bench.settings.seed), own(&stay), own(&full));
            let score = |(choice, scores): &(&Choice, PerQuery)| {
                let scores = own(scores);
                Some(TaskScore {
                    choice: (*choice).clone(),
                    mean: draws.mean(&scores)?,
                    gain: draws.difference(&scores, &stay),
                    retention: draws.retention(&scores, &full),
                })
            };
            let judged = full.iter().flatten().count();
            Task { name: name.clone(), judged, scores: ranked.iter().filter_map(score).collect() }
        };
        members.into_iter().map(task).filter(|task| task.judged > 0).collect()
    }
}
