//! Numbers as reports write them.

/// A fraction in points.
pub fn percent(value: f64) -> String {
    format!("{:.1}", 100.0 * value)
}
