//! Events of a run as text, one per line, read and written in turns with the browser; and those that ship with the page.

use js_sys::{Function, Reflect};
use protocol::Recording;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, ReadableWritablePair, Response};

/// Lines read or written in one go: a few milliseconds.
const LINES: usize = 24;

/// Reads a text of one event per line, giving turns back to the browser.
///
/// # Errors
/// Which line cannot be read and why, or that there is none.
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

/// A message to oneself: a timer would wait 4 ms each time, and a second in a page that is hidden.
async fn turn() {
    let Ok(channel) = MessageChannel::new() else { return };
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        channel.port1().set_onmessage(Some(&resolve));
        // A plain null cannot be refused.
        let _ = channel.port2().post_message(&JsValue::NULL);
    });
    // Nobody rejects it.
    let _ = JsFuture::from(promise).await;
    channel.port1().close();
}

/// The text of a recording that ships with the page.
///
/// # Errors
/// What the browser says; null if there is no such file.
pub async fn fetch(id: &str) -> Result<String, JsValue> {
    let path = format!("runs/{id}.jsonl.gz");
    match unpacked(super::fetch(&path).await?).await {
        // It is not whole.
        Err(error) if !error.is_null() => unpacked(super::fetch_anew(&path).await?).await,
        text => text,
    }
}

async fn unpacked(response: Response) -> Result<String, JsValue> {
    let body = response.body().filter(|_| response.ok()).ok_or(JsValue::NULL)?;
    // web-sys counts it among the unstable interfaces still.
    let unpack: Function = Reflect::get(&js_sys::global(), &"DecompressionStream".into())?.dyn_into()?;
    let unpack = Reflect::construct(&unpack, &js_sys::Array::of1(&"gzip".into()))?;
    let unpacked = body.pipe_through(unpack.unchecked_ref::<ReadableWritablePair>());
    let text = Response::new_with_opt_readable_stream(Some(&unpacked))?.text()?;
    JsFuture::from(text).await?.as_string().ok_or(JsValue::NULL)
}
