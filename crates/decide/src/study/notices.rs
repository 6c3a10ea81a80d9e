//! A case made ready to be measured, and what a reader has to know of how it was.

use std::borrow::Cow;

use crate::{Case, DecideError, Relevance, Similarity, Vectors, doctor, options};

/// A case of which every row can be compared and whose relevance judges something, or is none. It is copied only where it has to be
/// changed: a copy is as much memory again.
pub(super) fn prepared(case: &Case) -> Result<Cow<'_, Case>, DecideError> {
    let mut case = if has_empty_rows(case) { Cow::Owned(doctor::cleaned(case.clone())?) } else { Cow::Borrowed(case) };
    if case.relevance != Relevance::Unknown && !options::judges(&case) {
        let notice = match (&case.relevance, case.asks_with_documents()) {
            (Relevance::Judged(_), _) => {
                "No query has a relevant document among these, so that judgements are left aside."
            }
            (Relevance::Shared(_), _) => "No query shares a label with a document, so that labels are left aside.",
            (_, true) => "No two documents have the same label, so that labels are left aside.",
            (_, false) => "No query has the label of any document, so that labels are left aside.",
        };
        let case = case.to_mut();
        case.relevance = Relevance::Unknown;
        case.notices.push(notice.to_owned());
    }
    Ok(case)
}

/// Whether a row is all zeros, which the doctor takes out.
fn has_empty_rows(case: &Case) -> bool {
    let models = [&case.old, &case.new];
    let mut parts = models.into_iter().flat_map(|model| std::iter::once(&model.documents).chain(&model.queries));
    parts.any(|rows: &Vectors| rows.rows().any(|row| row.iter().all(|&number| number == 0.0)))
}

/// What says which documents are relevant.
pub(super) fn relevance(case: &Case, k: usize) -> String {
    match &case.relevance {
        Relevance::Unknown => format!(
            "Nothing says which documents are relevant, so options are held against each other by how many of their best {k} they have in \
             common: that is agreement, not quality."
        ),
        Relevance::Judged(lists) => {
            let judged = lists.iter().filter(|relevant| !relevant.is_empty()).count();
            let judgements: usize = lists.iter().map(Vec::len).sum();
            match judgements == judged {
                true => format!("Judgements say it: one relevant document for each of {judged} queries."),
                false => format!("Judgements say it: {judgements} relevant documents of {judged} queries."),
            }
        }
        Relevance::Shared(lists) => {
            let labelled = lists.iter().filter(|relevant| !relevant.is_empty()).count();
            format!(
                "Labels say it, of which a row can have several: a document is relevant to a query that it shares one with; {labelled} queries share one."
            )
        }
        Relevance::Labels { names, .. } => {
            let asks = if case.asks_with_documents() { "another document" } else { "a query" };
            format!("Labels say it: a document is relevant to {asks} of the same label, of {} labels.", names.len())
        }
    }
}

/// What maps cannot keep where inner products of rows of unequal length are compared.
pub(super) fn lengths(similarity: Similarity, all_unit: bool) -> Option<String> {
    (similarity == Similarity::InnerProduct && !all_unit).then(|| {
        "Rows are compared by their inner product and are not all of length 1. Maps are fitted on rows of length 1, so that a mapped index \
         does not keep the lengths of its documents."
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, Planted};

    #[test]
    fn a_case_that_can_be_measured_is_not_copied() {
        let case = Planted { documents: 20, queries: 4, ..Planted::default() }.judged();
        assert!(matches!(prepared(&case).unwrap(), Cow::Borrowed(_)));
    }

    #[test]
    fn rows_of_zeros_are_taken_out() {
        let mut case = Planted { documents: 20, queries: 4, ..Planted::default() }.judged();
        let mut numbers = case.new.documents.numbers().to_vec();
        numbers[12 * 7..12 * 8].fill(0.0);
        case.new.documents = Vectors::new(12, numbers).unwrap();
        let cleaned = prepared(&case).unwrap();
        assert_eq!((cleaned.documents.len(), cleaned.new.documents.count()), (19, 19));
        assert!(!has_empty_rows(&cleaned) && has_empty_rows(&case));
    }

    #[test]
    fn relevance_that_judges_nothing_is_none() {
        let mut case = Planted { documents: 20, queries: 4, ..Planted::default() }.judged();
        case.relevance = Relevance::Judged(vec![vec![]; 4]);
        let found = prepared(&case).unwrap();
        assert_eq!((&found.relevance, found.notices.len()), (&Relevance::Unknown, case.notices.len() + 1));
        let mut case = testing::without_queries(Planted { documents: 20, ..Planted::default() }.labelled());
        let Relevance::Labels { documents, .. } = &mut case.relevance else { unreachable!() };
        *documents = (0..20).map(Some).collect();
        assert_eq!(prepared(&case).unwrap().relevance, Relevance::Unknown);
    }

    #[test]
    fn relevance_is_told_in_a_sentence() {
        let plan = Planted { documents: 20, queries: 4, ..Planted::default() };
        let mut case = plan.judged();
        assert_eq!(relevance(&case, 10), "Judgements say it: one relevant document for each of 4 queries.");
        case.relevance = Relevance::Judged(vec![vec![(0, 1.0), (1, 1.0)], vec![], vec![(2, 1.0)], vec![]]);
        assert_eq!(relevance(&case, 10), "Judgements say it: 3 relevant documents of 2 queries.");
        assert!(
            relevance(&testing::without_queries(plan.labelled()), 10)
                .contains("to another document of the same label, of 4")
        );
        case.relevance = Relevance::Unknown;
        assert!(relevance(&case, 7).contains("best 7 they have in common"));
        assert_eq!(lengths(Similarity::Cosine, false), None);
        assert!(
            lengths(Similarity::InnerProduct, false).is_some() && lengths(Similarity::InnerProduct, true).is_none()
        );
    }
}
