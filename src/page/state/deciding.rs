//! A decision between two embedding models, from files to report.

use leptos::prelude::*;
use protocol::DecideSettings;

use crate::view::chrome;

/// The decision. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Deciding {
    /// How far it is, and what came of it.
    pub at: ReadSignal<chrome::deciding::Deciding>,
    set_at: WriteSignal<chrome::deciding::Deciding>,
    /// What is asked.
    pub settings: ReadSignal<DecideSettings>,
    set_settings: WriteSignal<DecideSettings>,
    /// The real text models that it is about, if it is about such.
    pub demo: ReadSignal<Option<chrome::deciding::Demo>>,
    set_demo: WriteSignal<Option<chrome::deciding::Demo>>,
    /// The files that it left, in the order in which it names them.
    files: StoredValue<Vec<Vec<u8>>>,
}

impl Deciding {
    /// Nothing was handed in.
    pub fn new() -> Self {
        let ((at, set_at), (settings, set_settings)) = (signal(Default::default()), signal(DecideSettings::default()));
        let (demo, set_demo) = signal(None);
        Self { at, set_at, settings, set_settings, demo, set_demo, files: StoredValue::new(Vec::new()) }
    }

    /// Takes in how far it is or what came of it, with the files beside it.
    pub fn set(self, at: chrome::deciding::Deciding, files: Vec<Vec<u8>>) {
        self.files.set_value(files);
        self.set_at.set(at);
    }

    /// It is about these text models from now on, or about what a reader has.
    pub fn choose(self, demo: Option<chrome::deciding::Demo>) {
        self.set_demo.set(demo);
    }

    /// Asks otherwise from now on.
    pub fn ask(self, settings: DecideSettings) {
        self.set_settings.set(settings);
    }

    /// Lets someone read one of the files that it left, if it is there.
    pub fn with_file<T>(self, at: usize, read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        self.files.with_value(|files| files.get(at).map(|file| read(file)))
    }
}
