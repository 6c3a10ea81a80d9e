//! The scenario in the address. A finished change is one step of the browser's history; an undo replaces the address it leaves.

use std::cell::RefCell;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Scenario, from_link, to_link, view_setting, with_view_setting};
use wasm_bindgen_futures::JsFuture;

use super::{decide, engine, recorded};
use crate::page::browser::address;
use crate::page::browser::hooks::use_throttled;
use crate::page::state::{Lab, Overlay};
use crate::view::chrome::actions::Action;
use crate::view::chrome::arrangement::Arrangement;
use crate::view::chrome::deciding::Demo;
use crate::view::chrome::form;
use crate::view::chrome::hidden::Hidden;
use crate::view::chrome::history::History;
use crate::view::chrome::instrument::Instrument;
use crate::view::chrome::sweep::Plan;
use crate::view::chrome::tour::Place;

/// The setting of an address that names the moment on show.
const MOMENT: &str = "at";
/// Browsers limit how often a page may change its address.
const WRITE_EVERY: Duration = Duration::from_millis(500);

thread_local! {
    /// An address about data that this browser lacks, and what stands in the form instead: it goes on asking for them.
    static LACKING: RefCell<Option<(Scenario, String)>> = const { RefCell::new(None) };
}

/// Takes the scenario from the address, and says what had to be changed. Where there is none, it is that of the last visit or the
/// first preset.
pub fn restore(lab: Lab) {
    let hash = address::fragment().unwrap_or_default();
    // A step back in the history is not one back in the tour.
    lab.look.guide(lab.look.tour.get_untracked().or(Place::of_link(&hash)));
    let found = lab.settings.catalogue.with_untracked(|catalogue| {
        from_link(&hash, catalogue).or_else(|error| {
            lab.messages.notice(format!("The address was not understood: {error}."), true);
            from_link("", catalogue)
        })
    });
    match found {
        Ok((scenario, notices)) => {
            let asked = address::asked();
            let lacks = lab.settings.catalogue.with_untracked(|known| form::lacks(&asked, known));
            LACKING.set(lacks.then(|| (scenario.clone(), asked)));
            lab.settings.remember(|history| history.visit(scenario.clone()));
            let moment = view_setting(&hash, MOMENT).and_then(|moment| moment.parse().ok());
            lab.tape.want(moment.map(|moment| (moment, scenario.clone())));
            lab.settings.set_draft(scenario);
            engine::adjust(lab);
            say(lab, notices);
            if hash.is_empty() {
                restore_kept(lab);
            }
            if let Some(plan) = Plan::of_link(&hash) {
                say(lab, lab.settings.catalogue.with_untracked(|catalogue| plan.unknown(catalogue)));
                lab.sweeps.ask(|asked| *asked = plan);
                lab.look.cover(Some(Overlay::Sweep));
            }
            if let Some(demo) = Demo::of_link(&hash) {
                lab.look.cover(Some(Overlay::Decide));
                if lab.deciding.demo.get_untracked() != Some(demo) {
                    decide::demo(lab, demo);
                }
            }
            keep(lab);
            write(lab, false);
        }
        Err(error) => lab.messages.notice(format!("{error}."), true),
    }
}

/// Says what had to be changed.
fn say(lab: Lab, notices: Vec<String>) {
    for text in notices {
        lab.messages.notice(text, false);
    }
}

/// Takes a scenario, settled, into the form.
pub fn adopt(lab: Lab, scenario: Scenario) {
    lab.settings.set_draft(scenario);
    push(lab);
}

/// Reads a scenario as the address writes it, and says what had to be changed, or that it was not understood.
pub fn read(lab: Lab, text: &str) -> Option<Scenario> {
    match lab.settings.catalogue.with_untracked(|catalogue| from_link(text, catalogue)) {
        Ok((scenario, notices)) => {
            say(lab, notices);
            Some(scenario)
        }
        Err(error) => {
            lab.messages.notice(format!("{error}."), true);
            None
        }
    }
}

/// Puts the settings of the last visit over those of the first preset, as a change that can be taken back.
fn restore_kept(lab: Lab) {
    let Some(kept) = address::kept() else { return };
    match lab.settings.catalogue.with_untracked(|known| from_link(&kept, known)) {
        Ok((scenario, _)) if lab.settings.draft.with_untracked(|draft| *draft == scenario) => {}
        Ok((scenario, notices)) => {
            lab.settings.remember(|history| history.commit(scenario.clone()));
            lab.settings.set_draft(scenario);
            lab.messages.offer("The settings of your last visit are back.".to_owned(), vec![Action::Undo]);
            say(lab, notices);
        }
        Err(error) => lab.messages.notice(format!("The settings of your last visit are lost: {error}."), false),
    }
}

/// Keeps the settings for the next visit, unless they are what an address without any stands for.
fn keep(lab: Lab) {
    let first = |known: &_| to_link(&from_link("", known).ok()?.0, known).ok();
    let first = lab.settings.catalogue.with_untracked(first);
    address::keep(drafted(lab).filter(|link| Some(link) != first.as_ref()));
}

/// The scenario of the form as a link.
pub fn drafted(lab: Lab) -> Option<String> {
    let link = |draft: &_| lab.settings.catalogue.with_untracked(|catalogue| to_link(draft, catalogue).ok());
    lab.settings.draft.with_untracked(link)
}

/// Takes the scenario from the address if it is another one than in the form: a step back, or a pasted link.
fn follow(lab: Lab) {
    if lab.settings.known() && address::fragment() != written(lab, lab.look.hidden.get_untracked()) {
        let hash = address::fragment().unwrap_or_default();
        lab.look.hide(Hidden::of_link(&hash));
        lab.look.enlarge(Instrument::of_link(&hash));
        lab.look.arrange(Arrangement::of_link(&hash));
        restore(lab);
        recorded::offer(lab);
    }
}

/// Takes the scenario of the form as a finished change: one that can be taken back, and a new step of the browser's history.
pub fn push(lab: Lab) {
    if lab.settings.known() {
        lab.settings.remember(|history| history.commit(lab.settings.draft.get_untracked()));
        lab.tape.want(None);
        keep(lab);
        write(lab, true);
        engine::adjust(lab);
    }
}

/// Follows the address, and keeps the moment on show and the plan of a sweep in it.
pub fn use_address(lab: Lab) {
    let hash = window_event_listener(leptos::ev::hashchange, move |_| follow(lab));
    on_cleanup(move || hash.remove());
    let shown = move || {
        lab.tape.cursor.track();
        lab.look.overlay.track();
        lab.sweeps.plan.track();
        lab.deciding.demo.track();
    };
    let tick = use_throttled(shown, WRITE_EVERY);
    Effect::new(move |_| {
        if tick.get() > 0 {
            renew(lab);
        }
    });
}

/// Takes a change back, or makes it again. The browser's history gets no step, so that its back still leads to before.
pub fn walk(lab: Lab, step: fn(&mut History<Scenario>) -> Option<Scenario>) {
    if let Some(scenario) = lab.settings.remember(step).flatten() {
        lab.settings.set_draft(scenario);
        keep(lab);
        write(lab, false);
        engine::adjust(lab);
    }
}

/// Hides controls, or shows them again, here and in the address.
pub fn show(lab: Lab, hidden: Hidden) {
    lab.look.hide(hidden);
    renew(lab);
}

/// Gives an instrument all the room, or takes it back, here and in the address.
pub fn enlarge(lab: Lab, instrument: Option<Instrument>) {
    lab.look.enlarge(instrument);
    renew(lab);
}

/// Puts a panel in the place of another, here and in the address. What the run proposes anyway is not written down.
pub fn place(lab: Lab, panel: Instrument, wanted: Instrument) {
    lab.look.want(wanted);
    if lab.look.enlarged.get_untracked() == Some(panel) {
        lab.look.enlarge(Some(wanted));
    }
    let panels = lab.panels.get_untracked();
    // One that is only enlarged has no place to give away.
    if panels.holds(panel) {
        let panels = panels.with(panel, wanted);
        let proposed = Arrangement::proposed(lab.offer.get_untracked());
        lab.look.arrange((panels != proposed).then_some(panels));
    }
    renew(lab);
}

/// Brings what the address says of the page beside the scenario up to date. Before the scenario of the address was taken, it must
/// stay as it is.
pub fn renew(lab: Lab) {
    if lab.settings.known() {
        write(lab, false);
    }
}

/// Copies the address of the scenario in the form.
pub fn copy(lab: Lab, hidden: Hidden) {
    let Some(link) = written(lab, hidden) else {
        return lab.messages.notice("This scenario cannot be written as a link.", true);
    };
    let address = address::with_fragment(&link);
    spawn_local(async move {
        let copied = JsFuture::from(gloo::utils::window().navigator().clipboard().write_text(&address)).await;
        match copied {
            Ok(_) => lab.messages.notice("The link to this scenario was copied.", false),
            Err(_) => {
                let text = "The browser refused the clipboard: copy the address of the page instead.";
                lab.messages.notice(text, true);
            }
        }
    });
}

fn write(lab: Lab, push: bool) {
    let link = written(lab, lab.look.hidden.get_untracked());
    let Some(link) = link.filter(|link| address::fragment().as_ref() != Some(link)) else { return };
    if address::write(&link, push).is_err() {
        // Browsers limit how often a page may do this; the next change catches up.
        let text = "The browser refused to change the address; the last change is not in the link.";
        lab.messages.notice(text, false);
    }
}

/// The address that asks for other data than the form has, until a person changes the form or runs it.
fn lacking(lab: Lab) -> Option<String> {
    let begun = lab.run.begun.get_untracked();
    let runs = |draft: &Scenario| begun && lab.run.prepared.with_untracked(|held| held.as_ref() == Some(draft));
    let stays = |(scenario, _): &&(Scenario, String)| {
        lab.settings.draft.with_untracked(|draft| draft == scenario && !runs(draft))
    };
    LACKING.with_borrow(|it| it.as_ref().filter(stays).map(|it| it.1.clone()))
}

fn written(lab: Lab, hidden: Hidden) -> Option<String> {
    // A moment is one of the run on show, which may be of another scenario than the form.
    let own = |draft: &Scenario| lab.shown.with_untracked(|shown| shown.as_ref().is_none_or(|it| it == draft));
    let moment = lab.tape.linked().filter(|_| lab.settings.draft.with_untracked(own));
    let mut link = hidden.beside(&lacking(lab).or_else(|| drafted(lab))?);
    if let Some(moment) = moment {
        link = with_view_setting(&link, MOMENT, &moment.to_string());
    }
    let proposed = Arrangement::proposed(lab.offer.get_untracked());
    if let Some(panels) = lab.look.arranged.get_untracked().filter(|panels| *panels != proposed) {
        link = panels.beside(&link);
    }
    if let Some(instrument) = lab.look.enlarged.get_untracked() {
        link = instrument.beside(&link);
    }
    if lab.look.overlay.get_untracked() == Some(Overlay::Sweep) {
        link = lab.sweeps.plan.with_untracked(|plan| plan.beside(&link));
    }
    let demo = lab.deciding.demo.get_untracked();
    if let (Some(Overlay::Decide), Some(demo)) = (lab.look.overlay.get_untracked(), demo) {
        link = demo.beside(&link);
    }
    Some(match lab.look.tour.get_untracked() {
        Some(place) => place.beside(&link),
        None => link,
    })
}
