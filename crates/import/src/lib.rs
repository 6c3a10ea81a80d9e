//! What people bring of their own. `vectors` gathers those of two embedding models into a question that `decide` answers. All else
//! here brings a person's own labelled images, or the embeddings that two or more models gave of theirs, into the lab's own form: a
//! [`data::DatasetManifest`] and its four packed IDX files, which `data::load` reads as it reads a dataset that ships with the lab.
//!
//! The way through: [`import`] sorts what was handed in by content and name (`input`); one module per form reads it (`forms`),
//! divides it into parts, keeps it within the [`limits`] and writes the files (`dataset`).
//!
//! Modules use only those below them:
//!
//! ```text
//! import
//! vectors    two models' vectors with what is known of relevance, by layers of their own
//! forms      one form each: arrays of pixels (cifar, idx, stacks, table), folder with its listing, embeddings
//! dataset    select, then encode; made: what lies between
//! input      store: files by path, names: those in archives; kind: their forms; path: what a path says; npy: how NumPy
//!            writes arrays
//! pixels     decoding pictures, bringing them to size
//! error, words, file, limits
//! ```
//!
//! * **The same input gives the same bytes**: entries are read in the order of their paths, whatever
//!   their order in an archive, and nothing asks for a clock, randomness, a thread or a file system.
//! * **Nothing is trusted**: sizes are limited while they are unpacked, and every fault is a
//!   sentence that says what, where and what to do.

mod dataset;
mod error;
mod file;
mod forms;
mod input;
pub mod limits;
mod pixels;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
#[cfg(feature = "vectors")]
pub mod vectors;
mod words;

pub use error::{EmbeddingsError, ImportError};
pub use file::{Imported, NamedFile};

use std::collections::BTreeMap;

use dataset::encode::encode;
use forms::{arrays, cifar, embeddings, folder, idx, listing, stacks, table};
use input::kind::{self, Kind, Sorted};
use input::path::class_of;
use input::store::Store;
use protocol::ImportProgress;

/// Makes a dataset of `files`: a zip or a folder of images in folders named after their classes, or beside a CSV table of their names and
/// labels; CSV tables of pixels, IDX arrays, the binary files of CIFAR-10 and CIFAR-100, NumPy arrays of images with their labels (`.npy`,
/// `.npz`), or arrays of embeddings by several models with their labels (`.npy`, `.npz`, `.safetensors`). A row of the last holds the
/// embeddings of all models, oldest first.
///
/// Where several forms lie together one is taken (embeddings before IDX before CIFAR before images before tables; NumPy arrays of images
/// before all of these where no two models' embeddings lie beside them) and a notice says so.
///
/// # Errors
/// Nothing is of an accepted form, a file is damaged or too large, or fewer than two classes are
/// left. The sentence says which file and what to do.
pub fn import(files: Vec<NamedFile>) -> Result<Imported, ImportError> {
    import_telling(files, &mut |_| {})
}

/// The same, which says how far it is: often, so that whoever listens picks what to hear.
///
/// # Errors
/// As [`import`].
pub fn import_telling(files: Vec<NamedFile>, tell: &mut dyn FnMut(ImportProgress)) -> Result<Imported, ImportError> {
    let source = words::Source::of(&files);
    let mut notices = Vec::new();
    let mut store = Store::new(files, &mut notices, tell)?;
    let mut sorted = kind::sort(&mut store)?;
    if !sorted.images.is_empty() && sorted.classes(&store).len() < 2 {
        sorted.listings = listing::find(&mut store, &sorted);
        sorted.tables.retain(|index| !sorted.listings.contains(index));
    }
    let form = [Kind::Stacks, Kind::Embeddings, Kind::Idx, Kind::Cifar, Kind::Image, Kind::Table]
        .into_iter()
        .find(|&form| sorted.holds(form, &store));
    let Some(form) = form else {
        return Err(nothing(&sorted, &store));
    };
    notices.extend(left_out(&sorted, form, &store));
    store.expect(sorted.count(form));
    let made = match form {
        Kind::Stacks => {
            let arrays = stacks::read(&mut store, &sorted.stacks, &sorted.embeddings, &mut notices)?;
            arrays::finish(&arrays, &mut notices)?
        }
        Kind::Embeddings => {
            let made = embeddings::read(&mut store, &sorted.embeddings, &mut notices)?;
            return encode(made, &source, notices, tell);
        }
        Kind::Idx => arrays::finish(&idx::read(&mut store, &sorted.idx)?, &mut notices)?,
        Kind::Cifar => arrays::finish(&cifar::read(&mut store, &sorted, &mut notices)?, &mut notices)?,
        Kind::Image => folder::read(&mut store, &sorted.images, &sorted.listings, &mut notices)?,
        Kind::Table => arrays::finish(&table::read(&mut store, &sorted.tables, &mut notices)?, &mut notices)?,
    };
    encode(made, &source, notices, tell)
}

/// Why no form was found.
fn nothing(sorted: &Sorted, store: &Store) -> ImportError {
    if let Some(&index) = sorted.tars.first() {
        return ImportError::Tar { path: store.path(index).into() };
    }
    let images = |count: usize, one: &str, more: &str| match count {
        1 => format!("1 image {one}"),
        _ => format!("{count} images {more}"),
    };
    if let [(_, first), ..] = *sorted.foreign.as_slice()
        && (sorted.images.is_empty() || !lost(sorted, store).is_empty())
    {
        let found = words::list(sorted.foreign.iter().map(|&(index, _)| store.path(index)), "");
        let form = match sorted.foreign.iter().all(|&(_, form)| form == first) {
            true => first.to_owned(),
            false => format!("of forms such as {first}"),
        };
        return ImportError::Foreign { images: images(sorted.foreign.len(), "is", "are"), form, found };
    }
    if let Some(&first) = sorted.images.first() {
        let folder = |index: usize| store.path_within(index).rsplit_once('/').map_or("", |(folder, _)| folder);
        let place = match folder(first) {
            "" => "in no folder".to_owned(),
            one if sorted.images.iter().all(|&index| folder(index) == one) => format!("in one folder, {one}"),
            _ => "in folders that name no two classes".to_owned(),
        };
        return ImportError::NoFolder { images: images(sorted.images.len(), "lies", "lie"), place };
    }
    let paths = sorted.others.iter().map(|&index| store.path(index));
    ImportError::Nothing { found: words::list(paths, "nothing") }
}

/// Sentences on files of another form than the one taken, and of none.
fn left_out(sorted: &Sorted, taken: Kind, store: &Store) -> Vec<String> {
    let paths = |indices: &[usize]| words::list(indices.iter().map(|&index| store.path(index)), "");
    // Labels of images are no embeddings.
    let arrays: &[usize] = if taken == Kind::Stacks { &[] } else { &sorted.embeddings };
    let forms: [(Kind, &[usize]); 6] = [
        (Kind::Stacks, &sorted.stacks),
        (Kind::Embeddings, arrays),
        (Kind::Idx, &sorted.idx),
        (Kind::Cifar, &sorted.cifar),
        (Kind::Image, &sorted.images),
        (Kind::Table, &sorted.tables),
    ];
    let beside = forms.into_iter().filter(|&(form, indices)| form != taken && !indices.is_empty());
    let beside = beside.map(|(form, indices)| {
        format!("{} were taken; {} beside them were left out: {}.", taken.plural(), form.plural(), paths(indices))
    });
    let unknown: Vec<usize> = sorted.others.iter().chain(&sorted.tars).copied().collect();
    let others =
        (!unknown.is_empty()).then(|| format!("Of no form that can be imported, so left out: {}.", paths(&unknown)));
    let foreign: Vec<usize> = sorted.foreign.iter().map(|&(index, _)| index).collect();
    let foreign = (!foreign.is_empty()).then(|| {
        let list = paths(&foreign);
        format!("Images of forms that are not read were left out; save them as PNG or JPEG to have them too: {list}.")
    });
    let lost = if taken == Kind::Image && sorted.listings.is_empty() { lost(sorted, store) } else { Vec::new() };
    lost.into_iter().chain(beside).chain(others).chain(foreign).collect()
}

/// Sentences on the classes of which nothing is left, as all their files are of forms that are not read.
fn lost(sorted: &Sorted, store: &Store) -> Vec<String> {
    let kept = sorted.classes(store);
    let mut files: BTreeMap<&str, (usize, Option<&str>)> = BTreeMap::new();
    let foreign = sorted.foreign.iter().map(|&(index, form)| (index, Some(form)));
    let others = sorted.others.iter().map(|&index| (index, None));
    for (index, form) in foreign.chain(others) {
        if let Some(class) = class_of(store.path(index)).filter(|class| !kept.contains(class)) {
            let (count, first) = files.entry(class).or_insert((0, form));
            *count += 1;
            *first = first.or(form);
        }
    }
    let told = files.into_iter().filter_map(|(class, (count, form))| match form {
        Some(form) => Some(format!(
            "Class {class} is lost: none of its {} is PNG or JPEG ({form} is not read); save them as PNG.",
            words::count(count, "file")
        )),
        // A few others are no class but what lies about.
        None if count < limits::FEWEST => None,
        None => Some(format!("Class {class} is lost: none of its {} is PNG or JPEG.", words::count(count, "file"))),
    });
    told.collect()
}
