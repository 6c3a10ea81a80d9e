//! What is there of what the commands need, what is missing and how to get it, what the caches take and how to be rid of them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use protocol::GpuProgram;

use crate::process::on_path;
use crate::setup::{self, BINSTALL, OLDEST_NODE, Tool};
use crate::{dist, lint, paths, steps, versions};

/// What brings everything that a build needs.
const SETUP: &str = "`cargo xtask setup` gets it";
/// And what the tests need.
const SETUP_TESTS: &str = "`cargo xtask setup --tests` gets it";

/// One thing that a command needs.
struct Need {
    what: String,
    /// What is there of it.
    found: Option<String>,
    /// How to get it.
    remedy: &'static str,
}

impl Need {
    fn new(what: impl Into<String>, found: Option<String>, remedy: &'static str) -> Self {
        Self { what: what.into(), found, remedy }
    }

    fn line(&self) -> String {
        let (there, words) = match &self.found {
            Some(found) => ("there", found.as_str()),
            None => ("MISSING", self.remedy),
        };
        format!("{:24} {there:8} {words}", self.what)
    }
}

/// Tells it all, and changes nothing.
pub fn tell(workspace: &Path) -> Result<()> {
    let cache = paths::cache()?;
    println!("What a build needs");
    for need in build_needs(workspace, &cache)? {
        println!("  {}", need.line());
    }
    println!("\nWhat the tests need besides");
    for need in test_needs(workspace, &cache) {
        println!("  {}", need.line());
    }
    println!("\nWhat makes it faster");
    for (program, gain) in [
        (BINSTALL, "fetches Trunk and the wasm-bindgen CLI as ready programs: `cargo install cargo-binstall`"),
        ("cargo-nextest", "runs the tests of all packages side by side: `cargo install cargo-nextest`"),
    ] {
        let place = on_path(program).next().map(|place| place.display().to_string());
        println!("  {program:24} {}", place.unwrap_or_else(|| format!("{:8} {gain}", "not here")));
    }
    println!("\n{}", page(workspace));

    println!("\nWhat may be deleted, and is made again where it is needed");
    let target = target(workspace, env::var_os("CARGO_TARGET_DIR").map(PathBuf::from));
    let folders = [
        (target, "what cargo has compiled"),
        (setup::tools(&cache), "Trunk and the wasm-bindgen CLI"),
        (cache.join("python"), "Python with NumPy"),
        (workspace.join("dist"), "the page as it was built"),
        (workspace.join("tests/e2e/node_modules"), "Node packages of the browser tests"),
        (workspace.join("benches/node_modules"), "Node packages of the benchmark"),
    ];
    let left = setup::interrupted(&cache).into_iter().map(|folder| (folder, "a standard library left unfinished"));
    for (folder, what) in folders.into_iter().chain(left) {
        if folder.is_dir() {
            println!("  {:>9}  {what}: rm -r {}", megabytes(size(&folder)), folder.display());
        }
    }
    let known: Vec<_> = steps::known(&cache).collect();
    if !known.is_empty() {
        println!("\nHow long steps took (minutes and seconds)");
        for (waits_for, took) in known {
            println!("  {waits_for}: {took}");
        }
    }
    Ok(())
}

fn build_needs(workspace: &Path, cache: &Path) -> Result<Vec<Need>> {
    let root = setup::tools(cache);
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    let rust = versions::of("rustc");
    let rust = rust.filter(|found| versions::at_least(found, oldest)).map(|found| found.to_string());
    let compiler = setup::present(cache, &root.join("bin")).map(|toolchain| toolchain.name());
    let tool = |tool: Tool| {
        let place = tool.find(&root).map(|place| place.display().to_string());
        Need::new(tool.name(), place, SETUP)
    };
    Ok(vec![
        Need::new(format!("Rust {oldest} or newer"), rust, "get it from https://rustup.rs, or `rustup update`"),
        Need::new("a compiler for wasm32", compiler, SETUP),
        tool(setup::bindgen(workspace)?),
        tool(setup::trunk()),
    ])
}

fn test_needs(workspace: &Path, cache: &Path) -> [Need; 8] {
    let shown = |place: PathBuf| place.display().to_string();
    let node = versions::of("node").filter(|found| versions::at_least(found, OLDEST_NODE));
    let npm = versions::of("npm").map(|found| found.to_string());
    let tests = workspace.join("tests/e2e");
    let packages = setup::has_npm_packages(&tests).is_ok_and(|there| there).then(|| tests.join("node_modules"));
    let browser = |it: &setup::Browser| Need::new(it.name, it.find().map(shown), SETUP_TESTS);
    let component =
        |name, program, remedy| Need::new(name, versions::of(program).map(|found| found.to_string()), remedy);
    [
        component("rustfmt", "rustfmt", "`rustup component add rustfmt`"),
        component("clippy", lint::DRIVER, "`rustup component add clippy`"),
        Need::new(
            format!("Node.js {OLDEST_NODE} or newer"),
            node.map(|found| found.to_string()),
            "install it (Debian: `apt-get install nodejs`)",
        ),
        Need::new("npm", npm, "install it (Debian: `apt-get install npm`)"),
        Need::new("Node packages", packages.map(shown), SETUP_TESTS),
        browser(&setup::CHROMIUM),
        browser(&setup::FIREFOX),
        Need::new("Python with NumPy", setup::numpy(cache).map(shown), SETUP_TESTS),
    ]
}

/// What is in `dist/`.
fn page(workspace: &Path) -> String {
    match dist::gpu_program(&workspace.join("dist")) {
        Some(GpuProgram::Ready) => "dist/ has a page with both engines.".to_owned(),
        Some(_) => "dist/ has a page without the WebGPU engine: `cargo xtask build` adds it.".to_owned(),
        None => "dist/ has no page yet: `cargo xtask serve` builds one.".to_owned(),
    }
}

/// Where cargo puts what it compiles, as far as its environment says so.
fn target(workspace: &Path, named: Option<PathBuf>) -> PathBuf {
    named.map_or_else(|| workspace.join("target"), |named| workspace.join(named))
}

/// Bytes of all files below a folder; what cannot be read counts nothing.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => size(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    };
    entries.map(of).sum()
}

fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_stands_with_what_to_do() {
        let there = Need::new("npm", Some("10.1.0".to_owned()), SETUP).line();
        assert_eq!(there.split_whitespace().collect::<Vec<_>>(), ["npm", "there", "10.1.0"]);
        assert!(Need::new("npm", None, SETUP).line().ends_with("MISSING  `cargo xtask setup` gets it"));
    }

    #[test]
    fn a_folder_is_as_large_as_its_files() {
        let folder = env::temp_dir().join(format!("upgrade-lab-doctor-{}", std::process::id()));
        fs::create_dir_all(folder.join("a/b")).unwrap();
        fs::write(folder.join("a/b/c"), [0; 1000]).unwrap();
        fs::write(folder.join("d"), [0; 500]).unwrap();
        // Its target is counted where it is.
        std::os::unix::fs::symlink("/usr", folder.join("elsewhere")).unwrap();
        assert!((1500..2000).contains(&size(&folder)));
        assert_eq!(size(&folder.join("nothing")), 0);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn cargo_compiles_to_where_its_environment_says() {
        assert_eq!(target(Path::new("/w"), None), Path::new("/w/target"));
        assert_eq!(target(Path::new("/w"), Some("/t".into())), Path::new("/t"));
    }
}
