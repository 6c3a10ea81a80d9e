//! The ledger: every query of the sample that an upgrade without backfill broke or fixed, and when.

use std::cmp::Reverse;

use protocol::{ModelId, Ranking, RunLog};

use super::strips::{Change, Filter, Queries, class_name};
use crate::view::draw::format;
use crate::view::upgrade::Upgrade;

/// Entries that are put into the page at most.
pub const SHOWN: usize = 200;

/// The changed queries of one class or of all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// Those that pass the filter, the last change first and at most [`SHOWN`].
    pub entries: Vec<Entry>,
    /// Newly broken ones, whatever the filter.
    pub broken: usize,
    /// Newly fixed ones, whatever the filter.
    pub fixed: usize,
    /// Those of both that are selected, whatever the filter.
    pub selected: usize,
}

/// One changed query.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Item id.
    pub query: u16,
    /// Its class.
    pub class: String,
    /// What became of it.
    pub change: Change,
    /// Training step of the new model at which new/old last turned; `None` if it was so from the first measurement on.
    pub step: Option<u32>,
    /// The nearest impostor, the best gallery item where that is wrong: of new/old for a broken query, of old/old for a fixed
    /// one.
    pub impostor: u16,
    /// Class of the impostor.
    pub mistaken_for: String,
}

impl Ledger {
    /// The ledger of an upgrade; `queries` are those of the same log and upgrade.
    pub fn of(log: &RunLog, upgrade: &Upgrade, queries: &Queries, filter: Filter, class: Option<u8>) -> Self {
        let Upgrade { old, new, .. } = *upgrade;
        // By item id, since looking each query up would take the square of their number.
        let by_item = |query: ModelId, gallery: ModelId| {
            let mut by_item = vec![None; log.test_labels.len()];
            let ranking = log.rankings.get(&(query, gallery));
            let turned = ranking.into_iter().flat_map(|ranking| ranking.turned.iter().copied());
            for ((query, best), turned) in ranking.into_iter().flat_map(Ranking::best).zip(turned) {
                if let Some(slot) = by_item.get_mut(usize::from(query)) {
                    *slot = Some((best, turned));
                }
            }
            by_item
        };
        let (before, after) = (by_item(old, old), by_item(new, old));
        let at =
            |by_item: &[Option<(u16, Option<u32>)>], query: u16| by_item.get(usize::from(query)).copied().flatten();
        let mut changed = Vec::new();
        let mut collect = |filter: Filter, change: Change| {
            let in_class =
                |query: &&u16| class.is_none() || log.test_labels.get(usize::from(**query)).copied() == class;
            let known = changed.len();
            changed.extend(queries.passing(filter).iter().filter(in_class).map(|&query| (query, change)));
            changed.len() - known
        };
        let (broken, fixed) = (collect(Filter::Broken, Change::Broken), collect(Filter::Fixed, Change::Fixed));
        let mut is_selected = vec![false; log.test_labels.len()];
        for &query in queries.passing(Filter::Selected) {
            if let Some(slot) = is_selected.get_mut(usize::from(query)) {
                *slot = true;
            }
        }
        let is_selected = |query: u16| is_selected.get(usize::from(query)).copied().unwrap_or_default();
        let selected = changed.iter().filter(|&&(query, _)| is_selected(query)).count();
        changed.retain(|&(query, change)| match filter {
            Filter::All => true,
            Filter::Broken => change == Change::Broken,
            Filter::Fixed => change == Change::Fixed,
            Filter::Selected => is_selected(query),
        });
        let step = |query: u16| at(&after, query).and_then(|(_, turned)| turned);
        changed.sort_unstable_by_key(|&(query, _)| (Reverse(step(query)), query));
        let entry = |&(query, change): &(u16, Change)| {
            let (impostor, _) = at(if change == Change::Broken { &after } else { &before }, query)?;
            let (class, mistaken_for) = (class_name(log, query), class_name(log, impostor));
            Some(Entry { query, class, change, step: step(query), impostor, mistaken_for })
        };
        Self { entries: changed.iter().take(SHOWN).filter_map(entry).collect(), broken, fixed, selected }
    }

    /// How many queries pass a filter.
    pub fn count(&self, filter: Filter) -> usize {
        match filter {
            Filter::All => self.broken + self.fixed,
            Filter::Broken => self.broken,
            Filter::Fixed => self.fixed,
            Filter::Selected => self.selected,
        }
    }

    /// What stands below the table of what passes `filter`.
    pub fn caption(&self, filter: Filter) -> String {
        let (shown, of) = (self.entries.len(), self.count(filter));
        let first = if shown < of { format!("First {shown} of {}. ", format::count(of as u64)) } else { String::new() };
        format!("{first}Last change first. \u{2013} stands for: so since its first measurement.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::testing::{NEW, OLD, half_way, ranking, ranking_at};

    fn ledger(log: &RunLog, filter: Filter, class: Option<u8>) -> Ledger {
        let upgrade = Upgrade::to_stage(2);
        Ledger::of(log, &upgrade, &Queries::of(log, &upgrade, &[1]), filter, class)
    }

    fn rows(ledger: &Ledger) -> Vec<(u16, Change, Option<u32>, u16)> {
        ledger.entries.iter().map(|entry| (entry.query, entry.change, entry.step, entry.impostor)).collect()
    }

    #[test]
    fn changes_come_with_their_step_and_the_impostor_last_first() {
        let mut log = half_way();
        // Query 0 is broken and 1 is fixed since their first ranking; now 2 (a bag) is broken and 3 changes twice.
        log.apply(&ranking_at(20, NEW, OLD, &[5, 4, 4, 5, 4, 5, 5, 4]));
        let found = ledger(&log, Filter::All, None);
        let (broken, fixed) = (Change::Broken, Change::Fixed);
        assert_eq!(
            rows(&found),
            [(2, broken, Some(20), 4), (3, fixed, Some(20), 4), (0, broken, None, 5), (1, fixed, None, 5)]
        );
        let first = &found.entries[0];
        assert_eq!((first.class.as_str(), first.mistaken_for.as_str()), ("Bag", "Shirt"));
        log.apply(&ranking_at(24, NEW, OLD, &[5, 4, 4, 5, 4, 5, 4, 5]));
        let found = ledger(&log, Filter::All, None);
        assert_eq!(rows(&found), [(2, broken, Some(20), 4), (0, broken, None, 5), (1, fixed, None, 5)]);
    }

    #[test]
    fn filters_leave_the_counts_of_the_class() {
        let log = half_way();
        let found = ledger(&log, Filter::Fixed, Some(0));
        assert_eq!(rows(&found), [(1, Change::Fixed, None, 5)]);
        assert_eq!([Filter::All, Filter::Broken, Filter::Fixed].map(|filter| found.count(filter)), [2, 1, 1]);
        assert_eq!(ledger(&log, Filter::All, Some(1)), Ledger::default());
        assert_eq!(ledger(&RunLog::default(), Filter::All, None), Ledger::default());
    }

    #[test]
    fn a_long_ledger_is_cut_and_says_so() {
        let count = SHOWN as u16 + 31;
        let mut log = half_way();
        log.test_labels = vec![0; usize::from(count)];
        log.test_labels.push(1);
        let all = |best| protocol::Event::RankingMeasured {
            query: if best == 0 { OLD } else { NEW },
            gallery: OLD,
            step: 9,
            queries: protocol::Packed((1..count).collect()),
            items: protocol::Packed(vec![best; usize::from(count) - 1]),
            depth: 1,
            precisions: protocol::Packed(vec![0.5; usize::from(count) - 1]),
        };
        log.apply(&all(0));
        log.apply(&all(count));
        let found = ledger(&log, Filter::Broken, None);
        assert_eq!((found.entries.len(), found.broken), (SHOWN, SHOWN + 30));
        assert!(
            found.caption(Filter::Broken).starts_with("First 200 of 230. Last change"),
            "{}",
            found.caption(Filter::Broken)
        );
        assert!(ledger(&half_way(), Filter::All, None).caption(Filter::All).starts_with("Last change"));
        // Nothing is known of these under new/new.
        log.apply(&ranking(NEW, NEW, &[4, 5, 5, 4, 5, 4, 4, 5]));
        assert_eq!(ledger(&log, Filter::Broken, None), found);
    }
}
