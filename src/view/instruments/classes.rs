//! The verdict class by class: who gains by an upgrade without backfill, and who pays.

use protocol::{ModelId, Ranking, RunLog};

use super::strips::{Filter, Queries};
use crate::view::upgrade::Upgrade;

/// All classes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassTable {
    /// One row per class in the order of the dataset; empty before anything was measured.
    pub rows: Vec<ClassRow>,
    /// Queries of new/old, or of old/old before there are any.
    pub queries: usize,
}

/// One class.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassRow {
    /// Its number.
    pub class: u8,
    /// Its name.
    pub name: String,
    /// Whether the old model was not trained on it.
    pub new: bool,
    /// mAP of its queries under old/old, new/old and new/new, `0..=1`; `None` where nothing was measured.
    pub map: [Option<f64>; 3],
    /// mAP of new/old minus that of old/old; `None` unless both are of the same queries.
    pub difference: Option<f64>,
    /// Newly broken queries.
    pub broken: usize,
    /// Newly fixed queries.
    pub fixed: usize,
}

impl ClassTable {
    /// The verdicts on an upgrade; `queries` are those of the same log and upgrade.
    pub fn of(log: &RunLog, upgrade: &Upgrade, queries: &Queries) -> Self {
        let Upgrade { old, new, .. } = *upgrade;
        let ranking = |query: ModelId, gallery: ModelId| log.rankings.get(&(query, gallery));
        let (before, after) = (ranking(old, old), ranking(new, old));
        let Some(any) = after.or(before) else { return Self::default() };
        // While the final matrix is measured one of the two is of all items and the other still of the live sample.
        let comparable = before.zip(after).is_some_and(|(before, after)| before.queries == after.queries);
        let scores = [before, after, ranking(new, new)].map(|ranking| mean_by_class(log, ranking));
        let count = |filter: Filter, class: u8| {
            let of_class = |query: &&u16| log.test_labels.get(usize::from(**query)) == Some(&class);
            queries.passing(filter).iter().filter(of_class).count()
        };
        let known = log.scenario.as_ref().and_then(|scenario| scenario.stage(old)).map(|stage| stage.classes);
        let row = |(class, name): (u8, &String)| {
            let map = [0, 1, 2].map(|pair: usize| *scores.get(pair)?.get(usize::from(class))?);
            let [old_old, new_old, _] = map;
            ClassRow {
                class,
                name: name.clone(),
                new: known.is_some_and(|known| u32::from(class) >= known),
                map,
                difference: old_old.zip(new_old).filter(|_| comparable).map(|(old, new)| new - old),
                broken: count(Filter::Broken, class),
                fixed: count(Filter::Fixed, class),
            }
        };
        Self { rows: (0..).zip(&log.class_names).map(row).collect(), queries: any.queries.len() }
    }
}

impl ClassRow {
    /// Whether it meets the criterion M(n,o) > M(o,o) by mAP; `None` if that is not known.
    pub fn passes(&self) -> Option<bool> {
        self.difference.map(|difference| difference > 0.0)
    }
}

/// Mean average precision of the queries of each class; those with nothing to find are left out.
fn mean_by_class(log: &RunLog, ranking: Option<&Ranking>) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0.0); log.class_names.len()];
    let measured = ranking.into_iter().flat_map(|ranking| ranking.queries.iter().zip(&ranking.precisions));
    for (&query, &precision) in measured.filter(|(_, precision)| !precision.is_nan()) {
        let class = log.test_labels.get(usize::from(query)).copied();
        if let Some((sum, count)) = class.and_then(|class| sums.get_mut(usize::from(class))) {
            *sum += f64::from(precision);
            *count += 1.0;
        }
    }
    sums.into_iter().map(|(sum, count)| (count > 0.0).then(|| sum / count)).collect()
}

#[cfg(test)]
mod tests {
    use protocol::{Event, Packed};

    use super::*;
    use crate::view::testing::{NEW, OLD, half_way};

    fn measured(query: ModelId, gallery: ModelId, queries: &[u16], precisions: &[f32]) -> Event {
        Event::RankingMeasured {
            query,
            gallery,
            step: 16,
            queries: Packed(queries.to_vec()),
            items: Packed(vec![4; queries.len()]),
            depth: 1,
            precisions: Packed(precisions.to_vec()),
        }
    }

    fn table(log: &RunLog) -> ClassTable {
        let upgrade = Upgrade::to_stage(2);
        ClassTable::of(log, &upgrade, &Queries::of(log, &upgrade, &[]))
    }

    #[test]
    fn classes_are_judged_by_the_mean_of_their_queries() {
        let mut log = half_way();
        if let Some(old) = log.scenario.as_mut().and_then(|scenario| scenario.stages.first_mut()) {
            old.classes = 1;
        }
        let before = table(&log);
        assert_eq!(before.rows.iter().map(|row| (row.broken, row.fixed)).collect::<Vec<_>>(), [(1, 1), (0, 0)]);
        assert_eq!(before.rows[0].passes(), Some(false), "what stays as it was is no gain");
        log.apply(&measured(OLD, OLD, &[0, 1, 2, 3], &[0.25, 0.75, 0.5, f32::NAN]));
        log.apply(&measured(NEW, OLD, &[0, 1, 2, 3], &[0.5, 0.75, 0.25, f32::NAN]));
        let ClassTable { rows, queries } = table(&log);
        assert_eq!(queries, 4);
        let [shirts, bags] = rows.as_slice() else { panic!("two classes") };
        assert_eq!((shirts.name.as_str(), shirts.new, bags.name.as_str(), bags.new), ("Shirt", false, "Bag", true));
        assert_eq!((shirts.map, shirts.difference), ([Some(0.5), Some(0.625), None], Some(0.125)));
        assert_eq!((bags.map, bags.difference), ([Some(0.5), Some(0.25), None], Some(-0.25)));
        assert_eq!((shirts.passes(), bags.passes()), (Some(true), Some(false)));
    }

    #[test]
    fn different_samples_are_not_compared() {
        let mut log = half_way();
        log.apply(&measured(OLD, OLD, &[0, 1, 2, 3, 4, 5], &[0.5; 6]));
        let found = table(&log);
        assert_eq!((found.queries, found.rows[0].map[0], found.rows[0].difference), (4, Some(0.5), None));
        assert_eq!(found.rows[0].passes(), None);
    }

    #[test]
    fn without_queries_a_class_has_no_score() {
        let mut log = half_way();
        log.apply(&measured(NEW, OLD, &[0, 1], &[0.5; 2]));
        assert_eq!(table(&log).rows[1].map, [Some(0.5), None, None]);
        assert_eq!(table(&RunLog::default()), ClassTable::default());
    }
}
