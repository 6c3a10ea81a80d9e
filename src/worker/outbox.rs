//! What goes to the page: answers at once, events in batches.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::{Event, Message};
use web_sys::DedicatedWorkerGlobalScope;

use super::turn::now_ms;
use crate::wire;

/// Shortest time between two batches of events, in milliseconds: at most 20 a second.
const BATCH_MS: f64 = 50.0;

/// The way to the page. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    scope: DedicatedWorkerGlobalScope,
    batch: Rc<RefCell<Batch>>,
}

#[derive(Default)]
struct Batch {
    events: Vec<Event>,
    posted_ms: f64,
}

impl Outbox {
    /// Posts through the worker's scope.
    pub fn new(scope: DedicatedWorkerGlobalScope) -> Self {
        Self { scope, batch: Rc::default() }
    }

    /// Posts a message now, with what is in the batch before it.
    pub fn send(&self, message: &Message, buffers: &[Vec<u8>]) {
        self.flush();
        self.post(message, buffers);
    }

    /// Puts events into the batch and posts it if it is time.
    pub fn events(&self, events: Vec<Event>) {
        self.batch.borrow_mut().events.extend(events);
        if now_ms() - self.batch.borrow().posted_ms >= BATCH_MS {
            self.flush();
        }
    }

    /// Posts what is in the batch.
    pub fn flush(&self) {
        let events = std::mem::take(&mut self.batch.borrow_mut().events);
        if !events.is_empty() {
            self.batch.borrow_mut().posted_ms = now_ms();
            self.post(&Message::Events { events }, &[]);
        }
    }

    fn post(&self, message: &Message, buffers: &[Vec<u8>]) {
        if let Err(reason) = wire::post(&self.scope, message, buffers) {
            // A message that cannot be posted is a mistake of the program: the page hears of it as the worker's death.
            wasm_bindgen::throw_str(&reason);
        }
    }
}
