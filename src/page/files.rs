//! Files out and in.

use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, FileList, HtmlAnchorElement, Url};

use super::intent;
use super::lab::Lab;

/// Saves a model's weights and its card as two files.
///
/// # Errors
/// A sentence, when the browser refuses.
pub fn save_model(file: &str, weights: &[u8], card: &str) -> Result<(), String> {
    let name = file.strip_suffix(".safetensors").unwrap_or(file);
    save(&format!("{name}.safetensors"), "application/octet-stream", weights)
        .and_then(|()| save(&format!("{name}.card.json"), "application/json", card.as_bytes()))
        .map_err(|error| format!("The browser refused to save {file}: {error:?}."))
}

/// Saves `bytes` as a file of this name and media type.
pub(super) fn save(name: &str, kind: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&Uint8Array::from(bytes));
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    save_blob(name, &Blob::new_with_u8_array_sequence_and_options(&parts, &options)?)
}

/// Saves what the browser made as a file of this name.
pub(super) fn save_blob(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    let anchor: HtmlAnchorElement = gloo::utils::document().create_element("a")?.unchecked_into();
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    // The browser may read the file only after this call.
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&url);
        },
        std::time::Duration::from_secs(30),
    );
    Ok(())
}

/// Reads the SafeTensors files among `files` and hands them to the worker. Their cards lie inside of them.
pub fn import(lab: Lab, files: Option<FileList>) {
    let all = files.iter().flat_map(|files| (0..files.length()).filter_map(|place| files.get(place)));
    let chosen: Vec<File> = all.filter(|file| file.name().ends_with(".safetensors")).collect();
    if chosen.is_empty() {
        lab.notice("Nothing was imported: choose the .safetensors files of an export; their cards are inside.", true);
        return;
    }
    spawn_local(async move {
        let mut weights = Vec::new();
        for file in &chosen {
            match JsFuture::from(file.array_buffer()).await {
                Ok(buffer) => weights.push(Uint8Array::new(&buffer).to_vec()),
                Err(error) => {
                    lab.notice(format!("{} cannot be read: {error:?}.", file.name()), true);
                    return;
                }
            }
        }
        intent::import(lab, weights);
    });
}

/// Takes files that are dropped anywhere on the page; `over` is true while they hover.
pub fn use_drop(lab: Lab, over: RwSignal<bool>) {
    let handles = [
        window_event_listener(leptos::ev::dragover, move |event| {
            event.prevent_default();
            over.set(true);
        }),
        window_event_listener(leptos::ev::dragleave, move |event| {
            // Leaving for nowhere is leaving the window.
            if event.related_target().is_none() {
                over.set(false);
            }
        }),
        window_event_listener(leptos::ev::drop, move |event| {
            event.prevent_default();
            over.set(false);
            import(lab, event.data_transfer().and_then(|transfer| transfer.files()));
        }),
    ];
    on_cleanup(move || handles.into_iter().for_each(|handle| handle.remove()));
}
