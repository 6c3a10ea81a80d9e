//! Datasets from a folder with a manifest.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context as _;
use data::{Dataset, DatasetManifest, Manifest};
use protocol::{DatasetInfo, Scenario};

/// What the folder's manifest says of the dataset `id`.
fn manifest(folder: &Path, id: &str) -> anyhow::Result<DatasetManifest> {
    let path = folder.join("manifest.json");
    let text = std::fs::read(&path)
        .with_context(|| format!("cannot read {}; name the folder of the datasets with --data", path.display()))?;
    let manifest = Manifest::parse(&text)?;
    manifest.dataset(id).cloned().with_context(|| format!("{} lists no dataset '{id}'", path.display()))
}

/// The dataset `id` in a few words, whether it is made or lies in the folder.
pub fn info(folder: &Path, id: &str) -> anyhow::Result<DatasetInfo> {
    match data::worlds::world(id) {
        Some(world) => Ok((world.card)()),
        None => Ok(manifest(folder, id)?.info()?),
    }
}

/// The dataset of a scenario, made or loaded.
pub fn of(folder: &Path, scenario: &Scenario) -> anyhow::Result<Dataset> {
    match lab::made(scenario)? {
        Some(made) => Ok(made),
        None => load(folder, &scenario.data.dataset),
    }
}

/// Loads and checks the dataset `id`.
fn load(folder: &Path, id: &str) -> anyhow::Result<Dataset> {
    let dataset = manifest(folder, id)?;
    let mut files = HashMap::new();
    for file in &dataset.files {
        let path = folder.join(&file.path);
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        files.insert(file.path.clone(), bytes);
    }
    Ok(data::load(&dataset, |path| files.get(path).map(Vec::as_slice))?)
}
