//! IDX, the file format of MNIST and its family: a small header, then the values in row-major
//! order.
//!
//! Header: two zero bytes, the element type (8 = unsigned byte), the rank, then every dimension as
//! a big-endian `u32`. Described on Yann LeCun's MNIST page. Only unsigned bytes are read here, of
//! rank 1 (labels) to 4 (colour pictures).

const UNSIGNED_BYTE: u8 = 0x08;
const MAX_RANK: usize = 4;

/// Why bytes are not a whole IDX file of unsigned bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdxError {
    /// The first bytes are not those of an IDX file.
    #[error("it begins with {found:02x?}, an IDX file of unsigned bytes begins with [00, 00, 08] and the rank")]
    Magic {
        /// The first four bytes, or fewer when there are fewer.
        found: Vec<u8>,
    },
    /// The rank is 0 or above 4.
    #[error("it has rank {rank}, supported are 1 to {MAX_RANK}")]
    Rank {
        /// Rank in the header.
        rank: usize,
    },
    /// The product of the dimensions does not fit, in memory or in the header.
    #[error("an array of shape {shape:?} is too large")]
    TooLarge {
        /// The dimensions.
        shape: Vec<usize>,
    },
    /// There are more or fewer bytes than the header announces.
    #[error("expected {expected} bytes, found {found}")]
    Length {
        /// Header and values, in bytes, as far as the header could be read.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
}

/// An array of unsigned bytes in row-major order, of rank 1 to 4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdxArray {
    shape: Vec<usize>,
    values: Vec<u8>,
}

impl IdxArray {
    /// An array of dimensions `shape` over `values`.
    ///
    /// # Errors
    /// The rank is not 1 to 4, a dimension does not fit the header, or `values` has another length
    /// than the dimensions say.
    pub fn new(shape: Vec<usize>, values: Vec<u8>) -> Result<Self, IdxError> {
        if !(1..=MAX_RANK).contains(&shape.len()) {
            return Err(IdxError::Rank { rank: shape.len() });
        }
        let fits = shape.iter().all(|&dimension| u32::try_from(dimension).is_ok());
        match element_count(&shape) {
            Some(expected) if fits => {
                let found = values.len();
                if found == expected { Ok(Self { shape, values }) } else { Err(IdxError::Length { expected, found }) }
            }
            _ => Err(IdxError::TooLarge { shape }),
        }
    }

    /// Reads a whole file.
    ///
    /// # Errors
    /// The bytes are not an IDX file of unsigned bytes of rank 1 to 4, or it is cut short or
    /// followed by something else.
    pub fn read(bytes: &[u8]) -> Result<Self, IdxError> {
        let Some((&[0, 0, UNSIGNED_BYTE, rank], rest)) = bytes.split_first_chunk::<4>() else {
            return Err(IdxError::Magic { found: bytes.iter().copied().take(4).collect() });
        };
        let rank = usize::from(rank);
        if !(1..=MAX_RANK).contains(&rank) {
            return Err(IdxError::Rank { rank });
        }
        let header = 4 + 4 * rank;
        let Some((dimensions, values)) = rest.split_at_checked(4 * rank) else {
            return Err(IdxError::Length { expected: header, found: bytes.len() });
        };
        let shape: Vec<usize> = dimensions.as_chunks::<4>().0.iter().map(|&d| u32::from_be_bytes(d) as usize).collect();
        let Some(expected) = element_count(&shape).and_then(|count| count.checked_add(header)) else {
            return Err(IdxError::TooLarge { shape });
        };
        if bytes.len() != expected {
            return Err(IdxError::Length { expected, found: bytes.len() });
        }
        Ok(Self { shape, values: values.to_vec() })
    }

    /// The bytes of a whole file.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = vec![0, 0, UNSIGNED_BYTE, self.shape.len() as u8];
        for &dimension in &self.shape {
            // `new` and `read` let no dimension pass that does not fit.
            bytes.extend((dimension as u32).to_be_bytes());
        }
        bytes.extend(&self.values);
        bytes
    }

    /// The dimensions, outermost first.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The values in row-major order.
    #[must_use]
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// The values in row-major order, without a copy.
    #[must_use]
    pub fn into_values(self) -> Vec<u8> {
        self.values
    }

    /// Length in bytes of the file of an array of dimensions `shape`; none when that does not fit
    /// in memory.
    pub(crate) fn file_length(shape: &[usize]) -> Option<usize> {
        element_count(shape)?.checked_add(4 + 4 * shape.len())
    }
}

fn element_count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |product, &dimension| product.checked_mul(dimension))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_are_written_as_the_format_says() {
        let labels = IdxArray::new(vec![3], vec![7, 0, 9]).unwrap();
        assert_eq!(labels.write(), [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9]);
    }

    #[test]
    fn pictures_are_read_as_the_format_says() {
        let bytes = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];
        let images = IdxArray::read(&bytes).unwrap();
        assert_eq!(images.shape(), [1, 2, 3]);
        assert_eq!(images.values(), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn faults_are_told_in_sentences() {
        let say = |bytes: &[u8]| IdxArray::read(bytes).unwrap_err().to_string();
        assert_eq!(say(&[0, 0, 8, 1, 0, 0, 0, 5, 1, 2]), "expected 13 bytes, found 10");
        assert_eq!(say(&[0, 0, 8, 3, 0, 0]), "expected 16 bytes, found 6");
        assert_eq!(say(&[0, 0, 8, 1, 0, 0, 0, 1, 1, 2]), "expected 9 bytes, found 10");
        assert_eq!(say(&[0, 0, 8, 9]), "it has rank 9, supported are 1 to 4");
        assert_eq!(
            say(b"\x1f\x8b"),
            "it begins with [1f, 8b], an IDX file of unsigned bytes begins with [00, 00, 08] and the rank"
        );
        let huge = [&[0, 0, 8, 4][..], &[0xff; 16]].concat();
        assert_eq!(IdxArray::read(&huge), Err(IdxError::TooLarge { shape: vec![u32::MAX as usize; 4] }));
    }

    #[test]
    fn an_array_must_match_its_shape() {
        assert_eq!(IdxArray::new(vec![2, 2], vec![0; 3]), Err(IdxError::Length { expected: 4, found: 3 }));
        assert_eq!(IdxArray::new(vec![], vec![0]), Err(IdxError::Rank { rank: 0 }));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(shape in prop::collection::vec(0usize..6, 1..=4), fill: u8) {
            let count = shape.iter().product::<usize>();
            let values = (0..count).map(|i| fill.wrapping_add(i as u8)).collect();
            let array = IdxArray::new(shape, values).unwrap();
            let bytes = array.write();
            prop_assert_eq!(Some(bytes.len()), IdxArray::file_length(array.shape()));
            prop_assert_eq!(IdxArray::read(&bytes).unwrap(), array);
        }

        #[test]
        fn a_cut_file_is_refused(count in 0usize..40, cut in 1usize..20) {
            let bytes = IdxArray::new(vec![count], vec![1; count]).unwrap().write();
            let kept = bytes.len().saturating_sub(cut);
            prop_assert!(IdxArray::read(&bytes[..kept]).is_err());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), plausible: bool) {
            let mut bytes = bytes;
            if plausible {
                bytes.splice(..bytes.len().min(3), [0, 0, 8]);
            }
            if let Ok(array) = IdxArray::read(&bytes) {
                prop_assert_eq!(array.write(), bytes);
            }
        }
    }
}
