//! The menu of what could stand in the place of a panel.

use leptos::html::Button;
use leptos::prelude::*;

use crate::page::acts::live::{self, Ask};
use crate::page::browser::hooks::focus_leaves;
use crate::page::state::Lab;
use crate::view::chrome::instrument::Instrument;

/// A button that opens the menu; none where everything that the run has stands on the page.
#[component]
pub fn PanelMenu(
    /// The shared state.
    lab: Lab,
    /// The panel that it belongs to.
    of: Instrument,
) -> impl IntoView {
    let choices = Memo::new(move |_| lab.panels.get().choices(lab.offer.get()));
    let more = Memo::new(move |_| choices.with(Vec::len) > lab.panels.get().panels().count());
    view! { <Show when=move || more.get()><Choices lab of choices/></Show> }.into_any()
}

#[component]
fn Choices(
    /// The shared state.
    lab: Lab,
    /// The panel that it belongs to.
    of: Instrument,
    /// What could stand there.
    choices: Memo<Vec<Instrument>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let button = NodeRef::<Button>::new();
    // Focus does not get lost with the panel in whose place this one came.
    Effect::new(move |_| {
        if let Some(button) = button.get().filter(|_| lab.look.takes_focus(of)) {
            let _ = button.focus();
        }
    });
    let close = move || {
        if let Some(button) = button.get_untracked().filter(|_| open.get_untracked()) {
            let _ = button.focus();
            open.set(false);
        }
    };
    let choose = move |wanted: Instrument| {
        close();
        if wanted != of {
            live::ask(lab, Ask::Place(of, wanted));
        }
    };
    let entry = move |it: Instrument| {
        view! {
            <li>
                <button type="button" class="plain" aria-pressed=(it == of).to_string() on:click=move |_| choose(it)>
                    {it.title()}
                </button>
            </li>
        }
    };
    view! {
        <div class="pick" on:keydown=move |event| if event.key() == "Escape" && open.get_untracked() {
                event.prevent_default();
                close();
            }
            on:focusout=move |event| if focus_leaves(&event) { open.set(false) }>
            <button type="button" class="quiet" node_ref=button aria-label=format!("Other panels than {}", of.title().to_lowercase())
                title="What this run has beside these panels" aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)>"\u{25be}"</button>
            <ul class="menu" hidden=move || !open.get() aria-label="Show in this place">
                {move || choices.get().into_iter().map(entry).collect_view()}
            </ul>
        </div>
    }
    .into_any()
}
