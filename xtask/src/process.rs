//! Running other programs: one clean environment, one error sentence.

use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
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

/// Where a program is on PATH, all places in order.
pub fn on_path(program: &str) -> impl Iterator<Item = PathBuf> {
    let dirs: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
    dirs.into_iter().map(move |dir| dir.join(program)).filter(|file| file.is_file())
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
    let status = command.status().with_context(|| not_started(command))?;
    succeeded(command, status)
}

fn not_started(command: &Command) -> String {
    format!("`{}` could not be started", shown(command))
}

/// An exit status other than 0 as an error, of a command that said itself what went wrong.
fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}` failed ({status}); its own message stands above", shown(command));
    }
    Ok(())
}

/// Runs its arguments until they end or its own input does; in the second case it ends all of their processes.
const WHILE_ASKED: &str = r#"exec 3<&0
"$@" </dev/null 3<&- &
program=$!
{ cat <&3 >/dev/null; kill -TERM 0; } &
wait $program
status=$?
kill $!
exit $status"#;

/// Runs to the end as [`run`] does, but never longer than this program, however that one ends: by Ctrl-C, killed, or with its terminal.
pub fn run_beside(command: &Command) -> Result<()> {
    run_while_asked(command, &[])
}

/// The same after whatever else wants the processor.
pub fn run_behind(command: &Command) -> Result<()> {
    run_while_asked(command, &["nice"])
}

fn run_while_asked(command: &Command, before: &[&str]) -> Result<()> {
    let mut shell = Command::new("sh");
    shell.args(["-c", WHILE_ASKED, "sh"]).args(before).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(dir) = command.get_current_dir() {
        shell.current_dir(dir);
    }
    // A group of its own, so that all of it and nothing else is ended. Its input ends with this program.
    shell.process_group(0).stdin(Stdio::piped()).stdout(std::io::stderr());
    let mut child = shell.spawn().with_context(|| not_started(command))?;
    // To wait for a program closes its input, unless that was taken.
    let _input = child.stdin.take();
    let status = child.wait()?;
    succeeded(command, status)
}

/// Runs quietly and returns stdout; the error carries what the program said.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| not_started(command))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}): {}", shown(command), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs to the end or to the time limit, at which the program is killed; both that and a bad exit status are errors.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = command.stdin(Stdio::null()).spawn().with_context(|| not_started(command))?;
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
    fn what_runs_beside_this_program_is_run_as_it_was_asked_to() {
        let mut script = command("sh");
        script.args(["-c", "test \"$ASKED\" = 'so and so' && test \"$PWD\" = / && test \"$1\" = 'a b'", "sh", "a b"]);
        run_beside(script.env("ASKED", "so and so").current_dir("/")).unwrap();
        let error = run_beside(command("sh").args(["-c", "exit 3"])).unwrap_err();
        assert!(error.to_string().contains("status: 3"), "{error}");
    }

    #[test]
    fn what_runs_beside_a_program_ends_with_it() {
        let mut shell = Command::new("sh");
        shell.args(["-c", WHILE_ASKED, "sh", "sh", "-c", "sleep 60 & sleep 60"]).process_group(0).stdin(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        drop(child.stdin.take());
        let status = child.wait_timeout(Duration::from_secs(30)).unwrap();
        assert!(status.is_some_and(|status| !status.success()), "{status:?}");
    }

    #[test]
    fn failure_names_the_command_and_what_it_said() {
        let error = capture(command("sh").args(["-c", "echo no such luck >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().contains("no such luck"), "{error}");
    }
}
