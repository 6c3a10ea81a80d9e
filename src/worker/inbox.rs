//! Commands that wait.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use protocol::Command;

/// A queue between the listener and the task. Cheap to clone.
#[derive(Clone, Default)]
pub struct Inbox(Rc<RefCell<Waiting>>);

#[derive(Default)]
struct Waiting {
    commands: VecDeque<(Command, Vec<Vec<u8>>)>,
    waker: Option<Waker>,
}

impl Inbox {
    /// Puts a command with its buffers in line.
    pub fn push(&self, command: Command, buffers: Vec<Vec<u8>>) {
        let waker = {
            let mut waiting = self.0.borrow_mut();
            waiting.commands.push_back((command, buffers));
            waiting.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The next command, if one waits.
    pub fn take(&self) -> Option<(Command, Vec<Vec<u8>>)> {
        self.0.borrow_mut().commands.pop_front()
    }

    /// The next command, as soon as there is one; none if something else comes before.
    pub async fn before(&self, other: impl Future<Output = ()>) -> Option<(Command, Vec<Vec<u8>>)> {
        let mut other = pin!(other);
        poll_fn(|context| match self.take() {
            Some(command) => Poll::Ready(Some(command)),
            None => {
                self.0.borrow_mut().waker = Some(context.waker().clone());
                other.as_mut().poll(context).map(|()| None)
            }
        })
        .await
    }
}
