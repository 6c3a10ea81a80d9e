//! Asks how fast the engines are on this machine, and shows what was found.

use leptos::prelude::*;
use protocol::Workload;

use crate::page::acts::speed::Contest;
use crate::page::state::Lab;
use crate::view::chrome::speed;

/// The button and what it found.
#[component]
pub fn Speed(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let workload = Memo::new(move |_| lab.settings.draft.with(Workload::of));
    let contest = Contest::new();
    let start = move |_| contest.start(workload.into());
    let busy = move || contest.waiting.get() > 0;
    let lines = move || {
        let measuring = busy().then(|| "Measuring".to_owned());
        let note = Some(contest.note.get()).filter(|note| !note.is_empty());
        let found = contest.timings.with(|timings| speed::lines(timings));
        found.into_iter().chain(measuring).chain(note).collect::<Vec<_>>()
    };
    view! {
        <div class="control choice">
            <button type="button" class="plain" disabled=busy aria-describedby="speed-hint" on:click=start>"Compare speed"</button>
            <p class="hint" id="speed-hint">
                {move || format!("Two seconds for each engine: training steps of {}. Pause the run for a fair answer.", speed::work(workload.get()))}
            </p>
            <div role="status">
                <ul class="speeds">{move || lines().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            </div>
        </div>
    }
    .into_any()
}
