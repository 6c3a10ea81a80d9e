//! A measure in words, as reports show it where a rule has none of its own.

use protocol::{ClaimMetric, ModelId};

use super::fact::Unit;
use super::{Fact, Measure, Number, Pair};

/// The number that is judged, by this score where there are several.
pub(super) fn of(measure: &Measure, metric: ClaimMetric) -> String {
    let after = |fact: Fact| fact.unit().after(metric);
    match *measure {
        Measure::Paired { base, other } => {
            let (base, other) = ((base.0, Fact::Score(base.1)), (other.0, Fact::Score(other.1)));
            of(&Measure::Difference { base, other }, metric)
        }
        Measure::Value((_, fact)) => format!("{}{}", name(fact), after(fact)),
        Measure::Share((_, fact)) => name(fact),
        Measure::Difference { base, other } | Measure::Near { one: base, other, .. } if base.0.name != other.0.name => {
            match base.1 == other.1 {
                true => format!("difference of {}{}", name(other.1), after(other.1)),
                false => difference(base.1, other.1, metric),
            }
        }
        Measure::Difference { base, other } | Measure::Near { one: base, other, .. } => {
            difference(base.1, other.1, metric)
        }
        Measure::P1 { .. } => "difference of P1, percent".to_owned(),
        Measure::AtMost { number: (_, fact), bound } => {
            format!("{} minus the {}{}", fact.unit().many(bound), name(fact), fact.unit().score(metric))
        }
        Measure::Within { number: (_, fact), .. } => format!("{}{}", name(fact), after(fact)),
        Measure::BelowTwiceChance((_, pair)) => {
            format!("points of {} below twice the chance level", name(Fact::Score(pair)))
        }
        Measure::OverChance((_, pair)) => format!("{} over the chance level", name(Fact::Score(pair))),
        Measure::Rises { arms, fact } => {
            format!("Kendall's τ between the order of {} arms and {}", arms.len(), name(fact))
        }
        Measure::Falls { arms, fact } => {
            format!("minus Kendall's τ between the order of {} arms and {}", arms.len(), name(fact))
        }
        Measure::AboveBoth { number, others: [first, second] } => {
            let chain = chain([number.1, first.1, second.1]);
            let (number, unit) = (named(number.1, chain), after(number.1));
            let (first, second) = (named(first.1, chain), named(second.1, chain));
            format!("{number} minus the larger of {first} and {second}{unit}")
        }
        Measure::BelowBoth { number: (_, number), others: [(_, first), (_, second)] } => {
            let (unit, number, first, second) = (after(number), name(number), name(first), name(second));
            format!("the smaller of {first} and {second} minus {number}{unit}")
        }
        Measure::Apart { lowest, highest } => {
            let first = |numbers: &[Number]| numbers.first().map_or_else(String::new, |&(_, fact)| name(fact));
            format!("places between the lowest {} and the highest {}", first(lowest), first(highest))
        }
    }
}

impl Unit {
    /// The unit behind a comma.
    fn after(self, metric: ClaimMetric) -> String {
        match self {
            Self::Score => format!(", points of {}", metric.in_words()),
            Self::Map => format!(", points of {}", ClaimMetric::Map.in_words()),
            Self::Points => ", points".to_owned(),
            Self::Percent => ", percent".to_owned(),
            Self::Bare | Self::Declared => String::new(),
        }
    }

    /// So many of it.
    fn many(self, count: f64) -> String {
        match self {
            Self::Score | Self::Map | Self::Points if count == 1.0 => "1 point".to_owned(),
            Self::Score | Self::Map | Self::Points => format!("{count} points"),
            Self::Percent => format!("{count} percent"),
            Self::Bare | Self::Declared => format!("{count}"),
        }
    }

    /// The score behind a comma, where the points have been named already.
    fn score(self, metric: ClaimMetric) -> String {
        match self {
            Self::Score => format!(", {}", metric.in_words()),
            Self::Map => format!(", {}", ClaimMetric::Map.in_words()),
            Self::Points | Self::Percent | Self::Bare | Self::Declared => String::new(),
        }
    }
}

/// Two facts.
fn difference(base: Fact, other: Fact, metric: ClaimMetric) -> String {
    let chain = chain([base, other]);
    format!("{} - {}{}", named(other, chain), named(base, chain), other.unit().after(metric))
}

/// Whether models go by numbers: "old" and "new" are too few names.
fn chain<const N: usize>(facts: [Fact; N]) -> bool {
    facts.into_iter().any(|fact| match fact {
        Fact::Score((query, gallery)) | Fact::Unseen((query, gallery)) => query.stage.max(gallery.stage) > 2,
        _ => false,
    })
}

/// A fact by itself.
fn name(fact: Fact) -> String {
    named(fact, chain([fact]))
}

/// A fact, with models by number or as `o`, `n` and `*`.
fn named(fact: Fact, chain: bool) -> String {
    let plain = match fact {
        Fact::Score(pair) => return cell(pair, chain),
        Fact::Unseen(pair) => return format!("{} of unseen classes", cell(pair, chain)),
        Fact::Reading { model, quantity, of: "" } => return format!("{quantity} of {model}"),
        Fact::Reading { model, quantity, of } => return format!("{quantity} of {model}, {of}"),
        Fact::Cell { table, row, column } => return format!("{table}[{row}][{column}]"),
        Fact::Growth(models) => return format!("AC of the first {models} models by mAP"),
        Fact::BackfillArea(_, order) => return format!("area under the backfill curve in {}", order.in_words()),
        Fact::DipDepth(_, order) => return format!("depth of the dip in {}", order.in_words()),
        Fact::BelowBefore(_, order) => {
            return format!("share of the backfill in {} with less mAP than before it", order.in_words());
        }
        Fact::Branch => "the self-test of f",
        Fact::UpdateGain => "update gain",
        Fact::NegativeFlips => "NFR",
        Fact::FrozenGap => "frozen-gallery minus re-indexed forgetting",
        Fact::Compatible => "compatibility, 1 or 0",
        Fact::CkaNew => "CKA(new, old)",
        Fact::CkaIndependent => "CKA(independent, old)",
        Fact::OldNeighbours => "share of the old query's ten nearest that the new query finds",
        Fact::AverageCompatibility => "AC",
        Fact::AverageAccuracy => "AA",
        Fact::Stored => "floats stored per item",
        Fact::Seconds => "seconds of training",
    };
    plain.to_owned()
}

/// A cell of the matrix.
fn cell((query, gallery): Pair, chain: bool) -> String {
    let letter = |model: ModelId| match (chain, model.stage, model.independent) {
        (false, 1, _) => "o".to_owned(),
        (false, _, false) => "n".to_owned(),
        (false, _, true) => "*".to_owned(),
        (true, stage, false) => stage.to_string(),
        (true, stage, true) => format!("{stage}*"),
    };
    format!("M({},{})", letter(query), letter(gallery))
}
