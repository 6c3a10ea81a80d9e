//! Finished runs that are kept, so that they can be opened, run again and compared.
//!
//! [`Comparison`] sets chosen ones side by side, [`TradeOff`] puts them into a plane, `scatter` draws it.

mod compare;
#[cfg(feature = "page")]
pub mod scatter;
#[cfg(test)]
pub(super) mod tests;
mod trade_off;
mod written;

use protocol::{Catalogue, LeftOut, RunLog, RunState, Scenario, Verdict, from_link, to_link};
use serde::{Deserialize, Serialize};

use crate::view::chrome::named;
use crate::view::draw::format;
use crate::view::instruments::verdict::Tone;
pub use compare::{Band, Comparison, Group, Line, Score};
pub use trade_off::{Axis, Point, TradeOff};
pub use written::Later;
use written::{Head, Written};

/// Unpinned runs that are kept: more than a sweep makes, so that it pushes none of its own out.
pub const KEPT: usize = 60;
/// The newest runs, whose events are kept too.
pub const WITH_EVENTS: usize = 8;
/// Most letters of a name.
const NAME: usize = 60;

/// What is kept of a finished run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct RunRecord {
    /// Tells it from others and puts them in order: later ones have larger ones.
    pub id: u64,
    /// What the reader calls it.
    pub name: String,
    /// Whether it stays until it is removed.
    pub pinned: bool,
    /// When it was finished, in milliseconds since 1970.
    pub when: f64,
    /// The scenario as the address writes it.
    pub link: String,
    /// What ran it.
    pub engine: String,
    /// Seconds of work.
    pub seconds: f64,
    /// Its final numbers: what its facts fold into.
    pub log: RunLog,
    /// Those of its facts that this version does not know.
    pub later: Later,
}

impl RunRecord {
    /// What is kept of the run in `log`, finished `when`; `None` if it is not finished or cannot be written into a link.
    pub fn of(log: &RunLog, catalogue: &Catalogue, when: f64) -> Option<Self> {
        let scenario = log.scenario.as_ref().filter(|_| log.state == RunState::Finished)?;
        Some(Self {
            id: when.max(0.0) as u64,
            name: named::methods_and_seed(scenario, catalogue),
            pinned: false,
            when,
            link: to_link(scenario, catalogue).ok()?,
            engine: log.engine.as_ref().map(|engine| engine.name.clone()).unwrap_or_default(),
            seconds: log.seconds?,
            log: RunLog::of(&log.facts()),
            later: Later::default(),
        })
    }

    /// What was run; `None` if this version cannot read it.
    pub fn scenario(&self, catalogue: &Catalogue) -> Option<Scenario> {
        from_link(&self.link, catalogue).ok().map(|(scenario, _)| scenario)
    }

    /// The judgement on the last upgrade.
    pub fn last(&self) -> Option<&Verdict> {
        self.log.verdicts.last()
    }
}

/// The kept runs, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runs(Vec<RunRecord>);

impl Runs {
    /// Takes a run in, under a larger id where its own is taken by another; gives its id.
    pub fn add(&mut self, mut record: RunRecord) -> u64 {
        while self.get(record.id).is_some() {
            record.id += 1;
        }
        let id = record.id;
        let place = self.0.partition_point(|it| it.id > id);
        self.0.insert(place, record);
        id
    }

    /// Takes in what storage holds, as JSON texts, beside what is there; says what else is among them.
    pub fn restore(&mut self, texts: &[String]) -> Restored {
        let (mut restored, mut foreign) = (Restored::default(), Vec::new());
        for text in texts {
            if let Ok(record) = serde_json::from_str::<RunRecord>(text) {
                restored.left_out.add(record.later.left_out());
                if self.get(record.id).is_none() {
                    self.add(record);
                }
            } else if let Ok(head) = serde_json::from_str::<Head>(text) {
                foreign.push(head);
            } else {
                restored.damaged += 1;
            }
        }
        // As long as they would if they were among the others.
        let stays = |head: &Head| head.pinned || self.is_among(head.id, KEPT);
        restored.foreign = foreign.into_iter().filter(stays).map(|head| head.id).collect();
        restored
    }

    /// Drops the oldest unpinned runs that are too many; gives their ids.
    pub fn trim(&mut self) -> Vec<u64> {
        let unpinned = self.0.iter().filter(|record| !record.pinned);
        let dropped: Vec<u64> = unpinned.skip(KEPT).map(|record| record.id).collect();
        self.0.retain(|record| !dropped.contains(&record.id));
        dropped
    }

    /// The run with this id.
    pub fn get(&self, id: u64) -> Option<&RunRecord> {
        self.0.iter().find(|record| record.id == id)
    }

    /// All of them, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &RunRecord> {
        self.0.iter()
    }

    /// Ids of all of them, newest first.
    pub fn ids(&self) -> Vec<u64> {
        self.0.iter().map(|record| record.id).collect()
    }

    /// Whether the events of this run are kept.
    pub fn has_events(&self, id: u64) -> bool {
        self.get(id).is_some() && self.is_new(id)
    }

    /// Whether a run of this id is new enough for its events to be kept, listed or not.
    pub fn is_new(&self, id: u64) -> bool {
        self.is_among(id, WITH_EVENTS)
    }

    /// Whether fewer than so many runs are newer.
    fn is_among(&self, id: u64, newest: usize) -> bool {
        self.0.iter().take_while(|record| record.id > id).count() < newest
    }

    /// Gives a run another name, shortened where it is too long; an empty one leaves the name as it was.
    pub fn rename(&mut self, id: u64, name: &str) {
        let name: String = name.trim().chars().take(NAME).collect();
        if !name.is_empty() {
            self.change(id, |record| record.name = name);
        }
    }

    /// Pins a run, or lets it go.
    pub fn pin(&mut self, id: u64) {
        self.change(id, |record| record.pinned = !record.pinned);
    }

    /// Removes a run.
    pub fn remove(&mut self, id: u64) {
        self.0.retain(|record| record.id != id);
    }

    fn change(&mut self, id: u64, change: impl FnOnce(&mut RunRecord)) {
        if let Some(record) = self.0.iter_mut().find(|record| record.id == id) {
            change(record);
        }
    }
}

/// What storage holds beside the runs that can be listed.
#[derive(Debug, Default, PartialEq)]
pub struct Restored {
    /// Ids of records in a form that this version cannot read. Another may, so they stay where they are.
    pub foreign: Vec<u64>,
    /// How many texts are no records at all.
    pub damaged: usize,
    /// Facts of records that only a later version knows.
    pub left_out: LeftOut,
}

impl Restored {
    /// What a reader must know of it, in sentences.
    pub fn in_words(&self) -> Vec<String> {
        let (foreign, damaged) = (self.foreign.len(), self.damaged);
        let stay = |count: usize| {
            format!(
                "This version cannot read {count} of the kept runs: unlisted, they stay in this browser for one that can."
            )
        };
        let dropped = |count: usize| format!("No version can read {count} of the kept runs; they were dropped.");
        let told = [
            (foreign > 0).then(|| stay(foreign)),
            (damaged > 0).then(|| dropped(damaged)),
            self.left_out.in_words().map(|left_out| format!("Kept runs: {left_out}")),
        ];
        told.into_iter().flatten().collect()
    }
}

/// What the list shows of a run and what does not change.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which run.
    pub id: u64,
    /// Names of its methods.
    pub method: String,
    /// Its seed.
    pub seed: String,
    /// The judgement on the last upgrade, or on the whole chain.
    pub tone: Tone,
    /// The same in words.
    pub verdict: &'static str,
    /// mAP of the cross-test of the last upgrade, in points.
    pub cross: String,
    /// mAP of its self-test.
    pub own: String,
    /// Floats stored per item.
    pub stored: String,
    /// How long it took.
    pub seconds: String,
    /// What ran it.
    pub engine: String,
}

impl Row {
    /// The row of a run.
    pub fn of(record: &RunRecord, catalogue: &Catalogue) -> Self {
        let scenario = record.scenario(catalogue);
        let last = record.last();
        let passes = match &record.log.chain {
            Some(chain) => Some((chain.map.failed.is_empty(), chain.cmc1.failed.is_empty())),
            None => last.map(|verdict| (verdict.compatible_map, verdict.compatible_cmc1)),
        };
        let (tone, verdict) = match passes {
            Some((true, true)) => (Tone::Good, "compatible"),
            Some((false, false)) => (Tone::Bad, "not compatible"),
            Some((true, false)) => (Tone::Mixed, "compatible by mAP, not by top-1"),
            Some((false, true)) => (Tone::Mixed, "compatible by top-1, not by mAP"),
            None => (Tone::Waiting, "no verdict"),
        };
        let number = |read: fn(&Verdict) -> String| last.map_or_else(|| "\u{2013}".to_owned(), read);
        Self {
            id: record.id,
            method: scenario.as_ref().map(|scenario| named::methods(scenario, catalogue)).unwrap_or_default(),
            seed: scenario.map(|scenario| scenario.seed.to_string()).unwrap_or_default(),
            tone,
            verdict,
            cross: number(|verdict| format::points(verdict.new_old.map)),
            own: number(|verdict| format::points(verdict.new_new.map)),
            stored: number(|verdict| verdict.cost.stored.to_string()),
            seconds: format::short_seconds(record.seconds),
            engine: record.engine.clone(),
        }
    }
}
