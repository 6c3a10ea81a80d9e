//! What keeps the run from going on, over the page: what happened, what still stands, one way on.

use leptos::html::Button;
use leptos::prelude::*;

use crate::page::acts::live::{self, Ask};
use crate::page::browser::address::reload;
use crate::page::state::{Lab, PageFault, Remedy};

impl Remedy {
    /// What stands on the button.
    fn label(self) -> &'static str {
        match self {
            Self::Restart => "Start the engine again",
            Self::UseCpu => "Go on with the CPU engine",
            Self::Reload => "Reload the page",
            Self::Close => "Back to the settings",
        }
    }
}

/// The message over the page.
#[component]
pub fn FaultDialog(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let button = NodeRef::<Button>::new();
    Effect::new(move |_| {
        if let Some(button) = button.get() {
            // Without focus the message still stands there.
            let _ = button.focus();
        }
    });
    let dialog = move |fault: PageFault| {
        let remedy = fault.remedy;
        let kept = move || {
            if lab.run.begun.get() {
                "What was measured up to here stays on the page."
            } else {
                "Nothing was lost: the run had not begun."
            }
        };
        view! {
            <div class="veil">
                <div
                    class="dialog fault"
                    role="alertdialog"
                    aria-modal="true"
                    aria-labelledby="fault-title"
                    aria-describedby="fault-text"
                >
                    <h2 id="fault-title">{fault.title}</h2>
                    <div id="fault-text">
                        <p>{fault.message}</p>
                        <p>{fault.advice}</p>
                        <p class="kept">{kept}</p>
                    </div>
                    <button type="button" class="primary" node_ref=button on:click=move |_| match remedy {
                        // What could not be loaded is not needed to load the page again.
                        Remedy::Reload => reload(),
                        _ => live::ask(lab, Ask::Mend(remedy)),
                    }>
                        {remedy.label()}
                    </button>
                </div>
            </div>
        }
    };
    move || lab.messages.fault.get().map(|fault| dialog(fault).into_any())
}
