//! Building `dist/`: the page as a folder of static files.
//!
//! In two parts: the page with all that computes on the CPU, and the program with the WebGPU engine, which takes longer to compile
//! than all of the first. `dist/` can be served after either; a file in it says how far it is ([`GpuProgram::FILE`]).

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use protocol::GpuProgram;

use crate::late;
use crate::process::{command, run};
use crate::setup::{self, BuildTools, StdSource, build_tools};
use crate::steps::Steps;

/// What the page needs beside code, made by `cargo xtask data`.
const DATA: &str = "public/data";
/// The page as Trunk reads it: links in it decide what is built.
const INDEX: &str = "index.html";
/// The same for the first part. Trunk looks for everything beside it, so it cannot lie in a temporary folder.
const FIRST: &str = ".index.first.html";
/// Where the second part is built. Apart from the sources, since Trunk takes a page beside a `Cargo.toml` for that of its package.
const APART: &str = ".webgpu";
/// Where the page is cut into pieces.
const PIECES: &str = "target/pieces";
/// What the one line of the page has that is the link of the program with the WebGPU engine.
const GPU_LINK: &str = "data-bin=\"worker_gpu\"";
/// The script that keeps the page for use without a network.
const SERVICE_WORKER: &str = "sw.js";
/// What stands in it for the name of the build.
const UNBUILT: &str = "unbuilt";
/// What stands in it for the names of the pieces of the page.
const NO_PIECES: &str = "const LATE = [];";
/// What stands in it for the digests of the files.
const NO_DIGESTS: &str = "const DIGESTS = {};";

/// Builds the page and its workers and returns the folder to serve.
///
/// With `cpu_only` the worker with the WebGPU engine is left out, which cuts a build from nothing to a third.
pub fn build(workspace: &Path, cpu_only: bool, source: StdSource) -> Result<PathBuf> {
    let mut build = Build::first(workspace, cpu_only, source, run)?;
    if !cpu_only {
        build.second(run)?;
    }
    Ok(build.dist)
}

/// A build under way.
pub struct Build {
    /// The folder to serve.
    pub dist: PathBuf,
    workspace: PathBuf,
    tools: BuildTools,
    steps: Steps,
}

impl Build {
    /// The page with the workers that compute on the CPU; with `cpu_only` that is all of it. What compiles it is run by `compile`.
    pub fn first(
        workspace: &Path,
        cpu_only: bool,
        source: StdSource,
        compile: impl FnOnce(&mut Command) -> Result<()>,
    ) -> Result<Self> {
        ensure!(workspace.join(DATA).is_dir(), "the page's datasets are not in {DATA}: run `cargo xtask data`");
        let mut steps = Steps::new("build", setup::STEPS + if cpu_only { 2 } else { 3 });
        let tools = build_tools(workspace, source, &mut steps)?;
        // Trunk runs cargo without network, so everything has to be here before.
        steps.step("the sources of the dependencies", || {
            run(command("cargo").args(["fetch", "--quiet"]).current_dir(workspace))
        })?;
        let mut build = Self { dist: workspace.join("dist"), workspace: workspace.to_path_buf(), tools, steps };
        let Self { dist, workspace, tools, steps } = &mut build;
        steps.step("the page and the workers that compute on the CPU", || {
            let names = page(workspace, dist, tools, compile)?;
            finish(workspace, dist, GpuProgram::Absent)?;
            report(dist, &names)
        })?;
        Ok(build)
    }

    /// Adds the worker with the WebGPU engine. What compiles it is run by `compile`.
    pub fn second(&mut self, compile: impl FnOnce(&mut Command) -> Result<()>) -> Result<()> {
        let Self { dist, workspace, tools, steps } = self;
        steps.step("the worker with the WebGPU engine", || {
            let names = gpu_worker(workspace, dist, tools, compile)?;
            finish(workspace, dist, GpuProgram::Ready)?;
            report(dist, &names)
        })
    }
}

/// Builds the first part and returns the names of its files.
fn page(
    workspace: &Path,
    dist: &Path,
    tools: &BuildTools,
    compile: impl FnOnce(&mut Command) -> Result<()>,
) -> Result<Vec<String>> {
    let html = index(workspace)?;
    let first = workspace.join(FIRST);
    fs::write(&first, without_gpu_worker(&html))?;
    let pieces = workspace.join(PIECES);
    let mut trunk = trunk(workspace, tools);
    trunk.args(["--html-output", INDEX]).arg(&first);
    let built = late::stand_in(&mut trunk, &tools.bindgen, &pieces)
        .and_then(|()| compile(&mut trunk))
        .and_then(|()| late::place(&pieces, dist));
    // What stays of them is replaced by the next build.
    fs::remove_file(&first).ok();
    fs::remove_dir_all(&pieces).ok();
    built?;
    late::files(dist)
}

/// Builds the second part, brings it to `dist` and returns the names of its files.
fn gpu_worker(
    workspace: &Path,
    dist: &Path,
    tools: &BuildTools,
    compile: impl FnOnce(&mut Command) -> Result<()>,
) -> Result<Vec<String>> {
    let html = index(workspace)?;
    let apart = workspace.join(APART);
    fs::remove_dir_all(&apart).ok();
    fs::create_dir_all(&apart)?;
    fs::write(apart.join(INDEX), only_gpu_worker(&html).context("index.html has no link of the WebGPU worker")?)?;
    let built = apart.join("dist");
    let mut trunk = trunk(workspace, tools);
    // Its one warning would be that there is no page in this page.
    trunk.args(["--log", "error", "--dist"]).arg(&built).arg(apart.join(INDEX));
    late::prefer(&mut trunk, &tools.bindgen, &apart.join("bin"))?;
    compile(&mut trunk)?;
    let names: Vec<String> = late::files(&built)?.into_iter().filter(|name| name != INDEX).collect();
    for name in &names {
        fs::rename(built.join(name), dist.join(name)).with_context(|| format!("{name} cannot be moved to dist"))?;
    }
    fs::remove_dir_all(apart)?;
    Ok(names)
}

/// The page as Trunk reads it.
fn index(workspace: &Path) -> Result<String> {
    fs::read_to_string(workspace.join(INDEX)).with_context(|| format!("{INDEX} cannot be read"))
}

/// Trunk, told what both parts have in common.
fn trunk(workspace: &Path, tools: &BuildTools) -> Command {
    let mut trunk = tools.toolchain.command(&tools.trunk);
    trunk.current_dir(workspace).args(["build", "--release", "--offline"]);
    // Trunk 0.21 takes the customary NO_COLOR=1 for a mistake of its own flag.
    trunk.env_remove("NO_COLOR").stdout(std::io::stderr());
    trunk
}

/// The page without the link that builds the WebGPU worker (one line, as all of Trunk's links are).
fn without_gpu_worker(html: &str) -> String {
    html.lines().filter(|line| !line.contains(GPU_LINK)).flat_map(|line| [line, "\n"]).collect()
}

/// A page of that link alone, for [`APART`]; `None` if the page has none.
fn only_gpu_worker(html: &str) -> Option<String> {
    let link = html.lines().find(|line| line.contains(GPU_LINK))?.trim();
    let link = link.replacen("rel=\"rust\"", "rel=\"rust\" href=\"../Cargo.toml\"", 1);
    Some(format!("<!doctype html>\n<html><head>{link}</head><body></body></html>\n"))
}

/// Writes what tells browsers of this build: how far the program with the WebGPU engine is, and the service worker.
fn finish(workspace: &Path, dist: &Path, gpu: GpuProgram) -> Result<()> {
    fs::write(dist.join(GpuProgram::FILE), format!("{}\n", gpu.word()))?;
    let script = workspace.join("public").join(SERVICE_WORKER);
    let script = fs::read_to_string(&script).with_context(|| format!("{} cannot be read", script.display()))?;
    stamp(dist, &script)
}

/// How far the program with the WebGPU engine is in a folder that was built; `None` if nothing was built there.
pub fn gpu_program(dist: &Path) -> Option<GpuProgram> {
    GpuProgram::read(&fs::read_to_string(dist.join(GpuProgram::FILE)).ok()?)
}

/// Writes the service worker with a digest of all files, so that browsers notice another build and keep it apart, and one of each, so that
/// it keeps no other.
fn stamp(dist: &Path, script: &str) -> Result<()> {
    ensure!(script.contains(UNBUILT), "{SERVICE_WORKER} has no place for the name of the build");
    ensure!(script.contains(NO_PIECES), "{SERVICE_WORKER} has no place for the names of the pieces");
    ensure!(script.contains(NO_DIGESTS), "{SERVICE_WORKER} has no place for the digests of the files");
    let stamped = dist.join(SERVICE_WORKER);
    let mut files = Vec::new();
    list(dist, &mut files)?;
    files.retain(|file| *file != stamped);
    files.sort();
    let mut digest = DefaultHasher::new();
    script.hash(&mut digest);
    for file in &files {
        file.strip_prefix(dist)?.hash(&mut digest);
        fs::read(file)?.hash(&mut digest);
    }
    let pieces = format!("const LATE = {};", serde_json::to_string(&late::placed(dist)?)?);
    let each = format!("const DIGESTS = {};", serde_json::to_string(&digests(dist, &files)?)?);
    let text = script.replace(UNBUILT, &format!("{:016x}", digest.finish()));
    let text = text.replace(NO_PIECES, &pieces).replace(NO_DIGESTS, &each);
    // Whole at any moment, since the folder may be served.
    let aside = dist.join(format!("{SERVICE_WORKER}.new"));
    fs::write(&aside, text)?;
    fs::rename(aside, stamped)?;
    Ok(())
}

/// The digest of each file by its path below the page.
fn digests(dist: &Path, files: &[PathBuf]) -> Result<BTreeMap<String, String>> {
    let mut digests = BTreeMap::new();
    for file in files {
        let path = file.strip_prefix(dist)?.to_string_lossy().replace('\\', "/");
        digests.insert(path, data::sha256(&fs::read(file)?));
    }
    Ok(digests)
}

/// Copies a folder that was built, with all that is below it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut files = Vec::new();
    list(from, &mut files)?;
    for file in files {
        let copy = to.join(file.strip_prefix(from)?);
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&file, &copy).with_context(|| format!("{} cannot be copied", file.display()))?;
    }
    Ok(())
}

fn list(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() { list(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// One line per program: its size is part of what the build is judged by.
fn report(dist: &Path, names: &[String]) -> Result<()> {
    for name in names.iter().filter(|name| name.ends_with(".wasm")) {
        let bytes = fs::metadata(dist.join(name))?.len();
        eprintln!("build: {name} {:.2} MB", bytes as f64 / 1e6);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_build_has_a_service_worker_of_its_own() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let dist = std::env::temp_dir().join(format!("upgrade-lab-dist-{}", std::process::id()));
        fs::create_dir_all(dist.join("data")).unwrap();
        fs::write(dist.join("late-0.js"), "").unwrap();
        fs::write(dist.join("data/manifest.json"), "{}").unwrap();
        let built = |worker: &str, gpu| {
            fs::write(dist.join("worker_bg.wasm"), worker).unwrap();
            finish(&workspace, &dist, gpu).unwrap();
            assert_eq!(gpu_program(&dist), Some(gpu));
            fs::read_to_string(dist.join(SERVICE_WORKER)).unwrap()
        };
        let first = built("old", GpuProgram::Absent);
        let (again, other) = (built("old", GpuProgram::Absent), built("new", GpuProgram::Absent));
        assert!(!first.contains(UNBUILT));
        assert!(first.contains("const LATE = [\"late-0.js\"];"));
        let digest = data::sha256(b"old");
        assert!(first.contains(&format!("\"worker_bg.wasm\":\"{digest}\"}};")), "each file has its digest");
        assert!(!first.contains("\"sw.js\""));
        assert_eq!(first, again);
        assert_ne!(first, other);
        assert_ne!(other, built("new", GpuProgram::Ready), "what was added is another build");
        fs::remove_dir_all(dist).unwrap();
    }

    #[test]
    fn the_two_parts_are_the_whole_page() {
        let html = include_str!("../../index.html");
        let first = without_gpu_worker(html);
        assert!(html.contains(GPU_LINK) && !first.contains(GPU_LINK));
        assert!(["app", "worker", "worker_wide"].iter().all(|name| first.contains(&format!("data-bin=\"{name}\""))));
        assert_eq!(first.lines().count() + 1, html.lines().count());
        let second = only_gpu_worker(html).unwrap();
        assert!(second.contains(GPU_LINK) && second.contains("href=\"../Cargo.toml\""), "{second}");
        assert_eq!(second.matches("data-trunk").count(), 1);
        assert_eq!(only_gpu_worker(&first), None);
    }
}
