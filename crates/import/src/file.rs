//! What is handed in and what comes of it: files by name.

use data::DatasetManifest;

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
