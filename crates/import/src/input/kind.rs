//! Which file is of which form, by its first bytes and its name.

use super::path::{class_of, has_extension};
use super::store::Store;
use crate::error::ImportError;

/// What every NumPy array in a file of its own begins with.
pub(crate) const NPY: &[u8] = b"\x93NUMPY";

/// A form that a dataset can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Embeddings,
    Idx,
    Cifar,
    Image,
    Table,
}

impl Kind {
    /// As a subject of a sentence.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Embeddings => "Embeddings",
            Self::Idx => "IDX arrays",
            Self::Cifar => "CIFAR files",
            Self::Image => "PNG and JPEG images",
            Self::Table => "CSV tables",
        }
    }
}

/// Indices of files, by form, in the order of their paths.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    pub embeddings: Vec<usize>,
    pub idx: Vec<usize>,
    pub cifar: Vec<usize>,
    /// Lists of class names that come with CIFAR.
    pub names: Vec<usize>,
    pub images: Vec<usize>,
    pub tables: Vec<usize>,
    pub tars: Vec<usize>,
    pub others: Vec<usize>,
}

impl Sorted {
    /// How many files of this form there are.
    pub fn count(&self, form: Kind) -> usize {
        match form {
            Kind::Embeddings => self.embeddings.len(),
            Kind::Idx => self.idx.len(),
            Kind::Cifar => self.cifar.len() + self.names.len(),
            Kind::Image => self.images.len(),
            Kind::Table => self.tables.len(),
        }
    }

    /// Whether there is a dataset of this form. Images without folders have no classes.
    pub fn holds(&self, form: Kind, store: &Store) -> bool {
        match form {
            Kind::Embeddings => !self.embeddings.is_empty(),
            Kind::Idx => !self.idx.is_empty(),
            Kind::Cifar => !self.cifar.is_empty(),
            Kind::Image => self.images.iter().any(|&index| class_of(store.path(index)).is_some()),
            Kind::Table => !self.tables.is_empty(),
        }
    }
}

/// Sorts all files of `store`.
pub(crate) fn sort(store: &mut Store) -> Result<Sorted, ImportError> {
    let mut sorted = Sorted::default();
    for index in 0..store.len() {
        let path = store.path(index).to_lowercase();
        let is = |extensions: &[&str]| extensions.iter().any(|extension| has_extension(&path, extension));
        let name = path.rsplit('/').next().unwrap_or_default();
        let list = if is(&[".png", ".jpg", ".jpeg"]) {
            // By name alone: an archive can hold very many of them.
            &mut sorted.images
        } else if is(&[".csv", ".csv.gz"]) {
            &mut sorted.tables
        } else if is(&[".npy", ".npy.gz", ".safetensors", ".safetensors.gz"]) {
            &mut sorted.embeddings
        } else if is(&[".bin"]) && (name.contains("batch") || matches!(name, "train.bin" | "test.bin")) {
            // CIFAR has no mark of its own, and other things end in `.bin` too.
            &mut sorted.cifar
        } else if matches!(name, "batches.meta.txt" | "fine_label_names.txt") {
            &mut sorted.names
        } else {
            match store.head(index).as_slice() {
                head if head.starts_with(NPY) => &mut sorted.embeddings,
                [0, 0, 8, 1..=4, ..] => &mut sorted.idx,
                _ if name.contains("idx") && (name.contains("ubyte") || name.contains("gzip")) => &mut sorted.idx,
                [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => &mut sorted.images,
                head if head.get(257..262) == Some(b"ustar") => &mut sorted.tars,
                _ => &mut sorted.others,
            }
        };
        list.push(index);
    }
    Ok(sorted)
}
