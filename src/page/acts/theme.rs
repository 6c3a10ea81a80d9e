//! Light and dark: the system's choice unless the reader made another, which is kept.

use leptos::prelude::*;

use crate::page::browser::theme;
use crate::page::state::{Lab, ThemeChoice};

/// Goes on to the next choice.
pub fn next(lab: Lab) {
    lab.look.set_theme(lab.look.theme.get_untracked().next());
}

/// Puts the choice on the document, keeps it, and follows the system.
pub fn use_theme(lab: Lab) {
    Effect::new(move |_| {
        let choice = lab.look.theme.get();
        theme::keep(choice.label());
        theme::show((choice != ThemeChoice::System).then(|| choice.label()));
    });
    theme::follow_system(move |dark| lab.look.set_system_dark(dark));
}
