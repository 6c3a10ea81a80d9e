//! Datasets from a folder with a manifest.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context as _;
use data::{Dataset, Manifest};

/// Loads and checks the dataset `id`.
pub fn load(folder: &Path, id: &str) -> anyhow::Result<Dataset> {
    let path = folder.join("manifest.json");
    let text = std::fs::read(&path)
        .with_context(|| format!("cannot read {}; name the folder of the datasets with --data", path.display()))?;
    let manifest = Manifest::parse(&text)?;
    let dataset = manifest.dataset(id).with_context(|| format!("{} lists no dataset '{id}'", path.display()))?;
    let mut files = HashMap::new();
    for file in &dataset.files {
        let path = folder.join(&file.path);
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        files.insert(file.path.clone(), bytes);
    }
    Ok(data::load(dataset, |path| files.get(path).map(Vec::as_slice))?)
}
