//! Keys, from the same table as the buttons.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::Element;

use super::intent;
use super::lab::Lab;
use crate::view::actions::Action;

/// Where keys are text.
const TYPING: &str = "input, select, textarea, [contenteditable]";
/// Where Space and arrows have a meaning of their own.
const OPERATED: &str = "button, summary, a, [role=tab], [role=alertdialog], dialog";

/// Listens for keys until the page is left.
pub fn use_keys(lab: Lab) {
    let handle = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if event.key() == "Escape" {
            lab.help.set(false);
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let within = |selector: &str| target.as_ref().is_some_and(|it| it.closest(selector).ok().flatten().is_some());
        let moving = matches!(event.key().as_str(), " " | "ArrowRight");
        if within(TYPING) || (moving && within(OPERATED)) || lab.fault.with_untracked(Option::is_some) {
            return;
        }
        if let Some(action) = Action::of_key(&event.key()) {
            event.prevent_default();
            // A held key would fill the worker's queue.
            if !event.repeat() || action == Action::StepBatch {
                intent::act(lab, action);
            }
        }
    });
    on_cleanup(move || handle.remove());
}
