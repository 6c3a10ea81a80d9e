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
//! forms      one form each: arrays of pixels (cifar, idx, table), folder, embeddings
//! dataset    select, then encode; made: what lies between
//! input      store: files by path; kind: their forms; path: what a path says; npy: how NumPy writes arrays
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

use dataset::encode::encode;
use forms::{arrays, cifar, embeddings, folder, idx, table};
use input::kind::{self, Kind, Sorted};
use input::store::Store;
use protocol::ImportProgress;

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
    let sorted = kind::sort(&mut store)?;
    let form = [Kind::Embeddings, Kind::Idx, Kind::Cifar, Kind::Image, Kind::Table]
        .into_iter()
        .find(|&form| sorted.holds(form, &store));
    let Some(form) = form else {
        return Err(nothing(&sorted, &store));
    };
    notices.extend(left_out(&sorted, form, &store));
    store.expect(sorted.count(form));
    let made = match form {
        Kind::Embeddings => {
            let made = embeddings::read(&mut store, &sorted.embeddings, &mut notices)?;
            return encode(made, &source, notices, tell);
        }
        Kind::Idx => arrays::finish(&idx::read(&mut store, &sorted.idx)?, &mut notices)?,
        Kind::Cifar => arrays::finish(&cifar::read(&mut store, &sorted, &mut notices)?, &mut notices)?,
        Kind::Image => folder::read(&mut store, &sorted.images, &mut notices)?,
        Kind::Table => arrays::finish(&table::read(&mut store, &sorted.tables, &mut notices)?, &mut notices)?,
    };
    encode(made, &source, notices, tell)
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
