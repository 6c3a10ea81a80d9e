//! The differences of all runs, added up as far as what is drawn allows.

use std::collections::{BTreeMap, BTreeSet};

use super::{Average, Level, Run};

/// Sum and number of the differences of a run, by class and by what they are drawn by.
type Sums = BTreeMap<(u16, u32), (f64, f64)>;

/// Sums of differences, run by run.
pub(super) struct Table {
    level: Level,
    average: Average,
    /// Number of groups: of what is drawn for all runs at once. One where nothing is.
    groups: u32,
    /// Of every run, by class.
    rows: Vec<Vec<Cell>>,
}

/// The queries of a run that are of one class and come up together.
struct Cell {
    class: u16,
    group: usize,
    sum: f64,
    count: f64,
}

impl Table {
    /// Of fewer than 2^32 queries.
    pub(super) fn new(runs: &[Run], level: Level, average: Average) -> Self {
        let key = move |item: u32, class: u16| match level {
            Level::Runs => 0,
            Level::RunsAndQueries => item,
            Level::RunsAndClasses => u32::from(class),
        };
        let sums: Vec<Sums> = runs.iter().map(|run| sums(run, key)).collect();
        let keys: BTreeSet<u32> = sums.iter().flat_map(BTreeMap::keys).map(|&(_, key)| key).collect();
        let groups: BTreeMap<u32, usize> = keys.into_iter().zip(0..).collect();
        let row = |sums: Sums| -> Vec<Cell> {
            let cells = sums.into_iter().filter_map(|((class, key), (sum, count))| {
                groups.get(&key).map(|&group| Cell { class, group, sum, count })
            });
            cells.collect()
        };
        let rows = sums.into_iter().map(row).collect();
        Self { level, average, groups: groups.len() as u32, rows }
    }

    /// Number of things that are drawn for all runs at once, at least 1.
    pub(super) fn groups(&self) -> u32 {
        self.groups
    }

    /// Mean over runs, each as often as `runs` says, of what they are worth where each group comes up as often as `groups` says; `None` if
    /// no run has a query then.
    pub(super) fn mean(&self, runs: &[u32], groups: &[u32]) -> Option<f64> {
        let worth = self.rows.iter().zip(runs).filter(|&(_, &times)| times > 0).filter_map(|(row, &times)| {
            let times = f64::from(times);
            Some((times * self.worth(row, groups)?, times))
        });
        ratio(total(worth))
    }

    /// What a run is worth; `None` if none of its queries comes up.
    fn worth(&self, row: &[Cell], groups: &[u32]) -> Option<f64> {
        let times = |cell: &Cell| groups.get(cell.group).map_or(0.0, |&times| f64::from(times));
        let of = |cells: &[Cell]| {
            ratio(total(cells.iter().map(|cell| {
                let times = times(cell);
                (times * cell.sum, times * cell.count)
            })))
        };
        match self.average {
            Average::Queries => of(row),
            Average::Classes => {
                let classes = row.chunk_by(|one, other| one.class == other.class).filter_map(|cells| {
                    // A class that is drawn twice counts twice; images that are drawn twice make no second class.
                    let times = match self.level {
                        Level::RunsAndClasses => cells.first().map_or(0.0, times),
                        Level::Runs | Level::RunsAndQueries => 1.0,
                    };
                    Some((times * of(cells)?, times))
                });
                ratio(total(classes))
            }
        }
    }
}

/// Adds up the differences of a run.
fn sums(run: &Run, key: impl Fn(u32, u16) -> u32) -> Sums {
    let mut sums = Sums::new();
    for ((&item, &class), &difference) in run.items.iter().zip(run.classes).zip(run.differences) {
        let (sum, count) = sums.entry((class, key(item, class))).or_default();
        *sum += difference;
        *count += 1.0;
    }
    sums
}

/// Adds up sums and counts.
fn total(parts: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    parts.fold((0.0, 0.0), |(sums, counts), (sum, count)| (sums + sum, counts + count))
}

/// A sum over its count, if there is one.
fn ratio((sum, count): (f64, f64)) -> Option<f64> {
    (count > 0.0).then(|| sum / count)
}
