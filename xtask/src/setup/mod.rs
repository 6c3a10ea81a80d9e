//! What the lab needs to be built and tested, found or installed step by step, each step saying what it does.

mod browser;
mod debian;
mod root;
mod tools;
mod wasm;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

pub use browser::{OLDEST_NODE, TestTools, bench_tools, browser, numpy, test_tools};
pub use tools::{BINSTALL, Tool, bindgen, trunk};
pub use wasm::{StdSource, TARGET, Toolchain, present};

use crate::paths;
use crate::steps::Steps;

/// Steps that [`build_tools`] takes.
pub const STEPS: usize = 3;

/// What [`test_tools`] waits for, as a step.
pub const TEST_TOOLS: &str = "a browser, Node packages and NumPy";

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
