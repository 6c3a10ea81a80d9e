//! The rules where a full re-index surely gains something: what keeps most of that gain for less.

use crate::maps::Direction;
use crate::options::{Choice, Cost, First};
use crate::report::words;

use super::facts::{Cascading, Facts, Standing, above, best};
use super::phrases::{bridged, changed, embeds, enough, gains, keeps, no_further, on_the_way, spends};
use super::rules::decide;
use super::{Decision, Verdict};

/// A bridge has to keep so much of the gain, by the lower end of its interval.
const BRIDGE_KEEPS: f64 = 0.9;

/// A cascade has to keep so much of the gain, by the lower end of its interval.
const CASCADE_KEEPS: f64 = 0.8;

pub(super) fn bridge(facts: &Facts<'_>) -> Option<Verdict> {
    facts.gain()?;
    let full = facts.of(&Choice::Reindex)?;
    let keeps_enough = |bridge: &Standing<'_>| {
        let reaches = facts.reaches(bridge) && bridge.gain.is_some_and(|gain| facts.matters(gain));
        // Whatever its share: what is not surely better than staying is no way of upgrading.
        bridge.gain.is_some_and(above) && (bridge.share.is_some_and(|share| share.low >= BRIDGE_KEEPS) || reaches)
    };
    let cost = |bridge: &Standing<'_>| match bridge.row.choice {
        Choice::Bridge { direction: Direction::Queries, .. } => (0, bridge.row.cost.multiply_adds),
        _ => (1, bridge.row.cost.multiply_adds),
    };
    let dearer = |one: &Standing<'_>, other: &Standing<'_>| {
        cost(one).cmp(&cost(other)).then(other.mean.value.total_cmp(&one.mean.value))
    };
    let bridge = facts.bridges().filter(keeps_enough).min_by(dearer)?;
    let (would_do, judged) = (facts.bridges().filter(keeps_enough).count(), facts.bridges().count());
    let Cost { multiply_adds, price, .. } = bridge.row.cost;
    let price = price.map_or_else(String::new, |price| format!(", price {}", words::price(price)));
    let headline = format!(
        "A bridge, for these queries, at this price: it {}, embeds {} now and costs {} multiply-adds per query{price} ({}).",
        keeps(&bridge),
        embeds(bridge.row.cost.embed_now),
        words::operations(multiply_adds),
        bridge.row.name
    );
    let mut because = vec![gains(facts)];
    let reason = match bridge.share {
        Some(share) if share.low >= BRIDGE_KEEPS => {
            let (low, least) = (words::share(share.low), words::share(BRIDGE_KEEPS));
            format!("The interval of its share begins at {low}, and {least} is asked for.")
        }
        _ => {
            let behind = bridge.behind.map_or_else(|| words::NONE.to_owned(), words::difference);
            format!("It differs from the full re-index by {behind}; {}.", no_further(facts))
        }
    };
    because.push(reason);
    because.push(changed(&bridge));
    // Of many, some look good by luck.
    if judged > 1 {
        because.push(format!("{judged} bridges were judged, {would_do} would do, and this is the cheapest."));
    }
    let mut would_change = Vec::new();
    if let Some(behind) = bridge.behind {
        would_change.push(format!(
            "If the rest ({} against the full re-index) were worth it, re-index, which {}.",
            words::difference(behind),
            spends(&full.row.cost)
        ));
    }
    would_change
        .push("Queries of another kind or domain than these: a bridge holds for what it was judged on.".to_owned());
    let advised = Some(bridge.row.choice.clone());
    decide(Decision::Bridge, headline, because, would_change).map(|verdict| Verdict { bridge: advised, ..verdict })
}

pub(super) fn cascade(facts: &Facts<'_>) -> Option<Verdict> {
    facts.gain()?;
    let full = facts.of(&Choice::Reindex)?;
    let chosen =
        facts.cascades().filter(|cascade| keeps_most(cascade) && !touches_most(facts, cascade)).min_by(cheaper)?;
    let Cascading { first, candidates, standing } = chosen;
    let advice = match first {
        First::OldQuery => "keep the old encoder and re-score",
        First::MappedQuery | First::MappedGallery => "bridge for candidates and re-score",
    };
    let bridge = facts
        .best_bridge()
        .map_or_else(|| "No bridge could be fitted".to_owned(), |bridge| bridged("A bridge", &bridge));
    let headline = format!(
        "{bridge}; the cascade with N = {candidates} {} and embeds {} per query: {advice}.",
        keeps(&standing),
        words::counted(candidates, "document", "documents")
    );
    let share = standing.share.map(|share| {
        let (low, least) = (words::share(share.low), words::share(CASCADE_KEEPS));
        format!("The interval of the cascade's share begins at {low}, and {least} is asked for.")
    });
    let mut because = vec![gains(facts)];
    because.extend(share);
    because.push(on_the_way(facts, &chosen));
    because.push(changed(&standing));
    because.extend(standing.row.cost.price.map(|price| {
        let full = full
            .row
            .cost
            .price
            .map_or_else(String::new, |full| format!(", with a full re-index {}", words::price(full)));
        format!("By your rates, embedding costs {} until these queries were asked once{full}.", words::price(price))
    }));
    let fewer = facts.cascades().filter(|other| other.candidates < candidates).max_by(|one, other| {
        let low = |cascade: &Cascading<'_>| cascade.standing.share.map_or(f64::NEG_INFINITY, |share| share.low);
        low(one).total_cmp(&low(other))
    });
    let mut would_change = Vec::new();
    would_change.extend(fewer.and_then(|fewer| {
        let share = enough(&fewer.standing)?;
        Some(format!("If {share} of the gain were enough, the cascade with N = {} would do.", fewer.candidates))
    }));
    let more = standing
        .behind
        .map_or_else(String::new, |behind| format!("; the cascade differs from it by {}", words::difference(behind)));
    would_change.push(format!(
        "If embedding {} cost less than re-scoring {candidates} for each query, re-index{more}.",
        words::counted(facts.study.documents, "document", "documents")
    ));
    decide(Decision::Cascade, headline, because, would_change)
}

pub(super) fn reindex(facts: &Facts<'_>) -> Option<Verdict> {
    facts.gain()?;
    let (stay, full) = (facts.of(&Choice::Stay)?, facts.of(&Choice::Reindex)?);
    let (metric, [before, after]) = (&facts.metric, [stay.mean, full.mean].map(words::estimate));
    let bridge = facts.best_bridge();
    let cascade = best(facts.cascades().map(|cascade| cascade.standing));
    let others: Vec<String> = [
        bridge.map(|bridge| bridged("the best bridge", &bridge)),
        cascade.map(|cascade| bridged("the best cascade", &cascade)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let others = if others.is_empty() { String::new() } else { format!("; {}", others.join(", ")) };
    let headline = format!("Re-index: {metric} goes from {before} to {after}{others}.");
    let mut because = vec![gains(facts)];
    let named = [bridge, cascade].into_iter().flatten();
    because.extend(named.map(|option| format!("{}: {}.", option.row.name, words::estimate(option.mean))));
    because.push(format!("It {}.", spends(&full.row.cost)));
    because.push(changed(&full));
    let mut would_change = Vec::new();
    // Good enough, were it not for what it embeds on the way.
    would_change.extend(facts.cascades().filter(keeps_most).min_by(cheaper).map(|cascade| {
        let (touched, kept) = (on_the_way(facts, &cascade), keeps(&cascade.standing));
        format!(
            "If queries touched fewer documents, the cascade with N = {} would do, which {kept}. {touched}",
            cascade.candidates
        )
    }));
    let alternatives = facts.standings().filter(|standing| {
        matches!(standing.row.choice, Choice::Bridge { .. } | Choice::Slerp { .. } | Choice::Cascade { .. })
    });
    let alternatives = alternatives.filter_map(|standing| Some((standing, standing.share?.low)));
    let most = alternatives.reduce(|best, next| if next.1 > best.1 { next } else { best });
    would_change.extend(most.and_then(|(standing, _)| {
        let share = enough(&standing)?;
        Some(format!("If {share} of the gain were enough, this would do: {}.", standing.row.name))
    }));
    if would_change.is_empty() {
        would_change
            .push(format!("If {after} instead of {before} were not worth it: nothing else keeps enough of the gain."));
    }
    decide(Decision::Reindex, headline, because, would_change)
}

fn keeps_most(cascade: &Cascading<'_>) -> bool {
    cascade.standing.gain.is_some_and(above) && cascade.standing.share.is_some_and(|share| share.low >= CASCADE_KEEPS)
}

/// Whether these queries alone made it embed half of the documents or more, so that re-indexing costs about as much.
fn touches_most(facts: &Facts<'_>, cascade: &Cascading<'_>) -> bool {
    cascade.standing.row.cost.embed_on_the_way.saturating_mul(2) >= facts.study.documents
}

/// The smaller cascade first, then the one with fewer calls of an encoder, then the one that touches fewer documents.
fn cheaper(one: &Cascading<'_>, other: &Cascading<'_>) -> std::cmp::Ordering {
    let (a, b) = (&one.standing.row.cost, &other.standing.row.cost);
    let calls = a.embed_per_query.total_cmp(&b.embed_per_query);
    one.candidates.cmp(&other.candidates).then(calls).then(a.embed_on_the_way.cmp(&b.embed_on_the_way))
}
