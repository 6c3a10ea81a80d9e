//! What can be chosen, as it ships with the page.

use protocol::Catalogue;

use super::{in_words, text};

/// Fetches it.
///
/// # Errors
/// Why it is not to be had, in words.
pub async fn fetch() -> Result<Catalogue, String> {
    let text = text(Catalogue::FILE).await.map_err(|error| in_words(&error))?;
    serde_json::from_str(&text).map_err(|error| format!("it is of another version than the page: {error}"))
}
