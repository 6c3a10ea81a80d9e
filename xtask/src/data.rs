//! Makes `public/data/`: the datasets that ship with the page, from packages of the Debian archive.
//!
//! The result is the same byte for byte from the same package, so a change in the made files means
//! a change of source or rule.

use std::{fs, path::Path, process::Command};

use ::data::{
    DatasetManifest, FileEntry, IdxArray, ImageShape, Manifest, PerClassCounts, Provenance, Role, TURNS, gunzip, gzip,
    names_by_turn,
};
use anyhow::{Context, Result, bail, ensure};

const PACKAGE: &str = "dataset-fashion-mnist";
const SOURCE: &str = "/usr/share/datasets/fashion-mnist";
const CLASS_NAMES: [&str; 10] =
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];
const TRAIN_PER_CLASS: usize = 1000;
const TEST_PER_CLASS: usize = 200;
/// Above the largest source file (60,000 pictures of 28 x 28), against a damaged package.
const UNPACKED_LIMIT: usize = 64 << 20;

/// Makes all datasets and their manifest under `root/public/data/`.
///
/// # Errors
/// A source package is missing or holds something unexpected, or a file cannot be written.
pub fn make(root: &Path) -> Result<()> {
    let target = root.join("public/data");
    let upright = fashion_mnist(&target)?;
    for file in &upright.files {
        println!("{:>9} bytes  {}", file.bytes, file.path);
    }
    let turned = turned(&upright);
    let manifest = Manifest { version: Manifest::VERSION, datasets: vec![upright, turned] };
    let json = serde_json::to_string_pretty(&manifest)? + "\n";
    write(&target.join("manifest.json"), json.as_bytes())
}

fn fashion_mnist(target: &Path) -> Result<DatasetManifest> {
    ensure!(
        Path::new(SOURCE).is_dir(),
        "{SOURCE} does not exist; install the package with `apt-get install {PACKAGE}`"
    );
    let train = part(target, "train", TRAIN_PER_CLASS, [Role::TrainImages, Role::TrainLabels])?;
    let test = part(target, "t10k", TEST_PER_CLASS, [Role::TestImages, Role::TestLabels])?;
    Ok(DatasetManifest {
        id: "fashion-mnist".into(),
        name: "Fashion-MNIST".into(),
        description: "Grey pictures of clothes, shoes and bags from an online shop, 28 x 28 pixels, ten classes."
            .into(),
        provenance: Provenance {
            package: format!("Debian package {PACKAGE}"),
            package_version: installed_version(PACKAGE)?,
            licence: "MIT".into(),
            copyright: "Copyright (c) 2017 Zalando SE, https://tech.zalando.com".into(),
            homepage: "https://github.com/zalandoresearch/fashion-mnist".into(),
        },
        shape: ImageShape { channels: 1, height: 28, width: 28 },
        given: Vec::new(),
        turned: false,
        class_names: CLASS_NAMES.map(String::from).to_vec(),
        sampling: format!(
            "The first {TRAIN_PER_CLASS} training and the first {TEST_PER_CLASS} test pictures of every class, in the order of the source files."
        ),
        train: PerClassCounts(vec![TRAIN_PER_CLASS; CLASS_NAMES.len()]),
        test: PerClassCounts(vec![TEST_PER_CLASS; CLASS_NAMES.len()]),
        files: [train, test].concat(),
    })
}

/// The same files as a dataset of turned pictures.
fn turned(upright: &DatasetManifest) -> DatasetManifest {
    let class_names = names_by_turn(&upright.class_names);
    let counts = |per_class: usize| PerClassCounts(vec![per_class / TURNS; class_names.len()]);
    DatasetManifest {
        id: "fashion-mnist-turned".into(),
        name: "Fashion-MNIST, turned".into(),
        description: "The pictures of Fashion-MNIST in four turns, a quarter of each class at each: forty classes."
            .into(),
        turned: true,
        sampling: format!(
            "{} Of every four of a class the second is turned clockwise by 90, the third by 180 and the fourth by 270 degrees; each class at each turn is a class of its own.",
            upright.sampling
        ),
        train: counts(TRAIN_PER_CLASS),
        test: counts(TEST_PER_CLASS),
        class_names,
        ..upright.clone()
    }
}

/// Takes the first `per_class` items of every class from the source files that begin with `prefix`,
/// and writes them.
fn part(
    target: &Path,
    prefix: &str,
    per_class: usize,
    [images_role, labels_role]: [Role; 2],
) -> Result<Vec<FileEntry>> {
    let images = read(&format!("{prefix}-images-idx3-ubyte.gz"))?;
    let labels = read(&format!("{prefix}-labels-idx1-ubyte.gz"))?;
    let (&[count, height, width], &[label_count]) = (images.shape(), labels.shape()) else {
        bail!(
            "{prefix}: expected pictures of rank 3 and labels of rank 1, found {:?} and {:?}",
            images.shape(),
            labels.shape()
        );
    };
    ensure!(count == label_count, "{prefix}: {count} pictures have {label_count} labels");

    let mut taken = [0; CLASS_NAMES.len()];
    let (mut pixels, mut classes) = (Vec::new(), Vec::new());
    for (picture, &class) in images.values().chunks_exact(height * width).zip(labels.values()) {
        let taken = taken.get_mut(usize::from(class)).with_context(|| format!("{prefix}: unknown class {class}"))?;
        if *taken < per_class {
            *taken += 1;
            pixels.extend(picture);
            classes.push(class);
        }
    }
    ensure!(
        taken == [per_class; CLASS_NAMES.len()],
        "{prefix}: some class has fewer than {per_class} items: {taken:?}"
    );

    let count = classes.len();
    // Not `.gz`: some static hosts send such files with `Content-Encoding: gzip`, the browser
    // unpacks them behind our back, and neither length nor digest would match the manifest.
    Ok(vec![
        save(target, images_role, "idx3-gzip", &IdxArray::new(vec![count, height, width], pixels)?)?,
        save(target, labels_role, "idx1-gzip", &IdxArray::new(vec![count], classes)?)?,
    ])
}

fn read(name: &str) -> Result<IdxArray> {
    let path = Path::new(SOURCE).join(name);
    let packed = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    let bytes = gunzip(&packed, UNPACKED_LIMIT).with_context(|| format!("unpacking {}", path.display()))?;
    IdxArray::read(&bytes).with_context(|| format!("reading {}", path.display()))
}

fn save(target: &Path, role: Role, extension: &str, array: &IdxArray) -> Result<FileEntry> {
    let packed = gzip(&array.write())?;
    let path = format!("fashion-mnist/{role}.{extension}");
    write(&target.join(&path), &packed)?;
    Ok(FileEntry::describe(path, role, &packed))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file without a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}

fn installed_version(package: &str) -> Result<String> {
    let query = Command::new("dpkg-query").args(["--show", "--showformat=${Version}", package]).output();
    let output = query.context("running dpkg-query, which tells the version of the source package")?;
    ensure!(output.status.success(), "dpkg-query does not know {package}; install it with `apt-get install {package}`");
    Ok(String::from_utf8(output.stdout)?)
}
