//! Messages: they leave by themselves, or wait for an answer.

use std::time::Duration;

use leptos::html::Section;
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
    let place = NodeRef::<Section>::new();
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
        <section class="notices" aria-label="Messages" tabindex="-1" node_ref=place>
            <ImportUnderWay lab/>
            <Show when=move || { hidden.get() > 0 }>
                <button type="button" class="plain earlier" on:click=move |_| {
                    all.set(true);
                    // The button goes with the press.
                    if let Some(place) = place.get_untracked() {
                        let _ = place.focus();
                    }
                }>
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
    // The pointer, and the focus.
    let at_it = StoredValue::new([false; 2]);
    let let_go = move || {
        hold();
        if at_it.try_get_value() != Some([false; 2]) {
            return;
        }
        if let Some(after) = leaves {
            timer.set_value(set_timeout_with_handle(dismiss, Duration::from_millis(after)).ok());
        }
    };
    let_go();
    on_cleanup(hold);
    let come = move |place: usize, here: bool| {
        at_it.try_update_value(|it| it.iter_mut().skip(place).take(1).for_each(|it| *it = here));
        let_go();
    };
    let button = |action: Action| {
        let act = move |_| {
            dismiss();
            live::ask(lab, Ask::Act(action));
        };
        view! { <button type="button" class="plain" title=action.description() on:click=act>{action.label()}</button> }
    };
    let buttons = notice.actions.into_iter().map(button).collect_view();
    view! {
        <div class=class role=role on:pointerenter=move |_| come(0, true) on:pointerleave=move |_| come(0, false)
            on:focusin=move |_| come(1, true) on:focusout=move |_| come(1, false)>
            <p>{notice.text}</p>
            {buttons}
            <button type="button" class="quiet" aria-label="Dismiss" on:click=move |_| dismiss()>"\u{2715}"</button>
        </div>
    }
}
