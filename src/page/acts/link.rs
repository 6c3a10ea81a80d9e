//! The scenario in the address. A finished change is one step of the browser's history; an undo replaces the address it leaves.

use std::time::Duration;

use gloo::storage::{LocalStorage, Storage as _};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Scenario, from_link, to_link, view_setting, with_view_setting};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::hooks::use_throttled;
use super::intent;
use super::lab::Lab;
use super::overlay::Overlay;
use super::recorded;
use crate::view::actions::Action;
use crate::view::hidden::Hidden;
use crate::view::history::History;
use crate::view::instrument::Instrument;
use crate::view::sweep::Plan;
use crate::view::tour::Place;

/// The setting of an address that names the moment on show.
const MOMENT: &str = "at";
/// Browsers limit how often a page may change its address.
const WRITE_EVERY: Duration = Duration::from_millis(500);
/// Where the last settings are kept.
const KEY: &str = "upgrade-lab.settings";

/// Takes the scenario from the address, and says what had to be changed. Where there is none, it is that of the last visit or the
/// first preset.
pub fn restore(lab: Lab) {
    let hash = current().unwrap_or_default();
    // A step back in the history is not one back in the tour.
    lab.tour.update(|place| *place = place.or(Place::of_link(&hash)));
    let found = lab.catalogue.with_untracked(|catalogue| {
        from_link(&hash, catalogue).or_else(|error| {
            lab.notice(format!("The address was not understood: {error}."), true);
            from_link("", catalogue)
        })
    });
    match found {
        Ok((scenario, notices)) => {
            lab.history.update(|history| history.visit(scenario.clone()));
            let moment = view_setting(&hash, MOMENT).and_then(|moment| moment.parse().ok());
            lab.tape.want(moment.map(|moment| (moment, scenario.clone())));
            lab.draft.set(scenario);
            intent::adjust(lab);
            for text in notices {
                lab.notice(text, false);
            }
            if hash.is_empty() {
                restore_kept(lab);
            }
            if let Some(plan) = Plan::of_link(&hash) {
                for text in lab.catalogue.with_untracked(|catalogue| plan.unknown(catalogue)) {
                    lab.notice(text, false);
                }
                lab.sweeps.plan.set(plan);
                lab.overlay.set(Some(Overlay::Sweep));
            }
            keep(lab);
            write(lab, false);
        }
        Err(error) => lab.notice(format!("{error}."), true),
    }
}

/// Puts the settings of the last visit over those of the first preset, as a change that can be taken back.
fn restore_kept(lab: Lab) {
    let Some(Ok((scenario, _))) = kept().map(|kept| lab.catalogue.with_untracked(|known| from_link(&kept, known)))
    else {
        return;
    };
    if lab.draft.with_untracked(|draft| *draft != scenario) {
        lab.history.update(|history| history.commit(scenario.clone()));
        lab.draft.set(scenario);
        lab.offer("The settings of your last visit are back.".to_owned(), vec![Action::Undo]);
    }
}

/// Keeps the settings for the next visit, unless they are what an address without any stands for.
fn keep(lab: Lab) {
    let first = lab.catalogue.with_untracked(|known| to_link(&from_link("", known).ok()?.0, known).ok());
    match drafted(lab).filter(|link| Some(link) != first.as_ref()) {
        // A browser that keeps nothing starts from the preset again.
        Some(link) => drop(LocalStorage::set(KEY, link)),
        None => LocalStorage::delete(KEY),
    }
}

/// The settings of the last visit, as a link.
pub fn kept() -> Option<String> {
    LocalStorage::get(KEY).ok()
}

/// Whether the address has no scenario.
pub fn is_absent() -> bool {
    current().is_none_or(|hash| hash.is_empty())
}

/// The scenario of the address as it stands there, without the page's own settings.
pub fn asked() -> String {
    let hash = current().unwrap_or_default();
    hash.split('&').filter(|part| !part.starts_with("view.")).collect::<Vec<_>>().join("&")
}

/// The scenario of the form as a link.
pub fn drafted(lab: Lab) -> Option<String> {
    lab.draft.with_untracked(|draft| lab.catalogue.with_untracked(|catalogue| to_link(draft, catalogue).ok()))
}

/// Takes the scenario from the address if it is another one than in the form: a step back, or a pasted link.
fn follow(lab: Lab) {
    if known(lab) && current() != written(lab, lab.hidden.get_untracked()) {
        lab.hidden.set(hidden());
        lab.enlarged.set(enlarged());
        restore(lab);
        recorded::offer(lab);
    }
}

/// Which controls the address hides.
pub fn hidden() -> Hidden {
    Hidden::of_link(&current().unwrap_or_default())
}

/// The instrument that the address gives all the room.
pub fn enlarged() -> Option<Instrument> {
    Instrument::of_link(&current().unwrap_or_default())
}

/// The place in a tour that the address asks for.
pub fn tour() -> Option<Place> {
    Place::of_link(&current().unwrap_or_default())
}

/// Takes the scenario of the form as a finished change: one that can be taken back, and a new step of the browser's history.
pub fn push(lab: Lab) {
    if known(lab) {
        lab.history.update(|history| history.commit(lab.draft.get_untracked()));
        lab.tape.want(None);
        keep(lab);
        write(lab, true);
        intent::adjust(lab);
    }
}

/// Follows the address, and keeps the moment on show and the plan of a sweep in it.
pub fn use_address(lab: Lab) {
    let hash = window_event_listener(leptos::ev::hashchange, move |_| follow(lab));
    on_cleanup(move || hash.remove());
    let shown = move || {
        lab.tape.cursor.track();
        lab.overlay.track();
        lab.sweeps.plan.track();
    };
    let tick = use_throttled(shown, WRITE_EVERY);
    Effect::new(move |_| {
        if tick.get() > 0 && known(lab) {
            write(lab, false);
        }
    });
}

/// Takes a change back, or makes it again. The browser's history gets no step, so that its back still leads to before.
pub fn walk(lab: Lab, step: fn(&mut History<Scenario>) -> Option<Scenario>) {
    if let Some(scenario) = lab.history.try_update(step).flatten() {
        lab.draft.set(scenario);
        keep(lab);
        write(lab, false);
        intent::adjust(lab);
    }
}

/// Hides controls, or shows them again, here and in the address.
pub fn show(lab: Lab, hidden: Hidden) {
    lab.hidden.set(hidden);
    renew(lab);
}

/// Gives an instrument all the room, or takes it back, here and in the address.
pub fn enlarge(lab: Lab, instrument: Option<Instrument>) {
    lab.enlarged.set(instrument);
    renew(lab);
}

/// Brings what the address says of the page beside the scenario up to date.
pub fn renew(lab: Lab) {
    if known(lab) {
        write(lab, false);
    }
}

/// Whether the scenario of the address was taken; before that the address must stay as it is.
fn known(lab: Lab) -> bool {
    !lab.catalogue.with_untracked(|catalogue| catalogue.presets.is_empty())
}

/// Copies the address of the scenario in the form.
pub fn copy(lab: Lab, hidden: Hidden) {
    let location = gloo::utils::window().location();
    let page = location.href().unwrap_or_default();
    let page = page.split('#').next().unwrap_or_default();
    let address = format!("{page}#{}", written(lab, hidden).unwrap_or_default());
    spawn_local(async move {
        let copied = JsFuture::from(gloo::utils::window().navigator().clipboard().write_text(&address)).await;
        match copied {
            Ok(_) => lab.notice("The link to this scenario was copied.", false),
            Err(_) => lab.notice("The browser refused the clipboard: copy the address of the page instead.", true),
        }
    });
}

fn write(lab: Lab, push: bool) {
    let Some(link) = written(lab, lab.hidden.get_untracked()).filter(|link| current().as_ref() != Some(link)) else {
        return;
    };
    let url = format!("#{link}");
    let Ok(history) = gloo::utils::window().history() else { return };
    let done = if push {
        history.push_state_with_url(&JsValue::NULL, "", Some(&url))
    } else {
        history.replace_state_with_url(&JsValue::NULL, "", Some(&url))
    };
    if done.is_err() {
        // Browsers limit how often a page may do this; the next change catches up.
        lab.notice("The browser refused to change the address; the last change is not in the link.", false);
    }
}

fn written(lab: Lab, hidden: Hidden) -> Option<String> {
    // A moment is one of the run on show, which may be of another scenario than the form.
    let own = |draft: &Scenario| lab.log.with_untracked(|log| log.scenario.as_ref().is_none_or(|it| it == draft));
    let moment = lab.tape.linked().filter(|_| lab.draft.with_untracked(own));
    let mut link = hidden.beside(&drafted(lab)?);
    if let Some(moment) = moment {
        link = with_view_setting(&link, MOMENT, &moment.to_string());
    }
    if let Some(instrument) = lab.enlarged.get_untracked() {
        link = instrument.beside(&link);
    }
    if lab.overlay.get_untracked() == Some(Overlay::Sweep) {
        link = lab.sweeps.plan.with_untracked(|plan| plan.beside(&link));
    }
    Some(match lab.tour.get_untracked() {
        Some(place) => place.beside(&link),
        None => link,
    })
}

fn current() -> Option<String> {
    let hash = gloo::utils::window().location().hash().ok()?;
    Some(hash.trim_start_matches('#').to_owned())
}
