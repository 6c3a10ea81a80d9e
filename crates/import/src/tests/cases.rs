//! What people hand in otherwise than was meant: it is read, or a sentence says what it is.

use data::gzip;
use png::ColorType;

use super::{grey, load, pets, say, zipped};
use crate::{
    Imported, NamedFile, import,
    testing::{deep_png, labels, named, npy, png, rows, zip},
};

/// The start of a WebP file, which is all that tells it.
const WEBP: &[u8] = b"RIFF\x94\0\0\0WEBPVP8 \x88\0\0\0";

/// The pets under other names and with other content.
fn pets_as(of: impl Fn(&str, Vec<u8>) -> (String, Vec<u8>)) -> Vec<(String, Vec<u8>)> {
    pets().into_iter().map(|(path, bytes)| of(&path, bytes)).collect()
}

fn taken(imported: &Imported) -> (Vec<&str>, usize, usize) {
    let manifest = &imported.manifest;
    let names = manifest.class_names.iter().map(String::as_str).collect();
    (names, manifest.train.total(), manifest.test.total())
}

fn has(imported: &Imported, notice: &str) -> bool {
    imported.notices.iter().any(|told| told == notice)
}

/// Twelve images of 16 bits in each of two classes, whose values reach from `lowest` to `highest`.
fn deep(colour: ColorType, lowest: u16, highest: u16) -> Imported {
    let channels = colour.samples();
    let image = |at: u16| {
        let between = lowest + (highest - lowest) / 24 * at;
        let values = [lowest, between, between, highest].map(|value| vec![value; channels]).concat();
        (format!("{}/{at}.png", if at < 12 { "a" } else { "b" }), deep_png(colour, 2, 2, &values))
    };
    import(vec![named("set.zip", zipped(&(0..24).map(image).collect::<Vec<_>>()))]).unwrap()
}

#[test]
fn twelve_bits_in_sixteen_keep_their_contrast() {
    for colour in [ColorType::Grayscale, ColorType::Rgb] {
        let imported = deep(colour, 0, 4095);
        let spread = "The images of 16 bits a channel hold values from 0 to 4095 only, so these were spread over black to white, in \
                      all of them alike.";
        assert!(has(&imported, spread), "{:?}", imported.notices);
        let dataset = load(&imported);
        let image = dataset.train.items().picture(0).unwrap();
        assert_eq!((image[0], image[27], image[28 * 28 - 1]), (0, 0, 255));
        let last = dataset.train.items().picture(19).unwrap();
        assert!((235..250).contains(&last[27]), "{}", last[27]);
    }
    // Far from black, as of scanners that count from the middle.
    let shifted = load(&deep(ColorType::Grayscale, 32_768, 33_800));
    assert_eq!(shifted.train.items().picture(0).unwrap()[28 * 28 - 1], 255);
    let full = deep(ColorType::Grayscale, 0, 65_535);
    assert!(full.notices.iter().all(|notice| !notice.contains("spread")), "{:?}", full.notices);
}

#[test]
fn webp_is_called_by_its_name() {
    let by_name = pets_as(|path, _| (path.replace("png", "webp"), WEBP.to_vec()));
    assert_eq!(
        say(vec![named("set.zip", zipped(&by_name))]),
        "24 images are WebP (set/cat/00.webp, set/cat/01.webp, set/cat/02.webp and 21 more), which is not read here; save them as PNG or \
         JPEG and hand in those"
    );
    let by_content = pets_as(|path, _| (path.replace("png", "jpg"), WEBP.to_vec()));
    assert_eq!(
        say(vec![named("set.zip", zipped(&by_content))]),
        "set/cat/00.jpg cannot be read as PNG or JPEG: it is WebP; save it again as PNG"
    );
    let without_an_end: Vec<_> = (0..2).map(|at| named(&format!("cat/{at}"), WEBP)).collect();
    assert!(say(without_an_end).starts_with("2 images are WebP (cat/0, cat/1), which is not read here"));
    assert!(
        say(vec![named("a.bmp", ""), named("b.webp", WEBP)]).starts_with("2 images are of forms such as BMP (a.bmp")
    );
    // What is one that is read, is read.
    let named_so = pets_as(|path, bytes| (path.replace("png", "webp"), bytes));
    assert_eq!(taken(&import(vec![named("set.zip", zipped(&named_so))]).unwrap()).0, ["cat", "dog"]);
}

#[test]
fn a_class_of_which_nothing_is_read_is_told() {
    let mut files = pets();
    files.extend((0..10).map(|at| (format!("bird/{at}.webp"), WEBP.to_vec())));
    let imported = import(vec![named("set.zip", zipped(&files))]).unwrap();
    assert_eq!(taken(&imported).0, ["cat", "dog"]);
    assert_eq!(
        imported.notices[..2],
        [
            "Class bird is lost: none of its 10 files is PNG or JPEG (WebP is not read); save them as PNG.",
            "Images of forms that are not read were left out; save them as PNG or JPEG to have them too: set/bird/0.webp, \
             set/bird/1.webp, set/bird/2.webp and 7 more.",
        ]
    );
    // By content, which is only known when they are opened.
    files.iter_mut().for_each(|(path, _)| *path = path.replace("webp", "jpg"));
    let imported = import(vec![named("set.zip", zipped(&files))]).unwrap();
    let lost = "Class bird is lost: 10 images could not be read and were left out, the first of them: set/bird/0.jpg cannot be read as \
                PNG or JPEG: it is WebP; save it again as PNG.";
    assert!(has(&imported, lost), "{:?}", imported.notices);
    // Of a form without a name.
    files
        .iter_mut()
        .filter(|(path, _)| path.starts_with("bird"))
        .for_each(|(path, _)| *path = path.replace("jpg", "xcf"));
    files.iter_mut().filter(|(path, _)| path.starts_with("bird")).for_each(|(_, bytes)| *bytes = b"gimp xcf".to_vec());
    let imported = import(vec![named("set.zip", zipped(&files))]).unwrap();
    assert_eq!(imported.notices[0], "Class bird is lost: none of its 10 files is PNG or JPEG.");
    // With it all but one class is lost.
    let one = pets_as(|path, bytes| match path.starts_with("dog") {
        true => (path.replace("png", "webp"), WEBP.to_vec()),
        false => (path.to_owned(), bytes),
    });
    assert!(say(vec![named("set.zip", zipped(&one))]).starts_with("12 images are WebP (set/dog/00.webp, "));
    let one = pets_as(|path, bytes| (path.to_owned(), if path.starts_with("dog") { WEBP.to_vec() } else { bytes }));
    assert_eq!(
        say(vec![named("set.zip", zipped(&one))]),
        "1 of the 2 classes found can be used (1 class with fewer than 8 images: dog; Class dog is lost: 12 images could not be read and \
         were left out, the first of them: set/dog/00.png cannot be read as PNG or JPEG: it is WebP; save it again as PNG); hand in images of \
         at least two classes, at least 8 of each"
    );
}

/// The pets in one folder, `images/00.png` to `images/23.png`, or in none; with a table.
fn flat(folder: &str, table: &str, text: &str) -> Vec<NamedFile> {
    let images = pets().into_iter().enumerate().map(|(at, (_, bytes))| (format!("{folder}{at:02}.png"), bytes));
    let mut files: Vec<(String, Vec<u8>)> = images.collect();
    files.push((table.to_owned(), text.as_bytes().to_vec()));
    vec![named("set.zip", zipped(&files))]
}

fn listed(header: &str, row: impl Fn(usize, &str) -> String) -> String {
    let rows = (0..24).map(|at| row(at, if at < 12 { "cat" } else { "dog" }));
    std::iter::once(header.to_owned()).chain(rows).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_table_tells_the_classes_of_images_in_one_folder() {
    let folders = import(vec![named("set.zip", zipped(&pets()))]).unwrap();
    let tables = [
        listed("id,label", |at, label| format!("{at:02}.png,{label}")),
        listed("id,label", |at, label| format!("{at:02},{label}")),
        listed("\u{feff}label;image", |at, label| format!("{label};images\\{at:02}.PNG")),
        // Of two columns the other one is that of labels, whatever it is called, and with more it is called so.
        listed("id,breed", |at, label| format!("{at:02},{label}")),
        listed("number,file,size,class", |at, label| format!("{},./{at:02}.png,7,{label}", 100 + at)),
        // Without a header.
        listed("00.png,cat", |at, label| format!("{at:02}.png,{label}")),
    ];
    for (at, table) in tables.iter().enumerate() {
        for folder in ["images/", "", "Train/"] {
            // The path that one of the tables has.
            let folder = if at == 2 { "images/" } else { folder };
            let imported = import(flat(folder, "train.csv", table)).unwrap();
            assert_eq!(taken(&imported), (vec!["cat", "dog"], 20, 4), "{table}: {:?}", imported.notices);
            assert_eq!(load(&imported).train.items(), load(&folders).train.items(), "{table}");
        }
    }
    let imported = import(flat("images/", "train.csv", &tables[0])).unwrap();
    assert_eq!(imported.notices[0], "The classes of images are as set/train.csv says: label by id.");
}

#[test]
fn what_a_table_leaves_open_is_told() {
    let table = listed("id,label", |at, label| format!("{at:02},{}", if at == 3 { "" } else { label }));
    let table = format!("{table}\n05,dog\n99,dog\n");
    let imported = import(flat("images/", "train.csv", &table)).unwrap();
    assert_eq!(taken(&imported), (vec!["cat", "dog"], 18, 4));
    assert_eq!(
        imported.notices[1..5],
        [
            "Images with no label in a table were left out: set/images/03.png.",
            "Images of which a table says several things, or with one name for several, were left out: set/images/05.png.",
            "Rows of the table that name no image here: 1.",
            "Rows of the table without a label: 1.",
        ]
    );
    let wide = listed("id,breed,age", |at, label| format!("{at:02},{label},3"));
    assert_eq!(
        say(flat("images/", "train.csv", &wide)),
        "set/train.csv has no column `label` (its header begins id, breed, age); name the column of the classes `label`"
    );
    // What a contest hands out to be filled in says nothing.
    let table = listed("id,label", |at, _| format!("{at:02},0"));
    assert!(say(flat("images/", "sample_submission.csv", &table)).contains("sample_submission.csv"));
    // Names of the two parts can be the same.
    let mut files = flat("x/train/", "train.csv", &listed("id,label", |at, label| format!("{at:02},{label}")));
    files.push(named("set/x/test/00.png", grey(200)));
    let imported = import(files).unwrap();
    assert_eq!(taken(&imported), (vec!["cat", "dog"], 20, 4));
    assert_eq!(imported.notices[1], "Images with no label in a table were left out: set/x/test/00.png.");
}

#[test]
fn a_table_beside_folders_of_classes_is_told() {
    let mut files = pets();
    files.push(("pets.csv".to_owned(), b"id,label\n00.png,x\n".to_vec()));
    let imported = import(vec![named("set.zip", zipped(&files))]).unwrap();
    assert_eq!(
        imported.notices[0],
        "PNG and JPEG images were taken; CSV tables beside them were left out: set/pets.csv."
    );
}

#[test]
fn images_without_classes_are_told() {
    let loose = pets_as(|path, bytes| (path.replace('/', "_"), bytes));
    let remedy = "so nothing tells their classes; put the images of each class in a folder of its name, or add a CSV table with a column for \
                  their file names and a column `label`, and hand all of it in, or a zip of it";
    let told = |place: &str| format!("24 images lie {place}, {remedy}");
    assert_eq!(say(vec![named("set.zip", zipped(&loose))]), told("in no folder"));
    assert_eq!(say(loose.iter().map(|(path, bytes)| named(path, bytes.clone())).collect()), told("in no folder"));
    let one = pets_as(|path, bytes| (format!("pets/{}", path.replace('/', "_")), bytes));
    assert_eq!(say(vec![named("set.zip", zipped(&one))]), told("in one folder, pets"));
    let parts = pets_as(|path, bytes| (path.replace("cat/", "train/").replace("dog/", "test/"), bytes));
    assert_eq!(say(vec![named("set.zip", zipped(&parts))]), told("in folders that name no two classes"));
}

/// An archive whose entries do not say how their names are written: those of `entries`, in these bytes.
fn unmarked(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    // Names of the same length in letters that every encoding has, then the bytes in their place.
    let stand_in = |at: usize, name: &[u8]| char::from(b'A' + at as u8).to_string().repeat(name.len());
    let plain: Vec<(String, Vec<u8>)> =
        entries.iter().enumerate().map(|(at, (name, bytes))| (stand_in(at, name), bytes.clone())).collect();
    let mut archive = zip(plain.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    for ((name, _), (plain, _)) in entries.iter().zip(&plain) {
        while let Some(at) = archive.windows(plain.len()).position(|bytes| bytes == plain.as_bytes()) {
            archive[at..at + name.len()].copy_from_slice(name);
        }
    }
    archive
}

#[test]
fn names_in_archives_are_read_as_they_were_written() {
    let with = |cat: &[u8], dog: &[u8]| {
        let name = |path: &str| {
            let (class, file) = path.split_once('/').unwrap();
            [if class == "cat" { cat } else { dog }, b"/0000", file.as_bytes()].concat()
        };
        let entries: Vec<(Vec<u8>, Vec<u8>)> = pets().iter().map(|(path, bytes)| (name(path), bytes.clone())).collect();
        import(vec![named("set.zip", unmarked(&entries))]).unwrap()
    };
    let gbk = with(b"\xc3\xa8\xc3\xa8", b"\xb9\xb7\xb9\xb7");
    assert_eq!(taken(&gbk).0, ["狗狗", "猫猫"]);
    assert_eq!(
        gbk.notices[0],
        "set.zip does not say in which encoding its names are, so they were read as GBK, such as 猫猫/000000.png; where that is wrong, \
         pack it again with names in UTF-8."
    );
    let utf8 = with("猫".as_bytes(), "chien été".as_bytes());
    assert_eq!(taken(&utf8).0, ["chien été", "猫"]);
    assert!(utf8.notices[0].starts_with("No part was named"), "{:?}", utf8.notices);
    let dos = with(b"Soci\x82t\x82", b"Stra\xe1e");
    assert_eq!(taken(&dos).0, ["Société", "Straße"]);
    assert!(dos.notices[0].contains("they were read as code page 437, such as Société/"), "{:?}", dos.notices);
}

#[test]
fn deflate64_is_refused_by_the_name_of_a_file() {
    let mut archive = zipped(&pets());
    // The method of packing stands at byte 8 of the header of an entry, and at byte 10 of its record in the list.
    for (mark, at) in [(b"PK\x03\x04", 8), (b"PK\x01\x02", 10)] {
        let found: Vec<usize> = (0..archive.len() - 4).filter(|&start| archive[start..].starts_with(mark)).collect();
        assert_eq!(found.len(), 24);
        found.into_iter().for_each(|start| archive[start + at] = 9);
    }
    let said = say(vec![named("set.zip", archive)]);
    assert!(said.starts_with("set/cat/00.png cannot be unpacked: ") && said.contains("not supported"), "{said}");
    assert!(said.ends_with("pack it again with the usual compression and without a password"), "{said}");
}

/// `count` images of 2 x 2 bytes and their labels, 3 and 7 in turn, as Keras packs them.
fn keras(count: usize, from: u8) -> [Vec<u8>; 2] {
    let pixels: Vec<u8> = (0..count).flat_map(|at| [from + at as u8; 4]).collect();
    let said: Vec<u8> = (0..count).map(|at| if at % 2 == 0 { 7 } else { 3 }).collect();
    [npy("'|u1'", &format!("({count}, 2, 2)"), false, &pixels), labels(&said)]
}

fn npz<'a>(arrays: impl IntoIterator<Item = (&'a str, &'a Vec<u8>)>) -> Vec<NamedFile> {
    vec![named("mnist.npz", zip(arrays.into_iter().map(|(path, bytes)| (path, bytes.as_slice()))))]
}

#[test]
fn arrays_of_images_with_labels_are_read() {
    let ([x_train, y_train], [x_test, y_test]) = (keras(20, 0), keras(4, 100));
    let imported = import(npz([
        ("x_train.npy", &x_train),
        ("y_train.npy", &y_train),
        ("x_test.npy", &x_test),
        ("y_test.npy", &y_test),
    ]))
    .unwrap();
    assert_eq!(taken(&imported), (vec!["3", "7"], 20, 4));
    assert_eq!(imported.manifest.shape, data::ImageShape { channels: 1, height: 2, width: 2 });
    assert_eq!(imported.notices, [""; 0]);
    let test = load(&imported);
    assert_eq!(test.test.items().picture(0).unwrap(), [101; 4]);

    // Three parts and labels in a column, as MedMNIST has them.
    let column = |bytes: &[u8]| npy("'|u1'", &format!("({}, 1)", bytes.len()), false, bytes);
    let (few, many) = (column(&[0, 1, 0, 1]), column(&[0, 1].repeat(10)));
    let arrays = [("train_images.npy", &x_train), ("train_labels.npy", &many), ("val_images.npy", &x_test)];
    let more = [("val_labels.npy", &few), ("test_images.npy", &x_test), ("test_labels.npy", &few)];
    assert_eq!(taken(&import(npz(arrays.into_iter().chain(more))).unwrap()), (vec!["0", "1"], 20, 8));

    // Channels last, loose files, packed with gzip, strings as labels.
    let colours = npy("'|u1'", "(20, 2, 2, 3)", false, &[1, 2, 3].repeat(80));
    let words = npy("'|S3'", "(20,)", false, &b"catdog".repeat(10));
    let imported = import(vec![named("x.npy.gz", gzip(&colours).unwrap()), named("y.npy", words)]).unwrap();
    assert_eq!(taken(&imported).0, ["cat", "dog"]);
    assert_eq!(load(&imported).train.items().picture(0).unwrap(), [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
}

#[test]
fn faults_of_arrays_of_images_are_told() {
    let [x_train, y_train] = keras(20, 0);
    let floats = npy("'<f4'", "(20, 2, 2, 3)", false, &[0; 960]);
    assert_eq!(
        say(npz([("x.npy", &floats), ("y.npy", &y_train)])),
        "mnist/x.npy holds images of type <f4; save them as bytes from 0 to 255 (numpy: images.astype(numpy.uint8))"
    );
    let wide = npy("'<u2'", "(20, 2, 2)", false, &[0; 160]);
    assert!(say(npz([("x.npy", &wide), ("y.npy", &y_train)])).starts_with("mnist/x.npy holds images of type <u2"));
    assert_eq!(
        say(npz([("x_train.npy", &x_train)])),
        "the train arrays of images are mnist/x_train.npy and those of labels (none); hand in exactly one of each, such as x_train and y_train"
    );
    assert_eq!(
        say(npz([("x.npy", &x_train), ("y.npy", &keras(4, 0)[1])])),
        "mnist/x.npy holds 20 images and mnist/y.npy 4 labels; hand in two arrays that belong together"
    );
    let hot = npy("'|u1'", "(20, 2)", false, &[0; 40]);
    assert_eq!(
        say(npz([("x.npy", &x_train), ("y.npy", &hot)])),
        "mnist/y.npy is an array of shape [20, 2]; labels have the shape [rows], one number or string for each row"
    );
    let floats = npy("'<f4'", "(20,)", false, &[0; 80]);
    assert!(
        say(npz([("x.npy", &x_train), ("y.npy", &floats)]))
            .starts_with("mnist/y.npy holds values of type <f4; save labels")
    );
    let turned = npy("'|u1'", "(20, 2, 2)", true, &[0; 80]);
    assert!(say(npz([("x.npy", &turned), ("y.npy", &y_train)])).contains("the order of its axes is Fortran's"));
    let cut = npy("'|u1'", "(20, 2, 2)", false, &[0; 79]);
    assert!(say(npz([("x.npy", &cut), ("y.npy", &y_train)])).contains("other values than the 79 bytes that there are"));
    // Others beside them are left out, and embeddings by two models come first.
    let extra = rows(2, &[0.5; 40]);
    let imported = import(npz([("x.npy", &x_train), ("y.npy", &y_train), ("scores.npy", &extra)])).unwrap();
    assert_eq!(
        imported.notices[0],
        "Of the arrays those of images as bytes were taken, with their labels; left out: mnist/scores.npy."
    );
    let both = [("images.npy", &x_train), ("y.npy", &y_train), ("old.npy", &extra), ("new.npy", &extra)];
    let imported = import(npz(both)).unwrap();
    assert_eq!(imported.manifest.given.len(), 2);
    assert_eq!(
        imported.notices[0],
        "Embeddings were taken; NumPy arrays of images beside them were left out: mnist/images.npy."
    );
}

#[test]
fn a_column_of_ids_is_no_pixel() {
    let rows = |header: &str, row: fn(usize) -> String| {
        let lines = (0..24).map(row);
        import(vec![named(
            "digits.csv",
            std::iter::once(header.to_owned()).chain(lines).collect::<Vec<_>>().join("\n"),
        )])
    };
    let imported =
        rows("id,label,pixel0,pixel1,pixel2,pixel3", |at| format!("{},{},{at},0,0,9", at + 1000, at % 2)).unwrap();
    assert_eq!(taken(&imported), (vec!["0", "1"], 20, 4));
    assert_eq!(imported.notices[0], "Columns of digits.csv that are no pixels were left out: id.");
    assert_eq!(load(&imported).train.items().picture(0).unwrap(), [0, 0, 0, 9]);
    // As pandas writes its index, and as some contests tell the part.
    let imported = rows(",Label,a,b,c,d,Usage", |at| format!("{at},{},{at},0,0,9,Training", at % 2)).unwrap();
    assert_eq!(imported.notices[0], "Columns of digits.csv that are no pixels were left out: (no name), Usage.");
}

#[test]
fn a_picture_without_a_class_is_still_one() {
    // A table of pixels counts more than images that have no classes.
    let table = (0..24).map(|at| format!("{},{at},1,2,3\n", at % 2)).collect::<String>();
    let image = png(ColorType::Grayscale, 1, 1, &[0]);
    let imported = import(vec![named("digits.csv", table), named("preview.png", image)]).unwrap();
    assert_eq!(
        imported.notices[0],
        "CSV tables were taken; PNG and JPEG images beside them were left out: preview.png."
    );
}
