//! What is left behind: reports, lists of broken queries, and the best bridge of each direction in every form.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::Context as _;
use decide::leave::{self, Leaving};
use decide::maps::Direction;
use decide::options::Choice;
use decide::report::{self, Ranks};
use decide::study::{Kept, Study};
use decide::verdict::Verdict;
use decide::{Case, DecideError};

use crate::run::write as file;

/// Longest part of a file's name that stands for an option.
const LONGEST: usize = 60;

/// Writes everything into `out`; gives the sentences on what could not be written in some form.
pub fn all(out: &Path, case: &Case, study: &Study, kept: &Kept, verdict: &Verdict) -> anyhow::Result<Vec<String>> {
    make(out)?;
    file(&out.join("report.json"), report::json(study, verdict, case)?.as_bytes())?;
    file(&out.join("report.md"), report::markdown(study, verdict, case).as_bytes())?;
    file(&out.join("report.html"), report::html(study, verdict, case).as_bytes())?;
    let stay = kept.ranking(&Choice::Stay);
    for row in study.rows.iter().filter(|row| !row.newly_broken.is_empty()) {
        let ranks =
            stay.zip(kept.ranking(&row.choice)).map(|(before, after)| Ranks { asked: &kept.asked, before, after });
        let text = report::broken_csv(study, case, &row.choice, ranks);
        file(&out.join(format!("broken-{}.csv", slug(&row.name))), text.as_bytes())?;
    }
    bridges(out, study, kept)
}

/// The best bridge of each direction, each in a folder of its own.
fn bridges(out: &Path, study: &Study, kept: &Kept) -> anyhow::Result<Vec<String>> {
    let mut said = Vec::new();
    for (direction, folder, from, to) in [
        (Direction::Queries, "queries", &study.new, &study.old),
        (Direction::Gallery, "gallery", &study.old, &study.new),
    ] {
        let best = study.best_bridge_of(direction);
        let Some(map) = best.and_then(|row| kept.map(&row.choice)) else { continue };
        let leaving = Leaving { map, direction, from, to };
        let folder = out.join("bridge").join(folder);
        make(&folder)?;
        let mut files = Vec::new();
        let mut take = |form: &str, made: Result<Vec<(String, Vec<u8>)>, DecideError>| match made {
            Ok(made) => files.extend(made),
            Err(why) => said.push(format!("{}: no {form}, as {why}.", folder.display())),
        };
        take(
            "SafeTensors",
            leave::safetensors(&leaving).map(|bytes| vec![(leave::SAFETENSORS_FILE.to_owned(), bytes)]),
        );
        take("ONNX", leave::onnx(&leaving).map(|bytes| vec![(leave::ONNX_FILE.to_owned(), bytes)]));
        take("NumPy arrays", leave::npy(&leaving));
        let snippets = leave::snippets(&leaving);
        files.extend(snippets.into_iter().map(|snippet| (snippet.file, snippet.text.into_bytes())));
        for (name, bytes) in files {
            file(&folder.join(name), &bytes)?;
        }
    }
    Ok(said)
}

fn make(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// The name of an option as part of a file's: letters and digits, with `-` between words.
fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").chars().take(LONGEST).collect()
}

/// Prints `text`. A reader that has had enough is the end, and no fault.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(fault) if fault.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done.context("cannot write to the standard output"),
    }
}

/// Says something on the standard error, if that can be.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_options_become_names_of_files() {
        assert_eq!(slug("Bridge of queries: scaled Procrustes"), "bridge-of-queries-scaled-procrustes");
        assert_eq!(slug("Half-migrated: 25 % re-embedded"), "half-migrated-25-re-embedded");
        assert_eq!(slug(&"a ".repeat(100)).len(), LONGEST);
    }
}
