//! The files of a dataset and what describes them.

use data::{DatasetManifest, FileEntry, IdxArray, ImageShape, PerClassCounts, Provenance, Role, gzip};
use sha2::{Digest, Sha256};

use crate::{ImportError, Imported, NamedFile, select::Class, words::Source};

/// A dataset before it is written: images channel by channel, all of one shape.
pub(crate) struct Made {
    pub shape: ImageShape,
    pub classes: Vec<Class<Vec<u8>>>,
    /// The rules by which they were chosen and changed.
    pub sampling: String,
}

/// Writes the four files, names them after their content and that of the classes, and describes them.
pub(crate) fn encode(made: Made, source: &Source, notices: Vec<String>) -> Result<Imported, ImportError> {
    let Made { shape, classes, sampling } = made;
    let [train_images, train_labels] =
        part(shape, &classes, |class| &class.train, [Role::TrainImages, Role::TrainLabels])?;
    let [test_images, test_labels] = part(shape, &classes, |class| &class.test, [Role::TestImages, Role::TestLabels])?;
    let packed = [train_images, train_labels, test_images, test_labels];

    let mut entries: Vec<FileEntry> =
        packed.iter().map(|(role, bytes)| FileEntry::describe(String::new(), *role, bytes)).collect();
    let mut digest = Sha256::new();
    entries.iter().for_each(|entry| digest.update(&entry.sha256));
    // Terminated, so that other names never read the same.
    classes.iter().for_each(|class| digest.update([class.name.as_bytes(), &[0]].concat()));
    let id = digest.finalize().iter().take(4).fold("own-".to_owned(), |id, byte| format!("{id}{byte:02x}"));
    for entry in &mut entries {
        // As of shipped files, and for the same reason: not `.gz`, which some hosts unpack on the way.
        let kind = if matches!(entry.role, Role::TrainImages | Role::TestImages) { "idx3-gzip" } else { "idx1-gzip" };
        entry.path = format!("{id}/{}.{kind}", entry.role);
    }
    let files = entries.iter().zip(packed).map(|(entry, (_, bytes))| NamedFile { path: entry.path.clone(), bytes });
    let files = files.collect();

    let counts = |part: fn(&Class<Vec<u8>>) -> usize| PerClassCounts(classes.iter().map(part).collect());
    let manifest = DatasetManifest {
        name: source.name.clone(),
        description: format!(
            "Your own images {}, {} x {} pixels, {} classes.",
            if shape.channels == 1 { "in grey" } else { "in colour" },
            shape.width,
            shape.height,
            classes.len()
        ),
        provenance: Provenance {
            package: format!("your files: {}", source.files),
            package_version: Provenance::IMPORTED.into(),
            licence: "as yours".into(),
            copyright: String::new(),
            homepage: String::new(),
        },
        shape,
        given: Vec::new(),
        train: counts(|class| class.train.len()),
        test: counts(|class| class.test.len()),
        class_names: classes.into_iter().map(|class| class.name).collect(),
        sampling,
        files: entries,
        id,
    };
    Ok(Imported { manifest, files, notices })
}

/// The packed images and labels of one part, class by class.
fn part(
    shape: ImageShape,
    classes: &[Class<Vec<u8>>],
    items: impl Fn(&Class<Vec<u8>>) -> &Vec<Vec<u8>>,
    [images, labels]: [Role; 2],
) -> Result<[(Role, Vec<u8>); 2], ImportError> {
    let (mut pixels, mut numbers) = (Vec::new(), Vec::new());
    for (number, class) in classes.iter().enumerate() {
        let number = u8::try_from(number).map_err(|_| fault(labels, "there are more than 256 classes"))?;
        for item in items(class) {
            pixels.extend(item);
            numbers.push(number);
        }
    }
    let ImageShape { channels, height, width } = shape;
    let picture: &[usize] = if channels == 1 { &[height, width] } else { &[channels, height, width] };
    let image_shape = [&[numbers.len()], picture].concat();
    Ok([(images, pack(images, image_shape, pixels)?), (labels, pack(labels, vec![numbers.len()], numbers)?)])
}

fn pack(role: Role, shape: Vec<usize>, values: Vec<u8>) -> Result<Vec<u8>, ImportError> {
    let array = IdxArray::new(shape, values).map_err(|reason| fault(role, reason))?;
    gzip(&array.write()).map_err(|reason| fault(role, reason))
}

fn fault(role: Role, reason: impl ToString) -> ImportError {
    ImportError::Encode { role, reason: reason.to_string() }
}
