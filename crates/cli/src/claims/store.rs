//! The facts of finished runs, a line each, and what was chosen: files of the repository, so that a report needs not run again what one
//! before it ran, and anyone can judge by other rules.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use anyhow::Context as _;
use lab::claims::{Chosen, Facts};
use protocol::Scenario;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::execute::{Job, Outcome};
use super::look::Looked;
use crate::machine::machine;
use crate::run;

/// What a run is: arm, order of the classes, seed.
pub type Key = (String, u32, u64);

/// The run of an arm with this order of classes and this seed.
pub fn key(arm: &str, order: u32, seed: u64) -> Key {
    (arm.to_owned(), order, seed)
}

/// A finished run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Name of the arm.
    pub arm: String,
    /// Order of the classes; 0 is as they come.
    pub order: u32,
    /// Seed.
    pub seed: u64,
    /// Digest of the whole scenario: a line of another scenario is not this run.
    pub scenario: String,
    /// The commit of the program that made it, with a `+` where files differed from it.
    pub made: String,
    /// The machine.
    pub machine: String,
    /// Seconds that it took by the clock, beside others.
    pub seconds: f64,
    /// Seconds of training all of its models, those included that it was lent by a run before it.
    pub trained: f64,
    /// What it found.
    pub facts: Facts,
}

impl Line {
    /// What is kept of a run that just ended.
    pub fn new(job: &Job, name: &str, outcome: &Outcome) -> anyhow::Result<Self> {
        let wanted = job.wanted.iter().find(|wanted| wanted.name == name);
        let scenario = &wanted.with_context(|| format!("nobody wanted {name}"))?.scenario;
        let tenths = |seconds: f64| (10.0 * seconds).round() / 10.0;
        Ok(Self {
            arm: name.to_owned(),
            order: job.order,
            seed: job.seed,
            scenario: digest(scenario),
            made: commit(),
            machine: machine(),
            seconds: tenths(outcome.seconds),
            trained: tenths(outcome.trained),
            facts: outcome.facts.clone(),
        })
    }

    fn key(&self) -> Key {
        key(&self.arm, self.order, self.seed)
    }
}

/// Digest of a scenario as it is written.
pub fn digest(scenario: &Scenario) -> String {
    // A scenario is numbers, texts and lists, which can all be written.
    let text = serde_json::to_vec(scenario).unwrap_or_default();
    Sha256::digest(text).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The commit that is checked out, as far as git tells.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=9", "HEAD"]) else { return "unknown".to_owned() };
    let sources = git(&["status", "--porcelain", "--", "crates", "Cargo.lock"]);
    format!("{commit}{}", if sources.is_some_and(|changed| !changed.is_empty()) { "+" } else { "" })
}

/// The folder of the facts: a file for each preset.
pub struct Store {
    folder: PathBuf,
    writing: Mutex<()>,
}

impl Store {
    /// The facts under `folder`, which is made if it is not there.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { folder: folder.to_owned(), writing: Mutex::new(()) })
    }

    /// The folder, for sentences.
    pub fn folder(&self) -> std::path::Display<'_> {
        self.folder.display()
    }

    /// Every run that is there, the last of those of one name. A line that cannot be read, as the end of one that was broken off, is no
    /// run.
    pub fn lines(&self) -> anyhow::Result<BTreeMap<Key, Line>> {
        let mut lines = BTreeMap::new();
        for path in self.files()? {
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let read = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
            lines.extend(read.map(|line| (line.key(), line)));
        }
        Ok(lines)
    }

    fn files(&self) -> anyhow::Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(&self.folder).with_context(|| format!("cannot read {}", self.folder()))?;
        let paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
        Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|it| it == "jsonl")).collect())
    }

    /// Keeps a run at once, whatever comes after it.
    pub fn write(&self, line: &Line) -> anyhow::Result<()> {
        let path = self.folder.join("runs.jsonl");
        let _writing = self.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // After half a line, which is what a report leaves that was killed as it wrote.
        let half = std::fs::read(&path).is_ok_and(|bytes| bytes.last().is_some_and(|&last| last != b'\n'));
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
        let start = if half { "\n" } else { "" };
        writeln!(file, "{start}{}", serde_json::to_string(line)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// What was chosen; nothing where nothing was.
    pub fn chosen(&self) -> anyhow::Result<Chosen> {
        let path = self.folder.join("chosen.json");
        if !path.exists() {
            return Ok(Chosen::default());
        }
        let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not what was chosen for methods", path.display()))
    }

    /// What presets score where they are set otherwise; nothing where nobody looked.
    pub fn looked(&self) -> anyhow::Result<Vec<Looked>> {
        let path = self.folder.join("looked.json");
        if !path.exists() {
            return Ok(Vec::new());
        }
        let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not what presets score", path.display()))
    }

    /// Keeps that.
    pub fn keep_looked(&self, looked: &[Looked]) -> anyhow::Result<()> {
        run::write(&self.folder.join("looked.json"), serde_json::to_string_pretty(looked)?.as_bytes())
    }

    /// Keeps what was chosen.
    pub fn choose(&self, chosen: &Chosen) -> anyhow::Result<()> {
        run::write(&self.folder.join("chosen.json"), serde_json::to_string_pretty(chosen)?.as_bytes())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn line(seed: u64, value: f64) -> Line {
        let mut facts = Facts::default();
        facts.numbers.insert("mAP v2/v1".to_owned(), value);
        Line {
            arm: "bct".to_owned(),
            order: 1,
            seed,
            scenario: digest(&Scenario::default()),
            made: "0".to_owned(),
            machine: String::new(),
            seconds: 1.0,
            trained: 2.0,
            facts,
        }
    }

    #[test]
    fn a_run_is_read_as_it_was_kept_and_half_a_line_is_none() {
        let folder = std::env::temp_dir().join(format!("upgrade-lab-facts-{}", std::process::id()));
        let store = Store::open(&folder).unwrap();
        store.write(&line(101, 50.0)).unwrap();
        let path = folder.join("runs.jsonl");
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str(text.clone().get(..40).unwrap());
        std::fs::write(&path, text).unwrap();
        store.write(&line(102, 51.0)).unwrap();
        store.write(&line(101, 52.0)).unwrap();
        let lines = store.lines().unwrap();
        let kept: Vec<&Line> = lines.values().collect();
        assert_eq!(kept, [&line(101, 52.0), &line(102, 51.0)], "the last one of a name counts");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn another_scenario_has_another_digest() {
        let other = Scenario { seed: 7, ..Scenario::default() };
        assert_eq!(digest(&Scenario::default()), digest(&Scenario::default()));
        assert_ne!(digest(&Scenario::default()), digest(&other));
    }
}
