//! The list of shortcuts, from the table that makes the keys.

use leptos::html::Input;
use leptos::prelude::*;

use crate::page::acts::intent;
use crate::page::browser::hooks::use_focus;
use crate::page::panels::controls::{ActionButton, Keys};
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::chrome::palette::{Entry, found, shortcuts};
use crate::view::chrome::tour::Tour;

/// The list with a field that narrows it.
#[component]
pub fn Help(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    use_focus(field);
    let query = RwSignal::new(String::new());
    let found = Memo::new(move |_| query.with(|query| found(&shortcuts(), query)));
    let row = |entry: Entry| {
        let chords = entry.chords();
        view! {
            <tr><td><Keys chords/></td><th scope="row">{entry.label}</th><td>{entry.description}</td></tr>
        }
    };
    view! {
        <h2>"Shortcuts"</h2>
        <input type="text" aria-label="Search the shortcuts" placeholder="Search" autocomplete="off" node_ref=field
            on:input:target=move |event| query.set(event.target().value())/>
        <table><tbody>{move || found.get().into_iter().map(row).collect_view()}</tbody></table>
        <p class="hint" role="status">{move || found.with(Vec::is_empty).then_some("No shortcut has these letters.")}</p>
        <p class="hint">
            "What has the focus comes first. In a list letters and digits go to what begins with them, and Space and \u{2192} are its own; a button, \
             a tab and a box keep Space and \u{2192}, a text field everything but Escape and the keys of Commands."
        </p>
        <div class="tours" role="group" aria-label="Tours">
            {Tour::suiting(lab.offer.get_untracked().kind()).map(|tour| view! { <ActionButton lab action=Action::Tour(tour) class="plain">"Tour: "{tour.name()}</ActionButton> }).collect_view()}
        </div>
        <p class="hint">"Everything runs in this page: nothing leaves your machine."</p>
        <div class="foot">
            <ActionButton lab action=Action::Palette class="plain">"All commands"</ActionButton>
            <button type="button" class="plain" on:click=move |_| intent::act(lab, Action::Help)>"Close"</button>
        </div>
    }
}
