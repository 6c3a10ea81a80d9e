//! What can be chosen, as it ships with the page.

use protocol::Catalogue;

/// Fetches it.
///
/// # Errors
/// Why it is not to be had, in words.
pub async fn fetch() -> Result<Catalogue, String> {
    let other = |error| format!("it is of another version than the page: {error}");
    super::read(Catalogue::FILE, |text| serde_json::from_str(text).map_err(other)).await
}
