//! The article below the instruments. What it says is fetched, and what shows it loads, when a reader comes near.

mod card;
mod drawing;
mod part;
mod runs;
mod text;

use leptos::html::Section;
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use self::text::Text;
use super::acts::article::TITLE;
use super::browser::hooks::use_seen;
use super::browser::late::{Part, late};
use super::state::Lab;

/// The place of the article.
#[component]
pub fn Article(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let place = NodeRef::<Section>::new();
    let seen = use_seen(place);
    view! {
        <section class="article" node_ref=place aria-labelledby=TITLE hidden=move || lab.look.hidden.get().any()>
            // Until it is there its heading is what the focus can come to, and brings it.
            <h2 id=TITLE tabindex=move || if seen.get() { "-1" } else { "0" }>"What an upgrade breaks, and what may save it"</h2>
            {move || seen.get().then(|| late(text(), lab))}
        </section>
    }
    .into_any()
}

#[wasm_split(later, fallible)]
fn text() -> Part<Lab> {
    Ok(|lab| view! { <Text lab/> }.into_any())
}
