//! What cannot be taken is told, with what to do.

use safetensors::{Dtype, serialize, tensor::TensorView};

use super::*;

#[test]
fn e18_arrays_of_objects() {
    let objects = npy("'|O'", "(120,)", false, b"\x80\x04 whatever");
    let files = vec![named("old.npy", objects.clone()), named("new.npy", objects), named("labels.npy", turns(120))];
    assert_eq!(
        say(files),
        "new.npy is an array of Python objects (dtype object); save its rows as one array of numbers, with np.save('new.npy', \
         np.stack(np.load('new.npy', allow_pickle=True)).astype('float32'))"
    );
}

#[test]
fn e21_a_dict() {
    assert_eq!(
        say(vec![named("embeddings.npy", npy("'|O'", "()", false, b"\x80\x04 whatever"))]),
        "embeddings.npy is a pickled Python object, such as a dict of arrays; save its arrays under their names, with \
         np.savez('embeddings.npz', **np.load('embeddings.npy', allow_pickle=True).item())"
    );
}

#[test]
fn e23_a_structured_array() {
    let records = npy("[('id', '<i8'), ('vector', '<f4', (24,))]", "(2,)", false, &[0; 2 * 104]);
    assert_eq!(
        say(with(pair(2), vec![named("old.npy", records)])),
        "old.npy is a structured array with the fields id, vector; save the one that holds the vectors by itself, with np.save('old.npy', \
         np.load('old.npy')['vector'])"
    );
}

#[test]
fn e24_floats_of_8_bits() {
    let (old, new) = (vec![0u8; 40], vec![0u8; 80]);
    let views = [
        ("old", TensorView::new(Dtype::F8_E4M3, vec![20, 2], &old).unwrap()),
        ("new", TensorView::new(Dtype::F16, vec![20, 2], &new).unwrap()),
    ];
    let said = say(vec![named("pair.safetensors", serialize(views, None).unwrap())]);
    assert!(
        said.starts_with("pair.safetensors/old holds values of type F8_E4M3; save vectors as floats of 16"),
        "{said}"
    );
}

#[test]
fn forms_beside_the_vectors_that_are_not_read_are_left_out() {
    let beside = case(with(pair(4), vec![named("corpus.feather", *b"FEA1")]));
    assert!(notes(&beside, "corpus.feather was left out"));
}

#[test]
fn what_makes_no_two_models_is_told() {
    assert!(say(vec![]).starts_with("no vectors were found (found: nothing); hand in"));
    assert!(say(vec![named("readme.md", "# a")]).starts_with("no vectors were found (found: readme.md)"));
    assert!(say(vec![named("old.npy", array(4, 2, 1))]).starts_with("vectors by only one model were found (old.npy)"));
    let three = vec![named("a.npy", array(4, 2, 1)), named("b.npy", array(4, 2, 2)), named("c.npy", array(4, 2, 3))];
    assert!(matches!(all(three), Gathered::WhichIsOld { models, .. } if models == ["a", "b", "c"]));
}

#[test]
fn arrays_that_do_not_fit_are_told() {
    assert_eq!(
        say(with(pair(4), vec![named("old.npy", array(5, 24, 1))])),
        "old.npy has 5 rows and new.npy 4; without ids both must be of the same documents in the same order, so hand in ids beside each \
         (such as old_ids.txt, one a line)"
    );
    let long = npy("'<f2'", "(2, 4097)", false, &vec![0; 2 * 2 * 4097]);
    assert_eq!(
        say(with(pair(2), vec![named("new.npy", long)])),
        "new.npy has 4097 numbers a row; a vector can have 2 to 4096, so hand in shorter or longer ones"
    );
    assert!(
        say(with(pair(4), vec![named("labels.npy", turns(3))]))
            .starts_with("labels.npy has 3 labels, and no array of vectors")
    );
    let queries = vec![named("old_queries.npy", array(3, 24, 3)), named("new_queries.npy", array(3, 31, 4))];
    assert_eq!(
        say(with(pair(4), queries)),
        "new.npy has 32 numbers a row and new_queries.npy 31, though both are by new; hand in vectors by one model"
    );
    let lonely = say(vec![named("old.npy", array(1, 2, 1)), named("new.npy", array(1, 2, 2))]);
    assert!(lonely.starts_with("there are 1 documents, and it takes at least 2"), "{lonely}");
}

#[test]
fn most_rows_without_numbers_are_told() {
    let nothing = rows(24, &[f32::NAN; 24 * 4]);
    assert_eq!(
        say(with(pair(4), vec![named("old.npy", nothing)])),
        "4 of 4 documents have a number that is NaN, infinite or missing (0 (old), 1 (old), 2 (old), 3 (old)); embed them again"
    );
}

#[test]
fn judgements_need_queries_that_they_name() {
    let qrels = || named("qrels.txt", "q1 0 d1 1\n");
    assert!(
        say(with(pair(4), vec![qrels()])).starts_with("qrels.txt judges queries, and there are no vectors of queries")
    );
    let queries = vec![named("old_queries.npy", array(3, 24, 3)), named("new_queries.npy", array(3, 32, 4)), qrels()];
    let said = say(with(pair(4), queries));
    assert!(
        said.contains(
            "it names the query `q1` and the document `d1`, the arrays have no ids for queries and no ids for documents"
        ),
        "{said}"
    );
}
