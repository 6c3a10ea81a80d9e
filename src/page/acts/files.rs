//! Files out and in.

use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{OWN_FILES, TENSOR_FILES};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, FileList, HtmlAnchorElement, HtmlElement, Url};

use super::lab::Lab;
use super::{intent, own, recorded};
use crate::view::opened::{self, Opened, is_model};

/// Id of the input that opens the browser's choice of files.
pub const INPUT: &str = "import";

/// Lets the reader choose files.
pub fn choose() {
    let input = gloo::utils::document().get_element_by_id(INPUT);
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

/// Saves the events of the run on show.
pub fn save_events(lab: Lab) {
    if let Err(error) = save("upgrade-lab.events.jsonl", "application/jsonl", lab.tape.lines().as_bytes()) {
        lab.notice(format!("The browser refused to save the events: {error:?}."), true);
    }
}

/// What the browser's choice of files offers.
pub fn accepted() -> String {
    // Names of classes of CIFAR are texts. What has no dot is no extension to a browser.
    let others = [TENSOR_FILES, ".jsonl", ".txt", ".idx1-ubyte", ".idx3-ubyte"];
    let own = OWN_FILES.into_iter().filter(|end| end.starts_with('.'));
    others.into_iter().chain(own).collect::<Vec<_>>().join(",")
}

/// Takes files in: models, whose cards lie inside of them, go to the worker; a file of events is shown; of images or embeddings a dataset
/// is made.
pub fn open(lab: Lab, files: Option<FileList>) {
    let all = files.iter().flat_map(|files| (0..files.length()).filter_map(|place| files.get(place)));
    let all: Vec<File> = all.collect();
    let names: Vec<String> = all.iter().map(File::name).collect();
    match opened::sort(&names) {
        Opened::Own => own::bring(lab, all),
        Opened::Tensors => spawn_local(async move {
            let Some(mut files) = contents(lab, &all).await else { return };
            if !files.iter().any(|bytes| is_model(bytes)) {
                return own::make(lab, names, files);
            }
            files.retain(|bytes| is_model(bytes));
            intent::import(lab, files);
        }),
        Opened::Events(at) => spawn_local(async move {
            let Some(file) = all.get(at) else { return };
            match JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()) {
                Some(text) => recorded::open_file(lab, file.name(), text),
                None => lab.notice(format!("{} cannot be read.", file.name()), true),
            }
        }),
        Opened::Nothing => lab.notice(
            "Nothing was opened: choose the .safetensors files of an export, whose cards are inside, a .jsonl file of events, images (a .zip \
             of folders by class, a .csv of pixels, IDX or CIFAR files), or embeddings with their labels (.npy, .npz, .safetensors).",
            true,
        ),
    }
}

/// What the files hold; tells the reader of one that cannot be read.
pub(super) async fn contents(lab: Lab, files: &[File]) -> Option<Vec<Vec<u8>>> {
    let mut contents = Vec::new();
    for file in files {
        match JsFuture::from(file.array_buffer()).await {
            Ok(buffer) => contents.push(Uint8Array::new(&buffer).to_vec()),
            Err(error) => {
                lab.notice(format!("{} cannot be read: {error:?}. Choose it again.", file.name()), true);
                return None;
            }
        }
    }
    Some(contents)
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
            open(lab, event.data_transfer().and_then(|transfer| transfer.files()));
        }),
    ];
    on_cleanup(move || handles.into_iter().for_each(|handle| handle.remove()));
}
