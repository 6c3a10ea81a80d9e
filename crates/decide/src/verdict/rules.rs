//! The rules, each of which decides or passes.

use crate::judge::Estimate;
use crate::options::Choice;
use crate::report::words;

use super::facts::{Evidence, Facts, above, alike, below, within};
use super::gain::{bridge, cascade, reindex};
use super::phrases::{else_by, moves, no_further, spends};
use super::{Decision, Verdict};

/// One rule.
pub(super) type Rule = fn(&Facts<'_>) -> Option<Verdict>;

/// All rules in their order.
pub(super) const RULES: [Rule; 12] = [
    nothing_changed,
    nothing_found,
    tasks_differ,
    works_as_it_is,
    equal,
    nothing_known,
    depends_on_task,
    worse,
    within_chance,
    bridge,
    cascade,
    reindex,
];

/// More judged queries than this nobody has.
const MOST_QUERIES: usize = 10_000;

/// The verdict where no rule applies: the full re-index could not be judged.
pub(super) fn unmeasured(facts: &Facts<'_>) -> Verdict {
    let study = facts.study;
    Verdict {
        decision: Decision::CannotTell,
        headline: format!("Cannot tell yet: {} could not be compared with {}.", study.new, study.old),
        because: vec![format!("No {} with an interval could be measured of the full re-index.", facts.metric)],
        would_change: vec!["At least two judged queries, better a hundred.".to_owned()],
        provisional: None,
        bridge: None,
    }
}

/// A verdict; what stands beside it comes later.
pub(super) fn decide(
    decision: Decision,
    headline: String,
    because: Vec<String>,
    would_change: Vec<String>,
) -> Option<Verdict> {
    Some(Verdict { decision, headline, because, would_change, provisional: None, bridge: None })
}

fn nothing_changed(facts: &Facts<'_>) -> Option<Verdict> {
    let (old, new) = (&facts.study.old, &facts.study.new);
    facts.same().then_some(())?;
    decide(
        Decision::NothingChanged,
        format!("Nothing changed: {old} and {new} give the same vectors, and every query finds the same documents."),
        vec!["Swapping the models and re-indexing both leave every result as it is.".to_owned()],
        vec![format!("If this is not what you expected, check that the second set of vectors was made by {new}.")],
    )
}

/// Scores of 0 everywhere would otherwise be called equal.
fn nothing_found(facts: &Facts<'_>) -> Option<Verdict> {
    let (stay, full) = (facts.of(&Choice::Stay)?, facts.of(&Choice::Reindex)?);
    (stay.mean.high <= 0.0 && full.mean.high <= 0.0).then_some(())?;
    let (old, new, metric) = (&facts.study.old, &facts.study.new, &facts.metric);
    decide(
        Decision::CannotTell,
        format!("Cannot tell: with neither {old} nor {new} does any query find what is relevant."),
        vec![format!("{metric} is 0 with both models.")],
        vec!["Check that judgements name the ids that documents and queries have.".to_owned()],
    )
}

fn works_as_it_is(facts: &Facts<'_>) -> Option<Verdict> {
    let (swap, full) = (facts.of(&Choice::Swap)?, facts.of(&Choice::Reindex)?);
    let behind = swap.behind.filter(|_| facts.reaches(&swap))?;
    // Where re-indexing is worse than staying, as good as re-indexing is not good enough.
    if swap.gain.is_some_and(|gain| below(gain) && facts.matters(gain)) {
        return None;
    }
    let (old, new, metric) = (&facts.study.old, &facts.study.new, &facts.metric);
    let [swapped, full_mean] = [swap.mean, full.mean].map(words::estimate);
    let headline = format!(
        "It works as it is: {new} can search the index of {old} without re-embedding ({metric} {swapped}, full re-index \
         {full_mean})."
    );
    let mut because = vec![format!(
        "Swapped as it is, it differs from the full re-index by {}; {}.",
        words::difference(behind),
        no_further(facts)
    )];
    because.extend(facts.of(&Choice::Stay).map(|stay| format!("Staying scores {}.", words::estimate(stay.mean))));
    let changes =
        format!("If a difference as small as that were worth it, re-index, which {}.", spends(&full.row.cost));
    decide(Decision::WorksAsItIs, headline, because, vec![changes])
}

fn equal(facts: &Facts<'_>) -> Option<Verdict> {
    let (stay, full) = (facts.of(&Choice::Stay)?, facts.of(&Choice::Reindex)?);
    let gain = full.gain?;
    let equal = match above(gain) || below(gain) {
        true => facts.small(gain) && alike(stay.retention),
        false => within(gain, facts.margin),
    };
    equal.then_some(())?;
    let (old, new, metric) = (&facts.study.old, &facts.study.new, &facts.metric);
    let headline = format!(
        "Stay: {old} and {new} are equal by {metric} (difference {}), so there is nothing to gain.",
        words::difference(gain)
    );
    let because = vec![format!("A difference below {} is called equal.", words::number(facts.margin))];
    let mut would_change = else_by(facts);
    let (now, then) = (stay.row.cost.bytes, full.row.cost.bytes);
    if then < now {
        let [now, then] = [now, then].map(words::bytes);
        would_change.push(format!("If a smaller index were worth it: that of {new} takes {then} instead of {now}."));
    }
    would_change.push(format!("If {new} were cheaper to run than {old}, or {old} were no longer to be had."));
    decide(Decision::Stay, headline, because, would_change)
}

/// Without judgements two lists can be alike or not; which of them is better nobody can tell.
fn nothing_known(facts: &Facts<'_>) -> Option<Verdict> {
    (facts.evidence() == Evidence::Unknown).then_some(())?;
    let (old, new, k) = (&facts.study.old, &facts.study.new, facts.study.k);
    let headline = match facts.of(&Choice::Stay) {
        Some(stay) => format!(
            "Cannot tell yet: {old} and {new} have {} of their best {k} in common, and nothing says whose are better.",
            words::share_estimate(stay.mean)
        ),
        None => format!("Cannot tell yet: nothing says whether {old} or {new} finds better documents."),
    };
    let mut because = Vec::new();
    if let Some(swap) = facts.of(&Choice::Swap) {
        let overlap = words::share_estimate(swap.mean);
        because.push(format!("Swapped as it is, {new} finds {overlap} of what a full re-index finds."));
    }
    if let Some(bridge) = facts.best_bridge() {
        let (name, overlap) = (&bridge.row.name, words::share_estimate(bridge.mean));
        because.push(format!("The best bridge ({name}) finds {overlap} of what the full re-index finds."));
    }
    because.push("That says how alike results are, not which are better.".to_owned());
    let bring = "Judged queries decide: about 50 show a large gain (0.13 MRR on real text models), about 800 a small one (0.03).";
    let labels = "Labels of the documents would be a first hint.".to_owned();
    decide(Decision::CannotTell, headline, because, vec![bring.to_owned(), labels])
}

/// Of two tasks one clearly gains and the other clearly loses. Together they may be equal, which is true of neither.
fn tasks_differ(facts: &Facts<'_>) -> Option<Verdict> {
    let gains = facts.tasks();
    let clear = |better: bool| {
        gains.iter().filter(move |(_, gain)| facts.matters(*gain) && above(*gain) == better).collect::<Vec<_>>()
    };
    let (better, worse) = (clear(true), clear(false));
    let ((gaining, gain), (losing, loss)) = (better.first()?, worse.first()?);
    let (old, new, metric) = (&facts.study.old, &facts.study.new, &facts.metric);
    let headline = format!(
        "It depends on which of your tasks: for {gaining} {new} is better than {old} ({metric} {}), for {losing} it is worse ({}).",
        words::difference(*gain),
        words::difference(*loss)
    );
    let rest = better.iter().skip(1).chain(worse.iter().skip(1));
    let because =
        rest.map(|(task, gain)| format!("For {task} {new} differs from {old} by {}.", words::difference(*gain)));
    let because = because.chain(["Each of these differences lies beyond its interval.".to_owned()]).collect();
    let would_change = vec![
        format!("If {gaining} alone counts: go for the new model. If {losing} does: stay."),
        "Decide for each task by itself: hand in its queries alone.".to_owned(),
    ];
    decide(Decision::DependsOnTask, headline, because, would_change)
}

fn depends_on_task(facts: &Facts<'_>) -> Option<Verdict> {
    let gain = facts.of(&Choice::Reindex)?.gain.filter(|gain| facts.matters(*gain))?;
    let mut others = facts.others();
    others.retain(|(_, other)| above(*other) != above(gain));
    let (metric, other) = others.first()?;
    let (old, new, deciding) = (&facts.study.old, &facts.study.new, &facts.metric);
    let says = |gain: Estimate| if above(gain) { "better" } else { "worse" };
    let headline = format!(
        "It depends on which of your tasks: by {deciding} {new} is {} than {old} ({}), by {} it is {} ({}).",
        says(gain),
        words::difference(gain),
        metric.name(facts.study.k),
        says(*other),
        words::difference(*other)
    );
    let because = others.iter().skip(1).map(|(metric, other)| moves(facts, &metric.name(facts.study.k), *other));
    let because = because.chain(["Each of these differences lies beyond its interval.".to_owned()]).collect();
    let would_change = vec![
        format!("If {deciding} alone counts: {}.", if above(gain) { "go for the new model" } else { "stay" }),
        "If you run several tasks, decide for each with its own queries.".to_owned(),
    ];
    decide(Decision::DependsOnTask, headline, because, would_change)
}

fn worse(facts: &Facts<'_>) -> Option<Verdict> {
    let (stay, full) = (facts.of(&Choice::Stay)?, facts.of(&Choice::Reindex)?);
    let gain = full.gain.filter(|gain| below(*gain))?;
    let (old, new, metric) = (&facts.study.old, &facts.study.new, &facts.metric);
    let [before, after] = [stay.mean, full.mean].map(words::estimate);
    let headline = format!(
        "Do not upgrade: even after a full re-index {new} finds less than {old} ({metric} {after} against {before})."
    );
    let because = vec![format!("The difference is {}, below 0 beyond its interval.", words::difference(gain))];
    let mut would_change = else_by(facts);
    would_change.push("Queries of another kind, for which the new model may be better.".to_owned());
    decide(Decision::Stay, headline, because, would_change)
}

/// The difference is within its interval, and that is wider than what is called equal.
fn within_chance(facts: &Facts<'_>) -> Option<Verdict> {
    let gain = facts.of(&Choice::Reindex)?.gain.filter(|gain| !above(*gain) && !below(*gain))?;
    let (study, old, new, metric) = (facts.study, &facts.study.old, &facts.study.new, &facts.metric);
    let more = study.needed.and_then(|needed| needed.checked_sub(study.judged)).filter(|more| *more > 0);
    let (queries, seen) = match more {
        Some(more) if more > MOST_QUERIES => (
            format!("more than {} judged queries", words::count(MOST_QUERIES)),
            format!(
                "A difference this small is seen with more than {} judged queries: take the two for equal.",
                words::count(MOST_QUERIES)
            ),
        ),
        Some(more) => {
            let queries = format!("about {} more judged queries", words::about(more));
            let seen = format!("With {queries} a difference of this size is seen in 80 of 100 samples.");
            (queries, seen)
        }
        None => ("more judged queries".to_owned(), "More judged queries; how many, these do not tell.".to_owned()),
    };
    let judged = words::counted(study.judged, "judged query", "judged queries");
    let difference = words::difference(gain);
    decide(
        Decision::CannotTell,
        format!("Cannot tell yet: {queries} would show whether {new} is better than {old} by {metric}."),
        vec![
            format!("The difference is {difference} over {judged}: within its interval, so it is no gain and no loss."),
            format!("It is not equal either: that takes an interval within {} of 0.", words::number(facts.margin)),
        ],
        vec![seen],
    )
}
