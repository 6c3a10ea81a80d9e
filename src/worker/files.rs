//! Datasets that lie beside the page, fetched from the page's own origin.

use std::collections::HashMap;
use std::sync::Arc;

use data::{Dataset, Manifest};
use js_sys::{ArrayBuffer, Uint8Array, global};
use protocol::{Fault, FaultKind};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, Response};

/// Folder of the datasets, relative to the worker's file.
const FOLDER: &str = "data";

/// Datasets that were loaded, by id.
#[derive(Default)]
pub struct Datasets(HashMap<String, Arc<Dataset>>);

impl Datasets {
    /// The dataset `id`, fetched and checked the first time.
    ///
    /// # Errors
    /// A fault that says which file is missing, truncated or altered.
    pub async fn get(&mut self, id: &str) -> Result<Arc<Dataset>, Fault> {
        if let Some(dataset) = self.0.get(id) {
            return Ok(Arc::clone(dataset));
        }
        let manifest = Manifest::parse(&fetch("manifest.json").await?).map_err(|error| fault(error.to_string()))?;
        let entry = manifest.dataset(id).ok_or_else(|| fault(format!("The manifest lists no dataset '{id}'.")))?;
        let mut files = HashMap::new();
        for file in &entry.files {
            files.insert(file.path.as_str(), fetch(&file.path).await?);
        }
        let dataset = data::load(entry, |path| files.get(path).map(Vec::as_slice));
        let dataset = Arc::new(dataset.map_err(|error| fault(error.to_string()))?);
        self.0.insert(id.to_owned(), Arc::clone(&dataset));
        Ok(dataset)
    }
}

fn fault(message: String) -> Fault {
    let action = "Start the engine again to fetch the data anew.".to_owned();
    Fault { kind: FaultKind::Data, message, action }
}

/// The bytes of a file in the folder.
async fn fetch(path: &str) -> Result<Vec<u8>, Fault> {
    let failed = |reason: String| fault(format!("{FOLDER}/{path} cannot be fetched: {reason}."));
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let response = JsFuture::from(scope.fetch_with_str(&format!("{FOLDER}/{path}")));
    let response: Response = response.await.map_err(|error| failed(format!("{error:?}")))?.unchecked_into();
    if !response.ok() {
        return Err(failed(format!("the server answers {}", response.status())));
    }
    let buffer = response.array_buffer().map_err(|error| failed(format!("{error:?}")))?;
    let buffer = JsFuture::from(buffer).await.map_err(|error| failed(format!("{error:?}")))?;
    Ok(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec())
}
