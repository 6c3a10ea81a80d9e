//! The browser glue around a program that does one piece of work with a reader's files in one go, and is ended when they think better of it.

use js_sys::global;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent};

use crate::{life, wire};

/// Shortest time between two words on how far a stage is, in milliseconds.
const TOLD_MS: f64 = 100.0;

/// What is said, and the buffers beside it.
pub type Said<A> = (A, Vec<Vec<u8>>);

/// Starts the worker: it says that it is `ready`, and listens until it is terminated. What cannot be read is refused with the reason.
pub fn listen<Q: DeserializeOwned + 'static, A: Serialize + 'static>(
    ready: A,
    refused: fn(String) -> A,
    answer: impl Fn(&DedicatedWorkerGlobalScope, Q, &[File]) -> Said<A> + 'static,
) {
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let port = scope.clone();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let (answer, files) = match wire::receive::<Q>(&event) {
            Ok((request, _)) => answer(&port, request, &wire::files(&event)),
            Err(reason) => (refused(reason), Vec::new()),
        };
        say(&port, &answer, &files);
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // It listens as long as the worker lives.
    listener.forget();
    wasm_bindgen_futures::spawn_local(async move {
        life::hold(&scope.name()).await;
        say(&scope, &ready, &[]);
    });
}

/// Says something; the page hears of what it cannot say as of any other death.
pub fn say(port: &DedicatedWorkerGlobalScope, answer: &impl Serialize, files: &[Vec<u8>]) {
    if let Err(reason) = wire::post(port, answer, files) {
        wasm_bindgen::throw_str(&reason);
    }
}

/// Tells now and then how far the work is.
pub struct Teller<'a> {
    port: &'a DedicatedWorkerGlobalScope,
    clock: Option<web_sys::Performance>,
    last: Option<(String, f64)>,
}

impl<'a> Teller<'a> {
    /// Has told nothing yet.
    pub fn new(port: &'a DedicatedWorkerGlobalScope) -> Self {
        Self { port, clock: port.performance(), last: None }
    }

    /// Says `answer` where the stage is another one, or the last word on it is long enough ago.
    pub fn tell<A: Serialize>(&mut self, stage: &str, answer: impl FnOnce() -> A) {
        let now = self.clock.as_ref().map_or(0.0, web_sys::Performance::now);
        if self.last.as_ref().is_none_or(|(last, at_ms)| last != stage || now - at_ms >= TOLD_MS) {
            self.last = Some((stage.to_owned(), now));
            say(self.port, &answer(), &[]);
        }
    }
}
