//! Files out and in, as the browser does it.

use js_sys::{JSON, Uint8Array};
use leptos::prelude::set_timeout;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, HtmlElement, Url};

use super::in_words;

/// Clicks on an element, if the page has it: on an input of files, lets the reader choose some.
pub fn click(id: &str) {
    let input = gloo::utils::document().get_element_by_id(id);
    if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlElement>().ok()) {
        input.click();
    }
}

/// Saves a model's weights and its card as two files.
///
/// # Errors
/// A sentence, when the browser refuses.
pub fn save_model(file: &str, weights: &[u8], card: &str) -> Result<(), String> {
    let name = file.strip_suffix(".safetensors").unwrap_or(file);
    save(&format!("{name}.safetensors"), "application/octet-stream", weights)
        .and_then(|()| save(&format!("{name}.card.json"), "application/json", in_lines(card)?.as_bytes()))
        .map_err(|error| format!("The browser refused to save {file}: {}.", in_words(&error)))
}

/// JSON as a person reads it.
fn in_lines(json: &str) -> Result<String, JsValue> {
    JSON::stringify_with_replacer_and_space(&JSON::parse(json)?, &JsValue::NULL, &2.into()).map(String::from)
}

/// Saves `bytes` as a file of this name and media type.
///
/// # Errors
/// What the browser says.
pub fn save(name: &str, kind: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&Uint8Array::from(bytes));
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    save_blob(name, &Blob::new_with_u8_array_sequence_and_options(&parts, &options)?)
}

/// Saves what the browser made as a file of this name.
///
/// # Errors
/// What the browser says.
pub fn save_blob(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    let anchor: HtmlAnchorElement = gloo::utils::document().create_element("a")?.unchecked_into();
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    // The browser may read the file only after this call.
    set_timeout(
        move || {
            // What is not given back goes with the page.
            let _ = Url::revoke_object_url(&url);
        },
        std::time::Duration::from_secs(30),
    );
    Ok(())
}

/// A file that lies beside the page, by its name there.
///
/// # Errors
/// A sentence that names it.
pub async fn beside(path: &str) -> Result<File, String> {
    let missed = |error: JsValue| format!("{path} could not be fetched: {}. Try again.", in_words(&error));
    let response = super::fetch(path).await.map_err(missed)?;
    if !response.ok() {
        return Err(missed(format!("the server answers {}", response.status()).into()));
    }
    let buffer = JsFuture::from(response.array_buffer().map_err(missed)?).await.map_err(missed)?;
    let name = path.rsplit('/').next().unwrap_or(path);
    File::new_with_buffer_source_sequence(&js_sys::Array::of1(&buffer), name).map_err(missed)
}

/// The way to a file within the folder that it was chosen with; nothing of one that was chosen by itself.
pub fn within(file: &File) -> Option<String> {
    let way = js_sys::Reflect::get(file, &"webkitRelativePath".into()).ok()?.as_string()?;
    (!way.is_empty()).then_some(way)
}

/// What the files hold.
///
/// # Errors
/// A sentence that names the one that cannot be read.
pub async fn contents(files: &[File]) -> Result<Vec<Vec<u8>>, String> {
    let mut contents = Vec::new();
    for file in files {
        let buffer = JsFuture::from(file.array_buffer()).await;
        contents.push(Uint8Array::new(&buffer.map_err(|error| unreadable(file, &error))?).to_vec());
    }
    Ok(contents)
}

/// What stands at the beginning of a file, at most so many bytes.
///
/// # Errors
/// As [`contents`].
pub async fn head(file: &File, bytes: u32) -> Result<Vec<u8>, String> {
    let head = file.slice_with_f64_and_f64(0.0, f64::from(bytes)).map_err(|error| unreadable(file, &error))?;
    let buffer = JsFuture::from(head.array_buffer()).await.map_err(|error| unreadable(file, &error))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

fn unreadable(file: &File, error: &JsValue) -> String {
    format!("{} cannot be read: {}. Choose it again.", file.name(), in_words(error))
}

/// What a file holds, as text.
///
/// # Errors
/// A sentence that names it.
pub async fn text(file: &File) -> Result<String, String> {
    let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
    text.ok_or_else(|| format!("{} cannot be read.", file.name()))
}
