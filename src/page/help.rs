//! The list of shortcuts, from the table that makes the keys.

use leptos::html::Button;
use leptos::prelude::*;

use super::intent;
use super::lab::Lab;
use crate::view::actions::Action;

/// The list, while it is open.
#[component]
pub fn HelpDialog(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let close = NodeRef::<Button>::new();
    Effect::new(move |_| {
        if let Some(close) = close.get() {
            // Without focus the list still stands there.
            let _ = close.focus();
        }
    });
    let keys = |action: Action| action.key_names().iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view();
    let row = move |action: Action| {
        view! {
            <tr><td>{keys(action)}</td><th scope="row">{action.label()}</th><td>{action.description()}</td></tr>
        }
    };
    view! {
        <Show when=move || lab.help.get()>
            <div class="dialog help" role="dialog" aria-labelledby="help-title">
                <h2 id="help-title">"Shortcuts"</h2>
                <table><tbody>{Action::ALL.map(row).collect_view()}</tbody></table>
                <p class="hint">"Everything runs in this page: nothing leaves your machine."</p>
                <button type="button" class="plain" node_ref=close on:click=move |_| intent::act(lab, Action::Help)>"Close"</button>
            </div>
        </Show>
    }
    .into_any()
}
