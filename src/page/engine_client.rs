//! The way to the worker: starts it, queues commands until it listens, and says when it died.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::{Command, Message, PROTOCOL};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{ErrorEvent, Event, MessageEvent, Url, Worker, WorkerOptions, WorkerType};

use super::worker_file::WorkerFile;
use crate::wire;

/// What comes from a worker.
pub enum Report {
    /// A message and the buffers beside it.
    Message(Message, Vec<Vec<u8>>),
    /// It speaks another version than the page.
    OtherVersion,
    /// It is of no more use; why.
    Died(String),
}

/// A handle to a worker of its own.
#[derive(Clone, Default)]
pub struct EngineClient(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    live: Option<Live>,
    greeted: bool,
    waiting: Vec<(Command, Vec<Vec<u8>>)>,
}

/// A running worker with its listeners; ends with it.
struct Live {
    worker: Worker,
    file: WorkerFile,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(Event)>,
    _unreadable: Closure<dyn FnMut(Event)>,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl EngineClient {
    /// The file of the running worker.
    pub fn file(&self) -> Option<WorkerFile> {
        self.0.borrow().live.as_ref().map(|live| live.file)
    }

    /// Ends the running worker, if any, and starts another. Commands wait until it listens.
    pub fn start(&self, file: WorkerFile, report: impl Fn(Report) + 'static) {
        self.stop();
        let report: Rc<dyn Fn(Report)> = Rc::new(report);
        match self.spawn(file, Rc::clone(&report)) {
            Ok(live) => self.0.borrow_mut().live = Some(live),
            Err(error) => report(Report::Died(format!("The browser cannot start the worker: {error:?}."))),
        }
    }

    /// Ends the running worker and forgets what waits for it.
    pub fn stop(&self) {
        // The old state is dropped after the borrow ends.
        let _old = std::mem::take(&mut *self.0.borrow_mut());
    }

    /// Sends a command, now or as soon as the worker listens.
    ///
    /// # Errors
    /// A sentence, when the browser refuses the message.
    pub fn send(&self, command: Command, buffers: Vec<Vec<u8>>) -> Result<(), String> {
        let mut inner = self.0.borrow_mut();
        match &inner.live {
            Some(live) if inner.greeted => wire::post(&live.worker, &command, &buffers),
            _ => {
                inner.waiting.push((command, buffers));
                Ok(())
            }
        }
    }

    fn spawn(&self, file: WorkerFile, report: Rc<dyn Fn(Report)>) -> Result<Live, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let base = gloo::utils::document().base_uri()?.unwrap_or_default();
        let url = Url::new_with_base(file.name(), &base)?;
        let worker = Worker::new_with_options(&url.href(), &options)?;

        let (client, say) = (self.clone(), Rc::clone(&report));
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let parcel = match wire::receive(&event) {
                Ok((message, buffers)) => client.greet(message, buffers),
                Err(error) => Report::Died(error),
            };
            say(parcel);
        });
        let say = Rc::clone(&report);
        let error = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            event.prevent_default();
            // A file that could not be loaded is a plain event without a message.
            let text = match event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).as_deref() {
                None | Some("") => "Its file could not be loaded.".to_owned(),
                Some(text) => format!("It said: {text}"),
            };
            say(Report::Died(text));
        });
        let unreadable = Closure::<dyn FnMut(Event)>::new(move |_| {
            report(Report::Died("A message of the worker cannot be read.".to_owned()));
        });
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(unreadable.as_ref().unchecked_ref()));
        Ok(Live { worker, file, _message: message, _error: error, _unreadable: unreadable })
    }

    /// Lets the queue go once the worker said hello in the page's own version.
    fn greet(&self, message: Message, buffers: Vec<Vec<u8>>) -> Report {
        let Message::Hello { protocol, .. } = &message else { return Report::Message(message, buffers) };
        if *protocol != PROTOCOL {
            return Report::OtherVersion;
        }
        let waiting = {
            let mut inner = self.0.borrow_mut();
            inner.greeted = true;
            std::mem::take(&mut inner.waiting)
        };
        for (command, buffers) in waiting {
            if let Err(error) = self.send(command, buffers) {
                return Report::Died(error);
            }
        }
        Report::Message(message, buffers)
    }
}
