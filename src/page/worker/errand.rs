//! A worker that does one piece of work with a reader's files, and is ended afterwards.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::{DecideAnswer, ImportAnswer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::watch::{Report, Watch};
use super::worker_handle::{WorkerHandle, is_suspect, renew};
use crate::said::in_words;
use crate::view::chrome::pulse::Speech;
use crate::wire;

/// Who is told what comes of it.
type Say<A> = Rc<dyn Fn(Report<A>)>;

/// What a program answers.
pub trait Answer: DeserializeOwned + 'static {
    /// Whether it is its first word: that it listens.
    fn is_ready(&self) -> bool;
}

impl Answer for ImportAnswer {
    fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }
}

impl Answer for DecideAnswer {
    fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }
}

/// A worker at work, which ends when this goes.
pub struct Errand {
    files: Vec<File>,
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    worker: Option<WorkerHandle>,
    watch: Watch,
    /// Whether nobody waits for it any more.
    over: bool,
}

impl Drop for Errand {
    fn drop(&mut self) {
        // The worker is dropped after the borrow ends.
        let _old = std::mem::replace(&mut *self.state.borrow_mut(), State { over: true, ..State::default() });
    }
}

impl Errand {
    /// Hands a request with files to the program that this file beside the page starts; `report` gets what comes of it.
    pub fn start<A: Answer>(
        program: &'static str,
        request: impl Serialize + 'static,
        files: Vec<File>,
        report: impl Fn(Report<A>) + 'static,
    ) -> Self {
        let errand = Self { files, state: Rc::default() };
        let say: Say<A> = Rc::new(report);
        // Already now, as its program may never come. It is never asked: it takes nothing in before it is done.
        errand.state.borrow().watch.begin(|| {}, Rc::clone(&say));
        let (state, files) = (Rc::clone(&errand.state), errand.files.clone());
        if !is_suspect(program) {
            begin(program, &state, request, files, say);
        } else {
            spawn_local(async move {
                renew(program).await;
                begin(program, &state, request, files, say);
            });
        }
        errand
    }

    /// What it was handed.
    pub fn files(&self) -> Vec<File> {
        self.files.clone()
    }

    /// Whether it has begun.
    pub fn has_begun(&self) -> bool {
        self.state.borrow().watch.listens()
    }
}

fn begin<A: Answer>(
    program: &str,
    state: &Rc<RefCell<State>>,
    request: impl Serialize + 'static,
    files: Vec<File>,
    say: Say<A>,
) {
    if state.borrow().over {
        return;
    }
    let (inner, heard) = (Rc::clone(state), Rc::clone(&say));
    let worker = WorkerHandle::start(program, move |answer: Result<(A, Vec<Vec<u8>>), String>| {
        let silent = inner.borrow().watch.hear();
        if silent {
            heard(Report::Silent(false));
        }
        let answer = answer.and_then(|(answer, buffers)| {
            if answer.is_ready() {
                hand_over(&inner.borrow(), &request, &files)?;
            }
            Ok((answer, buffers))
        });
        heard(match answer {
            Ok((answer, buffers)) => Report::Message(answer, buffers),
            Err(reason) => Report::Died(reason),
        });
    });
    match worker {
        Ok(worker) => state.borrow_mut().worker = Some(worker),
        Err(error) => say(Report::Died(format!("The browser cannot start it: {}.", in_words(&error)))),
    }
}

/// Gives the files to a worker that listens, which works on them in one go.
fn hand_over(State { worker, watch, .. }: &State, request: &impl Serialize, files: &[File]) -> Result<(), String> {
    watch.expect(Speech::Progress);
    worker.as_ref().map_or(Ok(()), |handle| wire::post_files(&handle.worker, request, files))
}
