//! One test image.

use leptos::prelude::*;

use crate::page::state::Lab;

/// One test image.
#[component]
pub fn Thumbnail(
    /// The shared state.
    lab: Lab,
    /// Item id.
    #[prop(into)]
    item: Signal<Option<u16>>,
    /// What the image shows, for those who do not see it.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let background = move || lab.pictures.background(item.get()?);
    view! { <span class="thumbnail" role="img" aria-label=label style:background=background></span> }
}
