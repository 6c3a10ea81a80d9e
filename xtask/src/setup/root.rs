//! The few steps that change the system: Debian packages and the compiler's library folder.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::process::{capture, command, run};

/// Who may change the system here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rights {
    /// We are root.
    Root,
    /// Not root, but `sudo` asks for no password.
    Sudo,
    /// Neither: the user has to do it.
    None,
}

/// Runs a command line as root.
///
/// # Errors
/// Where we have no such rights, the command for the user to type; else the command's own failure.
pub fn run_as_root(words: &[&str]) -> Result<()> {
    let Some(argv) = argv(rights(), words) else {
        bail!("this step needs root: run `sudo {}`, then this command again", words.join(" "));
    };
    let (program, args) = argv.split_first().context("an empty command line")?;
    let mut command = command(program);
    // stdout belongs to the address that `serve` prints.
    run(command.args(args).env("DEBIAN_FRONTEND", "noninteractive").stdout(std::io::stderr()))
}

/// Installs Debian packages, with a fresh package list when the present one does not do.
///
/// # Errors
/// Says the command to type where we may not install, or what to do where there is no apt.
pub fn apt_install(packages: &[&str], purpose: &str) -> Result<()> {
    let list = packages.join(" ");
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!(
            "{purpose} is missing and this system has no apt-get: install what Debian calls `{list}` with its own package manager"
        );
    }
    eprintln!("setup: installing {list} with apt-get ({purpose})");
    let mut install = vec!["apt-get", "install", "-y", "--no-install-recommends"];
    install.extend(packages);
    let installed = match rights() {
        // It says what to type, and that is not to fetch the list.
        Rights::None => run_as_root(&install),
        Rights::Root | Rights::Sudo => {
            run_as_root(&install).or_else(|_| run_as_root(&["apt-get", "update"]).and_then(|()| run_as_root(&install)))
        }
    };
    installed.with_context(|| format!("{purpose} could not be installed ({list})"))
}

fn rights() -> Rights {
    let said = |program: &str, args: &[&str]| capture(command(program).args(args));
    if said("id", &["-u"]).is_ok_and(|id| id.trim() == "0") {
        Rights::Root
    } else if said("sudo", &["-n", "true"]).is_ok() {
        Rights::Sudo
    } else {
        Rights::None
    }
}

/// The full command line; `None` when we have no right to run it.
fn argv(rights: Rights, words: &[&str]) -> Option<Vec<String>> {
    let prefix: &[&str] = match rights {
        Rights::Root => &[],
        Rights::Sudo => &["sudo", "-n"],
        Rights::None => return None,
    };
    Some(prefix.iter().chain(words).map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_decide_the_command_line() {
        let words = ["apt-get", "update"];
        assert_eq!(argv(Rights::Root, &words).unwrap(), words);
        assert_eq!(argv(Rights::Sudo, &words).unwrap(), ["sudo", "-n", "apt-get", "update"]);
        assert_eq!(argv(Rights::None, &words), None);
    }
}
