//! The engine: the one asked for, the one in use, and whether its worker listens.

use leptos::prelude::*;
use protocol::{EngineChoice, EngineReport};

/// The engine. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Engine {
    /// Whether a worker listens.
    pub connected: ReadSignal<bool>,
    set_connected: WriteSignal<bool>,
    /// The engine in use.
    pub report: ReadSignal<Option<EngineReport>>,
    set_report: WriteSignal<Option<EngineReport>>,
    /// The engine asked for.
    pub choice: ReadSignal<EngineChoice>,
    set_choice: WriteSignal<EngineChoice>,
    /// Why the automatic choice of the engine went as it did; empty if it was not automatic.
    pub note: ReadSignal<String>,
    set_note: WriteSignal<String>,
    /// Whether the next run takes another worker, since an engine has come in the meantime.
    pub outdated: ReadSignal<bool>,
    set_outdated: WriteSignal<bool>,
}

impl Engine {
    /// None yet.
    pub fn new() -> Self {
        let (connected, set_connected) = signal(false);
        let (report, set_report) = signal(None);
        let (choice, set_choice) = signal(EngineChoice::Auto);
        let (note, set_note) = signal(String::new());
        let (outdated, set_outdated) = signal(false);
        Self {
            connected,
            set_connected,
            report,
            set_report,
            choice,
            set_choice,
            note,
            set_note,
            outdated,
            set_outdated,
        }
    }

    /// Takes in whether a worker listens.
    pub fn set_connected(self, connected: bool) {
        self.set_connected.set(connected);
    }

    /// Takes in the engine in use.
    pub fn set_report(self, report: Option<EngineReport>) {
        self.set_report.set(report);
    }

    /// Asks for an engine from the next worker on.
    pub fn set_choice(self, choice: EngineChoice) {
        self.set_choice.set(choice);
    }

    /// Takes in why the automatic choice went as it did.
    pub fn set_note(self, note: String) {
        self.set_note.set(note);
    }

    /// Takes in whether the next run takes another worker.
    pub fn set_outdated(self, outdated: bool) {
        self.set_outdated.set(outdated);
    }
}
