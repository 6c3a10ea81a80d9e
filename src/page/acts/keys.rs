//! Keys, from the same table as the buttons.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::Element;

use super::live::{self, Ask};
use crate::page::browser::hooks::is_apple;
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::chrome::chord::Press;

/// Where text is written, which has an undo of its own.
const TEXT: &str = "input:not([type=range], [type=checkbox], [type=radio], [type=file]), textarea, [contenteditable]";
/// Where letters choose from a list.
const LIST: &str = "select";
/// Where Space and arrows have a meaning of their own; in the article they scroll.
const OPERATED: &str =
    "button, summary, a, [type=checkbox], [type=radio], [role=tab], [role=alertdialog], dialog, .article";
/// Where arrows have one.
const MOVED: &str = "[type=range]";

/// Listens for keys until the page is left.
pub fn use_keys(lab: Lab) {
    let apple = is_apple();
    let handle = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        let key = event.key();
        let press = Press {
            key: &key,
            ctrl: event.ctrl_key(),
            meta: event.meta_key(),
            alt: event.alt_key(),
            shift: event.shift_key(),
        };
        let Some(action) = Action::of(&press, apple) else { return };
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let within = |selector: &str| target.as_ref().is_some_and(|it| it.closest(selector).ok().flatten().is_some());
        let taken = match action {
            Action::Palette | Action::ClearSelection => false,
            _ if press.ctrl || press.meta => within(TEXT),
            _ if within(TEXT) => true,
            _ => match &*key {
                " " => within(OPERATED) || within(LIST),
                "ArrowRight" => within(OPERATED) || within(MOVED) || within(LIST),
                key => within(LIST) && key.chars().all(char::is_alphanumeric),
            },
        };
        // Escape closes an explanation before it means anything else.
        let explains = action == Action::ClearSelection && lab.look.explained.with_untracked(Option::is_some);
        let covered = explains
            || lab.messages.fault.with_untracked(Option::is_some)
            || (lab.look.overlay.with_untracked(Option::is_some)
                && !matches!(
                    action,
                    Action::Palette
                        | Action::Help
                        | Action::Library
                        | Action::Runs
                        | Action::Sweep
                        | Action::OwnQuery
                        | Action::Decide
                ));
        if event.default_prevented() || taken || covered {
            return;
        }
        // Once nothing is selected, Escape leaves the enlarged instrument.
        let action = match lab.look.enlarged.get_untracked() {
            Some(it) if action == Action::ClearSelection && lab.focus.selection.with_untracked(Vec::is_empty) => {
                Action::Enlarge(it)
            }
            _ => action,
        };
        event.prevent_default();
        if !event.repeat() || action.repeats() {
            live::ask(lab, Ask::Act(action));
        }
    });
    on_cleanup(move || handle.remove());
}
