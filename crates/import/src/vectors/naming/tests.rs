//! What words say.

use super::*;

fn said(path: &str, weak: bool) -> (Option<Kind>, Option<Part>, String) {
    let parsed = parse(path, &BTreeSet::new(), weak);
    (parsed.kind, parsed.part, joined(&parsed.rest))
}

#[test]
fn words_say_kind_part_and_model() {
    use Kind::{Documents, Queries};
    for (path, kind, part, model) in [
        ("corpus_old.npy", Some(Documents), None, "old"),
        ("text-embedding-3-small/queries.npy", Some(Queries), None, "text-embedding-3-small"),
        ("x/bge-small-en-v1.5_val_embeddings.npy", None, Some(Part::Val), "bge-small-en-v1.5"),
        ("set.npz/dev_new.npy", None, Some(Part::Val), "set-new"),
        ("all-MiniLM-L6-v2.test.query.npy.gz", Some(Queries), Some(Part::Test), "all-MiniLM-L6-v2"),
        ("embeddings.npy", None, None, ""),
        ("glove-50.zip/GloVe-50/documents.npy", Some(Documents), None, "glove-50"),
        ("e5-base_passages.npy", Some(Documents), None, "e5-base"),
    ] {
        assert_eq!(said(path, true), (kind, part, model.to_owned()), "{path}");
    }
}

#[test]
fn weak_words_count_where_they_are_asked_and_alone() {
    assert_eq!(said("old_base.npy", true), (Some(Kind::Documents), None, "old".into()));
    assert_eq!(said("e5_base.npy", false), (None, None, "e5-base".into()));
    assert_eq!(said("source.npy", true), (Some(Kind::Queries), None, String::new()));
    let common = BTreeSet::from(["test".to_owned()]);
    assert_eq!(parse("test/old_test.npy", &common, true).part, None);
}

#[test]
fn columns_of_texts_say_so_by_their_whole_name_or_its_end() {
    for name in ["text", "Title", "metadata/text", "query_text", "query", "question", "page_content"] {
        assert_eq!(column(name).used, Some(Use::Texts), "{name}");
    }
    for (name, expected) in
        [("query_0", None), ("text_id", Some(Use::Ids)), ("text_label", Some(Use::Labels)), ("text3", None)]
    {
        assert_eq!(column(name).used, expected, "{name}");
    }
}

#[test]
fn lists_are_ids_or_labels_by_the_nearest_word() {
    use Use::{Ids, Labels, Tasks, Texts};
    for (path, expected) in [
        ("labels.csv/id", Some(Ids)),
        ("ids/old.npy", Some(Ids)),
        ("corpus.jsonl/_id", Some(Ids)),
        ("label_ids.npy", Some(Labels)),
        ("target_ids.npy", Some(Ids)),
        ("target.npy", Some(Labels)),
        ("class_names.txt", None),
        ("scores.npy", None),
        ("topics/old.npy", None),
        ("labels/old.npy", Some(Labels)),
        ("labels.zip/old.npy", Some(Labels)),
        ("queries_task.txt", Some(Tasks)),
        ("query_type.npy", Some(Tasks)),
        ("task_labels.npy", Some(Labels)),
        ("task_ids.npy", Some(Ids)),
        ("tasks/queries.txt", Some(Tasks)),
        ("corpus_texts.npy", Some(Texts)),
        ("text-embedding-3-small.txt", None),
        ("query.npy", None),
    ] {
        assert_eq!(use_of(path), expected, "{path}");
    }
    assert!(judges("set/qrels/test.tsv") && judges("relevant_docs.json"));
    assert!(!judges("queries.tsv") && !judges("relevance-study/labels.csv"));
}
