//! Building `dist/`: the page as a folder of static files.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::late;
use crate::process::{command, run};
use crate::setup::{StdSource, build_tools};

/// What the page needs beside code, made by `cargo xtask data`.
const DATA: &str = "public/data";
/// The script that keeps the page for use without a network.
const SERVICE_WORKER: &str = "sw.js";
/// What stands in it for the name of the build.
const UNBUILT: &str = "unbuilt";
/// What stands in it for the names of the pieces of the page.
const NO_PIECES: &str = "const LATE = [];";

/// Builds the page and its workers and returns the folder to serve.
///
/// With `cpu_only` the worker with the WebGPU engine is left out, which cuts a build from nothing to a third.
pub fn build(workspace: &Path, cpu_only: bool, source: StdSource) -> Result<PathBuf> {
    let toolchain = build_tools(workspace, source)?;
    ensure!(workspace.join(DATA).is_dir(), "the page's datasets are not in {DATA}: run `cargo xtask data`");

    // Trunk runs cargo without network, so everything has to be here before.
    eprintln!("build: fetching the dependencies");
    run(command("cargo").args(["fetch", "--quiet"]).current_dir(workspace))?;

    let page = Page::prepare(workspace, cpu_only)?;
    eprintln!("build: trunk build --release{}", if cpu_only { " (CPU engine only)" } else { "" });
    let mut trunk = toolchain.command("trunk");
    trunk
        .current_dir(workspace)
        .args(["build", "--release", "--offline", "--html-output", "index.html"])
        .arg(&page.path);
    let pieces = std::env::temp_dir().join(format!("upgrade-lab-pieces-{}", std::process::id()));
    late::stand_in(&mut trunk, &toolchain.tool("wasm-bindgen"), &pieces)?;
    // Trunk 0.21 takes the customary NO_COLOR=1 for a mistake of its own flag.
    run(trunk.env_remove("NO_COLOR").stdout(std::io::stderr()))?;

    let dist = workspace.join("dist");
    let names = late::place(&pieces, &dist)?;
    fs::remove_dir_all(&pieces)?;
    stamp(&dist, &names)?;
    report(&dist)?;
    Ok(dist)
}

/// The HTML file that Trunk builds from: links in it decide what is built.
struct Page {
    path: PathBuf,
    temporary: bool,
}

impl Page {
    fn prepare(workspace: &Path, cpu_only: bool) -> Result<Self> {
        let index = workspace.join("index.html");
        if !cpu_only {
            return Ok(Self { path: index, temporary: false });
        }
        let html = fs::read_to_string(&index).context("index.html cannot be read")?;
        // Trunk looks for everything beside this file, so it cannot lie in a temporary folder.
        let page = Self { path: workspace.join(".index.cpu-only.html"), temporary: true };
        fs::write(&page.path, without_gpu_worker(&html))?;
        Ok(page)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if self.temporary {
            fs::remove_file(&self.path).ok();
        }
    }
}

/// The page without the link that builds the WebGPU worker (one line, as all of Trunk's links are).
fn without_gpu_worker(html: &str) -> String {
    html.lines().filter(|line| !line.contains("data-bin=\"worker_gpu\"")).flat_map(|line| [line, "\n"]).collect()
}

/// Writes a digest of all files into the service worker, so that browsers notice another build and keep it apart.
fn stamp(dist: &Path, late: &[String]) -> Result<()> {
    let mut files = Vec::new();
    list(dist, &mut files)?;
    files.sort();
    let mut digest = DefaultHasher::new();
    for file in &files {
        file.strip_prefix(dist)?.hash(&mut digest);
        fs::read(file)?.hash(&mut digest);
    }
    let script = dist.join(SERVICE_WORKER);
    let text = fs::read_to_string(&script).with_context(|| format!("{} cannot be read", script.display()))?;
    ensure!(text.contains(UNBUILT), "{SERVICE_WORKER} has no place for the name of the build");
    ensure!(text.contains(NO_PIECES), "{SERVICE_WORKER} has no place for the names of the pieces");
    let pieces = format!("const LATE = {};", serde_json::to_string(late)?);
    let text = text.replace(UNBUILT, &format!("{:016x}", digest.finish())).replace(NO_PIECES, &pieces);
    fs::write(script, text)?;
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
fn report(dist: &Path) -> Result<()> {
    for name in late::files(dist)?.iter().filter(|name| name.ends_with(".wasm")) {
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
        let dist = std::env::temp_dir().join(format!("upgrade-lab-dist-{}", std::process::id()));
        fs::create_dir_all(dist.join("data")).unwrap();
        let built = |worker: &str| {
            fs::write(dist.join("worker_bg.wasm"), worker).unwrap();
            fs::write(dist.join(SERVICE_WORKER), include_str!("../../public/sw.js")).unwrap();
            fs::write(dist.join("data/manifest.json"), "{}").unwrap();
            stamp(&dist, &["late-0.js".to_owned()]).unwrap();
            fs::read_to_string(dist.join(SERVICE_WORKER)).unwrap()
        };
        let (first, again, other) = (built("old"), built("old"), built("new"));
        assert!(!first.contains(UNBUILT));
        assert!(first.contains("const LATE = [\"late-0.js\"];"));
        assert_eq!(first, again);
        assert_ne!(first, other);
        fs::remove_dir_all(dist).unwrap();
    }

    #[test]
    fn cpu_only_page_lacks_the_gpu_worker_and_nothing_else() {
        let html = include_str!("../../index.html");
        let cpu_only = without_gpu_worker(html);
        assert!(html.contains("data-bin=\"worker_gpu\""));
        assert!(!cpu_only.contains("data-bin=\"worker_gpu\""));
        assert!(["app", "worker", "worker_wide"].iter().all(|name| cpu_only.contains(&format!("data-bin=\"{name}\""))));
        assert_eq!(cpu_only.lines().count() + 1, html.lines().count());
    }
}
