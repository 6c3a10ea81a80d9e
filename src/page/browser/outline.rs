//! A region of the page that is spoken of. The style sheet knows the regions, which may come and go.

use web_sys::{Document, Element};

/// Pixels between a card and what it speaks of.
const GAP: f64 = 8.0;

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
        uncover(&document, &element);
    }
}

/// In a low window the card leaves more room below itself than above: then the region begins there.
fn uncover(document: &Document, region: &Element) {
    let place = |of| Some(document.query_selector(of).ok().flatten()?.get_bounding_client_rect());
    let (Some(card), Some(dock)) = (place(".tour:not([hidden])"), place(".dock")) else { return };
    let top = region.get_bounding_client_rect().top();
    if card.top() < dock.top() - card.bottom() && top < card.bottom() {
        gloo::utils::window().scroll_by_with_x_and_y(0.0, top - card.bottom() - GAP);
    }
}
