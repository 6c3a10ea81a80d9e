//! Messages: they leave by themselves, or wait for an answer.

use std::time::Duration;

use leptos::prelude::*;

use super::bringing::ImportUnderWay;
use crate::page::acts::live::{self, Ask};
use crate::page::state::{Lab, Notice};
use crate::view::chrome::actions::Action;

/// Messages that are shown at once; of more, the newest.
const AT_ONCE: usize = 3;

/// The stack of messages.
#[component]
pub fn Notices(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let all = RwSignal::new(false);
    let hidden = Memo::new(move |_| match all.get() {
        true => 0,
        false => lab.messages.notices.with(|notices| notices.len().saturating_sub(AT_ONCE)),
    });
    let shown =
        move || lab.messages.notices.with(|notices| notices.iter().skip(hidden.get()).cloned().collect::<Vec<_>>());
    Effect::new(move |_| {
        if lab.messages.notices.with(Vec::is_empty) {
            all.set(false);
        }
    });
    view! {
        <section class="notices" aria-label="Messages">
            <ImportUnderWay lab/>
            <Show when=move || { hidden.get() > 0 }>
                <button type="button" class="plain earlier" on:click=move |_| all.set(true)>
                    {move || format!("{} earlier", hidden.get())}
                </button>
            </Show>
            <For each=shown key=|it| it.id children=move |notice| view! { <Message lab notice/> }/>
        </section>
    }
    .into_any()
}

/// One message. It leaves once it could be read, if it asks for nothing and nobody is at it.
#[component]
fn Message(
    /// The shared state.
    lab: Lab,
    /// What it says.
    notice: Notice,
) -> impl IntoView {
    let (class, role) = if notice.alarming { ("notice alarming", "alert") } else { ("notice", "status") };
    let id = notice.id;
    let dismiss = move || lab.messages.dismiss(id);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let leaves = notice.leaves_after();
    let hold = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    let let_go = move || {
        hold();
        if let Some(after) = leaves {
            timer.set_value(set_timeout_with_handle(dismiss, Duration::from_millis(after)).ok());
        }
    };
    let_go();
    on_cleanup(hold);
    let button = |action: Action| {
        let act = move |_| {
            dismiss();
            live::ask(lab, Ask::Act(action));
        };
        view! { <button type="button" class="plain" title=action.description() on:click=act>{action.label()}</button> }
    };
    let buttons = notice.actions.into_iter().map(button).collect_view();
    view! {
        <div class=class role=role on:pointerenter=move |_| hold() on:pointerleave=move |_| let_go()
            on:focusin=move |_| hold() on:focusout=move |_| let_go()>
            <p>{notice.text}</p>
            {buttons}
            <button type="button" class="quiet" aria-label="Dismiss" on:click=move |_| dismiss()>"\u{2715}"</button>
        </div>
    }
}
