//! Looking up one query in a decision: what each of the main options answers to it.

use protocol::{Answered, Answers};

/// Queries that are offered for what was typed.
pub const OFFERED: usize = 8;

/// What a query is called: by what it says, else by its id.
pub fn name(query: &Answered) -> &str {
    if query.text.is_empty() { &query.id } else { &query.text }
}

/// Places of the queries that what was typed may mean, at most [`OFFERED`]: the one of just this name first, then those that begin with it,
/// then those that hold it, the shorter first. The shortest of all where nothing was typed.
pub fn meant(answers: &Answers, typed: &str) -> Vec<usize> {
    let typed = typed.trim().to_lowercase();
    let rank = |query: &Answered| {
        let (name, id) = (name(query).to_lowercase(), query.id.to_lowercase());
        match () {
            () if name == typed || id == typed => Some(0),
            () if name.starts_with(&typed) => Some(1),
            () if name.contains(&typed) || id.starts_with(&typed) => Some(2),
            () => None,
        }
    };
    let ranked = answers
        .queries
        .iter()
        .enumerate()
        .filter_map(|(at, query)| Some((rank(query)?, name(query).chars().count(), at)));
    let mut ranked: Vec<(u8, usize, usize)> = ranked.collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, _, at)| at).take(OFFERED).collect()
}

/// The place of the query that is shown first: the shortest to which the last option, the full re-index, finds an answer, else the shortest.
pub fn first(answers: &Answers) -> Option<usize> {
    let is_answered = |query: &Answered| query.found.last().is_some_and(|hits| hits.iter().any(|&(_, right)| right));
    let answered = answers.queries.iter().enumerate().filter(|(_, query)| is_answered(query));
    let shortest = answered.min_by_key(|(_, query)| name(query).chars().count()).map(|(at, _)| at);
    shortest.or_else(|| meant(answers, "").first().copied())
}

/// The place of the query of just this name, the first of several.
pub fn named(answers: &Answers, typed: &str) -> Option<usize> {
    let typed = typed.trim().to_lowercase();
    answers.queries.iter().position(|query| name(query).to_lowercase() == typed)
}

/// A document that an option finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says, else its id.
    pub text: String,
    /// Whether it is relevant.
    pub right: bool,
}

/// Each option with the documents that it finds for a query, the best first.
pub fn found(answers: &Answers, query: usize) -> Vec<(String, Vec<Line>)> {
    let Some(query) = answers.queries.get(query) else { return Vec::new() };
    let line = |&(document, right): &(u32, bool)| Line { text: document_name(answers, document), right };
    let lists = query.found.iter().map(|found| found.iter().map(line).collect());
    answers.options.iter().cloned().zip(lists).collect()
}

/// What is relevant to a query, in words.
pub fn relevant(answers: &Answers, query: usize) -> Vec<String> {
    let relevant = answers.queries.get(query).map(|query| &query.relevant);
    relevant.into_iter().flatten().map(|&document| document_name(answers, document)).collect()
}

fn document_name(answers: &Answers, document: u32) -> String {
    let document = answers.documents.get(document as usize);
    document.map_or_else(String::new, |(id, text)| if text.is_empty() { id.clone() } else { text.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers() -> Answers {
        let query = |id: &str, text: &str| Answered {
            id: id.to_owned(),
            text: text.to_owned(),
            task: None,
            relevant: vec![1],
            found: vec![vec![(0, false), (1, true)], vec![(1, true)]],
        };
        Answers {
            options: vec!["Stay".to_owned(), "Full re-index".to_owned()],
            documents: vec![("d0".to_owned(), "a large cat".to_owned()), ("d1".to_owned(), String::new())],
            queries: vec![query("q0", "wildcat"), query("q1", "cat"), query("q2", "catfish"), query("q3", "")],
        }
    }

    #[test]
    fn a_query_is_found_by_its_words_or_its_id() {
        let found = |typed: &str| meant(&answers(), typed);
        assert_eq!(found(" Cat "), [1, 2, 0]);
        assert_eq!(found("q3"), [3]);
        assert_eq!([" Cat ", "Q3", "ca"].map(|typed| named(&answers(), typed)), [Some(1), Some(3), None]);
        assert_eq!((found(""), found("dog")), (vec![3, 1, 0, 2], vec![]));
        assert_eq!(answers().queries.iter().map(name).collect::<Vec<_>>(), ["wildcat", "cat", "catfish", "q3"]);
    }

    #[test]
    fn one_that_is_answered_is_shown_first() {
        let mut answers = answers();
        assert_eq!(first(&answers), Some(3));
        answers.queries[3].found[1].clear();
        assert_eq!(first(&answers), Some(1), "the shortest of all others");
        answers.queries.iter_mut().for_each(|query| query.found[1].clear());
        assert_eq!(first(&answers), Some(3));
        assert_eq!(first(&Answers::default()), None);
    }

    #[test]
    fn what_is_found_is_told_in_words() {
        let line = |text: &str, right| Line { text: text.to_owned(), right };
        let expected = [
            ("Stay".to_owned(), vec![line("a large cat", false), line("d1", true)]),
            ("Full re-index".to_owned(), vec![line("d1", true)]),
        ];
        assert_eq!(found(&answers(), 1), expected);
        assert_eq!(relevant(&answers(), 1), ["d1"]);
        assert!(found(&answers(), 9).is_empty() && relevant(&answers(), 9).is_empty());
    }
}
