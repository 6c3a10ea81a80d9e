//! Light and dark: what the system asks for, and the reader's choice on the document and beyond the visit.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;

use super::kept;

/// Where the reader's choice is kept.
const KEY: &str = "upgrade-lab.theme";

/// The reader's choice, as it was kept.
pub fn kept() -> Option<String> {
    kept::get(KEY)
}

/// Keeps the reader's choice.
pub fn keep(choice: &str) {
    // Where that is forbidden the choice holds until the page is left.
    kept::set(KEY, choice);
}

/// Puts a choice on the document; none leaves it to the system.
pub fn show(choice: Option<&str>) {
    if let Some(root) = gloo::utils::document().document_element() {
        // The name of the attribute is one that no browser refuses.
        let _ = match choice {
            Some(choice) => root.set_attribute("data-theme", choice),
            None => root.remove_attribute("data-theme"),
        };
    }
}

/// Whether the system asks for dark.
pub fn system_is_dark() -> bool {
    query().is_some_and(|query| query.matches())
}

/// Calls this with what the system asks for whenever it changes, as long as the page lives.
pub fn follow_system(changed: impl Fn(bool) + 'static) {
    let follow = Closure::<dyn FnMut()>::new(move || changed(system_is_dark()));
    if let Some(query) = query() {
        query.set_onchange(Some(follow.as_ref().unchecked_ref()));
        // Lives as long as the page.
        std::mem::forget(query);
    }
    follow.forget();
}

fn query() -> Option<web_sys::MediaQueryList> {
    gloo::utils::window().match_media("(prefers-color-scheme: dark)").ok().flatten()
}
