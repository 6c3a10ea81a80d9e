//! What the page asks of the importer, which makes a dataset of a person's own images or embeddings, and what it answers.

use serde::{Deserialize, Serialize};

use crate::DatasetInfo;

/// Where own datasets are kept, by the paths of their files: name of a cache of the browser, shared by page and workers.
pub const OWN_CACHE: &str = "upgrade-lab-own";
/// Folder of all datasets, relative to the page and to its workers.
pub const DATA_FOLDER: &str = "data";

/// How the names of files end that may hold images or embeddings and nothing else, in lower case.
pub const OWN_FILES: [&str; 10] = [".zip", ".csv", ".gz", ".bin", ".png", ".jpg", ".jpeg", "-ubyte", ".npy", ".npz"];
/// How the names of files end that hold a model of an export, or embeddings.
pub const TENSOR_FILES: &str = ".safetensors";

/// Files to make a dataset of; they travel beside this message, in this order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportRequest {
    /// Names, with folders where they have any.
    pub names: Vec<String>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportProgress {
    /// What is being done.
    pub stage: ImportStage,
    /// How much of that is done, `0..=1`.
    pub share: f64,
}

/// What is done with files that are imported, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportStage {
    /// Their bytes are read.
    Reading,
    /// What is in them is unpacked and understood.
    Unpacking,
    /// The dataset that comes of it is packed.
    Packing,
}

/// What the importer says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportAnswer {
    /// First message: it can listen now.
    Ready,
    /// How far it is.
    Progress(ImportProgress),
    /// The dataset; its files travel beside this message.
    Imported {
        /// What it is.
        info: Box<DatasetInfo>,
        /// A manifest of this dataset alone, as JSON.
        manifest: String,
        /// Paths of the files, in this order, relative to the folder of the datasets.
        paths: Vec<String>,
        /// What a reader must know of it, in sentences.
        notices: Vec<String>,
    },
    /// Nothing came of it.
    Refused {
        /// Why, in a sentence.
        reason: String,
    },
}

impl DatasetInfo {
    /// Path of the manifest of an own dataset, relative to the folder of the datasets.
    pub fn own_manifest(id: &str) -> String {
        format!("{id}/manifest.json")
    }

    /// Path of what the page knows of an own dataset, as JSON.
    pub fn own_info(id: &str) -> String {
        format!("{id}/info.json")
    }
}
