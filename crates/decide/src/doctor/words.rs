//! Numbers, rows and lists as sentences write them.

/// Most rows or ids that one sentence names.
pub(super) const NAMED: usize = 20;

/// A share in percent, with a decimal below 10 %.
pub(super) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent < 9.95 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// Two decimals, and no minus before a zero.
pub(super) fn decimal(number: f64) -> String {
    format!("{:.2}", (100.0 * number).round() / 100.0 + 0.0)
}

/// A length, as `0.31` or, where it is very short or long, `1.0e25`.
pub(super) fn size(length: f64) -> String {
    if length == 0.0 || (0.01..1e5).contains(&length) { format!("{length:.2}") } else { format!("{length:.1e}") }
}

/// So many documents or queries: `1 query`, `3 queries`.
pub(super) fn counted(count: usize, what: &str) -> String {
    match (count, what) {
        (1, "queries") => "1 query".to_owned(),
        (1, _) => format!("1 {}", what.trim_end_matches('s')),
        _ => format!("{count} {what}"),
    }
}

/// The first [`NAMED`] of these rows with their ids, and how many more there are.
pub(super) fn named(rows: &[usize], ids: &[String]) -> String {
    let name = |&row: &usize| match ids.get(row) {
        Some(id) if *id != row.to_string() => format!("row {row} (`{id}`)"),
        _ => format!("row {row}"),
    };
    listed(&rows.iter().take(NAMED).map(name).collect::<Vec<_>>(), rows.len())
}

/// `a, b and c`, or `a, b and 4 more` where there are more than are named.
pub(super) fn listed(names: &[String], count: usize) -> String {
    match (names.split_last(), count.saturating_sub(names.len())) {
        (None, more) => format!("{more} more"),
        (Some((last, [])), 0) => last.clone(),
        (Some((last, others)), 0) => format!("{} and {last}", others.join(", ")),
        (Some(_), more) => format!("{} and {more} more", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([percent(0.01), percent(0.0996), percent(0.432)], ["1.0 %", "10 %", "43 %"]);
        assert_eq!([decimal(-0.0004), decimal(-0.016), decimal(0.615)], ["0.00", "-0.02", "0.62"]);
        assert_eq!([size(0.0), size(1.0), size(1e25), size(2.5e-7)], ["0.00", "1.00", "1.0e25", "2.5e-7"]);
        assert_eq!([counted(1, "queries"), counted(2, "queries")], ["1 query", "2 queries"]);
        assert_eq!([counted(1, "documents"), counted(0, "documents")], ["1 document", "0 documents"]);
    }

    #[test]
    fn rows_are_named_by_place_and_id() {
        let ids: Vec<String> = (0..40).map(|row| if row < 2 { row.to_string() } else { format!("d{row}") }).collect();
        assert_eq!(named(&[1], &ids), "row 1");
        assert_eq!(named(&[0, 3], &ids), "row 0 and row 3 (`d3`)");
        let all: Vec<usize> = (0..40).collect();
        assert!(named(&all, &ids).ends_with("row 19 (`d19`) and 20 more"));
        assert_eq!(named(&[50], &ids), "row 50");
        assert_eq!(listed(&[], 3), "3 more");
    }
}
