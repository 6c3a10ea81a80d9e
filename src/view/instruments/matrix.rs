//! The compatibility matrix as a table: query models down, gallery models across.

use protocol::{Cell, ModelId, Rates, RunLog, Sample};

use crate::view::draw::csv::csv;
use crate::view::draw::format;
use crate::view::upgrade::{Upgrade, models};

/// Difference at which a cell has its full colour.
const FULL: f64 = 0.25;

/// Which score a table shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metric {
    /// Mean average precision.
    #[default]
    Map,
    /// Best item right.
    Top1,
    /// One of the best five right.
    Top5,
    /// Recall at ten.
    Recall10,
}

/// Which queries a table counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Classes {
    /// All of them.
    #[default]
    All,
    /// Those of classes that the first stage was trained on.
    Seen,
    /// Those of classes that came later.
    Unseen,
}

/// The whole table.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixTable {
    /// Gallery models, in order: all of them, or in a chain the deployed ones.
    pub columns: Vec<ModelId>,
    /// One row per query model.
    pub rows: Vec<MatrixRow>,
    /// What was measured, in words: the whole test set or a live sample.
    pub basis: Option<String>,
    /// Whether any value is only from a live sample.
    pub live: bool,
    /// What a random ranking scores, once known; over all classes.
    pub chance: Option<f64>,
    /// Whether more than two models are deployed one after the other.
    pub chain: bool,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixRow {
    /// Model that embeds the queries.
    pub query: ModelId,
    /// One entry per column; `None` where nothing was measured.
    pub cells: Vec<Option<MatrixCell>>,
    /// In a chain, the self-test of the same stage trained without compatibility.
    pub ceiling: Option<MatrixCell>,
}

/// One value of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixCell {
    /// The score, `0..=1`.
    pub value: f64,
    /// Top-1 of the same cell, `0..=1`.
    pub top1: f64,
    /// Score minus the status quo's on the same queries and gallery: old/old, or in a chain the gallery's own model. `None` for
    /// the status quo itself.
    pub difference: Option<f64>,
    /// The live sample behind it; `None` for the whole test set.
    pub sample: Option<Sample>,
}

impl Metric {
    /// All metrics in the order of the switch.
    pub const ALL: [Self; 4] = [Self::Map, Self::Top1, Self::Top5, Self::Recall10];

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::Map => "mAP",
            Self::Top1 => "top-1",
            Self::Top5 => "top-5",
            Self::Recall10 => "recall@10",
        }
    }

    /// The score in `rates`, `0..=1`.
    pub fn of(self, rates: &Rates) -> f64 {
        match self {
            Self::Map => rates.map,
            Self::Top1 => rates.cmc1,
            Self::Top5 => rates.cmc5,
            Self::Recall10 => rates.recall10,
        }
    }
}

impl Classes {
    /// All choices in the order of the switch.
    pub const ALL: [Self; 3] = [Self::All, Self::Seen, Self::Unseen];

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "all classes",
            Self::Seen => "seen classes",
            Self::Unseen => "unseen classes",
        }
    }

    /// The scores over these classes; `None` if there are none.
    pub fn of(self, cell: &Cell) -> Option<&Rates> {
        match self {
            Self::All => Some(&cell.all),
            Self::Seen => cell.seen.as_ref(),
            Self::Unseen => cell.unseen.as_ref(),
        }
    }
}

impl MatrixCell {
    /// Whether it is against the criterion of its chain: no better than the gallery's own model.
    pub fn fails(&self) -> bool {
        self.difference.is_some_and(|difference| difference <= 0.0)
    }

    /// How deep its colour is, `0..=1`.
    pub fn depth(&self) -> f64 {
        self.difference.map_or(0.0, |difference| (difference.abs() / FULL).min(1.0))
    }
}

impl MatrixTable {
    /// The table for one upgrade, from the final matrix where it is there and from live measurements elsewhere.
    pub fn of(log: &RunLog, upgrade: &Upgrade, metric: Metric, classes: Classes) -> Self {
        let mut columns = models(log);
        let chain = columns.iter().filter(|model| !model.independent).count() > 2;
        if chain {
            columns.retain(|model| !model.independent);
        }
        let scored = |query, gallery| {
            let (cell, sample) = log.latest_cell(query, gallery)?;
            classes.of(cell).map(|rates| (*rates, sample))
        };
        let value = |query, gallery| {
            let (rates, sample) = scored(query, gallery)?;
            let owner = if chain { gallery } else { upgrade.old };
            // A difference between two samples would be noise dressed as a result.
            let base = scored(owner, owner).filter(|(_, basis)| *basis == sample && (query, gallery) != (owner, owner));
            let value = metric.of(&rates);
            let difference = base.map(|(base, _)| value - metric.of(&base));
            Some(MatrixCell { value, top1: rates.cmc1, difference, sample })
        };
        let rows: Vec<MatrixRow> = columns
            .iter()
            .map(|&query| {
                let star = ModelId { independent: true, ..query };
                let ceiling = if chain { value(star, star) } else { None };
                MatrixRow { query, cells: columns.iter().map(|&gallery| value(query, gallery)).collect(), ceiling }
            })
            .collect();
        let shown: Vec<&MatrixCell> =
            rows.iter().flat_map(|row| row.cells.iter().chain([&row.ceiling]).flatten()).collect();
        let sample = shown.iter().find_map(|cell| cell.sample);
        let basis = match sample {
            Some(sample) => Some(sample_words(sample).replacen("live", "Live", 1)),
            None if shown.is_empty() => None,
            None => Some(format!("All {} test items", format::count(log.test_labels.len() as u64))),
        };
        let chance = log.chance.filter(|_| classes == Classes::All).map(|rates| metric.of(&rates));
        Self { columns, rows, basis, live: sample.is_some(), chance, chain }
    }
}

/// Every measured pair of models with all scores over all choices of classes, in points, as comma-separated values.
pub fn table_csv(log: &RunLog) -> String {
    let models = models(log);
    let pairs = models.iter().flat_map(|&query| models.iter().map(move |&gallery| (query, gallery)));
    let line = |(query, gallery): (ModelId, ModelId), classes: Classes| {
        let (cell, sample) = log.latest_cell(query, gallery)?;
        let rates = classes.of(cell)?;
        let basis = sample.map_or_else(|| "all test items".to_owned(), sample_words);
        let names = [query.to_string(), gallery.to_string(), classes.label().to_owned(), basis];
        let scores = Metric::ALL.map(|metric| (100.0 * metric.of(rates)).to_string());
        Some(names.into_iter().chain(scores).chain([rates.queries.to_string()]).collect())
    };
    let head = ["query model", "gallery model", "classes", "measured on"].into_iter();
    let head = head.chain(Metric::ALL.map(Metric::label)).chain(["queries"]).map(str::to_owned).collect();
    let lines = pairs.flat_map(|pair| Classes::ALL.into_iter().filter_map(move |classes| line(pair, classes)));
    csv(std::iter::once(head).chain(lines))
}

/// A live sample in words.
pub fn sample_words(sample: Sample) -> String {
    let Sample { queries, gallery, .. } = sample;
    format!(
        "live sample: {} queries \u{d7} {} items",
        format::count(u64::from(queries)),
        format::count(u64::from(gallery))
    )
}

#[cfg(test)]
mod tests {
    use protocol::Event;

    use super::*;
    use crate::view::testing::{NEW, OLD, cell, chain, half_way, rates};

    fn find(table: &MatrixTable, query: ModelId, gallery: ModelId) -> Option<MatrixCell> {
        let column = table.columns.iter().position(|&model| model == gallery)?;
        table.rows.iter().find(|row| row.query == query)?.cells[column].clone()
    }

    #[test]
    fn differences_are_against_old_old_on_the_same_sample() {
        let table = MatrixTable::of(&half_way(), &Upgrade::to_stage(2), Metric::Map, Classes::All);
        let cross = find(&table, NEW, OLD).unwrap();
        assert_eq!(cross.value, 0.45);
        assert!((cross.difference.unwrap() - 0.05).abs() < 1e-9, "{cross:?}");
        assert!((cross.depth() - 0.2).abs() < 1e-9, "{cross:?}");
        assert_eq!(find(&table, OLD, OLD).unwrap().difference, None);
        assert_eq!(find(&table, OLD, NEW), None);
        assert_eq!(table.basis.as_deref(), Some("Live sample: 4 queries \u{d7} 6 items"));
    }

    #[test]
    fn the_final_matrix_says_so_and_brings_chance() {
        let mut log = half_way();
        let cells = vec![cell(OLD, OLD, 0.4), cell(NEW, OLD, 0.3)];
        log.apply(&Event::MatrixMeasured { cells, chance: rates(0.1) });
        log.models.clear();
        let table = MatrixTable::of(&log, &Upgrade::to_stage(2), Metric::Top1, Classes::All);
        assert_eq!(table.basis.as_deref(), Some("All 6 test items"));
        assert!((table.chance.unwrap() - 0.2).abs() < 1e-9);
        assert!(!table.live);
        let unseen = MatrixTable::of(&log, &Upgrade::to_stage(2), Metric::Map, Classes::Unseen);
        assert!((find(&unseen, NEW, OLD).unwrap().value - 0.25).abs() < 1e-9);
        assert_eq!(unseen.chance, None);
    }

    #[test]
    fn a_chain_is_a_triangle_of_deployed_models_against_each_gallerys_own() {
        let log = chain();
        let table = MatrixTable::of(&log, &Upgrade::to_stage(4), Metric::Map, Classes::All);
        let id = ModelId::deployed;
        assert!(table.chain);
        assert_eq!(table.columns, [1, 2, 3, 4].map(id));
        let filled: Vec<usize> = table.rows.iter().map(|row| row.cells.iter().flatten().count()).collect();
        assert_eq!(filled, [1, 2, 3, 4]);
        let fails: Vec<Vec<bool>> =
            table.rows.iter().map(|row| row.cells.iter().flatten().map(MatrixCell::fails).collect()).collect();
        assert_eq!(fails, [vec![false], vec![false; 2], vec![true, false, false], vec![false; 4]]);
        // Two steps back: v3 queries on the gallery of v1 against v1's own.
        let skip = find(&table, id(3), id(1)).unwrap();
        assert!((skip.difference.unwrap() + 0.1).abs() < 1e-9, "{skip:?}");
        assert_eq!(find(&table, id(3), id(3)).unwrap().difference, None);
        let ceilings: Vec<Option<f64>> =
            table.rows.iter().map(|row| row.ceiling.as_ref().map(|cell| cell.value)).collect();
        assert_eq!(ceilings, [None, Some(0.66), None, None]);
    }

    #[test]
    fn a_file_has_every_measured_pair_under_all_scores_and_its_basis() {
        let mut log = half_way();
        let lines = |log: &RunLog| table_csv(log).lines().map(str::to_owned).collect::<Vec<_>>();
        let live = lines(&log);
        assert_eq!(live.len(), 10, "three pairs over all, seen and unseen classes: {live:?}");
        assert_eq!(live[0], "query model,gallery model,classes,measured on,mAP,top-1,top-5,recall@10,queries");
        assert!(live.contains(&"v2,v2,all classes,live sample: 4 queries \u{d7} 6 items,50,60,70,25,4".to_owned()));
        log.apply(&Event::MatrixMeasured { cells: vec![cell(OLD, OLD, 0.5)], chance: rates(0.1) });
        assert!(lines(&log).contains(&"v1,v1,all classes,all test items,50,60,70,25,4".to_owned()));
    }

    #[test]
    fn an_empty_log_is_an_empty_table() {
        let table = MatrixTable::of(&RunLog::default(), &Upgrade::to_stage(2), Metric::Map, Classes::All);
        assert!(table.rows.is_empty() && table.basis.is_none());
    }
}
