//! The worker that makes a dataset of a reader's files, one for each import.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::{ImportAnswer, ImportRequest};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::worker_handle::{WorkerHandle, is_suspect, renew};
use crate::said::in_words;
use crate::wire;

/// The module that makes datasets, beside the page.
const IMPORTER: &str = "importer_loader.js";

/// What an importer says, with the files beside it, or why it is of no more use.
pub type Answer = Result<(ImportAnswer, Vec<Vec<u8>>), String>;

/// An importer at work, which ends when this goes.
#[derive(Default)]
pub struct Import(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    worker: Option<WorkerHandle>,
    /// Whether nobody waits for it any more.
    over: bool,
}

impl Drop for Import {
    fn drop(&mut self) {
        // The worker is dropped after the borrow ends.
        let _old = std::mem::replace(&mut *self.0.borrow_mut(), State { worker: None, over: true });
    }
}

impl Import {
    /// Hands files to an importer; `heard` gets what it says, or why it is of no more use.
    pub fn start(files: Vec<File>, heard: impl Fn(Answer) + 'static) -> Self {
        let import = Self::default();
        let state = Rc::clone(&import.0);
        if !is_suspect(IMPORTER) {
            begin(&state, files, heard);
        } else {
            spawn_local(async move {
                renew(IMPORTER).await;
                begin(&state, files, heard);
            });
        }
        import
    }
}

fn begin(state: &Rc<RefCell<State>>, files: Vec<File>, heard: impl Fn(Answer) + 'static) {
    if state.borrow().over {
        return;
    }
    let (inner, heard) = (Rc::clone(state), Rc::new(heard));
    let say = Rc::clone(&heard);
    let worker = WorkerHandle::start(IMPORTER, move |answer: Answer| match answer {
        Ok((ImportAnswer::Ready, _)) => {
            let request = ImportRequest { names: files.iter().map(File::name).collect() };
            let posted = match &inner.borrow().worker {
                Some(handle) => wire::post_files(&handle.worker, &request, &files),
                None => Ok(()),
            };
            if let Err(reason) = posted {
                say(Err(reason));
            }
        }
        answer => say(answer),
    });
    match worker {
        Ok(worker) => state.borrow_mut().worker = Some(worker),
        Err(error) => heard(Err(format!("The browser cannot start it: {}.", in_words(&error)))),
    }
}
