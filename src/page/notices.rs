//! Messages that can be dismissed.

use leptos::prelude::*;

use super::lab::{Lab, Notice};

/// The stack of messages.
#[component]
pub fn Notices(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let dismiss = move |id: u32| lab.notices.update(|notices| notices.retain(|notice| notice.id != id));
    let notice = move |notice: Notice| {
        let (class, role) = if notice.alarming { ("notice alarming", "alert") } else { ("notice", "status") };
        let id = notice.id;
        view! {
            <div class=class role=role>
                <p>{notice.text}</p>
                <button type="button" class="quiet" aria-label="Dismiss" on:click=move |_| dismiss(id)>"\u{2715}"</button>
            </div>
        }
    };
    view! {
        <section class="notices" aria-label="Messages">
            <For each=move || lab.notices.get() key=|it| it.id children=notice/>
        </section>
    }
    .into_any()
}
