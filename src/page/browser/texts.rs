//! Texts that ship with the page as files of their own.

use crate::view::chrome::sections::{Section, read};

/// What the article says.
pub const ARTICLE: &str = "article.md";
/// What terms mean.
pub const TERMS: &str = "terms.md";

/// Fetches a text.
///
/// # Errors
/// Why it is not to be had, in words.
pub async fn fetch(file: &str) -> Result<Vec<Section>, String> {
    super::read(file, |text| read(text).map_err(|error| error.to_string())).await
}
