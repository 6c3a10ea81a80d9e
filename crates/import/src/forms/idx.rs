//! IDX arrays, raw or packed with gzip: images and their labels, of one part or two.

use data::IdxArray;

use super::arrays::{Arrays, Batch};
use crate::error::ImportError;
use crate::input::path::Part;
use crate::input::store::Store;
use crate::pixels::stack::Stack;
use crate::{limits, words};

/// An array and where it came from.
struct Named {
    path: String,
    array: IdxArray,
}

/// Reads the arrays at `indices` and joins images with labels by the parts that their names say.
pub(crate) fn read(store: &mut Store, indices: &[usize]) -> Result<Arrays, ImportError> {
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for &index in indices {
        let path = store.path(index).to_owned();
        let bytes = store.read(index, limits::ARRAY_BYTES)?;
        let array = IdxArray::read(&bytes).map_err(|reason| ImportError::Idx { path: path.clone(), reason })?;
        let part = if Part::of_file(&path) == Some(Part::Test) { &mut test } else { &mut train };
        part.push(Named { path, array });
    }
    let mut batches = Vec::new();
    for (files, part, name) in [(train, Part::Train, "training"), (test, Part::Test, "test")] {
        if !files.is_empty() {
            batches.push(join(files, part, name)?);
        }
    }
    Ok(Arrays { batches, names: Vec::new() })
}

/// Images and labels of one part.
fn join(files: Vec<Named>, part: Part, name: &'static str) -> Result<Batch, ImportError> {
    let (mut labels, mut images): (Vec<Named>, Vec<Named>) =
        files.into_iter().partition(|file| file.array.shape().len() == 1);
    let (pictures, numbers) = match (images.pop(), labels.pop()) {
        (Some(pictures), Some(numbers)) if images.is_empty() && labels.is_empty() => (pictures, numbers),
        (pictures, numbers) => {
            images.extend(pictures);
            labels.extend(numbers);
            let list = |files: &[Named]| words::list(files.iter().map(|file| file.path.as_str()), "(none)");
            return Err(ImportError::IdxPair { part: name, images: list(&images), labels: list(&labels) });
        }
    };
    let unusable = || ImportError::IdxShape { path: pictures.path.clone(), shape: pictures.array.shape().to_vec() };
    let stack = Stack::of(pictures.array.shape()).filter(|stack| stack.shape.size() > 0).ok_or_else(unusable)?;
    let Stack { count, shape, .. } = stack;
    let labels: Vec<usize> = numbers.array.values().iter().map(|&label| usize::from(label)).collect();
    if count != labels.len() {
        return Err(ImportError::IdxCount {
            images: pictures.path,
            image_count: count,
            labels: numbers.path,
            label_count: labels.len(),
        });
    }
    let bytes = stack.in_planes(pictures.array.into_values());
    Ok(Batch { path: pictures.path, part: Some(part), shape, labels, bytes, lead: 0 })
}
