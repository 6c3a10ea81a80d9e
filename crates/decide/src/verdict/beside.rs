//! What a verdict says beside what decides it.

use crate::doctor::PairingVerdict;
use crate::judge::Estimate;
use crate::options::Choice;
use crate::options::mixed::Point;
use crate::report::words;

use super::Decision;
use super::facts::{Evidence, Facts, above, sound};

/// At most so many systems are named in a sentence.
const NAMED: usize = 3;

/// More reasons.
pub(super) fn because(facts: &Facts<'_>, decision: Decision) -> Vec<String> {
    let half_migrated = (decision == Decision::Reindex).then(|| migration(facts)).flatten();
    let tasks = (decision != Decision::DependsOnTask && decision != Decision::NothingChanged).then(|| by_task(facts));
    tasks.flatten().into_iter().chain(half_migrated).chain(no_threshold(facts)).collect()
}

/// What the full re-index is worth task by task, and for which of them that is not told from nothing.
fn by_task(facts: &Facts<'_>) -> Option<String> {
    let gains = facts.tasks();
    (gains.len() > 1).then_some(())?;
    let each: Vec<String> = gains.iter().map(|(task, gain)| format!("{task} {}", words::difference(*gain))).collect();
    let open: Vec<&str> = gains.iter().filter(|(_, gain)| !gain.excludes(0.0)).map(|(task, _)| *task).collect();
    let open = match open.is_empty() {
        true => String::new(),
        false => format!(" For {} that is within the interval, so this decision is none for it.", open.join(" and ")),
    };
    Some(format!("Task by task a full re-index changes {} by: {}.{open}", facts.metric, each.join(", ")))
}

/// More of what would change it, whatever was decided.
pub(super) fn would_change(facts: &Facts<'_>, decision: Decision) -> Vec<String> {
    // Judgements do not tell apart what is the same.
    if decision == Decision::NothingChanged {
        return Vec::new();
    }
    let labels = (facts.evidence() == Evidence::Labels).then(|| {
        "With judged queries instead of labels the answer may be another: coarse labels ask something else than a search does."
            .to_owned()
    });
    let better = (decision == Decision::Stay).then(|| better_than_staying(facts)).flatten();
    centred(facts).into_iter().chain(better).chain(labels).collect()
}

/// Why the verdict is not final.
pub(super) fn provisional(facts: &Facts<'_>) -> Option<String> {
    let relevance = match facts.evidence() {
        Evidence::Judged => None,
        Evidence::Labels => {
            Some("Labels stand for judgements: a document counts as found where it has the query's label.")
        }
        Evidence::Unknown => {
            Some("Nothing says which documents are relevant: results are only compared with each other.")
        }
    };
    let queries = (facts.study.queries == 0).then_some("There are no queries: documents ask in their place.");
    let pairing = match facts.study.examination.pairing.map(|pairing| pairing.verdict) {
        Some(PairingVerdict::Unrelated) => {
            Some("The rows of the two models do not seem to belong to the same documents.")
        }
        Some(PairingVerdict::Shifted) => Some("The rows of the two models seem to be shifted against each other."),
        Some(PairingVerdict::Paired | PairingVerdict::Unsure) | None => None,
    };
    let reasons: Vec<&str> = [relevance, queries, pairing].into_iter().flatten().collect();
    (!reasons.is_empty()).then(|| reasons.join(" "))
}

/// "With Stay and Full re-index no cut-off reaches a precision of 90 %: no such threshold exists."
fn no_threshold(facts: &Facts<'_>) -> Option<String> {
    let thresholds = facts.study.thresholds.as_ref()?;
    let without = thresholds.rows.iter().filter(|row| !row.carried && row.cut.is_none());
    let systems: Vec<&str> = without.map(|row| row.system.as_str()).collect();
    let target = words::share(thresholds.target);
    (!systems.is_empty()).then(|| {
        let systems = words::list(systems.iter().copied(), NAMED);
        format!(
            "With {systems} no cut-off reaches a precision of {target} on the queries that cut-offs are chosen by: no such threshold exists."
        )
    })
}

/// What happens on the way to a full re-index, where raw scores fall below where they started.
fn migration(facts: &Facts<'_>) -> Option<String> {
    let mixed = &facts.study.mixed;
    let start = mixed.iter().find(|point| point.percent == 0).and_then(|point| sound(Some(point.raw)))?;
    let (percent, raw) = lowest(mixed, |point| point.raw).filter(|(_, raw)| raw.high < start.value)?;
    let (_, calibrated) = lowest(mixed, |point| point.calibrated)?;
    let [start, least] = [start, calibrated].map(|score| words::number(score.value));
    Some(format!(
        "Half-migrated, calibrate the scores of each model per query: raw scores fall from {start} to {} at {percent} %, \
         calibrated ones not below {least}.",
        words::number(raw.value)
    ))
}

/// The lowest point of a curve, with its percentage.
fn lowest(points: &[Point], of: fn(&Point) -> Estimate) -> Option<(u8, Estimate)> {
    let scores = points.iter().filter_map(|point| Some((point.percent, sound(Some(of(point)))?)));
    scores.reduce(|least, next| if next.1.value < least.1.value { next } else { least })
}

/// Where a full re-index is no gain, what on the way to it would be one.
fn better_than_staying(facts: &Facts<'_>) -> Option<String> {
    let gains = facts.standings().filter_map(|standing| {
        let own = !matches!(standing.row.choice, Choice::Stay | Choice::Centred | Choice::Reindex);
        let gain = standing.gain.filter(|gain| own && above(*gain) && facts.matters(*gain))?;
        Some((standing.row.name.as_str(), gain))
    });
    let (name, gain) = gains.max_by(|(_, one), (_, other)| one.value.total_cmp(&other.value))?;
    Some(format!(
        "{name} gains {} over staying. Of so many options some look good by luck: judge it by other queries before you build on it.",
        words::difference(gain)
    ))
}

/// What the old vectors gain without any new model.
fn centred(facts: &Facts<'_>) -> Option<String> {
    let standing = facts.of(&Choice::Centred)?;
    let gain = standing.gain.filter(|gain| above(*gain) && facts.matters(*gain))?;
    let share =
        standing.share.map_or_else(String::new, |share| format!(", {} of the gain", words::share_estimate(share)));
    Some(format!(
        "Without a new model: subtracting the mean of the old documents from old documents and queries changes {} by {}{share}.",
        facts.metric,
        words::difference(gain)
    ))
}
