//! The command palette: everything that can be done here, found by a few letters.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Input;
use leptos::prelude::*;

use super::walk::Walk;
use crate::page::acts::intent;
use crate::page::browser::hooks::use_focus;
use crate::page::panels::controls::Keys;
use crate::page::state::Lab;
use crate::view::chrome::palette::{Entry, entries, found};

/// The field and the list below it; the focus stays in the field.
#[component]
pub fn Palette(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    use_focus(field);
    let query = RwSignal::new(String::new());
    let walk = Walk::new("palette");
    let all =
        Memo::new(move |_| lab.settings.catalogue.with(|catalogue| lab.situation.with(|now| entries(catalogue, now))));
    let found = Memo::new(move |_| all.with(|all| query.with(|query| found(all, query))));
    let run = move |place: usize| {
        let entry = found.with_untracked(|found| found.get(place).cloned());
        if let Some(entry) = entry.filter(|entry| entry.possible) {
            lab.look.cover(None);
            intent::fulfil(lab, &entry.wish);
        }
    };
    let key = move |event: KeyboardEvent| walk.key(&event, found.with_untracked(Vec::len), run);
    // What scrolls below a pointer at rest is not pointed at.
    let hover = move |line: usize, event: &PointerEvent| {
        if (event.movement_x(), event.movement_y()) != (0, 0) {
            walk.choose(line);
        }
    };
    let option = move |(line, entry): (usize, Entry)| {
        let chords = entry.chords();
        view! {
            <li role="option" id=walk.line_id(line) aria-selected=walk.selected(line)
                aria-disabled=(!entry.possible).then_some("true")
                on:pointermove=move |event| hover(line, &event)
                on:click=move |_| run(line)>
                <span class="label">{entry.label}</span>
                <span class="hint">{entry.description}</span>
                <Keys chords/>
            </li>
        }
    };
    view! {
        <input type="text" role="combobox" aria-label="Find a command" placeholder="Find a command" autocomplete="off" spellcheck="false"
            aria-expanded="true" aria-autocomplete="list" aria-controls="palette-list"
            aria-activedescendant=move || found.with(|found| walk.place() < found.len()).then(|| walk.line_id(walk.place()))
            node_ref=field on:keydown=key
            on:input:target=move |event| {
                query.set(event.target().value());
                walk.go(0);
            }/>
        <ul role="listbox" id="palette-list" aria-label="Commands">
            {move || found.get().into_iter().enumerate().map(option).collect_view()}
        </ul>
        <p class="hint" role="status">{move || found.with(Vec::is_empty).then_some("No command has these letters.")}</p>
    }
}
