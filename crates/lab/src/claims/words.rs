//! A measure in words, as reports show it where a rule has none of its own.

use protocol::ModelId;

use super::fact::Unit;
use super::{Fact, Measure, Number, Pair};

/// The number that is judged.
pub(super) fn of(measure: &Measure) -> String {
    match *measure {
        Measure::Paired { base, other } if base.0.name != other.0.name => {
            format!("paired difference{}", Fact::Map(base.1).unit().after())
        }
        Measure::Paired { base, other } => difference(Fact::Map(base.1), Fact::Map(other.1)),
        Measure::Value((_, fact)) => format!("{}{}", name(fact), fact.unit().after()),
        Measure::Share((_, fact)) => name(fact),
        Measure::Difference { base, other } if base.0.name != other.0.name => {
            format!("difference of {}{}", name(other.1), other.1.unit().after())
        }
        Measure::Difference { base, other } => difference(base.1, other.1),
        Measure::Near { one, other, by } => {
            let chain = chain([one.1, other.1]);
            let (one, other, unit) = (named(one.1, chain), named(other.1, chain), one.1.unit());
            format!("{} minus the distance of {one} from {other}{}", unit.many(by), unit.score())
        }
        Measure::AtMost { number: (_, fact), bound } => {
            format!("{} minus the {}{}", fact.unit().many(bound), name(fact), fact.unit().score())
        }
        Measure::Within { low, high, .. } => format!("points to the nearer end of {low} to {high} %"),
        Measure::BelowTwiceChance((_, pair)) => {
            format!("points of {} below twice the chance level", name(Fact::Map(pair)))
        }
        Measure::OverChance((_, pair)) => format!("{} over the chance level", name(Fact::Map(pair))),
        Measure::Rises { arms, fact } => {
            format!("Kendall's τ between the order of {} arms and {}", arms.len(), name(fact))
        }
        Measure::Falls { arms, fact } => {
            format!("minus Kendall's τ between the order of {} arms and {}", arms.len(), name(fact))
        }
        Measure::AboveBoth { number, others: [first, second] } => {
            let chain = chain([number.1, first.1, second.1]);
            let (number, unit) = (named(number.1, chain), number.1.unit());
            let (first, second) = (named(first.1, chain), named(second.1, chain));
            format!("{number} minus the larger of {first} and {second}{}", unit.after())
        }
        Measure::BelowBoth { number: (_, number), others: [(_, first), (_, second)] } => {
            let (unit, number, first, second) = (number.unit(), name(number), name(first), name(second));
            format!("the smaller of {first} and {second} minus {number}{}", unit.after())
        }
        Measure::Apart { lowest, highest } => {
            let first = |numbers: &[Number]| numbers.first().map_or_else(String::new, |&(_, fact)| name(fact));
            format!("places between the lowest {} and the highest {}", first(lowest), first(highest))
        }
    }
}

impl Unit {
    /// The unit behind a comma.
    fn after(self) -> String {
        match self {
            Self::Points("") => ", points".to_owned(),
            Self::Points(score) => format!(", points of {score}"),
            Self::Percent => ", percent".to_owned(),
            Self::Bare | Self::Declared => String::new(),
        }
    }

    /// So many of it.
    fn many(self, count: f64) -> String {
        match self {
            Self::Points(_) if count == 1.0 => "1 point".to_owned(),
            Self::Points(_) => format!("{count} points"),
            Self::Percent => format!("{count} percent"),
            Self::Bare | Self::Declared => format!("{count}"),
        }
    }

    /// The score behind a comma, where the points have been named already.
    fn score(self) -> String {
        match self {
            Self::Points(score) if !score.is_empty() => format!(", {score}"),
            _ => String::new(),
        }
    }
}

/// Two facts of one run.
fn difference(base: Fact, other: Fact) -> String {
    let chain = chain([base, other]);
    format!("{} - {}{}", named(other, chain), named(base, chain), other.unit().after())
}

/// Whether models go by numbers: "old" and "new" are too few names.
fn chain<const N: usize>(facts: [Fact; N]) -> bool {
    facts.into_iter().any(|fact| match fact {
        Fact::Map((query, gallery)) | Fact::Top1((query, gallery)) | Fact::UnseenMap((query, gallery)) => {
            query.stage.max(gallery.stage) > 2
        }
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
        Fact::Map(pair) | Fact::Top1(pair) => return cell(pair, chain),
        Fact::UnseenMap(pair) => return format!("{} of unseen classes", cell(pair, chain)),
        Fact::Reading { model, quantity, of: "" } => return format!("{quantity} of {model}"),
        Fact::Reading { model, quantity, of } => return format!("{quantity} of {model}, {of}"),
        Fact::Cell { table, row, column } => return format!("{table}[{row}][{column}]"),
        Fact::Growth(models) => return format!("AC of the first {models} models by mAP"),
        Fact::BackfillArea(_, order) => return format!("area under the backfill curve in {}", order.in_words()),
        Fact::DipDepth(_, order) => return format!("depth of the dip in {}", order.in_words()),
        Fact::Branch => "the self-test of f",
        Fact::Tax => "tax",
        Fact::UpdateGain => "update gain",
        Fact::NegativeFlips => "NFR",
        Fact::FrozenGap => "frozen-gallery minus re-indexed forgetting",
        Fact::Compatible => "compatibility by mAP, 1 or 0",
        Fact::CkaNew => "CKA(new, old)",
        Fact::CkaIndependent => "CKA(independent, old)",
        Fact::P1 => "P1",
        Fact::AverageCompatibility => "AC by mAP",
        Fact::AverageAccuracy => "AA by mAP",
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
