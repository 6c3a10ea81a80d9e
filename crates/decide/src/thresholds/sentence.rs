//! What cut-offs come to, in words.

use super::{LEAST, TARGET, Threshold};
use crate::judge::Estimate;

/// Of the rows of [`Thresholds`](super::Thresholds), none for too few judged queries.
pub(super) fn sentence(rows: &[Threshold], judged: usize) -> String {
    let Some((old, others)) = rows.split_first() else {
        return format!(
            "{judged} judged queries are too few to choose a cut-off on one half of them and judge it on the other; it \
             takes at least {}.",
            2 * LEAST
        );
    };
    let goal = percent(TARGET);
    let mut sentences = vec![match old.cut {
        Some(cut) => format!(
            "{}: a top score of at least {cut:.3} is the lowest cut-off with {goal} or more of the answers right on \
             one half of the judged queries. On the other half it {}.",
            old.system,
            does(old)
        ),
        None => format!(
            "{}: no such threshold exists that makes at least {goal} of the top answers right, with {LEAST} or more \
             of them answered.",
            old.system
        ),
    }];
    sentences.extend(carried(others, &goal));
    let (found, missing): (Vec<&Threshold>, Vec<&Threshold>) =
        others.iter().filter(|row| !row.carried).partition(|row| row.cut.is_some());
    if !found.is_empty() {
        let own = found.iter().filter_map(|row| Some(format!("{} ({:.3})", row.system, row.cut?)));
        sentences.push(format!("A cut-off of its own for {goal} has {}.", list(own)));
    }
    if !missing.is_empty() {
        sentences.push(format!("For {goal} no such threshold exists with {}.", list(names(&missing))));
    }
    sentences.join(" ")
}

/// What the old cut does elsewhere.
fn carried(others: &[Threshold], goal: &str) -> Option<String> {
    let (mut kept, mut lost, mut silent) = (Vec::new(), Vec::new(), Vec::new());
    for row in others.iter().filter(|row| row.carried) {
        match row.precision {
            None => silent.push(row),
            Some(precision) if precision.high < TARGET => lost.push(row),
            Some(_) => kept.push(row),
        }
    }
    let mut parts = Vec::new();
    if !lost.is_empty() {
        let lost = lost.iter().map(|row| format!("{} ({})", row.system, does(row)));
        parts.push(format!("falls below {goal} with {}", list(lost)));
    }
    if !silent.is_empty() {
        parts.push(format!("answers nothing with {}", list(names(&silent))));
    }
    if !kept.is_empty() {
        let kept = kept.iter().map(|row| format!("{} ({})", row.system, does(row)));
        parts.push(format!("is not told from {goal} or better with {}", list(kept)));
    }
    (!parts.is_empty()).then(|| format!("Carried over, it {}.", parts.join("; it ")))
}

/// What a cut does.
fn does(row: &Threshold) -> String {
    match (row.precision, row.answered) {
        (Some(precision), Some(answered)) => {
            format!("answers {} and is right in {} of these", with_interval(answered), with_interval(precision))
        }
        _ => "answers nothing".to_owned(),
    }
}

fn names(rows: &[&Threshold]) -> impl Iterator<Item = String> {
    rows.iter().map(|row| row.system.clone())
}

/// "a, b and c".
fn list(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn with_interval(share: Estimate) -> String {
    format!("{} [{:.0}, {:.0}]", percent(share.value), 100.0 * share.low, 100.0 * share.high)
}
