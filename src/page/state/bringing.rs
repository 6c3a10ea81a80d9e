//! The import of own data that is under way.

use leptos::prelude::*;

use crate::view::chrome;

/// The import under way. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Bringing {
    /// How far it is; nothing while there is none.
    pub at: ReadSignal<Option<chrome::bringing::Bringing>>,
    set_at: WriteSignal<Option<chrome::bringing::Bringing>>,
}

impl Bringing {
    /// None.
    pub fn new() -> Self {
        let (at, set_at) = signal(None);
        Self { at, set_at }
    }

    /// Takes in how far it is; nothing once it is over.
    pub fn set(self, at: Option<chrome::bringing::Bringing>) {
        self.set_at.set(at);
    }
}
