//! Recorded runs that ship with the page.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::Recording;

use super::engine;
use crate::page::browser::{address, events, in_words};
use crate::page::state::{Lab, Other};

/// The preset that an address without settings stands for.
pub const FIRST: &str = "extended-class";

/// Shows the recorded run of the first preset, if the address asks for nothing else: before any worker has loaded.
pub fn open_first(lab: Lab) {
    if address::is_bare() && address::kept().is_none() {
        spawn_local(show_shipped(lab, FIRST.to_owned()));
    }
}

/// Shows the recorded run of the preset in the form, if that is as it ships and nothing was run yet. A run that the reader opened stays as
/// long as the form is of it.
pub fn offer(lab: Lab) {
    let draft = lab.settings.draft.get_untracked();
    let shipped =
        lab.settings.catalogue.with_untracked(|it| it.preset(&draft.preset).map(|preset| preset.scenario.clone()));
    let shipped = shipped.map(|scenario| untrack(|| lab.settings.settled(&scenario)));
    let is_on_show = match lab.tape.recorded.get_untracked() {
        Some(Other::Shipped(id)) => id == draft.preset,
        Some(Other::Opened(_)) => lab.shown.get_untracked().as_ref() == Some(&draft),
        None => false,
    };
    if shipped.as_ref() == Some(&draft) && !lab.run.begun.get_untracked() && !is_on_show {
        spawn_local(show_shipped(lab, draft.preset));
    }
}

/// Shows the recorded run of a preset, whatever is on show, then does the rest; the reader's own run waits. Nothing is done if something
/// else is asked for meanwhile.
pub fn show(lab: Lab, id: String, then: impl FnOnce() + 'static) {
    let which = Other::Shipped(id.clone());
    if lab.tape.recorded.with_untracked(|shown| shown.as_ref() == Some(&which)) {
        lab.tape.ask(None);
        return then();
    }
    let number = lab.tape.ask(Some(which.clone()));
    spawn_local(async move {
        match load(&id).await {
            _ if !lab.tape.still_asks(number) => {}
            Ok(recording) => {
                engine::pause(lab);
                lab.tape.show(which, recording);
                then();
            }
            Err(reason) => {
                lab.tape.ask(None);
                lab.messages.notice(reason, true);
            }
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
    let which = Other::Shipped(id.clone());
    // The page asks as it opens, and again when it knows what there is.
    if lab.tape.awaits(&which) {
        return;
    }
    let number = lab.tape.ask(Some(which.clone()));
    let loaded = load(&id).await;
    // In the meantime the reader may have started a run or asked for something else.
    if !lab.tape.still_asks(number) {
        return;
    }
    let wanted = lab.settings.draft.try_with_untracked(|draft| draft.preset.is_empty() || draft.preset == id);
    match loaded {
        Ok(recording) if wanted == Some(true) && !lab.run.begun.get_untracked() => lab.tape.show(which, recording),
        // Without it the page is as it was before there were any; the reader runs the scenario instead.
        _ => {
            lab.tape.ask(None);
        }
    }
}
