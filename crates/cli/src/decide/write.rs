//! What is written: the files of a decision, and what the terminal is told.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::Context as _;
use decide::files::Left;

use crate::run::write as file;

/// Writes the files of a decision into `out`, which is made if it is not there.
pub fn all(out: &Path, left: &Left) -> anyhow::Result<()> {
    for (path, bytes) in &left.files {
        let path = out.join(path);
        let folder = path.parent().unwrap_or(out);
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        file(&path, bytes)?;
    }
    Ok(())
}

/// Prints `text`. A reader that has had enough is the end, and no fault.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(fault) if fault.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done.context("cannot write to the standard output"),
    }
}

/// Says something on the standard error, if that can be.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
