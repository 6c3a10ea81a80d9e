//! The way to the worker: starts it, queues commands until it listens, and says when it died.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::{Command, Message, PROTOCOL};
use wasm_bindgen::JsValue;

use super::worker_file::WorkerFile;
use super::worker_handle::WorkerHandle;
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
    /// Counts how often it was stopped.
    edition: u32,
}

/// A running worker and the file that it came from.
struct Live {
    handle: WorkerHandle,
    file: WorkerFile,
}

impl EngineClient {
    /// The file of the running worker.
    pub fn file(&self) -> Option<WorkerFile> {
        self.0.borrow().live.as_ref().map(|live| live.file)
    }

    /// Starts a worker where none runs. Commands that wait for one, and those to come, wait until it listens.
    pub fn start(&self, file: WorkerFile, report: impl Fn(Report) + 'static) {
        let report: Rc<dyn Fn(Report)> = Rc::new(report);
        match self.spawn(file, Rc::clone(&report)) {
            Ok(live) => self.0.borrow_mut().live = Some(live),
            Err(error) => report(Report::Died(format!("The browser cannot start the worker: {error:?}."))),
        }
    }

    /// Ends the running worker and forgets what waits for it.
    pub fn stop(&self) {
        let next = Inner { edition: self.edition() + 1, ..Inner::default() };
        // The old state is dropped after the borrow ends.
        let _old = std::mem::replace(&mut *self.0.borrow_mut(), next);
    }

    /// It was not stopped as long as this is the same.
    pub fn edition(&self) -> u32 {
        self.0.borrow().edition
    }

    /// Sends a command, now or as soon as the worker listens.
    ///
    /// # Errors
    /// A sentence, when the browser refuses the message.
    pub fn send(&self, command: Command, buffers: Vec<Vec<u8>>) -> Result<(), String> {
        let mut inner = self.0.borrow_mut();
        match &inner.live {
            Some(live) if inner.greeted => wire::post(&live.handle.worker, &command, &buffers),
            _ => {
                inner.waiting.push((command, buffers));
                Ok(())
            }
        }
    }

    fn spawn(&self, file: WorkerFile, report: Rc<dyn Fn(Report)>) -> Result<Live, JsValue> {
        let client = self.clone();
        let handle = WorkerHandle::start(file.name(), move |heard| {
            report(match heard {
                Ok((message, buffers)) => client.greet(message, buffers),
                Err(reason) => Report::Died(reason),
            });
        })?;
        Ok(Live { handle, file })
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
