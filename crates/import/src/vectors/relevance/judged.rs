//! Judgements by ids, brought to the rows that have these ids.

use std::collections::HashMap;

use super::super::error::VectorsError;
use super::super::limits;
use super::super::naming::Part;
use super::super::pile::{Pair, Pile};
use super::super::roles::Judged;
use super::super::things::Judgement;
use super::Question;
use crate::words;

type Relevant = Vec<Vec<(u32, f32)>>;

/// The judgements of the test part, else of the validation part, else of no part, else of the training part.
fn chosen(judgements: Vec<Judged>, notices: &mut Vec<String>) -> (String, Vec<Judgement>) {
    let order = [Some(Part::Test), Some(Part::Val), None, Some(Part::Train)];
    let rank = |judged: &Judged| order.iter().position(|part| *part == judged.part);
    let best = judgements.iter().filter_map(rank).min();
    let (taken, left): (Vec<Judged>, Vec<Judged>) = judgements.into_iter().partition(|judged| rank(judged) == best);
    if !left.is_empty() {
        let list = words::list(left.iter().map(|judged| judged.path.as_str()), "");
        notices.push(format!("Judgements of other parts were left out: {list}."));
    }
    let path = words::list(taken.iter().map(|judged| judged.path.as_str()), "");
    (path, taken.into_iter().flat_map(|judged| judged.judgements).collect())
}

/// The places of rows by their ids; or where they have none, by their numbers.
fn places(pile: &Pile, pairs: &[Pair]) -> HashMap<String, u32> {
    pile.names(pairs).into_iter().zip(0..).collect()
}

/// Of each query, the documents that are relevant to it.
pub(super) fn resolve(
    question: &Question,
    pairs: &[Pair],
    judgements: Vec<Judged>,
    notices: &mut Vec<String>,
) -> Result<Relevant, VectorsError> {
    let (path, judgements) = chosen(judgements, notices);
    let Some(queries) = &question.queries else { return Err(VectorsError::NoQueries { path }) };
    let (asked, documents) = (places(queries, pairs), places(&question.documents, pairs));
    let mut relevant: Relevant = vec![Vec::new(); queries.len()];
    let (mut missed, mut count, mut without) = (0usize, 0usize, 0usize);
    for Judgement { query, document, grade } in &judgements {
        let (query, document) = (asked.get(query), documents.get(document));
        without += usize::from(query.is_none());
        match (query.and_then(|&query| relevant.get_mut(query as usize)), document) {
            (Some(of), Some(&document)) => {
                count += 1;
                if *grade > 0.0 {
                    of.push((document, *grade));
                }
            }
            (Some(_), None) => missed += usize::from(*grade > 0.0),
            (None, _) => {}
        }
    }
    if count == 0 {
        let of = |pile: &Pile| match (&pile.ids, pile.names(pairs).into_iter().next()) {
            (Some(_), Some(first)) => format!("`{first}` and so on"),
            _ => "no ids".to_owned(),
        };
        let have = format!("have {} for queries and {} for documents", of(queries), of(&question.documents));
        let first = judgements.into_iter().next();
        let (query, document) = first.map(|it| (it.query, it.document)).unwrap_or_default();
        return Err(VectorsError::Judgements { path, query, document, have });
    }
    for of in &mut relevant {
        // Twice judged is once relevant, by the higher grade.
        of.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        of.dedup_by_key(|(document, _)| *document);
    }
    let judged = relevant.iter().filter(|of| !of.is_empty()).count();
    notices.push(format!("{judged} of {} queries have a relevant document by {path}.", queries.len()));
    if without > 0 {
        notices.push(format!("{without} judgements are of queries that are not here."));
    }
    if missed > 0 {
        notices.push(format!(
            "{missed} relevant documents are not among the documents, so no system can find them; they do not count against any."
        ));
    }
    Ok(relevant)
}

/// Of each query, the documents whose ids its labels are; none where labels are something else.
pub(super) fn by_labels(question: &Question, queries: &Pile, pairs: &[Pair]) -> Option<Relevant> {
    let marks = queries.marks.as_ref()?;
    question.documents.ids.as_ref()?;
    let documents = places(&question.documents, pairs);
    let of: Vec<Option<u32>> = question.names.iter().map(|name| documents.get(name).copied()).collect();
    let relevant = |query: usize| {
        let labels = marks.of(query).iter();
        labels
            .filter_map(|&label| of.get(label as usize).copied().flatten())
            .map(|document| (document, 1.0))
            .collect::<Vec<_>>()
    };
    let relevant: Relevant = (0..queries.len()).map(relevant).collect();
    let labelled = (0..queries.len()).filter(|&query| !marks.of(query).is_empty()).count();
    let found = relevant.iter().filter(|of| !of.is_empty()).count();
    (found > 0 && 2 * found >= labelled && within(&relevant)).then_some(relevant)
}

/// Whether there are no more judgements than can be.
fn within(relevant: &Relevant) -> bool {
    relevant.iter().map(Vec::len).sum::<usize>() <= limits::JUDGEMENTS
}
