//! Which model is which, and what belongs to it.

use super::*;

fn things(paths: &[&str]) -> Vec<Thing> {
    let thing = |path: &&str| {
        let list = path.contains("ids") || path.contains("labels");
        let body = if list {
            Body::Names(Names::default())
        } else {
            Body::Matrix(Matrix::Held { dims: 2, numbers: vec![0.0; 4] })
        };
        Thing { path: (*path).to_owned(), bundle: None, body }
    };
    paths.iter().map(thing).collect()
}

fn options(old: Option<&str>, new: Option<&str>) -> Gathering {
    Gathering { old: old.map(str::to_owned), new: new.map(str::to_owned), ..Gathering::default() }
}

/// "old > new" with their arrays' kinds and parts, or the question.
fn told(paths: &[&str], options: &Gathering) -> String {
    let cast = cast(things(paths), options);
    match pick(&cast.models, options) {
        Ok(Pick::Two { old, new, .. }) => format!("{} > {}", cast.models[old].name, cast.models[new].name),
        Ok(Pick::Ask(why)) => why,
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn names_tell_which_is_old() {
    let cases: &[(&[&str], &str)] = &[
        (
            &["text-embedding-3-small.npy", "text-embedding-ada-002.npy"],
            "text-embedding-ada-002 > text-embedding-3-small",
        ),
        (&["new.npy", "old.npy"], "old > new"),
        (&["set.npz/wordnet_new.npy", "set.npz/wordnet_old.npy"], "old > new"),
        (
            &[
                "d/all-MiniLM-L6-v2/corpus.npy",
                "d/all-MiniLM-L6-v2/queries.npy",
                "d/glove/corpus.npy",
                "d/glove/queries.npy",
            ],
            "glove > all-MiniLM-L6-v2",
        ),
        (&["old_base.npy", "old_query.npy", "new_base.npy", "new_query.npy"], "old > new"),
        (&["e5-base.npy", "e5-base-queries.npy", "bge-m3.npy", "bge-m3-queries.npy"], "e5-base > bge-m3"),
        (&["source.npy", "target.npy"], "source > target"),
        (&["source_old.npy", "target_old.npy", "source_new.npy", "target_new.npy"], "old > new"),
        (&["e.jsonl/small3", "e.jsonl/ada"], "ada > small3"),
        (&["new.npy", "mid.npy", "old.npy"], "old > new"),
        (&["a.npy", "b.npy"], "the names of a and b do not tell which is old and which is new"),
        (
            &["e.npz/arr_0.npy", "e.npz/arr_1.npy"],
            "the names of arr-0 and arr-1 do not tell which is old and which is new",
        ),
    ];
    for &(paths, expected) in cases {
        assert_eq!(told(paths, &Gathering::default()), expected, "{paths:?}");
    }
    assert!(told(&["a.npy", "b.npy", "c.npy"], &Gathering::default()).starts_with("3 models were found (a, b, c)"));
    assert!(told(&["old.npy"], &Gathering::default()).starts_with("vectors by only one model were found (old.npy)"));
}

#[test]
fn what_is_said_counts_more_than_names() {
    let paths = ["new.npy", "old.npy"];
    assert_eq!(told(&paths, &options(Some("new"), None)), "new > old");
    assert_eq!(told(&paths, &options(None, Some("old"))), "new > old");
    assert_eq!(
        told(&paths, &options(Some("x"), None)),
        "there is no model `x` (there are new, old); name one of these"
    );
    assert!(told(&paths, &options(Some("old"), Some("old"))).starts_with("`old` was named both"));
    let three = ["a.npy", "b.npy", "c.npy"];
    assert_eq!(told(&three, &options(Some("c"), Some("a"))), "c > a");
    assert!(told(&three, &options(Some("c"), None)).ends_with("say which of them is the new one"));
    let folders = ["west/emb/corpus.npy", "west/emb/query.npy", "east/emb/corpus.npy", "east/emb/query.npy", "ids.txt"];
    assert_eq!(told(&folders, &options(Some("east/emb"), Some("west/emb"))), "east > west");
    let cast = cast(things(&folders), &options(Some("east/emb"), Some("west/emb")));
    assert!(cast.models.iter().all(|model| model.arrays.iter().any(|array| array.kind == Kind::Queries)));
}

#[test]
fn lists_belong_to_the_model_in_their_name() {
    let paths = ["e5.npy", "e5-large.npy", "e5-large_ids.npy", "e5_ids.npy", "ids.npy", "test_labels.npy"];
    let cast = cast(things(&paths), &Gathering::default());
    let names: Vec<&str> = cast.models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names, ["e5", "e5-large"]);
    let said: Vec<_> = cast.beside.iter().map(|list| (list.model, list.used, list.part)).collect();
    let ids = Some(Use::Ids);
    assert_eq!(said, [(Some(1), ids, None), (Some(0), ids, None), (None, ids, None), (None, Some(Use::Labels), None)]);
}

#[test]
fn lists_of_queries_need_vectors_of_queries() {
    let cast =
        cast(things(&["corpus_old.npy", "corpus_new.npy", "queries_ids.txt", "corpus_ids.txt"]), &Gathering::default());
    assert_eq!((cast.extras.len(), cast.beside.len()), (1, 1));
    let asks = self::cast(things(&["queries_old.npy", "queries_new.npy", "queries_ids.txt"]), &Gathering::default());
    assert_eq!((asks.extras.len(), asks.beside.len()), (0, 1));
}

#[test]
fn a_folder_called_after_the_parts_hides_none() {
    let paths =
        ["train-test/train_old.npy", "train-test/test_old.npy", "train-test/train_new.npy", "train-test/test_new.npy"];
    let cast = cast(things(&paths), &Gathering::default());
    let parts = |model: &Model| model.arrays.iter().map(|array| array.part).collect::<Vec<_>>();
    assert_eq!(cast.models.len(), 2);
    for model in &cast.models {
        assert_eq!(parts(model), [Some(Part::Train), Some(Part::Test)]);
    }
}
