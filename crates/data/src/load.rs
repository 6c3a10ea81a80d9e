//! From verified files to a dataset.

use crate::gzip::unpack_verified;
use crate::turn::by_turn;
use crate::{
    DataError, Dataset, DatasetManifest, Element, IdxArray, ImageShape, Items, Normalisation, Part, PerClassCounts,
    Role, verify,
};

/// Builds the dataset that `manifest` describes. `file` gives the bytes of a path of the manifest,
/// from wherever the caller has them.
///
/// Every file is verified (length, SHA-256) before it is unpacked, and its shape and class counts
/// are compared with the manifest after; the counts of turned pictures are those after the turning.
///
/// # Errors
/// A file is missing, is not the one in the manifest, or does not hold what the manifest says. The
/// sentence names the file.
pub fn load<'a>(manifest: &DatasetManifest, file: impl Fn(&str) -> Option<&'a [u8]>) -> Result<Dataset, DataError> {
    let part = |images, labels, counts| read_part(manifest, &file, images, labels, counts);
    let train = part(Role::TrainImages, Role::TrainLabels, &manifest.train)?;
    let test = part(Role::TestImages, Role::TestLabels, &manifest.test)?;
    Ok(Dataset {
        id: manifest.id.clone(),
        name: manifest.name.clone(),
        class_names: manifest.class_names.clone(),
        normalisation: Normalisation::of(train.items()),
        train,
        test,
        given: manifest.given.clone(),
        provenance: manifest.provenance.clone(),
    })
}

fn read_part<'a>(
    manifest: &DatasetManifest,
    file: &impl Fn(&str) -> Option<&'a [u8]>,
    images: Role,
    labels: Role,
    counts: &PerClassCounts,
) -> Result<Part, DataError> {
    let items = counts.total();
    let ImageShape { channels, height, width } = manifest.shape;
    let images = if manifest.given.is_empty() {
        let picture: &[usize] = if channels == 1 { &[height, width] } else { &[channels, height, width] };
        Items::pixels(manifest.shape, read_array(manifest, file, images, [&[items], picture].concat())?)?
    } else {
        let width = manifest.given.iter().map(|model| model.dims as usize).sum();
        Items::rows(width, read_array(manifest, file, images, vec![items, width])?)?
    };
    let numbers: Vec<u8> = read_array(manifest, file, labels, vec![items])?;

    let classes = manifest.class_names.len();
    let numbers: Vec<u32> = numbers.into_iter().map(u32::from).collect();
    let part = match manifest.turned {
        true => by_turn(&images, &numbers, classes)?,
        false => Part::new(images, numbers, classes)?,
    };
    for (class, members) in part.by_class(classes).iter().enumerate() {
        let (expected, found) = (counts.0.get(class).copied().unwrap_or_default(), members.len());
        if expected != found {
            let path = manifest.file(labels)?.path.clone();
            return Err(DataError::ClassCount { path, class, expected, found });
        }
    }
    Ok(part)
}

/// The values of the file with `role`, which must be an IDX array of shape `expected`.
fn read_array<'a, T: Element>(
    manifest: &DatasetManifest,
    file: &impl Fn(&str) -> Option<&'a [u8]>,
    role: Role,
    expected: Vec<usize>,
) -> Result<Vec<T>, DataError> {
    let entry = manifest.file(role)?;
    let path = || entry.path.clone();
    let packed = file(&entry.path).ok_or_else(|| DataError::MissingFile { path: path() })?;
    verify(entry, packed)?;
    let too_large = || DataError::Idx { path: path(), reason: crate::IdxError::TooLarge { shape: expected.clone() } };
    let length = IdxArray::<T>::file_length(&expected).ok_or_else(too_large)?;
    let bytes = unpack_verified(packed, length).map_err(|reason| DataError::Gzip { path: path(), reason })?;
    let array = IdxArray::read(&bytes).map_err(|reason| DataError::Idx { path: path(), reason })?;
    if array.shape() != expected {
        return Err(DataError::Shape { path: path(), expected, found: array.shape().to_vec() });
    }
    Ok(array.into_values())
}
