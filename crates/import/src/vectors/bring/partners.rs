//! One document for each query, where nobody says so but the vectors: as many queries as documents, in the same order or with the same
//! ids, that find their counterparts far more often than chance would.

use std::collections::HashMap;

use decide::{Embedded, Vectors};

use super::super::pile::Pair;
use super::super::relevance::Question;

/// So many queries are asked for their counterpart, at least so many there must be, and it is looked for among so many documents.
const ASKED: usize = 200;
const FEWEST: usize = 20;
const AMONG: usize = 1_000;
/// The share that must find it, and how many times more than by chance.
const SHARE: f64 = 0.1;
const TIMES: f64 = 10.0;

type Relevant = Vec<Vec<(u32, f32)>>;

/// The counterparts of all queries and a sentence on how they are known; none where they are not.
pub(super) fn partners(question: &Question, pairs: &[Pair], models: [&Embedded; 2]) -> Option<(Relevant, String)> {
    let queries = question.queries.as_ref()?;
    let documents = &question.documents;
    let by_place =
        || (queries.len() == documents.len()).then(|| (0..queries.len() as u32).map(Some).collect::<Vec<_>>());
    let by_id = || {
        let (ids, asked) = (documents.ids.as_ref()?, queries.ids.as_ref()?);
        let places: HashMap<&str, u32> = ids.iter().zip(0..).map(|(id, at)| (id.as_str(), at)).collect();
        let found: Vec<Option<u32>> = asked.iter().map(|id| places.get(id.as_str()).copied()).collect();
        (2 * found.iter().flatten().count() >= found.len()).then_some(found)
    };
    let (of, how) = by_id().map(|of| (of, "of the same id")).or_else(|| Some((by_place()?, "in the same place")))?;
    let asked: Vec<(usize, usize)> =
        of.iter().enumerate().filter_map(|(query, document)| Some((query, (*document)? as usize))).collect();
    if asked.len() < FEWEST {
        return None;
    }
    let some: Vec<(usize, usize)> = asked.iter().copied().step_by(asked.len().div_ceil(ASKED)).collect();
    let shares = models.iter().filter_map(|model| share(&model.documents, model.queries.as_ref()?, &some));
    let (share, among) = shares.max_by(|a, b| a.0.total_cmp(&b.0))?;
    if share < SHARE.max(TIMES / among as f64).min(0.5) {
        return None;
    }
    let names = documents.names(pairs);
    let example = some.first().and_then(|&(_, document)| names.get(document)).map_or("", String::as_str);
    let said = format!(
        "Nothing says what is relevant, but {:.0} % of queries find the document {how} before {among} others (such as `{example}`), so that \
         document was taken to be the relevant one.",
        100.0 * share
    );
    Some((of.iter().map(|document| document.iter().map(|&document| (document, 1.0)).collect()).collect(), said))
}

/// The share of queries that find their document before others, and how many others there are.
fn share(documents: &Vectors, queries: &Vectors, asked: &[(usize, usize)]) -> Option<(f64, usize)> {
    let others: Vec<usize> = (0..documents.count()).step_by(documents.count().div_ceil(AMONG).max(1)).collect();
    let found = asked.iter().filter(|&&(query, document)| {
        let query = queries.row(query);
        let own = cosine(query, documents.row(document));
        others.iter().all(|&other| other == document || cosine(query, documents.row(other)) < own)
    });
    let among = others.len().checked_sub(1).filter(|&among| among > 0)?;
    Some((found.count() as f64 / asked.len().max(1) as f64, among))
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let (mut product, mut first, mut second) = (0.0, 0.0, 0.0);
    for (&a, &b) in a.iter().zip(b) {
        let (a, b) = (f64::from(a), f64::from(b));
        product += a * b;
        first += a * a;
        second += b * b;
    }
    if first > 0.0 && second > 0.0 { product / (first.sqrt() * second.sqrt()) } else { f64::NEG_INFINITY }
}

#[cfg(test)]
mod tests {
    use super::super::super::pile::{Pile, Row};
    use super::*;

    fn pile(rows: u32, ids: Option<Vec<String>>) -> Pile {
        Pile { rows: (0..rows).map(|row| Row { pair: 0, old: row, new: row }).collect(), ids, ..Pile::default() }
    }

    /// On a circle, so that each is alike to its neighbours.
    fn circle(places: impl Iterator<Item = u32>) -> Vectors {
        let numbers = places.flat_map(|at| [(at as f32 * 0.1).cos(), (at as f32 * 0.1).sin()]).collect();
        Vectors::new(2, numbers).unwrap()
    }

    fn told(documents: Vectors, queries: Vectors, ids: Option<[Vec<String>; 2]>) -> Option<(Relevant, String)> {
        let count = |vectors: &Vectors| vectors.count() as u32;
        let [of, asked] = ids.map_or([None, None], |ids| ids.map(Some));
        let question = Question {
            documents: pile(count(&documents), of),
            queries: Some(pile(count(&queries), asked)),
            ..Question::default()
        };
        let model = Embedded { name: "a".into(), documents, queries: Some(queries) };
        partners(&question, &[], [&model, &model])
    }

    #[test]
    fn queries_that_find_their_document_have_it() {
        let (relevant, said) = told(circle(0..40), circle(0..40), None).unwrap();
        assert_eq!((relevant.len(), &relevant[7]), (40, &vec![(7, 1.0)]));
        assert!(said.contains("100 % of queries find the document in the same place before 39 others"), "{said}");
    }

    #[test]
    fn ids_come_before_places() {
        let ids = |of: &mut dyn Iterator<Item = u32>| of.map(|at| format!("d{at}")).collect::<Vec<_>>();
        let both = [ids(&mut (0..40)), ids(&mut (0..40).rev())];
        let (relevant, _) = told(circle(0..40), circle((0..40).rev()), Some(both)).unwrap();
        assert_eq!(relevant[0], [(39, 1.0)]);
    }

    #[test]
    fn what_is_not_found_or_too_little_is_no_pair() {
        assert!(told(circle(0..40), circle((0..40).map(|at| (at + 20) % 40)), None).is_none());
        assert!(told(circle(0..10), circle(0..10), None).is_none());
        assert!(told(circle(0..40), circle(0..39), None).is_none());
    }
}
