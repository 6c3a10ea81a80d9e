//! A published claim with the rule that it is judged by, as data. Every number is oriented so that more is better for the claim.

use protocol::{Bound, ClaimMetric};

use super::{Arm, Fact, NEW_NEW, NEW_OLD, OLD_OLD, Pair, words};

/// A claim with its rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Short name, as reports use it; a claim with several rules has several of them.
    pub id: &'static str,
    /// Who claims it.
    pub by: &'static str,
    /// The claim in a sentence, without a full stop.
    pub claim: &'static str,
    /// The number that is judged, one per run.
    pub measure: Measure,
    /// The score that the paper uses; the report judges by the other one, too, where there is one.
    pub metric: ClaimMetric,
    /// What the paper measured, with number and setting; empty where it has no number.
    pub published: &'static str,
    /// Why the number here may be another one, in a sentence; empty where nothing is to be said.
    pub differs: &'static str,
    at_least: f64,
    tried: Option<&'static Arm>,
    words: Option<&'static str>,
}

/// A fact about an arm's run.
pub type Number = (&'static Arm, Fact);

/// A cell of an arm's final matrix.
pub type Cell = (&'static Arm, Pair);

/// How the number that is judged comes from the runs of a seed and an order of classes. Where facts are fractions the number is in
/// points, hundredths of them.
#[derive(Clone, Copy, Debug)]
pub enum Measure {
    /// The score of `other` minus that of `base`, paired by query: comes with what other images and other classes might have said.
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
    /// `other` minus `one`, which must lie within `by` of 0.
    Near {
        /// What is compared with.
        one: Number,
        /// What is compared.
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
    /// `other`'s P1 minus `base`'s: the harmonic mean of what an upgrade keeps of the self-test, held against `ceiling`, and what it
    /// gains in the cross-test.
    P1 {
        /// The model trained for itself alone, which has had the same choice of settings.
        ceiling: &'static Arm,
        /// What is compared with.
        base: &'static Arm,
        /// What is compared.
        other: &'static Arm,
    },
    /// The number itself, which must lie within a range.
    Within {
        /// The number.
        number: Number,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Points by which the score of a cell stays below twice what a random ranking scores.
    BelowTwiceChance(Cell),
    /// The score of a cell over what a random ranking scores.
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
    /// A claim whose number must be at least 0, if its measure has no range, by mAP.
    pub const fn new(id: &'static str, by: &'static str, claim: &'static str, measure: Measure) -> Self {
        let (metric, published, differs) = (ClaimMetric::Map, "", "");
        Self { id, by, claim, measure, metric, published, differs, at_least: 0.0, tried: None, words: None }
    }

    /// The number must be at least this instead of 0.
    pub const fn at_least(mut self, bound: f64) -> Self {
        self.at_least = bound;
        self
    }

    /// The paper judges by CMC top-1 or what comes to the same.
    pub const fn by_top1(mut self) -> Self {
        self.metric = ClaimMetric::Top1;
        self
    }

    /// What the paper measured, with number and setting.
    pub const fn published(mut self, number: &'static str) -> Self {
        self.published = number;
        self
    }

    /// Why the number here may be another one.
    pub const fn differs(mut self, why: &'static str) -> Self {
        self.differs = why;
        self
    }

    /// What the number must be.
    pub const fn bound(&self) -> Bound {
        match self.measure {
            Measure::Near { by, .. } => Bound::Within([-by, by]),
            Measure::Within { low, high, .. } => Bound::Within([low, high]),
            _ => Bound::AtLeast(self.at_least),
        }
    }

    /// The scores by which the number differs, that of the paper first; none where there is but one.
    pub fn metrics(&self) -> Vec<ClaimMetric> {
        if !self.measure.is_scored() {
            return Vec::new();
        }
        let others = ClaimMetric::ALL.into_iter().filter(|&metric| metric != self.metric);
        std::iter::once(self.metric).chain(others).collect()
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
        self.words.map_or_else(|| words::of(&self.measure, self.metric), str::to_owned)
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
            Self::P1 { ceiling, base, other } => vec![ceiling, base, other],
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

    /// Whether the number is a yes or a no of each run, or a share of a few of them.
    pub fn is_yes_or_no(&self) -> bool {
        let is_itself = matches!(self, Self::Value(_) | Self::Share(_));
        is_itself && self.facts().into_iter().all(Fact::is_yes_or_no)
    }

    /// Whether the number is another one by another score.
    fn is_scored(&self) -> bool {
        self.facts().into_iter().any(Fact::is_scored)
    }

    /// Every fact that it names.
    pub(super) fn facts(&self) -> Vec<Fact> {
        match self {
            Self::Paired { base, other } => vec![Fact::Score(base.1), Fact::Score(other.1)],
            Self::Value((_, fact)) | Self::Share((_, fact)) => vec![*fact],
            Self::AtMost { number: (_, fact), .. } | Self::Within { number: (_, fact), .. } => vec![*fact],
            Self::Difference { base, other } | Self::Near { one: base, other, .. } => vec![base.1, other.1],
            Self::P1 { .. } => [OLD_OLD, NEW_OLD, NEW_NEW].map(Fact::Score).to_vec(),
            Self::BelowTwiceChance((_, pair)) | Self::OverChance((_, pair)) => vec![Fact::Score(*pair)],
            Self::Rises { fact, .. } | Self::Falls { fact, .. } => vec![*fact],
            Self::AboveBoth { number, others: [first, second] }
            | Self::BelowBoth { number, others: [first, second] } => vec![number.1, first.1, second.1],
            Self::Apart { lowest, highest } => lowest.iter().chain(highest.iter()).map(|(_, fact)| *fact).collect(),
        }
    }

    /// The cells that it compares query by query.
    pub fn pairs(&self) -> Vec<Cell> {
        match *self {
            Self::Paired { base, other } => vec![base, other],
            _ => Vec::new(),
        }
    }
}
