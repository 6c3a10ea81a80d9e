//! The address of the page, and the settings that the browser keeps of the last visit.

use wasm_bindgen::JsValue;

use super::kept;

/// Where the last settings are kept.
const KEY: &str = "upgrade-lab.settings";

/// What stands behind the `#` of the address.
pub fn fragment() -> Option<String> {
    let hash = gloo::utils::window().location().hash().ok()?;
    Some(hash.trim_start_matches('#').to_owned())
}

/// Whether the address has no scenario.
pub fn is_bare() -> bool {
    fragment().is_none_or(|hash| hash.is_empty())
}

/// The scenario of the address as it stands there, without the page's own settings.
pub fn asked() -> String {
    let hash = fragment().unwrap_or_default();
    hash.split('&').filter(|part| !part.starts_with("view.")).collect::<Vec<_>>().join("&")
}

/// The address of the page with this behind the `#`.
pub fn with_fragment(link: &str) -> String {
    let page = gloo::utils::window().location().href().unwrap_or_default();
    format!("{}#{link}", page.split('#').next().unwrap_or_default())
}

/// Writes this behind the `#` of the address, as a new step of the browser's history or in place of the last one.
///
/// # Errors
/// What the browser says: it limits how often a page may do this.
pub fn write(link: &str, as_step: bool) -> Result<(), JsValue> {
    let (history, url) = (gloo::utils::window().history()?, format!("#{link}"));
    if as_step {
        history.push_state_with_url(&JsValue::NULL, "", Some(&url))
    } else {
        history.replace_state_with_url(&JsValue::NULL, "", Some(&url))
    }
}

/// The settings of the last visit, as a link.
pub fn kept() -> Option<String> {
    kept::get(KEY)
}

/// Keeps settings for the next visit; `None` keeps none.
pub fn keep(link: Option<String>) {
    match link {
        // A browser that keeps nothing starts from the preset again.
        Some(link) => kept::set(KEY, &link),
        None => kept::delete(KEY),
    }
}

/// Loads the page again.
pub fn reload() {
    // The browser reloads a page at its own address, whatever that is.
    let _ = gloo::utils::window().location().reload();
}
