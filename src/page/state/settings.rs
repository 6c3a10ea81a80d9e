//! What can be chosen, what is chosen in the form, and what was before.

use leptos::prelude::*;
use protocol::{Catalogue, DatasetInfo, Scenario};

use crate::view::chrome::history::History;

/// The settings. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Settings {
    /// What can be chosen; empty until it has loaded.
    pub catalogue: ReadSignal<Catalogue>,
    set_catalogue: WriteSignal<Catalogue>,
    /// The scenario in the form.
    pub draft: ReadSignal<Scenario>,
    set_draft: WriteSignal<Scenario>,
    /// Settings as they were, for undo and redo.
    pub history: ReadSignal<History<Scenario>>,
    set_history: WriteSignal<History<Scenario>>,
}

impl Settings {
    /// Nothing to choose from yet.
    pub fn new() -> Self {
        let (catalogue, set_catalogue) = signal(Catalogue::default());
        let (draft, set_draft) = signal(Scenario::default());
        let (history, set_history) = signal(History::default());
        Self { catalogue, set_catalogue, draft, set_draft, history, set_history }
    }

    /// Takes in what can be chosen.
    pub fn set_catalogue(self, catalogue: Catalogue) {
        self.set_catalogue.set(catalogue);
    }

    /// Puts a dataset of the reader's own among those that can be chosen, in place of one with its id.
    pub fn add_dataset(self, info: DatasetInfo) {
        self.set_catalogue.update(|catalogue| {
            catalogue.datasets.retain(|it| it.id != info.id);
            catalogue.datasets.push(info);
        });
    }

    /// Takes a dataset away.
    pub fn remove_dataset(self, id: &str) {
        self.set_catalogue.update(|catalogue| catalogue.datasets.retain(|it| it.id != id));
    }

    /// A scenario as the form would hold it: what it says nothing of is as it is by default. Tracks what can be chosen.
    pub fn settled(self, scenario: &Scenario) -> Scenario {
        let mut settled = scenario.clone();
        self.catalogue.with(|catalogue| settled.settle(catalogue));
        settled
    }

    /// Puts a scenario into the form.
    pub fn set_draft(self, scenario: Scenario) {
        self.set_draft.set(scenario);
    }

    /// Changes what can be taken back; gives what the change does, nothing once the page is gone.
    pub fn remember<T>(self, change: impl FnOnce(&mut History<Scenario>) -> T) -> Option<T> {
        self.set_history.try_update(change)
    }

    /// Whether anything can be chosen yet. Does not track.
    pub fn known(self) -> bool {
        !self.catalogue.with_untracked(|catalogue| catalogue.presets.is_empty())
    }
}
