//! A person's own labelled images, or the embeddings that two or more models gave of theirs, brought
//! into the lab's own form: a [`DatasetManifest`] and its four packed IDX files, which `data::load`
//! reads as it reads a dataset that ships with the lab.
//!
//! The way through: [`import`] sorts what was handed in by content and name (`store`, `kind`); one
//! module per form reads it (`folder`, `table`, `idx`, `cifar`, `embeddings`); `select` divides it
//! into parts and keeps it within the [`limits`]; `encode` writes the files.
//!
//! * **The same input gives the same bytes**: entries are read in the order of their paths, whatever
//!   their order in an archive, and nothing asks for a clock, randomness, a thread or a file system.
//! * **Nothing is trusted**: sizes are limited while they are unpacked, and every fault is a
//!   sentence that says what, where and what to do.

mod arrays;
mod cifar;
mod embeddings;
mod embeddings_error;
mod encode;
mod error;
mod folder;
mod idx;
mod kind;
pub mod limits;
mod matrix;
mod naming;
mod npy;
mod picture;
mod resize;
mod select;
mod store;
mod table;
mod tensors;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod words;

use data::{DatasetManifest, PerClassCounts};
use protocol::{DatasetInfo, GivenModel};

pub use embeddings_error::EmbeddingsError;
pub use error::ImportError;

use kind::{Kind, Sorted};
use store::Store;

/// A file of the reader's, by its name (or path within what was chosen).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Name, or path with `/` between folders.
    pub path: String,
    /// What the file holds.
    pub bytes: Vec<u8>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The dataset, described as those that ship with the lab. Its identifier is made of its files'
    /// digests.
    pub manifest: DatasetManifest,
    /// The packed files; paths as in the manifest.
    pub files: Vec<NamedFile>,
    /// Sentences on what was left out or changed, and why.
    pub notices: Vec<String>,
}

/// Makes a dataset of `files`: a zip or a folder of images in folders named after their classes, CSV
/// tables of pixels, IDX arrays, the binary files of CIFAR-10 and CIFAR-100, or arrays of embeddings by several models with
/// their labels (`.npy`, `.npz`, `.safetensors`). A row of the last holds the embeddings of all models, oldest first.
///
/// Where several forms lie together one is taken (embeddings before IDX before CIFAR before images in folders before
/// tables) and a notice says so.
///
/// # Errors
/// Nothing is of an accepted form, a file is damaged or too large, or fewer than two classes are
/// left. The sentence says which file and what to do.
pub fn import(files: Vec<NamedFile>) -> Result<Imported, ImportError> {
    let source = words::Source::of(&files);
    let mut notices = Vec::new();
    let mut store = Store::new(files, &mut notices)?;
    let sorted = kind::sort(&mut store)?;
    let form = [Kind::Embeddings, Kind::Idx, Kind::Cifar, Kind::Image, Kind::Table]
        .into_iter()
        .find(|&form| sorted.holds(form, &store));
    let Some(form) = form else {
        return Err(nothing(&sorted, &store));
    };
    notices.extend(left_out(&sorted, form, &store));
    let made = match form {
        Kind::Embeddings => {
            let made = embeddings::read(&mut store, &sorted.embeddings, &mut notices)?;
            return encode::encode(made, &source, notices);
        }
        Kind::Idx => arrays::finish(&idx::read(&mut store, &sorted.idx)?, &mut notices)?,
        Kind::Cifar => arrays::finish(&cifar::read(&mut store, &sorted, &mut notices)?, &mut notices)?,
        Kind::Image => folder::read(&mut store, &sorted.images, &mut notices)?,
        Kind::Table => arrays::finish(&table::read(&mut store, &sorted.tables, &mut notices)?, &mut notices)?,
    };
    encode::encode(made, &source, notices)
}

/// What can be chosen of a dataset: its numbers in a few words.
pub fn info(manifest: &DatasetManifest) -> DatasetInfo {
    let most = |counts: &PerClassCounts| counts.0.iter().copied().max().unwrap_or_default() as u32;
    DatasetInfo {
        id: manifest.id.clone(),
        name: manifest.name.clone(),
        classes: manifest.class_names.len() as u32,
        train_per_class: most(&manifest.train),
        test_per_class: most(&manifest.test),
        given: manifest.given.iter().map(|it| GivenModel { name: it.name.clone(), dims: it.dims as u32 }).collect(),
        ..DatasetInfo::default()
    }
}

/// Why no form was found.
fn nothing(sorted: &Sorted, store: &Store) -> ImportError {
    if let Some(&index) = sorted.tars.first() {
        return ImportError::Tar { path: store.path(index).into() };
    }
    if !sorted.images.is_empty() {
        return ImportError::NoFolder {
            images: match sorted.images.len() {
                1 => "1 image lies".into(),
                more => format!("{more} images lie"),
            },
        };
    }
    let paths = sorted.others.iter().map(|&index| store.path(index));
    ImportError::Nothing { found: words::list(paths, "nothing") }
}

/// Sentences on files of another form than the one taken, and of none.
fn left_out(sorted: &Sorted, taken: Kind, store: &Store) -> Vec<String> {
    let paths = |indices: &[usize]| words::list(indices.iter().map(|&index| store.path(index)), "");
    let forms = [
        (Kind::Embeddings, &sorted.embeddings),
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
    beside.chain(others).collect()
}
