//! The way back to controls that a link hides.

use leptos::prelude::*;

use super::controls::ActionButton;
use super::transport::PlayButton;
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;

/// A strip at the page's edge while controls are hidden; without the transport the run still has its start.
#[component]
pub fn Edge(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    view! {
        <Show when=move || lab.look.hidden.get().any()>
            <div class="edge" role="region" aria-label="Hidden controls">
                <Show when=move || lab.look.hidden.get().transport><PlayButton lab/></Show>
                <ActionButton lab action=Action::Controls class="plain">"Show controls"</ActionButton>
            </div>
        </Show>
    }
    .into_any()
}
