//! Recorded runs that ship with the page.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::Recording;

use crate::page::browser::{address, events, in_words};
use crate::page::state::Lab;

/// The preset that an address without settings stands for.
const FIRST: &str = "extended-class";

/// Shows the recorded run of the first preset, if the address asks for nothing else: before any worker has loaded.
pub fn open_first(lab: Lab) {
    if address::is_bare() && address::kept().is_none() {
        spawn_local(show_shipped(lab, FIRST.to_owned()));
    }
}

/// Shows the recorded run of the preset in the form, if that is as it ships and nothing was run yet.
pub fn offer(lab: Lab) {
    let id = lab.settings.draft.with_untracked(|draft| draft.preset.clone());
    let shipped = lab.settings.catalogue.with_untracked(|it| it.preset(&id).map(|preset| preset.scenario.clone()));
    let shipped = shipped.map(|scenario| untrack(|| lab.settings.settled(&scenario)));
    let as_it_ships = lab.settings.draft.with_untracked(|draft| shipped.as_ref() == Some(draft));
    if as_it_ships && !lab.run.begun.get_untracked() && lab.tape.recorded.get_untracked().as_ref() != Some(&id) {
        spawn_local(show_shipped(lab, id));
    }
}

/// Shows the recorded run of a preset, whatever is on show, then does the rest; the reader's own run stays beside it.
pub fn show(lab: Lab, id: String, then: impl FnOnce() + 'static) {
    if lab.tape.recorded.with_untracked(|shown| shown.as_ref() == Some(&id)) {
        return then();
    }
    spawn_local(async move {
        match load(&id).await {
            Ok(recording) => {
                lab.tape.show(id, recording);
                then();
            }
            Err(reason) => lab.messages.notice(reason, true),
        }
    });
}

/// The recorded run of a preset.
///
/// # Errors
/// A sentence.
pub async fn load(id: &str) -> Result<Recording, String> {
    let missing = |reason| {
        format!(
            "The recorded run of {id} could not be loaded: {reason}. Look whether the network is there, then ask for it again."
        )
    };
    let text = events::fetch(id).await.map_err(|error| missing(in_words(&error)))?;
    events::read(&text).await.map_err(missing)
}

async fn show_shipped(lab: Lab, id: String) {
    // Without it the page is as it was before there were any; the reader runs the scenario instead.
    let Ok(recording) = load(&id).await else { return };
    // In the meantime the reader may have started a run or chosen something else.
    let wanted = lab.settings.draft.try_with_untracked(|draft| draft.preset.is_empty() || draft.preset == id);
    if wanted == Some(true) && !lab.run.begun.get_untracked() {
        lab.tape.show(id, recording);
    }
}
