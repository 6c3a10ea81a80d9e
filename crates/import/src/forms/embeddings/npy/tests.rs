//! What NumPy writes, what is damaged, and what is made to do harm.

use std::io::{Cursor, Read};

use proptest::prelude::*;
use zip::ZipArchive;

use super::*;
use crate::input::kind::NPY;
use crate::testing::{npy, npy_of, rows};

fn numbers(bytes: &[u8]) -> Vec<f32> {
    match read("a.npy", bytes).unwrap().values {
        Values::Rows { rows, dims, numbers } => {
            assert_eq!(numbers.len(), rows * dims);
            numbers
        }
        other => panic!("no rows: {other:?}"),
    }
}

fn names(bytes: &[u8]) -> Vec<String> {
    match read("a.npy", bytes).unwrap().values {
        Values::Labels(labels) => labels.iter().map(str::to_owned).collect(),
        other => panic!("no labels: {other:?}"),
    }
}

fn say(bytes: &[u8]) -> String {
    read("a.npy", bytes).unwrap_err().to_string()
}

#[test]
fn what_numpy_writes_is_read() {
    let file = |name: &str| {
        let fixtures: [&[u8]; 2] = [
            include_bytes!("../../../tests/fixtures/numbers.npz"),
            include_bytes!("../../../tests/fixtures/names.npz"),
        ];
        let mut bytes = Vec::new();
        for fixture in fixtures {
            if let Ok(mut file) = ZipArchive::new(Cursor::new(fixture)).unwrap().by_name(&format!("{name}.npy")) {
                file.read_to_end(&mut bytes).unwrap();
            }
        }
        bytes
    };
    for name in ["f2", "f4", "f8", "f4_big", "f8_columns", "f4_squeezed"] {
        assert_eq!(numbers(&file(name)), [-1.5, -0.5, 0.5, 1.5, 2.5, 3.5], "{name}");
    }
    assert_eq!(numbers(&file("none")), [0.0; 0]);
    for (name, expected) in [
        ("i1", ["-1", "2", "127"]),
        ("i2", ["-1", "2", "300"]),
        ("i4", ["-1", "2", "70000"]),
        ("i8", ["-1", "2", "1099511627776"]),
        ("u1", ["1", "2", "255"]),
        ("u2", ["1", "2", "65535"]),
        ("u4", ["1", "2", "4294967295"]),
        ("u8", ["1", "2", "18446744073709551615"]),
        ("bool", ["0", "1", "1"]),
        ("unicode", ["ant", "bee é", "ant"]),
        ("unicode_big", ["ant", "bee é", "ant"]),
        ("bytes", ["ant", "bee", ""]),
    ] {
        assert_eq!(names(&file(name)), expected, "{name}");
    }
    for (name, dtype) in
        [("date", "<M8[D]"), ("complex", "<c8"), ("long", "<f16"), ("objects", "|O"), ("scalar", "<i8")]
    {
        let array = read(name, &file(name)).unwrap();
        assert_eq!((array.values, array.head.dtype.as_str()), (Values::Unread, dtype));
    }
    assert_eq!(
        say(&file("records")),
        "a.npy cannot be read as a .npy array: its header is not that of a plain array; save it again with numpy.save"
    );
}

#[test]
fn damaged_files_are_told() {
    let told = |reason: &str| format!("a.npy cannot be read as a .npy array: {reason}; save it again with numpy.save");
    let whole = rows(2, &[1.0, 2.0, 3.0, 4.0]);
    assert_eq!(say(b"<html>"), told("it does not begin as one"));
    assert_eq!(say(&whole[..7]), told("it is cut short"));
    assert_eq!(say(&whole[..40]), told("it is cut short"));
    let cut = "its header announces 16 bytes of values, there are 15";
    assert_eq!(say(&whole[..whole.len() - 1]), told(cut));
    let huge = npy("'<f4'", "(1000000, 1000000000000)", false, &[]);
    assert_eq!(say(&huge), told("its header announces 4000000000000000000 bytes of values, there are 0"));
    let longer = npy("'<f8'", "(1000000, 10000000000000)", false, &[]);
    assert_eq!(say(&longer), told("its header announces more bytes than there can be of values, there are 0"));
    let largest = npy("'<f4'", "(1000000000000, 1000000000000)", false, &[]);
    assert_eq!(say(&largest), told("its shape is larger than any array can be"));
    let none = npy("'<f4'", "(1000000000000, 1000000000000, 0)", false, &[]);
    assert_eq!(say(&none), told("its shape is larger than any array can be"));
    assert_eq!(
        say(&npy("'<f4'", "(1000001, 2)", false, &[])),
        "a.npy has 1000001 rows; at most 1000000 can be read, so hand in fewer, of every array the same"
    );
    assert!(say(&npy("'<q4'", "(1, 2)", false, &[])).contains("invalid type string"));
}

#[test]
fn headers_that_are_no_plain_literal_never_reach_the_parser() {
    let told = "its header is not that of a plain array";
    let sum = format!("{{'shape': (1.0+{},)}}", "9".repeat(400));
    assert!(say(&npy_of(&sum, &[])).contains(told));
    assert!(say(&npy_of(&"(".repeat(9000), &[])).contains(told));
    assert!(say(&npy_of(&"[{".repeat(2000), &[])).contains(told));
    assert!(say(&npy_of(&" ".repeat(20_000), &[])).contains("longer than that of any plain array"));
    let listed = "{'descr': '<f4', 'fortran_order': False, 'shape': [9999999999, 9999999999], 'x': (1,)}";
    assert!(say(&npy_of(listed, &[])).contains("larger than any array can be"));
    let grouped = "{'descr': '<f4', 'fortran_order': False, 'shape': (9_999_999_999_999, 9_999_999_999_999)}";
    assert!(say(&npy_of(grouped, &[])).contains("larger than any array can be"));
    // Strings of no bytes, as many as one likes.
    assert_eq!(read("a", &npy("'<U0'", "(1000000,)", false, &[])).unwrap().values, Values::Unread);
    assert!(say(&npy("'<U18446744073709551615'", "(1,)", false, &[0; 8])).contains("cannot be read as a .npy array"));
}

fn plausible() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ",",
        ":",
        "'",
        "\"",
        " ",
        "1",
        "99",
        "0x1f",
        "1e9",
        "5j",
        "b'a'",
        "-",
        "+",
        ".",
        "_",
        "\\",
        "True",
        "None",
        "'descr'",
        "'shape'",
        "'fortran_order'",
        "'<f4'",
        "'|O'",
        "'<M8[D]'",
        "(2, 2)",
    ];
    let header = prop::collection::vec(prop::sample::select(words.to_vec()), 0..24).prop_map(|words| words.concat());
    let whole = ("'[<>|=][biufcmMSUOVx][0-9]{0,3}'", "\\([0-9]{1,6}, ?[0-9]{0,6}\\)", any::<bool>());
    let whole = whole.prop_map(|(descr, shape, fortran)| npy(&descr, &shape, fortran, &[]));
    prop_oneof![header.prop_map(|header| npy_of(&header, &[])), whole]
}

proptest! {
    #[test]
    fn arbitrary_headers_never_panic(start in plausible(), values in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read("a", &[start, values].concat());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), magic: bool) {
        let start: &[u8] = if magic { NPY } else { b"" };
        let _ = read("a", &[start, &bytes].concat());
    }

    #[test]
    fn damaged_files_never_panic(at in any::<prop::sample::Index>(), value: u8) {
        let mut bytes = rows(2, &[1.0, 2.0, 3.0, 4.0]);
        let at = at.index(bytes.len());
        bytes[at] = value;
        let _ = read("a", &bytes);
    }

    #[test]
    fn columns_first_is_the_same_turned(rows in 1usize..6, dims in 1usize..6) {
        let value = |row: usize, column: usize| ((row * 100 + column) as f32).to_le_bytes();
        let lines: Vec<u8> = (0..rows).flat_map(|row| (0..dims).flat_map(move |column| value(row, column))).collect();
        let columns: Vec<u8> = (0..dims).flat_map(|column| (0..rows).flat_map(move |row| value(row, column))).collect();
        let shape = format!("({rows}, {dims})");
        prop_assert_eq!(numbers(&npy("'<f4'", &shape, false, &lines)), numbers(&npy("'<f4'", &shape, true, &columns)));
    }
}
