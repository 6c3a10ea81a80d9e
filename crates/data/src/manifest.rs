//! The list of datasets that ship with the lab: what they are, whose they are, and the digest of
//! every file.

use std::fmt::Write;

use protocol::{DatasetInfo, GivenModel, ItemKind, Parameter};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{ClassOrder, Counted, DataError, ImageShape, Tampering, sees_of_pictures};

const CLASSES: Counted = Counted { what: "classes", remedy: "leave some out" };
const ITEMS: Counted = Counted { what: "items of a class", remedy: "leave some out" };

/// All datasets that ship with the lab. Kept as JSON beside the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format: [`Manifest::VERSION`].
    pub version: u32,
    /// The datasets, in the order in which they are offered.
    pub datasets: Vec<DatasetManifest>,
}

/// One dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetManifest {
    /// Stable identifier, as in scenarios: `fashion-mnist`.
    pub id: String,
    /// Name for people: `Fashion-MNIST`.
    pub name: String,
    /// What is in the pictures, in a sentence.
    pub description: String,
    /// Where the pictures come from and what one may do with them.
    pub provenance: Provenance,
    /// The shape of every picture.
    pub shape: ImageShape,
    /// Where there are no pictures but rows of numbers: the models whose embeddings a row holds, one after the other, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<GivenModel>,
    /// Whether its classes are those of the files at each of four quarter turns: the pictures of a class are dealt to the turns in the
    /// order of the file, and turned as they are loaded. Names and counts are those of what comes of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub turned: bool,
    /// The name of every class; labels count into it.
    pub class_names: Vec<String>,
    /// Which items of the source were taken, in words.
    pub sampling: String,
    /// Items of every class in the training part.
    pub train: PerClassCounts,
    /// Items of every class in the test part.
    pub test: PerClassCounts,
    /// One file for every [`Role`].
    pub files: Vec<FileEntry>,
}

/// The number of items of every class, in the order of the class names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PerClassCounts(pub Vec<usize>);

impl PerClassCounts {
    /// Items of all classes together.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().fold(0, |total, &count| total.saturating_add(count))
    }
}

/// Where a dataset comes from and what one may do with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The package that the files were made from, with its kind: `Debian package
    /// dataset-fashion-mnist`.
    pub package: String,
    /// The version of that package.
    pub package_version: String,
    /// SPDX identifier of the licence.
    pub licence: String,
    /// The holder of the copyright, as the licence wants it quoted.
    pub copyright: String,
    /// Home page of the authors.
    pub homepage: String,
}

impl Provenance {
    /// The version of what a person handed in, which has none.
    pub const IMPORTED: &str = "imported";

    /// The version of what was made from a seed.
    pub const MADE: &str = "made";

    /// Package, licence and copyright, in a sentence.
    pub fn in_words(&self) -> String {
        let Self { package, package_version, licence, copyright, .. } = self;
        match package_version.as_str() {
            Self::MADE => format!("{package}."),
            Self::IMPORTED => format!("{package}, licence {licence}."),
            _ => format!("{package} {package_version}, licence {licence}. {copyright}."),
        }
    }
}

/// One file of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Path relative to the manifest, with `/` between folders.
    pub path: String,
    /// What the file holds.
    pub role: Role,
    /// Length of the file as it lies there (packed), in bytes.
    pub bytes: u64,
    /// Digest of the file as it lies there (packed), 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// The part of a dataset that a file holds. All of them are IDX files packed with gzip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// `[items, height, width]`, or `[items, channels, height, width]` when in colour; `[items, numbers]` of rows.
    TrainImages,
    /// `[items]`.
    TrainLabels,
    /// As the training images.
    TestImages,
    /// `[items]`.
    TestLabels,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TrainImages => "train-images",
            Self::TrainLabels => "train-labels",
            Self::TestImages => "test-images",
            Self::TestLabels => "test-labels",
        })
    }
}

impl Manifest {
    /// The version of the format that this crate reads and writes.
    pub const VERSION: u32 = 1;

    /// Reads the JSON of a manifest.
    ///
    /// # Errors
    /// It is not JSON of this form, or of another version.
    pub fn parse(json: &[u8]) -> Result<Self, DataError> {
        let manifest: Self =
            serde_json::from_str(&String::from_utf8_lossy(json)).map_err(|reason| DataError::Manifest { reason })?;
        match manifest.version {
            Self::VERSION => Ok(manifest),
            found => Err(DataError::ManifestVersion { expected: Self::VERSION, found }),
        }
    }

    /// The dataset with identifier `id`.
    #[must_use]
    pub fn dataset(&self, id: &str) -> Option<&DatasetManifest> {
        self.datasets.iter().find(|dataset| dataset.id == id)
    }
}

impl DatasetManifest {
    /// What can be chosen of the dataset: its numbers in a few words.
    ///
    /// # Errors
    /// There are more classes, or more items of one, than [`u32::MAX`].
    pub fn info(&self) -> Result<DatasetInfo, DataError> {
        let largest = |counts: &PerClassCounts| ITEMS.count(counts.0.iter().copied().max().unwrap_or_default());
        let (parameters, sees) = settings_of(&self.given);
        Ok(DatasetInfo {
            id: self.id.clone(),
            name: self.name.clone(),
            items: if self.given.is_empty() { ItemKind::Pixels } else { ItemKind::Rows },
            size: self.shape.height_and_width().filter(|_| self.given.is_empty()),
            classes: CLASSES.count(self.class_names.len())?,
            train_per_class: largest(&self.train)?,
            test_per_class: largest(&self.test)?,
            given: self.given.clone(),
            parameters,
            sees,
            ..DatasetInfo::default()
        })
    }

    /// The file that holds `role`.
    ///
    /// # Errors
    /// The manifest lists none.
    pub fn file(&self, role: Role) -> Result<&FileEntry, DataError> {
        let entry = self.files.iter().find(|file| file.role == role);
        entry.ok_or_else(|| DataError::NoSuchRole { dataset: self.id.clone(), role })
    }
}

/// What can be set of a dataset of labelled items as a whole, and what can be said of a stage on it: of pictures, or of rows that `given`
/// models made.
#[must_use]
pub fn settings_of(given: &[GivenModel]) -> (Vec<Parameter>, Vec<Parameter>) {
    let mut parameters = ClassOrder::parameters();
    if !given.is_empty() {
        return (parameters, Vec::new());
    }
    parameters.extend(Tampering::parameters());
    (parameters, sees_of_pictures())
}

impl FileEntry {
    /// The entry of a file that holds `bytes`.
    #[must_use]
    pub fn describe(path: String, role: Role, bytes: &[u8]) -> Self {
        Self { path, role, bytes: bytes.len() as u64, sha256: sha256(bytes) }
    }
}

/// Checks that `bytes` are those that `entry` describes: the length first, because a cut download
/// is the likely fault and needs no digest to be told, then the SHA-256.
///
/// # Errors
/// Length or digest differ; the sentence names the file, what was expected and what was found.
pub fn verify(entry: &FileEntry, bytes: &[u8]) -> Result<(), DataError> {
    let path = || entry.path.clone();
    let found = bytes.len() as u64;
    if found != entry.bytes {
        return Err(DataError::Length { path: path(), expected: entry.bytes, found });
    }
    let found = sha256(bytes);
    if found != entry.sha256 {
        return Err(DataError::Checksum { path: path(), expected: entry.sha256.clone(), found });
    }
    Ok(())
}

/// The SHA-256 of these bytes in hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn length_is_checked_before_the_digest() {
        let entry = FileEntry::describe("toy/labels".into(), Role::TrainLabels, b"abc");
        assert_eq!(entry.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(verify(&entry, b"abc").is_ok());
        assert_eq!(
            verify(&entry, b"ab").unwrap_err().to_string(),
            "toy/labels: expected 3 bytes, found 2; the file was cut short or replaced, fetch it again"
        );
        let sentence = verify(&entry, b"abd").unwrap_err().to_string();
        assert!(sentence.starts_with("toy/labels: expected SHA-256 ba7816bf"), "{sentence}");
        assert!(sentence.contains(", found a52d159f"), "{sentence}");
    }

    #[test]
    fn provenance_reads_well_with_and_without_a_package() {
        let shipped = Provenance {
            package: "Debian package toys".into(),
            package_version: "1.0".into(),
            licence: "MIT".into(),
            copyright: "Copyright (c) 2017 Toys".into(),
            homepage: String::new(),
        };
        assert_eq!(shipped.in_words(), "Debian package toys 1.0, licence MIT. Copyright (c) 2017 Toys.");
        let own = Provenance {
            package: "your files: toys.zip".into(),
            package_version: Provenance::IMPORTED.into(),
            licence: "as yours".into(),
            copyright: String::new(),
            ..shipped
        };
        assert_eq!(own.in_words(), "your files: toys.zip, licence as yours.");
    }

    #[test]
    fn another_version_is_refused_with_a_sentence() {
        let newer = br#"{"version": 2, "datasets": []}"#;
        let sentence = Manifest::parse(newer).unwrap_err().to_string();
        assert!(sentence.starts_with("the dataset manifest has version 2, this release reads version 1"), "{sentence}");
        let garbage = Manifest::parse(b"<html>").unwrap_err().to_string();
        assert!(garbage.starts_with("the dataset manifest cannot be read: expected value at line 1"), "{garbage}");
    }
}
