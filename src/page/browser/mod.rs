//! What the page asks of the browser. It knows nothing of the page's state.

pub mod address;
pub mod catalogue;
pub mod decode;
pub mod events;
pub mod files;
pub mod hooks;
pub mod kept;
pub mod late;
pub mod outline;
pub mod own_cache;
pub mod sheet;
pub mod storage;
pub mod texts;
pub mod theme;

use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, RequestInit, Response};

pub use crate::said::in_words;

/// Fetches a file that lies beside the page.
///
/// # Errors
/// What the browser says.
pub async fn fetch(path: &str) -> Result<Response, JsValue> {
    fetch_by(path, RequestCache::Default).await
}

/// The same past all that the browser keeps, for what turned out to be unusable: it may have been cut short or altered once, and kept since.
///
/// # Errors
/// What the browser says.
pub async fn fetch_anew(path: &str) -> Result<Response, JsValue> {
    fetch_by(path, RequestCache::Reload).await
}

/// What a file beside the page holds, as text.
///
/// # Errors
/// What the browser says, or what the server answers.
pub async fn text(path: &str) -> Result<String, JsValue> {
    text_of(fetch(path).await?).await
}

/// The same past all that the browser keeps, as [`fetch_anew`].
///
/// # Errors
/// As [`text`].
async fn text_anew(path: &str) -> Result<String, JsValue> {
    text_of(fetch_anew(path).await?).await
}

/// What a file beside the page says to who reads it. Where what comes first cannot be read it is asked for once more, past
/// all that the browser keeps.
///
/// # Errors
/// Why it is not to be had, in words.
pub async fn read<T>(path: &str, by: impl Fn(&str) -> Result<T, String>) -> Result<T, String> {
    let once = |text: Result<String, JsValue>| by(&text.map_err(|error| in_words(&error))?);
    match once(text(path).await) {
        Ok(found) => Ok(found),
        Err(_) => once(text_anew(path).await),
    }
}

async fn text_of(response: Response) -> Result<String, JsValue> {
    if !response.ok() {
        return Err(format!("the server answers {}", response.status()).into());
    }
    Ok(JsFuture::from(response.text()?).await?.as_string().unwrap_or_default())
}

/// Has the browser get a file anew, whatever it keeps of it, for who asks for it next.
pub async fn renew(path: &str) {
    // What is not to be had is missed by who asks for it, and that says so.
    if let Ok(body) = fetch_anew(path).await.and_then(|response| response.array_buffer()) {
        let _ = JsFuture::from(body).await;
    }
}

async fn fetch_by(path: &str, cache: RequestCache) -> Result<Response, JsValue> {
    let how = RequestInit::new();
    how.set_cache(cache);
    JsFuture::from(gloo::utils::window().fetch_with_str_and_init(path, &how)).await?.dyn_into()
}

/// As many workers as the processor can run beside the page.
pub fn most_workers() -> usize {
    (gloo::utils::window().navigator().hardware_concurrency() as usize).saturating_sub(1).max(1)
}
