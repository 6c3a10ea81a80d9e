//! Light and dark: the system's choice unless the reader made another, which is kept.

use gloo::storage::{LocalStorage, Storage as _};
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;

use super::lab::Lab;

/// Where the reader's choice is kept.
const KEY: &str = "upgrade-lab.theme";

/// The theme asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThemeChoice {
    /// That of the system.
    System,
    /// Light, whatever the system says.
    Light,
    /// Dark, whatever the system says.
    Dark,
}

impl ThemeChoice {
    /// What a person reads; also the kept value.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The reader's choice, as it was kept.
pub fn stored() -> ThemeChoice {
    match LocalStorage::get::<String>(KEY).as_deref() {
        Ok("light") => ThemeChoice::Light,
        Ok("dark") => ThemeChoice::Dark,
        _ => ThemeChoice::System,
    }
}

/// Whether the system asks for dark.
pub fn system_is_dark() -> bool {
    query().is_some_and(|query| query.matches())
}

/// Goes on to the next choice.
pub fn next(lab: Lab) {
    lab.theme.update(|theme| {
        *theme = match theme {
            ThemeChoice::System => ThemeChoice::Light,
            ThemeChoice::Light => ThemeChoice::Dark,
            ThemeChoice::Dark => ThemeChoice::System,
        }
    });
}

/// Puts the choice on the document, keeps it, and follows the system.
pub fn use_theme(lab: Lab) {
    Effect::new(move |_| {
        let theme = lab.theme.get();
        // Storage may be forbidden; then the choice holds until the page is left.
        let _ = LocalStorage::set(KEY, theme.label());
        if let Some(root) = gloo::utils::document().document_element() {
            let _ = match theme {
                ThemeChoice::System => root.remove_attribute("data-theme"),
                _ => root.set_attribute("data-theme", theme.label()),
            };
        }
    });
    let follow = Closure::<dyn FnMut()>::new(move || {
        lab.system_dark.try_set(system_is_dark());
    });
    if let Some(query) = query() {
        query.set_onchange(Some(follow.as_ref().unchecked_ref()));
        // Lives as long as the page.
        std::mem::forget(query);
    }
    follow.forget();
}

fn query() -> Option<web_sys::MediaQueryList> {
    gloo::utils::window().match_media("(prefers-color-scheme: dark)").ok().flatten()
}
