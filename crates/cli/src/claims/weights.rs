//! The models of a run with what it found, for a reader who computes the numbers anew without this program: `docs/recompute.py`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use protocol::Scenario;
use serde::Serialize;

use super::execute::{Job, Outcome};
use crate::run;

/// What lies beside the weights of a run.
#[derive(Serialize)]
struct Found<'a> {
    /// Name of the arm.
    arm: &'a str,
    /// Order of the classes; 0 is as they come.
    order: u32,
    /// Seed.
    seed: u64,
    /// What was run, settled.
    scenario: &'a Scenario,
    /// Names of the classes in the order of the run.
    class_names: &'a [String],
    /// What it found.
    numbers: &'a BTreeMap<String, f64>,
}

/// Writes the models of a run that just ended, and what it found, into a folder of its own below `folder`. A model of which there are
/// no weights is left out, and why is said on the terminal.
pub fn write(folder: &Path, job: &Job, name: &str, outcome: &Outcome) -> anyhow::Result<()> {
    let Outcome { log, runner, facts, .. } = outcome;
    let folder = folder.join(format!("{}-{}-{}", file_name(name), job.order, job.seed));
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for model in runner.models() {
        match pollster::block_on(runner.export(model)) {
            Ok((card, file)) => run::write(&folder.join(format!("{}.safetensors", card.file_stem())), &file.0)?,
            Err(error) => eprintln!("claims: no weights of {model} in {}: {error}", folder.display()),
        }
    }
    let found = Found {
        arm: name,
        order: job.order,
        seed: job.seed,
        scenario: runner.scenario(),
        class_names: &log.class_names,
        numbers: &facts.numbers,
    };
    run::write(&folder.join("run.json"), serde_json::to_string_pretty(&found)?.as_bytes())
}

/// The small letters and digits of a name, with a hyphen for whatever lies between them.
fn file_name(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_lowercase() && !letter.is_ascii_digit());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_arm_has_a_folder_of_its_own() {
        assert_eq!(file_name("half identified, α 10 and λ 1"), "half-identified-10-and-1");
        let arms = lab::claims::arms();
        let folders: BTreeSet<String> = arms.iter().map(|arm| file_name(arm.name)).collect();
        assert_eq!(folders.len(), arms.len());
    }
}
