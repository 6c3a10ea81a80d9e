//! The kept runs, as far as the page knows of them; the browser's database stands behind.

use std::collections::BTreeMap;

use leptos::prelude::*;
use protocol::Recording;

use crate::view::chrome::runs::Runs;

/// The kept runs. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Archive {
    /// What is kept.
    pub runs: ReadSignal<Runs>,
    set_runs: WriteSignal<Runs>,
    /// Ids of the runs that are compared.
    pub chosen: ReadSignal<Vec<u64>>,
    set_chosen: WriteSignal<Vec<u64>>,
    /// Runs whose events the database has not taken.
    loose: StoredValue<BTreeMap<u64, Recording>, LocalStorage>,
    /// Whether the reader knows that nothing is kept beyond the page.
    told: StoredValue<bool>,
}

impl Archive {
    /// Nothing yet.
    pub fn new() -> Self {
        let (runs, set_runs) = signal(Runs::default());
        let (chosen, set_chosen) = signal(Vec::new());
        let loose = StoredValue::new_local(BTreeMap::new());
        Self { runs, set_runs, chosen, set_chosen, loose, told: StoredValue::new(false) }
    }

    /// Changes what is kept; gives what the change does, nothing once the page is gone.
    pub fn change<T>(self, change: impl FnOnce(&mut Runs) -> T) -> Option<T> {
        self.set_runs.try_update(change)
    }

    /// Chooses the runs that are compared.
    pub fn choose(self, ids: Vec<u64>) {
        self.set_chosen.set(ids);
    }

    /// Holds the events of a run until the database has taken them, and lets those go that are too old.
    pub fn hold(self, id: u64, recording: Recording) {
        self.loose.update_value(|loose| {
            loose.retain(|id, _| self.runs.with_untracked(|runs| runs.has_events(*id)));
            loose.insert(id, recording);
        });
    }

    /// Lets the events of a run go.
    pub fn let_go(self, id: u64) {
        self.loose.try_update_value(|loose| drop(loose.remove(&id)));
    }

    /// The events of a run that the database has not taken.
    pub fn held(self, id: u64) -> Option<Recording> {
        self.loose.try_with_value(|loose| loose.get(&id).cloned()).flatten()
    }

    /// Whether this is to be told the reader for the first time: that runs are not kept beyond the page.
    pub fn first_told(self) -> bool {
        let first = self.told.try_get_value() == Some(false);
        if first {
            self.told.set_value(true);
        }
        first
    }
}
