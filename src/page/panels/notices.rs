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
    // They stay unfolded while one is there that came before this one.
    let unfolded = RwSignal::new(0_u32);
    let place = NodeRef::<Section>::new();
    let hidden = Memo::new(move |_| {
        lab.messages.notices.with(|notices| match notices.first().is_some_and(|it| it.id < unfolded.get()) {
            true => 0,
            false => notices.len().saturating_sub(AT_ONCE),
        })
    });
    let shown =
        move || lab.messages.notices.with(|notices| notices.iter().skip(hidden.get()).cloned().collect::<Vec<_>>());
    view! {
        <section class="notices" aria-label="Messages" tabindex="-1" node_ref=place>
            <ImportUnderWay lab/>
            <Show when=move || { hidden.get() > 0 }>
                <button type="button" class="plain earlier" on:click=move |_| {
                    unfolded.set(lab.messages.notices.with_untracked(|notices| notices.last().map_or(0, |it| it.id + 1)));
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

/// One message. It leaves once it could be read, if it asks for nothing, nobody is at it and nothing lies over the page.
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
    // Bit by bit: the pointer, the focus, what lies over the page.
    let at_it = StoredValue::new(0_u32);
    let let_go = move || {
        hold();
        if at_it.try_get_value() != Some(0) {
            return;
        }
        if let Some(after) = leaves {
            timer.set_value(set_timeout_with_handle(dismiss, Duration::from_millis(after)).ok());
        }
    };
    on_cleanup(hold);
    let come = move |bit: u32, here: bool| {
        at_it.try_update_value(|it| *it = if here { *it | bit } else { *it & !bit });
        let_go();
    };
    Effect::new(move |_| {
        come(4, lab.look.overlay.with(Option::is_some) || lab.messages.fault.with(Option::is_some));
    });
    let button = |action: Action| {
        let act = move |_| {
            dismiss();
            live::ask(lab, Ask::Act(action));
        };
        view! { <button type="button" class="plain" title=action.description() on:click=act>{action.label()}</button> }
    };
    let buttons = notice.actions.into_iter().map(button).collect_view();
    view! {
        <div class=class role=role on:pointerenter=move |_| come(1, true) on:pointerleave=move |_| come(1, false)
            on:focusin=move |_| come(2, true) on:focusout=move |_| come(2, false)>
            <p>{notice.text}</p>
            {buttons}
            <button type="button" class="quiet" aria-label="Dismiss" on:click=move |_| dismiss()>"\u{2715}"</button>
        </div>
    }
}
