//! The tables of a report.

use super::content::Table;
use super::words;
use crate::judge::{Estimate, Metric};
use crate::maps::Direction;
use crate::options::{OptionRow, Score};
use crate::study::Study;
use crate::thresholds::{TarAtFar, Thresholds};

fn table<const N: usize>(head: [&str; N], rows: Vec<Vec<String>>) -> Table {
    Table { head: head.map(str::to_owned).to_vec(), rows }
}

/// An estimate, or that there is none.
fn estimate(estimate: Option<Estimate>, write: fn(Estimate) -> String) -> String {
    estimate.map_or_else(|| words::NONE.to_owned(), write)
}

/// Every option, offered or not.
pub(super) fn options(study: &Study) -> Table {
    let others = Metric::ALL.into_iter().filter(|metric| {
        *metric != study.deciding && study.rows.iter().flat_map(|row| &row.scores).any(|score| score.metric == *metric)
    });
    let metrics: Vec<Metric> = [study.deciding].into_iter().chain(others).collect();
    let priced = study.rows.iter().any(|row| row.cost.price.is_some());
    let timed = study.rows.iter().any(|row| row.cost.milliseconds.is_some());
    let mut head = vec!["Option".to_owned()];
    head.extend(metrics.iter().map(|metric| metric.name(study.k)));
    let fixed = [
        "Gain over staying",
        "Retention",
        "Share of the gain",
        "Newly broken",
        "Newly fixed",
        "Embedded now",
        "Embedded per query",
        "Embedded on the way",
        "Index",
        "Multiply-adds per query",
    ];
    head.extend(fixed.map(str::to_owned));
    head.extend(timed.then(|| "Time per query, beside its search".to_owned()));
    head.extend(priced.then(|| "Price".to_owned()));
    let rows = study.rows.iter().map(|row| {
        let mut cells = vec![row.name.clone()];
        if row.scores.is_empty() {
            let why = row.note.as_deref().unwrap_or("It was not measured.");
            cells.push(why.to_owned());
        } else {
            let scores = metrics.iter().map(|metric| row.scores.iter().find(|score| score.metric == *metric));
            cells.extend(scores.map(|score| estimate(score.map(|score| score.mean), words::estimate)));
            cells.extend(standing(study, row));
            cells.extend(costs(row));
            cells.extend(
                timed.then(|| row.cost.milliseconds.map_or_else(|| words::NONE.to_owned(), words::milliseconds)),
            );
            cells.extend(priced.then(|| row.cost.price.map_or_else(|| words::NONE.to_owned(), words::price)));
        }
        cells
    });
    let rows = rows.collect();
    Table { head, rows }
}

/// Between the old system and the full re-index, by the metric that decides.
fn standing(study: &Study, row: &OptionRow) -> [String; 5] {
    let score = row.scores.iter().find(|score| score.metric == study.deciding);
    let of = |part: fn(&Score) -> Option<Estimate>| score.and_then(part);
    // Without judgements no query is right or wrong.
    let judged = !matches!(study.deciding, Metric::OverlapNew | Metric::OverlapOld);
    let [broken, fixed] = [&row.newly_broken, &row.newly_fixed]
        .map(|places| if judged { words::count(places.len()) } else { words::NONE.to_owned() });
    [
        estimate(of(|score| score.gain), words::difference),
        estimate(of(|score| score.retention), words::share_estimate),
        estimate(of(|score| score.share_of_gain), words::share_estimate),
        broken,
        fixed,
    ]
}

fn costs(row: &OptionRow) -> [String; 5] {
    let cost = &row.cost;
    [
        words::count(cost.embed_now),
        words::mean_count(cost.embed_per_query),
        words::count(cost.embed_on_the_way),
        words::bytes(cost.bytes),
        words::operations(cost.multiply_adds),
    ]
}

/// What the doctor measured of each model's documents and queries.
pub(super) fn health(study: &Study) -> Table {
    let rows = study.examination.models.iter().map(|model| {
        let norms = [model.norm.least, model.norm.median, model.norm.most].map(words::number).join(" / ");
        vec![
            model.model.clone(),
            model.what.clone(),
            words::count(model.rows),
            words::count(model.dims),
            norms,
            words::count(model.zero_rows.len()),
            words::count(model.constant_columns),
            words::count(model.duplicate_rows),
            words::number(model.mean_norm),
            words::number(model.effective_rank),
        ]
    });
    let head = [
        "Model",
        "Of",
        "Rows",
        "Dims",
        "Norm: least / median / most",
        "Zero rows",
        "Constant columns",
        "Duplicate rows",
        "Norm of the mean row",
        "Effective rank",
    ];
    table(head, rows.collect())
}

/// The main options task by task; `None` where there is one task.
pub(super) fn tasks(study: &Study) -> Option<Table> {
    (!study.tasks.is_empty()).then_some(())?;
    let mut head = vec!["Option".to_owned()];
    for task in &study.tasks {
        head.push(format!("{} ({})", task.name, words::counted(task.judged, "query", "queries")));
        head.push("Gain".to_owned());
    }
    let rows = study.main().into_iter().map(|row| {
        let scores = study.tasks.iter().map(|task| task.of(&row.choice));
        let cells = scores.flat_map(|score| {
            [
                estimate(score.map(|score| score.mean), words::estimate),
                estimate(score.and_then(|score| score.gain), words::difference),
            ]
        });
        std::iter::once(row.name.clone()).chain(cells).collect()
    });
    Some(Table { head, rows: rows.collect() })
}

/// The half-migrated index; `None` where it was not measured.
pub(super) fn mixed(study: &Study) -> Option<Table> {
    let rows = study.mixed.iter().map(|point| {
        vec![
            format!("{} %", point.percent),
            words::estimate(point.raw),
            words::estimate(point.calibrated),
            estimate(point.bridged, words::estimate),
        ]
    });
    let head = ["Re-embedded", "Raw scores", "Calibrated", "Calibrated, old part by the mapped query"];
    (!study.mixed.is_empty()).then(|| table(head, rows.collect()))
}

/// Cut-offs of every system.
pub(super) fn thresholds(thresholds: &Thresholds) -> Table {
    let rows = thresholds.rows.iter().map(|row| {
        let cut = match (row.cut, row.carried) {
            (Some(cut), false) => words::number(cut),
            (Some(cut), true) => format!("{} (the old one)", words::number(cut)),
            (None, _) => "none exists".to_owned(),
        };
        let [precision, recall, answered] =
            [row.precision, row.recall, row.answered].map(|share| estimate(share, words::share_estimate));
        vec![row.system.clone(), cut, precision, recall, answered]
    });
    table(["System", "Cut-off", "Precision", "Recall", "Answered"], rows.collect())
}

/// True accepts at rates of false ones.
pub(super) fn faces(rows: &[TarAtFar]) -> Table {
    let number = |value: Option<f64>| value.map_or_else(|| words::NONE.to_owned(), words::number);
    let rows = rows.iter().map(|row| vec![row.system.clone(), words::rate(row.far), number(row.tar), number(row.cut)]);
    table(["System", "FAR", "TAR", "Cut-off"], rows.collect())
}

/// A bridge by its number of pairs; `None` where it was not measured.
pub(super) fn pairs(study: &Study) -> Option<Table> {
    let rows = study.pairs.iter().map(|point| {
        let of = match point.direction {
            Direction::Queries => "queries",
            Direction::Gallery => "the index",
        };
        let domain = if point.domain { "other than the queries'" } else { "the same" };
        vec![
            words::count(point.pairs),
            format!("{}, of {of}", point.family.name()),
            words::estimate(point.mean),
            estimate(point.retention, words::share_estimate),
            domain.to_owned(),
        ]
    });
    let metric = study.deciding.name(study.k);
    let head = ["Pairs", "Map", metric.as_str(), "Retention", "Domain of the pairs"];
    (!study.pairs.is_empty()).then(|| table(head, rows.collect()))
}

/// What was measured, and how.
pub(super) fn settings(study: &Study) -> Table {
    let rows = [
        ("Old model", study.old.clone()),
        ("New model", study.new.clone()),
        ("Documents", words::count(study.documents)),
        ("Queries", words::count(study.queries)),
        ("Queries judged", words::count(study.judged)),
        ("Metric that decides", study.deciding.name(study.k)),
        ("Documents a query is answered with", words::count(study.k)),
        ("Pairs maps are fitted on", words::count(study.fitted_on)),
        ("Queries none of whose documents maps are fitted on", words::count(study.judged_on)),
        ("Seed", study.seed.to_string()),
    ];
    table(["Setting", "Value"], Vec::from(rows.map(|(name, value)| vec![name.to_owned(), value])))
}
