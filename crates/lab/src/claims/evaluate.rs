//! A measure over the facts of one seed and order of classes. Only the claims report calls it.

use std::collections::BTreeMap;

use measure::compatibility::{UpgradeScores, p_1};
use measure::statistics::mean;
use protocol::ClaimMetric;

use super::{Arm, Cell, Fact, Facts, Measure, NEW_NEW, NEW_OLD, Number, OLD_OLD};
use crate::answers::highest;

/// Facts of the runs of one seed and order of classes by the name of the arm.
pub type Found = BTreeMap<&'static str, Facts>;

/// Facts have seven digits and the largest are hundreds: what is beyond this in a difference of two is rounding.
const FINENESS: f64 = 1e9;

/// The number that is judged, by this score; `None` where the runs do not hold it, or where it comes to none, as over a chance level
/// of 0.
pub fn value(measure: &Measure, metric: ClaimMetric, runs: &Found) -> Option<f64> {
    let value = found(measure, metric, runs).filter(|value| value.is_finite())?;
    Some((value * FINENESS).round() / FINENESS)
}

/// The number that is judged, whatever it comes to.
fn found(measure: &Measure, metric: ClaimMetric, runs: &Found) -> Option<f64> {
    let number = |(arm, fact): Number| runs.get(arm.name)?.get(fact, metric);
    let cell = |(arm, pair): Cell| number((arm, Fact::Score(pair)));
    let chance = |arm: &Arm| runs.get(arm.name)?.chance(metric);
    let oriented =
        |arms: &[&'static Arm], fact, sign: f64| tau(&numbers(arms, fact, metric, runs)?).map(|it| sign * it);
    match *measure {
        Measure::Paired { base, other } => Some(cell(other)? - cell(base)?),
        Measure::Value(of) | Measure::Within { number: of, .. } => number(of),
        Measure::Share(of) => number(of).map(|points| points / 100.0),
        Measure::Difference { base, other } => Some(number(other)? - number(base)?),
        Measure::Near { one, other, .. } => Some(number(other)? - number(one)?),
        Measure::AtMost { number: of, bound } => Some(bound - number(of)?),
        Measure::P1 { ceiling, base, other } => {
            let p1 = |arm| p1(arm, ceiling, metric, runs);
            Some(p1(other)? - p1(base)?)
        }
        Measure::BelowTwiceChance((arm, pair)) => Some(2.0 * chance(arm)? - cell((arm, pair))?),
        Measure::OverChance((arm, pair)) => Some(cell((arm, pair))? / chance(arm)?),
        Measure::Rises { arms, fact } => oriented(arms, fact, 1.0),
        Measure::Falls { arms, fact } => oriented(arms, fact, -1.0),
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

/// A fact of each of these arms; `None` if one is missing.
pub fn numbers(arms: &[&'static Arm], fact: Fact, metric: ClaimMetric, runs: &Found) -> Option<Vec<f64>> {
    arms.iter().map(|arm| runs.get(arm.name)?.get(fact, metric)).collect()
}

/// Differences of a paired measure group by group, in points: the group's number, its class, the difference. Empty for any other
/// measure, and where a group is missing in one of the runs.
pub fn by_group(measure: &Measure, metric: ClaimMetric, runs: &Found) -> Vec<(u32, u16, f64)> {
    let groups = |(arm, pair): Cell| runs.get(arm.name)?.groups_of(pair, metric);
    let Measure::Paired { base, other } = *measure else { return Vec::new() };
    let (Some(base), Some(other)) = (groups(base), groups(other)) else { return Vec::new() };
    let both = base.iter().zip(other.iter());
    both.filter_map(|((group, class, base), (_, _, other))| Some((group, class, other? - base?))).collect()
}

/// P1 of an upgrade, held against a ceiling that has had the same choice of settings, in percent.
fn p1(arm: &Arm, ceiling: &Arm, metric: ClaimMetric, runs: &Found) -> Option<f64> {
    let score = |arm: &Arm, pair| Some(runs.get(arm.name)?.get(Fact::Score(pair), metric)? / 100.0);
    let (old, cross, new) = (score(arm, OLD_OLD)?, score(arm, NEW_OLD)?, score(arm, NEW_NEW)?);
    p_1(&[UpgradeScores { old, cross, new, oracle: score(ceiling, NEW_NEW)? }]).map(|share| 100.0 * share)
}

/// The place of the highest number, the first of equal ones; `None` if one is missing or there are none.
fn highest_of(numbers: impl Iterator<Item = Option<f64>>) -> Option<usize> {
    let numbers = numbers.collect::<Option<Vec<f64>>>()?;
    highest(numbers.into_iter().enumerate())
}

/// Kendall's τ between the order given and the numbers; `None` if there are fewer than two.
fn tau(numbers: &[f64]) -> Option<f64> {
    let pairs =
        numbers.iter().enumerate().flat_map(|(at, low)| numbers.iter().skip(at + 1).map(move |high| high - low));
    let signs: Vec<f64> = pairs.map(|step| if step == 0.0 { 0.0 } else { step.signum() }).collect();
    mean(&signs)
}
