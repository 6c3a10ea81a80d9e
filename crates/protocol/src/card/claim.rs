//! Published claims as the claims report judged them.

use serde::{Deserialize, Serialize};

use crate::Rates;

/// The whole report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimsReport {
    /// The command that made it.
    pub command: String,
    /// Where it was made.
    pub machine: String,
    /// Whether hardly anything was trained, so that the findings say nothing.
    pub quick: bool,
    /// Seconds of all runs together, each by the clock while it ran.
    pub seconds: f64,
    /// The claims.
    pub rows: Vec<JudgedClaim>,
}

/// One claim with its rule and what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JudgedClaim {
    /// Short name, unique in the report.
    pub id: String,
    /// Id of the method whose card it belongs to; empty for what concerns the lab itself.
    pub method: String,
    /// The claim in a sentence.
    pub claim: String,
    /// Who claims it.
    pub paper: String,
    /// The data that it was sought on, as a person reads it.
    pub on: String,
    /// The score that it was judged by, the one that its paper uses; `None` where the number is none of retrieval.
    pub metric: Option<ClaimMetric>,
    /// The number that is judged, in words.
    pub rule: String,
    /// What the number must be.
    pub bound: Bound,
    /// Runs that it was measured in: seeds times orders of the classes.
    pub runs: u32,
    /// Mean over runs; `None` where nothing was measured.
    pub mean: Option<f64>,
    /// 95 % interval of the mean over runs; `None` with fewer than two, or where nothing varies.
    pub interval: Option<[f64; 2]>,
    /// What was found.
    pub finding: Finding,
    /// The scenario that it was found with, as the page's address writes it.
    pub link: String,
}

/// A score of retrieval that claims are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimMetric {
    /// Mean average precision over the full ranking.
    Map,
    /// CMC top-1: queries whose best item is of their class.
    Top1,
}

impl ClaimMetric {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Map, Self::Top1];

    /// What a person reads.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Map => "mAP",
            Self::Top1 => "top-1",
        }
    }

    /// It among all scores of a cell.
    pub fn of(self, rates: &Rates) -> f64 {
        match self {
            Self::Map => rates.map,
            Self::Top1 => rates.cmc1,
        }
    }
}

/// What the number of a rule must be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// No less than this.
    AtLeast(f64),
    /// Within these ends.
    Within([f64; 2]),
}

impl Bound {
    /// Whether a number is what it must be.
    pub fn is_met(self, number: f64) -> bool {
        match self {
            Self::AtLeast(least) => number >= least,
            Self::Within([low, high]) => (low..=high).contains(&number),
        }
    }

    /// Whether an interval lies on one side of it, be it met there or not.
    pub fn is_clear(self, [low, high]: [f64; 2]) -> bool {
        match self {
            Self::AtLeast(least) => low >= least || high < least,
            Self::Within([lowest, highest]) => (lowest <= low && high <= highest) || high < lowest || highest < low,
        }
    }

    /// What a person reads behind the number that is judged.
    pub fn in_words(self) -> String {
        let number = |value: f64| format!("{value}").replace('-', "\u{2212}");
        match self {
            Self::AtLeast(least) => format!("\u{2265} {}", number(least)),
            Self::Within([low, high]) => format!("within {} and {}", number(low), number(high)),
        }
    }
}

/// What a rule finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The rule is met, and not by less than the spread over runs.
    Holds,
    /// The rule is not met, and not by less than the spread over runs.
    Fails,
    /// The spread over runs reaches over the bound.
    WithinNoise,
    /// It cannot be sought here.
    NotMeasured,
}

impl Finding {
    /// What a person reads.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "does not hold",
            Self::WithinNoise => "within noise",
            Self::NotMeasured => "not measured",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_by_hand() {
        let within = Bound::Within([-1.0, 1.0]);
        let met = [0.0, -1.0, 1.5].map(|number| (Bound::AtLeast(-0.5).is_met(number), within.is_met(number)));
        assert_eq!(met, [(true, true), (false, true), (true, false)]);
        assert!(!Bound::AtLeast(0.0).is_met(f64::NAN) && !within.is_met(f64::NAN));
        let clear = |bound: Bound| [[-3.0, -2.0], [-3.0, 0.0], [-1.0, 1.0], [1.5, 2.0]].map(|it| bound.is_clear(it));
        assert_eq!(clear(Bound::AtLeast(-0.5)), [true, false, false, true]);
        assert_eq!(clear(within), [true, false, true, true]);
        let words = [Bound::AtLeast(-0.5), within].map(Bound::in_words);
        assert_eq!(words, ["\u{2265} \u{2212}0.5", "within \u{2212}1 and 1"]);
    }
}
