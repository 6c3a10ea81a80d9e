//! Speed and size of the lab in headless Chromium, side by side with its peers.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use crate::process::run;
use crate::setup::{StdSource, bench_tools};
use crate::{dist, paths, serve};

/// A part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Training steps and a matrix product, the lab and its peers on every engine
    Steps,
    /// Sizes, first paint, the default scenario, the longest task of the page
    Page,
    /// Frames a second of the map with 5,000 items
    Map,
    /// Growth of memory over ten thousand steps
    Memory,
}

/// Builds the page unless told not to, serves it and measures; all parts together write docs/bench.md.
pub fn bench(workspace: &Path, parts: &[Part], no_build: bool, source: StdSource) -> Result<()> {
    let tools = bench_tools(workspace, &paths::cache()?)?;
    let dist = if no_build { workspace.join("dist") } else { dist::build(workspace, false, source)? };
    let server = serve::start(&dist, 0)?;
    let names = parts.iter().filter_map(|part| Some(part.to_possible_value()?.get_name().to_owned()));
    let mut node = tools.command("node");
    node.arg("bench.mjs").args(names).current_dir(workspace.join("benches"));
    node.env("BASE_URL", &server.url).env("DIST", &dist).env("BENCH_OUT", workspace.join("docs/bench.md"));
    run(&mut node)
}
