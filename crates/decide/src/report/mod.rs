//! A study and its verdict to hand on: JSON, Markdown, one HTML file, and the broken queries as CSV.
//!
//! What is said is put together once, in `content`; Markdown and HTML only write it down. Each function takes the case that was measured,
//! for the ids of its queries.

mod content;
mod csv;
mod html;
pub mod json;
mod markdown;
mod svg;
mod tables;
#[cfg(test)]
mod tests;
pub mod words;

use std::borrow::Cow;

use crate::study::Study;
use crate::verdict::Verdict;
use crate::{Case, doctor};

pub use content::{Part, Section, Table};
pub use csv::{Ranks, broken_csv};
pub use html::html;
pub use json::json;
pub use markdown::markdown;

/// The title of a report and all that it says, for whoever shows it in a way of its own.
pub fn sections(study: &Study, verdict: &Verdict, case: &Case) -> (String, Vec<Section>) {
    let case = measured(study, case);
    (content::title(study, verdict), content::sections(study, verdict, &case))
}

/// The case whose places a study speaks of: a study takes rows of zeros out before it measures.
pub(crate) fn measured<'a>(study: &Study, case: &'a Case) -> Cow<'a, Case> {
    if (case.documents.len(), case.queries.len()) == (study.documents, study.queries) {
        return Cow::Borrowed(case);
    }
    doctor::cleaned(case.clone()).map_or(Cow::Borrowed(case), Cow::Owned)
}

/// The ids of what asks: queries, or documents where there are none.
fn asking(case: &Case) -> &[String] {
    if case.asks_with_documents() { &case.documents } else { &case.queries }
}

/// What is asked at a place, where texts say something.
fn asked_text(case: &Case, place: usize) -> Option<&str> {
    case.asked_text(place).map(str::trim).filter(|text| !text.is_empty())
}

/// The ids at these places; a place that there is not is written as a row.
fn ids<'a>(case: &'a Case, places: &'a [usize]) -> impl Iterator<Item = Cow<'a, str>> {
    let ids = asking(case);
    places.iter().map(|&place| match ids.get(place) {
        Some(id) => Cow::Borrowed(id.as_str()),
        None => Cow::Owned(format!("row {place}")),
    })
}
