//! Where things lie: the repository, and the cache that outlives a clone.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// The repository's root folder: of the clone that runs this, as `cargo run` says, and not of one that shared its build folder
/// and compiled it.
pub fn root() -> Result<PathBuf> {
    let xtask =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = xtask.parent().context("the xtask package lies in no folder")?;
    Ok(root.to_path_buf())
}

/// The folder for tools and build products that are worth keeping between clones:
/// `$XDG_CACHE_HOME/upgrade-lab`, by default `~/.cache/upgrade-lab`.
pub fn cache() -> Result<PathBuf> {
    cache_from(env::var_os("XDG_CACHE_HOME"), env::var_os("HOME"))
        .context("neither XDG_CACHE_HOME nor HOME is set, so there is no place for tools: set one of them")
}

fn cache_from(xdg: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let set = |value: Option<OsString>| value.filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set(xdg).or_else(|| set(home).map(|home| home.join(".cache")))?;
    Some(base.join("upgrade-lab"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_follows_the_xdg_rule() {
        let at = |xdg: &str, home: &str| cache_from(Some(xdg.into()), Some(home.into()));
        assert_eq!(at("/x", "/h"), Some("/x/upgrade-lab".into()));
        assert_eq!(at("", "/h"), Some("/h/.cache/upgrade-lab".into()));
        assert_eq!(cache_from(None, None), None);
    }
}
