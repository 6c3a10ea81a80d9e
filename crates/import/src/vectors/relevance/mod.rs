//! What answers what: by judgements, by ids of documents as labels, by labels; and how documents become queries where that is meant.

mod judged;
mod split;

use super::error::VectorsError;
use super::join::Joined;
use super::pile::{Marks, Pair, Pile};
use super::roles::Judged;

/// Documents, queries, and what is known of them.
#[derive(Debug, Default)]
pub(super) struct Question {
    pub documents: Pile,
    pub queries: Option<Pile>,
    pub known: Known,
    /// What labels are called.
    pub names: Vec<String>,
    /// What tasks are called.
    pub tasks: Vec<String>,
    /// Whether labels of documents and queries stand beside judgements.
    pub labelled: bool,
}

/// What is known of relevance.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Known {
    #[default]
    Nothing,
    /// Of each query, the documents that are relevant by their places, with their grades.
    Judged(Vec<Vec<(u32, f32)>>),
    /// Of each query, the documents that share one of its several labels.
    Shared(Vec<Vec<(u32, f32)>>),
    /// Rows of one label answer one another.
    Labels,
}

/// Finds out what answers what.
///
/// # Errors
/// There are judgements, and none is of what is there.
pub(super) fn resolve(
    joined: Joined,
    pairs: &[Pair],
    judgements: Vec<Judged>,
    seed: u64,
    notices: &mut Vec<String>,
) -> Result<Question, VectorsError> {
    let Joined { documents, queries, training, labels, tasks, .. } = joined;
    let (names, tasks) = (labels.names, tasks.names);
    let mut question = Question { documents, queries, names, tasks, ..Question::default() };
    if question.queries.is_none()
        && let Some(training) = training
    {
        split::by_part(&mut question, &training, notices);
    }
    if !judgements.is_empty() {
        question.known = Known::Judged(judged::resolve(&question, pairs, judgements, notices)?);
        question.labelled = labelled(&question, notices);
        return Ok(question);
    }
    match question.queries.take() {
        Some(queries) => apart(&mut question, queries, pairs, notices),
        None => split::alone(&mut question, seed, notices),
    }
    Ok(question)
}

/// Whether labels are worth keeping beside judgements.
fn labelled(question: &Question, notices: &mut Vec<String>) -> bool {
    let (documents, Some(queries)) = (&question.documents, &question.queries) else { return false };
    let why = match (documents.is_marked(), queries.is_marked()) {
        (false, false) => return false,
        (true, false) => "queries have none",
        (false, true) => "documents have none",
        (true, true) => match (&documents.marks, &queries.marks) {
            (Some(Marks::One(_)), Some(Marks::One(_))) if split::answers(documents, queries) => return true,
            (Some(Marks::One(_)), Some(Marks::One(_))) => "hardly any query has one that a document has",
            _ => "rows have several each",
        },
    };
    notices.push(format!("Judgements say what is relevant; labels beside them were left out, as {why}."));
    false
}

/// Queries beside documents, without judgements.
fn apart(question: &mut Question, queries: Pile, pairs: &[Pair], notices: &mut Vec<String>) {
    if let Some(judged) = judged::by_labels(question, &queries, pairs) {
        notices.push("The labels of queries are ids of documents, so these are what is relevant to them.".to_owned());
        question.known = Known::Judged(judged);
    } else {
        question.known = match (&question.documents.marks, &queries.marks) {
            (Some(Marks::One(_)), Some(Marks::One(_))) => Known::Labels,
            (Some(_), Some(_)) => {
                notices.push(
                    "Rows have several labels, so a document is relevant to a query that it shares one with."
                        .to_owned(),
                );
                Known::Shared(split::shared(&question.documents, &queries))
            }
            (None, None) => Known::Nothing,
            (of, _) => {
                let (with, without) = if of.is_some() { ("documents", "queries") } else { ("queries", "documents") };
                notices.push(format!("There are labels of {with} and none of {without}, so they were left out."));
                Known::Nothing
            }
        };
        if question.known == Known::Labels && !split::answers(&question.documents, &queries) {
            notices.push("No query has a label that a document has, so the labels were left out.".to_owned());
            question.known = Known::Nothing;
        }
    }
    question.queries = Some(queries);
}

#[cfg(test)]
mod tests;
