//! What tests of several readers share.

/// Checks what became of a file: what stands where below its path, in short.
pub(super) fn holds(found: &[(String, String)], path: &str, text: &str, expected: &[(&str, &str)]) {
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(name, body)| (name.strip_prefix(path).unwrap().trim_start_matches('/'), body.as_str()))
        .collect();
    assert_eq!(found, expected, "{text}");
}
