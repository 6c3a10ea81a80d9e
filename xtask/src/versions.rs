//! Reading versions: of programs, from what they print, and of packages, from the lockfile.

use std::ffi::OsStr;

use semver::{Version, VersionReq};

use crate::process::{capture, command};

/// The first version in a program's output, such as `trunk 0.21.14`, `v20.20.2` or `rustc 1.95.0 (59807616e 2026-04-14)`.
pub fn first_in(output: &str) -> Option<Version> {
    output.split_whitespace().find_map(|word| Version::parse(word.trim_start_matches('v')).ok())
}

/// Whether a version is not older than a `major` or `major.minor` one.
pub fn at_least(found: &Version, needed: &str) -> bool {
    // A nightly of the right number counts.
    let found = Version::new(found.major, found.minor, found.patch);
    VersionReq::parse(&format!(">={needed}")).is_ok_and(|needed| needed.matches(&found))
}

/// What `program --version` says; `None` when it is not there or does not say.
pub fn of(program: impl AsRef<OsStr>) -> Option<Version> {
    first_in(&capture(command(program).arg("--version")).ok()?)
}

/// The version of a package in a `Cargo.lock`. The first one, should there be several.
pub fn in_lockfile(lockfile: &str, package: &str) -> Option<Version> {
    let name = format!("name = \"{package}\"");
    let mut lines = lockfile.lines().skip_while(|line| *line != name);
    let line = lines.find(|line| line.starts_with("version = "))?;
    Version::parse(line.strip_prefix("version = ")?.trim_matches('"')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_version_in_what_programs_print() {
        for (output, expected) in [
            ("trunk 0.21.14\n", "0.21.14"),
            ("wasm-bindgen 0.2.130", "0.2.130"),
            ("v20.20.2", "20.20.2"),
            ("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)", "1.96.0"),
        ] {
            assert_eq!(first_in(output), Some(expected.parse().unwrap()), "{output}");
        }
        assert_eq!(first_in("no such command"), None);
    }

    #[test]
    fn finds_a_package_in_the_lockfile() {
        let lockfile = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(in_lockfile(lockfile, "wasm-bindgen"), Some("0.2.130".parse().unwrap()));
        assert_eq!(in_lockfile(lockfile, "trunk"), None);
    }

    #[test]
    fn compares_with_a_shortened_version() {
        let found = Version::new(20, 1, 0);
        assert!(at_least(&found, "18") && at_least(&found, "20.1"));
        assert!(!at_least(&found, "20.2") && !at_least(&found, "22"));
    }

    #[test]
    fn a_missing_program_has_no_version() {
        assert_eq!(of("a-program-that-nobody-has-installed"), None);
    }
}
