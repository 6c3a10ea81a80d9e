//! IDX, the file format of MNIST and its family: a small header, then the values in row-major
//! order.
//!
//! Header: two zero bytes, the element type (8 = unsigned byte, 13 = 32-bit float), the rank, then every dimension as
//! a big-endian `u32`. Described on Yann LeCun's MNIST page. Only these two types are read here, of
//! rank 1 (labels) to 4 (colour pictures).

const MAX_RANK: usize = 4;

/// A type of element.
pub trait Element: Copy + Sized {
    /// What the header says of it.
    const CODE: u8;
    /// Bytes of one.
    const SIZE: usize;

    /// The elements that `bytes` hold, big-endian.
    fn read(bytes: &[u8]) -> Vec<Self>;

    /// Appends the bytes of `values`, big-endian.
    fn write(values: &[Self], bytes: &mut Vec<u8>);
}

impl Element for u8 {
    const CODE: u8 = 0x08;
    const SIZE: usize = 1;

    fn read(bytes: &[u8]) -> Vec<Self> {
        bytes.to_vec()
    }

    fn write(values: &[Self], bytes: &mut Vec<u8>) {
        bytes.extend(values);
    }
}

impl Element for f32 {
    const CODE: u8 = 0x0d;
    const SIZE: usize = 4;

    fn read(bytes: &[u8]) -> Vec<Self> {
        bytes.as_chunks::<4>().0.iter().map(|&value| Self::from_be_bytes(value)).collect()
    }

    fn write(values: &[Self], bytes: &mut Vec<u8>) {
        bytes.extend(values.iter().flat_map(|value| value.to_be_bytes()));
    }
}

/// Why bytes are not a whole IDX file of the elements asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdxError {
    /// The first bytes are not those of an IDX file.
    #[error("it begins with {found:02x?}, an IDX file of such values begins with [00, 00, {code:02x}] and the rank")]
    Magic {
        /// Type of the elements asked for: 8 = unsigned byte, 13 = 32-bit float.
        code: u8,
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

/// An array in row-major order, of rank 1 to 4: of unsigned bytes, if nothing is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdxArray<T = u8> {
    /// What a file begins with: type, rank and shape.
    header: Vec<u8>,
    shape: Vec<usize>,
    values: Vec<T>,
}

impl<T: Element> IdxArray<T> {
    /// An array of dimensions `shape` over `values`.
    ///
    /// # Errors
    /// The rank is not 1 to 4, a dimension does not fit the header, or `values` has another length
    /// than the dimensions say.
    pub fn new(shape: Vec<usize>, values: Vec<T>) -> Result<Self, IdxError> {
        let rank = u8::try_from(shape.len()).ok().filter(|_| (1..=MAX_RANK).contains(&shape.len()));
        let Some(rank) = rank else { return Err(IdxError::Rank { rank: shape.len() }) };
        let mut header = vec![0, 0, T::CODE, rank];
        for &dimension in &shape {
            let Ok(dimension) = u32::try_from(dimension) else { return Err(IdxError::TooLarge { shape }) };
            header.extend(dimension.to_be_bytes());
        }
        match element_count(&shape) {
            Some(expected) if expected == values.len() => Ok(Self { header, shape, values }),
            Some(expected) => Err(IdxError::Length { expected, found: values.len() }),
            None => Err(IdxError::TooLarge { shape }),
        }
    }

    /// Reads a whole file.
    ///
    /// # Errors
    /// The bytes are not an IDX file of such elements of rank 1 to 4, or it is cut short or
    /// followed by something else.
    pub fn read(bytes: &[u8]) -> Result<Self, IdxError> {
        let begin = bytes.split_first_chunk::<4>().filter(|(begin, _)| begin.starts_with(&[0, 0, T::CODE]));
        let Some((&[.., rank], rest)) = begin else {
            return Err(IdxError::Magic { code: T::CODE, found: bytes.iter().copied().take(4).collect() });
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
        let Some(expected) = Self::file_length(&shape) else {
            return Err(IdxError::TooLarge { shape });
        };
        if bytes.len() != expected {
            return Err(IdxError::Length { expected, found: bytes.len() });
        }
        let header = bytes.get(..header).unwrap_or_default().to_vec();
        Ok(Self { header, shape, values: T::read(values) })
    }

    /// The bytes of a whole file.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = self.header.clone();
        T::write(&self.values, &mut bytes);
        bytes
    }

    /// The dimensions, outermost first.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The values in row-major order.
    #[must_use]
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The values in row-major order, without a copy.
    #[must_use]
    pub fn into_values(self) -> Vec<T> {
        self.values
    }

    /// Length in bytes of the file of an array of dimensions `shape`; none when that does not fit
    /// in memory.
    pub(crate) fn file_length(shape: &[usize]) -> Option<usize> {
        element_count(shape)?.checked_mul(T::SIZE)?.checked_add(4 + 4 * shape.len())
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
        let labels = IdxArray::new(vec![3], vec![7u8, 0, 9]).unwrap();
        assert_eq!(labels.write(), [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9]);
    }

    #[test]
    fn pictures_are_read_as_the_format_says() {
        let bytes = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];
        let images = IdxArray::<u8>::read(&bytes).unwrap();
        assert_eq!(images.shape(), [1, 2, 3]);
        assert_eq!(images.values(), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn floats_are_big_endian_as_the_format_says() {
        let bytes = [0, 0, 13, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0];
        let array = IdxArray::<f32>::read(&bytes).unwrap();
        assert_eq!((array.shape(), array.values()), (&[1, 2][..], &[1.0, -2.0][..]));
        assert_eq!(array.write(), bytes);
        assert!(matches!(IdxArray::<u8>::read(&bytes), Err(IdxError::Magic { code: 8, .. })));
        assert_eq!(IdxArray::<f32>::read(&bytes[..19]), Err(IdxError::Length { expected: 20, found: 19 }));
    }

    #[test]
    fn faults_are_told_in_sentences() {
        let say = |bytes: &[u8]| IdxArray::<u8>::read(bytes).unwrap_err().to_string();
        assert_eq!(say(&[0, 0, 8, 1, 0, 0, 0, 5, 1, 2]), "expected 13 bytes, found 10");
        assert_eq!(say(&[0, 0, 8, 3, 0, 0]), "expected 16 bytes, found 6");
        assert_eq!(say(&[0, 0, 8, 1, 0, 0, 0, 1, 1, 2]), "expected 9 bytes, found 10");
        assert_eq!(say(&[0, 0, 8, 9]), "it has rank 9, supported are 1 to 4");
        assert_eq!(
            say(b"\x1f\x8b"),
            "it begins with [1f, 8b], an IDX file of such values begins with [00, 00, 08] and the rank"
        );
        let huge = [&[0, 0, 8, 4][..], &[0xff; 16]].concat();
        assert_eq!(IdxArray::<u8>::read(&huge), Err(IdxError::TooLarge { shape: vec![u32::MAX as usize; 4] }));
    }

    #[test]
    fn an_array_must_match_its_shape() {
        assert_eq!(IdxArray::new(vec![2, 2], vec![0u8; 3]), Err(IdxError::Length { expected: 4, found: 3 }));
        assert_eq!(IdxArray::new(vec![], vec![0u8]), Err(IdxError::Rank { rank: 0 }));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(shape in prop::collection::vec(0usize..6, 1..=4), fill: u8) {
            let count = shape.iter().product::<usize>();
            let values = (0..count).map(|i| fill.wrapping_add(i as u8)).collect();
            let array = IdxArray::new(shape, values).unwrap();
            let bytes = array.write();
            prop_assert_eq!(Some(bytes.len()), IdxArray::<u8>::file_length(array.shape()));
            prop_assert_eq!(IdxArray::<u8>::read(&bytes).unwrap(), array);
        }

        #[test]
        fn a_cut_file_is_refused(count in 0usize..40, cut in 1usize..20) {
            let bytes = IdxArray::new(vec![count], vec![1u8; count]).unwrap().write();
            let kept = bytes.len().saturating_sub(cut);
            prop_assert!(IdxArray::<u8>::read(&bytes[..kept]).is_err());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), plausible: bool) {
            let mut bytes = bytes;
            if plausible {
                bytes.splice(..bytes.len().min(3), [0, 0, 8]);
            }
            if let Ok(array) = IdxArray::<u8>::read(&bytes) {
                prop_assert_eq!(array.write(), bytes);
            }
        }
    }
}
