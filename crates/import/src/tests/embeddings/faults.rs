//! What does not fit together is told.

use super::{counted, turns, with, without};
use crate::{
    NamedFile, import,
    testing::{labels, named, npy, rows},
    tests::say,
};

#[test]
fn models_that_are_missing_or_too_many_are_told() {
    assert_eq!(
        say(without("labels")),
        "no array of labels belongs to the embeddings (found: new_train.npy, new_test.npy, old_train.npy and 1 more); hand in one with \
         `labels` in its name, a whole number or a string for each row"
    );
    assert_eq!(
        say(without("labels_test")),
        "no array of labels belongs to the test embeddings (found: new_test.npy, old_test.npy); hand in one with `labels` in its name, \
         a whole number or a string for each row"
    );
    assert_eq!(
        say(without("new")),
        "embeddings by only one model were found (old_train.npy, old_test.npy); hand in those of the same items by two or more models, \
         with names such as old and new, or v1 and v2"
    );
    let labels_alone = say(vec![named("labels.npy", turns(4))]);
    assert!(labels_alone.starts_with("embeddings by no model were found (labels.npy); hand in"), "{labels_alone}");
    let mut nine: Vec<NamedFile> = (1..=9).map(|at| named(&format!("v{at}.npy"), counted(20, 2, 0.0))).collect();
    nine.push(named("labels.npy", turns(20)));
    assert_eq!(
        say(nine.clone()),
        "embeddings by 9 models were found (v1, v2, v3 and 6 more); at most 8 can follow one another, so hand in fewer"
    );
    nine.remove(0);
    assert_eq!(import(nine).unwrap().manifest.shape.width, 16);
    assert_eq!(
        say(without("new_test")),
        "model new has new_train.npy but no test embeddings; hand them in, or name all arrays of a model alike but for the part"
    );
    assert_eq!(
        say(with(vec![named("x_old_test.npy", counted(4, 2, 0.0))])),
        "old_test.npy and x_old_test.npy both are test embeddings by model old by their names; name every array after its model, such as \
         old_train.npy"
    );
    let mut unmarked = without("labels");
    unmarked.push(named("labels.npy", turns(16)));
    assert_eq!(
        say(unmarked),
        "new_test.npy names a part (training or test) and labels.npy none; put `train` or `test` in the names of all arrays, labels too, \
         or of none"
    );
}

#[test]
fn arrays_that_do_not_fit_are_told() {
    let old_test = |bytes: Vec<u8>| say(with(vec![named("old_test.npy", bytes)]));
    let labels_test = |bytes: Vec<u8>| say(with(vec![named("labels_test.npy", bytes)]));
    assert_eq!(
        old_test(counted(5, 2, 0.0)),
        "labels_test.npy has 4 labels and old_test.npy 5 rows; every model must have embedded the same items in the same order"
    );
    assert_eq!(
        old_test(counted(4, 3, 0.0)),
        "old_train.npy has 2 numbers a row and old_test.npy 3, though both are of model old; hand in embeddings by one model under one \
         name"
    );
    assert_eq!(
        old_test(npy("'<i4'", "(4, 2)", false, &[0; 32])),
        "old_test.npy holds values of type <i4; save embeddings as floats of 16, 32 or 64 bits, such as float32"
    );
    assert_eq!(
        labels_test(npy("'<f4'", "(4,)", false, &[0; 16])),
        "labels_test.npy holds values of type <f4; save labels as whole numbers or, in a .npy file, as strings (numpy: \
         labels.astype(str))"
    );
    assert_eq!(
        old_test(npy("'<f4'", "(4, 2, 3)", false, &[0; 96])),
        "old_test.npy is an array of shape [4, 2, 3]; embeddings have the shape [rows, numbers of a row], so reshape it or leave it out"
    );
    assert_eq!(
        labels_test(npy("'|u1'", "(4, 2)", false, &[0; 8])),
        "labels_test.npy is an array of shape [4, 2]; labels have the shape [rows], one number or string for each row"
    );
    let values = [0.0, 1.0, 2.0, f32::NAN, 4.0, 5.0, 6.0, 7.0];
    assert_eq!(
        old_test(rows(2, &values)),
        "old_test.npy, row 1, column 1 (counted from 0): NaN is no finite number of 32 bits; correct it or leave the row out everywhere"
    );
    let large =
        npy("'<f8'", "(4, 2)", false, &[1e300f64; 8].iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>());
    assert!(old_test(large).starts_with("old_test.npy, row 0, column 0 (counted from 0): inf is no finite number"));
    let narrow = with(vec![named("old_test.npy", counted(4, 1, 0.0)), named("old_train.npy", counted(16, 1, 0.0))]);
    assert_eq!(
        say(narrow),
        "old_train.npy has 1 numbers a row; an embedding can have 2 to 1024, so hand in shorter or longer ones"
    );
    let wide = with(vec![named("old_test.npy", counted(4, 1025, 0.0)), named("old_train.npy", counted(16, 1025, 0.0))]);
    assert!(say(wide).starts_with("old_train.npy has 1025 numbers a row; an embedding can have 2 to 1024"));
    assert!(
        old_test(b"torn".to_vec()).starts_with("old_test.npy cannot be read as a .npy array: it does not begin as one")
    );
    let few = with(vec![named("labels_train.npy", labels(&[0; 16])), named("labels_test.npy", labels(&[0; 4]))]);
    assert_eq!(
        say(few),
        "1 of the 1 classes found can be used (there are no others); hand in rows of at least two classes, at least 8 of each"
    );
}
