//! What is on show, by name, above the results; and where the form is of another run, that it is, with the way to mend it.

use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::controls::ActionButton;
use super::term::term;
use crate::page::browser::late::{Part, late};
use crate::page::state::{Lab, Other};
use crate::view::chrome::actions::Action;
use crate::view::chrome::hot::Difference;
use crate::view::chrome::on_show::{OnShow, Whose};
use crate::view::terms::Term;

/// The line above the instruments.
#[component]
pub fn OnShowLine(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    view! { <div class="on-show" role="group" aria-label="On show">{late(line(), lab)}</div> }.into_any()
}

#[wasm_split(live, fallible)]
fn line() -> Part<Lab> {
    Ok(|lab| view! { <Line lab/> }.into_any())
}

/// What is on show and how the form differs from it; follows both.
pub fn use_on_show(lab: Lab) -> Memo<OnShow> {
    let whose = Memo::new(move |_| match lab.tape.recorded.get() {
        Some(Other::Shipped(_)) => Whose::Shipped,
        Some(Other::Opened(name)) => Whose::Opened(name),
        None if lab.run.begun.get() => Whose::Own,
        None => Whose::Nobody,
    });
    let dataset = Memo::new(move |_| lab.tape.log.with(|log| log.scenario.as_ref().map(|it| it.data.dataset.clone())));
    let made = Memo::new(move |_| match whose.get() {
        Whose::Nobody => None,
        // What can be adjusted on the way is, so that the run is of the form's settings.
        Whose::Own if lab.run.difference.with(|it| *it != Difference::Reset) => Some(lab.settings.draft.get()),
        // Whatever became of the worker that made it.
        Whose::Own => lab.run.prepared.get().or_else(|| lab.shown.get()),
        Whose::Shipped | Whose::Opened(_) => lab.shown.get(),
    });
    Memo::new(move |_| {
        let catalogue = lab.settings.catalogue.read();
        let made = made.read();
        let made = made.as_ref().map(|made| (made, dataset.get().unwrap_or_else(|| made.data.dataset.clone())));
        whose.with(|whose| {
            let made = made.as_ref().map(|(made, dataset)| (*made, dataset.as_str()));
            lab.settings.draft.with(|draft| OnShow::of(whose, made, draft, &catalogue))
        })
    })
}

#[component]
fn Line(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let on_show = use_on_show(lab);
    // Before anything can be chosen there is nothing to tell apart.
    let known = Memo::new(move |_| lab.settings.catalogue.with(|catalogue| !catalogue.presets.is_empty()));
    let differs = Memo::new(move |_| known.get().then(|| on_show.with(|it| it.differs.clone())).flatten());
    let own_waits = move || lab.situation.with(|now| now.own_waits);
    view! {
        <p class="what" class:stale=move || differs.with(Option::is_some)>
            <strong>{move || on_show.with(|it| match it.ships {
                true => term(Term::RecordedRun, it.whose.clone()),
                false => it.whose.clone().into_any(),
            })}</strong>
            <span class="name" title=move || on_show.with(|it| it.name.clone())>{move || known.get().then(|| on_show.with(|it| it.name.clone()))}</span>
            <span class="differs" role="status">
                {move || differs.get().map(|words| view! { <span title=words.clone()>"not the form\u{2019}s: "{words.clone()}</span> })}
            </span>
            <Show when=move || differs.with(Option::is_some)>
                <ActionButton lab action=Action::RunForm class="stale">"Run these settings"</ActionButton>
            </Show>
            <Show when=own_waits>
                <ActionButton lab action=Action::OwnRun class="plain">"Back to your run"</ActionButton>
            </Show>
        </p>
    }
    .into_any()
}
