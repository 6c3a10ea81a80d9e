//! Files, archives and archives within them.

use data::gzip;

use super::*;
use crate::testing::{named, zip};

fn store(files: Vec<NamedFile>) -> Store {
    Store::new(files.into_iter().map(Source::from).collect(), &mut Vec::new()).unwrap()
}

fn text(store: &mut Store, index: usize, offset: u64) -> (String, Option<u64>) {
    let mut opened = store.open(index, offset).unwrap();
    let mut text = String::new();
    opened.reader.read_to_string(&mut text).unwrap();
    (text, opened.size)
}

#[test]
fn a_file_can_be_read_from_any_byte_and_again() {
    let packed = gzip(b"one two").unwrap();
    let inner = zip([("b.txt", b"one two".as_slice())]);
    let outer = zip([("in.npz", inner.as_slice()), ("c.gz", packed.as_slice()), (".DS_Store", b"x".as_slice())]);
    let mut store = store(vec![named("z.txt", *b"one two"), named("y.gz", packed.clone()), named("a.zip", outer)]);
    let paths: Vec<&str> = (0..store.len()).map(|at| store.path(at)).collect();
    assert_eq!(paths, ["a.zip/c.gz", "a.zip/in.npz/b.txt", "y.gz", "z.txt"]);
    for index in 0..4 {
        let known = matches!(index, 1 | 3);
        assert_eq!(text(&mut store, index, 0), ("one two".into(), known.then_some(7)), "{index}");
        assert_eq!(text(&mut store, index, 4), ("two".into(), known.then_some(3)), "{index}");
        assert_eq!(text(&mut store, index, 90), (String::new(), known.then_some(0)), "{index}");
    }
    assert!(store.done() > 30);
    store.release(3);
    assert!(store.open(3, 0).is_err() && store.open(9, 0).is_err());
}

#[test]
fn archives_too_deep_are_left_out_with_a_word() {
    let mut archive = zip([("a.txt", b"a".as_slice())]);
    for _ in 0..4 {
        archive = zip([("in.zip", archive.as_slice())]);
    }
    let mut notices = Vec::new();
    let store = Store::new(vec![named("a.zip", archive).into()], &mut notices).unwrap();
    assert_eq!((store.len(), notices.len()), (0, 1));
    assert!(notices[0].contains("a.zip/in.zip/in.zip/in.zip"), "{notices:?}");
}

#[test]
fn what_is_no_archive_is_told() {
    let said = Store::new(vec![named("a.npz", *b"<html>").into()], &mut Vec::new()).err().unwrap().to_string();
    assert_eq!(said, "a.npz cannot be opened as a zip archive: it does not begin as one; pack it again");
}

#[test]
fn more_than_may_be_read_ends_with_a_fault() {
    let left = Rc::new(Cell::new(2));
    let mut reader = unpacked(Cursor::new(b"abc"), false, Rc::clone(&left));
    let mut first = [0; 2];
    reader.read_exact(&mut first).unwrap();
    assert_eq!((&first, left.get()), (b"ab", 0));
    assert!(reader.read_exact(&mut first).is_err());
}
