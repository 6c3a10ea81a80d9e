//! The article once it is there: its parts, the way to each, and the card of the one that the page is set to.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::card::Card;
use super::part::PartView;
use super::runs::Runs;
use crate::page::acts::article::{button_id, go_to};
use crate::page::browser::texts;
use crate::page::state::Lab;
use crate::view::chrome::article::Part;

/// All parts, as soon as they are fetched.
#[component]
pub fn Text(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let text = RwSignal::new(None::<Result<Vec<Part>, String>>);
    let fetch = move || {
        text.set(None);
        spawn_local(async move {
            let fetched = texts::fetch(texts::ARTICLE).await.map(Part::all);
            text.try_set(Some(fetched));
        });
    };
    fetch();
    let shown = move || {
        match text.get() {
        None => view! { <p class="hint">"The article is being fetched."</p> }.into_any(),
        Some(Ok(parts)) => view! { <Parts lab parts/> }.into_any(),
        Some(Err(reason)) => view! {
            <p role="alert">{format!("The article could not be loaded: {reason}. Look whether the network is there, then ask for it again.")}</p>
            <button type="button" class="plain" on:click=move |_| fetch()>"Ask again"</button>
        }
        .into_any(),
    }
    };
    view! { {shown}<Card lab/> }
}

#[component]
fn Parts(
    /// The shared state.
    lab: Lab,
    /// What the article says.
    parts: Vec<Part>,
) -> impl IntoView {
    let runs = Runs::new(lab, parts.clone());
    let entry = |part: &Part| {
        let id = button_id(part.id());
        view! { <li><button type="button" class="quiet" on:click=move |_| go_to(&id)>{part.title().to_owned()}</button></li> }
    };
    view! {
        <p class="lead">
            "In short parts, each with a figure of a recorded run of this page. "<b>"Show this"</b>
            " sets the instruments above to what a part speaks of. All numbers are of one seed at this small scale; what the report finds of a \
             claim over many stands below the part."
        </p>
        <nav aria-label="Parts of the article"><ol>{parts.iter().map(entry).collect_view()}</ol></nav>
        {parts.into_iter().map(|part| view! { <PartView lab runs part/> }).collect_view()}
    }
    .into_any()
}
