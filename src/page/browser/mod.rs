//! What the page asks of the browser. It knows nothing of the page's state.

pub mod address;
pub mod catalogue;
pub mod events;
pub mod files;
pub mod hooks;
pub mod late;
pub mod own_cache;
pub mod sheet;
pub mod storage;
pub mod theme;

use js_sys::Reflect;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// A file beside the page.
///
/// # Errors
/// What the browser says, or what the server answers.
pub async fn text(file: &str) -> Result<String, JsValue> {
    let response = JsFuture::from(gloo::utils::window().fetch_with_str(file)).await?;
    let response: Response = response.unchecked_into();
    if !response.ok() {
        return Err(format!("the server answers {}", response.status()).into());
    }
    Ok(JsFuture::from(response.text()?).await?.as_string().unwrap_or_default())
}

/// What the browser said of a failure, as it stands in a sentence.
pub fn in_words(error: &JsValue) -> String {
    let said = Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    let said = said.or_else(|| error.as_string()).filter(|said| !said.is_empty());
    said.map_or_else(|| "it does not say why".to_owned(), |said| said.trim_end_matches('.').to_owned())
}

/// As many workers as the processor can run beside the page.
pub fn most_workers() -> usize {
    (gloo::utils::window().navigator().hardware_concurrency() as usize).saturating_sub(1).max(1)
}
