//! Studies made by hand, for tests of verdicts and reports.

use crate::doctor::{Examination, Health, Spread};
use crate::judge::{Estimate, Metric};
use crate::maps::{Direction, Family};
use crate::options::{Choice, Cost, First, OptionRow, Score};
use crate::study::Study;
use crate::thresholds::{Threshold, Thresholds};
use crate::{Case, Embedded, Relevance, Similarity, Vectors};

/// Documents of every sample.
pub(crate) const DOCUMENTS: usize = 6_000;

/// Queries of every sample.
pub(crate) const QUERIES: usize = 1_500;

/// `value` with an interval that reaches as far to both sides.
pub(crate) fn around(value: f64, reach: f64) -> Estimate {
    Estimate { value, low: value - reach, high: value + reach }
}

/// What two systems score by one metric, from which follows how others stand between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sketch {
    pub metric: Metric,
    pub stay: f64,
    pub full: f64,
    /// Half of the interval of every difference.
    pub reach: f64,
}

impl Sketch {
    pub(crate) fn new(metric: Metric, stay: f64, full: f64, reach: f64) -> Self {
        Self { metric, stay, full, reach }
    }

    /// A score of `value`.
    pub(crate) fn score(&self, value: f64) -> Score {
        let Self { metric, stay, full, reach } = *self;
        let gain = full - stay;
        let told = gain.abs() > reach;
        Score {
            metric,
            mean: around(value, reach),
            gain: Some(around(value - stay, if value == stay { 0.0 } else { reach })),
            behind: Some(around(value - full, if value == full { 0.0 } else { reach })),
            retention: (full > 0.0).then(|| around(value / full, reach / full)),
            share_of_gain: told.then(|| around((value - stay) / gain, reach / gain.abs())),
        }
    }

    /// A row of `choice` with this score.
    pub(crate) fn row(&self, choice: Choice, value: f64) -> OptionRow {
        row(choice, vec![self.score(value)])
    }

    /// A study of staying, these options and the full re-index.
    pub(crate) fn study(&self, options: &[(Choice, f64)]) -> Study {
        let options = options.iter().map(|(choice, value)| self.row(choice.clone(), *value));
        let mut rows = vec![self.row(Choice::Stay, self.stay)];
        rows.extend(options);
        rows.push(self.row(Choice::Reindex, self.full));
        study(self.metric, rows)
    }
}

/// What a case of [`DOCUMENTS`] documents costs: 50 old and 384 new dims.
pub(crate) fn row(choice: Choice, scores: Vec<Score>) -> OptionRow {
    let candidates = if let Choice::Cascade { candidates, .. } = choice { candidates } else { 0 };
    let (now, dims) = if choice == Choice::Reindex { (DOCUMENTS, 384) } else { (0, 50) };
    let cost = Cost {
        embed_now: now,
        embed_per_query: 1.0 + candidates as f64,
        embed_on_the_way: 20 * candidates,
        bytes: 4 * dims * DOCUMENTS as u64,
        milliseconds: None,
        multiply_adds: if matches!(choice, Choice::Bridge { .. }) { 50 * 384 } else { 0 },
        price: None,
    };
    let name = choice.name();
    OptionRow { choice, name, scores, newly_broken: Vec::new(), newly_fixed: Vec::new(), cost, note: None }
}

/// A study of "GloVe" and "MiniLM" with these options.
pub(crate) fn study(deciding: Metric, rows: Vec<OptionRow>) -> Study {
    Study {
        old: "GloVe".to_owned(),
        new: "MiniLM".to_owned(),
        documents: DOCUMENTS,
        queries: QUERIES,
        judged: QUERIES,
        relevance: "It used relevance judgements.".to_owned(),
        deciding,
        k: 10,
        seed: 7,
        fitted_on: 2_048,
        judged_on: QUERIES,
        rows,
        needed: None,
        mixed: Vec::new(),
        thresholds: None,
        pairs: Vec::new(),
        tasks: Vec::new(),
        examination: Examination {
            models: vec![health("GloVe", 0.89), health("MiniLM", 0.28)],
            pairing: None,
            similarity: Similarity::Cosine,
            findings: Vec::new(),
        },
        notices: Vec::new(),
    }
}

/// What the doctor says of one model's documents.
pub(crate) fn health(model: &str, mean_norm: f64) -> Health {
    Health {
        model: model.to_owned(),
        what: "documents".to_owned(),
        rows: DOCUMENTS,
        dims: 50,
        norm: Spread { least: 0.5, median: 1.0, most: 2.0 },
        unit: false,
        zero_rows: vec![3],
        constant_columns: 0,
        duplicate_rows: 1,
        duplicates: vec![(4, 9)],
        mean_norm,
        effective_rank: 30.0,
        two_models: None,
    }
}

/// A bridge of queries or of the gallery.
pub(crate) fn bridge(family: Family, direction: Direction) -> Choice {
    Choice::Bridge { family, direction }
}

/// A cascade from the old index by the old query.
pub(crate) fn cascade(candidates: usize) -> Choice {
    Choice::Cascade { first: First::OldQuery, candidates }
}

/// Thresholds of which the new system's does not exist.
pub(crate) fn thresholds() -> Thresholds {
    let row = |system: &str, cut: Option<f64>, carried: bool| Threshold {
        system: system.to_owned(),
        cut,
        precision: cut.map(|_| around(0.9, 0.01)),
        recall: cut.map(|_| around(0.4, 0.02)),
        answered: cut.map(|_| around(0.5, 0.02)),
        carried,
    };
    Thresholds {
        target: 0.9,
        rows: vec![
            row("Stay", Some(0.71), false),
            row("Full re-index", Some(0.71), true),
            row("Full re-index", None, false),
        ],
        faces: None,
        sentence: "The cut-off does not travel.".to_owned(),
    }
}

/// A case of three documents and three queries whose ids need care in every format.
pub(crate) fn case() -> Case {
    let embedded = |name: &str| Embedded {
        name: name.to_owned(),
        documents: Vectors::new(1, vec![1.0, 2.0, 3.0]).unwrap(),
        queries: Some(Vectors::new(1, vec![1.0, 2.0, 3.0]).unwrap()),
    };
    Case {
        old: embedded("GloVe"),
        new: embedded("MiniLM"),
        documents: ["d0", "d1", "d2"].map(str::to_owned).to_vec(),
        queries: ["=SUM(A1)", "a \"b\", c", "<q|2>"].map(str::to_owned).to_vec(),
        relevance: Relevance::Judged(vec![vec![(0, 1.0)], vec![(1, 1.0)], vec![(2, 1.0)]]),
        beside: crate::Beside::default(),
        similarity: Similarity::Cosine,
        notices: Vec::new(),
    }
}
