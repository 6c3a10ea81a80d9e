//! A running worker with its listeners.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{ErrorEvent, Event, MessageEvent, Url, Worker, WorkerOptions, WorkerType};

use crate::page::browser;
use crate::{life, wire};

/// How the name of the file that starts a program ends, and those of the files that it loads.
const LOADER: &str = "_loader.js";
const PROGRAM: [&str; 2] = [".js", "_bg.wasm"];

thread_local! {
    /// Files that started no worker that listens: what came of them may have been cut short or altered, and the browser may keep it.
    static SUSPECTS: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Whether the program that this file starts is to be fetched anew first.
pub fn is_suspect(file: &str) -> bool {
    SUSPECTS.with_borrow(|suspects| suspects.contains(file))
}

/// Fetches the program that this file starts, past what the browser keeps of it.
pub async fn renew(file: &str) {
    SUSPECTS.with_borrow_mut(|suspects| suspects.remove(file));
    let name = file.strip_suffix(LOADER).unwrap_or(file);
    for path in PROGRAM.map(|end| format!("{name}{end}")).into_iter().chain([file.to_owned()]) {
        browser::renew(&path).await;
    }
}

/// Ends the worker when it goes.
pub struct WorkerHandle {
    /// The worker.
    pub worker: Worker,
    /// Whether it has not been ended.
    wanted: Rc<Cell<bool>>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(Event)>,
    _unreadable: Closure<dyn FnMut(Event)>,
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        self.wanted.set(false);
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl WorkerHandle {
    /// Starts the module `file` beside the page. `say` gets its messages with the buffers beside them, or why it is of no more use: what
    /// it said at its end, or that it ended without a word.
    ///
    /// # Errors
    /// What the browser says.
    pub fn start<M: DeserializeOwned + 'static>(
        file: &str,
        say: impl Fn(Result<(M, Vec<Vec<u8>>), String>) + 'static,
    ) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        // The lock that it holds as long as it lives: of no other worker, of this page or another.
        let name = format!("upgrade-lab {}", js_sys::Math::random());
        options.set_name(&name);
        let base = gloo::utils::document().base_uri()?.unwrap_or_default();
        let url = Url::new_with_base(file, &base)?;
        let worker = Worker::new_with_options(&url.href(), &options)?;

        let (heard, wanted, listens) = (Rc::new(say), Rc::new(Cell::new(true)), Rc::new(Cell::new(false)));
        let (say, here, first) = (Rc::clone(&heard), Rc::clone(&wanted), Rc::clone(&listens));
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            // It speaks once it holds its lock.
            if !first.replace(true) {
                let (say, here) = (Rc::clone(&say), Rc::clone(&here));
                life::watch(name.clone(), move || {
                    if here.get() {
                        let reason = "It ended without a word: the browser closed it, perhaps for lack of memory.";
                        say(Err(reason.to_owned()));
                    }
                });
            }
            say(wire::receive(&event));
        });
        let (say, name) = (Rc::clone(&heard), file.to_owned());
        let error = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            event.prevent_default();
            if !listens.get() {
                SUSPECTS.with_borrow_mut(|suspects| suspects.insert(name.clone()));
            }
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
        Ok(Self { worker, wanted, _message: message, _error: error, _unreadable: unreadable })
    }
}
