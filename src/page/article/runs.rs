//! What the parts of the article need of the recorded runs that they are about. A run is fetched when the first of its parts comes into
//! sight, and let go of once its parts have what they need.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::RunLog;

use crate::page::acts::recorded;
use crate::page::state::{Lab, Other};
use crate::view::chrome::article::{Drawn, Part};

/// What is known, by the name of the run; nothing while it is fetched. What parts need is by their names.
type Known = BTreeMap<String, Option<Result<BTreeMap<String, Drawn>, String>>>;

/// What is known of the runs. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Runs {
    lab: Lab,
    parts: StoredValue<Vec<Part>>,
    known: RwSignal<Known>,
}

impl Runs {
    /// Nothing yet.
    pub fn new(lab: Lab, parts: Vec<Part>) -> Self {
        Self { lab, parts: StoredValue::new(parts), known: RwSignal::new(BTreeMap::new()) }
    }

    /// Gets a run, unless it is there or on its way.
    pub fn want(self, run: String) {
        if self.known.with_untracked(|known| matches!(known.get(&run), Some(None | Some(Ok(_))))) {
            return;
        }
        self.known.update(|known| drop(known.insert(run.clone(), None)));
        let Self { lab, parts, known } = self;
        spawn_local(async move {
            // What is on show need not be fetched again.
            let on_show = lab.tape.recorded.get_untracked() == Some(Other::Shipped(run.clone()));
            let log = match on_show {
                true => Ok(untrack(|| lab.tape.with_newest(RunLog::clone))),
                false => recorded::load(&run).await.map(|recording| recording.at(usize::MAX)),
            };
            let drawn = |log: RunLog| {
                let drawn = |part: &Part| (part.id().to_owned(), part.drawn(&log));
                let of_run = |parts: &Vec<Part>| parts.iter().filter(|part| part.run() == run).map(drawn).collect();
                parts.try_with_value(of_run).unwrap_or_default()
            };
            let drawn = log.map(drawn);
            known.try_update(|known| drop(known.insert(run, Some(drawn))));
        });
    }

    /// What a part needs of its run, once that is there. Tracks.
    pub fn of<T>(self, part: &Part, read: impl FnOnce(&Drawn) -> T) -> Option<T> {
        self.known.with(|known| known.get(part.run())?.as_ref()?.as_ref().ok()?.get(part.id()).map(read))
    }

    /// Why a part's run is not there, if it could not be had. Tracks.
    pub fn failed(self, part: &Part) -> Option<String> {
        self.known.with(|known| known.get(part.run())?.as_ref()?.as_ref().err().cloned())
    }
}
