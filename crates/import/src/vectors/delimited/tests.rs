//! Tables as spreadsheets, pandas and databases write them.

use super::super::matrix::Matrix;
use super::super::things::Body;
use super::*;
use crate::testing::named;
use crate::vectors::testing::holds;

fn of(path: &str, text: &str) -> Result<Vec<(String, String)>, String> {
    let mut store = Store::new(vec![named(path, text).into()], &mut Vec::new()).unwrap();
    let things = read(&mut store, 0, path).map_err(|fault| fault.to_string())?;
    let short = |body: Body| match body {
        Body::Matrix(Matrix::Held { dims, numbers }) => format!("{dims}: {numbers:?}"),
        Body::Names(names) => names.values.join(" "),
        Body::Judgements(judged) => format!("{} judged", judged.len()),
        _ => "nothing".to_owned(),
    };
    Ok(things.into_iter().map(|thing| (thing.path, short(thing.body))).collect())
}

fn check(path: &str, text: &str, expected: &[(&str, &str)]) {
    holds(&of(path, text).unwrap(), path, text, expected);
}

#[test]
fn a_column_for_each_dim() {
    let plain = [("vector", "2: [0.5, 1.0, 2.0, 3.0]"), ("id", "a b")];
    check("e.csv", "id,d0,d1\na,0.5,1\nb,2,3\n", &[("d", "2: [0.5, 1.0, 2.0, 3.0]"), ("id", "a b")]);
    check("e.csv", "id,0,1\na,0.5,1\nb,2,3\n", &plain);
    check("e.csv", "a,0.5,1\nb,2,3\n", &plain);
    check("e.csv", ",0,1\n0,0.5,1\n1,2,3\n", &plain[..1]);
    check("e.csv", "0,1,2\n5,0.5,1\n", &[("vector", "3: [5.0, 0.5, 1.0]")]);
    check("e.tsv", "0.5\t1\n2\t3\n", &plain[..1]);
    let two = "label;old_0;old_1;new.0;new.1\nx;1;2;3;4\ny;5;6;7;8\n";
    check("e.csv", two, &[("old", "2: [1.0, 2.0, 5.0, 6.0]"), ("new", "2: [3.0, 4.0, 7.0, 8.0]"), ("label", "x y")]);
}

#[test]
fn a_cell_for_each_vector() {
    let text =
        "id,label,ada,small3\nd0,0,\"[np.float64(0.5), np.float64(-1.0)]\",\"[1, 2]\"\nd1,1,\"[0.25, 4]\",\"[3, 4]\"\n";
    let expected = [
        ("ada", "2: [0.5, -1.0, 0.25, 4.0]"),
        ("small3", "2: [1.0, 2.0, 3.0, 4.0]"),
        ("id", "d0 d1"),
        ("label", "0 1"),
    ];
    check("e.csv", text, &expected);
    check("e.tsv", "id\tembedding\na\t[1, 2]\nb\t\n", &[("embedding", "2: [1.0, 2.0, NaN, NaN]"), ("id", "a b")]);
    let broken = "id,embedding\na,\"[ 1.\n  2.]\"\nb,\"[3. 4.]\"\n";
    check("e.csv", broken, &[("embedding", "2: [1.0, 2.0, 3.0, 4.0]"), ("id", "a b")]);
}

#[test]
fn lists_of_ids_and_labels() {
    check("labels.csv", "label\n0\n1\n0\n", &[("label", "0 1 0")]);
    check("labels.csv", "0\n1\n0\n", &[("label", "0 1 0")]);
    check("labels.csv", "id,label\nd0,cat\nd1,dog\n", &[("id", "d0 d1"), ("label", "cat dog")]);
    check("labels.csv", "d0,cat\nd1,dog\n", &[("id", "d0 d1"), ("label", "cat dog")]);
    check("ids.csv", "d0\nd1\n", &[("id", "d0 d1")]);
    check("ids.csv", "id\nd0\n", &[("id", "d0")]);
    check("t.csv", "query_id,doc_id,score\nq,d,1\nq,e,0\n", &[("", "2 judged")]);
    check("texts.csv", "title,text\na,b\n", &[("text", "a: b")]);
    check("e.csv", "", &[("", "nothing")]);
}

#[test]
fn what_does_not_go_together_is_told_with_its_line() {
    assert_eq!(
        of("e.csv", "id,d0,d1\na,1,2\nb,3\n").unwrap_err(),
        "e.csv, line 3: it has 2 cells, and the first line has 3; correct it or leave the line out"
    );
    assert!(of("e.csv", "id,d0,d1\na,1,2\nb,3,x\n").unwrap_err().starts_with("e.csv, line 3: `x` is no number"));
    assert!(of("e.csv", "id,v\na,\"[1, 2\n").unwrap_err().contains("a quote is opened and never closed"));
    assert!(of("e.csv", "id,v\na,\"[1 2 ... 3]\"\n").unwrap_err().contains("line 2: a vector is cut short"));
}
