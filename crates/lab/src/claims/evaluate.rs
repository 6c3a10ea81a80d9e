//! A measure over the run logs of one seed. Only the claims report calls it.

use std::collections::BTreeMap;

use measure::compatibility::{UpgradeScores, p_1};
use measure::statistics::{mean, paired_differences};
use protocol::{Backfill, BackfillOrder, ModelId, RunLog, Verdict};

use super::fact::Unit;
use super::{Cell, Fact, Measure, Number, Pair};
use crate::answers::highest;

/// Logs of the finished runs of one seed by the name of the arm.
pub type Logs = BTreeMap<&'static str, RunLog>;

/// The number that is judged; `None` where the runs do not hold it, or where it comes to none, as over a chance level of 0.
pub fn value(measure: &Measure, logs: &Logs) -> Option<f64> {
    found(measure, logs).filter(|value| value.is_finite())
}

/// The number that is judged, whatever it comes to.
fn found(measure: &Measure, logs: &Logs) -> Option<f64> {
    let number = |(arm, fact): Number| scaled(logs.get(arm.name)?, fact);
    let tau = |arms: &[_], fact| trend(arms.iter().map(|&arm| number((arm, fact))));
    match *measure {
        Measure::Paired { base, other } => mean(&by_query(base, other, logs)?),
        Measure::Value(of) => number(of),
        Measure::Share((arm, fact)) => raw(logs.get(arm.name)?, fact),
        Measure::Difference { base, other } => Some(number(other)? - number(base)?),
        Measure::Near { one, other, by } => Some(by - (number(one)? - number(other)?).abs()),
        Measure::AtMost { number: of, bound } => Some(bound - number(of)?),
        Measure::Within { number: of, low, high } => number(of).map(|value| (value - low).min(high - value)),
        Measure::BelowTwiceChance((arm, pair)) => {
            Some(2.0 * chance(logs.get(arm.name)?)? - number((arm, Fact::Map(pair)))?)
        }
        Measure::OverChance((arm, pair)) => Some(number((arm, Fact::Map(pair)))? / chance(logs.get(arm.name)?)?),
        Measure::Rises { arms, fact } => tau(arms, fact),
        Measure::Falls { arms, fact } => tau(arms, fact).map(|tau| -tau),
        Measure::AboveBoth { number: of, others: [first, second] } => {
            Some(number(of)? - number(first)?.max(number(second)?))
        }
        Measure::BelowBoth { number: of, others: [first, second] } => {
            Some(number(first)?.min(number(second)?) - number(of)?)
        }
        Measure::Apart { lowest, highest } => {
            let down = lowest.iter().map(|&of| number(of).map(|value| -value));
            let (low, high) = (highest_of(down)?, highest_of(highest.iter().map(|&of| number(of)))?);
            Some(low.abs_diff(high) as f64)
        }
    }
}

/// Difference in average precision per query, in points: of every query that has one in both cells. `None` if a ranking is missing or
/// the two are not over the same queries.
pub fn by_query(base: Cell, other: Cell, logs: &Logs) -> Option<Vec<f64>> {
    let precisions = |(arm, pair): Cell| {
        let values = &logs.get(arm.name)?.rankings.get(&pair)?.precisions;
        // NaN stands for a query without anything to find, which no mean counts.
        Some(values.iter().map(|&value| (!value.is_nan()).then_some(100.0 * f64::from(value))).collect())
    };
    let (base, other): (Vec<Option<f64>>, Vec<Option<f64>>) = (precisions(base)?, precisions(other)?);
    paired_differences(&base, &other).ok()
}

/// What a random ranking scores by mAP, in points.
fn chance(log: &RunLog) -> Option<f64> {
    log.chance.map(|rates| 100.0 * rates.map)
}

/// A fact; fractions in points.
fn scaled(log: &RunLog, fact: Fact) -> Option<f64> {
    let fraction = match (fact.unit(), fact) {
        (Unit::Points(_) | Unit::Percent, _) => true,
        (Unit::Declared, Fact::Reading { quantity, .. }) => log.quantity(quantity)?.is_fraction(),
        (Unit::Declared, Fact::Cell { table, .. }) => log.quantity(&log.table(table)?.quantity)?.is_fraction(),
        (Unit::Bare | Unit::Declared, _) => false,
    };
    raw(log, fact).map(|value| if fraction { 100.0 * value } else { value })
}

/// A fact as the log has it.
fn raw(log: &RunLog, fact: Fact) -> Option<f64> {
    let rates = |(query, gallery): Pair| log.cell(query, gallery);
    match fact {
        Fact::Map(pair) => rates(pair).map(|cell| cell.all.map),
        Fact::Top1(pair) => rates(pair).map(|cell| cell.all.cmc1),
        Fact::UnseenMap(pair) => Some(rates(pair)?.unseen?.map),
        Fact::AverageCompatibility => log.chain.as_ref().map(|chain| chain.map.ac),
        Fact::AverageAccuracy => log.chain.as_ref().map(|chain| chain.map.aa),
        Fact::Growth(models) => {
            log.chain.as_ref()?.growth.iter().find(|growth| growth.models == models).map(|growth| growth.ac)
        }
        Fact::BackfillArea(model, order) => backfill(log, model, order).map(|backfill| backfill.area),
        Fact::DipDepth(model, order) => backfill(log, model, order).map(|backfill| -backfill.dip),
        Fact::Reading { model, quantity, of } => log.reading(model, quantity, of),
        Fact::Cell { table, row, column } => {
            let table = log.table(table)?;
            let at = |names: &[String], wanted: &str| names.iter().position(|name| name == wanted);
            table.cell(at(&table.rows, row)?, at(&table.columns, column)?)
        }
        _ => judged(log.verdicts.last()?, fact),
    }
}

/// A fact of the judgement on the last upgrade.
fn judged(verdict: &Verdict, fact: Fact) -> Option<f64> {
    match fact {
        Fact::Branch => verdict.branch.map(|rates| rates.map),
        Fact::Tax => Some(verdict.tax),
        Fact::UpdateGain => verdict.update_gain,
        Fact::NegativeFlips => Some(verdict.nfr),
        Fact::FrozenGap => Some(verdict.forgetting_frozen - verdict.forgetting_reindexed),
        Fact::Compatible => Some(f64::from(u8::from(verdict.compatible_map))),
        Fact::CkaNew => Some(verdict.cka_new),
        Fact::CkaIndependent => Some(verdict.cka_independent),
        Fact::P1 => p_1(&[UpgradeScores {
            old: verdict.old_old.map,
            cross: verdict.new_old.map,
            new: verdict.new_new.map,
            oracle: verdict.ceiling.map,
        }]),
        Fact::Stored => Some(f64::from(verdict.cost.stored)),
        Fact::Seconds => verdict.cost.seconds,
        _ => None,
    }
}

/// The backfill by this model in this order, in which new queries ask all items.
fn backfill(log: &RunLog, model: ModelId, order: BackfillOrder) -> Option<&Backfill> {
    log.backfills.iter().find(|backfill| backfill.query == model && backfill.order == order && !backfill.dual)
}

/// The place of the highest number, the first of equal ones; `None` if one is missing or there are none.
fn highest_of(numbers: impl Iterator<Item = Option<f64>>) -> Option<usize> {
    let numbers = numbers.collect::<Option<Vec<f64>>>()?;
    highest(numbers.into_iter().enumerate())
}

/// Kendall's τ between the order given and the numbers; `None` if one is missing or there are fewer than two.
fn trend(numbers: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let numbers = numbers.collect::<Option<Vec<f64>>>()?;
    let pairs =
        numbers.iter().enumerate().flat_map(|(at, low)| numbers.iter().skip(at + 1).map(move |high| high - low));
    let signs: Vec<f64> = pairs.map(|step| if step == 0.0 { 0.0 } else { step.signum() }).collect();
    mean(&signs)
}
