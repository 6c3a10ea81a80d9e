//! The way through as a whole, from files to a dataset that `data::load` reads.

use data::{Dataset, DatasetManifest, Role, gzip};
use png::ColorType;
use proptest::prelude::*;
use protocol::ImportStage;

mod arrays;
mod cases;
mod embeddings;

use super::*;
use crate::pixels::picture;
use crate::testing::{jpeg, named, png, zip};

/// Reads what was made as the lab does.
fn load(imported: &Imported) -> Dataset {
    let file = |path: &str| imported.files.iter().find(|file| file.path == path).map(|file| file.bytes.as_slice());
    data::load(&imported.manifest, file).unwrap()
}

fn say(files: Vec<NamedFile>) -> String {
    import(files).unwrap_err().to_string()
}

fn grey(value: u8) -> Vec<u8> {
    png(ColorType::Grayscale, 2, 2, &[value; 4])
}

/// Twelve grey images of each of two classes.
fn pets() -> Vec<(String, Vec<u8>)> {
    let image =
        |class: &'static str, at: u8| (format!("{class}/{at:02}.png"), grey(at + if class == "cat" { 0 } else { 100 }));
    ["cat", "dog"].into_iter().flat_map(|class| (0..12).map(move |at| image(class, at))).collect()
}

fn zipped(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    zip(entries.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())))
}

#[test]
fn a_zip_of_folders_becomes_a_dataset() {
    let imported = import(vec![named("pets.zip", zipped(&pets()))]).unwrap();
    let DatasetManifest { id, name, description, provenance, sampling, class_names, .. } = &imported.manifest;
    assert!(id.starts_with("own-") && id.len() == 12, "{id}");
    assert_eq!(name, "pets");
    assert_eq!(description, "Your own images in grey, 28 x 28 pixels, 2 classes.");
    assert_eq!(provenance.in_words(), "your files: pets.zip, licence as yours.");
    assert_eq!(*class_names, ["cat", "dog"]);
    assert_eq!(
        sampling,
        "The second of every 6 images of a class, in the order of their paths, is a test image. All images of these classes. \
         Of every image the square in its middle was brought to 28 x 28 pixels, in grey."
    );
    let paths: Vec<&str> = imported.files.iter().map(|file| file.path.as_str()).collect();
    let expected =
        ["train-images.idx3-gzip", "train-labels.idx1-gzip", "test-images.idx3-gzip", "test-labels.idx1-gzip"];
    assert_eq!(paths, expected.map(|file| format!("{id}/{file}")));

    let dataset = load(&imported);
    assert_eq!((dataset.train.len(), dataset.test.len()), (20, 4));
    let values: Vec<u8> = (0..4).map(|at| dataset.test.items().picture(at).unwrap()[0]).collect();
    assert_eq!(values, [1, 7, 101, 107]);
    assert_eq!(dataset.test.labels(), [0, 0, 1, 1]);
}

#[test]
fn how_far_it_is_is_told_by_stages() {
    let mut told: Vec<ImportProgress> = Vec::new();
    let files = || vec![named("pets.zip", zipped(&pets()))];
    let imported = import_telling(files(), &mut |progress| told.push(progress)).unwrap();
    assert_eq!(imported, import(files()).unwrap());
    told.windows(2).for_each(|two| {
        let order = |it: &ImportProgress| it.stage as u8;
        let goes_on = order(&two[0]) < order(&two[1]) || (two[0].stage == two[1].stage && two[0].share <= two[1].share);
        assert!(goes_on, "{two:?}");
    });
    let shares = |stage| told.iter().filter(move |it| it.stage == stage).map(|it| it.share);
    assert_eq!(
        shares(ImportStage::Unpacking).collect::<Vec<_>>(),
        (0..24).map(|at| f64::from(at) / 24.0).collect::<Vec<_>>()
    );
    assert_eq!(shares(ImportStage::Packing).next(), Some(0.0));
    assert_eq!(shares(ImportStage::Packing).next_back(), Some(1.0));
}

#[test]
fn the_order_in_the_archive_does_not_matter() {
    let mut entries = pets();
    let first = import(vec![named("pets.zip", zipped(&entries))]).unwrap();
    entries.reverse();
    entries.swap(3, 17);
    assert_eq!(import(vec![named("pets.zip", zipped(&entries))]).unwrap(), first);
    // A chosen folder is the same as a zip of it.
    let loose = entries.iter().map(|(path, bytes)| named(&format!("pets/{path}"), bytes.clone())).collect();
    assert_eq!(import(loose).unwrap().files, first.files);
}

#[test]
fn folders_name_the_parts_and_colour_is_kept() {
    let mut files = Vec::new();
    for (class, colour) in [("red", [250, 0, 0]), ("blue", [0, 0, 250])] {
        for at in 0..7 {
            files.push(named(&format!("own/Training/{class}/{at}.jpg"), jpeg(40, 30, colour)));
        }
        files.push(named(&format!("own/val/{class}/x.JPEG"), jpeg(9, 70, colour)));
    }
    files.push(named("own/Training/red/grey.png", grey(80)));
    files.push(named("own/Training/red/.hidden.png", grey(0)));
    files.push(named("__MACOSX/own/red/._x.png", grey(0)));
    files.push(named("own/Training/red/torn.png", *b"not an image"));
    files.push(named("own/readme.txt", *b"hello"));
    let imported = import(files).unwrap();
    assert_eq!(imported.manifest.shape, data::ImageShape { channels: 3, height: 32, width: 32 });
    assert_eq!(imported.manifest.class_names, ["blue", "red"]);
    assert_eq!((&imported.manifest.train.0, &imported.manifest.test.0), (&vec![7, 8], &vec![1, 1]));
    assert_eq!(
        imported.notices,
        [
            "Of no form that can be imported, so left out: own/readme.txt.",
            "1 image could not be read and was left out: own/Training/red/torn.png cannot be read as PNG or JPEG: it does not \
             begin as one; save it again as PNG.",
            "Of every image the square in its middle was brought to 32 x 32 pixels, in colour.",
        ]
    );
    let dataset = load(&imported);
    let image = dataset.train.items().picture(0).unwrap();
    assert!(image[0] < 8 && image[2 * 32 * 32].abs_diff(250) < 8, "{:?}", &image[..3]);
    let grey = dataset.train.items().picture(14).unwrap();
    assert!(grey.iter().all(|&value| value == 80), "grey lies in all three channels");
}

#[test]
fn of_several_forms_one_is_taken_and_it_is_told() {
    let [images, labels] = arrays::digits(24);
    let mut files = vec![named("images.idx3-ubyte", images), named("labels.idx1-ubyte", labels)];
    files.push(named("same.csv", "label,a\n0,1\n"));
    assert_eq!(
        import(files).unwrap().notices[0],
        "IDX arrays were taken; CSV tables beside them were left out: same.csv."
    );
}

#[test]
fn what_is_not_understood_is_told_with_what_is() {
    let nothing = say(vec![named("a.xyz", *b"GIF9"), named("b.txt", *b"")]);
    assert!(
        nothing.starts_with("nothing here can be imported (found: a.xyz, b.txt); hand in a zip or a folder of PNG"),
        "{nothing}"
    );
    assert!(say(vec![]).starts_with("nothing here can be imported (found: nothing)"));
    assert!(say(vec![named("a.png", grey(0))]).starts_with("1 image lies in no folder"));
    assert!(say(vec![named("a.zip", *b"PK\x03\x04 torn")]).starts_with("a.zip cannot be opened as a zip archive: "));
    assert!(
        say(vec![named("a.zip", *b"<html>")]).starts_with("a.zip cannot be opened as a zip archive: it does not begin")
    );
    let mut tar = vec![0; 600];
    tar[257..262].copy_from_slice(b"ustar");
    let tar = say(vec![named("cifar-10-binary.tar.gz", gzip(&tar).unwrap())]);
    assert_eq!(tar, "cifar-10-binary.tar.gz is a tar archive; unpack it and hand in the files in it, or a zip of them");
    let torn =
        (0..20).map(|at| named(&format!("{}/{at}.png", if at % 2 == 0 { "a" } else { "b" }), *b"torn")).collect();
    assert!(say(torn).starts_with("a/0.png cannot be read as PNG or JPEG: it does not begin as one"));
}

#[test]
fn bombs_are_refused() {
    let bomb = vec![b'0'; limits::ARRAY_BYTES + 1];
    let packed = gzip(&bomb).unwrap();
    drop(bomb);
    assert_eq!(say(vec![named("a.csv.gz", packed.clone())]), "a.csv.gz has more than 256 MB; hand in a smaller file");
    let archive = zip([("a.csv", packed.as_slice())]);
    assert!(say(vec![named("a.zip", archive)]).starts_with("a/a.csv has more than 256 MB"));
}

#[test]
fn too_much_in_all_is_refused() {
    let table = vec![b'\n'; limits::ARRAY_BYTES - 100];
    let label = [b"1,2\n", table.as_slice()].concat();
    let packed = gzip(&label).unwrap();
    let files = (0..3).map(|at| named(&format!("{at}.csv.gz"), packed.clone())).collect();
    assert_eq!(say(files), "the files unpack to more than 512 MB in all; hand in fewer or smaller ones");
}

#[test]
fn every_file_of_the_manifest_is_there() {
    let imported = import(vec![named("pets.zip", zipped(&pets()))]).unwrap();
    for role in [Role::TrainImages, Role::TrainLabels, Role::TestImages, Role::TestLabels] {
        let entry = imported.manifest.file(role).unwrap();
        let file = imported.files.iter().find(|file| file.path == entry.path).unwrap();
        data::verify(entry, &file.bytes).unwrap();
    }
}

/// Names that lead into every reader.
fn name() -> impl Strategy<Value = String> {
    let ends = [
        ".zip",
        ".csv",
        ".csv.gz",
        ".gz",
        ".bin",
        "_batch.bin",
        ".png",
        ".jpg",
        "-idx3-ubyte",
        "-labels-idx1-ubyte",
        "batches.meta.txt",
        "_train.npy",
        ".npz",
        "old.safetensors",
        "",
    ];
    ("[a-b/\\\\.]{0,4}|\\PC{0,6}", prop::sample::select(ends.to_vec())).prop_map(|(stem, end)| stem + end)
}

fn start() -> impl Strategy<Value = Vec<u8>> {
    let starts: [&[u8]; 9] = [
        b"",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\x1f\x8b\x08",
        &[0, 0, 8, 3],
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"label,a\n",
        b"\x93NUMPY\x01\x00",
    ];
    prop::sample::select(starts.map(<[u8]>::to_vec).to_vec())
}

proptest! {
    #[test]
    fn arbitrary_files_never_panic(
        files in prop::collection::vec((name(), start(), prop::collection::vec(any::<u8>(), 0..200)), 0..5)
    ) {
        let files = files.into_iter().map(|(path, start, rest)| named(&path, [start, rest].concat())).collect();
        let _ = import(files);
    }

    #[test]
    fn damaged_images_never_panic(at in any::<prop::sample::Index>(), value: u8, cut in any::<prop::sample::Index>(), which: bool) {
        let mut file = if which { jpeg(24, 17, [9, 200, 100]) } else { png(ColorType::Rgba, 9, 7, &[77; 252]) };
        let at = at.index(file.len());
        file[at] = value;
        let _ = picture::decode(&file);
        file.truncate(cut.index(file.len()));
        let _ = picture::decode(&file);
    }
}

proptest! {
    // Each case packs and reads whole datasets.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damaged_archives_never_panic(at in any::<prop::sample::Index>(), value: u8) {
        let mut archive = zipped(&pets());
        let at = at.index(archive.len());
        archive[at] = value;
        let _ = import(vec![named("pets.zip", archive)]);
    }

    #[test]
    fn any_order_gives_the_same(entries in Just(pets()).prop_shuffle()) {
        let made = import(vec![named("pets.zip", zipped(&entries))]).unwrap();
        let plain = import(vec![named("pets.zip", zipped(&pets()))]).unwrap();
        prop_assert_eq!(made, plain);
    }
}
