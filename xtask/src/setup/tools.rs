//! Trunk and the wasm-bindgen CLI, at the versions that fit this workspace.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use semver::Version;

use crate::process::{command, run};
use crate::versions;

/// Trunk's version; `Trunk.toml` asks for the same. Later ones need a newer compiler than the workspace does.
pub const TRUNK: Version = Version::new(0, 21, 14);

/// A program that cargo installs from its registry.
#[derive(Debug, PartialEq)]
struct Tool {
    package: &'static str,
    program: &'static str,
    version: Version,
    /// Whether the package's own lockfile is usable.
    locked: bool,
}

/// Installs what is missing or of the wrong version into `root/bin`.
pub fn install(workspace: &Path, root: &Path) -> Result<()> {
    let lockfile = fs::read_to_string(workspace.join("Cargo.lock")).context("Cargo.lock cannot be read")?;
    let bindgen = versions::in_lockfile(&lockfile, "wasm-bindgen").context(
        "Cargo.lock names no wasm-bindgen, whose version its command-line tool must match: run `cargo update -w`",
    )?;
    for tool in tools(bindgen) {
        if versions::of(root.join("bin").join(tool.program)).as_ref() == Some(&tool.version) {
            eprintln!("setup: {} {} is there", tool.program, tool.version);
            continue;
        }
        eprintln!("setup: installing {} {} with cargo (some minutes)", tool.package, tool.version);
        // Kept until the end, so that an interrupted installation goes on where it was.
        let target = root.join("target");
        let mut cargo = command("cargo");
        cargo.args(arguments(&tool)).arg("--root").arg(root).arg("--target-dir").arg(&target);
        run(cargo.current_dir(root).stdout(std::io::stderr()))?;
        fs::remove_dir_all(&target).ok();
    }
    Ok(())
}

fn tools(bindgen: Version) -> [Tool; 2] {
    [
        // Its lockfile names a crate that was withdrawn since.
        Tool { package: "wasm-bindgen-cli", program: "wasm-bindgen", version: bindgen, locked: false },
        Tool { package: "trunk", program: "trunk", version: TRUNK, locked: true },
    ]
}

fn arguments(tool: &Tool) -> Vec<String> {
    let mut args =
        vec!["install".into(), tool.package.into(), "--version".into(), tool.version.to_string(), "--force".into()];
    if tool.locked {
        args.push("--locked".into());
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trunk_is_installed_from_its_own_lockfile() {
        let [bindgen, trunk] = tools(Version::new(0, 2, 130));
        assert_eq!(arguments(&bindgen).join(" "), "install wasm-bindgen-cli --version 0.2.130 --force");
        assert_eq!(arguments(&trunk).join(" "), "install trunk --version 0.21.14 --force --locked");
    }

    #[test]
    fn trunks_own_configuration_asks_for_the_same_version() {
        let configuration = include_str!("../../../Trunk.toml");
        assert!(configuration.contains(&format!("trunk-version = \"={TRUNK}\"")));
    }
}
