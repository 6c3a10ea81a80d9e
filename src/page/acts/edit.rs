//! Changes of the settings in the form.

use leptos::prelude::*;
use protocol::Scenario;

use super::{link, recorded};
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::chrome::form::{self, ChoiceTarget, Chosen, Target};

/// Starts from a preset, on the reader's own data if they are in the form and what it is about can be had there.
pub fn choose_preset(lab: Lab, id: &str) {
    let chosen = lab.settings.draft.with_untracked(|draft| {
        lab.settings.catalogue.with_untracked(|catalogue| Some(form::chosen(catalogue.preset(id)?, draft, catalogue)))
    });
    let Some(Chosen { scenario, notices, left }) = chosen else { return };
    edit(lab, |draft| *draft = scenario);
    link::push(lab);
    recorded::offer(lab);
    for text in notices {
        lab.messages.notice(text, false);
    }
    if let Some(text) = left {
        lab.messages.offer(text, vec![Action::Undo]);
    }
}

/// Takes a scenario, settled, into the form. Where the reader's own data are left for it, that is said and can be taken back.
pub fn take_up(lab: Lab, scenario: Scenario) {
    if lab.settings.draft.with_untracked(|draft| *draft == scenario) {
        return;
    }
    let left = lab
        .settings
        .draft
        .with_untracked(|draft| lab.settings.catalogue.with_untracked(|known| form::left(draft, &scenario, known)));
    link::adopt(lab, scenario);
    if let Some(text) = left {
        lab.messages.offer(text, vec![Action::Undo]);
    }
}

/// Writes a number while a hand still moves it.
pub fn preview(lab: Lab, target: &Target, value: f64) {
    edit(lab, |draft| target.write(draft, value));
}

/// Writes a number for good.
pub fn commit(lab: Lab, target: &Target, value: f64) {
    preview(lab, target, value);
    link::push(lab);
}

/// Chooses from the catalogue.
pub fn choose(lab: Lab, target: ChoiceTarget, id: &str) {
    if target == ChoiceTarget::Dataset {
        return move_to(lab, id);
    }
    edit(lab, |draft| target.write(draft, id));
    link::push(lab);
}

/// Takes the upgrade to another dataset.
pub fn move_to(lab: Lab, id: &str) {
    let find = |id: &str| lab.settings.catalogue.with_untracked(|catalogue| catalogue.dataset(id).cloned());
    if let Some(dataset) = find(id) {
        let before = lab.settings.draft.with_untracked(|draft| find(&draft.data.dataset));
        edit(lab, |draft| draft.move_to(&dataset, before.as_ref()));
        link::push(lab);
    }
}

fn edit(lab: Lab, change: impl FnOnce(&mut Scenario)) {
    let mut draft = lab.settings.draft.get_untracked();
    change(&mut draft);
    let notices = lab.settings.catalogue.with_untracked(|catalogue| draft.settle(catalogue));
    lab.settings.set_draft(draft);
    for text in notices {
        lab.messages.notice(text, false);
    }
}
