//! What the documentation says of decisions about real models is what was measured.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod support;

use support::script;

#[test]
fn the_document_follows_from_its_numbers() {
    let (code, said) = script("decisions.py", ["--check"]);
    assert_eq!(code, Some(0), "{said}");
}
