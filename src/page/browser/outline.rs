//! A region of the page that is spoken of. The style sheet knows the regions, which may come and go.

/// Outlines a region and brings it into sight; none outlines nothing.
pub fn outline(region: Option<&str>) {
    let document = gloo::utils::document();
    let body = gloo::utils::body();
    // It fails for names that are no names of attributes.
    let _ = match region {
        Some(region) => body.set_attribute("data-tour", region),
        None => body.remove_attribute("data-tour"),
    };
    if let Some(element) = region.and_then(|it| document.query_selector(&format!(".{it}")).ok().flatten()) {
        element.scroll_into_view();
    }
}
