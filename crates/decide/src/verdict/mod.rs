//! What follows from a study: one decision, why, and what would change it.
//!
//! [`verdict`] asks rules in their order, and the first that applies decides. A difference within its interval is never a win, and
//! where nothing says what is relevant no option is called better than another.
//!
//! | rule | decision |
//! | --- | --- |
//! | both models' vectors are the same, and all results too | nothing changed |
//! | no query finds anything with either model | cannot tell |
//! | two tasks clearly say the opposite | depends on the task |
//! | new queries over the old index are as good as a full re-index | works as it is |
//! | old and new differ by less than the margin | stay: equal |
//! | nothing says what is relevant | cannot tell |
//! | two metrics clearly say the opposite | depends on the task |
//! | the new model is clearly worse | stay: do not upgrade |
//! | the difference is within its interval | cannot tell, about N more judged queries |
//! | a bridge surely keeps 90 % of the gain, or is as good as a full re-index | bridge, the cheapest |
//! | a cascade surely keeps 80 % and embeds less than half of the documents on the way | cascade, the smallest |
//! | else | re-index |

mod beside;
mod facts;
mod gain;
mod phrases;
mod rules;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::options::{Choice, Settings};
use crate::study::Study;

use facts::Facts;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The vectors are the same.
    NothingChanged,
    /// New queries may search the old index without more ado.
    WorksAsItIs,
    /// Keep the old model: the new one is worse, or no better.
    Stay,
    /// Keep the old index and map between the spaces.
    Bridge,
    /// Keep the old index for candidates and let the new model score these again.
    Cascade,
    /// Embed all documents with the new model.
    Reindex,
    /// One metric says yes and another no.
    DependsOnTask,
    /// There is too little to decide on.
    CannotTell,
}

impl Decision {
    /// All decisions.
    pub const ALL: [Self; 8] = [
        Self::NothingChanged,
        Self::WorksAsItIs,
        Self::Stay,
        Self::Bridge,
        Self::Cascade,
        Self::Reindex,
        Self::DependsOnTask,
        Self::CannotTell,
    ];

    /// As titles have it: "re-index".
    pub fn name(self) -> &'static str {
        match self {
            Self::NothingChanged => "nothing changed",
            Self::WorksAsItIs => "works as it is",
            Self::Stay => "stay",
            Self::Bridge => "a bridge",
            Self::Cascade => "a cascade",
            Self::Reindex => "re-index",
            Self::DependsOnTask => "depends on the task",
            Self::CannotTell => "cannot tell yet",
        }
    }
}

/// A decision in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What to do.
    pub decision: Decision,
    /// It in one sentence with the numbers that decide.
    pub headline: String,
    /// Why, in whole sentences, the margin first that makes it so.
    pub because: Vec<String>,
    /// What would make it another, in whole sentences.
    pub would_change: Vec<String>,
    /// Why it is not final, where it is not: no queries, no judgements, vectors that do not seem to belong together.
    pub provisional: Option<String>,
    /// The bridge that it advises, if it advises one. Among those that keep enough of the gain it is the cheapest, and so need not be that of
    /// [`Study::best_bridge`].
    pub bridge: Option<Choice>,
}

/// What follows from a study. It reads from `settings` only the margin below which a difference is called equal; a margin that is no
/// number, or below 0, counts as 0.01.
///
/// Numbers of the study that are not finite, and intervals that are turned round, count as missing.
pub fn verdict(study: &Study, settings: &Settings) -> Verdict {
    let facts = Facts::new(study, settings.margin);
    let found = rules::RULES.iter().find_map(|rule| rule(&facts));
    let mut verdict = found.unwrap_or_else(|| rules::unmeasured(&facts));
    let beside = beside::because(&facts, verdict.decision);
    verdict.because.extend(beside);
    let more = beside::would_change(&facts, verdict.decision);
    verdict.would_change.extend(more);
    verdict.provisional = beside::provisional(&facts).filter(|_| verdict.decision != Decision::NothingChanged);
    verdict
}
