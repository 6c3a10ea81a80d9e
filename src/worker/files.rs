//! Datasets: those that lie beside the page, fetched from the page's own origin, and the reader's own, which the browser keeps or the page
//! lends.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use data::{Dataset, Manifest};
use js_sys::{ArrayBuffer, Uint8Array, global};
use protocol::{DATA_FOLDER, DatasetInfo, Fault, FaultKind, OWN_CACHE, Scenario};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, DedicatedWorkerGlobalScope, RequestCache, RequestInit, Response};

use crate::said::in_words;

/// Datasets that were loaded, by id, and files that the page lends, by their paths.
#[derive(Default)]
pub struct Datasets {
    loaded: HashMap<String, Arc<Dataset>>,
    lent: HashMap<String, Vec<u8>>,
}

impl Datasets {
    /// Takes files that the page lends.
    pub fn take(&mut self, paths: Vec<String>, files: Vec<Vec<u8>>) {
        self.lent.extend(paths.into_iter().zip(files));
    }

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
        if let Some(dataset) = self.loaded.get(id) {
            return Ok(Arc::clone(dataset));
        }
        let mut dataset = self.load(id, RequestCache::Default).await;
        if dataset.is_err() {
            // What came may have been cut short or altered once, and kept by the browser since.
            dataset = self.load(id, RequestCache::Reload).await;
        }
        let dataset = Arc::new(dataset?);
        self.loaded.insert(id.to_owned(), Arc::clone(&dataset));
        Ok(dataset)
    }

    async fn load(&self, id: &str, cache: RequestCache) -> Result<Dataset, Fault> {
        let list =
            if id.starts_with(DatasetInfo::OWN) { DatasetInfo::own_manifest(id) } else { "manifest.json".to_owned() };
        let manifest = Manifest::parse(&self.fetch(&list, cache).await?).map_err(|error| fault(error.to_string()))?;
        let entry = manifest.dataset(id).ok_or_else(|| fault(format!("The manifest lists no dataset '{id}'.")))?;
        let mut files = HashMap::new();
        for file in &entry.files {
            files.insert(file.path.as_str(), self.fetch(&file.path, cache).await?);
        }
        let dataset = data::load(entry, |path| files.get(path).map(|bytes| &**bytes));
        dataset.map_err(|error| fault(error.to_string()))
    }

    /// The bytes of a file in the folder.
    async fn fetch(&self, path: &str, cache: RequestCache) -> Result<Cow<'_, [u8]>, Fault> {
        if let Some(lent) = self.lent.get(path) {
            return Ok(Cow::Borrowed(lent.as_slice()));
        }
        let failed = |reason: String| fault(format!("{DATA_FOLDER}/{path} cannot be fetched: {reason}."));
        let refused = |error: JsValue| failed(in_words(&error));
        let url = format!("{DATA_FOLDER}/{path}");
        let response = if path.starts_with(DatasetInfo::OWN) { kept(&url).await } else { fetched(&url, cache).await };
        let response: Response = response
            .map_err(refused)?
            .dyn_into()
            .map_err(|_| failed("this browser does not keep it any more; import it again".to_owned()))?;
        if !response.ok() {
            return Err(failed(format!("the server answers {}", response.status())));
        }
        let buffer = JsFuture::from(response.array_buffer().map_err(refused)?).await.map_err(refused)?;
        Ok(Cow::Owned(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec()))
    }
}

fn fault(message: String) -> Fault {
    let action = "Start the engine again to fetch the data anew.".to_owned();
    Fault { kind: FaultKind::Data, message, action }
}

async fn fetched(url: &str, cache: RequestCache) -> Result<JsValue, JsValue> {
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let how = RequestInit::new();
    how.set_cache(cache);
    JsFuture::from(scope.fetch_with_str_and_init(url, &how)).await
}

/// What the browser keeps under this address; undefined if it is nothing.
async fn kept(url: &str) -> Result<JsValue, JsValue> {
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let cache: Cache = JsFuture::from(scope.caches()?.open(OWN_CACHE)).await?.unchecked_into();
    JsFuture::from(cache.match_with_str(url)).await
}
