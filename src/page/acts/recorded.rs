//! Recorded runs: those that ship with the page, and files of events that a reader drops.

use std::time::Duration;

use js_sys::{Function, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::Recording;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableWritablePair, Response};

use super::lab::Lab;
use super::link;

/// The preset that an address without settings stands for.
const FIRST: &str = "extended-class";
/// Lines read or written in one go: a few milliseconds.
const LINES: usize = 24;

/// Shows the recorded run of the first preset, if the address asks for nothing else: before any worker has loaded.
pub fn open_first(lab: Lab) {
    if link::is_absent() && link::kept().is_none() {
        spawn_local(show_shipped(lab, FIRST.to_owned()));
    }
}

/// Shows the recorded run of the preset in the form, if that is as it ships and nothing was run yet.
pub fn offer(lab: Lab) {
    let id = lab.draft.with_untracked(|draft| draft.preset.clone());
    let as_it_ships = lab.catalogue.with_untracked(|catalogue| {
        catalogue.preset(&id).is_some_and(|preset| {
            let mut scenario = preset.scenario.clone();
            scenario.settle(catalogue);
            lab.draft.with_untracked(|draft| *draft == scenario)
        })
    });
    if as_it_ships && !lab.begun.get_untracked() && lab.tape.recorded.get_untracked().as_ref() != Some(&id) {
        spawn_local(show_shipped(lab, id));
    }
}

async fn show_shipped(lab: Lab, id: String) {
    // Without it the page is as it was before there were any; the reader runs the scenario instead.
    let Ok(text) = fetch(&id).await else { return };
    let Ok(recording) = read(&text).await else { return };
    // In the meantime the reader may have started a run or chosen something else.
    let wanted = lab.draft.try_with_untracked(|draft| draft.preset.is_empty() || draft.preset == id);
    if wanted == Some(true) && !lab.begun.get_untracked() {
        lab.tape.show(id, recording);
    }
}

/// Shows a file of events.
pub fn open_file(lab: Lab, name: String, text: String) {
    spawn_local(async move {
        match read(&text).await {
            Ok(recording) => lab.tape.show(name, recording),
            Err(reason) => lab.notice(format!("{name} cannot be shown: {reason}. Nothing was changed."), true),
        }
    });
}

/// Reads a text of one event per line, giving turns back to the browser.
pub async fn read(text: &str) -> Result<Recording, String> {
    let mut recording = Recording::default();
    for (at, line) in text.lines().enumerate() {
        recording.push_line(at + 1, line).map_err(|error| error.to_string())?;
        if at % LINES == LINES - 1 {
            turn().await;
        }
    }
    if recording.is_empty() { Err("it holds no events".to_owned()) } else { Ok(recording) }
}

/// Writes a recording as a text of one event per line, giving turns back to the browser.
pub async fn write(recording: &Recording) -> String {
    let mut text = String::new();
    for (at, line) in recording.lines().enumerate() {
        text.push_str(&line);
        if at % LINES == LINES - 1 {
            turn().await;
        }
    }
    text
}

async fn turn() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        set_timeout(
            move || {
                let _ = resolve.call0(&JsValue::NULL);
            },
            Duration::ZERO,
        );
    });
    let _ = JsFuture::from(promise).await;
}

/// The text of a recording that ships with the page.
async fn fetch(id: &str) -> Result<String, JsValue> {
    let response = JsFuture::from(gloo::utils::window().fetch_with_str(&format!("runs/{id}.jsonl.gz"))).await?;
    let response: Response = response.unchecked_into();
    let body = response.body().filter(|_| response.ok()).ok_or(JsValue::NULL)?;
    // web-sys counts it among the unstable interfaces still.
    let unpack: Function = Reflect::get(&js_sys::global(), &"DecompressionStream".into())?.dyn_into()?;
    let unpack = Reflect::construct(&unpack, &js_sys::Array::of1(&"gzip".into()))?;
    let unpacked = body.pipe_through(unpack.unchecked_ref::<ReadableWritablePair>());
    let text = Response::new_with_opt_readable_stream(Some(&unpacked))?.text()?;
    JsFuture::from(text).await?.as_string().ok_or(JsValue::NULL)
}
