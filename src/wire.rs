//! Messages between page and worker: a JSON text and, beside it, byte buffers that change owner without being copied.

use js_sys::{Array, ArrayBuffer, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent, Worker};

use crate::said::in_words;

/// Property of the posted object that holds the JSON text.
const TEXT: &str = "text";
/// Property of the posted object that holds the array of buffers.
const BUFFERS: &str = "buffers";
/// Property of the posted object that holds the array of files.
const FILES: &str = "files";

/// Either end of a worker connection.
pub trait Port {
    /// Posts `message`, transferring `buffers`.
    ///
    /// # Errors
    /// What the browser says, when the message cannot be cloned.
    fn post_parts(&self, message: &JsValue, buffers: &JsValue) -> Result<(), JsValue>;
}

impl Port for Worker {
    fn post_parts(&self, message: &JsValue, buffers: &JsValue) -> Result<(), JsValue> {
        self.post_message_with_transfer(message, buffers)
    }
}

impl Port for DedicatedWorkerGlobalScope {
    fn post_parts(&self, message: &JsValue, buffers: &JsValue) -> Result<(), JsValue> {
        self.post_message_with_transfer(message, buffers)
    }
}

/// Sends `message` with `buffers` beside it.
///
/// # Errors
/// A sentence, when the message has no JSON form or the browser refuses it.
pub fn post(port: &impl Port, message: &impl Serialize, buffers: &[Vec<u8>]) -> Result<(), String> {
    let arrays: Array = buffers.iter().map(|bytes| Uint8Array::from(bytes.as_slice()).buffer()).collect();
    send(port, message, (BUFFERS, &arrays), &arrays)
}

/// Sends `message` with files beside it, which the other end reads.
///
/// # Errors
/// As [`post`].
pub fn post_files(port: &impl Port, message: &impl Serialize, files: &[File]) -> Result<(), String> {
    send(port, message, (FILES, &files.iter().collect()), &Array::new())
}

fn send(
    port: &impl Port,
    message: &impl Serialize,
    (name, beside): (&str, &Array),
    transfer: &Array,
) -> Result<(), String> {
    let text = serde_json::to_string(message).map_err(|error| format!("A message has no JSON form: {error}."))?;
    let parts = js_sys::Object::new();
    Reflect::set(&parts, &TEXT.into(), &text.into())
        .and_then(|_| Reflect::set(&parts, &name.into(), beside))
        .and_then(|_| port.post_parts(&parts, transfer))
        .map_err(|error| format!("The browser refused a message: {}.", in_words(&error)))
}

/// The message and the buffers of an event.
///
/// # Errors
/// A sentence, when the event holds no such message: page and worker are of different versions.
pub fn receive<T: DeserializeOwned>(event: &MessageEvent) -> Result<(T, Vec<Vec<u8>>), String> {
    let text = part(event, TEXT).as_string().ok_or("A message came without text.")?;
    let message = serde_json::from_str(&text).map_err(|error| {
        format!("A message cannot be read ({error}); page and worker may be of different versions: reload the page.")
    })?;
    let buffers = part(event, BUFFERS)
        .dyn_into::<Array>()
        .map(|arrays| {
            arrays.iter().map(|buffer| Uint8Array::new(&buffer.unchecked_into::<ArrayBuffer>()).to_vec()).collect()
        })
        .unwrap_or_default();
    Ok((message, buffers))
}

/// The files of an event.
pub fn files(event: &MessageEvent) -> Vec<File> {
    let files = part(event, FILES).dyn_into::<Array>().unwrap_or_default();
    files.iter().map(|file| file.unchecked_into()).collect()
}

fn part(event: &MessageEvent, name: &str) -> JsValue {
    Reflect::get(&event.data(), &name.into()).unwrap_or(JsValue::UNDEFINED)
}
