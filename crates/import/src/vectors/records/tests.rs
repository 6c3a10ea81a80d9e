//! Columns out of records.

use super::*;

fn names(values: &[&str]) -> Body {
    Body::Names(values.iter().map(|&value| value.to_owned()).collect())
}

fn said(things: &[Thing]) -> Vec<String> {
    things.iter().map(|thing| format!("{} {:?}", thing.path, thing.body)).collect()
}

fn of(rows: Vec<Vec<(&str, Cell)>>) -> Vec<Thing> {
    let mut records = Records::new("a.jsonl");
    for row in rows {
        row.into_iter().for_each(|(name, cell)| records.add(name, cell).unwrap());
        records.end().unwrap();
    }
    records.finish(7).unwrap()
}

fn word(text: &str) -> Cell {
    Cell::Name(text.into())
}

#[test]
fn fields_become_columns_and_what_is_missing_is_nothing() {
    let things = of(vec![
        vec![("id", word("a")), ("ada", Cell::Vector(vec![1.0, 2.0])), ("note", word("long"))],
        vec![("id", word("b")), ("parent_id", word("p")), ("label", word("x"))],
        vec![("id", word("c")), ("ada", Cell::Vector(vec![3.0, 4.0])), ("label", word("y"))],
    ]);
    let expected = ["a.jsonl/id", "a.jsonl/label"];
    assert_eq!(
        said(&things[1..]),
        [
            format!("{} {:?}", expected[0], names(&["a", "b", "c"])),
            format!("{} {:?}", expected[1], names(&["", "x", "y"])),
        ]
    );
    let Body::Matrix(Matrix::Held { dims: 2, numbers }) = &things[0].body else { panic!("{things:?}") };
    assert_eq!((numbers.len(), numbers[2].is_nan(), numbers[5]), (6, true, 4.0));
    assert!(things.iter().all(|thing| thing.bundle == Some(7)));
}

#[test]
fn a_text_that_looks_like_a_vector_is_a_text() {
    for (name, things) in [("note", 1), ("text", 2)] {
        let row = |text: Cell| vec![("v", Cell::Vector(vec![1.0, 2.0])), (name, text)];
        let found = of(vec![row(word("a")), row(Cell::Vector(vec![1.0, 2.0, 3.0])), row(word("b"))]);
        assert_eq!(found.len(), things, "{found:?}");
    }
}

#[test]
fn texts_stand_behind_their_titles() {
    let things = of(vec![
        vec![("_id", word("a")), ("title", word("A title")), ("text", word(" A text ")), ("query", word("asked"))],
        vec![("_id", word("b")), ("text", word("B"))],
        vec![("_id", word("c")), ("title", word("C"))],
        vec![("_id", word("d"))],
    ]);
    let texts = names(&["A title: A text", "B", "C", ""]);
    assert_eq!(said(&things)[1..], [format!("a.jsonl/text {texts:?}")]);
    let asked =
        of(vec![vec![("query_vector", Cell::Vector(vec![1.0, 2.0])), ("passage", word("p")), ("query", word("q"))]]);
    assert_eq!(said(&asked)[1..], [format!("a.jsonl/text {:?}", names(&["q"]))]);
    let empty = of(vec![vec![("_id", word("a")), ("text", word(" "))]]);
    assert_eq!(empty.len(), 1);
}

#[test]
fn texts_beyond_what_is_kept_are_left_out() {
    let mut records = Records::new("a.jsonl");
    let long = "a".repeat(limits::TEXT_LETTERS);
    for row in 0..limits::TEXT_BYTES / (long.len() + PER_WORD) + 2 {
        records.add("_id", word(&row.to_string())).unwrap();
        records.add("text", word(&long)).unwrap();
        records.end().unwrap();
    }
    let things = records.finish(7).unwrap();
    let Body::Extra(why) = &things[1].body else { panic!("{}", things.len()) };
    assert_eq!(
        (things[1].path.as_str(), why.as_str()),
        ("a.jsonl/text", "texts take more than the 64 MB that are kept of them")
    );
}

#[test]
fn tasks_are_a_column_of_their_own() {
    let row = |kind: &str| vec![("id", word("a")), ("query_type", word(kind)), ("label", word("x"))];
    assert_eq!(said(&of(vec![row("p"), row("q")]))[2], format!("a.jsonl/task {:?}", names(&["p", "q"])));
}

#[test]
fn labels_can_be_several() {
    let things = of(vec![
        vec![("v", Cell::Vector(vec![1.0, 2.0])), ("labels", word("a"))],
        vec![("v", Cell::Vector(vec![1.0, 2.0])), ("labels", Cell::Set(vec!["b".into(), "a".into()]))],
        vec![("v", Cell::Vector(vec![1.0, 2.0])), ("labels", word(""))],
    ]);
    let Body::Sets(sets) = &things[1].body else { panic!("{things:?}") };
    assert_eq!((&sets.of, &sets.names), (&vec![vec![0], vec![1, 0], vec![]], &vec!["a".to_owned(), "b".into()]));
}

#[test]
fn a_document_in_a_record_of_a_query_answers_it() {
    let row = |query: &str, document: &str| {
        vec![("query_vector", Cell::Vector(vec![1.0, 2.0])), ("doc_id", word(document)), ("query_id", word(query))]
    };
    let things = of(vec![row("q1", "d1"), row("q2", "d2")]);
    assert_eq!(
        said(&things[1..]),
        [format!("a.jsonl/id {:?}", names(&["q1", "q2"])), format!("a.jsonl/label {:?}", names(&["d1", "d2"])),]
    );
}

#[test]
fn records_without_vectors_can_judge() {
    let row = |grade: &str| vec![("query_id", word("q")), ("document_id", word("d")), ("score", word(grade))];
    let things = of(vec![row("2"), row("0")]);
    let Body::Judgements(judged) = &things[0].body else { panic!("{things:?}") };
    assert_eq!(judged.iter().map(|it| it.grade).collect::<Vec<_>>(), [2.0, 0.0]);
    let nothing = of(vec![vec![("note", word("a"))]]);
    assert!(matches!(nothing[0].body, Body::Extra(_)));
}

#[test]
fn what_does_not_go_together_is_told() {
    let mut records = Records::new("a");
    records.add("v", Cell::Vector(vec![1.0, 2.0])).unwrap();
    records.end().unwrap();
    let told = |cell: Cell, records: &mut Records<'_>| records.add("v", cell).err().unwrap_or_default();
    assert_eq!(told(Cell::Vector(vec![1.0]), &mut records), "`v` has 1 numbers, and 2 before");
    assert_eq!(told(word("abc"), &mut records), "`v` is `abc`, and a vector before");
    assert_eq!(told(word(" "), &mut records), "");
}
