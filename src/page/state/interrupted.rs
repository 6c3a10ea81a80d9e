//! The run under way, as it is kept.

use js_sys::Array;
use leptos::prelude::*;

/// The kept run. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Interrupted {
    /// Whether what is kept is of an earlier visit, and the reader can choose to go on with it.
    pub offered: ReadSignal<bool>,
    set_offered: WriteSignal<bool>,
    /// What is kept, in the form in which the browser's database takes it.
    kept: StoredValue<Option<Array>, LocalStorage>,
    /// Counts what was to be kept or forgotten: writing takes turns, and the last word counts.
    edition: StoredValue<u32>,
    /// Whether the reader knows that the browser did not take it.
    told: StoredValue<bool>,
}

impl Interrupted {
    /// Nothing yet.
    pub fn new() -> Self {
        let (offered, set_offered) = signal(false);
        Self {
            offered,
            set_offered,
            kept: StoredValue::new_local(None),
            edition: StoredValue::new(0),
            told: StoredValue::new(false),
        }
    }

    /// Offers what is kept of an earlier visit, or takes the offer back.
    pub fn offer(self, offered: bool) {
        self.set_offered.set(offered);
    }

    /// Another edition: one that is still being written is not kept any more.
    pub fn renew(self) -> u32 {
        self.edition.update_value(|edition| *edition += 1);
        self.edition.get_value()
    }

    /// Whether there was no other edition since.
    pub fn is_newest(self, edition: u32) -> bool {
        self.edition.try_get_value() == Some(edition)
    }

    /// Takes in what is kept, in place of what was.
    pub fn set_kept(self, kept: Option<Array>) {
        self.kept.set_value(kept);
    }

    /// Reads what is kept.
    pub fn with_kept<T>(self, read: impl FnOnce(&Array) -> T) -> Option<T> {
        self.kept.with_value(|kept| kept.as_ref().map(read))
    }

    /// Takes what is kept away.
    pub fn take_kept(self) -> Option<Array> {
        self.kept.try_update_value(Option::take).flatten()
    }

    /// Whether this is to be told the reader for the first time: that the browser did not take the run.
    pub fn first_told(self) -> bool {
        let first = self.told.try_get_value() == Some(false);
        if first {
            self.told.set_value(true);
        }
        first
    }
}
