//! Loading through a manifest: a small dataset made here, and the one that ships.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

use data::{
    Augmentation, DataError, DatasetManifest, FileEntry, IdxArray, ImageShape, ItemShape, Manifest, PerClassCounts,
    Provenance, Role, Seed, TestSubset, TrainSubset, fill_batch, gzip, load, names_by_turn, settings_of,
};

use protocol::{DatasetInfo, GivenModel, ItemKind, Parameter};

type Files = HashMap<String, Vec<u8>>;

fn try_load(manifest: &DatasetManifest, files: &Files) -> Result<data::Dataset, DataError> {
    load(manifest, |path| files.get(path).map(Vec::as_slice))
}

/// Two colour pictures of 1 x 2 to train on and one to test on, of two classes.
fn toy() -> (DatasetManifest, Files) {
    let array = |shape: &[usize], values: &[u8]| {
        gzip(&IdxArray::new(shape.to_vec(), values.to_vec()).unwrap().write()).unwrap()
    };
    let contents = [
        (Role::TrainImages, array(&[2, 3, 1, 2], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])),
        (Role::TrainLabels, array(&[2], &[1, 0])),
        (Role::TestImages, array(&[1, 3, 1, 2], &[9; 6])),
        (Role::TestLabels, array(&[1], &[1])),
    ];
    let manifest = DatasetManifest {
        id: "toy".into(),
        name: "Toy".into(),
        description: "Two pictures.".into(),
        provenance: Provenance {
            package: "none".into(),
            package_version: "0".into(),
            licence: "CC0-1.0".into(),
            copyright: "none".into(),
            homepage: String::new(),
        },
        shape: ImageShape { channels: 3, height: 1, width: 2 },
        given: Vec::new(),
        turned: false,
        class_names: vec!["a".into(), "b".into()],
        sampling: "All of it.".into(),
        train: PerClassCounts(vec![1, 1]),
        test: PerClassCounts(vec![0, 1]),
        files: contents.iter().map(|(role, bytes)| FileEntry::describe(format!("toy/{role}"), *role, bytes)).collect(),
    };
    (manifest, contents.into_iter().map(|(role, bytes)| (format!("toy/{role}"), bytes)).collect())
}

/// Puts other content into the file of a role, with a manifest that agrees with its bytes.
fn replace(manifest: &mut DatasetManifest, files: &mut Files, role: Role, bytes: Vec<u8>) {
    for entry in manifest.files.iter_mut().filter(|entry| entry.role == role) {
        *entry = FileEntry::describe(entry.path.clone(), role, &bytes);
        files.insert(entry.path.clone(), bytes.clone());
    }
}

#[test]
fn rows_of_given_models_arrive_as_they_are() {
    let (mut manifest, mut files) = toy();
    let array = |shape: &[usize], values: &[f32]| {
        gzip(&IdxArray::new(shape.to_vec(), values.to_vec()).unwrap().write()).unwrap()
    };
    replace(&mut manifest, &mut files, Role::TrainImages, array(&[2, 3], &[0.5, -1.0, 2.0, 3.0, 4.0, 1e-9]));
    replace(&mut manifest, &mut files, Role::TestImages, array(&[1, 3], &[7.0, 8.0, 9.0]));
    let model = |name: &str, dims| GivenModel { name: name.into(), dims };
    manifest.shape = ImageShape { channels: 1, height: 1, width: 3 };
    manifest.given = vec![model("old", 1), model("new", 2)];
    let dataset = try_load(&manifest, &files).unwrap();
    assert_eq!((&dataset.given, dataset.train.items().shape()), (&manifest.given, ItemShape::Rows { width: 3 }));
    assert_eq!(dataset.train.items().row(1).unwrap(), [3.0, 4.0, 1e-9]);
    assert!(matches!(dataset.train.items().row(2), Err(DataError::NoSuchItem { index: 2, len: 2 })));
    assert!(dataset.train.items().picture(0).is_err(), "a row is no picture");

    // No augmentation touches a row.
    let augmentation = Augmentation { max_shift: 2, noise_std: 1.0 }.for_epoch(Seed(1), 3);
    let mut batch = Vec::new();
    fill_batch(dataset.train.items(), &dataset.normalisation, &[1, 0], Some(&augmentation), &mut batch).unwrap();
    assert_eq!(batch, [3.0, 4.0, 1e-9, 0.5, -1.0, 2.0]);

    manifest.given[1].dims = 3;
    let fault = try_load(&manifest, &files).unwrap_err().to_string();
    assert!(fault.starts_with("toy/train-images") && fault.contains("expected"), "{fault}");
}

#[test]
fn a_manifest_says_in_a_few_words_what_it_lists() {
    let (mut manifest, _) = toy();
    manifest.train = PerClassCounts(vec![7, 9]);
    manifest.given = vec![GivenModel { name: "old".into(), dims: 3 }];
    let expected = DatasetInfo {
        id: "toy".into(),
        name: "Toy".into(),
        items: ItemKind::Rows,
        classes: 2,
        train_per_class: 9,
        test_per_class: 1,
        given: manifest.given.clone(),
        parameters: settings_of(&manifest.given).0,
        ..DatasetInfo::default()
    };
    assert_eq!(manifest.info().unwrap(), expected);
    let ids = |(parameters, _): (Vec<Parameter>, Vec<Parameter>)| -> Vec<String> {
        parameters.into_iter().map(|it| it.id).collect()
    };
    assert_eq!(ids(settings_of(&manifest.given)), ["class_order"]);
    assert_eq!(ids(settings_of(&[])), ["class_order", "tampered", "tampered_share"]);
    manifest.test = PerClassCounts(vec![1 << 32, 1]);
    let fault = manifest.info().unwrap_err().to_string();
    assert_eq!(fault, "there are 4294967296 items of a class, at most 4294967295 are possible; leave some out");
}

#[test]
fn pictures_and_labels_arrive_in_order() {
    let (manifest, files) = toy();
    let dataset = try_load(&manifest, &files).unwrap();
    assert_eq!(dataset.train.labels(), [1, 0]);
    assert_eq!(dataset.train.items().picture(1).unwrap(), [7, 8, 9, 10, 11, 12]);
    assert_eq!(dataset.test.items().all_pixels(), [9; 6]);
    assert_eq!(dataset.normalisation.mean.len(), 3);
    assert_eq!(dataset.normalisation.mean[0], 4.5 / 255.0);
}

#[test]
fn a_missing_file_is_named() {
    let (mut manifest, mut files) = toy();
    files.remove("toy/test-labels");
    assert_eq!(
        try_load(&manifest, &files).unwrap_err().to_string(),
        "toy/test-labels was not delivered; fetch it again"
    );
    manifest.files.pop();
    assert_eq!(
        try_load(&manifest, &files).unwrap_err().to_string(),
        "the manifest of dataset toy lists no test-labels file"
    );
}

#[test]
fn content_that_contradicts_the_manifest_is_refused() {
    let say = |role, content: Vec<u8>| {
        let (mut manifest, mut files) = toy();
        replace(&mut manifest, &mut files, role, content);
        try_load(&manifest, &files).unwrap_err().to_string()
    };
    let idx = |shape: &[usize], values: &[u8]| IdxArray::new(shape.to_vec(), values.to_vec()).unwrap().write();
    let packed = |bytes: &[u8]| gzip(bytes).unwrap();

    let swapped = say(Role::TrainImages, packed(&idx(&[2, 3, 2, 1], &[0; 12])));
    assert!(
        swapped.starts_with("toy/train-images: expected an array of shape [2, 3, 1, 2], found [2, 3, 2, 1]"),
        "{swapped}"
    );
    let short = say(Role::TrainImages, packed(&idx(&[2, 3, 1, 2], &[0; 12])[..20]));
    assert_eq!(short, "toy/train-images is not a whole IDX file: expected 32 bytes, found 20");
    let bomb = say(Role::TrainLabels, packed(&[0; 100_000]));
    assert_eq!(bomb, "toy/train-labels cannot be unpacked: it unpacks to more than the expected 10 bytes");
    let bare = say(Role::TrainLabels, idx(&[2], &[0, 1]));
    assert!(bare.starts_with("toy/train-labels cannot be unpacked: "), "{bare}");
    let counts = say(Role::TrainLabels, packed(&idx(&[2], &[1, 1])));
    assert!(counts.starts_with("toy/train-labels: expected 1 items of class 0, found 0"), "{counts}");
    assert_eq!(say(Role::TrainLabels, packed(&idx(&[2], &[0, 2]))), "item 1 has label 2, but there are 2 classes");
}

#[test]
fn turned_pictures_must_be_square_and_are_counted_as_they_come_out() {
    let (mut manifest, mut files) = toy();
    manifest.turned = true;
    manifest.class_names = names_by_turn(&manifest.class_names);
    let say = |manifest: &DatasetManifest, files: &Files| try_load(manifest, files).unwrap_err().to_string();
    let wide = "only square pictures can be turned, but the items are pictures of 3 x 1 x 2 pixels";
    assert_eq!(say(&manifest, &files), wide);
    let array = |shape: &[usize], values: &[u8]| {
        gzip(&IdxArray::new(shape.to_vec(), values.to_vec()).unwrap().write()).unwrap()
    };
    manifest.shape = ImageShape { channels: 1, height: 2, width: 2 };
    let pixels = array(&[3, 2, 2], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    replace(&mut manifest, &mut files, Role::TrainImages, pixels);
    replace(&mut manifest, &mut files, Role::TrainLabels, array(&[3], &[1, 0, 1]));
    replace(&mut manifest, &mut files, Role::TestImages, array(&[1, 2, 2], &[9; 4]));
    manifest.train = PerClassCounts(vec![1, 2]);
    let counts = say(&manifest, &files);
    assert!(counts.starts_with("toy/train-labels: expected 2 items of class 1, found 1"), "{counts}");
    manifest.train = PerClassCounts(vec![1, 1, 0, 1]);
    let dataset = try_load(&manifest, &files).unwrap();
    assert_eq!((dataset.train.labels(), dataset.test.labels()), (&[1, 0, 3][..], &[1][..]));
    assert_eq!(dataset.train.items().all_pixels(), [1, 2, 3, 4, 5, 6, 7, 8, 11, 9, 12, 10]);
    assert_eq!(dataset.class_names[3], "b, 90°");
}

#[test]
fn a_manifest_survives_json() {
    let turned = DatasetManifest { turned: true, ..toy().0 };
    let manifest = Manifest { version: Manifest::VERSION, datasets: vec![toy().0, turned] };
    let json = serde_json::to_vec(&manifest).unwrap();
    assert_eq!(Manifest::parse(&json).unwrap(), manifest);
}

fn shipped() -> (DatasetManifest, Files) {
    listed("fashion-mnist")
}

/// A dataset of those that ship, with its files.
fn listed(id: &str) -> (DatasetManifest, Files) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../public/data");
    let manifest = Manifest::parse(&std::fs::read(root.join("manifest.json")).unwrap()).unwrap();
    let dataset = manifest.dataset(id).unwrap().clone();
    let read = |entry: &FileEntry| (entry.path.clone(), std::fs::read(root.join(&entry.path)).unwrap());
    let files = dataset.files.iter().map(read).collect();
    (dataset, files)
}

#[test]
fn fashion_mnist_loads_as_shipped() {
    let (manifest, files) = shipped();
    let dataset = try_load(&manifest, &files).unwrap();
    assert_eq!(dataset.class_names[9], "Ankle boot");
    assert_eq!((dataset.train.len(), dataset.test.len()), (10_000, 2_000));
    assert_eq!((manifest.train.total(), manifest.test.total()), (10_000, 2_000));
    // The first labels of the source files; the known mean and deviation of the 60,000 are 0.2860
    // and 0.3530.
    assert_eq!(dataset.train.labels()[..5], [9, 0, 0, 3, 0]);
    assert_eq!(dataset.test.labels()[..5], [9, 2, 1, 1, 6]);
    assert!((dataset.normalisation.mean[0] - 0.286).abs() < 0.003, "{:?}", dataset.normalisation);
    assert!((dataset.normalisation.std[0] - 0.353).abs() < 0.003, "{:?}", dataset.normalisation);

    let whole = TrainSubset { classes: 10, per_class: 1000, fraction: 1.0 }.indices(&dataset, Seed(1)).unwrap();
    assert_eq!(whole.len(), 10_000);
    assert_eq!(TestSubset { per_class: 200 }.indices(&dataset, Seed(1)).unwrap().len(), 2_000);
}

#[test]
fn turned_they_are_the_same_pictures_in_forty_classes() {
    let ((upright, files), (manifest, _)) = (shipped(), listed("fashion-mnist-turned"));
    assert_eq!((&manifest.files, &manifest.provenance), (&upright.files, &upright.provenance));
    assert_eq!(manifest.class_names, names_by_turn(&upright.class_names));
    let [upright, turned] = [&upright, &manifest].map(|manifest| try_load(manifest, &files).unwrap());
    assert_eq!((turned.class_names.len(), turned.class_names[13].as_str()), (40, "Dress, 90°"));
    assert_eq!(turned.normalisation, upright.normalisation);
    for (part, of, count) in [(&turned.train, &upright.train, 250), (&turned.test, &upright.test, 50)] {
        assert!(part.by_class(40).iter().all(|items| items.len() == count));
        for (index, (&label, &article)) in part.labels().iter().zip(of.labels()).enumerate() {
            // Each stands where it stood, so none is there twice.
            let [picture, was] = [part, of].map(|part| part.items().picture(index).unwrap());
            assert_eq!(label % 10, article);
            match label / 10 {
                0 => assert_eq!(picture, was),
                // The first row is the first column, read upwards; or the last, read downwards.
                1 => assert!(picture[..28].iter().eq(was.iter().step_by(28).rev())),
                2 => assert!(picture.iter().eq(was.iter().rev())),
                _ => assert!(picture[..28].iter().eq(was[27..].iter().step_by(28))),
            }
        }
    }
}

#[test]
fn no_test_picture_of_fashion_mnist_is_also_a_training_picture() {
    let (manifest, files) = shipped();
    let dataset = try_load(&manifest, &files).unwrap();
    let pictures = |part: &data::Part| -> HashSet<Vec<u8>> {
        (0..part.len()).map(|index| part.items().picture(index).unwrap().to_vec()).collect()
    };
    assert!(pictures(&dataset.train).is_disjoint(&pictures(&dataset.test)));
}

#[test]
fn a_cut_copy_is_refused() {
    let (manifest, mut files) = shipped();
    let entry = manifest.file(Role::TrainImages).unwrap();
    files.get_mut(&entry.path).unwrap().truncate(1000);
    let expected = format!(
        "{}: expected {} bytes, found 1000; the file was cut short or replaced, fetch it again",
        entry.path, entry.bytes
    );
    assert_eq!(try_load(&manifest, &files).unwrap_err().to_string(), expected);
}

#[test]
fn a_copy_with_one_flipped_bit_is_refused() {
    let (manifest, mut files) = shipped();
    let entry = manifest.file(Role::TestImages).unwrap();
    let bytes = files.get_mut(&entry.path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let sentence = try_load(&manifest, &files).unwrap_err().to_string();
    assert!(sentence.starts_with(&format!("{}: expected SHA-256 {}, found ", entry.path, entry.sha256)), "{sentence}");
    assert!(sentence.ends_with("the file was damaged or replaced, fetch it again"), "{sentence}");
}

#[test]
fn the_names_of_shipped_files_do_not_end_in_gz() {
    let (manifest, _) = shipped();
    assert!(manifest.files.iter().all(|entry| !entry.path.ends_with(".gz")));
}
