//! The browser glue around the importer: files in, a dataset out. A program of its own, loaded when somebody brings data.

use data::Manifest;
use import::{Imported, NamedFile, import};
use js_sys::global;
use protocol::{DatasetInfo, ImportAnswer, ImportRequest};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::wire;

/// Starts the worker: it listens until it is terminated.
pub fn start() {
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let port = scope.clone();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let (answer, files) = match wire::receive::<ImportRequest>(&event) {
            Ok((request, buffers)) => answer(request, buffers),
            Err(reason) => (ImportAnswer::Refused { reason }, Vec::new()),
        };
        say(&port, &answer, &files);
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // It listens as long as the worker lives.
    listener.forget();
    say(&scope, &ImportAnswer::Ready, &[]);
}

fn say(port: &DedicatedWorkerGlobalScope, answer: &ImportAnswer, files: &[Vec<u8>]) {
    if let Err(reason) = wire::post(port, answer, files) {
        // The page hears of it as of any other death.
        wasm_bindgen::throw_str(&reason);
    }
}

/// The dataset, what can be chosen of it, and a manifest of it alone as JSON.
fn make(files: Vec<NamedFile>) -> Result<(Box<DatasetInfo>, String, Imported), String> {
    let found = import(files).map_err(|error| error.to_string())?;
    let info = found.manifest.info().map_err(|error| error.to_string())?;
    let manifest = Manifest { version: Manifest::VERSION, datasets: vec![found.manifest.clone()] };
    Ok((Box::new(info), serde_json::to_string(&manifest).map_err(|error| error.to_string())?, found))
}

fn answer(request: ImportRequest, buffers: Vec<Vec<u8>>) -> (ImportAnswer, Vec<Vec<u8>>) {
    let files = request.names.into_iter().zip(buffers).map(|(path, bytes)| NamedFile { path, bytes }).collect();
    match make(files) {
        Ok((info, manifest, found)) => {
            let (paths, files) = found.files.into_iter().map(|file| (file.path, file.bytes)).unzip();
            (ImportAnswer::Imported { info, manifest, paths, notices: found.notices }, files)
        }
        Err(reason) => (ImportAnswer::Refused { reason }, Vec::new()),
    }
}
