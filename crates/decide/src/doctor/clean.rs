//! Taking out of a case what cannot be compared.

use super::{
    rows::is_zero,
    words::{NAMED, counted, listed},
};
use crate::{Beside, Case, DecideError, Embedded, Labels, Relevance, Tasks, Texts, Vectors};

/// Takes rows that cannot be compared (all zeros under either model) out of a case, with a notice that names them by id.
///
/// They are taken out under both models. Judgements and labels follow: of a document that is gone there is none, and places of those
/// after it move up. A query whose last relevant document is gone is judged no more, which the notice says.
///
/// # Errors
/// The case is not [`Case::checked`], fewer than two documents are left, or no query is left where there were some.
pub fn cleaned(case: Case) -> Result<Case, DecideError> {
    let case = case.checked()?;
    let documents = kept(&case.old.documents, &case.new.documents);
    let queries = match (&case.old.queries, &case.new.queries) {
        (Some(old), Some(new)) => kept(old, new),
        _ => Kept { rows: Vec::new(), gone: Vec::new() },
    };
    if documents.gone.is_empty() && queries.gone.is_empty() {
        return Ok(case);
    }
    if queries.rows.is_empty() && !queries.gone.is_empty() {
        return Err(DecideError::TooFew { what: "queries that are not all zeros", count: 0, least: 1 });
    }

    let Case { old, new, documents: ids, queries: query_ids, relevance, beside, similarity, mut notices } = case;
    let (relevance, silent) = relevant(relevance, ids.len(), &documents.rows, &queries.rows);
    notices.push(notice(&[&old.name, &new.name], (&documents.gone, &ids), (&queries.gone, &query_ids), silent));
    let select = |model: Embedded| Embedded {
        name: model.name,
        documents: model.documents.select(&documents.rows),
        queries: model.queries.map(|vectors| vectors.select(&queries.rows)),
    };
    let case = Case {
        old: select(old),
        new: select(new),
        documents: picked(ids, &documents.rows),
        queries: picked(query_ids, &queries.rows),
        relevance,
        beside: left_beside(beside, &documents.rows, &queries.rows),
        similarity,
        notices,
    };
    case.checked()
}

/// Rows that stay and rows that go, each in order.
struct Kept {
    rows: Vec<usize>,
    gone: Vec<usize>,
}

fn kept(old: &Vectors, new: &Vectors) -> Kept {
    let zero = |&row: &usize| is_zero(old.row(row)) || is_zero(new.row(row));
    let (gone, rows) = (0..old.count().min(new.count())).partition(zero);
    Kept { rows, gone }
}

/// Those of the items at these places.
fn picked<T: Clone>(items: Vec<T>, rows: &[usize]) -> Vec<T> {
    rows.iter().filter_map(|&row| items.get(row).cloned()).collect()
}

/// What is relevant among what is left, and how many queries lost all of it.
fn relevant(relevance: Relevance, count: usize, documents: &[usize], queries: &[usize]) -> (Relevance, usize) {
    match relevance {
        Relevance::Unknown => (Relevance::Unknown, 0),
        Relevance::Judged(lists) => {
            let (lists, silent) = relisted(&lists, count, documents, queries);
            (Relevance::Judged(lists), silent)
        }
        Relevance::Shared(lists) => {
            let (lists, silent) = relisted(&lists, count, documents, queries);
            (Relevance::Shared(lists), silent)
        }
        Relevance::Labels { documents: labels, queries: asked, names } => {
            (Relevance::Labels { documents: picked(labels, documents), queries: picked(asked, queries), names }, 0)
        }
    }
}

/// Lists of `count` documents as they are of those and of the queries that are left, and how many lost all of theirs.
fn relisted(
    lists: &[Vec<(usize, f32)>],
    count: usize,
    documents: &[usize],
    queries: &[usize],
) -> (Vec<Vec<(usize, f32)>>, usize) {
    let mut places = vec![None; count];
    for (place, &document) in documents.iter().enumerate() {
        if let Some(slot) = places.get_mut(document) {
            *slot = Some(place);
        }
    }
    let moved = |&(document, grade): &(usize, f32)| Some((places.get(document).copied().flatten()?, grade));
    let mut silent = 0;
    let lists = queries.iter().filter_map(|&query| lists.get(query)).map(|relevant| {
        let left: Vec<(usize, f32)> = relevant.iter().filter_map(moved).collect();
        silent += usize::from(left.is_empty() && !relevant.is_empty());
        left
    });
    (lists.collect(), silent)
}

/// What stands beside the rows that stay.
fn left_beside(beside: Beside, documents: &[usize], queries: &[usize]) -> Beside {
    let Beside { labels, tasks, texts } = beside;
    Beside {
        labels: labels.map(|labels| Labels {
            documents: picked(labels.documents, documents),
            queries: picked(labels.queries, queries),
            names: labels.names,
        }),
        tasks: tasks.map(|tasks| Tasks { of: picked(tasks.of, queries), names: tasks.names }),
        texts: texts.map(|texts| Texts {
            documents: picked(texts.documents, documents),
            queries: picked(texts.queries, queries),
        }),
    }
}

/// One sentence that names up to [`NAMED`] of the rows by their ids, documents before queries, and a second one about judgements.
fn notice(
    models: &[&str; 2],
    documents: (&[usize], &[String]),
    queries: (&[usize], &[String]),
    silent: usize,
) -> String {
    let [old, new] = models;
    let mut room = NAMED;
    let mut parts = Vec::new();
    for ((gone, ids), what) in [(documents, "documents"), (queries, "queries")] {
        if gone.is_empty() {
            continue;
        }
        let names: Vec<String> =
            gone.iter().take(room).filter_map(|&row| ids.get(row)).map(|id| format!("`{id}`")).collect();
        room = room.saturating_sub(names.len());
        let counted = counted(gone.len(), what);
        parts.push(match names.is_empty() {
            true => counted,
            false => format!("{counted} ({})", listed(&names, gone.len())),
        });
    }
    let (parts, all) = (parts.join(" and "), documents.0.len() + queries.0.len());
    let are = if all == 1 { "is" } else { "are" };
    let mut notice = format!(
        "{parts} {are} left out, since under {old} or {new} all numbers are 0 and there is no direction to compare."
    );
    if silent > 0 {
        let count = counted(silent, "queries");
        let (had, are) = if silent == 1 { ("has", "is") } else { ("have", "are") };
        notice.push_str(&format!(" {count} {had} no relevant document left and {are} no longer judged."));
    }
    notice
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Similarity, doctor::made::noise};

    fn zeroed(vectors: &Vectors, rows: &[usize]) -> Vectors {
        let mut data = vectors.numbers().to_vec();
        for row in rows {
            data[row * vectors.dims()..(row + 1) * vectors.dims()].fill(0.0);
        }
        Vectors::new(vectors.dims(), data).unwrap()
    }

    /// Six documents and three queries; zeros where asked for.
    fn case(old: (&[usize], &[usize]), new: (&[usize], &[usize]), relevance: Relevance) -> Case {
        let model = |name: &str, dims: usize, (documents, queries): (&[usize], &[usize])| Embedded {
            name: name.to_owned(),
            documents: zeroed(&noise(6, dims, 1), documents),
            queries: Some(zeroed(&noise(3, dims, 2), queries)),
        };
        let ids = |letter: char, count: usize| (0..count).map(|row| format!("{letter}{row}")).collect();
        Case {
            old: model("GloVe", 2, old),
            new: model("MiniLM", 3, new),
            documents: ids('d', 6),
            queries: ids('q', 3),
            relevance,
            beside: Beside::default(),
            similarity: Similarity::Cosine,
            notices: vec!["A sample was taken.".to_owned()],
        }
    }

    #[test]
    fn zeros_of_either_model_go_and_judgements_follow() {
        let judged = vec![vec![(0, 1.0), (5, 2.0)], vec![(1, 1.0)], vec![(2, 1.0)]];
        let before = case((&[1], &[]), (&[3], &[2]), Relevance::Judged(judged));
        let after = cleaned(before.clone()).unwrap();
        assert_eq!(after.documents, ["d0", "d2", "d4", "d5"]);
        assert_eq!(after.queries, ["q0", "q1"]);
        assert_eq!(after.relevance, Relevance::Judged(vec![vec![(0, 1.0), (3, 2.0)], vec![]]));
        assert_eq!(after.new.documents, before.new.documents.select(&[0, 2, 4, 5]));
        assert_eq!(after.old.queries, before.old.queries.map(|queries| queries.select(&[0, 1])));
        assert_eq!(
            after.notices,
            [
                "A sample was taken.",
                "2 documents (`d1` and `d3`) and 1 query (`q2`) are left out, since under GloVe or MiniLM all numbers \
                 are 0 and there is no direction to compare. 1 query has no relevant document left and is no longer \
                 judged."
            ]
        );
    }

    #[test]
    fn labels_follow() {
        let labels = |documents: &[u32], queries: &[u32]| Relevance::Labels {
            documents: documents.iter().copied().map(Some).collect(),
            queries: queries.iter().copied().map(Some).collect(),
            names: vec!["a".to_owned(), "b".to_owned()],
        };
        let after = cleaned(case((&[0, 4], &[0]), (&[], &[]), labels(&[0, 1, 0, 1, 0, 1], &[1, 0, 1]))).unwrap();
        assert_eq!(after.relevance, labels(&[1, 0, 1, 1], &[0, 1]));
    }

    #[test]
    fn what_has_no_zeros_stays_as_it_is() {
        let whole = case((&[], &[]), (&[], &[]), Relevance::Unknown);
        assert_eq!(cleaned(whole.clone()), Ok(whole));
    }

    #[test]
    fn too_little_left_is_refused() {
        let documents = cleaned(case((&[0, 1, 2], &[]), (&[3, 4], &[]), Relevance::Unknown));
        assert_eq!(documents, Err(DecideError::TooFew { what: "documents", count: 1, least: 2 }));
        let queries = cleaned(case((&[], &[0, 1]), (&[], &[2]), Relevance::Unknown)).unwrap_err();
        assert_eq!(
            queries.to_string(),
            "there are 0 queries that are not all zeros, and it takes at least 1; hand in more"
        );
        let uneven = case((&[0], &[]), (&[], &[]), Relevance::Judged(vec![]));
        assert_eq!(cleaned(uneven), Err(DecideError::Relevance));
    }

    #[test]
    fn a_notice_names_twenty_and_counts_the_rest() {
        let (rows, ids): (Vec<usize>, Vec<String>) = (0..30).map(|row| (row, format!("d{row}"))).unzip();
        let said = notice(&["a", "b"], (&rows[..19], &ids), (&rows[..3], &ids), 0);
        assert!(said.starts_with("19 documents (`d0`, "), "{said}");
        assert!(said.contains("`d17` and `d18`) and 3 queries (`d0` and 2 more) are left out"), "{said}");
        let said = notice(&["a", "b"], (&rows, &ids), (&rows[..1], &ids), 2);
        assert!(said.contains("`d19` and 10 more) and 1 query are left out"), "{said}");
        assert!(said.ends_with(" 2 queries have no relevant document left and are no longer judged."), "{said}");
        assert!(notice(&["a", "b"], (&rows[..1], &ids), (&[], &[]), 0).starts_with("1 document (`d0`) is left out"));
    }
}
