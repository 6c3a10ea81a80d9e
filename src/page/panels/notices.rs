//! Messages that can be dismissed.

use leptos::prelude::*;

use crate::page::acts::live::{self, Ask};
use crate::page::state::{Lab, Notice};
use crate::view::chrome::actions::Action;

/// The stack of messages.
#[component]
pub fn Notices(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let dismiss = move |id: u32| lab.messages.dismiss(id);
    let notice = move |notice: Notice| {
        let (class, role) = if notice.alarming { ("notice alarming", "alert") } else { ("notice", "status") };
        let id = notice.id;
        let button = |action: Action| {
            let act = move |_| {
                dismiss(id);
                live::ask(lab, Ask::Act(action));
            };
            view! { <button type="button" class="plain" title=action.description() on:click=act>{action.label()}</button> }
        };
        let buttons = notice.actions.into_iter().map(button).collect_view();
        view! {
            <div class=class role=role>
                <p>{notice.text}</p>
                {buttons}
                <button type="button" class="quiet" aria-label="Dismiss" on:click=move |_| dismiss(id)>"\u{2715}"</button>
            </div>
        }
    };
    view! {
        <section class="notices" aria-label="Messages">
            <For each=move || lab.messages.notices.get() key=|it| it.id children=notice/>
        </section>
    }
    .into_any()
}
