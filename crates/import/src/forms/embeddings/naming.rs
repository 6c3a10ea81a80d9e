//! What an array is for, by its path: which model's embeddings, or labels, and of which part.

use std::collections::BTreeSet;

use super::matrix::{Array, Values};
use crate::input::path::Part;

/// Words that name labels.
pub(crate) const LABELS: [&str; 7] = ["label", "labels", "target", "targets", "y", "class", "classes"];
/// Words that say nothing of a model: what every array is, and the ends of file names.
const FILLERS: [&str; 14] = [
    "embedding",
    "embeddings",
    "emb",
    "embs",
    "feature",
    "features",
    "feat",
    "feats",
    "vector",
    "vectors",
    "x",
    "npy",
    "gz",
    "safetensors",
];
const FIRST: [&str; 3] = ["old", "before", "previous"];
const LAST: [&str; 3] = ["new", "after", "next"];
/// A model of whose name nothing is left.
const UNNAMED: &str = "unnamed";

/// An array and what it is for.
pub(crate) struct Named {
    pub array: Array,
    pub part: Option<Part>,
    pub role: Role,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    /// Labels: by their name, or only because a row has one whole number or string.
    Labels { by_name: bool },
    /// Embeddings by the model of this name.
    Model(String),
}

/// Finds out what the arrays are for. Words that occur in the path of every one of them say nothing.
pub(crate) fn name(arrays: Vec<Array>) -> Vec<Named> {
    let mut paths = arrays.iter().map(|array| words(&array.head.path).into_iter().collect::<BTreeSet<_>>());
    let first = paths.next().unwrap_or_default();
    let common = paths.fold(first, |common, words| &common & &words);
    let named = |array: Array| {
        let mut words = words(&array.head.path);
        words.retain(|word| !common.contains(word));
        // The last is the nearest to the array: its own name, before those of folders.
        let part = words.iter().rev().find_map(|word| Part::of_word(word));
        let by_name = words.iter().any(|word| LABELS.contains(&word.as_str()));
        let role = if by_name || matches!(array.values, Values::Labels(_)) {
            Role::Labels { by_name }
        } else {
            Role::Model(model(&words))
        };
        Named { array, part, role }
    };
    arrays.into_iter().map(named).collect()
}

/// The words of a path, in lower case.
pub(crate) fn words(path: &str) -> Vec<String> {
    let lower = path.to_lowercase();
    lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The name of a model: the words that are left, joined by `-`.
fn model(words: &[String]) -> String {
    let own = |word: &&str| Part::of_word(word).is_none() && !FILLERS.contains(word);
    let own: Vec<&str> = words.iter().map(String::as_str).filter(own).collect();
    if own.is_empty() { UNNAMED.to_owned() } else { own.join("-") }
}

/// A key that sorts names of models oldest first: old ones, others, new ones; each by their letters, with numbers as numbers.
pub(crate) fn age(name: &str) -> (u8, Vec<(bool, usize, String)>) {
    let has = |list: &[&str]| name.split('-').any(|word| list.contains(&word));
    let rank = match (has(&FIRST), has(&LAST)) {
        (true, false) => 0,
        (false, true) => 2,
        _ => 1,
    };
    let letters: Vec<char> = name.chars().collect();
    let pieces = letters.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    let piece = |piece: &[char]| {
        let text: String = piece.iter().collect();
        if piece.iter().all(char::is_ascii_digit) {
            // Of numbers without leading zeros the longer is the larger, whatever their size.
            let digits = text.trim_start_matches('0');
            (false, digits.len(), digits.to_owned())
        } else {
            (true, 0, text)
        }
    };
    (rank, pieces.map(piece).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::embeddings::matrix::{Head, Sort};

    /// Roles and parts of arrays of floats.
    fn of(paths: &[&str]) -> Vec<(Option<Part>, Role)> {
        let array = |&path: &&str| {
            let head = Head { path: path.into(), shape: Vec::new(), dtype: String::new(), sort: Sort::Numbers };
            Array { head, values: Values::Unread }
        };
        name(paths.iter().map(array).collect()).into_iter().map(|named| (named.part, named.role)).collect()
    }

    fn model(name: &str) -> Role {
        Role::Model(name.into())
    }

    const LABELS: Role = Role::Labels { by_name: true };

    #[test]
    fn names_say_model_and_part() {
        use Part::{Test, Train};
        assert_eq!(
            of(&["emb/CLIP-B32_train.npy", "emb/x_test_clip.b32.npy", "emb/y_train.npy", "emb/Labels-Val.npy"]),
            [
                (Some(Train), model("clip-b32")),
                (Some(Test), model("clip-b32")),
                (Some(Train), LABELS),
                (Some(Test), LABELS)
            ]
        );
        assert_eq!(
            of(&["d/old/train.npy", "d/new/train.npy", "d/labels/train.npy"]),
            [(None, model("old")), (None, model("new")), (None, LABELS)],
            "a word in every path says nothing"
        );
        assert_eq!(
            of(&["a.safetensors/v1.query", "a.safetensors/v1.training", "a.safetensors/target"]),
            [(Some(Test), model("v1")), (Some(Train), model("v1")), (None, LABELS)]
        );
        assert_eq!(of(&["test/old_train.npy", "test2/labels.npy"])[0], (Some(Train), model("old")));
    }

    #[test]
    fn fillers_alone_are_no_name() {
        assert_eq!(of(&["embeddings.npy", "new_emb.npy"]), [(None, model("unnamed")), (None, model("new"))]);
    }

    #[test]
    fn models_are_sorted_by_age() {
        let sorted = |names: &[&str]| {
            let mut names = names.to_vec();
            names.sort_by_key(|name| age(name));
            names.join(" ")
        };
        assert_eq!(sorted(&["new", "old"]), "old new");
        assert_eq!(sorted(&["v10", "v2", "v1"]), "v1 v2 v10");
        assert_eq!(sorted(&["v2-0", "v1-5", "v1"]), "v1 v1-5 v2-0");
        assert_eq!(sorted(&["after", "b", "a", "before"]), "before a b after");
        assert_eq!(sorted(&["new-clip", "bert", "previous-clip"]), "previous-clip bert new-clip");
        assert_eq!(
            sorted(&["m99999999999999999999999", "m100000000000000000000000", "m007"]).split(' ').next(),
            Some("m007")
        );
        assert_eq!(sorted(&["resnet", "clip"]), "clip resnet");
    }
}
