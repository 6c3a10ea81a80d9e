//! Files that a reader opens or takes home.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{OWN_FILES, Scenario, TENSOR_FILES};
use web_sys::{File, FileList};

use super::{opened as show, own, run};
use crate::page::browser::files::{click, contents, head, save, text};
use crate::page::browser::in_words;
use crate::page::state::{Lab, Overlay};
use crate::view::chrome::opened::{self, Opened, is_model};

/// Id of the input that opens the browser's choice of files.
pub const INPUT: &str = "import";

/// Lets the reader choose files.
pub fn choose() {
    click(INPUT);
}

/// Saves the events of the run on show.
pub fn save_events(lab: Lab) {
    let run = lab.tape.log.with_untracked(|log| log.scenario.as_ref().map(Scenario::file_stem));
    let name = format!("{}.events.jsonl", run.unwrap_or_default());
    if let Err(error) = save(&name, "application/jsonl", lab.tape.lines().as_bytes()) {
        lab.messages.notice(format!("The browser refused to save the events ({}).", in_words(&error)), true);
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
            match models(&all).await {
                Ok(models) if models.is_empty() => own::bring(lab, all),
                Ok(models) => run::import(lab, models),
                Err(reason) => lab.messages.notice(reason, true),
            }
        }),
        Opened::Events(at) => spawn_local(async move {
            let Some(file) = all.get(at) else { return };
            match text(file).await {
                Ok(text) => show::open_file(lab, file.name(), text),
                Err(reason) => lab.messages.notice(reason, true),
            }
        }),
        Opened::Nothing => lab.messages.notice(
            "Nothing was opened: choose the .safetensors files of an export, whose cards are inside, a .jsonl file of events, images (a .zip \
             of folders by class, a .csv of pixels, IDX or CIFAR files), or embeddings with their labels (.npy, .npz, .safetensors).",
            true,
        ),
    }
}

/// Bytes at the beginning of a file of tensors within which a model's card begins.
const HEAD: u32 = 1 << 20;

/// What the models among these files hold.
async fn models(files: &[File]) -> Result<Vec<Vec<u8>>, String> {
    let mut models = Vec::new();
    for file in files {
        if is_model(&head(file, HEAD).await?) {
            models.push(file.clone());
        }
    }
    contents(&models).await
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
            // The dialog takes it as a picture, or as vectors.
            if matches!(lab.look.overlay.get_untracked(), Some(Overlay::OwnQuery | Overlay::Decide)) {
                return;
            }
            open(lab, event.data_transfer().and_then(|transfer| transfer.files()));
        }),
    ];
    on_cleanup(move || handles.into_iter().for_each(|handle| handle.remove()));
}
