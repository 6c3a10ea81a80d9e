//! The standard library for wasm32, built from what Debian packages: a compiler, the library's source, and a linker.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::TARGET;
use super::root::{apt_install, run_as_root};
use crate::process::{capture, command, run};
use crate::versions;

/// Debian's compiler.
pub const RUSTC: &str = "/usr/bin/rustc";
/// Debian's clippy, of the package `rust-web-clippy`.
pub const CLIPPY: &str = "/usr/bin/cargo-clippy";

/// What the names of the folders of the cache begin with in which the library is built; the compiler's version follows.
const BUILD: &str = "wasm-std-";

/// Folders of the cache that builds have left which were interrupted. A cache that cannot be read has none.
pub fn interrupted(cache: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(BUILD));
    ours.map(|entry| entry.path()).collect()
}

/// Builds the standard library from Debian's source with Debian's compiler and puts it where that compiler looks for it.
pub fn build(cache: &Path, bin: &Path) -> Result<()> {
    const SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
    let missing = [RUSTC, SOURCE].iter().any(|file| !Path::new(file).exists()) || newest_lld().is_none();
    if missing {
        apt_install(&["rustc-web", "rust-web-src", "lld-22"], "a compiler and library source for wasm32")?;
    }
    check_age()?;
    link_rust_lld(bin)?;

    eprintln!("setup: building the standard library for {TARGET} from Debian's source (about a minute)");
    // An interrupted build goes on, unless it was with another compiler: all that it left would be installed.
    let compiler = versions::of(RUSTC).map(|version| version.to_string()).unwrap_or_default();
    let dir = cache.join(format!("{BUILD}{compiler}"));
    for other in interrupted(cache).iter().filter(|other| **other != dir) {
        fs::remove_dir_all(other)?;
    }
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
    build.envs([("RUSTC", RUSTC), ("RUSTC_BOOTSTRAP", "1"), ("RUSTFLAGS", "-Cembed-bitcode=yes")]);
    run(build.env_remove("CARGO_ENCODED_RUSTFLAGS").stdout(std::io::stderr()))?;

    let sysroot = capture(command(RUSTC).args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib");
    install_library(&dir.join("target").join(TARGET).join("release/deps"), &library)?;
    fs::remove_dir_all(&dir)?;
    Ok(())
}

/// Replaces the library in the compiler's folder: two versions side by side would be ambiguous to it.
fn install_library(deps: &Path, library: &Path) -> Result<()> {
    let target = library.to_string_lossy();
    // One command at a time may be what the user has to type: none that was is asked for again.
    if library.exists() {
        run_as_root(&["rm", "-rf", &target])?;
    }
    let rlibs: Vec<String> = fs::read_dir(deps)?
        .filter_map(|entry| Some(entry.ok()?.path().to_string_lossy().into_owned()))
        .filter(|path| path.ends_with(".rlib") && !path.contains("libthrow_away"))
        .collect();
    let mut words = vec!["install", "-D", "-m", "644", "-t", &*target];
    words.extend(rlibs.iter().map(String::as_str));
    run_as_root(&words)
}

fn check_age() -> Result<()> {
    let found = versions::of(RUSTC).context("Debian's rustc does not run")?;
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
