//! What the lab needs to be built and tested, found or installed step by step, each step saying what it does.

mod browser;
mod debian;
mod root;
mod tools;
mod wasm;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use anyhow::Result;

pub use browser::{
    Browser, CHROMIUM, FIREFOX, OLDEST_NODE, TestTools, bench_tools, has_npm_packages, numpy, test_tools,
};
pub use debian::interrupted;
pub use tools::{BINSTALL, Tool, bindgen, trunk};
pub use wasm::{StdSource, TARGET, Toolchain, present};

use crate::paths;
use crate::process::{command, run_beside};
use crate::steps::Steps;

/// Steps that [`build_tools`] takes.
pub const STEPS: usize = 3;

/// What [`test_tools`] waits for, as a step.
pub const TEST_TOOLS: &str = "browsers, Node packages and NumPy";

/// What a build of the page needs.
pub struct BuildTools {
    /// The compiler.
    pub toolchain: Toolchain,
    /// The wasm-bindgen CLI.
    pub bindgen: PathBuf,
    /// Trunk.
    pub trunk: PathBuf,
}

/// The folder of our own tools; their programs are in `bin` there.
pub fn tools(cache: &Path) -> PathBuf {
    cache.join("tools")
}

/// The compiler for wasm32 alone: what the lints need.
pub fn compiler(source: StdSource) -> Result<Toolchain> {
    let cache = paths::cache()?;
    wasm::toolchain(&cache, &tools(&cache).join("bin"), source)
}

/// Finds or installs Trunk and the wasm-bindgen CLI alone.
pub fn page_tools(workspace: &Path, steps: &mut Steps) -> Result<()> {
    let root = tools(&paths::cache()?);
    fs::create_dir_all(&root)?;
    for tool in [bindgen(workspace)?, trunk()] {
        steps.step(&tool.name(), || tool.install(&root))?;
    }
    Ok(())
}

/// Has Trunk and the wasm-bindgen CLI compiled where they are missing, beside what runs until they are needed: compilers do not keep
/// every processor busy all the time. Where they cannot be had, that is found out again by who needs them.
pub fn page_tools_beside(workspace: &Path) -> Result<Option<JoinHandle<()>>> {
    let root = tools(&paths::cache()?);
    if [bindgen(workspace)?, trunk()].iter().all(|tool| tool.find(&root).is_some()) {
        return Ok(None);
    }
    fs::create_dir_all(&root)?;
    let log = root.join("log");
    eprintln!(
        "setup: Trunk and the wasm-bindgen CLI are installed meanwhile; what is said of it goes to {}",
        log.display()
    );
    let mut beside = command("sh");
    beside.args(["-c", "exec \"$1\" setup --tools > \"$2\" 2>&1", "sh"]);
    beside.arg(std::env::current_exe()?).arg(&log).current_dir(workspace);
    Ok(Some(thread::spawn(move || drop(run_beside(&beside)))))
}

/// The compiler, Trunk and the wasm-bindgen CLI: what a build of the page needs.
pub fn build_tools(workspace: &Path, source: StdSource, steps: &mut Steps) -> Result<BuildTools> {
    let root = tools(&paths::cache()?);
    fs::create_dir_all(&root)?;
    let toolchain = steps.step("a compiler for WebAssembly", || compiler(source))?;
    let bindgen = bindgen(workspace)?;
    let bindgen = steps.step(&bindgen.name(), || bindgen.install(&root))?;
    let trunk = trunk();
    let trunk = steps.step(&trunk.name(), || trunk.install(&root))?;
    Ok(BuildTools { toolchain, bindgen, trunk })
}
