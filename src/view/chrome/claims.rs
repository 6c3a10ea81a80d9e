//! What a method's card says beside its parameters: where the method comes from, and which of its claims hold here.

use protocol::{Catalogue, Finding, JudgedClaim, MethodCard};

/// The claims of one method.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClaimsView {
    /// Authors, title, venue and year; empty for a control.
    pub paper: String,
    /// How a new query meets an old gallery, and what that takes, in two sentences.
    pub usage: String,
    /// How many hold, in a few words; empty if none was judged.
    pub summary: String,
    /// The claims that were judged, in the order of the report.
    pub lines: Vec<ClaimLine>,
}

/// One claim.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimLine {
    /// The claim in a sentence.
    pub claim: String,
    /// What was found.
    pub finding: Finding,
    /// The numbers behind it.
    pub numbers: String,
    /// The scenario that shows it, as the address writes it.
    pub link: String,
}

impl ClaimsView {
    /// What the catalogue knows of the method `id`.
    pub fn of(catalogue: &Catalogue, id: &str) -> Self {
        let report = &catalogue.claims;
        let rows = || report.rows.iter().filter(|row| row.method == id);
        Self {
            paper: catalogue.method(id).map(|card| card.paper.clone()).unwrap_or_default(),
            usage: catalogue.method(id).map(usage).unwrap_or_default(),
            summary: summary(rows()),
            lines: rows().map(line).collect(),
        }
    }
}

/// The claims of these names, in their order, whichever method they are of; a name that is in no report has none.
pub fn named<'c>(catalogue: &Catalogue, ids: impl Iterator<Item = &'c str>) -> Vec<ClaimLine> {
    let report = &catalogue.claims;
    let row = |id: &str| report.rows.iter().find(|row| row.id == id).map(line);
    ids.filter_map(row).collect()
}

/// What a method's card says of its use.
fn usage(card: &MethodCard) -> String {
    let needs = card.needs.in_words();
    match card.comparison.is_empty() {
        true => format!("It needs {needs}."),
        false => format!("Compared: {} It needs {needs}.", lower_first(&card.comparison)),
    }
}

/// The sentence after a colon.
fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// Glyph that stands beside the colour of a finding.
pub fn glyph(finding: Finding) -> &'static str {
    match finding {
        Finding::Holds => "\u{2713}",
        Finding::Fails => "\u{2717}",
        Finding::WithinNoise => "\u{2248}",
        Finding::NotMeasured => "\u{2013}",
    }
}

/// How many claims hold, as in `2 of 4 claims hold here, 1 does not, 1 is undecided`; empty without claims.
fn summary<'c>(rows: impl Iterator<Item = &'c JudgedClaim>) -> String {
    let (mut all, mut hold, mut fail) = (0, 0, 0);
    for row in rows {
        all += 1;
        hold += usize::from(row.finding == Finding::Holds);
        fail += usize::from(row.finding == Finding::Fails);
    }
    let some = |many: usize, one: &str, more: &str| match many {
        0 => String::new(),
        1 => format!(", 1 {one}"),
        many => format!(", {many} {more}"),
    };
    let open = all - hold - fail;
    match all {
        0 => String::new(),
        _ => format!(
            "{hold} of {all} claims hold here{}{}",
            some(fail, "does not", "do not"),
            some(open, "is undecided", "are undecided"),
        ),
    }
}

fn line(row: &JudgedClaim) -> ClaimLine {
    // A correlation is a number without a digit before the point: one behind it would not tell the ends of its interval apart.
    let digits = match row.interval.map(|[low, high]| high - low) {
        Some(width) if width < 0.02 => 3,
        Some(width) if width < 0.2 => 2,
        _ => 1,
    };
    let number = |value: f64| format!("{value:.digits$}").replace('-', "\u{2212}");
    let range = row.interval.map(|[low, high]| format!(" ({} to {})", number(low), number(high))).unwrap_or_default();
    let runs = if row.runs == 1 { "one run".to_owned() } else { format!("{} runs", row.runs) };
    let (rule, bound, on) = (&row.rule, row.bound.in_words(), &row.on);
    // Alone the interval would decide it.
    let chance = match row.finding == Finding::WithinNoise && row.interval.is_some_and(|it| row.bound.is_clear(it)) {
        true => ", and among so many claims this may be chance (Holm\u{2019}s correction)",
        false => "",
    };
    let numbers = match row.mean {
        Some(mean) => format!("{rule}: {}{range}, {runs} on {on}; it takes {bound}{chance}.", number(mean)),
        None => format!("{rule}: not measured."),
    };
    ClaimLine { claim: row.claim.clone(), finding: row.finding, numbers, link: row.link.clone() }
}

#[cfg(test)]
mod tests {
    use protocol::{Bound, ClaimMetric, ClaimsReport};

    use super::*;

    fn judged(method: &str, finding: Finding, mean: f64) -> JudgedClaim {
        JudgedClaim {
            id: String::new(),
            method: method.to_owned(),
            claim: "It is compatible".to_owned(),
            paper: String::new(),
            on: "Fashion-MNIST".to_owned(),
            metric: Some(ClaimMetric::Top1),
            rule: "M(n,o) - M(o,o), points of top-1".to_owned(),
            bound: Bound::AtLeast(0.0),
            runs: 15,
            mean: Some(mean),
            interval: Some([mean - 0.25, mean + 0.25]),
            finding,
            link: "v=2&preset=extended-class".to_owned(),
        }
    }

    #[test]
    fn a_card_shows_its_own_claims_with_their_numbers() {
        let rows = vec![
            judged("bct", Finding::Holds, 8.0),
            judged("bt2", Finding::Fails, -2.0),
            judged("bct", Finding::Fails, -0.95),
        ];
        let catalogue = Catalogue { claims: ClaimsReport { rows, ..ClaimsReport::default() }, ..Catalogue::default() };
        let view = ClaimsView::of(&catalogue, "bct");
        assert_eq!(view.summary, "1 of 2 claims hold here, 1 does not");
        assert_eq!(
            view.lines[0].numbers,
            "M(n,o) - M(o,o), points of top-1: 8.0 (7.8 to 8.2), 15 runs on Fashion-MNIST; it takes \u{2265} 0."
        );
        let open = line(&judged("bct", Finding::WithinNoise, 8.0)).numbers;
        assert!(
            open.ends_with(
                "it takes \u{2265} 0, and among so many claims this may be chance (Holm\u{2019}s correction)."
            ),
            "{open}"
        );
        let narrow = JudgedClaim { interval: Some([0.651, 0.684]), ..judged("bct", Finding::Holds, 0.668) };
        assert!(line(&narrow).numbers.contains(": 0.67 (0.65 to 0.68), 15 runs"), "{}", line(&narrow).numbers);
        assert!(line(&judged("bct", Finding::WithinNoise, 0.1)).numbers.ends_with("it takes \u{2265} 0."));
        assert_eq!((view.lines[1].finding, glyph(view.lines[1].finding)), (Finding::Fails, "\u{2717}"));
    }

    #[test]
    fn a_method_without_judged_claims_has_no_summary() {
        assert_eq!(ClaimsView::of(&Catalogue::default(), "l2"), ClaimsView::default());
    }
}
