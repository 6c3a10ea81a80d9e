//! Every kind of relevance that is brought.

use super::super::naming::Part;
use super::super::pile::{Labels, Row};
use super::super::things::Judgement;
use super::*;

/// Rows with ids `a0`, `a1`, ... and one label each (`-` for none).
fn pile(id: &str, labels: &str, of: &mut Labels) -> Pile {
    let words: Vec<&str> = labels.split(' ').collect();
    let marks = words.iter().map(|word| of.place(word).filter(|_| *word != "-")).collect();
    let rows = (0..words.len() as u32).map(|row| Row { pair: 0, old: row, new: row }).collect();
    let ids = Some((0..words.len()).map(|at| format!("{id}{at}")).collect());
    Pile { rows, ids, marks: Some(Marks::One(marks)), ..Pile::default() }
}

fn joined(documents: &str, queries: Option<&str>) -> Joined {
    let mut labels = Labels::default();
    let documents = pile("d", documents, &mut labels);
    let queries = queries.map(|queries| pile("q", queries, &mut labels));
    Joined { documents, queries, labels, ..Joined::default() }
}

fn judged(path: &str, part: Option<Part>, pairs: &[(&str, &str, f32)]) -> Judged {
    let judgement = |&(query, document, grade): &(&str, &str, f32)| Judgement {
        query: query.to_owned(),
        document: document.to_owned(),
        grade,
    };
    Judged { path: path.into(), part, judgements: pairs.iter().map(judgement).collect() }
}

fn of(joined: Joined, judgements: Vec<Judged>) -> Result<(Question, Vec<String>), String> {
    let mut notices = Vec::new();
    let question = resolve(joined, &[], judgements, 7, &mut notices).map_err(|fault| fault.to_string())?;
    Ok((question, notices))
}

#[test]
fn judgements_find_their_rows() {
    let qrels = judged(
        "qrels/test.tsv",
        Some(Part::Test),
        &[
            ("q1", "d2", 1.0),
            ("q1", "d0", 2.0),
            ("q1", "d2", 3.0),
            ("q0", "d1", 0.0),
            ("q0", "gone", 1.0),
            ("nobody", "d0", 1.0),
        ],
    );
    let dev = judged("qrels/dev.tsv", Some(Part::Val), &[("q0", "d0", 1.0)]);
    let (question, said) = of(joined("x x x", Some("x x")), vec![dev, qrels]).unwrap();
    assert_eq!(question.known, Known::Judged(vec![vec![], vec![(0, 2.0), (2, 3.0)]]));
    assert_eq!(
        said,
        [
            "Judgements of other parts were left out: qrels/dev.tsv.",
            "1 of 2 queries have a relevant document by qrels/test.tsv.",
            "1 judgements are of queries that are not here.",
            "1 relevant documents are not among the documents, so no system can find them; they do not count against any.",
        ]
    );
}

#[test]
fn labels_beside_judgements_are_kept_where_both_have_single_ones_that_meet() {
    let qrels = || vec![judged("qrels.txt", None, &[("q0", "d1", 1.0)])];
    let told = |joined: Joined| {
        let (question, said) = of(joined, qrels()).unwrap();
        (question.labelled, said.last().cloned().unwrap())
    };
    assert_eq!(
        told(joined("x y", Some("y"))),
        (true, "1 of 1 queries have a relevant document by qrels.txt.".to_owned())
    );
    let mut several = joined("x y", Some("y"));
    several.documents.marks = Some(Marks::Several(vec![vec![0, 1], vec![1]]));
    for (joined, why) in [
        (joined("x y", Some("-")), "queries have none"),
        (joined("- -", Some("x")), "documents have none"),
        (joined("x y", Some("z")), "hardly any query has one that a document has"),
        (several, "rows have several each"),
    ] {
        let said = format!("Judgements say what is relevant; labels beside them were left out, as {why}.");
        assert_eq!(told(joined), (false, said));
    }
}

#[test]
fn judgements_of_nothing_that_is_there_are_told() {
    let qrels = || vec![judged("qrels.txt", None, &[("7", "d7", 1.0)])];
    let said = of(joined("x x", Some("x")), qrels()).unwrap_err();
    assert!(
        said.contains("it names the query `7` and the document `d7`, the arrays have `q0` and so on for queries"),
        "{said}"
    );
    assert!(
        of(joined("x x", None), qrels())
            .unwrap_err()
            .starts_with("qrels.txt judges queries, and there are no vectors of")
    );
    let mut bare = joined("x x", Some("x"));
    (bare.documents.ids, bare.queries.as_mut().unwrap().ids) = (None, None);
    let (question, _) = of(bare, vec![judged("qrels.txt", None, &[("0", "1", 1.0)])]).unwrap();
    assert_eq!(question.known, Known::Judged(vec![vec![(1, 1.0)]]), "without ids, numbers of rows");
}

#[test]
fn labels_of_queries_can_be_ids_of_documents() {
    let (question, said) = of(joined("- - -", Some("d2 d0 -")), vec![]).unwrap();
    assert_eq!(question.known, Known::Judged(vec![vec![(2, 1.0)], vec![(0, 1.0)], vec![]]));
    assert!(said[0].contains("ids of documents"), "{said:?}");
}

#[test]
fn labels_answer_one_another_where_both_have_them() {
    assert_eq!(of(joined("x y x", Some("y x")), vec![]).unwrap().0.known, Known::Labels);
    let (question, said) = of(joined("x y x", Some("p q")), vec![]).unwrap();
    assert_eq!((question.known, said.len()), (Known::Nothing, 1));
    assert_eq!(of(joined("x y x", None), vec![]).unwrap().0.known, Known::Labels);
    for useless in ["x x x", "x y z"] {
        let (question, said) = of(joined(useless, None), vec![]).unwrap();
        assert_eq!((question.known, said.len()), (Known::Nothing, 1), "{useless}");
    }
}

#[test]
fn a_label_on_two_rows_each_makes_pairs() {
    let twice = "a b c d e f g h h g f e d c b a";
    let (question, said) = of(joined(twice, None), vec![]).unwrap();
    let relevant = (0..8).map(|at| vec![(at, 1.0)]).collect();
    assert_eq!(question.known, Known::Judged(relevant));
    assert_eq!(question.documents.ids.unwrap()[1], "d1");
    assert_eq!(question.queries.unwrap().ids.unwrap()[1], "d14");
    assert!(said[0].starts_with("Every label stands on two rows"), "{said:?}");
    assert_eq!(of(joined("a a b b c c", None), vec![]).unwrap().0.known, Known::Labels, "too few to be meant");
}

#[test]
fn several_labels_each_make_queries_of_some_rows() {
    let mut several = joined("- - - - - - - -", None);
    let sets = (0..8u32).map(|row| if row % 2 == 0 { vec![0, 2] } else { vec![1] }).collect();
    several.documents.marks = Some(Marks::Several(sets));
    let (question, said) = of(several, vec![]).unwrap();
    let (documents, queries) = (question.documents.len(), question.queries.as_ref().unwrap().len());
    assert_eq!((documents, queries), (4, 4));
    let Known::Shared(relevant) = &question.known else { panic!("not shared") };
    let marks = question.documents.marks.as_ref().unwrap();
    for (query, relevant) in relevant.iter().enumerate() {
        let own = question.queries.as_ref().unwrap().marks.as_ref().unwrap().of(query);
        let expected: Vec<(u32, f32)> =
            (0..4).filter(|&row| marks.of(row) == own).map(|row| (row as u32, 1.0)).collect();
        assert_eq!(*relevant, expected);
    }
    assert!(said[0].contains("4 of 8 were drawn by seed 7"), "{said:?}");
}

#[test]
fn the_test_part_asks_where_its_labels_are_known() {
    let mut parts = joined("x y z x y", None);
    parts.training = Some(vec![true, true, true, false, false]);
    let (question, said) = of(parts, vec![]).unwrap();
    assert_eq!((question.documents.len(), question.queries.unwrap().len(), question.known), (3, 2, Known::Labels));
    assert!(said[0].starts_with("The 3 rows of the training part are the documents"), "{said:?}");
    let mut apart = joined("x x y y p p q q", None);
    apart.training = Some([[true; 4], [false; 4]].concat());
    let (question, said) = of(apart, vec![]).unwrap();
    assert_eq!((question.documents.len(), question.queries.is_none(), question.known), (8, true, Known::Labels));
    assert!(said[0].starts_with("Labels of the test part are hardly any"), "{said:?}");
}
