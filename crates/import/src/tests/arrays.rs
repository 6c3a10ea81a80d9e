//! Tables, IDX and CIFAR.

use data::{IdxArray, gzip};

use super::{load, say};
use crate::{
    import,
    testing::{named, zip},
};

fn idx(shape: &[usize], values: Vec<u8>) -> Vec<u8> {
    IdxArray::new(shape.to_vec(), values).unwrap().write()
}

/// Images of one pixel and their labels, 3 and 7 in turn.
pub(super) fn digits(count: usize) -> [Vec<u8>; 2] {
    let images = idx(&[count, 1, 1], (0..count).map(|at| at as u8).collect());
    let labels = idx(&[count], (0..count).map(|at| if at % 2 == 0 { 7 } else { 3 }).collect());
    [images, labels]
}

#[test]
fn tables_become_a_dataset() {
    let mut train = "label,a,b,c,d\n".to_owned();
    (0..20).for_each(|at| train += &format!("{},{at},0,0,0\n", if at % 2 == 0 { 10 } else { 9 }));
    let test = "10,200,0,0,0\n9,201,0,0,0\n";
    let files = vec![named("toy_test.csv", test), named("toy_train.csv", train)];
    let imported = import(files).unwrap();
    assert_eq!(imported.manifest.class_names, ["9", "10"], "numbers are sorted as numbers");
    assert_eq!(imported.manifest.train.0, [10, 10]);
    assert_eq!(imported.notices, [""; 0]);
    let dataset = load(&imported);
    assert_eq!(dataset.test.items().all_pixels(), [201, 0, 0, 0, 200, 0, 0, 0]);
    // A table without labels does not spoil the others.
    let unlabelled = named("other.csv", "a,b,c,d\n1,2,3,4\n");
    let with =
        import(vec![named("a.csv", format!("{test}{}", "9,1,1,1,1\n10,2,2,2,2\n".repeat(8))), unlabelled.clone()]);
    assert!(with.unwrap().notices[0].starts_with("A table was left out: other.csv has no column `label`"));
    assert!(say(vec![unlabelled]).starts_with("other.csv has no column `label`"));
}

#[test]
fn idx_of_one_part_is_split_and_of_two_is_kept() {
    let [images, labels] = digits(24);
    let two =
        import(vec![named("images.idx3-ubyte", images.clone()), named("labels.idx1-ubyte", labels.clone())]).unwrap();
    assert_eq!(two.manifest.class_names, ["3", "7"]);
    assert_eq!((&two.manifest.train.0, &two.manifest.test.0), (&vec![10, 10], &vec![2, 2]));
    assert_eq!(load(&two).test.items().all_pixels(), [3, 15, 2, 14]);

    let [test_images, test_labels] = digits(4);
    let files = [
        ("train-images-idx3-ubyte.gz", gzip(&images).unwrap()),
        ("train-labels-idx1-ubyte.gz", gzip(&labels).unwrap()),
        ("t10k-images-idx3-ubyte.gz", gzip(&test_images).unwrap()),
        ("t10k-labels-idx1-ubyte", test_labels),
    ];
    let loose = import(files.iter().map(|(path, bytes)| named(path, bytes.clone())).collect()).unwrap();
    assert_eq!((&loose.manifest.train.0, &loose.manifest.test.0), (&vec![12, 12], &vec![2, 2]));
    let archive = zip(files.iter().map(|(path, bytes)| (*path, bytes.as_slice())));
    let packed = import(vec![named("mnist.zip", archive)]).unwrap();
    assert_eq!(packed.files, loose.files);
    // What was made can be handed in again, and comes to the same.
    let again = import(loose.files.clone()).unwrap();
    assert_eq!(again.files.len(), 4);
    assert_eq!(load(&again).train.items(), load(&loose).train.items());
}

#[test]
fn faults_of_idx_are_told() {
    let [images, labels] = digits(24);
    assert_eq!(
        say(vec![named("images.idx3-ubyte", images.clone())]),
        "the training part has the IDX images images.idx3-ubyte and the labels (none); hand in exactly one file of each, for test \
         files with `test` or `t10k` in their names"
    );
    let [_, few] = digits(20);
    assert_eq!(
        say(vec![named("images.idx3-ubyte", images), named("labels.idx1-ubyte", few)]),
        "images.idx3-ubyte holds 24 images and labels.idx1-ubyte 20 labels; hand in the two files that belong together"
    );
    assert!(
        say(vec![named("x.idx3-ubyte", [0, 0, 8, 3])])
            .starts_with("x.idx3-ubyte is not a whole IDX file of bytes: expected 16")
    );
    let odd = idx(&[24, 2, 1, 2], vec![0; 96]);
    let odd = say(vec![named("i.idx3-ubyte", odd), named("l.idx1-ubyte", labels)]);
    assert!(odd.starts_with("i.idx3-ubyte is an array of shape [24, 2, 1, 2]; images have rank 3"), "{odd}");
}

#[test]
fn large_arrays_are_brought_to_size() {
    let images = idx(&[16, 3, 100, 50], [vec![10; 5000], vec![20; 5000], vec![30; 5000]].concat().repeat(16));
    let labels = idx(&[16], (0..16).map(|at| at % 2).collect());
    let imported = import(vec![named("images.idx3-ubyte", images), named("labels.idx1-ubyte", labels)]).unwrap();
    assert_eq!(imported.manifest.shape, data::ImageShape { channels: 3, height: 64, width: 50 });
    assert_eq!(imported.notices[1], "Images of 50 x 100 pixels were brought to 50 x 64.");
    let dataset = load(&imported);
    let channels: Vec<u8> =
        dataset.train.items().picture(0).unwrap().chunks(64 * 50).map(|channel| channel[7]).collect();
    assert_eq!(channels, [10, 20, 30]);
}

/// Records of CIFAR, labels 0 and 1 in turn.
fn cifar(count: usize, lead: &[u8]) -> Vec<u8> {
    (0..count).flat_map(|at| [lead, &[(at % 2) as u8], &[at as u8; 3072]].concat()).collect()
}

#[test]
fn cifar_10_is_read_with_its_names() {
    let (first, second, test) = (cifar(10, &[]), cifar(10, &[]), cifar(2, &[]));
    let entries: [(&str, &[u8]); 5] = [
        ("cifar-10-batches-bin/test_batch.bin", &test),
        ("cifar-10-batches-bin/data_batch_2.bin", &second),
        ("cifar-10-batches-bin/data_batch_1.bin", &first),
        ("cifar-10-batches-bin/batches.meta.txt", b"airplane\nautomobile\n\n"),
        ("cifar-10-batches-bin/readme.html", b"<html>"),
    ];
    let imported = import(vec![named("cifar.zip", zip(entries))]).unwrap();
    assert_eq!(imported.manifest.class_names, ["airplane", "automobile"]);
    assert_eq!((&imported.manifest.train.0, &imported.manifest.test.0), (&vec![10, 10], &vec![1, 1]));
    assert_eq!(load(&imported).test.items().picture(1).unwrap(), [1; 3072]);
    assert_eq!(imported.notices.len(), 1, "{:?}", imported.notices);
}

#[test]
fn cifar_100_has_the_fine_label() {
    let files = vec![named("train.bin", cifar(20, &[9])), named("test.bin", cifar(4, &[9]))];
    let imported = import(files).unwrap();
    assert_eq!(imported.manifest.class_names, ["0", "1"]);
    assert_eq!(imported.manifest.test.0, [2, 2]);
    let cut = cifar(3, &[]);
    assert_eq!(
        say(vec![named("data_batch_1.bin", &cut[1..])]),
        "data_batch_1.bin has 9218 bytes, which is not a whole number of records of 3073 bytes, as CIFAR-10 (data_batch_1.bin, \
         test_batch.bin) has; fetch it again, under its own name"
    );
}
