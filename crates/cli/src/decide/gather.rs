//! The files of a call, opened only when they are read.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use import::vectors::{Gathering, Seekable, Source};

use super::arguments::DecideArguments;

/// Folders within one another; more are a loop.
const DEPTH: usize = 32;

/// All files by the paths that tell what they are, and how to gather them.
pub fn sources(arguments: &DecideArguments) -> anyhow::Result<(Vec<Source>, Gathering)> {
    let mut found = Found::default();
    // What is said of a file comes before what its name says.
    for (file, role) in [(&arguments.qrels, "qrels"), (&arguments.labels, "labels")] {
        if let Some(file) = file {
            found.add(file, &format!("{role}/{}", name(file)), 0)?;
        }
    }
    let [old, new] = [&arguments.old, &arguments.new].map(|said| said.as_deref().map(said_model));
    let labels = labels(old.as_ref(), new.as_ref());
    let [old, new] = [(old, labels.0), (new, labels.1)].map(|(said, label)| match said {
        Some(Said::Path(path)) => {
            found.add(&path, &label, 0)?;
            anyhow::Ok(Some(label))
        }
        Some(Said::Name(name)) => Ok(Some(name)),
        None => Ok(None),
    });
    let (old, new) = (old?, new?);
    for path in &arguments.files {
        found.add(path, &name(path), 0)?;
    }
    Ok((found.sources, Gathering { old, new, rows: arguments.rows, seed: arguments.seed }))
}

/// What `--old` or `--new` said.
enum Said {
    Path(PathBuf),
    Name(String),
}

fn said_model(said: &str) -> Said {
    let path = Path::new(said);
    if path.exists() { Said::Path(path.to_owned()) } else { Said::Name(said.to_owned()) }
}

/// What two paths are called: by their last parts, as many as tell them apart.
fn labels(old: Option<&Said>, new: Option<&Said>) -> (String, String) {
    let parts = |said: Option<&Said>| -> Vec<String> {
        let Some(Said::Path(path)) = said else { return Vec::new() };
        let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
        let parts = whole.components().filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            _ => None,
        });
        parts.collect()
    };
    let (old, new) = (parts(old), parts(new));
    let last =
        |parts: &[String], count: usize| parts.get(parts.len().saturating_sub(count)..).unwrap_or_default().join("/");
    let most = old.len().max(new.len()).max(1);
    let count = (1..=most).find(|&count| last(&old, count) != last(&new, count)).unwrap_or(most);
    (last(&old, count), last(&new, count))
}

/// Files so far.
#[derive(Default)]
struct Found {
    sources: Vec<Source>,
    /// Those that are there already: a folder can be named twice, or lie in another.
    there: BTreeSet<PathBuf>,
}

impl Found {
    /// A file as `label`, or all files of a folder by their paths within it.
    fn add(&mut self, path: &Path, label: &str, depth: usize) -> anyhow::Result<()> {
        let failed = || format!("cannot read {}", path.display());
        let whole = path.canonicalize().with_context(failed)?;
        if !whole.is_dir() {
            if self.there.insert(whole.clone()) {
                self.sources.push(Source::new(label, move || {
                    Ok(Box::new(BufReader::new(File::open(&whole)?)) as Box<dyn Seekable>)
                }));
            }
            return Ok(());
        }
        if depth > DEPTH {
            bail!("{} lies too deep within folders", path.display());
        }
        let entries = std::fs::read_dir(path).with_context(failed)?;
        let mut entries: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
        entries.sort();
        if entries.is_empty() && depth == 0 {
            bail!("{} is empty", path.display());
        }
        entries.iter().try_for_each(|entry| self.add(entry, &format!("{label}/{}", name(entry)), depth + 1))
    }
}

/// The last part of a path: of `.` and such, of the folder that it is.
fn name(path: &Path) -> String {
    let own = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let whole = || path.canonicalize().ok()?.file_name().map(|name| name.to_string_lossy().into_owned());
    own.or_else(whole).unwrap_or_else(|| "files".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_called_by_what_tells_them_apart() {
        let said = |path: &str| Some(Said::Path(path.into()));
        let of = |old: Option<Said>, new: Option<Said>| labels(old.as_ref(), new.as_ref());
        assert_eq!(of(said("nowhere/a"), said("nowhere/b")), ("a".into(), "b".into()));
        assert_eq!(of(said("nowhere/a/emb"), said("nowhere/b/emb")), ("a/emb".into(), "b/emb".into()));
        assert_eq!(of(said("nowhere/a"), said("nowhere/a")), ("nowhere/a".into(), "nowhere/a".into()));
        assert_eq!(of(said("nowhere/a"), None).0, "a");
        assert_eq!(of(Some(Said::Name("x".into())), None), (String::new(), String::new()));
    }
}
