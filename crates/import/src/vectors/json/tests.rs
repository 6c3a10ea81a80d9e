//! JSON as databases and services write it.

use super::*;
use crate::testing::named;
use crate::vectors::testing::holds;

/// What becomes of a file: paths and what is there, in short.
fn of(path: &str, text: &str) -> Result<Vec<(String, String)>, String> {
    let mut store = Store::new(vec![named(path, text).into()], &mut Vec::new()).unwrap();
    let read = if path.ends_with('l') { lines } else { whole };
    let things = read(&mut store, 0, path).map_err(|fault| fault.to_string())?;
    let short = |body: Body| match body {
        Body::Matrix(Matrix::Held { dims, numbers }) => format!("{dims}: {numbers:?}"),
        Body::Names(names) => names.values.join(" "),
        Body::Sets(sets) => format!("{:?} {}", sets.of, sets.names.join(" ")),
        Body::Judgements(judged) => {
            let judged: Vec<String> =
                judged.iter().map(|it| format!("{}>{}:{}", it.query, it.document, it.grade)).collect();
            judged.join(" ")
        }
        _ => "nothing".to_owned(),
    };
    Ok(things.into_iter().map(|thing| (thing.path, short(thing.body))).collect())
}

fn check(path: &str, text: &str, expected: &[(&str, &str)]) {
    holds(&of(path, text).unwrap(), path, text, expected);
}

#[test]
fn records_are_read_as_databases_write_them() {
    let plain = concat!(
        r#"{"id": "a", "label": 0, "ada": [1, 2], "small3": [3, 4]}"#,
        "\n\n",
        r#"{"id": "b", "label": 1, "ada": [5, NaN], "small3": null}"#,
        "\n",
    );
    let expected =
        [("ada", "2: [1.0, 2.0, 5.0, NaN]"), ("small3", "2: [3.0, 4.0, NaN, NaN]"), ("id", "a b"), ("label", "0 1")];
    check("e.jsonl", plain, &expected);
    let pinecone = r#"{"vectors": [{"id": "a", "values": [1, 2], "metadata": {"topic": "x"}}]}"#;
    check("p.json", pinecone, &[("values", "2: [1.0, 2.0]"), ("id", "a"), ("label", "x")]);
    let batch = r#"{"custom_id": "a", "response": {"body": {"data": [{"embedding": [1, 2]}]}}}"#;
    check("b.jsonl", batch, &[("response/body/data/embedding", "2: [1.0, 2.0]"), ("id", "a")]);
    check("r.jsonl", "[1, 2]\n[3, 4]", &[("vector", "2: [1.0, 2.0, 3.0, 4.0]")]);
    check("c.jsonl", r#"{"_id": "d0", "text": "a", "title": "b"}"#, &[("id", "d0"), ("text", "b: a")]);
    let task = r#"{"_id": "q0", "task": "words", "query": "[a ... b]", "type": "x"}"#;
    check("q.jsonl", task, &[("id", "q0"), ("task", "words"), ("text", "[a ... b]")]);
    check("t.jsonl", r#"{"v": "[1, 2]"}"#, &[("v", "2: [1.0, 2.0]")]);
}

#[test]
fn values_are_read_by_what_they_hold() {
    let rows = "2: [1.0, 2.0, 3.0, 4.0]";
    check("old.json", "[[1, 2], [3, 4]]", &[("", rows)]);
    check("ids.json", r#"["a", 7]"#, &[("", "a 7")]);
    check("labels.json", r#"[["a"], ["b", "a"]]"#, &[("", "[[0], [1, 0]] a b")]);
    check("o.json", r#"{"a": [1, 2], "b": [3, 4]}"#, &[("id", "a b"), ("vector", rows)]);
    let chroma = r#"{"ids": ["a"], "embeddings": [[1, 2]], "metadatas": [{"label": "x"}], "data": null}"#;
    check("c.json", chroma, &[("ids", "a"), ("embeddings", "2: [1.0, 2.0]"), ("metadatas/label", "x")]);
    check("labels.json", r#"{"a": "x", "b": "y"}"#, &[("id", "a b"), ("label", "x y")]);
    check("r.json", r#"{"q": {"d": 1, "e": 0}, "p": {"d": 2}}"#, &[("", "q>d:1 q>e:0 p>d:2")]);
    check("qrels.json", r#"{"q": ["d"], "p": ["d", "e"]}"#, &[("", "q>d:1 p>d:1 p>e:1")]);
    check("lines.json", "{\"v\": [1, 2]}\n{\"v\": [3, 4]}", &[("v", rows)]);
    check("config.json", r#"{"a": 1}"#, &[("", "nothing")]);
}

#[test]
fn what_is_none_is_told_with_its_place() {
    let say = |path: &str, text: &str| of(path, text).unwrap_err();
    assert_eq!(
        say("a.jsonl", "{\"v\": [1, 2]}\n{\"v\": [1, 2, 3]}\n"),
        "a.jsonl, line 2: `v` has 3 numbers, and 2 before; correct it or leave the line out"
    );
    assert!(say("a.jsonl", "{\"v\"").starts_with("a.jsonl, line 1: it is no JSON ("));
    assert!(say("a.json", "[[1, 2], [3, 4, 5]]").contains("row 1 (counted from 0) has 3 numbers, and 2 before"));
    assert!(say("a.json", "{").starts_with("a.json cannot be read as JSON: "));
    let mixed = r#"[{"v": [1, 2]}, {"v": "abc"}]"#;
    assert!(say("a.json", mixed).contains("record 1 (counted from 0): `v` is `abc`"));
}
