//! Texts that ship with the page as files of their own.

use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::in_words;
use crate::view::chrome::sections::{Section, read};

/// What the article says.
pub const ARTICLE: &str = "article.md";
/// What terms mean.
pub const TERMS: &str = "terms.md";

/// Fetches a text.
///
/// # Errors
/// Why it is not to be had, in words.
pub async fn fetch(file: &str) -> Result<Vec<Section>, String> {
    let text = text(file).await.map_err(|error| in_words(&error))?;
    read(&text).map_err(|error| error.to_string())
}

async fn text(file: &str) -> Result<String, JsValue> {
    let response = JsFuture::from(gloo::utils::window().fetch_with_str(file)).await?;
    let response: Response = response.unchecked_into();
    if !response.ok() {
        return Err(format!("the server answers {}", response.status()).into());
    }
    Ok(JsFuture::from(response.text()?).await?.as_string().unwrap_or_default())
}
