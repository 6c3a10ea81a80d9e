//! The table of options: every ranking judged against the old system and the full re-index, over the same resamples of queries.

use super::{Choice, Cost, OptionRow, Score, broken, within, workbench::Workbench};
use crate::{
    DecideError, Pulse,
    judge::{Metric, PerQuery},
    rank::Ranking,
};

/// What all options are judged against.
pub(crate) struct Table<'b, 'a> {
    bench: &'b Workbench<'a>,
    measured: Vec<Measured>,
    /// Which queries the old system answers right.
    right: Vec<Option<bool>>,
}

/// One metric, of the two systems that all others stand between.
struct Measured {
    metric: Metric,
    stay: PerQuery,
    full: PerQuery,
}

impl<'b, 'a> Table<'b, 'a> {
    /// For these metrics.
    pub(crate) fn new(bench: &'b Workbench<'a>, metrics: Vec<Metric>) -> Self {
        let measured = metrics.into_iter().map(|metric| Measured {
            metric,
            stay: bench.scores(metric, &bench.stay),
            full: bench.scores(metric, &bench.full),
        });
        Self { bench, measured: measured.collect(), right: broken::right(bench, &bench.stay) }
    }

    /// An option that was ranked.
    pub(crate) fn row(
        &self,
        choice: Choice,
        ranking: &Ranking,
        cost: Cost,
        pulse: Pulse<'_>,
    ) -> Result<OptionRow, DecideError> {
        let mut scores = Vec::with_capacity(self.measured.len());
        for (done, measured) in self.measured.iter().enumerate() {
            let (start, end) = (done as f64, (done + 1) as f64);
            let all = self.measured.len() as f64;
            scores.extend(self.score(measured, ranking, &mut within(&mut *pulse, start / all, end / all))?);
        }
        let right = broken::right(self.bench, ranking);
        let (newly_broken, newly_fixed) = broken::changed(&self.bench.asked, &self.right, &right);
        Ok(OptionRow { name: choice.name(), choice, scores, newly_broken, newly_fixed, cost, note: None })
    }

    /// An option that cannot be had here, and why.
    pub(crate) fn refused(choice: Choice, cost: Cost, why: String) -> OptionRow {
        let (scores, newly_broken, newly_fixed) = (Vec::new(), Vec::new(), Vec::new());
        OptionRow { name: choice.name(), choice, scores, newly_broken, newly_fixed, cost, note: Some(why) }
    }

    /// `None` where no query has a score.
    fn score(&self, measured: &Measured, ranking: &Ranking, pulse: Pulse<'_>) -> Result<Option<Score>, DecideError> {
        let (metric, stay, full) = (measured.metric, &measured.stay, &measured.full);
        // A re-index does not set out to agree with the old system, so that there is nothing to keep or to gain of that.
        let sought = metric != Metric::OverlapOld;
        let draws = &self.bench.bootstrap;
        let scores = self.bench.scores(metric, ranking);
        pulse(0.2)?;
        let Some(mean) = draws.mean(&scores) else { return Ok(None) };
        pulse(0.4)?;
        let (gain, behind) = (draws.difference(&scores, stay), draws.difference(&scores, full));
        pulse(0.6)?;
        let retention = sought.then(|| draws.retention(&scores, full)).flatten();
        pulse(0.8)?;
        let share_of_gain = sought.then(|| draws.share_of_gain(&scores, stay, full)).flatten();
        Ok(Some(Score { metric, mean, gain, behind, retention, share_of_gain }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Relevance,
        options::{Settings, costs::Ledger},
        rank::Hit,
        testing::Planted,
    };

    fn ranking(lists: &[&[u32]]) -> Ranking {
        let list = |list: &&[u32]| list.iter().map(|&document| Hit { document, score: 0.0 }).collect::<Vec<_>>();
        Ranking::new(lists.iter().map(list).collect())
    }

    #[test]
    fn a_row_stands_between_the_old_system_and_the_re_index() {
        let mut case = Planted { documents: 90, queries: 4, ..Planted::default() }.judged();
        case.relevance = Relevance::Judged((0..4).map(|place| vec![(place, 1.0)]).collect());
        let settings = Settings { k: 2, ..Settings::default() };
        let bench = Workbench::new(&case, &settings, &mut |_| Ok(())).unwrap();
        // Of four queries the old system finds one at the second place, the re-index all at the first.
        let bench = Workbench {
            stay: ranking(&[&[9, 0], &[8, 9], &[8, 9], &[8, 9]]),
            full: ranking(&[&[0, 9], &[1, 9], &[2, 9], &[3, 9]]),
            ..bench
        };
        let table = Table::new(&bench, vec![Metric::Recall, Metric::Mrr, Metric::OverlapOld]);
        let cost = Ledger::of(&bench).cost(&Choice::Swap, 0, 0);
        let found = ranking(&[&[8, 9], &[1, 9], &[9, 2], &[3, 9]]);
        let row = table.row(Choice::Swap, &found, cost.clone(), &mut |_| Ok(())).unwrap();
        assert_eq!((&row.newly_broken[..], &row.newly_fixed[..]), (&[0][..], &[1, 2, 3][..]));
        let [recall, mrr, overlap] = &row.scores[..] else { unreachable!() };
        let close = |estimate: Option<crate::judge::Estimate>, expected: f64| {
            let value = estimate.unwrap().value;
            assert!((value - expected).abs() < 1e-12, "{value} for {expected}");
        };
        close(Some(recall.mean), 0.75);
        close(recall.gain, 0.5);
        close(recall.behind, -0.25);
        close(recall.retention, 0.75);
        close(Some(mrr.mean), 2.5 / 4.0);
        close(mrr.gain, 2.0 / 4.0);
        close(mrr.retention, 2.5 / 4.0);
        close(mrr.share_of_gain, 2.0 / 3.5);
        assert_eq!((overlap.retention, overlap.share_of_gain), (None, None));

        let refused = Table::refused(Choice::Swap, cost, "It cannot be had.".to_owned());
        assert!(refused.scores.is_empty() && refused.note.is_some());
        let broken_off = table.row(Choice::Stay, &bench.stay, refused.cost, &mut |_| Err(DecideError::Cancelled));
        assert_eq!(broken_off, Err(DecideError::Cancelled));
    }
}
