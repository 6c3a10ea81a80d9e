//! Retrieval strips: one query and its best gallery items under each pair of models.

use protocol::{ModelId, Ranking, RunLog};

use crate::view::upgrade::Upgrade;

/// Thumbnails per strip.
pub const DEPTH: usize = 10;

/// What one query finds, a strip per pair.
#[derive(Clone, Debug, PartialEq)]
pub struct StripView {
    /// Old/old, new/old, new/new, independent/old: those that were measured.
    pub strips: Vec<Strip>,
}

/// The best gallery items under one pair of models.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// Pair in the field's words, as in `new/old`.
    pub pair: String,
    /// The models behind it, as in `v2 \u{2192} v1`.
    pub models: String,
    /// Best first.
    pub hits: Vec<Hit>,
    /// What became of the query against old/old.
    pub change: Option<Change>,
}

/// One gallery item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Item id.
    pub item: u16,
    /// Its class.
    pub class: String,
    /// Whether that is the query's.
    pub right: bool,
}

/// What an upgrade without backfill did to a query's best item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Wrong before, right now.
    Fixed,
    /// Right before, wrong now.
    Broken,
}

/// Which queries the panel steps through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All of the sample.
    #[default]
    All,
    /// Right before, wrong now.
    Broken,
    /// Wrong before, right now.
    Fixed,
    /// Selected on the map.
    Selected,
}

/// The queries of the sample, sorted out by what the upgrade did to them, and those that are selected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queries {
    all: Vec<u16>,
    broken: Vec<u16>,
    fixed: Vec<u16>,
    selected: Vec<u16>,
}

impl Filter {
    /// All filters in the order of the switch.
    pub const ALL: [Self; 4] = [Self::All, Self::Broken, Self::Fixed, Self::Selected];

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Broken => "newly broken",
            Self::Fixed => "newly fixed",
            Self::Selected => "selected",
        }
    }
}

impl Change {
    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::Fixed => "+ fixed",
            Self::Broken => "\u{2212} broken",
        }
    }
}

impl Queries {
    /// The queries of the latest rankings; `selection` is sorted.
    pub fn of(log: &RunLog, upgrade: &Upgrade, selection: &[u16]) -> Self {
        let before = log.rankings.get(&(upgrade.old, upgrade.old));
        let after = log.rankings.get(&(upgrade.new, upgrade.old));
        let Some(any) = before.or(after).or_else(|| log.rankings.values().next()) else { return Self::default() };
        // By item id, since looking each query up would take the square of their number with every change of the log.
        let right = |ranking: Option<&Ranking>| {
            let mut by_item = vec![None; log.test_labels.len()];
            for (query, best) in ranking.into_iter().flat_map(Ranking::best) {
                if let Some(right) = by_item.get_mut(usize::from(query)) {
                    *right = log.is_right(query, best);
                }
            }
            by_item
        };
        let (then, now) = (right(before), right(after));
        let with = |wanted| {
            let of = |right: &[Option<bool>], query: u16| right.get(usize::from(query)).copied().flatten();
            let became = |query: &&u16| change(of(&then, **query), of(&now, **query)) == Some(wanted);
            any.queries.iter().filter(became).copied().collect()
        };
        let selected = any.queries.iter().filter(|query| selection.binary_search(query).is_ok()).copied().collect();
        Self { all: any.queries.clone(), broken: with(Change::Broken), fixed: with(Change::Fixed), selected }
    }

    /// Those that pass a filter, in the order of the sample.
    pub fn passing(&self, filter: Filter) -> &[u16] {
        match filter {
            Filter::All => &self.all,
            Filter::Broken => &self.broken,
            Filter::Fixed => &self.fixed,
            Filter::Selected => &self.selected,
        }
    }

    /// The query `by` places after `current` among those that pass, around the ends; the first if `current` is not there.
    pub fn step(&self, filter: Filter, current: Option<u16>, by: isize) -> Option<u16> {
        let queries = self.passing(filter);
        let count = isize::try_from(queries.len()).ok().filter(|&count| count > 0)?;
        let place = current.and_then(|current| queries.iter().position(|&query| query == current));
        let next = match place {
            Some(place) => (isize::try_from(place).ok()? + by).rem_euclid(count),
            None => 0,
        };
        queries.get(usize::try_from(next).ok()?).copied()
    }
}

impl StripView {
    /// The pairs of models that have a strip, the query's model first.
    pub fn pairs(&Upgrade { old, new, independent }: &Upgrade) -> [(ModelId, ModelId); 4] {
        [(old, old), (new, old), (new, new), (independent, old)]
    }

    /// The models of a pair, in words.
    pub fn models(query: ModelId, gallery: ModelId) -> String {
        format!("{query} query, {gallery} gallery")
    }

    /// The strips of `query`.
    pub fn of(log: &RunLog, upgrade: &Upgrade, query: u16) -> Self {
        let old = upgrade.old;
        let right = |items: &[u16]| log.is_right(query, *items.first()?);
        let was_right = log.rankings.get(&(old, old)).and_then(|ranking| right(ranking.of(query)?));
        let strip = |(query_model, gallery): (ModelId, ModelId)| {
            let items = log.rankings.get(&(query_model, gallery))?.of(query)?;
            let status_quo = (query_model, gallery) == (old, old);
            Some(Strip {
                pair: upgrade.pair(query_model, gallery),
                models: Self::models(query_model, gallery),
                hits: items.iter().take(DEPTH).map(|&item| hit(log, query, item)).collect(),
                change: change(was_right, right(items)).filter(|_| !status_quo),
            })
        };
        Self { strips: Self::pairs(upgrade).into_iter().filter_map(strip).collect() }
    }
}

impl Strip {
    /// How many of the items are right.
    pub fn right(&self) -> usize {
        self.hits.iter().filter(|hit| hit.right).count()
    }
}

/// What became of a query whose best item was and is right or wrong; `None` where it stayed, or where either is not known.
fn change(was_right: Option<bool>, is_right: Option<bool>) -> Option<Change> {
    match (was_right?, is_right?) {
        (false, true) => Some(Change::Fixed),
        (true, false) => Some(Change::Broken),
        _ => None,
    }
}

fn hit(log: &RunLog, query: u16, item: u16) -> Hit {
    Hit { item, class: class_name(log, item), right: log.is_right(query, item) == Some(true) }
}

/// Name of an item's class; empty if it is not known.
pub fn class_name(log: &RunLog, item: u16) -> String {
    let class = log.test_labels.get(usize::from(item));
    class.and_then(|&class| log.class_names.get(usize::from(class))).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::testing::half_way;

    #[test]
    fn broken_and_fixed_are_told_by_the_best_item() {
        let (log, upgrade) = (half_way(), Upgrade::to_stage(2));
        let queries = Queries::of(&log, &upgrade, &[1, 3, 5]);
        assert_eq!(queries.passing(Filter::All), [0, 1, 2, 3]);
        assert_eq!(queries.passing(Filter::Broken), [0]);
        assert_eq!(queries.passing(Filter::Fixed), [1]);
        assert_eq!(queries.passing(Filter::Selected), [1, 3], "item 5 is in the gallery only");
        let view = StripView::of(&log, &upgrade, 1);
        let pairs: Vec<&str> = view.strips.iter().map(|strip| strip.pair.as_str()).collect();
        assert_eq!(pairs, ["old/old", "new/old"]);
        assert_eq!((class_name(&log, 1).as_str(), view.strips[1].change), ("Shirt", Some(Change::Fixed)));
        assert_eq!((view.strips[0].change, view.strips[1].right()), (None, 1));
        assert!(view.strips[1].hits[0].right && !view.strips[0].hits[0].right);
    }

    #[test]
    fn stepping_goes_around_within_the_filter() {
        let queries = Queries { all: vec![5, 7, 9], broken: vec![7], fixed: vec![], selected: vec![] };
        assert_eq!(queries.step(Filter::All, Some(9), 1), Some(5));
        assert_eq!(queries.step(Filter::All, Some(5), -1), Some(9));
        assert_eq!(queries.step(Filter::Broken, Some(9), 1), Some(7));
        assert_eq!(queries.step(Filter::Fixed, Some(9), 1), None);
    }

    #[test]
    fn a_query_outside_the_sample_has_no_strips() {
        assert!(StripView::of(&half_way(), &Upgrade::to_stage(2), 5).strips.is_empty());
    }
}
