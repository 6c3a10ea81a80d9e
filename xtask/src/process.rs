//! Running other programs: one clean environment, one error sentence.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use wait_timeout::ChildExt;

/// A command that starts from the user's environment, without what `cargo run` added to it for this program.
///
/// A nested cargo would take `CARGO_MANIFEST_DIR`, `CARGO_PKG_*` and the like for the user's wish and rebuild whatever looks at
/// them, and the compiler of another vendor must not load this toolchain's libraries.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(set_by_cargo_run) {
            command.env_remove(name);
        }
    }
    if let Some(paths) = env::var_os("LD_LIBRARY_PATH") {
        let ours: Vec<PathBuf> = env::current_exe()
            .ok()
            .and_then(|exe| exe.parent().map(Path::to_path_buf))
            .into_iter()
            .chain(env::var_os("RUSTUP_HOME").map(PathBuf::from))
            .collect();
        match without(&paths, &ours) {
            Some(rest) => command.env("LD_LIBRARY_PATH", rest),
            None => command.env_remove("LD_LIBRARY_PATH"),
        };
    }
    command
}

/// Whether cargo sets this variable for the program it runs (and nobody else has a reason to).
fn set_by_cargo_run(name: &str) -> bool {
    const PREFIXES: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
    const NAMES: [&str; 6] = [
        "CARGO",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_MAKEFLAGS",
        "OUT_DIR",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUST_RECURSION_COUNT",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The entries of a search path that lie outside of `dirs`; `None` when nothing is left.
fn without(paths: &OsStr, dirs: &[PathBuf]) -> Option<OsString> {
    let rest: Vec<PathBuf> = env::split_paths(paths)
        .filter(|path| !path.as_os_str().is_empty() && !dirs.iter().any(|dir| path.starts_with(dir)))
        .collect();
    (!rest.is_empty()).then(|| env::join_paths(rest).ok()).flatten()
}

/// The command as one would type it, for messages.
pub fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs to the end with our stdout and stderr; an exit status other than 0 is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("`{}` could not be started", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status}); its own message stands above", shown(command));
    }
    Ok(())
}

/// Runs quietly and returns stdout; the error carries what the program said.
pub fn capture(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("`{}` could not be started", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}): {}", shown(command), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs to the end or to the time limit, at which the program is killed; both that and a bad exit status are errors.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child =
        command.stdin(Stdio::null()).spawn().with_context(|| format!("`{}` could not be started", shown(command)))?;
    match child.wait_timeout(limit)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("`{}` failed ({status})", shown(command)),
        None => {
            child.kill()?;
            child.wait()?;
            bail!("`{}` did not finish in {} s", shown(command), limit.as_secs())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_cargo_settings_stay_and_those_of_this_run_go() {
        for gone in ["CARGO", "CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "RUSTC_WORKSPACE_WRAPPER"] {
            assert!(set_by_cargo_run(gone), "{gone}");
        }
        for kept in ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_NET_OFFLINE", "RUSTUP_TOOLCHAIN", "PATH"] {
            assert!(!set_by_cargo_run(kept), "{kept}");
        }
    }

    #[test]
    fn library_path_keeps_only_the_users_entries() {
        let ours = [PathBuf::from("/target/debug"), PathBuf::from("/rustup")];
        let mixed = OsStr::new("/target/debug:/target/debug/deps:/rustup/toolchains/x/lib:/opt/lib");
        assert_eq!(without(mixed, &ours).unwrap(), "/opt/lib");
        assert_eq!(without(OsStr::new("/target/debug"), &ours), None);
    }

    #[test]
    fn a_program_over_its_time_limit_is_ended() {
        let error = run_within(command("sleep").arg("30"), Duration::from_millis(50)).unwrap_err();
        assert!(error.to_string().contains("did not finish"), "{error}");
    }

    #[test]
    fn failure_names_the_command_and_what_it_said() {
        let error = capture(command("sh").args(["-c", "echo no such luck >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().contains("no such luck"), "{error}");
    }
}
