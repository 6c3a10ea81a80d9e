//! Which file is of which form, by its first bytes and its name.

use crate::{
    ImportError,
    store::{Store, has_extension},
};

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
    /// Whether there is a dataset of this form. Images without folders have no classes.
    pub fn holds(&self, form: Kind, store: &Store) -> bool {
        match form {
            Kind::Embeddings => !self.embeddings.is_empty(),
            Kind::Idx => !self.idx.is_empty(),
            Kind::Cifar => !self.cifar.is_empty(),
            Kind::Image => self.images.iter().any(|&index| crate::folder::class_of(store.path(index)).is_some()),
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
                head if head.starts_with(crate::npy::MAGIC) => &mut sorted.embeddings,
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

/// A part of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Train,
    Test,
}

impl Part {
    /// The part that a word in the name of an array of embeddings stands for.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "query" | "gallery" => Some(Self::Test),
            _ => Self::of_folder(word),
        }
    }

    /// The part that a folder of this name stands for.
    pub fn of_folder(name: &str) -> Option<Self> {
        match name.to_lowercase().as_str() {
            "train" | "training" => Some(Self::Train),
            "test" | "testing" | "val" | "valid" | "validation" => Some(Self::Test),
            _ => None,
        }
    }

    /// The part that a table or an array belongs to, by its name or its folders.
    pub fn of_file(path: &str) -> Option<Self> {
        let lower = path.to_lowercase();
        let mut parts = lower.rsplit('/');
        let name = parts.next().unwrap_or_default();
        // In this order: "t10k" is the test part of MNIST, and "train" is in no word for a test part.
        match () {
            () if name.contains("train") => Some(Self::Train),
            () if ["test", "val", "t10k"].iter().any(|word| name.contains(word)) => Some(Self::Test),
            () => parts.find_map(Self::of_folder),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_is_in_the_name_or_a_folder() {
        assert_eq!(Part::of_file("fashion-mnist_test.csv"), Some(Part::Test));
        assert_eq!(Part::of_file("T10K-images-idx3-ubyte.gz"), Some(Part::Test));
        assert_eq!(Part::of_file("test/train.csv"), Some(Part::Train));
        assert_eq!(Part::of_file("a/Validation/images.idx3-ubyte"), Some(Part::Test));
        assert_eq!(Part::of_file("digits.csv"), None);
    }
}
