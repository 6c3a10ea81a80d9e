//! A compiler that can build for the browser.
//!
//! An ordinary machine adds the target with rustup. A machine that reaches only package registries cannot (the call fails or hangs),
//! but Debian packages both a compiler and the library's source, from which the standard library is built in about a minute.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::root::{apt_install, run_as_root};
use crate::process::{capture, command, run, run_within};
use crate::versions;

/// The target of everything that runs in the browser.
pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";
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
    pub fn command(&self, program: &str) -> Command {
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
            if !Path::new(DEBIAN_CLIPPY).exists() {
                apt_install(&["rust-web-clippy"], "clippy of Debian's compiler")?;
            }
            self.command(DEBIAN_CLIPPY)
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
    fn check(&self, cache: &Path) -> Result<()> {
        const HELLO: &str = "#[unsafe(no_mangle)] pub extern \"C\" fn hello(n: usize) -> usize { vec![n; n].len() }\n";
        let dir = cache.join("probe");
        fs::create_dir_all(&dir)?;
        fs::write(dir.join("hello.rs"), HELLO)?;
        let rustc =
            self.rustc.clone().map(OsString::from).or_else(|| std::env::var_os("RUSTC")).unwrap_or("rustc".into());
        let mut rustc = self.command(&rustc.to_string_lossy());
        rustc.current_dir(&dir).args(["--edition=2024", "--crate-type=cdylib", "--target", TARGET, "hello.rs"]);
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
        Step::BuildFromDebian => build_from_debian(cache, bin)?,
    }
    let debian = matches!(step, Step::UseDebian | Step::BuildFromDebian);
    let toolchain = Toolchain { rustc: debian.then(|| DEBIAN_RUSTC.into()), bin: bin.to_path_buf() };
    toolchain.check(cache)?;
    Ok(toolchain)
}

/// Builds the standard library from Debian's source with Debian's compiler and puts it where that compiler looks for it.
fn build_from_debian(cache: &Path, bin: &Path) -> Result<()> {
    const SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
    let missing = [DEBIAN_RUSTC, SOURCE].iter().any(|file| !Path::new(file).exists()) || newest_lld().is_none();
    if missing {
        apt_install(&["rustc-web", "rust-web-src", "lld-22"], "a compiler and library source for wasm32")?;
    }
    check_age()?;
    link_rust_lld(bin)?;

    eprintln!("setup: building the standard library for {TARGET} from Debian's source (about a minute)");
    let dir = cache.join("wasm-std");
    fs::create_dir_all(dir.join("src"))?;
    fs::write(dir.join("Cargo.toml"), "[package]\nname = \"throw-away\"\nedition = \"2024\"\n\n[workspace]\n")?;
    fs::write(dir.join("src/lib.rs"), "")?;
    let mut build = command("cargo");
    build.current_dir(&dir).args([
        "build",
        "--release",
        "--target",
        TARGET,
        "-Zbuild-std=std,panic_abort",
        "--target-dir",
        "target",
    ]);
    // The nightly-only flag is ours, not the code's; with bitcode in it the library also serves builds with LTO.
    build.envs([("RUSTC", DEBIAN_RUSTC), ("RUSTC_BOOTSTRAP", "1"), ("RUSTFLAGS", "-Cembed-bitcode=yes")]);
    run(build.env_remove("CARGO_ENCODED_RUSTFLAGS").stdout(std::io::stderr()))?;

    let sysroot = capture(command(DEBIAN_RUSTC).args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib");
    install_library(&dir.join("target").join(TARGET).join("release/deps"), &library)?;
    fs::remove_dir_all(&dir)?;
    Ok(())
}

/// Replaces the library in the compiler's folder: two versions side by side would be ambiguous to it.
fn install_library(deps: &Path, library: &Path) -> Result<()> {
    let target = library.to_string_lossy();
    run_as_root(&["rm", "-rf", &target])?;
    run_as_root(&["mkdir", "-p", &target])?;
    let rlibs: Vec<String> = fs::read_dir(deps)?
        .filter_map(|entry| Some(entry.ok()?.path().to_string_lossy().into_owned()))
        .filter(|path| path.ends_with(".rlib") && !path.contains("libthrow_away"))
        .collect();
    let mut words = vec!["cp"];
    words.extend(rlibs.iter().map(String::as_str));
    words.push(&target);
    run_as_root(&words)
}

fn check_age() -> Result<()> {
    let found = versions::of(DEBIAN_RUSTC).context("Debian's rustc does not run")?;
    let needed = env!("CARGO_PKG_RUST_VERSION");
    if !versions::at_least(&found, needed) {
        bail!(
            "Debian's rustc is {found}, but {needed} is needed: take the packages of its security updates, or use rustup"
        );
    }
    Ok(())
}

/// Debian's compiler finds its linker by the name `rust-lld` on PATH, but its linker is named after its version.
fn link_rust_lld(bin: &Path) -> Result<()> {
    let lld = newest_lld().context("no /usr/bin/lld-<version> is there after installing lld-22")?;
    let link = bin.join("rust-lld");
    fs::create_dir_all(bin)?;
    if link.is_symlink() {
        fs::remove_file(&link)?;
    }
    std::os::unix::fs::symlink(&lld, &link)
        .with_context(|| format!("cannot link {} to {}", link.display(), lld.display()))
}

fn newest_lld() -> Option<PathBuf> {
    let names = fs::read_dir("/usr/bin").ok()?;
    let names = names.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let newest = names.filter_map(|name| name.strip_prefix("lld-")?.parse::<u32>().ok()).max()?;
    Some(format!("/usr/bin/lld-{newest}").into())
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
        assert!(rustc(Toolchain { rustc: Some(DEBIAN_RUSTC.into()), bin: "/tools".into() }));
        assert!(!rustc(Toolchain { rustc: None, bin: "/tools".into() }));
    }
}
