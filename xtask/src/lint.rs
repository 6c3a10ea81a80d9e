//! Formatting and lints, for this machine and for the browser.

use std::path::Path;

use anyhow::Result;

use crate::process::{command, run};
use crate::setup::{StdSource, TARGET, compiler};
use crate::steps::Steps;

/// What every compilation of the workspace for this machine is told, be it for lints, tests or examples. With other features, however
/// small, most dependencies would be compiled anew.
///
/// With the page's, so that its drawings are tested.
pub const NATIVE: [&str; 4] = ["--locked", "--workspace", "--features", "upgrade-lab/page"];

/// The root package's programs with feature and profile of each. The WebGPU worker is the wide CPU worker's source with one more feature,
/// whose dependencies take minutes to check; its build is part of the tests.
const BROWSER_PROGRAMS: [(&str, &str, &str); 4] = [
    ("app", "page", "page"),
    ("importer", "importer", "worker"),
    ("worker", "worker", "worker"),
    ("worker_wide", "worker_wide", "worker"),
];

/// Checks formatting and lints the workspace; any warning is an error.
pub fn lint(workspace: &Path, source: StdSource) -> Result<()> {
    let mut steps = Steps::new("lint", 3 + BROWSER_PROGRAMS.len());
    steps.step("the format of the sources", || {
        run(command("cargo").args(["fmt", "--all", "--check"]).current_dir(workspace))
    })?;
    steps.step("clippy for this machine", || {
        let mut clippy = command("cargo");
        clippy.arg("clippy").args(NATIVE).args(["--all-targets", "--", "-D", "warnings"]);
        run(clippy.current_dir(workspace))
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
    Ok(())
}
