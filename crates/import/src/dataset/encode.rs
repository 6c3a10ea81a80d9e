//! The files of a dataset and what describes them.

use data::{
    Counted, DatasetManifest, Element, FileEntry, IdxArray, ImageShape, PerClassCounts, Provenance, Role, gzip_telling,
};
use protocol::{GivenModel, ImportProgress, ImportStage};
use sha2::{Digest, Sha256};

use super::made::{Class, Made};
use crate::error::ImportError;
use crate::file::{Imported, NamedFile};
use crate::words::Source;

const CLASSES: Counted = Counted { what: "classes", remedy: "hand in fewer" };

/// Writes the four files, names them after their content and that of the classes, and describes them.
pub(crate) fn encode<T: Element>(
    made: Made<T>,
    source: &Source,
    notices: Vec<String>,
    tell: &mut dyn FnMut(ImportProgress),
) -> Result<Imported, ImportError> {
    let items = made.classes.iter().flat_map(|class| class.train.iter().chain(&class.test));
    // Labels are as nothing beside the items.
    let all = items.map(|item| size_of_val(item.as_slice())).sum::<usize>().max(1);
    let mut done = 0;
    let mut step = |bytes: usize| {
        done += bytes;
        let share = done as f64 / all as f64;
        tell(ImportProgress { stage: ImportStage::Packing, share: share.min(1.0) });
    };
    step(0);
    let [train_images, train_labels] =
        part(&made, |class| &class.train, [Role::TrainImages, Role::TrainLabels], &mut step)?;
    let [test_images, test_labels] = part(&made, |class| &class.test, [Role::TestImages, Role::TestLabels], &mut step)?;
    let Made { shape, given, classes, sampling } = made;
    let packed = [train_images, train_labels, test_images, test_labels];

    let mut entries: Vec<FileEntry> =
        packed.iter().map(|(role, bytes)| FileEntry::describe(String::new(), *role, bytes)).collect();
    let mut digest = Sha256::new();
    entries.iter().for_each(|entry| digest.update(&entry.sha256));
    // Terminated, so that other names never read the same.
    classes.iter().for_each(|class| digest.update([class.name.as_bytes(), &[0]].concat()));
    given.iter().for_each(|model| digest.update(format!("{}\0{}\0", model.name, model.dims)));
    let id = digest.finalize().iter().take(4).fold("own-".to_owned(), |id, byte| format!("{id}{byte:02x}"));
    for entry in &mut entries {
        // As of shipped files, and for the same reason: not `.gz`, which some hosts unpack on the way.
        let kind = match entry.role {
            Role::TrainLabels | Role::TestLabels => "idx1-gzip",
            Role::TrainImages | Role::TestImages if given.is_empty() => "idx3-gzip",
            Role::TrainImages | Role::TestImages => "idx2-gzip",
        };
        entry.path = format!("{id}/{}.{kind}", entry.role);
    }
    let files = entries.iter().zip(packed).map(|(entry, (_, bytes))| NamedFile { path: entry.path.clone(), bytes });
    let files = files.collect();

    let counts = |part: fn(&Class<Vec<T>>) -> usize| PerClassCounts(classes.iter().map(part).collect());
    let manifest = DatasetManifest {
        name: source.name.clone().unwrap_or_else(|| format!("Own {}", what(&given))),
        description: description(shape, &given, classes.len()),
        provenance: Provenance {
            package: format!("your files: {}", source.files),
            package_version: Provenance::IMPORTED.into(),
            licence: "as yours".into(),
            copyright: String::new(),
            homepage: String::new(),
        },
        shape,
        given,
        turned: false,
        train: counts(|class| class.train.len()),
        test: counts(|class| class.test.len()),
        class_names: classes.into_iter().map(|class| class.name).collect(),
        sampling,
        files: entries,
        id,
    };
    Ok(Imported { manifest, files, notices })
}

/// What is in the dataset, in a sentence.
fn description(shape: ImageShape, given: &[GivenModel], classes: usize) -> String {
    let ImageShape { channels, height, width } = shape;
    if given.is_empty() {
        let colour = if channels == 1 { "in grey" } else { "in colour" };
        return format!("Your own images {colour}, {width} x {height} pixels, {classes} classes.");
    }
    let models: Vec<String> = given.iter().map(|model| format!("{} {}", model.name, model.dims)).collect();
    format!("Your own embeddings by {} models ({} dims), {classes} classes.", given.len(), models.join(", "))
}

/// What the dataset is made of.
fn what(given: &[GivenModel]) -> &'static str {
    if given.is_empty() { "images" } else { "embeddings" }
}

/// The packed images, or rows, and labels of one part, class by class.
fn part<T: Element>(
    made: &Made<T>,
    items: impl Fn(&Class<Vec<T>>) -> &Vec<Vec<T>>,
    [images, labels]: [Role; 2],
    step: &mut dyn FnMut(usize),
) -> Result<[(Role, Vec<u8>); 2], ImportError> {
    let what = what(&made.given);
    let fault = |role, reason: String| ImportError::Encode { role, reason, what };
    let (mut values, mut numbers) = (Vec::<T>::new(), Vec::<u8>::new());
    for (number, class) in made.classes.iter().enumerate() {
        let number = CLASSES.number(number)?;
        for item in items(class) {
            values.extend(item);
            numbers.push(number);
        }
    }
    let ImageShape { channels, height, width } = made.shape;
    let item: &[usize] = match channels {
        _ if !made.given.is_empty() => &[width],
        1 => &[height, width],
        _ => &[channels, height, width],
    };
    let image_shape = [&[numbers.len()], item].concat();
    let image_bytes = pack(image_shape, values, step).map_err(|reason| fault(images, reason))?;
    let label_bytes = pack(vec![numbers.len()], numbers, step).map_err(|reason| fault(labels, reason))?;
    Ok([(images, image_bytes), (labels, label_bytes)])
}

fn pack<T: Element>(shape: Vec<usize>, values: Vec<T>, step: &mut dyn FnMut(usize)) -> Result<Vec<u8>, String> {
    let array = IdxArray::new(shape, values).map_err(|reason| reason.to_string())?;
    gzip_telling(&array.write(), step).map_err(|reason| reason.to_string())
}
