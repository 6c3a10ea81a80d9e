//! What comes of a worker, and the one watch over all of them: whether they are still heard of.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Interval;
use protocol::Message;

use crate::view::chrome::pulse::{Beat, EVERY_MS, LASTING_S, Pulse, Speech};

/// What comes from a worker that says `M`.
pub enum Report<M = Message> {
    /// A message and the buffers beside it.
    Message(M, Vec<Vec<u8>>),
    /// It speaks another version than the page.
    OtherVersion,
    /// It has not been heard of for so long that it may hang, or is heard of again.
    Silent(bool),
    /// It has been silent for so long that who can do without it gives it up; why, in the words of a death.
    Lasting(String),
    /// It is of no more use; why.
    Died(String),
}

/// Looks now and then whether a worker is heard of. It ends when it goes.
#[derive(Default)]
pub struct Watch(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    pulse: Pulse,
    speech: Speech,
    looks: Option<Interval>,
}

impl Watch {
    /// Looks from now on. `ask` asks the worker whether it hears; `say` gets its silence.
    pub fn begin<M: 'static>(&self, ask: impl Fn() + 'static, say: Rc<dyn Fn(Report<M>)>) {
        let watched = Rc::downgrade(&self.0);
        let looks = Interval::new(EVERY_MS, move || {
            let Some(watched) = watched.upgrade() else { return };
            let beat = watched.borrow_mut().look();
            match beat {
                Beat::Wait => {}
                Beat::Ask => ask(),
                Beat::Silent => say(Report::Silent(true)),
                Beat::Lasting => say(Report::Lasting(format!("Nothing was heard of it for {LASTING_S} seconds."))),
            }
        });
        self.0.borrow_mut().looks = Some(looks);
    }

    /// Takes in that the worker was heard of; says whether its silence was told before.
    pub fn hear(&self) -> bool {
        self.0.borrow_mut().pulse.hear()
    }

    /// Takes in what can be heard of it from now on.
    pub fn expect(&self, speech: Speech) {
        self.0.borrow_mut().speech = speech;
    }

    /// Whether it has said its first word.
    pub fn listens(&self) -> bool {
        self.0.borrow().speech != Speech::First
    }
}

impl Inner {
    fn look(&mut self) -> Beat {
        self.pulse.look(js_sys::Date::now(), self.speech)
    }
}
