//! What the page says: messages that can be dismissed, and the fault that keeps the run from going on.

use leptos::prelude::*;

use crate::view::chrome::actions::Action;

/// A message that can be dismissed.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Tells it from others.
    pub id: u32,
    /// One sentence.
    pub text: String,
    /// Whether something went wrong, rather than only differently.
    pub alarming: bool,
    /// What can be done about it.
    pub actions: Vec<Action>,
}

impl Notice {
    /// Milliseconds after which it leaves by itself, which is time to read it twice; `None` if it waits for an answer.
    pub fn leaves_after(&self) -> Option<u64> {
        const AT_LEAST: u64 = 5000;
        const LETTER: u64 = 90;
        let asks = |action: &Action| matches!(action, Action::Resume | Action::Restart | Action::ImportAgain);
        let waits = self.alarming || self.actions.iter().any(asks);
        (!waits).then(|| AT_LEAST + LETTER * self.text.chars().count() as u64)
    }
}

/// Something that the run cannot go on after.
#[derive(Clone, Debug, PartialEq)]
pub struct PageFault {
    /// A few words.
    pub title: String,
    /// What happened.
    pub message: String,
    /// What to do, in a sentence.
    pub advice: String,
    /// What the button does.
    pub remedy: Remedy,
}

/// The way on after a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Start another worker.
    Restart,
    /// Start another worker on the CPU.
    UseCpu,
    /// Load the page again.
    Reload,
    /// Close the message and change the settings.
    Close,
}

/// What the page says. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Messages {
    /// Messages that can be dismissed.
    pub notices: ReadSignal<Vec<Notice>>,
    set_notices: WriteSignal<Vec<Notice>>,
    /// What keeps the run from going on.
    pub fault: ReadSignal<Option<PageFault>>,
    set_fault: WriteSignal<Option<PageFault>>,
    /// How many messages there were.
    said: StoredValue<u32>,
}

impl Messages {
    /// Nothing yet.
    pub fn new() -> Self {
        let (notices, set_notices) = signal(Vec::new());
        let (fault, set_fault) = signal(None);
        Self { notices, set_notices, fault, set_fault, said: StoredValue::new(0) }
    }

    /// Shows a message that can be dismissed. The same sentence is not shown twice.
    pub fn notice(self, text: impl Into<String>, alarming: bool) {
        self.say(text.into(), alarming, Vec::new());
    }

    /// Shows a message with what can be done about it.
    pub fn offer(self, text: String, actions: Vec<Action>) {
        self.say(text, false, actions);
    }

    fn say(self, text: String, alarming: bool, actions: Vec<Action>) {
        // Some who say something are done when the page is gone.
        self.set_notices.try_update(|notices| {
            if notices.iter().all(|notice| notice.text != text) {
                // Never that of one before, which the page may still show.
                let id = self.said.try_get_value().unwrap_or_default();
                self.said.try_set_value(id + 1);
                notices.push(Notice { id, text, alarming, actions });
            }
        });
    }

    /// Takes a message away that the reader has seen.
    pub fn dismiss(self, id: u32) {
        self.set_notices.update(|notices| notices.retain(|notice| notice.id != id));
    }

    /// Takes a message back.
    pub fn unsay(self, text: &str) {
        self.set_notices.update(|notices| notices.retain(|notice| notice.text != text));
    }

    /// Takes back messages that offer an action.
    pub fn withdraw(self, action: Action) {
        if self.notices.with_untracked(|notices| notices.iter().any(|notice| notice.actions.contains(&action))) {
            self.set_notices.update(|notices| notices.retain(|notice| !notice.actions.contains(&action)));
        }
    }

    /// Says what keeps the run from going on, in place of what did before; `None` once nothing does.
    pub fn set_fault(self, fault: Option<PageFault>) {
        self.set_fault.set(fault);
    }
}
