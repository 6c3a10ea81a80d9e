//! What can be chosen, as it ships with the page.

use protocol::Catalogue;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::in_words;

/// Fetches it.
///
/// # Errors
/// Why it is not to be had, in words.
pub async fn fetch() -> Result<Catalogue, String> {
    let text = text().await.map_err(|error| in_words(&error))?;
    serde_json::from_str(&text).map_err(|error| format!("it is of another version than the page: {error}"))
}

async fn text() -> Result<String, JsValue> {
    let response = JsFuture::from(gloo::utils::window().fetch_with_str(Catalogue::FILE)).await?;
    let response: Response = response.unchecked_into();
    if !response.ok() {
        return Err(format!("the server answers {}", response.status()).into());
    }
    Ok(JsFuture::from(response.text()?).await?.as_string().unwrap_or_default())
}
