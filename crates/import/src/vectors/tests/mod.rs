//! What people bring, from files to a case.

mod cases;
mod columns;
mod faults;
mod robust;

use decide::Relevance;

use super::*;
use crate::testing::{labels, named, npy, rows};

/// `count` rows of `dims` numbers between -1 and 1 that follow from `salt`.
fn numbers(count: usize, dims: usize, salt: u32) -> Vec<f32> {
    let mut state = salt.wrapping_mul(0x9e37_79b9) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (f64::from(state) / f64::from(u32::MAX) * 2.0 - 1.0) as f32
    };
    (0..count * dims).map(|_| next()).collect()
}

/// The same as a NumPy file.
fn array(count: usize, dims: usize, salt: u32) -> Vec<u8> {
    rows(dims, &numbers(count, dims, salt))
}

/// As floats of 16 bits.
fn halves(count: usize, dims: usize, salt: u32) -> Vec<u8> {
    let bytes: Vec<u8> =
        numbers(count, dims, salt).iter().flat_map(|&value| half::f16::from_f32(value).to_le_bytes()).collect();
    npy("'<f2'", &format!("({count}, {dims})"), false, &bytes)
}

/// Strings of a NumPy file.
fn strings(words: &[String]) -> Vec<u8> {
    let width = words.iter().map(|word| word.chars().count()).max().unwrap_or(1).max(1);
    let mut bytes = Vec::new();
    for word in words {
        let codes = word.chars().map(u32::from).chain(std::iter::repeat(0)).take(width);
        codes.for_each(|code| bytes.extend(code.to_le_bytes()));
    }
    npy(&format!("'<U{width}'"), &format!("({},)", words.len()), false, &bytes)
}

/// `prefix0`, `prefix1`, ...
fn ids(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|at| format!("{prefix}{at}")).collect()
}

/// Labels 0 to 3 in turn.
fn turns(count: usize) -> Vec<u8> {
    labels(&(0..count).map(|row| (row % 4) as u8).collect::<Vec<_>>())
}

/// `old.npy` and `new.npy`, 24 and 32 dims.
fn pair(count: usize) -> Vec<NamedFile> {
    vec![named("old.npy", array(count, 24, 1)), named("new.npy", array(count, 32, 2))]
}

fn with(mut files: Vec<NamedFile>, more: Vec<NamedFile>) -> Vec<NamedFile> {
    files.retain(|file| more.iter().all(|other| other.path != file.path));
    files.extend(more);
    files
}

fn all(files: Vec<NamedFile>) -> Gathered {
    gather(files, &Gathering::default(), &mut |_| {}).unwrap()
}

fn case(files: Vec<NamedFile>) -> Case {
    with_ids(files).0
}

fn with_ids(files: Vec<NamedFile>) -> (Case, bool) {
    match all(files) {
        Gathered::Case { case, with_ids } => (case, with_ids),
        Gathered::WhichIsOld { why, .. } => panic!("asked: {why}"),
    }
}

fn say(files: Vec<NamedFile>) -> String {
    gather(files, &Gathering::default(), &mut |_| {}).unwrap_err().to_string()
}

/// Whether a notice holds these words.
fn notes(case: &Case, words: &str) -> bool {
    case.notices.iter().any(|notice| notice.contains(words))
}

/// Labels of documents by name.
fn labels_of(case: &Case) -> Vec<Option<&str>> {
    let Relevance::Labels { documents, names, .. } = &case.relevance else { panic!("{:?}", case.relevance) };
    documents.iter().map(|label| label.map(|label| names[label as usize].as_str())).collect()
}
