//! What NumPy writes, what is damaged, and what is made to do harm.

use proptest::prelude::*;

use super::super::sources::Source;
use super::*;
use crate::input::kind::NPY;
use crate::testing::{named, npy, npy_of, rows};

fn store(bytes: &[u8]) -> Store {
    Store::new(vec![Source::from(named("a.npy", bytes))], &mut Vec::new()).unwrap()
}

fn of(bytes: &[u8], hint: Option<Use>) -> Result<Body, VectorsError> {
    read(&mut store(bytes), 0, "a.npy", hint)
}

fn say(bytes: &[u8]) -> String {
    match of(bytes, None) {
        Ok(Body::Refused(fault)) | Err(fault) => fault.to_string(),
        Ok(other) => panic!("nothing to say: {other:?}"),
    }
}

/// All numbers of an array of two columns.
fn numbers(bytes: &[u8]) -> Vec<f32> {
    let mut store = store(bytes);
    let Ok(Body::Matrix(matrix)) = read(&mut store, 0, "a.npy", None) else { panic!("no vectors") };
    let mut into = vec![0.0; matrix.rows() * matrix.dims()];
    let slots: Vec<u32> = (0..matrix.rows() as u32).collect();
    matrix.fill(&mut store, "a.npy", &slots, &mut into, &mut |_| {}).unwrap();
    into
}

fn words(bytes: &[u8], hint: Option<Use>) -> Vec<String> {
    match of(bytes, hint) {
        Ok(Body::Names(names)) => names.values,
        other => panic!("no names: {other:?}"),
    }
}

/// An array of the fixtures, which NumPy wrote.
fn fixture(name: &str) -> Vec<u8> {
    let files: [&[u8]; 2] =
        [include_bytes!("../../tests/fixtures/numbers.npz"), include_bytes!("../../tests/fixtures/names.npz")];
    for file in files {
        let mut archive = zip::ZipArchive::new(io::Cursor::new(file)).unwrap();
        if let Ok(mut entry) = archive.by_name(&format!("{name}.npy")) {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            return bytes;
        }
    }
    panic!("there is no {name}")
}

#[test]
fn what_numpy_writes_is_read() {
    for name in ["f2", "f4", "f8", "f4_big", "f8_columns", "f4_squeezed"] {
        assert_eq!(numbers(&fixture(name)), [-1.5, -0.5, 0.5, 1.5, 2.5, 3.5], "{name}");
    }
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
        assert_eq!(words(&fixture(name), None), expected, "{name}");
    }
    for name in ["date", "scalar"] {
        assert!(matches!(of(&fixture(name), None), Ok(Body::Extra(_))), "{name}");
    }
    assert!(
        say(&fixture("complex")).starts_with("a.npy holds values of type <c8; save vectors as floats of 16, 32 or 64")
    );
    assert!(say(&fixture("long")).starts_with("a.npy holds values of type <f16; "));
    assert_eq!(
        say(&fixture("objects")),
        "a.npy is an array of Python objects (dtype object); save its rows as one array of numbers, with np.save('a.npy', \
         np.stack(np.load('a.npy', allow_pickle=True)).astype('float32'))"
    );
    assert_eq!(
        say(&fixture("records")),
        "a.npy is a structured array with the fields a, b; save the one that holds the vectors by itself, with np.save('a.npy', \
         np.lib.recfunctions.structured_to_unstructured(np.load('a.npy')))"
    );
}

#[test]
fn headers_of_old_versions_are_read() {
    let python2 = "{'descr': '<f4', 'fortran_order': False, 'shape': (1L, 2L), }\n";
    let values: Vec<u8> = [1.5f32, -2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(numbers(&npy_of(python2, &values)), [1.5, -2.0]);
    for version in [2u8, 3] {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n".as_bytes();
        let length = (header.len() as u32).to_le_bytes();
        assert_eq!(numbers(&[NPY, &[version, 0], &length, header, &values].concat()), [1.5, -2.0], "{version}");
    }
}

#[test]
fn small_types_are_vectors_in_their_own_way() {
    assert_eq!(numbers(&npy("'|i1'", "(2, 2)", false, &[1, 0xff, 127, 0x80])), [1.0, -1.0, 127.0, -128.0]);
    assert_eq!(numbers(&npy("'|u1'", "(1, 2)", false, &[0xf0, 1]))[..5], [1.0, 1.0, 1.0, 1.0, -1.0]);
    let bf16: Vec<u8> = [1.5f32, -3.0].iter().flat_map(|&value| half::bf16::from_f32(value).to_le_bytes()).collect();
    assert_eq!(numbers(&npy("'|V2'", "(1, 2)", false, &bf16)), [1.5, -3.0]);
    assert!(
        say(&npy("'|V1'", "(1, 2)", false, &[0; 2]))
            .contains("floats of 8 bits are not read, so save it with np.save('a.npy'")
    );
    assert!(say(&npy("'<i4'", "(1, 2)", false, &[0; 8])).contains("np.load('a.npy').astype('float32')"));
}

#[test]
fn labels_can_be_floats_and_columns() {
    let floats: Vec<u8> = [1.0f64, 2.0, f64::NAN].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(words(&npy("'<f8'", "(3,)", false, &floats), Some(Use::Labels)), ["1", "2", ""]);
    assert!(matches!(of(&npy("'<f8'", "(3,)", false, &floats), None), Ok(Body::Extra(_))));
    for (fortran, bytes) in [(false, [1, 0, 1, 0, 1, 1]), (true, [1, 0, 0, 1, 1, 1])] {
        let Ok(Body::Sets(sets)) = of(&npy("'|b1'", "(2, 3)", fortran, &bytes), Some(Use::Labels)) else {
            panic!("no sets")
        };
        assert_eq!((sets.of, sets.names), (vec![vec![0, 2], vec![1, 2]], vec!["0".to_owned(), "1".into(), "2".into()]));
    }
    assert!(matches!(of(&npy("'|u1'", "(1, 2)", false, &[0, 7]), Some(Use::Labels)), Ok(Body::Extra(_))));
    assert!(
        matches!(of(&rows(2, &[1.0, 0.5]), Some(Use::Labels)), Ok(Body::Matrix(_))),
        "vectors called after classes"
    );
    let pickled = npy("'|O'", "(2,)", false, b"\x80\x04");
    let Ok(Body::Refused(fault)) = of(&pickled, Some(Use::Labels)) else { panic!("no fault") };
    assert!(
        fault.to_string().ends_with("np.save('a.npy', np.load('a.npy', allow_pickle=True).astype(str))"),
        "{fault}"
    );
    assert!(loaded("e.npz/old.npy", true) == "np.load('e.npz', allow_pickle=True)['old']");
}

#[test]
fn damaged_files_are_told() {
    let told = |reason: &str| format!("a.npy cannot be read as a .npy array: {reason}; save it again with numpy.save");
    let whole = rows(2, &[1.0, 2.0, 3.0, 4.0]);
    assert_eq!(say(b"<html> is not one"), told("it does not begin as one"));
    assert_eq!(say(&whole[..7]), told("it is cut short"));
    assert_eq!(say(&whole[..40]), told("it is cut short"));
    assert_eq!(say(&whole[..whole.len() - 1]), told("its header announces 16 bytes of values, there are 15"));
    let huge = npy("'<f4'", "(1000000, 1000000000000)", false, &[]);
    assert_eq!(say(&huge), told("its header announces 4000000000000000000 bytes of values, there are 0"));
    let largest = npy("'<f4'", "(1000000000000, 1000000000000)", false, &[]);
    assert_eq!(say(&largest), told("its shape is larger than any array can be"));
    let many = npy("'<U0'", "(10000001,)", false, &[]);
    assert_eq!(say(&many), "a.npy has more rows than can be read (at most 10000000); hand in fewer");
    assert!(say(&npy_of(&"(".repeat(9000), &[])).contains("its header is not that of an array"));
    assert!(
        say(&[NPY, &[2, 0], &u32::MAX.to_le_bytes()].concat()).contains("its header is longer than that of any array")
    );
    assert!(say(&[NPY, &[9, 0], &[0; 8]].concat()).contains("it is of version 9, which is not known"));
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
        "L",
        "u'",
        "-",
        "\\",
        "True",
        "None",
        "'descr'",
        "'shape'",
        "'fortran_order'",
        "'<f4'",
        "'|O'",
        "(2, 2)",
    ];
    let header = prop::collection::vec(prop::sample::select(words.to_vec()), 0..24).prop_map(|words| words.concat());
    let whole = ("'[<>|=][biufcmMSUOVx][0-9]{0,3}'", "\\([0-9]{1,6}, ?[0-9]{0,6}\\)", any::<bool>());
    let whole = whole.prop_map(|(descr, shape, fortran)| npy(&descr, &shape, fortran, &[]));
    prop_oneof![header.prop_map(|header| npy_of(&header, &[])), whole]
}

proptest! {
    #[test]
    fn arbitrary_headers_never_panic(
        start in plausible(), values in prop::collection::vec(any::<u8>(), 0..64), labels: bool
    ) {
        let _ = of(&[start, values].concat(), labels.then_some(Use::Labels));
    }

    #[test]
    fn columns_first_is_the_same_turned(count in 1usize..6, dims in 2usize..6) {
        let value = |row: usize, column: usize| ((row * 100 + column) as f32).to_le_bytes();
        let lines: Vec<u8> = (0..count).flat_map(|row| (0..dims).flat_map(move |column| value(row, column))).collect();
        let columns: Vec<u8> = (0..dims).flat_map(|column| (0..count).flat_map(move |row| value(row, column))).collect();
        let shape = format!("({count}, {dims})");
        prop_assert_eq!(numbers(&npy("'<f4'", &shape, false, &lines)), numbers(&npy("'<f4'", &shape, true, &columns)));
    }
}
