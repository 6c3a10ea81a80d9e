//! Time: the clock of the runner, and turns given back to the browser.

use js_sys::{Promise, global};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel};

/// Milliseconds since the worker started.
pub fn now_ms() -> f64 {
    global().unchecked_into::<DedicatedWorkerGlobalScope>().performance().map_or(0.0, |clock| clock.now())
}

/// Lets the browser deliver messages before going on.
///
/// A resolved promise would not do: it continues before any message is delivered. Timers would cost 4 ms each once they
/// nest; a message to oneself costs microseconds.
pub async fn yield_now() {
    let Ok(channel) = MessageChannel::new() else {
        return sleep(0).await;
    };
    let promise = Promise::new(&mut |resolve, _| {
        channel.port1().set_onmessage(Some(&resolve));
        // Without a message the promise would wait for ever; posting a plain null cannot be refused.
        let _ = channel.port2().post_message(&wasm_bindgen::JsValue::NULL);
    });
    let _ = JsFuture::from(promise).await;
    channel.port1().close();
}

/// Waits so many milliseconds.
pub async fn sleep(ms: u32) {
    let promise = Promise::new(&mut |resolve, _| {
        gloo::timers::callback::Timeout::new(ms, move || {
            let _ = resolve.call0(&wasm_bindgen::JsValue::NULL);
        })
        .forget();
    });
    let _ = JsFuture::from(promise).await;
}
