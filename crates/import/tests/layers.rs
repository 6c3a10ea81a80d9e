//! Modules use only those below them, so that each can be read without those above it.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

/// Modules and folders of `src`, the lowest first; those of one line do not use each other.
const LAYERS: [&[&str]; 7] =
    [&["limits", "file"], &["error", "words"], &["pixels"], &["input"], &["dataset"], &["forms", "vectors"], &["lib"]];

/// All sources below `folder`, those of tests left out.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let own = entries.filter(|path| !path.file_stem().is_some_and(|name| name == "tests" || name == "testing"));
    own.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

fn layer(module: &str, file: &Path) -> usize {
    let found = LAYERS.iter().position(|layer| layer.contains(&module));
    found.unwrap_or_else(|| panic!("{}: `{module}` has no layer", file.display()))
}

#[test]
fn every_module_uses_only_those_below_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut uses = 0;
    for file in sources(&root) {
        let within = file.strip_prefix(&root).unwrap().with_extension("");
        let own = within.iter().next().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (_, rest) in code.match_indices("crate::").map(|(at, found)| code.split_at(at + found.len())) {
            let word = |text: &str| text.chars().take_while(char::is_ascii_lowercase).collect::<String>();
            let list = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
            for module in
                list.map_or_else(|| vec![word(rest)], |list| list.split(',').map(|it| word(it.trim())).collect())
            {
                uses += 1;
                let (user, used) = (layer(own, &file), layer(&module, &file));
                assert!(used < user, "{} uses `{module}`, which is not below `{own}`", file.display());
            }
        }
    }
    assert!(uses > 20, "only {uses} uses were found");
}
