//! The import of a reader's own data that is under way: how far it is, and the way out.

use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::controls::ActionButton;
use crate::page::browser::late::{Part, late};
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;

/// The import under way, as one of the messages; nothing while there is none.
#[component]
pub fn ImportUnderWay(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let there = Memo::new(move |_| lab.bringing.at.with(Option::is_some));
    move || there.get().then(|| late(progress(), lab))
}

#[wasm_split(later, fallible)]
fn progress() -> Part<Lab> {
    Ok(|lab| {
        // The sentence is heard when it changes, the share only when somebody asks for it.
        let sentence = Memo::new(move |_| lab.bringing.at.with(|at| at.map(|at| at.sentence)));
        let share = move || lab.bringing.at.with(|at| at.map_or(0.0, |at| at.share));
        view! {
            <div class="notice bringing">
                <div>
                    <p role="status">{sentence}</p>
                    <progress max="1" aria-label="Progress of the import" prop:value=share></progress>
                </div>
                <ActionButton lab action=Action::CancelImport class="plain">"Cancel"</ActionButton>
            </div>
        }
        .into_any()
    })
}
