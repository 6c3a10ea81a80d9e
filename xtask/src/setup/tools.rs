//! Trunk and the wasm-bindgen CLI, at the versions that fit this workspace: those that are there, else ready programs, else compiled.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use semver::Version;

use crate::process::{command, on_path, run, run_within};
use crate::versions;

/// Trunk's version; `Trunk.toml` asks for the same. Later ones need a newer compiler than the workspace does.
pub const TRUNK: Version = Version::new(0, 21, 14);
/// What fetches programs that others have compiled.
pub const BINSTALL: &str = "cargo-binstall";

/// Longest wait for a ready program: where the host that has it is out of reach a call may hang.
const BINSTALL_LIMIT: Duration = Duration::from_secs(120);

/// What cargo compiles a tool with. Trunk's own settings would take minutes more for a program that copies files.
const QUICKLY: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_PANIC", "unwind"),
];

/// A program of cargo's registry.
#[derive(Debug, PartialEq)]
pub struct Tool {
    package: &'static str,
    /// Its name on PATH.
    pub program: &'static str,
    /// The one version that fits.
    pub version: Version,
    /// Whether the package's own lockfile is usable.
    locked: bool,
    /// How far it is worth to optimise it.
    level: &'static str,
}

/// The wasm-bindgen CLI, of the version of the library in this workspace.
pub fn bindgen(workspace: &Path) -> Result<Tool> {
    let lockfile = fs::read_to_string(workspace.join("Cargo.lock")).context("Cargo.lock cannot be read")?;
    let version = versions::in_lockfile(&lockfile, "wasm-bindgen").context(
        "Cargo.lock names no wasm-bindgen, whose version its command-line tool must match: run `cargo update -w`",
    )?;
    // Its lockfile names a crate that was withdrawn since.
    Ok(Tool { package: "wasm-bindgen-cli", program: "wasm-bindgen", version, locked: false, level: "1" })
}

/// Trunk.
pub fn trunk() -> Tool {
    // What it does itself is over in a second.
    Tool { package: "trunk", program: "trunk", version: TRUNK, locked: true, level: "0" }
}

impl Tool {
    /// What it is, for a reader.
    pub fn name(&self) -> String {
        format!("{} {}", self.package, self.version)
    }

    /// Where it is, if it is there: in `root/bin`, or on PATH.
    pub fn find(&self, root: &Path) -> Option<PathBuf> {
        let own = root.join("bin").join(self.program);
        std::iter::once(own).chain(on_path(self.program)).find(|file| file.is_file() && self.is(file))
    }

    fn is(&self, program: &Path) -> bool {
        versions::of(program).as_ref() == Some(&self.version)
    }

    /// Where it is, fetched or compiled into `root/bin` if it was not there.
    pub fn install(&self, root: &Path) -> Result<PathBuf> {
        if let Some(there) = self.find(root) {
            eprintln!("setup: {} is there: {}", self.name(), there.display());
            return Ok(there);
        }
        let installed = root.join("bin").join(self.program);
        if on_path(BINSTALL).next().is_some() {
            eprintln!("setup: fetching {} as a ready program with {BINSTALL}", self.name());
            let mut fetch = command(BINSTALL);
            fetch.args(self.fetching()).arg("--root").arg(root).stdout(std::io::stderr());
            match run_within(&mut fetch, BINSTALL_LIMIT) {
                Ok(()) if self.is(&installed) => return Ok(installed),
                Ok(()) => eprintln!("setup: what it fetched does not run here"),
                Err(error) => eprintln!("setup: {error:#}"),
            }
        }
        eprintln!("setup: compiling {} with cargo, once (some minutes)", self.name());
        // Kept until the end, so that an interrupted installation goes on where it was.
        let target = root.join("target");
        let mut cargo = command("cargo");
        cargo.args(self.compiling()).arg("--root").arg(root).arg("--target-dir").arg(&target);
        cargo.envs(QUICKLY).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.level);
        run(cargo.current_dir(root).stdout(std::io::stderr()))?;
        fs::remove_dir_all(&target).ok();
        ensure!(self.is(&installed), "{} was installed but does not run: look at {}", self.name(), installed.display());
        Ok(installed)
    }

    /// Only what its makers have published as a program.
    fn fetching(&self) -> Vec<String> {
        let package = format!("{}@{}", self.package, self.version);
        ["--no-confirm", "--force", "--strategies", "crate-meta-data", &package].map(Into::into).to_vec()
    }

    /// Without the features that talk to servers: builds run offline.
    fn compiling(&self) -> Vec<String> {
        let version = self.version.to_string();
        let words =
            ["install", self.package, "--version", &version, "--force", "--no-default-features", "--bin", self.program];
        words.into_iter().chain(self.locked.then_some("--locked")).map(Into::into).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bindgen() -> Tool {
        let version = Version::new(0, 2, 130);
        Tool { package: "wasm-bindgen-cli", program: "wasm-bindgen", version, locked: false, level: "1" }
    }

    #[test]
    fn only_trunk_is_installed_from_its_own_lockfile() {
        assert_eq!(
            bindgen().compiling().join(" "),
            "install wasm-bindgen-cli --version 0.2.130 --force --no-default-features --bin wasm-bindgen"
        );
        assert_eq!(
            trunk().compiling().join(" "),
            "install trunk --version 0.21.14 --force --no-default-features --bin trunk --locked"
        );
    }

    #[test]
    fn a_program_of_the_right_version_is_taken_and_another_is_not() {
        let root = std::env::temp_dir().join(format!("upgrade-lab-tools-{}", std::process::id()));
        let program = root.join("bin/wasm-bindgen");
        fs::create_dir_all(root.join("bin")).unwrap();
        for (said, found) in [("0.2.129", false), ("0.2.130", true)] {
            // By another program: one that this one has open for writing may be refused as busy.
            let mut script = command("sh");
            script.args(["-c", "printf '#!/bin/sh\\necho wasm-bindgen %s\\n' $1 > $2 && chmod +x $2", "sh", said]);
            run(script.arg(&program)).unwrap();
            assert_eq!(bindgen().find(&root).as_deref() == Some(&*program), found, "{said}");
        }
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn trunks_own_configuration_asks_for_the_same_version() {
        let configuration = include_str!("../../../Trunk.toml");
        assert!(configuration.contains(&format!("trunk-version = \"={TRUNK}\"")));
    }
}
