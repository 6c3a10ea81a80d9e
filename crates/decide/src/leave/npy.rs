//! NumPy arrays of a map that is one affine map.

use super::affine::affine;
use super::{Leaving, checked, unwritable};
use crate::DecideError;

/// What a header and all before it is padded to a multiple of, so that the numbers lie on it.
const ALIGNMENT: usize = 64;

/// `weight.npy`, `[from, to]`, and `bias.npy`, `[to]`, by file name: rows of unit length `x` are mapped to `x @ weight + bias`.
///
/// # Errors
/// The map is more than one affine map, or holds what are no numbers.
pub fn npy(l: &Leaving<'_>) -> Result<Vec<(String, Vec<u8>)>, DecideError> {
    checked(l.map)?;
    let affine = affine(l.map).ok_or_else(|| {
        let family = l.map.family.name();
        unwritable(format!("a map of the family {family} is more than one weight and bias; take SafeTensors or ONNX"))
    })?;
    let weight = array(&[l.map.from, l.map.to], &affine.weight);
    Ok(vec![("weight.npy".to_owned(), weight), ("bias.npy".to_owned(), array(&[l.map.to], &affine.bias))])
}

/// A file of version 1.0 of the format (NEP 1): its name, its version, the length of the header in 16 bits, the header, the numbers.
fn array(shape: &[usize], numbers: &[f32]) -> Vec<u8> {
    let sides = match shape {
        // A tuple of one.
        [side] => format!("{side},"),
        sides => sides.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
    };
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({sides}), }}").into_bytes();
    let before = 10;
    header.resize((before + header.len() + 1).next_multiple_of(ALIGNMENT) - before - 1, b' ');
    header.push(b'\n');

    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    // Two sides have at most 40 digits.
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header);
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::testing::{leaving, map, maps};
    use super::*;
    use crate::maps::Step;

    #[test]
    fn arrays_are_those_of_numpy() {
        // Both heads are byte for byte what `numpy.save` writes before such arrays.
        let steps = vec![Step::Affine { weight: vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0], bias: vec![-1.0, 0.5, 0.0] }];
        let files = npy(&leaving(&map(2, 3, steps))).unwrap();
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["weight.npy", "bias.npy"]);

        let (head, numbers) = files[0].1.split_at(128);
        assert_eq!(&head[..10], b"\x93NUMPY\x01\x00\x76\x00");
        let header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
        assert_eq!(&head[10..10 + header.len()], header);
        assert!(head[10 + header.len()..127].iter().all(|&byte| byte == b' ') && head[127] == b'\n');
        let expected: Vec<u8> = (0u8..6).flat_map(|number| f32::from(number).to_le_bytes()).collect();
        assert_eq!(numbers, expected);

        let head = b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3,), } ";
        assert!(files[1].1.starts_with(head));
        assert_eq!(files[1].1.len(), 128 + 12);
    }

    #[test]
    fn what_is_no_single_map_is_refused() {
        let written: Vec<bool> = maps().iter().map(|map| npy(&leaving(map)).is_ok()).collect();
        assert_eq!(written, [true, true, true, false, false]);
        let said = npy(&leaving(&maps()[4])).unwrap_err().to_string();
        assert!(said.ends_with("is more than one weight and bias; take SafeTensors or ONNX"), "{said}");
    }
}
