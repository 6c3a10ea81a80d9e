//! NumPy arrays of images with arrays of their labels, as Keras and others pack them: `x_train` and `y_train`, `train_images` and
//! `train_labels`.

use std::collections::BTreeMap;

use super::arrays::{Arrays, Batch, Names};
use super::embeddings::matrix::Values;
use super::embeddings::{naming, no_labels, npy};
use crate::error::{EmbeddingsError, ImportError};
use crate::input::npy::{self as numpy, Dtype};
use crate::input::path::{Part, has_extension};
use crate::input::store::Store;
use crate::pixels::stack::Stack;
use crate::{limits, words};

/// Arrays of one part, by the word of their names that says which.
#[derive(Default)]
struct Group {
    images: Vec<Images>,
    labels: Vec<(String, Values)>,
}

struct Images {
    path: String,
    stack: Stack,
    values: Vec<u8>,
}

/// Reads the images at `stacks`, and what of `others` are labels.
pub(crate) fn read(
    store: &mut Store,
    stacks: &[usize],
    others: &[usize],
    notices: &mut Vec<String>,
) -> Result<Arrays, ImportError> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let (mut left, mut refused) = (Vec::new(), Vec::new());
    for &index in stacks {
        let path = store.path(index).to_owned();
        let bytes = store.read(index, limits::ARRAY_BYTES)?;
        match images(&path, bytes) {
            Ok(images) => groups.entry(part(&path)).or_default().images.push(images),
            Err(fault @ ImportError::StackType { .. }) => refused.push((path, fault)),
            Err(fault) => return Err(fault),
        }
    }
    if groups.is_empty()
        && let Some((_, fault)) = refused.pop()
    {
        return Err(fault);
    }
    left.extend(refused.into_iter().map(|(path, _)| path));
    let mut odd = None;
    for &index in others {
        let path = store.path(index).to_owned();
        if has_extension(&path, ".safetensors") || has_extension(&path, ".safetensors.gz") {
            left.push(path);
            continue;
        }
        let bytes = store.read(index, limits::ARRAY_BYTES)?;
        let array = npy::read(&path, &bytes)?;
        match array.values {
            values @ Values::Labels(_) => groups.entry(part(&path)).or_default().labels.push((path, values)),
            _ => {
                if is_label(&path) {
                    odd.get_or_insert(array.head);
                }
                left.push(path);
            }
        }
    }
    let mut names = Names::default();
    let mut batches = Vec::new();
    for (word, Group { mut images, mut labels }) in groups {
        if images.is_empty() {
            left.extend(labels.into_iter().map(|(path, _)| path));
            continue;
        }
        // Those that are labels by name come before those that only look like some.
        if labels.len() > 1 {
            let (named, others) = labels.into_iter().partition(|(path, _)| is_label(path));
            labels = named;
            left.extend(Vec::into_iter(others).map(|(path, _)| path));
        }
        match (images.pop(), labels.pop(), images.is_empty() && labels.is_empty()) {
            (Some(images), Some((path, Values::Labels(read))), true) => {
                let labels = read.iter().map(|label| names.place(label.trim())).collect();
                batches.push(batch(images, &path, labels)?);
            }
            (last, label, _) => {
                if let (None, Some(head)) = (&label, odd) {
                    return Err(no_labels(head).into());
                }
                images.extend(last);
                labels.extend(label);
                let images = words::list(images.iter().map(|images| images.path.as_str()), "(none)");
                let labels = words::list(labels.iter().map(|(path, _)| path.as_str()), "(none)");
                let part = if word.is_empty() { word } else { format!("{word} ") };
                return Err(ImportError::StackPair { part, images, labels });
            }
        }
    }
    if !left.is_empty() {
        left.sort();
        let list = words::list(left.iter().map(String::as_str), "");
        notices
            .push(format!("Of the arrays those of images as bytes were taken, with their labels; left out: {list}."));
    }
    batches.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Arrays { batches, names: names.names })
}

/// The images in a NumPy file.
fn images(path: &str, mut bytes: Vec<u8>) -> Result<Images, ImportError> {
    let fault = |reason: &str| EmbeddingsError::Npy { path: path.to_owned(), reason: reason.to_owned() };
    // It was sorted here by what its header says.
    let header = numpy::read(&mut bytes.as_slice(), npy::LONGEST).map_err(|_| fault("its header is damaged"))?;
    let (Dtype::Plain(plain), Some(stack)) = (header.dtype, Stack::of(&header.shape)) else {
        return Err(fault("its header is damaged").into());
    };
    if (plain.letter, plain.bytes) != (b'u', 1) {
        return Err(ImportError::StackType { path: path.to_owned(), dtype: plain.name });
    }
    if header.columns_first {
        return Err(fault("the order of its axes is Fortran's, which is not read of images").into());
    }
    let values = bytes.split_off(header.offset.min(bytes.len()));
    if stack.count.checked_mul(stack.shape.size()) != Some(values.len()) {
        let found = values.len();
        return Err(fault(&format!("its header announces other values than the {found} bytes that there are")).into());
    }
    Ok(Images { path: path.to_owned(), stack, values })
}

fn batch(images: Images, labels_path: &str, labels: Vec<usize>) -> Result<Batch, ImportError> {
    let Images { path, stack, values } = images;
    if stack.count != labels.len() {
        return Err(ImportError::StackCount {
            images: path,
            image_count: stack.count,
            labels: labels_path.to_owned(),
            label_count: labels.len(),
        });
    }
    let part = Part::of_word(&part(&path));
    Ok(Batch { path, part, shape: stack.shape, labels, bytes: stack.in_planes(values), lead: 0 })
}

/// The word of a path, nearest to its end, that names a part; nothing where none does.
fn part(path: &str) -> String {
    naming::words(path).into_iter().rev().find(|word| Part::of_word(word).is_some()).unwrap_or_default()
}

fn is_label(path: &str) -> bool {
    naming::words(path).iter().any(|word| naming::LABELS.contains(&word.as_str()))
}
