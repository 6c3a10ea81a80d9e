//! The browser glue around the runner: commands in, events out, and turns given back to the browser in between.
//!
//! One task owns everything. It takes commands, does slices of work while the run is playing, posts events in batches, and
//! yields to the browser after each batch of slices, so that a pause is heard within milliseconds.

mod engines;
mod files;
mod inbox;
mod outbox;
mod session;
mod turn;

use js_sys::global;
use protocol::{Command, Message, PROTOCOL};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, PromiseRejectionEvent};

use inbox::Inbox;
use outbox::Outbox;
use session::Session;

use crate::said::in_words;
use crate::{life, wire};

/// Starts the worker: listens, says hello, and works until it is terminated.
pub fn start() {
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    report_faults(&scope);
    let inbox = Inbox::default();
    let outbox = Outbox::new(scope.clone());
    let (incoming, answers) = (inbox.clone(), outbox.clone());
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| match wire::receive(&event) {
        // Not in line behind what the session waits for.
        Ok((Command::Ping, _)) => answers.send(&Message::Alive, &[]),
        Ok((command, buffers)) => incoming.push(command, buffers),
        Err(reason) => answers.send(&Message::Refused { reason }, &[]),
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // It listens as long as the worker lives.
    listener.forget();
    wasm_bindgen_futures::spawn_local(async move {
        life::hold(&scope.name()).await;
        outbox.send(&Message::Hello { protocol: PROTOCOL }, &[]);
        Session::new(outbox).run(inbox).await;
    });
}

/// Sees to it that the page hears of every death. Errors within promises, and so panics in async code, do not reach a
/// worker's error listener by themselves.
fn report_faults(scope: &DedicatedWorkerGlobalScope) {
    std::panic::set_hook(Box::new(|panic| throw_later(panic.to_string())));
    let listener = Closure::<dyn FnMut(PromiseRejectionEvent)>::new(|event: PromiseRejectionEvent| {
        let reason = event.reason();
        let text = reason.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
        throw_later(text.unwrap_or_else(|| in_words(&reason)));
    });
    // Without this listener the page still hears of panics; there is nothing better to do about a refusal.
    let _ = scope.add_event_listener_with_callback("unhandledrejection", listener.as_ref().unchecked_ref());
    listener.forget();
}

/// Throws outside of any promise.
fn throw_later(text: String) {
    gloo::timers::callback::Timeout::new(0, move || wasm_bindgen::throw_val(JsValue::from(js_sys::Error::new(&text))))
        .forget();
}
