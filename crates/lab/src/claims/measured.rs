//! What the number of a rule is made of, in names and words that whoever has only the facts can follow. Only the claims report calls it.

use protocol::ClaimMetric;
use serde::Serialize;

use super::fact::{Fact, NEW_NEW, NEW_OLD, OLD_OLD};
use super::facts::chance;
use super::{Arm, Cell, Measure, Number};

/// How a number follows from facts of runs of one seed and order of classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// What is done with them.
    pub how: How,
    /// Arms and names of their facts, in the order in which it takes them.
    pub of: Vec<(&'static str, String)>,
    /// What a number is taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// Whether it is a yes or a no, which exact tests are for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub yes_or_no: bool,
}

/// What is done with facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The one fact.
    Number,
    /// A hundredth of it.
    Hundredth,
    /// The second minus the first.
    Difference,
    /// [`Measured::from`] minus the one fact.
    Below,
    /// Twice the first, a chance level, minus the second.
    BelowTwice,
    /// The second over the first, a chance level.
    Over,
    /// P1 of the last three minus P1 of the three before them, each old/old, new/old and new/new, held against the first.
    P1,
    /// Kendall's tau-a between their order and them.
    Rises,
    /// Minus that.
    Falls,
    /// The last minus the larger of the two others.
    AboveBoth,
    /// The smaller of the first two minus the last.
    BelowBoth,
    /// How many places lie between the lowest of the first half and the highest of the second, the first of equal ones.
    Apart,
}

impl Measured {
    /// What a measure takes by this score.
    pub fn of(measure: &Measure, metric: ClaimMetric) -> Self {
        let number = |(arm, fact): &Number| (arm.name, fact.key(metric));
        let cell = |&(arm, pair): &Cell| (arm.name, Fact::Score(pair).key(metric));
        let level = |arm: &Arm| (arm.name, chance(metric));
        let of_each = |arms: &[&'static Arm], fact: &Fact| arms.iter().map(|arm| number(&(arm, *fact))).collect();
        let plain = |how, of| Self { how, of, from: None, yes_or_no: measure.is_yes_or_no() };
        match measure {
            Measure::Paired { base, other } => plain(How::Difference, vec![cell(base), cell(other)]),
            Measure::Difference { base, other } | Measure::Near { one: base, other, .. } => {
                plain(How::Difference, vec![number(base), number(other)])
            }
            Measure::Value(of) | Measure::Within { number: of, .. } => plain(How::Number, vec![number(of)]),
            Measure::Share(of) => plain(How::Hundredth, vec![number(of)]),
            Measure::AtMost { number: of, bound } => Self { from: Some(*bound), ..plain(How::Below, vec![number(of)]) },
            Measure::P1 { ceiling, base, other } => {
                let three = |arm: &'static Arm| [OLD_OLD, NEW_OLD, NEW_NEW].map(|pair| cell(&(arm, pair)));
                let of = std::iter::once(cell(&(ceiling, NEW_NEW))).chain(three(base)).chain(three(other));
                plain(How::P1, of.collect())
            }
            Measure::BelowTwiceChance(of) => plain(How::BelowTwice, vec![level(of.0), cell(of)]),
            Measure::OverChance(of) => plain(How::Over, vec![level(of.0), cell(of)]),
            Measure::Rises { arms, fact } => plain(How::Rises, of_each(arms, fact)),
            Measure::Falls { arms, fact } => plain(How::Falls, of_each(arms, fact)),
            Measure::AboveBoth { number: of, others: [first, second] } => {
                plain(How::AboveBoth, [first, second, of].map(number).to_vec())
            }
            Measure::BelowBoth { number: of, others: [first, second] } => {
                plain(How::BelowBoth, [first, second, of].map(number).to_vec())
            }
            Measure::Apart { lowest, highest } => {
                plain(How::Apart, lowest.iter().chain(highest.iter()).map(number).collect())
            }
        }
    }
}
