//! What a browser says of a failure.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// What the browser said of a failure, as it stands in a sentence.
pub fn in_words(error: &JsValue) -> String {
    let said = Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    let said = said.or_else(|| error.as_string()).filter(|said| !said.is_empty());
    said.map_or_else(|| "it does not say why".to_owned(), |said| said.trim_end_matches('.').to_owned())
}
