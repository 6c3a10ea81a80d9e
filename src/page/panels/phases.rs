//! A training step part by part, in the pause that slow motion leaves between two steps.

use std::time::Duration;

use leptos::prelude::*;

use super::term::termed;
use crate::page::state::Lab;
use crate::view::chrome::phases::phases;
use crate::view::chrome::transport::{SLOW_MOTION, SLOW_STEP_SECONDS};

/// The parts of a step with the current one marked; without a mark where motion is unwelcome.
#[component]
pub fn Phases(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let parts = Memo::new(move |_| {
        let watched =
            lab.run.pace.get() == SLOW_MOTION && lab.run.playing.get() && lab.tape.recorded.with(Option::is_none);
        if watched {
            lab.tape.with_own(|log| lab.settings.catalogue.with(|known| phases(log, known)))
        } else {
            Vec::new()
        }
    });
    let count = Memo::new(move |_| parts.with(Vec::len));
    let at = RwSignal::new(None::<usize>);
    let moves = gloo::utils::window()
        .match_media("(prefers-reduced-motion: reduce)")
        .ok()
        .flatten()
        .is_none_or(|query| !query.matches());
    Effect::new(move |_| {
        let count = count.get();
        at.set((count > 0 && moves).then_some(0));
        if count == 0 || !moves {
            return;
        }
        let next = move || {
            at.try_update(|at| *at = at.map(|at| (at + 1) % count));
        };
        if let Ok(timer) = set_interval_with_handle(next, Duration::from_secs_f64(SLOW_STEP_SECONDS / count as f64)) {
            on_cleanup(move || timer.clear());
        }
    });
    // A step that is heard of begins the sequence anew; those between two readings are timed alone.
    Effect::new(move |_| {
        lab.tape.with_own(|_| ());
        if at.get_untracked().is_some() {
            at.set(Some(0));
        }
    });
    let part = move |(index, name): (usize, &'static str)| {
        view! { <li aria-current=move || (at.get() == Some(index)).then_some("step")>{termed(name)}</li> }
    };
    view! {
        <Show when=move || { count.get() > 0 }>
            <ol class="phases" aria-label="Parts of a step">{move || parts.get().into_iter().enumerate().map(part).collect_view()}</ol>
        </Show>
    }
    .into_any()
}
