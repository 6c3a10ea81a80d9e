//! The card of the part that the page is set to, with the way back to it.

use leptos::ev::KeyboardEvent;
use leptos::html::Section;
use leptos::prelude::*;

use crate::page::acts::article::{self, INSTRUMENTS, back};
use crate::page::browser::outline::outline;
use crate::page::state::Lab;
use crate::view::chrome::article::Spot;

/// The card; nothing while the page is set to no part.
#[component]
pub fn Card(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let card = NodeRef::<Section>::new();
    let spot = lab.look.spot;
    Effect::new(move |before: Option<bool>| {
        let region = spot.with(|spot| spot.as_ref().map(|it| it.region.clone()));
        let there = region.is_some();
        // A tour outlines regions, too.
        if !there && (before != Some(true) || lab.look.tour.with_untracked(Option::is_some)) {
            return there;
        }
        // Panels of another run come first.
        request_animation_frame(move || {
            outline(region.as_deref());
            if let Some(card) = card.get_untracked().filter(|_| there) {
                // Without the focus it still stands there.
                let _ = card.focus();
            }
        });
        there
    });
    // It speaks of one run; where another comes on show, or all that it speaks of is hidden, it has nothing to say.
    Effect::new(move |before: Option<Option<(String, u32)>>| {
        let now = spot.with(|spot| spot.as_ref().map(|it| it.id.clone())).map(|id| (id, lab.tape.turn.get()));
        let hidden = lab.look.hidden.get().any();
        let is_other = |before: &(String, u32)| now.as_ref().is_some_and(|now| now.0 == before.0 && now.1 != before.1);
        if now.is_some() && (hidden || before.flatten().as_ref().is_some_and(is_other)) {
            lab.look.stand(None);
            return None;
        }
        now
    });
    let stay = move || {
        article::go_to(INSTRUMENTS);
        lab.look.stand(None);
    };
    let text = move |of: fn(&Spot) -> &String| move || spot.with(|spot| spot.as_ref().map(of).cloned());
    view! {
        <section class="tour" aria-label="From the article" tabindex="-1" node_ref=card hidden=move || spot.with(Option::is_none)
            on:keydown=move |event: KeyboardEvent| if event.key() == "Escape" {
                event.prevent_default();
                stay();
            }>
            <div aria-live="polite">
                <h2>{text(|spot| &spot.title)}</h2>
                <p>{text(|spot| &spot.look)}</p>
            </div>
            <div class="foot">
                <button type="button" class="quiet" on:click=move |_| stay()>"Stay here"</button>
                <button type="button" class="primary" on:click=move |_| back(lab)>"Back to the article"</button>
            </div>
        </section>
    }
    .into_any()
}
