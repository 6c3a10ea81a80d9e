//! Datasets: those that lie beside the page, fetched from the page's own origin, and the reader's own, which the browser keeps.

use std::collections::HashMap;
use std::sync::Arc;

use data::{Dataset, Manifest};
use js_sys::{ArrayBuffer, Uint8Array, global};
use protocol::{DATA_FOLDER, DatasetInfo, Fault, FaultKind, OWN_CACHE, Scenario};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, DedicatedWorkerGlobalScope, Response};

/// Datasets that were loaded, by id.
#[derive(Default)]
pub struct Datasets(HashMap<String, Arc<Dataset>>);

impl Datasets {
    /// The dataset of a scenario: made, or fetched and checked the first time.
    ///
    /// # Errors
    /// A fault that says what cannot be made, or which file is missing, truncated or altered.
    pub async fn of(&mut self, scenario: &Scenario) -> Result<Arc<Dataset>, Fault> {
        match lab::made(scenario).map_err(|error| error.fault())? {
            Some(made) => Ok(Arc::new(made)),
            None => self.get(&scenario.data.dataset).await,
        }
    }

    /// The dataset `id`, fetched and checked the first time.
    async fn get(&mut self, id: &str) -> Result<Arc<Dataset>, Fault> {
        if let Some(dataset) = self.0.get(id) {
            return Ok(Arc::clone(dataset));
        }
        let list =
            if id.starts_with(DatasetInfo::OWN) { DatasetInfo::own_manifest(id) } else { "manifest.json".to_owned() };
        let manifest = Manifest::parse(&fetch(&list).await?).map_err(|error| fault(error.to_string()))?;
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
    let failed = |reason: String| fault(format!("{DATA_FOLDER}/{path} cannot be fetched: {reason}."));
    let url = format!("{DATA_FOLDER}/{path}");
    let response = if path.starts_with(DatasetInfo::OWN) { kept(&url).await } else { fetched(&url).await };
    let response = response.map_err(|error| failed(format!("{error:?}")))?;
    let response: Response = response
        .dyn_into()
        .map_err(|_| failed("this browser does not keep it any more; import it again".to_owned()))?;
    if !response.ok() {
        return Err(failed(format!("the server answers {}", response.status())));
    }
    let buffer = response.array_buffer().map_err(|error| failed(format!("{error:?}")))?;
    let buffer = JsFuture::from(buffer).await.map_err(|error| failed(format!("{error:?}")))?;
    Ok(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec())
}

async fn fetched(url: &str) -> Result<JsValue, JsValue> {
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    JsFuture::from(scope.fetch_with_str(url)).await
}

/// What the browser keeps under this address; undefined if it is nothing.
async fn kept(url: &str) -> Result<JsValue, JsValue> {
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let cache: Cache = JsFuture::from(scope.caches()?.open(OWN_CACHE)).await?.unchecked_into();
    JsFuture::from(cache.match_with_str(url)).await
}
