//! A compiler that can build for the browser.
//!
//! An ordinary machine adds the target with rustup. A machine that reaches only package registries cannot (the call fails or hangs),
//! but Debian's packages serve as well: see [`debian`].

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::debian;
use super::root::apt_install;
use crate::process::{capture, command, run_within};

/// The target of everything that runs in the browser.
pub const TARGET: &str = "wasm32-unknown-unknown";

const RUSTUP_LIMIT: Duration = Duration::from_secs(60);

/// Where the standard library for wasm32 may come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum StdSource {
    /// Whatever works already, else rustup, else Debian
    #[default]
    Auto,
    /// The toolchain's own, added with rustup
    Rustup,
    /// Built from Debian's packages
    Debian,
}

/// One way to a working toolchain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    UseOwn,
    UseDebian,
    AddWithRustup,
    BuildFromDebian,
}

/// The compiler, linker and tools for all wasm32 builds.
pub struct Toolchain {
    /// The compiler in place of the user's own, if that cannot build for the browser.
    rustc: Option<PathBuf>,
    /// The folder of our tools, first on PATH.
    bin: PathBuf,
}

impl Toolchain {
    /// A command with the compiler, our tools and the flags of `.cargo/config.toml` in force.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = command(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let dirs = std::iter::once(self.bin.clone()).chain(std::env::split_paths(&path));
        // A PATH that cannot be joined has been joined before, by whoever set it.
        command.env("PATH", std::env::join_paths(dirs).unwrap_or(path.clone()));
        // These would replace the target's flags, and without `simd128` the matrix products are silently scalar.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        if let Some(rustc) = &self.rustc {
            command.env("RUSTC", rustc);
        }
        command
    }

    /// `cargo clippy` for this compiler; installs Debian's where it is the one that fits.
    pub fn clippy(&self) -> Result<Command> {
        let mut command = if self.rustc.is_some() {
            if !Path::new(debian::CLIPPY).exists() {
                apt_install(&["rust-web-clippy"], "clippy of Debian's compiler")?;
            }
            self.command(debian::CLIPPY)
        } else {
            self.command("cargo")
        };
        command.arg("clippy");
        Ok(command)
    }

    /// Which compiler this is, for messages.
    pub fn name(&self) -> String {
        match &self.rustc {
            Some(rustc) => format!("Debian's {}", rustc.display()),
            None => "the toolchain's own rustc".to_owned(),
        }
    }

    /// Compiles and links a small library that uses the standard one: the only check that covers compiler, library and linker.
    /// Leaves nothing.
    fn check(&self) -> Result<()> {
        let dir = std::env::temp_dir().join(format!("upgrade-lab-probe-{}", std::process::id()));
        fs::create_dir(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
        let compiled = self.compile(&dir);
        let removed = fs::remove_dir_all(&dir).with_context(|| format!("{} cannot be removed", dir.display()));
        compiled.and(removed)
    }

    fn compile(&self, dir: &Path) -> Result<()> {
        const HELLO: &str = "#[unsafe(no_mangle)] pub extern \"C\" fn hello(n: usize) -> usize { vec![n; n].len() }\n";
        fs::write(dir.join("hello.rs"), HELLO)?;
        let rustc =
            self.rustc.clone().map(OsString::from).or_else(|| std::env::var_os("RUSTC")).unwrap_or("rustc".into());
        let mut rustc = self.command(&rustc);
        rustc.current_dir(dir).args(["--edition=2024", "--crate-type=cdylib", "--target", TARGET, "hello.rs"]);
        capture(&mut rustc).map(drop)
    }
}

/// Finds or makes a compiler for the browser.
///
/// # Errors
/// Lists what was tried and why it failed.
pub fn toolchain(cache: &Path, bin: &Path, source: StdSource) -> Result<Toolchain> {
    let mut tried = String::new();
    for &step in steps(source) {
        match attempt(step, cache, bin) {
            Ok(toolchain) => {
                eprintln!("setup: wasm32 builds use {}", toolchain.name());
                return Ok(toolchain);
            }
            Err(error) => {
                if step == Step::AddWithRustup {
                    eprintln!("setup: rustup could not add it: {error:#}");
                }
                tried.push_str(&format!("\n- {step:?}: {error:#}"));
            }
        }
    }
    bail!(
        "no compiler here builds for {TARGET}. Run `rustup target add {TARGET}` on a machine with access to the Rust distribution \
         server, or use Debian with its package registry. Tried:{tried}"
    )
}

/// A compiler for the browser that is there already.
pub fn present(cache: &Path, bin: &Path) -> Option<Toolchain> {
    [Step::UseOwn, Step::UseDebian].into_iter().find_map(|step| attempt(step, cache, bin).ok())
}

/// What to try, in order: what is there before what has to be fetched.
fn steps(source: StdSource) -> &'static [Step] {
    match source {
        StdSource::Auto => &[Step::UseOwn, Step::UseDebian, Step::AddWithRustup, Step::BuildFromDebian],
        StdSource::Rustup => &[Step::UseOwn, Step::AddWithRustup],
        StdSource::Debian => &[Step::UseDebian, Step::BuildFromDebian],
    }
}

fn attempt(step: Step, cache: &Path, bin: &Path) -> Result<Toolchain> {
    match step {
        Step::UseOwn | Step::UseDebian => {}
        Step::AddWithRustup => {
            eprintln!("setup: adding {TARGET} with rustup (at most {} s)", RUSTUP_LIMIT.as_secs());
            run_within(command("rustup").args(["target", "add", TARGET]), RUSTUP_LIMIT)?;
        }
        Step::BuildFromDebian => debian::build(cache, bin)?,
    }
    let debian = matches!(step, Step::UseDebian | Step::BuildFromDebian);
    let toolchain = Toolchain { rustc: debian.then(|| debian::RUSTC.into()), bin: bin.to_path_buf() };
    toolchain.check()?;
    Ok(toolchain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_tried_before_what_has_to_be_fetched() {
        let auto = steps(StdSource::Auto);
        let first = |wanted: &[Step]| auto.iter().position(|step| wanted.contains(step));
        assert!(first(&[Step::UseOwn]) < first(&[Step::AddWithRustup, Step::BuildFromDebian]));
        assert!(first(&[Step::UseDebian]) < first(&[Step::AddWithRustup, Step::BuildFromDebian]));
        assert_eq!(auto.last(), Some(&Step::BuildFromDebian));
    }

    #[test]
    fn a_named_source_is_not_mixed_with_the_other() {
        assert!(!steps(StdSource::Rustup).iter().any(|step| matches!(step, Step::UseDebian | Step::BuildFromDebian)));
        assert!(!steps(StdSource::Debian).iter().any(|step| matches!(step, Step::UseOwn | Step::AddWithRustup)));
    }

    #[test]
    fn only_a_foreign_compiler_is_named_in_the_environment() {
        let rustc = |toolchain: Toolchain| {
            let command = toolchain.command("cargo");
            command.get_envs().any(|(name, value)| name == "RUSTC" && value.is_some())
        };
        assert!(rustc(Toolchain { rustc: Some(debian::RUSTC.into()), bin: "/tools".into() }));
        assert!(!rustc(Toolchain { rustc: None, bin: "/tools".into() }));
    }
}
