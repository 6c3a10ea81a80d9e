//! The report as JSON.
//!
//! | key | what it holds |
//! | --- | --- |
//! | `schema` | [`SCHEMA`]; another number where a key goes or changes its meaning, the same where one is added |
//! | `models.old`, `models.new` | names of the models; every number is about replacing the first by the second |
//! | `verdict.decision` | `nothing_changed`, `works_as_it_is`, `stay`, `bridge`, `cascade`, `reindex`, `depends_on_task` or `cannot_tell` |
//! | `verdict.headline` | the decision in one sentence |
//! | `verdict.because`, `verdict.would_change` | sentences |
//! | `verdict.provisional` | why it is not final, or null |
//! | `verdict.bridge` | the bridge that it advises, as `study.rows[].choice`, or null |
//! | `study` | all numbers, by the fields of [`Study`] |
//! | `study.rows[]` | options: `choice` (by its `kind`), `name`, `scores`, `newly_broken` and `newly_fixed` (places), `cost`, `note` |
//! | `study.rows[].scores[]` | `metric` and its `mean`, `gain`, `behind`, `retention`, `share_of_gain` |
//! | `study.tasks[]` | where queries are of several tasks: `name`, `judged`, and `scores[]` by `choice` with `mean`, `gain`, `retention` |
//! | `changed[]` | `choice` and `name` of an option, with the ids of the queries that it `newly_broken` and `newly_fixed` |
//!
//! An estimate is `{"value", "low", "high"}`: the mean and its 95 % interval over queries. Scores, shares and retentions are fractions,
//! not percent. What does not exist, and what is no finite number, is null.

use std::borrow::Cow;

use serde::Serialize;

use super::{ids, measured};
use crate::options::Choice;
use crate::study::Study;
use crate::verdict::Verdict;
use crate::{Case, DecideError};

/// What the report's first key says.
pub const SCHEMA: &str = "upgrade-lab.decide/1";

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    models: Models<'a>,
    verdict: &'a Verdict,
    study: &'a Study,
    changed: Vec<Changed<'a>>,
}

#[derive(Serialize)]
struct Models<'a> {
    old: &'a str,
    new: &'a str,
}

/// The queries of an option by their ids.
#[derive(Serialize)]
struct Changed<'a> {
    choice: &'a Choice,
    name: &'a str,
    newly_broken: Vec<String>,
    newly_fixed: Vec<String>,
}

/// The report as JSON: its keys stand in this module's head.
///
/// # Errors
/// It cannot be written, which no study that [`study`](crate::study::study) made comes to.
pub fn json(study: &Study, verdict: &Verdict, case: &Case) -> Result<String, DecideError> {
    let case = measured(study, case);
    let named = |places: &[usize]| -> Vec<String> { ids(&case, places).map(Cow::into_owned).collect() };
    let changed = study.rows.iter().filter(|row| !row.newly_broken.is_empty() || !row.newly_fixed.is_empty());
    let changed = changed.map(|row| Changed {
        choice: &row.choice,
        name: &row.name,
        newly_broken: named(&row.newly_broken),
        newly_fixed: named(&row.newly_fixed),
    });
    let report = Report {
        schema: SCHEMA,
        models: Models { old: &study.old, new: &study.new },
        verdict,
        study,
        changed: changed.collect(),
    };
    serde_json::to_string_pretty(&report)
        .map_err(|error| DecideError::Undefined { what: "the report as JSON", why: error.to_string() })
}
