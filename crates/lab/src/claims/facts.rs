//! The numbers of a finished run that rules can ask for, few enough that those of every run can be kept.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Backfill, ClaimMetric, Packed, Ranking, RunLog, Verdict};
use serde::{Deserialize, Serialize};

use super::Rule;
use super::fact::{self, Fact, NEW_NEW, NEW_OLD, OLD_OLD, Pair, STAR_STAR};

/// Facts of a run by their names. Fractions are in points, hundredths of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The numbers, to seven digits. What is no number is not there.
    pub numbers: BTreeMap<String, f64>,
    /// Of the cells that rules compare query by query: by score and pair the mean of each [group](Groups) of test images.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, Groups>,
}

/// Means over groups of test images, the same images in every run whatever the order of its classes: class by class in the order of
/// their names, in each so many groups of as many images as can be. With them the resampling of images and of classes needs no
/// number of every single query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Groups(Packed<u16>);

/// Groups of a class, where there are few classes and where there are many.
const GROUPS: (usize, usize) = (5, 2);
/// Most classes that are few.
const FEW: usize = 10;
/// Stands for a fraction of 1.
const WHOLE: f64 = 65_534.0;
/// Stands for a group in which nothing is to be found.
const NONE: u16 = u16::MAX;

impl Facts {
    /// What there is to be known of a run, with groups of these pairs beside those that most rules compare. Of what a run declares, which
    /// is much for some, only what a rule [asks for](asked).
    pub fn of(log: &RunLog, pairs: &[Pair], asked: &BTreeSet<String>) -> Self {
        let mut facts = Self::default();
        facts.matrix(log);
        if let Some(verdict) = log.verdicts.last() {
            facts.judged(verdict);
            for backfill in log.backfills.iter().filter(|backfill| !backfill.dual) {
                facts.backfilled(backfill, verdict.old_old.map);
            }
        }
        if let Some(chain) = &log.chain {
            for (metric, scores) in [(ClaimMetric::Map, &chain.map), (ClaimMetric::Top1, &chain.cmc1)] {
                facts.points(Fact::AverageCompatibility.key(metric), scores.ac);
                facts.points(Fact::AverageAccuracy.key(metric), scores.aa);
            }
            chain.growth.iter().for_each(|grown| facts.of_any(Fact::Growth(grown.models), 100.0 * grown.ac));
        }
        facts.declared(log, asked);
        let usual = [OLD_OLD, NEW_OLD, NEW_NEW, STAR_STAR];
        for &pair in usual.iter().chain(pairs).collect::<BTreeSet<_>>() {
            for metric in ClaimMetric::ALL {
                if let Some(groups) = log.rankings.get(&pair).and_then(|ranking| Groups::of(log, ranking, metric)) {
                    facts.groups.insert(Fact::Score(pair).key(metric), groups);
                }
            }
        }
        facts
    }

    /// A fact by this score; `None` if the run does not hold it.
    pub fn get(&self, fact: Fact, metric: ClaimMetric) -> Option<f64> {
        self.numbers.get(&fact.key(metric)).copied()
    }

    /// What a random ranking scores, in points.
    pub fn chance(&self, metric: ClaimMetric) -> Option<f64> {
        self.numbers.get(&chance(metric)).copied()
    }

    /// The groups of a cell.
    pub fn groups_of(&self, pair: Pair, metric: ClaimMetric) -> Option<&Groups> {
        self.groups.get(&Fact::Score(pair).key(metric))
    }

    fn set(&mut self, name: String, number: f64) {
        // As it is written, so that what was kept is what was computed.
        if let Some(number) = format!("{number:.6e}").parse().ok().filter(|number: &f64| number.is_finite()) {
            self.numbers.insert(name, number);
        }
    }

    /// A fraction.
    fn points(&mut self, name: String, fraction: f64) {
        self.set(name, 100.0 * fraction);
    }

    /// A fact that is the same by every score.
    fn of_any(&mut self, fact: Fact, number: f64) {
        self.set(fact.key(ClaimMetric::Map), number);
    }

    fn matrix(&mut self, log: &RunLog) {
        for metric in ClaimMetric::ALL {
            if let Some(rates) = &log.chance {
                self.points(chance(metric), metric.of(rates));
            }
            for cell in &log.matrix {
                let pair = (cell.query, cell.gallery);
                self.points(Fact::Score(pair).key(metric), metric.of(&cell.all));
                if let Some(unseen) = &cell.unseen {
                    self.points(Fact::Unseen(pair).key(metric), metric.of(unseen));
                }
            }
        }
    }

    /// The judgement on the last upgrade.
    fn judged(&mut self, verdict: &Verdict) {
        for metric in ClaimMetric::ALL {
            let [old, cross, ceiling] = [&verdict.old_old, &verdict.new_old, &verdict.ceiling].map(|it| metric.of(it));
            if let Some(branch) = &verdict.branch {
                self.points(Fact::Branch.key(metric), metric.of(branch));
            }
            // The share of a gain that there hardly is says nothing.
            if verdict.update_gain.is_some() {
                self.points(Fact::UpdateGain.key(metric), (cross - old) / (ceiling - old));
            }
            self.set(Fact::Compatible.key(metric), f64::from(u8::from(cross > old)));
        }
        self.of_any(Fact::NegativeFlips, 100.0 * verdict.nfr);
        self.of_any(Fact::FrozenGap, 100.0 * (verdict.forgetting_frozen - verdict.forgetting_reindexed));
        self.of_any(Fact::CkaNew, verdict.cka_new);
        self.of_any(Fact::CkaIndependent, verdict.cka_independent);
        self.of_any(Fact::Stored, f64::from(verdict.cost.stored));
        if let Some(seconds) = verdict.cost.seconds {
            self.of_any(Fact::Seconds, seconds);
        }
    }

    fn backfilled(&mut self, backfill: &Backfill, before: f64) {
        let (model, order) = (backfill.query, backfill.order);
        self.of_any(Fact::BackfillArea(model, order), 100.0 * backfill.area);
        self.of_any(Fact::DipDepth(model, order), -100.0 * backfill.dip);
        self.of_any(Fact::BelowBefore(model, order), 100.0 * below(backfill, before));
    }

    /// Readings and tables, and what the rankings say of old neighbours.
    fn declared(&mut self, log: &RunLog, asked: &BTreeSet<String>) {
        let scale = |quantity: &str| match log.quantity(quantity) {
            Some(declared) if declared.is_fraction() => 100.0,
            _ => 1.0,
        };
        for (&model, known) in &log.models {
            for ((quantity, of), readings) in &known.numbers {
                let name = fact::reading(model, quantity, of);
                if let Some((_, value)) = readings.last().filter(|_| asked.contains(&name)) {
                    self.set(name, scale(quantity) * value);
                }
            }
        }
        for table in &log.tables {
            for (at, row) in table.rows.iter().enumerate() {
                for (place, column) in table.columns.iter().enumerate() {
                    let name = fact::cell(&table.id, row, column);
                    if let Some(value) = table.cell(at, place).filter(|_| asked.contains(&name)) {
                        self.set(name, scale(&table.quantity) * value);
                    }
                }
            }
        }
        let both = log.rankings.get(&OLD_OLD).zip(log.rankings.get(&NEW_OLD));
        if let Some(share) = both.and_then(|(old, new)| shared(old, new)) {
            self.of_any(Fact::OldNeighbours, 100.0 * share);
        }
    }
}

/// Names of the readings and cells of tables that these rules ask for.
pub fn asked<'r>(rules: impl Iterator<Item = &'r Rule>) -> BTreeSet<String> {
    let facts = rules.flat_map(|rule| rule.measure.facts());
    let declared = facts.filter(|fact| matches!(fact, Fact::Reading { .. } | Fact::Cell { .. }));
    declared.map(|fact| fact.key(ClaimMetric::Map)).collect()
}

/// Name of what a random ranking scores.
pub(super) fn chance(metric: ClaimMetric) -> String {
    format!("{} chance", metric.in_words())
}

/// Share of a backfill during which the line through its points lies below a score.
fn below(backfill: &Backfill, score: f64) -> f64 {
    let steps = backfill.points.iter().zip(backfill.points.iter().skip(1));
    let part = |(from, to): (&protocol::BackfillPoint, &protocol::BackfillPoint)| {
        let (start, end) = (from.map - score, to.map - score);
        let share = match (start < 0.0, end < 0.0) {
            (true, true) => 1.0,
            (false, false) => 0.0,
            (true, false) => start / (start - end),
            (false, true) => end / (end - start),
        };
        share * (to.fraction - from.fraction)
    };
    steps.map(part).sum()
}

/// Of the items that each query finds under one ranking the share that it finds under the other, too; `None` if they are not over the same
/// queries and as deep.
fn shared(one: &Ranking, other: &Ranking) -> Option<f64> {
    let depth = one.depth.max(1);
    if one.queries != other.queries || one.depth != other.depth || one.items.is_empty() {
        return None;
    }
    let both = one.items.chunks(depth).zip(other.items.chunks(depth));
    let found: usize = both.map(|(one, other)| one.iter().filter(|item| other.contains(item)).count()).sum();
    Some(found as f64 / one.items.len() as f64)
}

impl Groups {
    /// The means of a ranking; `None` if it has none, or not of the items that the run's labels are of.
    fn of(log: &RunLog, ranking: &Ranking, metric: ClaimMetric) -> Option<Self> {
        let mut names: Vec<(&String, usize)> = log.class_names.iter().zip(0..).collect();
        names.sort();
        // At the number of each class its place among the names.
        let mut places = vec![0; names.len()];
        for (place, &(_, class)) in names.iter().enumerate() {
            *places.get_mut(class)? = place;
        }
        let groups = if names.len() > FEW { GROUPS.1 } else { GROUPS.0 };
        let mut scored: Vec<(u16, Option<f64>)> = match metric {
            ClaimMetric::Map => {
                let precision = |&value: &f32| (!value.is_nan()).then_some(f64::from(value));
                ranking.queries.iter().copied().zip(ranking.precisions.iter().map(precision)).collect()
            }
            ClaimMetric::Top1 => {
                let right = |(query, best)| (query, log.is_right(query, best).map(|it| f64::from(u8::from(it))));
                ranking.best().map(right).collect()
            }
        };
        if scored.is_empty() {
            return None;
        }
        scored.sort_unstable_by_key(|&(query, _)| query);
        let mut sums = vec![(0.0, 0_u32); names.len() * groups];
        let mut so_far = vec![0_usize; names.len()];
        for (query, score) in scored {
            let place = *places.get(usize::from(*log.test_labels.get(usize::from(query))?))?;
            let count = so_far.get_mut(place)?;
            let group = place * groups + *count % groups;
            *count += 1;
            if let (Some(score), Some((sum, number))) = (score, sums.get_mut(group)) {
                *sum += score;
                *number += 1;
            }
        }
        let packed = |(sum, number): (f64, u32)| match number {
            0 => NONE,
            // Within what 16 bits hold, as no score is beyond 1.
            number => (sum / f64::from(number) * WHOLE).round().clamp(0.0, WHOLE) as u16,
        };
        Some(Self(Packed(sums.into_iter().map(packed).collect())))
    }

    /// Group by group its number, its class by the order of names, and its mean in points; `None` where nothing is to be found.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u16, Option<f64>)> + '_ {
        let Packed(means) = &self.0;
        let groups = if means.len() > FEW * GROUPS.0 { GROUPS.1 } else { GROUPS.0 };
        let mean = |&mean: &u16| (mean != NONE).then_some(100.0 * f64::from(mean) / WHOLE);
        // Fewer than a byte can count classes of.
        (0..).zip(means).map(move |(group, value)| (group, (group as usize / groups) as u16, mean(value)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use protocol::{BackfillOrder, BackfillPoint};

    use super::*;
    use crate::claims::{NEW, OLD};

    fn ranking(queries: &[u16], items: &[u16], precisions: &[f32]) -> Ranking {
        let depth = items.len() / queries.len().max(1);
        let (queries, items, precisions) = (queries.to_vec(), items.to_vec(), precisions.to_vec());
        Ranking { step: 1, depth, queries, items, precisions, turned: vec![] }
    }

    #[test]
    fn groups_are_of_the_same_images_whatever_the_order_of_classes() {
        let log = |names: [&str; 2], labels: [u8; 4]| RunLog {
            class_names: names.map(str::to_owned).to_vec(),
            test_labels: labels.to_vec(),
            ..RunLog::default()
        };
        // Items 0 and 2 are boots, 1 and 3 are coats; only the best item of query 3 is wrong.
        let ranked = ranking(&[3, 1, 0, 2], &[2, 3, 2, 0], &[0.25, 0.5, f32::NAN, 1.0]);
        let one = log(["coat", "boot"], [1, 0, 1, 0]);
        let other = log(["boot", "coat"], [0, 1, 0, 1]);
        for metric in ClaimMetric::ALL {
            assert_eq!(Groups::of(&one, &ranked, metric), Groups::of(&other, &ranked, metric));
        }
        let read = |metric| {
            let groups = Groups::of(&one, &ranked, metric).unwrap();
            groups.iter().filter_map(|(group, class, mean)| Some((group, class, mean?.round()))).collect::<Vec<_>>()
        };
        assert_eq!(read(ClaimMetric::Map), [(1, 0, 100.0), (5, 1, 50.0), (6, 1, 25.0)]);
        assert_eq!(read(ClaimMetric::Top1), [(0, 0, 100.0), (1, 0, 100.0), (5, 1, 100.0), (6, 1, 0.0)]);
    }

    #[test]
    fn neighbours_and_the_time_below_by_hand() {
        let old = ranking(&[0, 1], &[1, 2, 3, 0, 2, 3], &[0.5, 0.5]);
        let new = ranking(&[0, 1], &[2, 4, 1, 5, 0, 6], &[0.5, 0.5]);
        assert_eq!(shared(&old, &new), Some(3.0 / 6.0));
        assert_eq!(shared(&old, &ranking(&[0], &[1, 2, 3], &[0.5])), None);
        let points = [(0.0, 0.1), (0.5, 0.3), (1.0, 0.7)];
        let points = points.map(|(fraction, map)| BackfillPoint { fraction, map, cmc1: 0.0 }).to_vec();
        let (query, gallery, order) = (NEW, OLD, BackfillOrder::Random);
        let backfill = Backfill { query, gallery, order, dual: false, points, area: 0.0, dip: 0.0 };
        // From 0.3 to 0.7 it passes 0.5 half way.
        assert!((below(&backfill, 0.5) - 0.75).abs() < 1e-12);
        assert_eq!((below(&backfill, 0.05), below(&backfill, 0.8)), (0.0, 1.0));
    }

    #[test]
    fn what_is_kept_is_what_was_computed() {
        let mut facts = Facts::default();
        facts.points("mAP v2/v1".to_owned(), 1.0 / 3.0);
        facts.set("nothing".to_owned(), f64::NAN);
        facts.groups.insert("mAP v2/v1".to_owned(), Groups(Packed(vec![0, 65_534, NONE])));
        let text = serde_json::to_string(&facts).unwrap();
        assert!(text.contains("33.33333") && !text.contains("nothing"), "{text}");
        assert_eq!(serde_json::from_str::<Facts>(&text).unwrap(), facts);
    }
}
