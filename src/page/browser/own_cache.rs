//! The browser's cache of datasets that a reader brought, in which workers look for them too.

use crate::view::few::sort_few;
use js_sys::Uint8Array;
use protocol::{DATA_FOLDER, DatasetInfo, OWN_CACHE};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, CacheStorage, Request, Response};

/// What the cache holds.
#[derive(Default)]
pub struct Listed {
    /// Datasets, by name.
    pub found: Vec<DatasetInfo>,
    /// How many there are that another version kept in another form.
    pub unreadable: usize,
}

/// Own datasets that the browser keeps; none where it keeps nothing.
///
/// # Errors
/// What the browser says, where it keeps something.
pub async fn list() -> Result<Listed, JsValue> {
    let Ok(caches) = caches() else { return Ok(Listed::default()) };
    // Opening it would make it.
    if !JsFuture::from(caches.has(OWN_CACHE)).await?.is_truthy() {
        return Ok(Listed::default());
    }
    let cache = cache().await?;
    let mut listed = Listed::default();
    for request in keys(&cache).await? {
        let id = own_id(&request.url()).unwrap_or_default();
        if request.url().ends_with(&DatasetInfo::own_info(&id)) {
            let response: Response = JsFuture::from(cache.match_with_request(&request)).await?.unchecked_into();
            let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
            match serde_json::from_str::<DatasetInfo>(&text) {
                Ok(info) => listed.found.push(info),
                Err(_) => listed.unreadable += 1,
            }
        }
    }
    sort_few(&mut listed.found, |info| info.name.clone());
    Ok(listed)
}

/// Keeps a dataset: its manifest as JSON, and its files by path.
///
/// # Errors
/// What the browser says: there may be no room.
pub async fn keep(info: &DatasetInfo, manifest: &str, files: &[(String, Vec<u8>)]) -> Result<(), JsValue> {
    let cache = cache().await?;
    for (path, bytes) in files {
        put(&cache, path, &Response::new_with_opt_js_u8_array(Some(&Uint8Array::from(bytes.as_slice())))?).await?;
    }
    put(&cache, &DatasetInfo::own_manifest(&info.id), &Response::new_with_opt_str(Some(manifest))?).await?;
    // Last, since what it names has to be there.
    let text = serde_json::to_string(info).map_err(|error| error.to_string())?;
    put(&cache, &DatasetInfo::own_info(&info.id), &Response::new_with_opt_str(Some(&text))?).await
}

async fn put(cache: &Cache, path: &str, response: &Response) -> Result<(), JsValue> {
    JsFuture::from(cache.put_with_str(&format!("{DATA_FOLDER}/{path}"), response)).await.map(drop)
}

/// Throws a dataset away.
///
/// # Errors
/// What the browser says.
pub async fn discard(id: &str) -> Result<(), JsValue> {
    let cache = cache().await?;
    for request in keys(&cache).await?.into_iter().filter(|it| own_id(&it.url()).as_deref() == Some(id)) {
        JsFuture::from(cache.delete_with_request(&request)).await?;
    }
    Ok(())
}

/// What the cache holds for this page; pages beside it share the cache.
async fn keys(cache: &Cache) -> Result<Vec<Request>, JsValue> {
    let keys: js_sys::Array = JsFuture::from(cache.keys()).await?.unchecked_into();
    let requests = keys.iter().map(|key| key.unchecked_into::<Request>());
    Ok(requests.filter(|it| own_id(&it.url()).is_some()).collect())
}

/// The own dataset that an address of this page is of.
fn own_id(url: &str) -> Option<String> {
    let base = gloo::utils::document().base_uri().ok()??;
    let folder = base.split(['?', '#']).next()?.rsplit_once('/')?.0;
    let path = url.strip_prefix(folder)?.strip_prefix('/')?.strip_prefix(DATA_FOLDER)?.strip_prefix('/')?;
    path.split('/').next().map(str::to_owned)
}

async fn cache() -> Result<Cache, JsValue> {
    Ok(JsFuture::from(caches()?.open(OWN_CACHE)).await?.unchecked_into())
}

fn caches() -> Result<CacheStorage, JsValue> {
    let caches = gloo::utils::window().caches()?;
    match caches.is_undefined() {
        true => Err("this page did not come over a secure connection".into()),
        false => Ok(caches),
    }
}
