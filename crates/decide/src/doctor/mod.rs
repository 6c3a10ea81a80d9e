//! What is wrong with vectors, before anything is measured on them.
//!
//! Most wrong decisions come of wrong vectors: rows of zeros, a batch that was written twice, two models in one array, and above all
//! rows of the two models that do not belong together. [`examine`] looks for these and says in sentences what was measured, what it
//! means and what to do. [`cleaned`] takes out what cannot be compared.
//!
//! ```text
//! clean      zeros out of a case
//! findings   sentences about one model's vectors and their lengths
//! health     one pass over one model's vectors: mixture (two models in one array), spectrum (effective rank)
//! pairing    do rows belong together: likeness (CKA, neighbours), shift
//! rows       products of unit rows; words
//! ```

mod clean;
mod findings;
mod health;
mod likeness;
#[cfg(test)]
mod made;
mod mixture;
mod pairing;
mod rows;
mod shift;
mod spectrum;
#[cfg(test)]
mod tests;
mod words;

use serde::{Deserialize, Serialize};

pub use clean::cleaned;

use crate::{Case, DecideError, Pulse, Similarity, Vectors};
use pairing::Pair;
use rows::{part, share};

/// What one model's vectors of the documents or of the queries look like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// The model.
    pub model: String,
    /// `documents` or `queries`.
    pub what: String,
    /// How many rows there are.
    pub rows: usize,
    /// Numbers of a row.
    pub dims: usize,
    /// Euclidean lengths of the rows that are not all zeros; zeros where there is no other row.
    pub norm: Spread,
    /// Whether all these lengths are within 1 % of 1.
    pub unit: bool,
    /// Rows that are all zeros, counted from 0. They count in nothing else here.
    pub zero_rows: Vec<usize>,
    /// Columns that hold the same number in every row.
    pub constant_columns: usize,
    /// Rows that equal an earlier one, number for number.
    pub duplicate_rows: usize,
    /// The first 20 of them by row, each as the first row that it equals and itself.
    pub duplicates: Vec<(usize, usize)>,
    /// Length of the mean of all unit rows, in `0..=1`: how much they point one way (anisotropy).
    pub mean_norm: f64,
    /// The effective rank (Roy and Vetterli, 2007): `exp` of the entropy (in nats) of the eigenvalues of the covariance of the unit
    /// rows, as shares. Of up to 512 dims it is taken from at most 4,000 rows, of more from at most 512, which are drawn by a fixed
    /// seed. 0 where rows do not vary.
    pub effective_rank: f64,
    /// A sentence, where the rows seem to come of two models.
    pub two_models: Option<String>,
}

/// The least, the median and the most of some numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The least.
    pub least: f64,
    /// The middle one, or the mean of the two in the middle.
    pub median: f64,
    /// The most.
    pub most: f64,
}

/// Everything that was looked at, and what follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Examination {
    /// The old model's documents and queries, then the new one's.
    pub models: Vec<Health>,
    /// Whether the documents of both belong together; `None` where that cannot be measured. What is found of the queries stands in
    /// `findings`.
    pub pairing: Option<Pairing>,
    /// How rows are compared.
    pub similarity: Similarity,
    /// What is to be said, the gravest first.
    pub findings: Vec<Finding>,
}

/// Something to know about the vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// What was measured, what it means and what to do.
    pub sentence: String,
    /// All rows that it is about, counted from 0, of the documents or queries that the sentence names; empty where it is about all of
    /// them.
    pub rows: Vec<usize>,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Note,
    /// Results may mislead.
    Warning,
    /// Nothing that is measured on these vectors would mean anything.
    Refusal,
}

/// Whether row `i` of the old model and row `i` of the new one are of the same thing, measured on at most 1,000 rows that are drawn by a
/// fixed seed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pairing {
    /// Debiased linear CKA of unit rows: about 0 for unrelated rows, at most 1.
    pub cka: f64,
    /// Mean share of a row's 10 nearest rows by cosine that both models agree on, in `0..=1`. Below 41 rows fewer than 10 are looked at:
    /// a quarter of the others.
    pub neighbours: f64,
    /// The share that unrelated rows agree on: neighbours over all other rows.
    pub chance: f64,
    /// Where rows are shifted against one another: row `i` of the old model belongs to row `i + best_shift` of the new one. If that
    /// changes along the rows, it is the shift at their end, or that at their beginning where the end is in place.
    pub best_shift: Option<i64>,
    /// What follows.
    pub verdict: PairingVerdict,
}

/// Whether rows belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairingVerdict {
    /// They do.
    Paired,
    /// They are hardly more alike than chance makes them, or only in part.
    Unsure,
    /// They are no more alike than chance makes them.
    Unrelated,
    /// Rows of one model stand some places further down, at least in part.
    Shifted,
}

/// Looks at both models' vectors before anything is measured on them.
///
/// With `with_ids` rows were joined by ids, so that rows which do not seem to belong together are a warning and no refusal.
///
/// # Errors
/// Only [`DecideError::Cancelled`], from `pulse`.
pub fn examine(case: &Case, with_ids: bool, pulse: Pulse<'_>) -> Result<Examination, DecideError> {
    let mut sets: Vec<(&str, &str, &Vectors, &[String])> = Vec::new();
    for model in [&case.old, &case.new] {
        sets.push((&model.name, "documents", &model.documents, &case.documents));
        if let Some(queries) = model.queries.as_ref().filter(|queries| !queries.is_empty()) {
            sets.push((&model.name, "queries", queries, &case.queries));
        }
    }
    let mut pairs = vec![("documents", &case.old.documents, &case.new.documents)];
    if let (Some(old), Some(new)) = (&case.old.queries, &case.new.queries)
        && !old.is_empty()
        && !new.is_empty()
    {
        pairs.push(("queries", old, new));
    }

    let all = sets.len() + pairs.len() + 1;
    let mut models = Vec::with_capacity(sets.len());
    let mut findings = Vec::new();
    for (at, (model, what, vectors, ids)) in sets.iter().copied().enumerate() {
        let checked = health::check(model, what, vectors, &mut part(pulse, share(at, all), share(at + 1, all)))?;
        findings.extend(findings::of(&checked, ids));
        models.push(checked.health);
    }
    let mut pairings = Vec::with_capacity(pairs.len());
    for (at, (what, old, new)) in (sets.len()..).zip(pairs) {
        let pair = Pair { old: (&case.old.name, old), new: (&case.new.name, new), what, with_ids };
        let (pairing, finding) = pairing::pairing(pair, &mut part(pulse, share(at, all), share(at + 1, all)))?;
        pairings.push(pairing);
        findings.push(finding);
    }
    findings.extend(findings::lengths(&models, case.similarity));
    findings.extend(findings::same(case, &mut part(pulse, share(all - 1, all), 1.0))?);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    // Documents come first.
    let pairing = pairings.into_iter().next().flatten();
    pulse(1.0)?;
    Ok(Examination { models, pairing, similarity: case.similarity, findings })
}
