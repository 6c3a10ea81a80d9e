//! Formatting and lints, for this machine and for the browser.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::process::{command, on_path, run};
use crate::setup::{StdSource, TARGET, compiler};
use crate::steps::Steps;

/// What every compilation of the workspace for this machine is told, be it for lints, tests or examples. With other features, however
/// small, most dependencies would be compiled anew.
///
/// With the page's, so that its drawings are tested.
pub const NATIVE: [&str; 4] = ["--locked", "--workspace", "--features", "upgrade-lab/page"];

/// The root package's programs with feature and profile of each. The WebGPU worker is the wide CPU worker's source with one more feature,
/// whose dependencies take minutes to check; its build is part of the tests.
const BROWSER_PROGRAMS: [(&str, &str, &str); 5] = [
    ("app", "page", "page"),
    ("importer", "importer", "worker"),
    ("decider", "decider", "worker"),
    ("worker", "worker", "worker"),
    ("worker_wide", "worker_wide", "worker"),
];

/// What lints while it compiles: `cargo clippy` runs the same program, but has it stop at what there is to say.
pub const DRIVER: &str = "clippy-driver";

/// Whether lints for this machine leave programs behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// Nothing but what there was to say: the shortest, where nobody needs more.
    Words,
    /// All tests, compiled, for commands that are [`linted`]: where both are wanted, most of the work is done once.
    Tests,
}

impl Leaves {
    /// The second where tests are to be run and the program for it can be had.
    pub fn where_tests_follow(follow: bool) -> Self {
        if follow && on_path(DRIVER).next().is_some() { Self::Tests } else { Self::Words }
    }
}

/// Makes a cargo command take, and compile, what lints that left [`Leaves::Tests`] have compiled. A warning is an error to it.
pub fn linted(cargo: &mut Command) -> &mut Command {
    // As `cargo clippy` hands arguments to the driver: in one variable, each with this behind it.
    cargo.env("RUSTC_WORKSPACE_WRAPPER", DRIVER).env("CLIPPY_ARGS", "-Dwarnings__CLIPPY_HACKERY__")
}

/// Checks formatting and lints the workspace; any warning is an error. Calls `browser_done` once nothing more is compiled for the browser.
pub fn lint(workspace: &Path, source: StdSource, leaves: Leaves, browser_done: impl FnOnce()) -> Result<()> {
    let mut steps = Steps::new("lint", 3 + BROWSER_PROGRAMS.len());
    steps.step("the format of the sources", || {
        run(command("cargo").args(["fmt", "--all", "--check"]).current_dir(workspace))
    })?;
    let toolchain = steps.step("a compiler for WebAssembly", || compiler(source))?;
    for (program, feature, profile) in BROWSER_PROGRAMS {
        steps.step(&format!("clippy for the browser, {program}"), || {
            let mut clippy = toolchain.clippy()?;
            clippy.env("CLIPPY_CONF_DIR", workspace.join("xtask/clippy-wasm"));
            // The profile is the one that Trunk builds with, so build scripts and macros are compiled once.
            clippy.args(["--locked", "--profile", profile, "--target", TARGET, "--package", "upgrade-lab"]);
            clippy.args(["--bin", program, "--features", feature, "--", "-D", "warnings"]);
            run(clippy.current_dir(workspace))
        })?;
    }
    browser_done();
    let waits_for = match leaves {
        Leaves::Words => "clippy for this machine",
        Leaves::Tests => "clippy for this machine, and the tests compiled",
    };
    steps.step(waits_for, || {
        let mut cargo = command("cargo");
        match leaves {
            Leaves::Words => cargo.arg("clippy").args(NATIVE).args(["--all-targets", "--", "-D", "warnings"]),
            Leaves::Tests => linted(cargo.arg("build").args(NATIVE).arg("--all-targets")),
        };
        run(cargo.current_dir(workspace))
    })
}
