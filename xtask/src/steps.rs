//! The steps of a command that takes long: which of how many, what it waits for, how long that took before.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::paths;

/// Where it is kept how long steps took, in the cache.
const FILE: &str = "times.json";
/// What is over sooner had nothing to do: it tells nothing of how long the step takes.
const SHORTEST: Duration = Duration::from_secs(2);

/// Seconds that a step took the last time, and at most.
type Took = [u64; 2];

/// The steps of a command.
pub struct Steps {
    command: &'static str,
    of: usize,
    at: usize,
    kept: Option<PathBuf>,
}

impl Steps {
    /// A command of so many steps.
    pub fn new(command: &'static str, of: usize) -> Self {
        Self { command, of, at: 0, kept: paths::cache().ok().map(|cache| cache.join(FILE)) }
    }

    /// Takes the next step, and says before what it waits for and afterwards how long it took.
    pub fn step<T>(&mut self, waits_for: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.at += 1;
        let took = self.kept.as_deref().map(read).and_then(|times| times.get(waits_for).copied());
        eprintln!("{}: step {} of {}: {waits_for}{}", self.command, self.at, self.of, before(took));
        let start = Instant::now();
        let done = work()?;
        let taken = start.elapsed();
        if taken >= SHORTEST {
            eprintln!("{}: step {} of {} took {}", self.command, self.at, self.of, clock(taken.as_secs()));
            if let Some(kept) = &self.kept {
                note(kept, waits_for, taken.as_secs());
            }
        }
        Ok(done)
    }
}

/// All that is known of how long steps took, for a reader: what was waited for, and how long.
pub fn known(cache: &Path) -> impl Iterator<Item = (String, String)> {
    read(&cache.join(FILE)).into_iter().map(|(waits_for, took)| (waits_for, words(took)))
}

/// Minutes and seconds.
pub fn clock(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn before(took: Option<Took>) -> String {
    took.map(|took| format!(" ({})", words(took))).unwrap_or_default()
}

fn words([last, most]: Took) -> String {
    let most = if most > last { format!(", {} at most so far", clock(most)) } else { String::new() };
    format!("{} last time{most}", clock(last))
}

/// Nothing where nothing was kept, or nothing that this version can read: it is only told.
fn read(file: &Path) -> BTreeMap<String, Took> {
    fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

/// Keeps how long a step took. Where it cannot be kept nothing is lost but that.
fn note(file: &Path, waits_for: &str, seconds: u64) {
    // Read again, since another command may have noted something in the meantime.
    let mut times = read(file);
    let most = times.get(waits_for).map_or(seconds, |[_, most]| seconds.max(*most));
    times.insert(waits_for.to_owned(), [seconds, most]);
    let aside = file.with_extension(format!("json.{}", std::process::id()));
    if let Ok(text) = serde_json::to_vec_pretty(&times)
        && fs::write(&aside, text).is_ok()
    {
        fs::rename(aside, file).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_step_took_is_told_before_the_next_time() {
        let folder = std::env::temp_dir().join(format!("upgrade-lab-steps-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(FILE);
        assert_eq!(before(read(&file).get("Trunk").copied()), "");
        note(&file, "Trunk", 251);
        note(&file, "another", 3);
        assert_eq!(before(read(&file).get("Trunk").copied()), " (4:11 last time)");
        note(&file, "Trunk", 9);
        assert_eq!(before(read(&file).get("Trunk").copied()), " (0:09 last time, 4:11 at most so far)");
        assert_eq!(known(&folder).count(), 2);
        fs::write(&file, "of another version").unwrap();
        assert!(read(&file).is_empty());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_step_that_fails_is_not_counted_as_one_that_took_so_long() {
        let mut steps = Steps { command: "test", of: 2, at: 0, kept: None };
        assert!(steps.step("nothing", || -> Result<()> { anyhow::bail!("no such luck") }).is_err());
        assert_eq!(steps.step("something", || Ok(3)).unwrap(), 3);
        assert_eq!(steps.at, 2);
    }
}
