//! Embeddings by several models.

use data::gzip;
use proptest::prelude::*;
use safetensors::{Dtype, serialize, tensor::TensorView};

mod faults;

use super::{arrays, load, say};
use crate::{
    Imported, NamedFile, import, limits,
    testing::{labels, named, npy, rows, zip},
};

/// As many rows as there are labels, 0 and 1 in turn.
fn turns(count: usize) -> Vec<u8> {
    labels(&(0..count).map(|row| (row % 2) as u8).collect::<Vec<_>>())
}

/// `count` rows of `dims` numbers: `from` + row, and a tenth more for each column.
fn counted(count: usize, dims: usize, from: f32) -> Vec<u8> {
    let value = |at: usize| from + (at / dims) as f32 + (at % dims) as f32 * 0.125;
    rows(dims, &(0..count * dims).map(value).collect::<Vec<_>>())
}

/// Both parts of two models: old with 2 numbers, new with 3.
fn pair() -> Vec<NamedFile> {
    vec![
        named("old_train.npy", counted(16, 2, 0.0)),
        named("old_test.npy", counted(4, 2, 100.0)),
        named("new_train.npy", counted(16, 3, 200.0)),
        named("new_test.npy", counted(4, 3, 300.0)),
        named("labels_train.npy", turns(16)),
        named("labels_test.npy", turns(4)),
    ]
}

/// The pair with other files in the place of some, or beside them.
fn with(changed: Vec<NamedFile>) -> Vec<NamedFile> {
    let mut files = pair();
    files.retain(|file| changed.iter().all(|other| other.path != file.path));
    files.extend(changed);
    files
}

/// The pair without the files whose paths contain `word`.
fn without(word: &str) -> Vec<NamedFile> {
    let mut files = pair();
    files.retain(|file| !file.path.contains(word));
    files
}

fn models(imported: &Imported) -> Vec<(&str, u32)> {
    imported.manifest.given.iter().map(|model| (model.name.as_str(), model.dims)).collect()
}

#[test]
fn arrays_with_parts_become_a_dataset() {
    let imported = import(pair()).unwrap();
    let manifest = &imported.manifest;
    assert_eq!(models(&imported), [("old", 2), ("new", 3)]);
    assert_eq!(manifest.shape, data::ImageShape { channels: 1, height: 1, width: 5 });
    assert_eq!(manifest.name, "Own embeddings");
    assert_eq!(manifest.description, "Your own embeddings by 2 models (old 2, new 3 dims), 2 classes.");
    assert_eq!(manifest.class_names, ["0", "1"]);
    assert_eq!((&manifest.train.0, &manifest.test.0), (&vec![8, 8], &vec![2, 2]));
    assert_eq!(
        manifest.sampling,
        "Training and test rows are as the names of files and folders say. All rows of these classes."
    );
    assert_eq!(
        imported.notices,
        [
            "Models, oldest first: old (2 dims), new (3 dims). Where that is not their order, name them old and new, or v1, v2 and so on."
        ]
    );
    let paths: Vec<&str> = imported.files.iter().map(|file| file.path.as_str()).collect();
    let kinds = ["train-images.idx2-gzip", "train-labels.idx1-gzip", "test-images.idx2-gzip", "test-labels.idx1-gzip"];
    assert_eq!(paths, kinds.map(|kind| format!("{}/{kind}", manifest.id)));

    let dataset = load(&imported);
    assert_eq!(dataset.given, manifest.given);
    assert_eq!(dataset.test.labels(), [0, 0, 1, 1]);
    let expected = [0, 2, 1, 3].map(|row| {
        let (old, new) = (100.0 + row as f32, 300.0 + row as f32);
        [old, old + 0.125, new, new + 0.125, new + 0.25]
    });
    assert_eq!(dataset.test.items().all_rows(), expected.concat());
    assert_eq!(dataset.train.items().row(1).unwrap(), [2.0, 2.125, 202.0, 202.125, 202.25]);
    assert_eq!(dataset.train.items().row(15).unwrap()[2], 215.0);
}

#[test]
fn an_archive_of_numpy_without_parts_is_split() {
    let imported = import(vec![named("pets.npz", *include_bytes!("fixtures/pair.npz"))]).unwrap();
    assert_eq!(models(&imported), [("old", 2), ("new", 3)]);
    assert_eq!(imported.manifest.name, "pets");
    assert_eq!(imported.manifest.class_names, ["cat", "dog"]);
    assert_eq!(
        imported.notices[1],
        "No part was named, so the rows were split. The second of every 6 rows of a class, in the order of the arrays, is a test row."
    );
    let dataset = load(&imported);
    assert_eq!((dataset.train.len(), dataset.test.len()), (16, 4));
    let expected = [2.0f32, 14.0, 3.0, 15.0].map(|row| [row, row + 0.5, row, -row, row / 4.0]);
    assert_eq!(dataset.test.items().all_rows(), expected.concat());
}

#[test]
fn tensors_are_read_beside_arrays() {
    let bytes = |from: f32| (0..40).flat_map(move |at| half::f16::from_f32(from + at as f32).to_le_bytes()).collect();
    let (old, new): (Vec<u8>, Vec<u8>) = (bytes(0.0), bytes(50.0));
    let wide: Vec<u8> = (0..20).flat_map(|row| i64::from(row % 2 == 0).to_le_bytes()).collect();
    let views = [
        ("v2", Dtype::F16, vec![20, 2], &new),
        ("v1", Dtype::F16, vec![20, 2], &old),
        ("y", Dtype::I64, vec![20], &wide),
    ];
    let views = views.map(|(name, dtype, shape, data)| (name, TensorView::new(dtype, shape, data).unwrap()));
    let file = named("both.safetensors", serialize(views, None).unwrap());
    let imported = import(vec![file.clone()]).unwrap();
    assert_eq!(models(&imported), [("v1", 2), ("v2", 2)]);
    assert_eq!(load(&imported).test.items().row(0).unwrap(), [6.0, 7.0, 56.0, 57.0]);
    let third = import(vec![file, named("v10.npy.gz", gzip(&counted(20, 4, 0.0)).unwrap())]).unwrap();
    assert_eq!(models(&third), [("both-v1", 2), ("both-v2", 2), ("v10", 4)]);
}

#[test]
fn columns_first_and_big_endian_give_the_same_numbers() {
    let plain = import(pair()).unwrap();
    let value = |row: usize, column: usize| (row as f32 + column as f32 * 0.125).to_be_bytes();
    let turned: Vec<u8> = (0..2).flat_map(|column| (0..16).flat_map(move |row| value(row, column))).collect();
    let files = with(vec![named("old_train.npy", npy("'>f4'", "(16, 2)", true, &turned))]);
    assert_eq!(import(files).unwrap(), plain);
}

#[test]
fn strings_name_classes() {
    let names = |count: usize| {
        let name = |row: usize| if row.is_multiple_of(2) { *b"cat\0" } else { *b"bird" };
        npy("'|S4'", &format!("({count},)"), false, &(0..count).flat_map(name).collect::<Vec<u8>>())
    };
    let imported =
        import(with(vec![named("labels_train.npy", names(16)), named("labels_test.npy", names(4))])).unwrap();
    assert_eq!(imported.manifest.class_names, ["bird", "cat"]);
    let empty = npy("'|S1'", "(4,)", false, b"ab\0a");
    assert_eq!(
        say(with(vec![named("labels_test.npy", empty)])),
        "labels_test.npy, row 2 (counted from 0): the label is empty; fill it in or leave the row out everywhere"
    );
}

#[test]
fn the_order_of_files_does_not_matter_and_names_do() {
    let first = import(pair()).unwrap();
    let mut files = pair();
    files.reverse();
    assert_eq!(import(files).unwrap(), first);
    let packed: Vec<NamedFile> = pair();
    let archive = zip(packed.iter().map(|file| (file.path.as_str(), file.bytes.as_slice())));
    assert_eq!(import(vec![named("e.npz", archive.clone())]).unwrap().files, first.files);
    assert_eq!(import(vec![named("e.zip", archive)]).unwrap().files, first.files);
    let mut renamed = pair();
    renamed.iter_mut().for_each(|file| file.path = file.path.replace("old", "v1").replace("new", "v2"));
    let other = import(renamed).unwrap();
    assert_eq!(models(&other), [("v1", 2), ("v2", 3)]);
    let digests =
        |imported: &Imported| imported.manifest.files.iter().map(|file| file.sha256.clone()).collect::<Vec<_>>();
    assert_eq!(digests(&other), digests(&first));
    assert_ne!(other.manifest.id, first.manifest.id);
}

#[test]
fn labels_by_name_come_before_what_looks_like_some() {
    let mut files = with(vec![named("index_test.npy", labels(&[4, 3, 2, 1])), named("y_test.npy", turns(4))]);
    let imported = import(files.clone()).unwrap();
    assert_eq!(imported.notices[0], "As other arrays are named labels, these were left out: index_test.npy.");
    files.push(named("targets_test.npy", labels(&[0, 1, 1, 1])));
    assert_eq!(
        say(files),
        "labels_test.npy and targets_test.npy both are labels of the test rows but differ; all models must have embedded the same \
         items in the same order, so hand in one array of labels for them"
    );
}

#[test]
fn embeddings_come_before_other_forms() {
    let [images, numbers] = arrays::digits(24);
    let files = with(vec![named("i.idx3-ubyte", images), named("l.idx1-ubyte", numbers)]);
    let notices = import(files).unwrap().notices;
    assert_eq!(notices[0], "Embeddings were taken; IDX arrays beside them were left out: i.idx3-ubyte, l.idx1-ubyte.");
    let mut nested = pair();
    nested.push(named("more.zip", zip([("a.npz", b"PK\x03\x04".as_slice())])));
    assert_eq!(import(nested).unwrap().notices[0], "Archives within archives were left out: more/a.npz.");
    assert!(say(vec![named("a.npz", *b"<html>")]).starts_with("a.npz cannot be opened as a zip archive: it does not"));
}

#[test]
fn so_many_numbers_are_too_many() {
    let (dims, count) = (1024, 8000);
    let classes: Vec<u8> = (0..count).map(|row| (row % 50) as u8).collect();
    let one = npy("'<f2'", &format!("({count}, {dims})"), false, &vec![0; count * dims * 2]);
    let files = ["a.npy", "b.npy", "c.npy"].map(|path| named(path, one.clone()));
    let imported = import([files.to_vec(), vec![named("y.npy", labels(&classes))]].concat()).unwrap();
    let manifest = &imported.manifest;
    let (train, test) = (manifest.train.total(), manifest.test.total());
    assert_eq!((train, test), (4300, 850));
    assert!((train + test) * manifest.shape.width <= limits::FLOATS);
    assert_eq!(
        imported.notices[1..3],
        [
            "4300 of 6650 training rows were taken: at most 86 of a class and 4340 in all.",
            "850 of 1350 test rows were taken: at most 17 of a class and 868 in all.",
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_order_gives_the_same(files in Just(pair()).prop_shuffle()) {
        prop_assert_eq!(import(files).unwrap(), import(pair()).unwrap());
    }

    #[test]
    fn damaged_arrays_never_panic(file in 0usize..6, at in any::<prop::sample::Index>(), value: u8) {
        let mut files = pair();
        let at = at.index(files[file].bytes.len());
        files[file].bytes[at] = value;
        let _ = import(files);
    }
}
