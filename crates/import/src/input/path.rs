//! What a path says: the form of a file, its class and its part.

/// A part of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Train,
    Test,
}

impl Part {
    /// The part that a word in the name of an array of embeddings stands for.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "query" | "gallery" => Some(Self::Test),
            _ => Self::of_folder(word),
        }
    }

    /// The part that a folder of this name stands for.
    pub fn of_folder(name: &str) -> Option<Self> {
        match name.to_lowercase().as_str() {
            "train" | "training" => Some(Self::Train),
            "test" | "testing" | "val" | "valid" | "validation" => Some(Self::Test),
            _ => None,
        }
    }

    /// The part that a table or an array belongs to, by its name or its folders.
    pub fn of_file(path: &str) -> Option<Self> {
        let lower = path.to_lowercase();
        let mut parts = lower.rsplit('/');
        let name = parts.next().unwrap_or_default();
        // In this order: "t10k" is the test part of MNIST, and "train" is in no word for a test part.
        match () {
            () if name.contains("train") => Some(Self::Train),
            () if ["test", "val", "t10k"].iter().any(|word| name.contains(word)) => Some(Self::Test),
            () => parts.find_map(Self::of_folder),
        }
    }
}

/// The class of the image at `path`: its folder, or the nearest one around it that names no part.
pub(crate) fn class_of(path: &str) -> Option<&str> {
    folders(path).rev().find(|folder| Part::of_folder(folder).is_none())
}

/// The part of the image at `path`, by the outermost folder that names one.
pub(crate) fn part_of(path: &str) -> Option<Part> {
    folders(path).find_map(Part::of_folder)
}

fn folders(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').map(str::trim).filter(|folder| !folder.is_empty() && *folder != ".")
}

/// Whether `path` ends in `extension` (with its dot), whatever the case.
pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    path.len() > extension.len()
        && path.as_bytes().iter().rev().zip(extension.as_bytes().iter().rev()).all(|(a, b)| a.eq_ignore_ascii_case(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_is_in_the_name_or_a_folder() {
        assert_eq!(Part::of_file("fashion-mnist_test.csv"), Some(Part::Test));
        assert_eq!(Part::of_file("T10K-images-idx3-ubyte.gz"), Some(Part::Test));
        assert_eq!(Part::of_file("test/train.csv"), Some(Part::Train));
        assert_eq!(Part::of_file("a/Validation/images.idx3-ubyte"), Some(Part::Test));
        assert_eq!(Part::of_file("digits.csv"), None);
    }
    #[test]
    fn folders_name_class_and_part() {
        assert_eq!(class_of("pets/train/cat/1.png"), Some("cat"));
        assert_eq!(part_of("pets/Train/cat/1.png"), Some(Part::Train));
        assert_eq!(class_of("cat/validation/1.png"), Some("cat"));
        assert_eq!(part_of("cat/validation/1.png"), Some(Part::Test));
        assert_eq!(class_of("1.png"), None);
        assert_eq!(class_of("test/1.png"), None);
        assert_eq!(part_of("pets/cat/train.png"), None);
    }
}
