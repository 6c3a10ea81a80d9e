//! Which file is of which form, by its first bytes and its name.

use std::collections::BTreeSet;

use super::npy::{self, Dtype};
use super::path::{class_of, has_extension};
use super::store::{HEAD, Store};
use crate::error::ImportError;
use crate::pixels::foreign;
use crate::pixels::stack::Stack;

/// What every NumPy array in a file of its own begins with.
pub(crate) const NPY: &[u8] = b"\x93NUMPY";

/// A form that a dataset can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Stacks,
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
            Self::Stacks => "NumPy arrays of images",
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
    /// NumPy arrays that have the shape of many images.
    pub stacks: Vec<usize>,
    /// All other arrays, labels too.
    pub embeddings: Vec<usize>,
    /// How many NumPy arrays hold floats in rows.
    pub rows: usize,
    pub idx: Vec<usize>,
    pub cifar: Vec<usize>,
    /// Lists of class names that come with CIFAR.
    pub names: Vec<usize>,
    pub images: Vec<usize>,
    /// Images of forms that are not read.
    pub foreign: Vec<(usize, &'static str)>,
    pub tables: Vec<usize>,
    /// Tables of the classes of images.
    pub listings: Vec<usize>,
    pub tars: Vec<usize>,
    pub others: Vec<usize>,
}

impl Sorted {
    /// How many files of this form there are.
    pub fn count(&self, form: Kind) -> usize {
        match form {
            Kind::Stacks => self.stacks.len() + self.embeddings.len(),
            Kind::Embeddings => self.embeddings.len(),
            Kind::Idx => self.idx.len(),
            Kind::Cifar => self.cifar.len() + self.names.len(),
            Kind::Image => self.images.len(),
            Kind::Table => self.tables.len(),
        }
    }

    /// The classes of the images by their folders.
    pub fn classes<'s>(&self, store: &'s Store) -> BTreeSet<&'s str> {
        self.images.iter().filter_map(|&index| class_of(store.path(index))).collect()
    }

    /// Whether there is a dataset of this form. Images in no folders, or all in one, have no classes but by a table.
    pub fn holds(&self, form: Kind, store: &Store) -> bool {
        match form {
            // Two models' rows are the more likely matter where images lie beside them.
            Kind::Stacks => !self.stacks.is_empty() && self.rows < 2,
            Kind::Embeddings => !self.embeddings.is_empty(),
            Kind::Idx => !self.idx.is_empty(),
            Kind::Cifar => !self.cifar.is_empty(),
            Kind::Image => !self.listings.is_empty() || self.classes(store).len() > 1,
            Kind::Table => !self.tables.is_empty(),
        }
    }
}

impl Sorted {
    /// Where a NumPy array belongs that begins so.
    fn array(&mut self, head: &[u8]) -> &mut Vec<usize> {
        let Ok(npy::Header { dtype: Dtype::Plain(plain), shape, .. }) = npy::read(&mut &*head, HEAD) else {
            return &mut self.embeddings;
        };
        let is_wide = |side: &&usize| **side > 1;
        let wide = shape.iter().skip(1).filter(is_wide).count();
        self.rows += usize::from(plain.letter == b'f' && wide == 1);
        // Rows of floats within rows can be many things; with three channels they are images.
        let is_stack = plain.is_number() && wide > 1 && (plain.letter != b'f' || shape.len() == 4);
        if is_stack && Stack::of(&shape).is_some() { &mut self.stacks } else { &mut self.embeddings }
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
        } else if is(&[".npy", ".npy.gz"]) {
            let head = store.head(index);
            sorted.array(&head)
        } else if is(&[".safetensors", ".safetensors.gz"]) {
            &mut sorted.embeddings
        } else if is(&[".bin"]) && (name.contains("batch") || matches!(name, "train.bin" | "test.bin")) {
            // CIFAR has no mark of its own, and other things end in `.bin` too.
            &mut sorted.cifar
        } else if matches!(name, "batches.meta.txt" | "fine_label_names.txt") {
            &mut sorted.names
        } else {
            let head = store.head(index);
            match head.as_slice() {
                head if head.starts_with(NPY) => sorted.array(head),
                [0, 0, 8, 1..=4, ..] => &mut sorted.idx,
                _ if name.contains("idx") && (name.contains("ubyte") || name.contains("gzip")) => &mut sorted.idx,
                [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => &mut sorted.images,
                head if head.get(257..262) == Some(b"ustar") => &mut sorted.tars,
                head => match foreign::form(head).or_else(|| foreign::by_name(&path)) {
                    Some(form) => {
                        sorted.foreign.push((index, form));
                        continue;
                    }
                    None => &mut sorted.others,
                },
            }
        };
        list.push(index);
    }
    Ok(sorted)
}
