//! Messages between page and worker: a JSON text and, beside it, byte buffers that change owner without being copied.

use js_sys::{Array, ArrayBuffer, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, Worker};

/// Property of the posted object that holds the JSON text.
const TEXT: &str = "text";
/// Property of the posted object that holds the array of buffers.
const BUFFERS: &str = "buffers";

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
    let text = serde_json::to_string(message).map_err(|error| format!("A message has no JSON form: {error}."))?;
    let arrays: Array = buffers.iter().map(|bytes| Uint8Array::from(bytes.as_slice()).buffer()).collect();
    let parts = js_sys::Object::new();
    Reflect::set(&parts, &TEXT.into(), &text.into())
        .and_then(|_| Reflect::set(&parts, &BUFFERS.into(), &arrays))
        .and_then(|_| port.post_parts(&parts, &arrays))
        .map_err(|error| format!("The browser refused a message: {error:?}."))
}

/// The message and the buffers of an event.
///
/// # Errors
/// A sentence, when the event holds no such message: page and worker are of different versions.
pub fn receive<T: DeserializeOwned>(event: &MessageEvent) -> Result<(T, Vec<Vec<u8>>), String> {
    let parts = event.data();
    let part = |name: &str| Reflect::get(&parts, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let text = part(TEXT).as_string().ok_or("A message came without text.")?;
    let message = serde_json::from_str(&text).map_err(|error| {
        format!("A message cannot be read ({error}); page and worker may be of different versions: reload the page.")
    })?;
    let buffers = part(BUFFERS)
        .dyn_into::<Array>()
        .map(|arrays| {
            arrays.iter().map(|buffer| Uint8Array::new(&buffer.unchecked_into::<ArrayBuffer>()).to_vec()).collect()
        })
        .unwrap_or_default();
    Ok((message, buffers))
}
