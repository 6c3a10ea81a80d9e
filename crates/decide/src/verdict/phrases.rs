//! What several verdicts say in the same words.

use crate::judge::{Estimate, Metric};
use crate::options::Cost;
use crate::report::words;

use super::facts::{Cascading, Facts, Standing, above, below};

/// Below this, no share of the gain is offered as enough.
const ENOUGH: f64 = 0.1;

/// What is called as good, as the end of a sentence.
pub(super) fn no_further(facts: &Facts<'_>) -> String {
    let [margin, reach] = [facts.margin, facts.reach()].map(words::number);
    format!("no more than {margin} behind, by an interval that ends above {reach} behind, is called as good")
}

/// "keeps 20 % [13, 27] of the gain".
pub(super) fn keeps(standing: &Standing<'_>) -> String {
    match standing.share {
        Some(share) => format!("keeps {} of the gain", words::share_estimate(share)),
        None => format!("scores {}", words::estimate(standing.mean)),
    }
}

/// The same, and what a share below nothing means.
pub(super) fn bridged(name: &str, standing: &Standing<'_>) -> String {
    match standing.gain.filter(|gain| below(*gain)) {
        Some(gain) => format!("{name} is worse than staying ({})", words::difference(gain)),
        None => format!("{name} {}", keeps(standing)),
    }
}

/// A share that it surely keeps, in steps of 5 %; nothing where that is little or not surely better than staying.
pub(super) fn enough(standing: &Standing<'_>) -> Option<String> {
    let low = standing.share.map(|share| share.low).filter(|low| *low >= ENOUGH)?;
    standing.gain.filter(|gain| above(*gain))?;
    Some(words::share((low * 20.0 + 1e-9).floor() / 20.0))
}

/// "A full re-index gains +0.131 [+0.118, +0.145] of MRR@10 over staying."
pub(super) fn gains(facts: &Facts<'_>) -> String {
    let gain = facts.gain().map_or_else(|| words::NONE.to_owned(), words::difference);
    format!("A full re-index gains {gain} of {} over staying.", facts.metric)
}

/// "By Recall@10 it differs by +0.051 [+0.030, +0.072]."
pub(super) fn moves(facts: &Facts<'_>, metric: &str, difference: Estimate) -> String {
    let (old, new) = (&facts.study.old, &facts.study.new);
    format!("By {metric} {new} differs from {old} by {}.", words::difference(difference))
}

/// What other metrics would say, where they clearly say something else.
pub(super) fn else_by(facts: &Facts<'_>) -> Vec<String> {
    let gained = facts.others().into_iter().filter(|(_, gain)| above(*gain));
    let sentence = |(metric, gain): (Metric, Estimate)| {
        let metric = metric.name(facts.study.k);
        format!("If {metric} were what counts: by it the full re-index gains {}.", words::difference(gain))
    };
    gained.map(sentence).collect()
}

/// "embeds 6 000 documents now, price 12.00".
pub(super) fn spends(cost: &Cost) -> String {
    let price = cost.price.map_or_else(String::new, |price| format!(", price {}", words::price(price)));
    format!("embeds {} now{price}", embeds(cost.embed_now))
}

/// "nothing", "6 000 documents".
pub(super) fn embeds(documents: usize) -> String {
    match documents {
        0 => "nothing".to_owned(),
        _ => words::counted(documents, "document", "documents"),
    }
}

/// "The 1 500 queries that were judged made it embed 2 310 of 6 000 documents on the way (38 %)."
pub(super) fn on_the_way(facts: &Facts<'_>, cascade: &Cascading<'_>) -> String {
    let touched = cascade.standing.row.cost.embed_on_the_way;
    let share = touched as f64 / facts.study.documents.max(1) as f64;
    format!(
        "The {} that were judged made it embed {} of {} on the way ({}).",
        words::counted(facts.study.judged, "query", "queries"),
        words::count(touched),
        words::counted(facts.study.documents, "document", "documents"),
        words::share(share)
    )
}

/// Queries newly broken and newly fixed.
pub(super) fn changed(standing: &Standing<'_>) -> String {
    let broken = words::counted(standing.row.newly_broken.len(), "query", "queries");
    format!("It newly breaks {broken} and newly fixes {}.", words::count(standing.row.newly_fixed.len()))
}
