//! What tests of several modules begin with.

use crate::{Dataset, Normalisation, Part, Provenance};

/// A dataset of nobody's with these classes and the same items in both parts.
pub fn dataset(part: Part, class_names: Vec<String>) -> Dataset {
    let none = String::new;
    Dataset {
        id: none(),
        name: none(),
        class_names,
        normalisation: Normalisation::of(part.items()),
        train: part.clone(),
        test: part,
        given: Vec::new(),
        provenance: Provenance {
            package: none(),
            package_version: none(),
            licence: none(),
            copyright: none(),
            homepage: none(),
        },
    }
}
