//! What stands beside vectors and judgements: labels, tasks and texts.

use std::collections::HashMap;

use decide::{Beside, Labels, Tasks, Texts};

use super::super::pile::Pile;
use super::super::relevance::Question;

/// Takes it out of the question.
pub(super) fn beside(question: &mut Question, notices: &mut Vec<String>) -> Beside {
    Beside { labels: labels(question), tasks: tasks(question, notices), texts: texts(question) }
}

/// Labels beside judgements.
fn labels(question: &mut Question) -> Option<Labels> {
    if !question.labelled {
        return None;
    }
    let of = |pile: &Pile| pile.marks.as_ref()?.one().map(<[_]>::to_vec);
    let (documents, queries) = (of(&question.documents)?, of(question.queries.as_ref()?)?);
    Some(Labels { documents, queries, names: std::mem::take(&mut question.names) })
}

/// The tasks of queries, those alone that a query is of.
fn tasks(question: &Question, notices: &mut Vec<String>) -> Option<Tasks> {
    let of = |pile: &Pile| {
        let tasks = pile.tasks.as_ref()?.one()?;
        tasks.iter().any(Option::is_some).then(|| tasks.to_vec())
    };
    if of(&question.documents).is_some() {
        notices.push("Tasks are of queries, so those of documents were left out.".to_owned());
    }
    let mut of = of(question.queries.as_ref()?)?;
    let (mut names, mut places) = (Vec::new(), HashMap::new());
    for task in &mut of {
        let place = |old: u32| {
            *places.entry(old).or_insert_with(|| {
                names.push(question.tasks.get(old as usize).cloned().unwrap_or_default());
                (names.len() - 1) as u32
            })
        };
        *task = task.map(place);
    }
    Some(Tasks { of, names })
}

/// The texts of documents and queries, where any has one.
fn texts(question: &mut Question) -> Option<Texts> {
    let take = |pile: &mut Pile| match pile.texts.take() {
        Some(texts) => texts,
        None => vec![String::new(); pile.len()],
    };
    let documents = take(&mut question.documents);
    let queries = question.queries.as_mut().map(take).unwrap_or_default();
    documents.iter().chain(&queries).any(|text| !text.is_empty()).then_some(Texts { documents, queries })
}
