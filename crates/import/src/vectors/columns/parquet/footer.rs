//! What a footer announces, looked at before the crate reads it: it converts the schema by recursion and makes room for as many columns as
//! it is told, which a damaged footer makes endless.

use super::Why;
use super::thrift::{Compact, Fields, Kind};

/// Most columns, with all that they lie in.
const ELEMENTS: usize = 10_000;
/// Columns lie in one another so deep.
const DEPTH: usize = 64;

/// Passes where the footer can be read.
///
/// # Errors
/// It is cut short, a list is longer than all of it, or its columns are more or deeper than any table has.
pub(super) fn check(bytes: &[u8]) -> Result<(), Why> {
    let from = &mut Compact { rest: bytes };
    let mut fields = Fields::default();
    while let Some((id, kind)) = fields.next(from)? {
        match (id, kind) {
            (2, Kind::List) => schema(from)?,
            _ => from.skip(kind)?,
        }
    }
    Ok(())
}

/// Each column stands behind the one that it lies in, which says how many there are.
fn schema(from: &mut Compact<'_>) -> Result<(), Why> {
    let (kind, count) = from.list()?;
    if count > ELEMENTS {
        return Err(format!("it has more than {ELEMENTS} columns"));
    }
    // How many are still to come in each that is open.
    let mut open: Vec<usize> = Vec::new();
    for place in 0..count {
        if kind != Kind::Struct {
            return Err("its footer has a list of something else than columns".to_owned());
        }
        let children = children(from)?;
        if children > count - place - 1 {
            return Err("its footer names fewer columns than it says".to_owned());
        }
        while open.last() == Some(&0) {
            open.pop();
        }
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        if children > 0 {
            open.push(children);
        }
        if open.len() > DEPTH {
            return Err("its columns lie too deep in one another".to_owned());
        }
    }
    Ok(())
}

/// How many columns lie in one.
fn children(from: &mut Compact<'_>) -> Result<usize, Why> {
    let mut children = 0;
    let mut fields = Fields::default();
    while let Some((id, kind)) = fields.next(from)? {
        match (id, kind) {
            (5, Kind::Whole) => {
                let said = usize::try_from(from.whole()?);
                children = said.map_err(|_| "a column has less than no columns in it".to_owned())?;
            }
            _ => from.skip(kind)?,
        }
    }
    Ok(children)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer whose columns have so many columns in them.
    fn footer(children: &[i64]) -> Vec<u8> {
        let folded = |number: i64| varint((number << 1 ^ number >> 63) as u64);
        let mut bytes = vec![0x29, 0xfc];
        bytes.extend(varint(children.len() as u64));
        for &children in children {
            // Field 4 is the name, field 5 the number.
            bytes.extend([0x48, 1, b'a', 0x15]);
            bytes.extend(folded(children));
            bytes.push(0);
        }
        bytes.push(0);
        bytes
    }

    fn varint(mut number: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while number > 0x7f {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    }

    #[test]
    fn what_a_table_has_passes() {
        assert_eq!(check(&footer(&[2, 0, 1, 0])), Ok(()));
        assert_eq!(check(&footer(&[])), Ok(()));
        let nested = [vec![1; 60], vec![0]].concat();
        assert_eq!(check(&footer(&nested)), Ok(()));
        let wide = [vec![9_000], vec![0; 9_000]].concat();
        assert_eq!(check(&footer(&wide)), Ok(()));
    }

    #[test]
    fn what_is_endless_is_refused() {
        let refused = |children: &[i64]| check(&footer(children)).unwrap_err();
        assert_eq!(refused(&[i64::from(i32::MAX), 0]), "its footer names fewer columns than it says");
        assert_eq!(refused(&[-1]), "a column has less than no columns in it");
        assert_eq!(refused(&vec![0; 10_001]), "it has more than 10000 columns");
        assert_eq!(refused(&[vec![1; 100], vec![0]].concat()), "its columns lie too deep in one another");
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let whole = footer(&[2, 0, 0]);
        for end in 0..whole.len() {
            assert!(check(&whole[..end]).is_err(), "{end}");
        }
        // A list of a number of bytes that there are not, and structs in structs without end.
        assert!(check(&[0x49, 0xf3, 0xff, 0xff, 0x7f, 0]).is_err());
        assert!(check(&[0x1c; 5_000]).is_err());
    }
}
