//! The browser tests: each file is a program of its own, of which some run side by side.
//!
//! Node's own runner would do so, too, but reads what its files say in a way of its own and waits for ever where a message arrives in two
//! pieces at the wrong place; and a file that hangs would hold it up without a name.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use wait_timeout::ChildExt;

use super::tally::{Runner, Tally};

/// What the files are named.
const ENDING: &str = ".test.mjs";

/// How long a file may take. The longest takes two minutes.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// The files of tests in a folder, by name.
///
/// # Errors
/// When the folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<String>> {
    let listed = || format!("cannot list {}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(listed)? {
        let name = entry.with_context(listed)?.file_name().to_string_lossy().into_owned();
        if name.ends_with(ENDING) {
            files.push(name);
        }
    }
    files.sort();
    Ok(files)
}

/// Runs files, so many at once, each as what `program` makes of its name; passes on what they say, file by file, and counts their tests.
///
/// # Errors
/// Names the files that failed.
pub fn run(
    files: &[String],
    at_once: usize,
    program: impl Fn(&str) -> Command + Sync,
    tally: &mut Tally,
) -> Result<()> {
    let queue = Mutex::new(files.iter());
    let told = Mutex::new((tally, Vec::new()));
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(file) = next else { return };
                    let start = Instant::now();
                    let (said, done) = run_file(program(file), LONGEST);
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    let (tally, failed) = &mut *told;
                    println!("-- {file} ({} s)\n{said}", start.elapsed().as_secs());
                    said.lines().for_each(|line| **tally += Runner::Node.tally(line));
                    if let Err(error) = done {
                        println!("{file}: {error:#}");
                        failed.push(file.as_str());
                    }
                }
            });
        }
    });
    let (_, failed) = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// What a program says on either stream, and how it ended.
fn run_file(mut program: Command, longest: Duration) -> (String, Result<()>) {
    let mut said = Vec::new();
    let done = said_and_done(&mut program, longest, &mut said);
    (String::from_utf8_lossy(&said).into_owned(), done)
}

fn said_and_done(program: &mut Command, longest: Duration, said: &mut Vec<u8>) -> Result<()> {
    let (mut reader, writer) = std::io::pipe()?;
    program.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = program.spawn().context("it could not be started")?;
    // The command holds our ends of the pipe; without letting go of them there would be no end to read to.
    program.stdout(Stdio::null()).stderr(Stdio::null());
    let status = thread::scope(|scope| {
        let ended = scope.spawn(|| ended(&mut child, longest));
        reader.read_to_end(said)?;
        ended.join().unwrap_or_else(|_| bail!("what waits for it died"))
    })?;
    if !status {
        bail!("it did not end in {} s, and was ended", longest.as_secs());
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("it failed ({status})");
    }
    Ok(())
}

/// Whether a program ended by itself; else it is ended. Its browser ends with it.
fn ended(child: &mut Child, longest: Duration) -> Result<bool> {
    let ended = child.wait_timeout(longest)?.is_some();
    if !ended {
        child.kill()?;
    }
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::command;

    fn script(text: &str) -> Command {
        let mut sh = command("sh");
        sh.args(["-c", text]);
        sh
    }

    #[test]
    fn files_are_run_whatever_became_of_others_and_all_are_counted() {
        let files: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let program = |file: &str| match file {
            "b" => script("echo '# pass 1'; echo '# fail 2' >&2; exit 1"),
            _ => script("echo '# pass 3'"),
        };
        let mut tally = Tally::default();
        let error = run(&files, 2, program, &mut tally).unwrap_err();
        assert_eq!(error.to_string(), "failed: b");
        assert_eq!(tally, Tally { passed: 7, failed: 2 });
    }

    #[test]
    fn a_file_that_hangs_is_ended_and_said_so() {
        let (said, done) = run_file(script("echo begun; exec sleep 60"), Duration::from_millis(200));
        assert_eq!(said, "begun\n");
        assert!(done.unwrap_err().to_string().contains("did not end"));
    }

    #[test]
    fn only_tests_are_files_of_tests() {
        let folder = std::env::temp_dir().join(format!("upgrade-lab-pages-{}", std::process::id()));
        fs::create_dir_all(folder.join("support")).unwrap();
        for name in ["b.test.mjs", "a.test.mjs", "screenshots.mjs", "package.json"] {
            fs::write(folder.join(name), "").unwrap();
        }
        assert_eq!(files(&folder).unwrap(), ["a.test.mjs", "b.test.mjs"]);
        fs::remove_dir_all(folder).unwrap();
    }
}
