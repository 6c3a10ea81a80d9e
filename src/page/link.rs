//! The scenario in the address. A finished change is one step of the browser's history.

use leptos::prelude::*;
use protocol::{from_link, to_link};
use wasm_bindgen::JsValue;

use super::lab::Lab;

/// Takes the scenario from the address, or the first preset where there is none, and says what had to be changed.
pub fn restore(lab: Lab) {
    let hash = gloo::utils::window().location().hash().unwrap_or_default();
    let found = lab.catalogue.with_untracked(|catalogue| {
        from_link(&hash, catalogue).or_else(|error| {
            lab.notice(format!("The address was not understood: {error}."), true);
            from_link("", catalogue)
        })
    });
    match found {
        Ok((scenario, notices)) => {
            lab.draft.set(scenario);
            for text in notices {
                lab.notice(text, false);
            }
            write(lab, false);
        }
        Err(error) => lab.notice(format!("{error}."), true),
    }
}

/// Takes the scenario from the address if it is another one than in the form: a step back, or a pasted link.
pub fn follow(lab: Lab) {
    if current() != written(lab) && !lab.catalogue.with_untracked(|catalogue| catalogue.presets.is_empty()) {
        restore(lab);
    }
}

/// Writes the scenario of the form into the address as a new step of the history.
pub fn push(lab: Lab) {
    write(lab, true);
}

/// The address of the scenario in the form.
pub fn address(lab: Lab) -> String {
    let location = gloo::utils::window().location();
    let page = location.href().unwrap_or_default();
    let page = page.split('#').next().unwrap_or_default();
    format!("{page}#{}", written(lab).unwrap_or_default())
}

fn write(lab: Lab, push: bool) {
    let Some(link) = written(lab).filter(|link| current().as_ref() != Some(link)) else { return };
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

fn written(lab: Lab) -> Option<String> {
    lab.draft.with_untracked(|draft| lab.catalogue.with_untracked(|catalogue| to_link(draft, catalogue).ok()))
}

fn current() -> Option<String> {
    let hash = gloo::utils::window().location().hash().ok()?;
    Some(hash.trim_start_matches('#').to_owned())
}
