//! What the lab needs to be built and tested, found or installed step by step, each step saying what it does.

mod browser;
mod debian;
mod root;
mod tools;
mod wasm;

use std::path::Path;

use anyhow::Result;

pub use browser::{TestTools, bench_tools, test_tools};
pub use wasm::{StdSource, TARGET, Toolchain};

use crate::paths;

/// The compiler for wasm32 alone: what the lints need.
pub fn compiler(source: StdSource) -> Result<Toolchain> {
    let cache = paths::cache()?;
    wasm::toolchain(&cache, &cache.join("tools/bin"), source)
}

/// The compiler, Trunk and the wasm-bindgen CLI: what a build of the page needs.
pub fn build_tools(workspace: &Path, source: StdSource) -> Result<Toolchain> {
    let cache = paths::cache()?;
    let tools = cache.join("tools");
    std::fs::create_dir_all(&tools)?;
    let toolchain = wasm::toolchain(&cache, &tools.join("bin"), source)?;
    tools::install(workspace, &tools)?;
    Ok(toolchain)
}
