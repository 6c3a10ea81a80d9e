//! Vectors of every type and order.

use super::*;
use crate::testing::named;

/// The rows that `bytes` makes, in the places of `slots`.
fn read(stored: Stored, bytes: &[u8], slots: &[u32], rows: usize) -> Vec<f32> {
    let mut store = Store::new(vec![named("a", bytes).into()], &mut Vec::new()).unwrap();
    let matrix = Matrix::Stored(stored);
    let mut into = vec![0.0; rows * matrix.dims()];
    let mut last = 0;
    matrix.fill(&mut store, "a", slots, &mut into, &mut |done| last = done).unwrap();
    assert!(last >= (bytes.len() as u64).saturating_sub(stored.offset), "{last}");
    into
}

const PLAIN: Stored =
    Stored { entry: 0, offset: 0, rows: 2, width: 2, element: Element::F32, big: false, by_columns: false };

#[test]
fn rows_of_every_type_and_order_are_read() {
    let numbers = [1.0f32, -2.0, 0.5, 4.0];
    let turned = [1.0f32, 0.5, -2.0, 4.0];
    let of = |element, big, turn: bool, bytes: Vec<u8>| {
        let stored = Stored { element, big, by_columns: turn, ..PLAIN };
        assert_eq!(read(stored, &bytes, &[0, 1], 2), numbers, "{element:?} {big} {turn}");
    };
    for turn in [false, true] {
        let values = if turn { turned } else { numbers };
        let all = |each: &dyn Fn(f32) -> Vec<u8>| values.iter().flat_map(|&value| each(value)).collect::<Vec<u8>>();
        of(Element::F16, false, turn, all(&|value| f16::from_f32(value).to_le_bytes().to_vec()));
        of(Element::F16, true, turn, all(&|value| f16::from_f32(value).to_be_bytes().to_vec()));
        of(Element::Bf16, false, turn, all(&|value| bf16::from_f32(value).to_le_bytes().to_vec()));
        of(Element::Bf16, true, turn, all(&|value| bf16::from_f32(value).to_be_bytes().to_vec()));
        of(Element::F32, false, turn, all(&|value| value.to_le_bytes().to_vec()));
        of(Element::F32, true, turn, all(&|value| value.to_be_bytes().to_vec()));
        of(Element::F64, false, turn, all(&|value| f64::from(value).to_le_bytes().to_vec()));
        of(Element::F64, true, turn, all(&|value| f64::from(value).to_be_bytes().to_vec()));
    }
    let whole = Stored { element: Element::I8, ..PLAIN };
    assert_eq!(read(whole, &[1, 0xfe, 127, 0x80], &[0, 1], 2), [1.0, -2.0, 127.0, -128.0]);
}

#[test]
fn bits_are_signs_the_highest_first() {
    let bits = Stored { element: Element::Bits, width: 1, ..PLAIN };
    let first = [1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, 1.0];
    assert_eq!(read(bits, &[0x81, 0xff], &[0, 1], 2), [first, [1.0; 8]].concat());
    let columns = Stored { element: Element::Bits, by_columns: true, ..PLAIN };
    let read = read(columns, &[0x81, 0xff, 0x00, 0x81], &[1, 0], 2);
    assert_eq!(read, [[1.0; 8], first, first, [-1.0; 8]].concat());
}

#[test]
fn rows_go_where_they_are_wanted() {
    let bytes: Vec<u8> = [9.0f32, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    let stored = Stored { offset: 4, rows: 3, ..PLAIN };
    assert_eq!(read(stored, &bytes, &[1, NOWHERE, 0], 2), [5.0, 6.0, 1.0, 2.0]);
    let held = Matrix::Held { dims: 2, numbers: vec![1.0, 2.0, 3.0, 4.0] };
    let mut store = Store::new(Vec::new(), &mut Vec::new()).unwrap();
    let mut into = vec![0.0; 2];
    held.fill(&mut store, "a", &[NOWHERE, 0], &mut into, &mut |_| {}).unwrap();
    assert_eq!((into, held.rows(), held.dims()), (vec![3.0, 4.0], 2, 2));
}

#[test]
fn a_file_that_ends_too_early_is_told() {
    let mut store = Store::new(vec![named("a", *b"abc").into()], &mut Vec::new()).unwrap();
    let said = Matrix::Stored(PLAIN).fill(&mut store, "a", &[0, 1], &mut [0.0; 4], &mut |_| {}).unwrap_err();
    assert!(said.to_string().starts_with("a cannot be read: "), "{said}");
}
