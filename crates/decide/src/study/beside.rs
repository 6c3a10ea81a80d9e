//! What is told beside the table of options: judgements that are missing, half-migrated indexes, cut-offs, numbers of pairs.

use super::{
    best_bridge, best_bridge_of, best_by_mean,
    progress::{CUT, MIXED, attempt},
    run::Run,
};
use crate::{
    DecideError, Pulse, Relevance,
    judge::queries_needed,
    maps::Direction,
    options::{Choice, mixed},
    pairs,
    rank::Ranking,
    thresholds::{self, Thresholds},
};

/// Both of them.
const DIRECTIONS: [Direction; 2] = [Direction::Queries, Direction::Gallery];

impl Run<'_, '_, '_> {
    /// Of [`needed`](super::Study::needed) judged queries.
    pub(super) fn needed(&self) -> Option<usize> {
        let bench = self.bench;
        if bench.case.relevance == Relevance::Unknown {
            return None;
        }
        let scores = |ranking: &Ranking| bench.scores(self.deciding, ranking);
        let (stay, full) = (scores(&bench.stay), scores(&bench.full));
        if !bench.bootstrap.difference(&full, &stay)?.excludes(0.0) {
            return queries_needed(&full, &stay);
        }
        let others = self.rows.iter().filter(|row| match row.choice {
            Choice::Bridge { .. } => false,
            _ => !row.choice.embeds_documents(),
        });
        let bridges = DIRECTIONS.into_iter().filter_map(|direction| best_bridge_of(&self.rows, direction));
        let best = best_by_mean(others.chain(bridges), self.deciding)?;
        queries_needed(&full, &scores(self.kept.ranking(&best.choice)?))
    }

    pub(super) fn mixed(&mut self) -> Result<Vec<mixed::Point>, DecideError> {
        self.progress.chapter(MIXED, 1.0);
        let bench = self.bench;
        let bridge = best_bridge_of(&self.rows, Direction::Queries).and_then(|row| self.kept.map(&row.choice));
        let measure = |pulse: Pulse<'_>| mixed::mixed(bench, bridge, pulse);
        let made = attempt(self.progress.step("half-migrated indexes", 1.0, measure))?;
        Ok(self.or_notice("What a half-migrated index answers", made))
    }

    pub(super) fn thresholds(&mut self) -> Result<Option<Thresholds>, DecideError> {
        self.progress.chapter(CUT, 1.0);
        let bench = self.bench;
        let bridges = DIRECTIONS.into_iter().filter_map(|direction| best_bridge_of(&self.rows, direction));
        let bridges = bridges.map(|row| row.choice.clone());
        let choices = [Choice::Stay, Choice::Swap].into_iter().chain(bridges).chain([Choice::Reindex]);
        let systems: Vec<(String, &Ranking)> =
            choices.filter_map(|choice| Some((choice.name(), self.kept.ranking(&choice)?))).collect();
        let measure = |pulse: Pulse<'_>| thresholds::thresholds(bench, &systems, pulse);
        let made = attempt(self.progress.step("cut-offs", 1.0, measure))?;
        Ok(self.or_notice("What becomes of cut-offs", made))
    }

    pub(super) fn pairs(&mut self) -> Result<Vec<pairs::Point>, DecideError> {
        self.progress.chapter(1.0, 1.0);
        let bench = self.bench;
        let best = best_bridge(&self.rows, self.deciding).map(|row| row.choice.clone());
        let Some(Choice::Bridge { family, direction }) = best else { return Ok(Vec::new()) };
        let known = self.kept.ranking(&Choice::Bridge { family, direction });
        let measure = |pulse: Pulse<'_>| pairs::pairs(bench, family, direction, known, pulse);
        let made = attempt(self.progress.step("how many pairs it takes", 1.0, measure))?;
        Ok(self.or_notice("How many pairs it takes", made))
    }

    /// What was measured, or nothing and a notice of why.
    fn or_notice<T: Default>(&mut self, what: &str, made: Result<T, String>) -> T {
        made.unwrap_or_else(|why| {
            self.notices.push(format!("{what} is left out, since {why}."));
            T::default()
        })
    }
}
