//! The card of a tour, beside what it speaks of.

use leptos::ev::KeyboardEvent;
use leptos::html::Section;
use leptos::prelude::*;
use protocol::RunState;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use crate::page::acts::tour;
use crate::page::browser::outline::outline;
use crate::page::state::Lab;
use crate::view::chrome::tour::{Page, Place, Progress};

/// The card; nothing while there is no tour.
#[component]
pub fn TourCard(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let card = NodeRef::<Section>::new();
    let place = lab.look.tour;
    let progress = Memo::new(move |_| {
        let new = lab.focus.upgrade.get().new;
        let method = |scenario: &protocol::Scenario| scenario.stage(new).map(|it| it.method.id.clone());
        let about = place.get().and_then(|place| place.tour.kind());
        lab.tape.with_newest(|log| Progress {
            measured: !log.matrix.is_empty(),
            finished: log.state == RunState::Finished && about.is_none_or(|kind| kind == lab.offer.get().kind()),
            method: log.scenario.as_ref().and_then(method).unwrap_or_default(),
            chosen: lab.settings.draft.with(method).unwrap_or_default(),
            filter: lab.focus.filter.get(),
            looking_back: lab.tape.cursor.get().is_some(),
            operation: lab.focus.operation.get(),
        })
    });
    let page = move || place.get().and_then(Place::page);
    let done = Memo::new(move |_| page().is_some_and(|page| progress.with(|progress| page.is_done(progress))));
    use_focus(lab, card);
    Effect::new(move |before: Option<bool>| {
        let Some(now) = place.get() else {
            // The article outlines regions, too.
            if before == Some(true) {
                outline(None);
            }
            return false;
        };
        tour::keep(now);
        // Another run may bring panels, and a dialog that closes gives its focus back: both come first.
        lab.tape.turn.track();
        request_animation_frame(move || outline(now.page().map(|page| page.region)));
        true
    });
    let text = move |part: fn(&Page) -> &'static str| move || page().map(part);
    let task = move || page().is_some_and(|page| !page.task.is_empty());
    let step = move |to: fn(Place) -> Option<Place>| {
        if let Some(to) = place.get_untracked().and_then(to) {
            tour::go(lab, Some(to));
        }
    };
    let last = move || place.get().is_some_and(|place| place.next().is_none());
    let first = move || place.get().is_some_and(|place| place.back().is_none());
    view! {
        <section class="tour" aria-label="Tour" tabindex="-1" node_ref=card hidden=move || place.get().is_none()
            on:keydown=move |event: KeyboardEvent| if event.key() == "Escape" { tour::close(lab) }>
            <p class="hint">{move || place.get().map(Place::heading)}</p>
            <div aria-live="polite">
                <h2>{text(|page| page.title)}</h2>
                <p>{text(|page| page.text)}</p>
                <p class="task" class:done=done hidden=move || !task()>
                    <span aria-hidden="true">{move || if done.get() { "\u{2713} " } else { "\u{2192} " }}</span>
                    <span class="hidden">{move || done.get().then_some("Done: ")}</span>
                    {text(|page| page.task)}
                </p>
            </div>
            <div class="foot">
                <button type="button" class="quiet" on:click=move |_| tour::close(lab)>"Close"</button>
                <button type="button" aria-disabled=move || first().then_some("true") on:click=move |_| step(Place::back)>"Back"</button>
                <button type="button" class:primary=done
                    on:click=move |_| if last() { tour::close(lab) } else { step(Place::next) }>
                    {move || if last() { "Finish" } else if done.get() { "Next" } else { "Skip" }}
                </button>
            </div>
        </section>
    }
    .into_any()
}

/// Takes the focus to the card when a tour begins, and back when it ends.
fn use_focus(lab: Lab, card: NodeRef<Section>) {
    let before = StoredValue::new_local(None::<HtmlElement>);
    let open = Memo::new(move |_| lab.look.tour.get().is_some());
    Effect::new(move |was: Option<bool>| {
        let open = open.get();
        let (Some(card), true) = (card.get(), was.unwrap_or_default() != open) else { return open };
        // A dialog that closes gives its focus back first.
        request_animation_frame(move || {
            let to = if open {
                let active = gloo::utils::document().active_element();
                before.try_set_value(active.and_then(|element| element.dyn_into().ok()));
                Some(card)
            } else {
                before.try_update_value(Option::take).flatten()
            };
            if let Some(to) = to {
                // What had the focus may be gone; then the page has it.
                let _ = to.focus();
            }
        });
        open
    });
}
