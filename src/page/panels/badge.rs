//! What became of a query, in a word.

use leptos::prelude::*;

use crate::view::instruments::strips::Change;

/// What became of a query.
pub fn badge(change: Change) -> impl IntoView {
    let class = if change == Change::Fixed { "badge fixed" } else { "badge broken" };
    view! { <span class=class>{change.label()}</span> }
}
