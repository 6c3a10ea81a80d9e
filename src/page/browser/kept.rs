//! Short texts that the browser keeps beyond the visit. It may keep nothing, and even refuse to be asked.

use web_sys::Storage;

/// Whether anything is kept.
pub fn is_possible() -> bool {
    storage().is_some()
}

/// What is kept under this key.
pub fn get(key: &str) -> Option<String> {
    let text = storage()?.get_item(key).ok()??;
    serde_json::from_str(&text).ok()
}

/// Keeps a text, where that is possible; nothing else changes where it is not.
pub fn set(key: &str, text: &str) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(text)) {
        let _ = storage.set_item(key, &text);
    }
}

/// Keeps nothing under this key any more.
pub fn delete(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

fn storage() -> Option<Storage> {
    gloo::utils::window().local_storage().ok()?
}
