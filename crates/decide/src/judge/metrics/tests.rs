use proptest::prelude::*;

use super::*;
use crate::{Beside, Embedded, Similarity, Vectors};

fn ranking(lists: &[&[u32]]) -> Ranking {
    let list = |documents: &&[u32]| documents.iter().map(|&document| Hit { document, score: 0.0 }).collect();
    Ranking::new(lists.iter().map(list).collect())
}

fn case(documents: usize, queries: usize, relevance: Relevance) -> Case {
    let vectors = |rows: usize| Vectors::new(1, vec![1.0; rows]).unwrap();
    let model = |name: &str| Embedded {
        name: name.to_owned(),
        documents: vectors(documents),
        queries: (queries > 0).then(|| vectors(queries)),
    };
    let ids = |count: usize| (0..count).map(|at| at.to_string()).collect();
    let (old, new) = (model("old"), model("new"));
    let (documents, queries) = (ids(documents), ids(queries));
    Case {
        old,
        new,
        documents,
        queries,
        relevance,
        beside: Beside::default(),
        similarity: Similarity::Cosine,
        notices: vec![],
    }
    .checked()
    .unwrap()
}

fn close(found: &PerQuery, expected: &[Option<f64>]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
                (None, None) => true,
                _ => false,
            },
            "{found:?} is not {expected:?}"
        );
    }
}

/// Query 0: documents 3 (grade 3), 1 (grade 2), 4 (grade 1). Query 1: document 0. Query 2 is not judged. Query 3: documents 2 and 5.
fn judged() -> Case {
    let judged = vec![vec![(3, 3.0), (1, 2.0), (4, 1.0)], vec![(0, 1.0)], vec![], vec![(5, 1.0), (2, 1.0), (5, 1.0)]];
    case(6, 4, Relevance::Judged(judged))
}

#[test]
fn metrics_by_hand_as_trec_eval_defines_them() {
    let case = judged();
    let found = ranking(&[&[0, 1, 5, 3, 4], &[2, 1, 3, 4, 0], &[0, 1, 2, 3, 4], &[2, 5]]);
    let score = |metric, k| per_query(metric, k, &found, &case, None);
    close(&score(Metric::Recall, 3), &[Some(1.0 / 3.0), Some(0.0), None, Some(1.0)]);
    close(&score(Metric::Recall, 5), &[Some(1.0), Some(1.0), None, Some(1.0)]);
    close(&score(Metric::Recall, 1), &[Some(0.0), Some(0.0), None, Some(0.5)]);
    close(&score(Metric::Mrr, 5), &[Some(0.5), Some(0.2), None, Some(1.0)]);
    close(&score(Metric::Mrr, 4), &[Some(0.5), Some(0.0), None, Some(1.0)]);
    // log2 of 2, 3, 4, 5, 6.
    let [two, three, four, five, six] = [2.0_f64, 3.0, 4.0, 5.0, 6.0].map(f64::log2);
    let ideal = 3.0 / two + 2.0 / three + 1.0 / four;
    let first = (2.0 / three + 3.0 / five + 1.0 / six) / ideal;
    close(&score(Metric::Ndcg, 5), &[Some(first), Some(1.0 / six), None, Some(1.0)]);
    // The ideal ends at k, too.
    close(&score(Metric::Ndcg, 2), &[Some(2.0 / three / (3.0 / two + 2.0 / three)), Some(0.0), None, Some(1.0)]);
    assert!((first - 0.617_562).abs() < 1e-6, "{first}");
    assert_eq!(score(Metric::LabelMap, 5), [None; 4], "there are no labels");
    assert_eq!(score(Metric::Ndcg, 0), [None; 4]);
}

#[test]
fn average_precision_of_a_label_by_hand() {
    let documents = vec![Some(0), Some(1), Some(0), None, Some(0), Some(2)];
    let names = vec!["a".to_owned(), "b".to_owned(), "c".to_owned(), "d".to_owned()];
    let labels = |queries| Relevance::Labels { documents: documents.clone(), queries, names: names.clone() };
    // Relevant at ranks 1, 3 and 4 of 3; at 2 of 1; no label; a label that no document has.
    let asked = case(6, 4, labels(vec![Some(0), Some(1), None, Some(3)]));
    let found = ranking(&[&[2, 1, 0, 4], &[3, 1, 0], &[0, 1], &[0, 1]]);
    let first = (1.0 + 2.0 / 3.0 + 3.0 / 4.0) / 3.0;
    close(&per_query(Metric::LabelMap, 1, &found, &asked, None), &[Some(first), Some(0.5), None, None]);
    // Documents ask: two others have label 0, none has 1 or 2. Found at ranks 2 and 3.
    let itself = case(6, 0, labels(vec![]));
    let found = ranking(&[&[1, 2, 4], &[0], &[], &[0], &[3, 5], &[1]]);
    let first = (1.0 / 2.0 + 2.0 / 3.0) / 2.0;
    close(
        &per_query(Metric::LabelMap, 1, &found, &itself, None),
        &[Some(first), None, Some(0.0), None, Some(0.0), None],
    );
    assert_eq!(per_query(Metric::Mrr, 1, &found, &itself, None), [None; 6], "labels are no judgements");
}

#[test]
fn average_precision_of_shared_labels_by_hand() {
    // Relevant at ranks 1 and 4 of 3, in any order of the list; at rank 2 of 1; a query that shares none.
    let shared = vec![vec![(5, 1.0), (0, 1.0), (2, 1.0)], vec![(3, 1.0)], vec![]];
    let case = case(6, 3, Relevance::Shared(shared));
    let found = ranking(&[&[2, 1, 3, 5], &[0, 3], &[1]]);
    let first = (1.0 + 2.0 / 4.0) / 3.0;
    close(&per_query(Metric::LabelMap, 1, &found, &case, None), &[Some(first), Some(0.5), None]);
    assert_eq!(per_query(Metric::Recall, 1, &found, &case, None), [None; 3], "labels are no judgements");
}

#[test]
fn a_label_is_judged_as_deep_as_the_ranking_goes() {
    // 150 documents of the label, of which 100 can be found: a short list among long ones lacks the rest.
    let relevance = Relevance::Labels { documents: vec![Some(0); 150], queries: vec![Some(0); 2], names: vec![] };
    let case = case(150, 2, relevance);
    let documents: Vec<u32> = (0..150).collect();
    let found = ranking(&[&documents[..100], &documents[..10]]);
    close(&per_query(Metric::LabelMap, 10, &found, &case, None), &[Some(1.0), Some(0.1)]);
    let found = ranking(&[&documents, &[]]);
    close(&per_query(Metric::LabelMap, 10, &found, &case, None), &[Some(1.0), Some(0.0)]);
    let none = ranking(&[&[], &[]]);
    close(&per_query(Metric::LabelMap, 10, &none, &case, None), &[Some(0.0), Some(0.0)]);
}

#[test]
fn overlap_by_hand() {
    let case = judged();
    let found = ranking(&[&[0, 1, 2, 3], &[4, 5], &[], &[1, 0]]);
    let reference = ranking(&[&[1, 4, 0, 2], &[4], &[0, 1, 2], &[]]);
    for metric in [Metric::OverlapNew, Metric::OverlapOld] {
        let score = |k| per_query(metric, k, &found, &case, Some(&reference));
        close(&score(3), &[Some(2.0 / 3.0), Some(1.0), Some(0.0), None]);
        close(&score(1), &[Some(0.0), Some(1.0), Some(0.0), None]);
        close(&score(4), &[Some(0.75), Some(1.0), Some(0.0), None]);
        assert_eq!(per_query(metric, 3, &found, &case, None), [None; 4]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn scores_are_shares_and_the_best_order_has_all(
        order in Just((0_u32..12).collect::<Vec<_>>()).prop_shuffle(),
        grades in prop::collection::vec(0_u8..4, 12),
        k in 1_usize..15,
    ) {
        let all = grades.iter().map(|&grade| f32::from(grade)).enumerate();
        let relevant: Vec<(usize, f32)> = all.filter(|&(_, grade)| grade > 0.0).collect();
        let case = case(12, 2, Relevance::Judged(vec![relevant.clone(), relevant.clone()]));
        let mut best = order.clone();
        best.sort_by_key(|&document| std::cmp::Reverse(grades[document as usize]));
        let found = ranking(&[&order, &best]);
        for metric in [Metric::Recall, Metric::Mrr, Metric::Ndcg] {
            let scores = per_query(metric, k, &found, &case, None);
            if relevant.is_empty() {
                prop_assert_eq!(scores, vec![None; 2]);
                continue;
            }
            let (one, other) = (scores[0].unwrap(), scores[1].unwrap());
            prop_assert!((0.0..=1.0).contains(&one) && one <= other + 1e-12);
            let most = if metric == Metric::Recall { (k as f64 / relevant.len() as f64).min(1.0) } else { 1.0 };
            prop_assert!((other - most).abs() < 1e-12, "{} is not {}", other, most);
        }
        let overlaps = per_query(Metric::OverlapNew, k, &found, &case, Some(&found));
        prop_assert_eq!(overlaps, vec![Some(1.0); 2]);
        let swapped = ranking(&[&best, &order]);
        let overlaps = per_query(Metric::OverlapOld, k, &found, &case, Some(&swapped));
        prop_assert_eq!(overlaps[0], overlaps[1], "lists as long as each other agree both ways");
    }
}
