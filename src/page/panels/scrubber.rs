//! The bar of the run's progress, with a thumb that goes back to any moment of it.

use leptos::prelude::*;

use crate::page::state::Lab;
use crate::view::chrome::transport::moment;

/// The way along a run.
#[component]
pub fn Scrubber(
    /// The shared state.
    lab: Lab,
    /// Share of the run that has passed, `0..=1`.
    fraction: Signal<f64>,
) -> impl IntoView {
    let tape = lab.tape;
    let last = move || tape.moments.get().saturating_sub(1);
    let at = move || tape.cursor.get().unwrap_or_else(last);
    let words = move || moment(tape.step(at()), at(), tape.moments.get());
    view! {
        <div class="scrubber">
            <progress max="1" aria-label="Progress of the run" prop:value=fraction></progress>
            <input type="range" min="0" step="1" aria-label="Moment of the run" aria-valuetext=words title="Go back to any moment of the run"
                style:width=move || format!("{:.2}%", 100.0 * fraction.get())
                max=last prop:value=move || at().to_string() disabled=move || last() == 0
                on:input:target=move |event| tape.seek(event.target().value().parse().ok())/>
        </div>
    }
    .into_any()
}
