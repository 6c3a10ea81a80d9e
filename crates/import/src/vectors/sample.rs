//! Fewer rows where there are too many: drawn by seed, never the first ones.

use data::Seed;

use super::limits;
use super::relevance::{Known, Question};

/// What no row stands for.
const GONE: u32 = u32::MAX;

/// Keeps at most `rows` documents, those that are relevant to a query before others, and at most [`limits::QUERIES`] queries, those that
/// are judged before others; says so.
pub(super) fn sample(question: &mut Question, rows: usize, seed: u64, notices: &mut Vec<String>) {
    if let Some(queries) = &question.queries
        && queries.len() > limits::QUERIES
    {
        let count = queries.len();
        let first = |query: usize| match &question.known {
            Known::Judged(relevant) | Known::Shared(relevant) => relevant.get(query).is_some_and(|of| !of.is_empty()),
            _ => true,
        };
        let kept = draw(count, limits::QUERIES, first, seed, "decide/asked");
        notices.push(format!("{} of {count} queries were drawn by seed {seed}.", kept.len()));
        keep_queries(question, &kept);
    }
    let count = question.documents.len();
    if count <= rows {
        return;
    }
    let mut relevant = vec![false; count];
    if let Known::Judged(of) | Known::Shared(of) = &question.known {
        for &(document, _) in of.iter().flatten() {
            if let Some(is) = relevant.get_mut(document as usize) {
                *is = true;
            }
        }
    }
    let kept =
        draw(count, rows, |document| relevant.get(document).copied().unwrap_or_default(), seed, "decide/documents");
    let all = relevant.iter().filter(|&&is| is).count();
    let which = match all {
        0 => String::new(),
        _ if all <= rows => format!(", with all {all} that are relevant to a query"),
        _ => format!(", of the {all} that are relevant to a query"),
    };
    notices.push(format!(
        "{} of {count} documents were drawn by seed {seed}{which}. Among fewer documents every system finds more, so only compare scores of \
         this sample with one another.",
        kept.len()
    ));
    keep_documents(question, &kept);
}

/// `most` of the numbers below `count`, in their order: as many as there are of those that are to be `first`, then others.
fn draw(count: usize, most: usize, first: impl Fn(usize) -> bool, seed: u64, label: &str) -> Vec<usize> {
    let (mut drawn, others): (Vec<usize>, Vec<usize>) =
        Seed(seed).stream(label).shuffled(count).into_iter().partition(|&at| first(at));
    drawn.extend(others);
    drawn.truncate(most);
    drawn.sort_unstable();
    drawn
}

/// Leaves out all other queries.
pub(super) fn keep_queries(question: &mut Question, kept: &[usize]) {
    question.queries = question.queries.take().map(|queries| queries.select(kept));
    if let Known::Judged(relevant) | Known::Shared(relevant) = &mut question.known {
        *relevant = kept.iter().map(|&query| relevant.get_mut(query).map(std::mem::take).unwrap_or_default()).collect();
    }
}

/// Leaves out all other documents.
pub(super) fn keep_documents(question: &mut Question, kept: &[usize]) {
    let mut places = vec![GONE; question.documents.len()];
    for (place, &document) in kept.iter().enumerate() {
        if let Some(of) = places.get_mut(document) {
            *of = place as u32;
        }
    }
    question.documents = question.documents.select(kept);
    if let Known::Judged(relevant) | Known::Shared(relevant) = &mut question.known {
        for of in relevant {
            of.retain_mut(|(document, _)| {
                *document = places.get(*document as usize).copied().unwrap_or(GONE);
                *document != GONE
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pile::{Pile, Row};
    use super::*;

    fn pile(rows: u32) -> Pile {
        Pile { rows: (0..rows).map(|row| Row { pair: 0, old: row, new: row }).collect(), ..Pile::default() }
    }

    fn question() -> Question {
        let known = Known::Judged(vec![vec![(3, 1.0), (90, 2.0)], vec![], vec![(41, 1.0)]]);
        Question { documents: pile(100), queries: Some(pile(3)), known, ..Question::default() }
    }

    #[test]
    fn relevant_documents_stay() {
        let (mut question, mut notices) = (question(), Vec::new());
        sample(&mut question, 10, 7, &mut notices);
        let rows: Vec<u32> = question.documents.rows.iter().map(|row| row.old).collect();
        assert!(rows.len() == 10 && rows.is_sorted(), "{rows:?}");
        let Known::Judged(relevant) = &question.known else { panic!("not judged") };
        let found: Vec<Vec<u32>> =
            relevant.iter().map(|of| of.iter().map(|&(document, _)| rows[document as usize]).collect()).collect();
        assert_eq!(found, [vec![3, 90], vec![], vec![41]]);
        assert!(
            notices[0].starts_with("10 of 100 documents were drawn by seed 7, with all 3 that are relevant"),
            "{notices:?}"
        );
        assert_ne!(rows, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn the_same_seed_draws_the_same_and_fewer_than_are_relevant_are_told() {
        let of = |seed: u64| {
            let (mut question, mut notices) = (question(), Vec::new());
            sample(&mut question, 2, seed, &mut notices);
            (question.documents, notices)
        };
        assert_eq!(of(1), of(1));
        assert!(of(1).1[0].contains("2 of 100 documents were drawn by seed 1, of the 3 that are relevant"));
        let all = (0..20)
            .map(|seed| of(seed).0.rows.first().map_or(0, |row| row.old))
            .collect::<std::collections::BTreeSet<_>>();
        assert!(all.len() > 1, "{all:?}");
    }

    #[test]
    fn queries_that_are_left_out_take_their_judgements_with_them() {
        let mut question = question();
        keep_queries(&mut question, &[2, 0]);
        assert_eq!(question.known, Known::Judged(vec![vec![(41, 1.0)], vec![(3, 1.0), (90, 2.0)]]));
        keep_documents(&mut question, &[41, 3]);
        assert_eq!(question.known, Known::Judged(vec![vec![(0, 1.0)], vec![(1, 1.0)]]));
        assert_eq!((question.documents.len(), question.queries.unwrap().rows[0].old), (2, 2));
    }

    #[test]
    fn what_is_not_too_much_stays() {
        let (mut question, mut notices) = (question(), Vec::new());
        sample(&mut question, 100, 7, &mut notices);
        assert_eq!((question.documents.len(), notices.len()), (100, 0));
    }
}
