//! Everything that has to hold before a change is good, the fast things first.

mod pages;
mod report;
mod tally;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;

use crate::dist::Build;
use crate::lint::Leaves;
use crate::process::{run_behind, run_beside, shown};
use crate::setup::{FIREFOX, StdSource, TEST_TOOLS, TestTools, page_tools_beside, test_tools};
use crate::steps::Steps;
use crate::{dist, lint, paths, serve, versions};
use report::{Outcome, Row};
use tally::{Runner, Tally};

/// A part of the tests, in the order of running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Formatting and lints, native and wasm32
    Lint,
    /// Unit and integration tests
    Native,
    /// Examples in the documentation
    Doc,
    /// The release build of the page with all that computes on the CPU
    Build,
    /// The page in a browser without WebGPU
    BrowserCpu,
    /// The release build of the WebGPU engine
    BuildGpu,
    /// The page in a browser with WebGPU (a software adapter)
    BrowserGpu,
    /// The first run of a newcomer in Firefox
    Firefox,
}

/// What is tried in Firefox as well.
const IN_FIREFOX: &str = "newcomer.test.mjs";

impl Stage {
    /// Whether a run without a single test means that something is wrong.
    fn must_count(self) -> bool {
        self == Self::Native || self.needs_page()
    }

    /// Whether it looks at the page that was built.
    fn needs_page(self) -> bool {
        matches!(self, Self::BrowserCpu | Self::BrowserGpu | Self::Firefox)
    }

    /// What has to be built before.
    fn needs(self) -> &'static [Self] {
        match self {
            Self::BrowserCpu | Self::Firefox | Self::BuildGpu => &[Self::Build],
            Self::BrowserGpu => &[Self::Build, Self::BuildGpu],
            Self::Lint | Self::Native | Self::Doc | Self::Build => &[],
        }
    }
}

/// The build of the page. It runs behind the stages before those that look at it: a compiler at the end of its work keeps one processor
/// busy, and pages wait more than they compute.
enum Page {
    /// Nobody asked for it.
    NotWanted,
    /// It begins once `tools`, Trunk and wasm-bindgen, are there; with `gpu` the WebGPU engine follows.
    Due { tools: Option<JoinHandle<()>>, gpu: bool },
    /// It is built.
    Behind(Behind),
}

/// A build under way.
struct Behind {
    /// How the first part ended.
    first: Receiver<Result<()>>,
    /// Ends with the second part.
    second: JoinHandle<Result<()>>,
}

/// Where the page without the WebGPU engine lies while that is compiled.
const CPU_PAGE: &str = "target/page-cpu";

/// Runs the named stages, all of them when none is named. A failing stage does not keep the others from running, unless they need it.
///
/// # Errors
/// Names the stages that failed.
pub fn test(workspace: &Path, stages: &[Stage], source: StdSource) -> Result<()> {
    let wanted: Vec<Stage> =
        Stage::value_variants().iter().copied().filter(|stage| stages.is_empty() || stages.contains(stage)).collect();
    let mut steps = Steps::new("test", 1 + wanted.len());
    // First of all, since a missing program should not be found out after half an hour.
    let firefox = wanted.contains(&Stage::Firefox);
    let tools = steps.step(TEST_TOOLS, || test_tools(workspace, &paths::cache()?, firefox))?;
    let mut page = Page::NotWanted;
    if wanted.contains(&Stage::Build) {
        page = Page::Due { tools: page_tools_beside(workspace)?, gpu: wanted.contains(&Stage::BuildGpu) };
    }
    let mut leaves = Leaves::where_tests_follow(wanted.contains(&Stage::Lint) && wanted.contains(&Stage::Native));
    let mut rows: Vec<Row> = Vec::new();
    for &stage in &wanted {
        let name = stage.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        eprintln!("\n== {name}");
        let start = Instant::now();
        let is_there = |needed: &Stage| rows.iter().all(|row| row.stage != *needed || row.outcome == Outcome::Passed);
        let possible = stage.needs().iter().all(is_there);
        let mut tally = Tally::default();
        let done = steps.step(&format!("the tests of {name}"), || {
            ensure!(possible, "it needs a build that failed");
            run_stage(stage, workspace, &mut page, &tools, source, leaves, &mut tally)
        });
        let outcome = match done {
            Ok(()) if stage.must_count() && tally == Tally::default() => {
                eprintln!("{name}: there was no test to run");
                Outcome::Failed
            }
            Ok(()) => Outcome::Passed,
            Err(error) => {
                eprintln!("{name}: {error:#}");
                if possible { Outcome::Failed } else { Outcome::NotRun }
            }
        };
        if stage == Stage::Lint && outcome != Outcome::Passed {
            // What has something said of it is still to be tested.
            leaves = Leaves::Words;
        }
        rows.push(Row { stage, name, outcome, tally, took: start.elapsed() });
    }

    print!("{}", report::summary(&rows));
    let failed: Vec<&str> =
        rows.iter().filter(|row| row.outcome != Outcome::Passed).map(|row| row.name.as_str()).collect();
    if !failed.is_empty() {
        bail!("not passed: {}", failed.join(", "));
    }
    Ok(())
}

impl Page {
    /// Begins the build if it is due.
    fn begin(&mut self, workspace: &Path, source: StdSource) {
        if let Self::Due { tools, gpu } = self {
            *self = Self::Behind(Behind::begin(workspace, source, *gpu, tools.take()));
        }
    }
}

impl Behind {
    /// Begins once the tools are there. With `gpu` the second part follows the first, of which [`CPU_PAGE`] is then a copy: a page that
    /// becomes another one under its tests would tell them so.
    fn begin(workspace: &Path, source: StdSource, gpu: bool, tools: Option<JoinHandle<()>>) -> Self {
        let (tell, first) = mpsc::channel();
        let workspace = workspace.to_path_buf();
        let second = thread::spawn(move || {
            // Where they cannot be had, the build says so.
            let _ = tools.map(JoinHandle::join);
            let built = Build::first(&workspace, false, source, |trunk| run_beside(trunk)).and_then(|build| {
                let copy = workspace.join(CPU_PAGE);
                fs::remove_dir_all(&copy).ok();
                if gpu { dist::copy(&build.dist, &copy).map(|()| build) } else { Ok(build) }
            });
            let (said, build) = match built {
                Ok(build) => (Ok(()), Some(build)),
                Err(error) => (Err(error), None),
            };
            // Nobody listens any more where the stages were broken off.
            tell.send(said).ok();
            match build {
                Some(mut build) if gpu => build.second(|trunk| run_behind(trunk)),
                _ => Ok(()),
            }
        });
        Self { first, second }
    }
}

fn run_stage(
    stage: Stage,
    workspace: &Path,
    page: &mut Page,
    tools: &TestTools,
    source: StdSource,
    leaves: Leaves,
    tally: &mut Tally,
) -> Result<()> {
    let cargo = || {
        let mut cargo = tools.command("cargo");
        if leaves == Leaves::Tests {
            lint::linted(&mut cargo);
        }
        cargo.current_dir(workspace);
        cargo
    };
    if stage != Stage::Lint {
        page.begin(workspace, source);
    }
    match stage {
        // Until they are through for the browser, the build would wait for them: they compile in the same folders.
        Stage::Lint => lint::lint(workspace, source, leaves, || page.begin(workspace, source)),
        Stage::Build => match page {
            Page::Behind(behind) => behind.first.recv().unwrap_or_else(|_| bail!("what built the page died")),
            _ => bail!("nobody builds the page"),
        },
        Stage::BuildGpu => match std::mem::replace(page, Page::NotWanted) {
            Page::Behind(behind) => behind.second.join().unwrap_or_else(|_| bail!("what built the WebGPU engine died")),
            _ => dist::build(workspace, false, source).map(drop),
        },
        Stage::Native => {
            let (runner, verb, kinds) = native_tests(versions::of("cargo-nextest").is_some());
            count(runner, cargo().args(verb).args(lint::NATIVE).args(kinds).arg("--no-fail-fast"), tally)
        }
        Stage::Doc => count(Runner::Cargo, cargo().arg("test").args(lint::NATIVE).arg("--doc"), tally),
        Stage::BrowserCpu | Stage::BrowserGpu | Stage::Firefox => {
            let under_way =
                stage == Stage::BrowserCpu && matches!(page, Page::Behind(_)) && workspace.join(CPU_PAGE).is_dir();
            let served = if under_way { CPU_PAGE } else { "dist" };
            let server = serve::start(&workspace.join(served), 0)?;
            let folder = workspace.join("tests/e2e");
            let files = if stage == Stage::Firefox { vec![IN_FIREFOX.to_owned()] } else { pages::files(&folder)? };
            let firefox = if stage == Stage::Firefox { Some(FIREFOX.get()?) } else { None };
            // Of two processors a page that waits for its worker leaves one idle; the software adapter of WebGPU takes all of them.
            let processors = thread::available_parallelism().map_or(1, usize::from);
            let at_once = if stage == Stage::BrowserCpu { processors.saturating_sub(1).max(2) } else { 1 };
            let program = |file: &str| {
                let mut node = tools.command("node");
                node.args(["--test-reporter=spec", file]).current_dir(&folder);
                node.env("BASE_URL", &server.url).env("WEBGPU", if stage == Stage::BrowserGpu { "1" } else { "0" });
                if let Some(firefox) = &firefox {
                    FIREFOX.drive(&mut node, firefox);
                }
                node
            };
            pages::run(&files, at_once, program, tally)
        }
    }
}

/// What runs all tests but those of the documentation, the words that call it and those that say which tests.
fn native_tests(nextest: bool) -> (Runner, &'static [&'static str], &'static [&'static str]) {
    // nextest runs the tests of all packages side by side, which cargo's own runner does not.
    if nextest {
        (Runner::Nextest, &["nextest", "run"], &[])
    } else {
        (Runner::Cargo, &["test"], &["--lib", "--bins", "--tests"])
    }
}

/// Runs a test runner, passes its output on and counts its tests.
fn count(runner: Runner, command: &mut Command, tally: &mut Tally) -> Result<()> {
    // nextest reports on stderr and the others on stdout: one pipe takes both, in their order.
    let (reader, writer) = std::io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("`{}` could not be started", shown(command)))?;
    // The command holds our ends of the pipe; without letting go of them there would be no end to read to.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    for line in BufReader::new(reader).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        *tally += runner.tally(&line);
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
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
    fn counts_what_a_runner_reports_on_either_stream() {
        for stream in ["1", "2"] {
            let mut tally = Tally::default();
            let line = format!("echo 'test result: ok. 2 passed; 0 failed;' >&{stream}");
            count(Runner::Cargo, &mut script(&line), &mut tally).unwrap();
            assert_eq!(tally, Tally { passed: 2, failed: 0 });
        }
    }

    #[test]
    fn a_failing_runner_is_an_error_and_still_counted() {
        let mut tally = Tally::default();
        assert!(count(Runner::Node, &mut script("echo '# fail 1'; exit 1"), &mut tally).is_err());
        assert_eq!(tally, Tally { passed: 0, failed: 1 });
    }
}
