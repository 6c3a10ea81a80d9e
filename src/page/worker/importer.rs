//! The worker that makes a dataset of a reader's files, one for each import.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::{ImportAnswer, ImportRequest};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::watch::{Report, Watch};
use super::worker_handle::{WorkerHandle, is_suspect, renew};
use crate::said::in_words;
use crate::view::chrome::pulse::Speech;
use crate::wire;

/// The module that makes datasets, beside the page.
const IMPORTER: &str = "importer_loader.js";

/// Who is told what comes of an importer.
type Say = Rc<dyn Fn(Report<ImportAnswer>)>;

/// An importer at work, which ends when this goes.
pub struct Import {
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

impl Drop for Import {
    fn drop(&mut self) {
        // The worker is dropped after the borrow ends.
        let _old = std::mem::replace(&mut *self.state.borrow_mut(), State { over: true, ..State::default() });
    }
}

impl Import {
    /// Hands files to an importer; `report` gets what comes of it.
    pub fn start(files: Vec<File>, report: impl Fn(Report<ImportAnswer>) + 'static) -> Self {
        let import = Self { files, state: Rc::default() };
        let say: Say = Rc::new(report);
        // Already now, as its program may never come. It is never asked: it takes nothing in before it is done.
        import.state.borrow().watch.begin(|| {}, Rc::clone(&say));
        let (state, files) = (Rc::clone(&import.state), import.files.clone());
        if !is_suspect(IMPORTER) {
            begin(&state, files, say);
        } else {
            spawn_local(async move {
                renew(IMPORTER).await;
                begin(&state, files, say);
            });
        }
        import
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

fn begin(state: &Rc<RefCell<State>>, files: Vec<File>, say: Say) {
    if state.borrow().over {
        return;
    }
    let (inner, heard) = (Rc::clone(state), Rc::clone(&say));
    let worker = WorkerHandle::start(IMPORTER, move |answer: Result<(ImportAnswer, Vec<Vec<u8>>), String>| {
        let silent = inner.borrow().watch.hear();
        if silent {
            heard(Report::Silent(false));
        }
        let answer = answer.and_then(|(answer, buffers)| {
            if matches!(answer, ImportAnswer::Ready) {
                hand_over(&inner.borrow(), &files)?;
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

/// Gives the files to an importer that listens, which works on them in one go.
fn hand_over(State { worker, watch, .. }: &State, files: &[File]) -> Result<(), String> {
    watch.expect(Speech::Progress);
    let request = ImportRequest { names: files.iter().map(File::name).collect() };
    worker.as_ref().map_or(Ok(()), |handle| wire::post_files(&handle.worker, &request, files))
}
