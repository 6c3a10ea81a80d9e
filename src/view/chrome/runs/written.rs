//! A record of a kept run as the browser's database has it.

use protocol::{Cell, Chain, Event, LeftOut, Rates, RunLog, Verdict};
use serde::de::Error as _;
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::RunRecord;

/// A record in the browser's database.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Written {
    id: u64,
    name: String,
    pinned: bool,
    when: f64,
    link: String,
    engine: String,
    seconds: f64,
    #[serde(default)]
    facts: Facts,
    /// What earlier versions wrote in their place.
    #[serde(default, skip_serializing)]
    verdicts: Vec<Verdict>,
    #[serde(default, skip_serializing)]
    matrix: Vec<Cell>,
    #[serde(default, skip_serializing)]
    chain: Option<Chain>,
}

/// What every version writes of a record.
#[derive(Deserialize)]
pub(super) struct Head {
    /// As in the record.
    pub id: u64,
    /// As in the record.
    #[serde(default)]
    pub pinned: bool,
}

/// See [`RunLog::facts`]. Each is read by itself: one that this version does not know costs no other.
#[derive(Clone, Default)]
struct Facts {
    known: Vec<Event>,
    later: Later,
}

/// Facts of a run that only a later version knows. They stay in its record for that.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Later {
    facts: Vec<Value>,
    left_out: LeftOut,
}

impl Later {
    /// How many there are, by kind.
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { known, later } = self;
        let mut all = serializer.serialize_seq(Some(known.len() + later.facts.len()))?;
        known.iter().try_for_each(|fact| all.serialize_element(fact))?;
        later.facts.iter().try_for_each(|fact| all.serialize_element(fact))?;
        all.end()
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut facts = Self::default();
        for fact in Vec::<Value>::deserialize(deserializer)? {
            // As a text, so that the page has one reader of events and not two.
            match facts.later.left_out.read(&fact.to_string()).map_err(D::Error::custom)? {
                Some(event) => facts.known.push(event),
                None => facts.later.facts.push(fact),
            }
        }
        Ok(facts)
    }
}

impl From<Written> for RunRecord {
    fn from(written: Written) -> Self {
        let Written { id, name, pinned, when, link, engine, seconds, facts, verdicts, matrix, chain } = written;
        let Facts { known, later } = facts;
        let mut log = RunLog::of(&known);
        if !matrix.is_empty() {
            // They did not keep it, and what is kept is not read for it.
            log.chance = Some(Rates::default());
            log.matrix = matrix;
        }
        log.verdicts.extend(verdicts);
        log.chain = log.chain.or(chain);
        Self { id, name, pinned, when, link, engine, seconds, log, later }
    }
}

impl From<RunRecord> for Written {
    fn from(record: RunRecord) -> Self {
        let RunRecord { id, name, pinned, when, link, engine, seconds, log, later } = record;
        let (facts, verdicts, matrix, chain) = (Facts { known: log.facts(), later }, Vec::new(), Vec::new(), None);
        Self { id, name, pinned, when, link, engine, seconds, facts, verdicts, matrix, chain }
    }
}
