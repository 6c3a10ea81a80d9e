//! Pictures of the page for reviewers, in `docs/screens/`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::process::run;
use crate::setup::{StdSource, test_tools};
use crate::{dist, paths, picture, serve};

/// What all pictures together may take in the repository.
const MOST_BYTES: usize = 3_000_000;

/// Builds the page unless told not to, serves it and takes its pictures anew, with the page that shows them all.
pub fn screenshots(workspace: &Path, no_build: bool, source: StdSource) -> Result<()> {
    let tools = test_tools(workspace, &paths::cache()?, false)?;
    let dist = if no_build { workspace.join("dist") } else { dist::build(workspace, false, source)? };
    let server = serve::start(&dist, 0)?;
    // Aside first: pictures that were not taken must not be lost.
    let (raw, kept) = (workspace.join("target/screens"), workspace.join("docs/screens"));
    fs::remove_dir_all(&raw).ok();
    fs::create_dir_all(&raw)?;
    let mut node = tools.command("node");
    node.arg("screenshots.mjs").current_dir(workspace.join("tests/e2e"));
    run(node.env("BASE_URL", &server.url).env("SHOTS", &raw))?;

    fs::remove_dir_all(&kept).ok();
    fs::create_dir_all(&kept)?;
    let mut bytes = 0;
    for file in fs::read_dir(&raw)? {
        let (from, name) = file.map(|file| (file.path(), file.file_name()))?;
        let content = fs::read(&from)?;
        let content = match from.extension() {
            Some(extension) if extension == "png" => {
                picture::shrink(&content).with_context(|| format!("{} cannot be made smaller", from.display()))?
            }
            _ => content,
        };
        bytes += content.len();
        fs::write(kept.join(name), content)?;
    }
    eprintln!("screenshots: {} kB in {}", bytes / 1000, kept.display());
    ensure!(bytes <= MOST_BYTES, "the pictures take more than {} MB: take fewer of them", MOST_BYTES / 1_000_000);
    Ok(())
}
