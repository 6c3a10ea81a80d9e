//! Lists and names in sentences.

use crate::file::NamedFile;

/// At most so many names are listed.
const LISTED: usize = 3;

/// "a, b, c and 4 more"; `none` where there are no names.
pub(crate) fn list<'a>(mut names: impl Iterator<Item = &'a str>, none: &str) -> String {
    let listed: Vec<&str> = names.by_ref().take(LISTED).collect();
    match (listed.is_empty(), names.count()) {
        (true, _) => none.to_owned(),
        (_, 0) => listed.join(", "),
        (_, more) => format!("{} and {more} more", listed.join(", ")),
    }
}

/// "1 image", "2 images".
pub(crate) fn count(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}{}", if one.ends_with('s') { "es" } else { "s" }),
    }
}

/// "12 MB".
pub(crate) fn megabytes(bytes: usize) -> String {
    format!("{} MB", bytes >> 20)
}

/// What was handed in, by name.
#[derive(Debug)]
pub(crate) struct Source {
    /// "animals.zip, more.zip".
    pub files: String,
    /// A name for the dataset, where they have one in common: "animals".
    pub name: Option<String>,
}

impl Source {
    /// The names of `files`, each folder once, in alphabetical order.
    pub fn of(files: &[NamedFile]) -> Self {
        let tops = files.iter().filter_map(|file| file.path.split(['/', '\\']).find(|part| !part.is_empty()));
        let mut tops: Vec<&str> = tops.collect();
        tops.sort_unstable();
        tops.dedup();
        let name = match tops.as_slice() {
            [only] => stem(only),
            several => shared(several),
        };
        let name = (!name.is_empty()).then(|| name.to_owned());
        Self { files: list(tops.iter().copied(), "none"), name }
    }
}

/// A file's name without its extensions.
fn stem(name: &str) -> &str {
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// What the names begin with, all of them, up to where a word ends: "digits" of `digits_test.csv` and `digits_train.csv`.
fn shared<'a>(names: &[&'a str]) -> &'a str {
    let Some((first, others)) = names.split_first() else { return "" };
    let begins = |end: usize| first.get(..end).filter(|start| others.iter().all(|other| other.starts_with(start)));
    let ends = first.match_indices(['-', '_', ' ']).map(|(at, _)| at).rev();
    ends.filter_map(|at| begins(at + 1).and_then(|_| first.get(..at))).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_stay_short() {
        assert_eq!(list([].into_iter(), "none"), "none");
        assert_eq!(list(["a", "b"].into_iter(), ""), "a, b");
        assert_eq!(list(["a", "b", "c", "d", "e"].into_iter(), ""), "a, b, c and 2 more");
        assert_eq!(count(1, "class"), "1 class");
        assert_eq!(count(2, "class"), "2 classes");
    }

    #[test]
    fn a_chosen_folder_is_named_once() {
        let file = |path: &str| NamedFile { path: path.into(), bytes: Vec::new() };
        let source = Source::of(&[file("pets/cat/1.png"), file("pets/dog/1.png"), file("more.zip")]);
        assert_eq!(source.files, "more.zip, pets");
        assert_eq!(source.name, None);
        assert_eq!(Source::of(&[file("pets/cat/1.png"), file("pets/dog/1.png")]).name.as_deref(), Some("pets"));
        assert_eq!(
            Source::of(&[file("my-digits_test.csv.gz"), file("my-digits_train.csv.gz")]).name.as_deref(),
            Some("my-digits")
        );
        assert_eq!(Source::of(&[]).name, None);
    }
}
