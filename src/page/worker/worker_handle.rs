//! A running worker with its listeners.

use std::rc::Rc;

use serde::de::DeserializeOwned;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{ErrorEvent, Event, MessageEvent, Url, Worker, WorkerOptions, WorkerType};

use crate::wire;

/// Ends the worker when it goes.
pub struct WorkerHandle {
    /// The worker.
    pub worker: Worker,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(Event)>,
    _unreadable: Closure<dyn FnMut(Event)>,
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl WorkerHandle {
    /// Starts the module `file` beside the page. `say` gets its messages with the buffers beside them, or why it is of no more use.
    ///
    /// # Errors
    /// What the browser says.
    pub fn start<M: DeserializeOwned + 'static>(
        file: &str,
        say: impl Fn(Result<(M, Vec<Vec<u8>>), String>) + 'static,
    ) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let base = gloo::utils::document().base_uri()?.unwrap_or_default();
        let url = Url::new_with_base(file, &base)?;
        let worker = Worker::new_with_options(&url.href(), &options)?;

        let heard = Rc::new(say);
        let say = Rc::clone(&heard);
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| say(wire::receive(&event)));
        let say = Rc::clone(&heard);
        let error = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            event.prevent_default();
            // A file that could not be loaded is a plain event without a message.
            say(Err(match event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).as_deref() {
                None | Some("") => "Its file could not be loaded.".to_owned(),
                Some(text) => format!("It said: {text}"),
            }));
        });
        let unreadable = Closure::<dyn FnMut(Event)>::new(move |_| {
            heard(Err("A message of the worker cannot be read.".to_owned()));
        });
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(unreadable.as_ref().unchecked_ref()));
        Ok(Self { worker, _message: message, _error: error, _unreadable: unreadable })
    }
}
