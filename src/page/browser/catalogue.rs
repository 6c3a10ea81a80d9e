//! What can be chosen, as it ships with the page.

use protocol::Catalogue;
use wasm_bindgen::JsValue;

use super::{in_words, text, text_anew};

/// Fetches it.
///
/// # Errors
/// Why it is not to be had, in words.
pub async fn fetch() -> Result<Catalogue, String> {
    match read(text(Catalogue::FILE).await) {
        Ok(catalogue) => Ok(catalogue),
        Err(_) => read(text_anew(Catalogue::FILE).await),
    }
}

fn read(text: Result<String, JsValue>) -> Result<Catalogue, String> {
    let text = text.map_err(|error| in_words(&error))?;
    serde_json::from_str(&text).map_err(|error| format!("it is of another version than the page: {error}"))
}
