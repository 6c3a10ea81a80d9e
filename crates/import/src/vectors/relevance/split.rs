//! Documents that become queries: the test part, one of two rows of a pair, or some that are drawn.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use data::Seed;

use super::super::limits;
use super::super::pile::{Marks, Pile};
use super::{Known, Question};

/// Labels that stand on two rows each are pairs where there are so many of them or more.
const PAIRS: usize = 8;
/// Most documents that are drawn to ask.
const DRAWN: usize = 2_000;

/// Makes queries of the test part, where labels do not speak against it.
pub(super) fn by_part(question: &mut Question, training: &[bool], notices: &mut Vec<String>) {
    let rows = |wanted: bool| {
        let rows = training.iter().enumerate().filter(move |&(_, &train)| train == wanted);
        rows.map(|(row, _)| row).collect::<Vec<usize>>()
    };
    let (documents, queries) = (question.documents.select(&rows(true)), question.documents.select(&rows(false)));
    if question.documents.is_marked() && !answers(&documents, &queries) {
        notices.push(
            "Labels of the test part are hardly any of the training part's, so both parts are searched, and documents ask for others of \
             their label."
                .to_owned(),
        );
        return;
    }
    notices.push(format!(
        "The {} rows of the training part are the documents that are searched, and the {} of the test part the queries.",
        documents.len(),
        queries.len()
    ));
    (question.documents, question.queries) = (documents, Some(queries));
}

/// Whether half of the queries with labels, or more, have one that a document has.
pub(super) fn answers(documents: &Pile, queries: &Pile) -> bool {
    let (Some(there), Some(asked)) = (&documents.marks, &queries.marks) else { return false };
    let mut known = BTreeSet::new();
    (0..documents.len()).for_each(|row| known.extend(there.of(row).iter().copied()));
    let labelled = (0..queries.len()).filter(|&row| !asked.of(row).is_empty());
    let answered = labelled.clone().filter(|&row| asked.of(row).iter().any(|label| known.contains(label))).count();
    answered > 0 && 2 * answered >= labelled.count()
}

/// Of each query, the documents that share a label with it.
pub(super) fn shared(documents: &Pile, queries: &Pile) -> Vec<Vec<(u32, f32)>> {
    let (Some(there), Some(asked)) = (&documents.marks, &queries.marks) else { return vec![Vec::new(); queries.len()] };
    let mut of_label: HashMap<u32, Vec<u32>> = HashMap::new();
    for row in 0..documents.len() {
        for &label in there.of(row) {
            of_label.entry(label).or_default().push(row as u32);
        }
    }
    let mut left = limits::JUDGEMENTS;
    let relevant = |query: usize| {
        let documents = asked.of(query).iter().filter_map(|label| of_label.get(label)).flatten().copied();
        let mut documents: Vec<u32> = documents.collect();
        documents.sort_unstable();
        documents.dedup();
        // Queries beyond what can be held are not judged.
        let fits = left.checked_sub(documents.len());
        left = fits.unwrap_or_default();
        if fits.is_some() { documents.into_iter().map(|document| (document, 1.0)).collect() } else { Vec::new() }
    };
    (0..queries.len()).map(relevant).collect()
}

/// Documents without queries and judgements: what their labels say.
pub(super) fn alone(question: &mut Question, seed: u64, notices: &mut Vec<String>) {
    let count = question.documents.len();
    let Some(marks) = question.documents.marks.as_ref().filter(|_| question.documents.is_marked()) else { return };
    if let Some((documents, queries)) = two_each(marks, count, question.names.len()) {
        notices.push(
            "Every label stands on two rows, so the first of them is a document and the second a query that it answers.".to_owned(),
        );
        let relevant = (0..queries.len() as u32).map(|at| vec![(at, 1.0)]).collect();
        let (mut documents, mut queries) = (question.documents.select(&documents), question.documents.select(&queries));
        (documents.marks, queries.marks) = (None, None);
        let tasks = std::mem::take(&mut question.tasks);
        let known = Known::Judged(relevant);
        *question = Question { documents, queries: Some(queries), known, tasks, ..Question::default() };
        return;
    }
    match marks {
        Marks::One(of) => {
            let mut counts: HashMap<u32, usize> = HashMap::new();
            of.iter().flatten().for_each(|&label| *counts.entry(label).or_default() += 1);
            let twice = counts.values().any(|&rows| rows >= 2);
            if counts.len() < 2 || !twice {
                let why = if twice { "all are the same" } else { "each stands on one row" };
                notices.push(format!("Labels say nothing of what answers what ({why}), so they were left out."));
                return;
            }
            question.known = Known::Labels;
        }
        Marks::Several(_) => {
            let mut order = Seed(seed).stream("decide/queries").shuffled(count);
            let mut drawn = order.split_off(count.saturating_sub((count / 2).min(DRAWN)));
            order.sort_unstable();
            drawn.sort_unstable();
            let (documents, queries) = (question.documents.select(&order), question.documents.select(&drawn));
            notices.push(format!(
                "Rows have several labels each, so {} of {count} were drawn by seed {seed} to be queries, and a document is relevant to one \
                 that it shares a label with.",
                queries.len()
            ));
            question.known = Known::Shared(shared(&documents, &queries));
            (question.documents, question.queries) = (documents, Some(queries));
        }
    }
}

/// Where every label stands on two rows: the first rows and the second ones, in the same order.
fn two_each(marks: &Marks, rows: usize, labels: usize) -> Option<(Vec<usize>, Vec<usize>)> {
    let Marks::One(of) = marks else { return None };
    if labels < PAIRS || rows != 2 * labels {
        return None;
    }
    let mut met: HashMap<u32, (usize, Option<usize>)> = HashMap::new();
    for (row, label) in of.iter().enumerate() {
        match met.entry((*label)?) {
            Entry::Vacant(entry) => {
                entry.insert((row, None));
            }
            Entry::Occupied(mut entry) => {
                let second = &mut entry.get_mut().1;
                if second.replace(row).is_some() {
                    return None;
                }
            }
        }
    }
    let mut pairs: Vec<(usize, usize)> =
        met.into_values().map(|(first, second)| Some((first, second?))).collect::<Option<_>>()?;
    pairs.sort_unstable();
    Some(pairs.into_iter().unzip())
}
