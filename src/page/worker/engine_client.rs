//! The way to the worker: starts it, queues commands until it listens, and says when it fell silent or died.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::{Command, Message, PROTOCOL};

use super::lent;
use super::watch::{Report, Watch};
use super::worker_file::WorkerFile;
use super::worker_handle::{WorkerHandle, is_suspect, renew};
use crate::said::in_words;
use crate::view::chrome::pulse::Speech;
use crate::wire;

/// A handle to a worker of its own.
#[derive(Clone, Default)]
pub struct EngineClient(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    live: Option<Live>,
    /// From when it was asked for.
    watch: Watch,
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
        let client = self.clone();
        // What cannot be asked does not answer, and is told as silent.
        let ask = move || drop(client.send(Command::Ping, Vec::new()));
        // Already now: also a program that is on its way may never come.
        self.0.borrow().watch.begin(ask, Rc::clone(&report));
        if !is_suspect(file.name()) {
            return self.spawn(file, report);
        }
        let (client, edition) = (self.clone(), self.edition());
        wasm_bindgen_futures::spawn_local(async move {
            renew(file.name()).await;
            // In the meantime it may not be wanted any more.
            if client.edition() == edition {
                client.spawn(file, report);
            }
        });
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
            Some(live) if inner.watch.listens() => wire::post(&live.handle.worker, &command, &buffers),
            _ => {
                inner.waiting.push((command, buffers));
                Ok(())
            }
        }
    }

    fn spawn(&self, file: WorkerFile, report: Rc<dyn Fn(Report)>) {
        let (client, say) = (self.clone(), Rc::clone(&report));
        let handle = WorkerHandle::start(file.name(), move |heard| {
            let silent = client.0.borrow().watch.hear();
            if silent {
                say(Report::Silent(false));
            }
            say(match heard {
                Ok((message, buffers)) => client.greet(message, buffers),
                Err(reason) => Report::Died(reason),
            });
        });
        match handle {
            Ok(handle) => self.0.borrow_mut().live = Some(Live { handle, file }),
            Err(error) => {
                report(Report::Died(format!("The browser cannot start the worker: {}.", in_words(&error))));
            }
        }
    }

    /// Lets the queue go once the worker said hello in the page's own version.
    fn greet(&self, message: Message, buffers: Vec<Vec<u8>>) -> Report {
        let Message::Hello { protocol, .. } = &message else { return Report::Message(message, buffers) };
        if *protocol != PROTOCOL {
            // It is told nothing, so nothing more is to be heard of it. The watch ends after the borrow.
            let _watch = std::mem::take(&mut self.0.borrow_mut().watch);
            return Report::OtherVersion;
        }
        let waiting = {
            let mut inner = self.0.borrow_mut();
            inner.watch.expect(Speech::Answers);
            std::mem::take(&mut inner.waiting)
        };
        // What was lent meanwhile waits, and is among all that was lent.
        let waiting = waiting.into_iter().filter(|(command, _)| !matches!(command, Command::Lend { .. }));
        for (command, buffers) in lent::all().into_iter().chain(waiting) {
            if let Err(error) = self.send(command, buffers) {
                return Report::Died(error);
            }
        }
        Report::Message(message, buffers)
    }
}
