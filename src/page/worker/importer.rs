//! The worker that makes a dataset of a reader's files, one for each import.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::{ImportAnswer, ImportRequest};

use super::worker_handle::WorkerHandle;
use crate::wire;

/// The module that makes datasets, beside the page.
const IMPORTER: &str = "importer_loader.js";

/// What an importer says, with the files beside it, or why it is of no more use.
pub type Answer = Result<(ImportAnswer, Vec<Vec<u8>>), String>;

/// The importer at work.
struct Desk {
    /// Nothing, once it was handed over.
    work: Option<(ImportRequest, Vec<Vec<u8>>)>,
    worker: Option<WorkerHandle>,
}

/// Hands work to an importer; `done` gets its answer with the files beside it, or why there is none.
pub fn ask(work: (ImportRequest, Vec<Vec<u8>>), done: impl Fn(Answer) + Clone + 'static) {
    let desk = Rc::new(RefCell::new(Desk { work: Some(work), worker: None }));
    let (inner, say) = (Rc::clone(&desk), done.clone());
    let worker = WorkerHandle::start(IMPORTER, move |heard: Answer| match heard {
        Ok((ImportAnswer::Ready, _)) => {
            let work = inner.borrow_mut().work.take();
            let posted = match (&inner.borrow().worker, work) {
                (Some(handle), Some((request, contents))) => wire::post(&handle.worker, &request, &contents),
                _ => Ok(()),
            };
            if let Err(reason) = posted {
                say(Err(reason));
            }
        }
        answer => {
            // Nobody is needed any more.
            let _ended = inner.borrow_mut().worker.take();
            say(answer);
        }
    });
    match worker {
        Ok(worker) => desk.borrow_mut().worker = Some(worker),
        Err(error) => done(Err(format!("The browser cannot start the importer: {error:?}."))),
    }
}
