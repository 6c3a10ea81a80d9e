//! A published claim with the rule that it is judged by, as data. Every number is oriented so that more is better for the claim.

use super::{Arm, Fact, NEW_NEW, NEW_OLD, OLD_OLD, Pair, STAR_STAR, words};

/// A claim with its rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Short name, as reports use it; a claim with several rules has several of them.
    pub id: &'static str,
    /// Who claims it.
    pub by: &'static str,
    /// The claim in a sentence, without a full stop.
    pub claim: &'static str,
    /// The number that is judged, one per seed.
    pub measure: Measure,
    /// The number must be at least this.
    pub at_least: f64,
    tried: Option<&'static Arm>,
    words: Option<&'static str>,
}

/// A fact about an arm's run.
pub type Number = (&'static Arm, Fact);

/// A cell of an arm's final matrix.
pub type Cell = (&'static Arm, Pair);

/// How the number that is judged comes from the runs of a seed. Where facts are fractions the number is in points, hundredths of
/// them.
#[derive(Clone, Copy, Debug)]
pub enum Measure {
    /// mAP of `other` minus mAP of `base`, paired by query: comes with an interval over queries.
    Paired {
        /// What is compared with.
        base: Cell,
        /// What is compared.
        other: Cell,
    },
    /// The number itself.
    Value(Number),
    /// The number itself, left a fraction.
    Share(Number),
    /// `other` minus `base`.
    Difference {
        /// What is compared with.
        base: Number,
        /// What is compared.
        other: Number,
    },
    /// `by` minus the distance of the two numbers.
    Near {
        /// One number.
        one: Number,
        /// The other.
        other: Number,
        /// How far apart they may be.
        by: f64,
    },
    /// `bound` minus the number.
    AtMost {
        /// The number.
        number: Number,
        /// Its upper bound.
        bound: f64,
    },
    /// How far the number keeps from the nearer end of a range.
    Within {
        /// The number.
        number: Number,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Points by which the mAP of a cell stays below twice what a random ranking scores.
    BelowTwiceChance(Cell),
    /// mAP of a cell over what a random ranking scores.
    OverChance(Cell),
    /// Kendall's τ between the order of the arms and a fact of them: 1 where it grows from arm to arm, -1 where it falls.
    Rises {
        /// The arms, in order.
        arms: &'static [&'static Arm],
        /// The fact.
        fact: Fact,
    },
    /// Minus that: 1 where it falls from arm to arm.
    Falls {
        /// The arms, in order.
        arms: &'static [&'static Arm],
        /// The fact.
        fact: Fact,
    },
    /// The number minus the larger of two others.
    AboveBoth {
        /// The number.
        number: Number,
        /// The two others.
        others: [Number; 2],
    },
    /// The smaller of two others minus the number: for what is better where it is lower.
    BelowBoth {
        /// The number.
        number: Number,
        /// The two others.
        others: [Number; 2],
    },
    /// Places that lie between the lowest of some numbers and the highest of others, of which there are as many in the same order; the
    /// first of equal ones.
    Apart {
        /// The numbers of which the lowest counts.
        lowest: &'static [Number],
        /// Those of which the highest counts.
        highest: &'static [Number],
    },
}

impl Rule {
    /// A claim whose number must be at least 0.
    pub const fn new(id: &'static str, by: &'static str, claim: &'static str, measure: Measure) -> Self {
        Self { id, by, claim, measure, at_least: 0.0, tried: None, words: None }
    }

    /// The number must be at least this instead of 0.
    pub const fn at_least(mut self, bound: f64) -> Self {
        self.at_least = bound;
        self
    }

    /// The arm to try the claim with, where that is not the last one of the measure.
    pub const fn tried_with(mut self, arm: &'static Arm) -> Self {
        self.tried = Some(arm);
        self
    }

    /// The rule in words, where those that follow from the measure would say less.
    pub const fn said(mut self, words: &'static str) -> Self {
        self.words = Some(words);
        self
    }

    /// The number that is judged, in words.
    pub fn in_words(&self) -> String {
        self.words.map_or_else(|| words::of(&self.measure), str::to_owned)
    }

    /// The arms that it is about, each once, in the order in which the measure names them.
    pub fn arms(&self) -> Vec<&'static Arm> {
        let mut arms: Vec<&'static Arm> = Vec::new();
        for arm in self.measure.arms().into_iter().chain(self.tried) {
            if arms.iter().all(|other| other.name != arm.name) {
                arms.push(arm);
            }
        }
        arms
    }

    /// The arm to try it with; `None` for a trend over no arms.
    pub fn tried(&self) -> Option<&'static Arm> {
        self.tried.or_else(|| self.arms().last().copied())
    }
}

impl Measure {
    /// The criterion: M(n,o) above M(o,o).
    pub const fn compatible(arm: &'static Arm) -> Self {
        Self::Paired { base: (arm, OLD_OLD), other: (arm, NEW_OLD) }
    }

    /// The self-test against that of the model trained without compatibility.
    pub const fn keeps_self_test(arm: &'static Arm) -> Self {
        Self::Paired { base: (arm, STAR_STAR), other: (arm, NEW_NEW) }
    }

    /// The cross-test of an arm against that of another.
    pub const fn cross_tests(base: &'static Arm, other: &'static Arm) -> Self {
        Self::Paired { base: (base, NEW_OLD), other: (other, NEW_OLD) }
    }

    /// The self-test of an arm against that of another.
    pub const fn self_tests(base: &'static Arm, other: &'static Arm) -> Self {
        Self::Paired { base: (base, NEW_NEW), other: (other, NEW_NEW) }
    }

    /// A fact of an arm against the same of another.
    pub const fn between(base: &'static Arm, other: &'static Arm, fact: Fact) -> Self {
        Self::Difference { base: (base, fact), other: (other, fact) }
    }

    /// Every arm that it names.
    fn arms(&self) -> Vec<&'static Arm> {
        match self {
            Self::Paired { base, other } => vec![base.0, other.0],
            Self::Value((arm, _)) | Self::Share((arm, _)) => vec![arm],
            Self::AtMost { number: (arm, _), .. } | Self::Within { number: (arm, _), .. } => vec![arm],
            Self::Difference { base, other } => vec![base.0, other.0],
            Self::Near { one, other, .. } => vec![one.0, other.0],
            Self::BelowTwiceChance((arm, _)) | Self::OverChance((arm, _)) => vec![arm],
            Self::Rises { arms, .. } | Self::Falls { arms, .. } => arms.to_vec(),
            Self::AboveBoth { number, others: [first, second] }
            | Self::BelowBoth { number, others: [first, second] } => {
                vec![first.0, second.0, number.0]
            }
            Self::Apart { lowest, highest } => lowest.iter().chain(highest.iter()).map(|number| number.0).collect(),
        }
    }
}
