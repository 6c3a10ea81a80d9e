//! Published claims as the claims report judged them.

use serde::{Deserialize, Serialize};

/// The whole report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimsReport {
    /// The command that made it.
    pub command: String,
    /// Where it was made.
    pub machine: String,
    /// Whether hardly anything was trained, so that the findings say nothing.
    pub quick: bool,
    /// Seeds 1 to this one.
    pub seeds: u32,
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
    /// The number that is judged, in words.
    pub rule: String,
    /// The number must be at least this.
    pub at_least: f64,
    /// The number, seed by seed.
    pub values: Vec<f64>,
    /// Their mean; `None` where nothing was measured.
    pub mean: Option<f64>,
    /// Their sample standard deviation; `None` with fewer than two.
    pub deviation: Option<f64>,
    /// 95 % bootstrap interval over the queries of all seeds, for differences that pair by query.
    pub over_queries: Option<[f64; 2]>,
    /// Seconds of training all models that the rule looks at, mean over seeds.
    pub seconds: f64,
    /// What was found.
    pub finding: Finding,
    /// The scenario that it was found with, as the page's address writes it.
    pub link: String,
}

/// What a rule finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The rule is met, and not by less than the spread over seeds.
    Holds,
    /// The rule is not met, and not by less than the spread over seeds.
    Fails,
    /// The spread over seeds reaches over the bound.
    WithinNoise,
    /// The number does not exist.
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
