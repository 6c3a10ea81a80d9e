//! Numbers that files, events and cards hold in fewer bits than the machine counts in.

use crate::DataError;

/// Something that is counted, and what to do where there is too much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Its plural: `test items`.
    pub what: &'static str,
    /// As the end of a sentence: `choose fewer of each class`.
    pub remedy: &'static str,
}

/// An unsigned number of 8 to 32 bits.
pub trait Narrow: TryFrom<usize> {
    /// The largest.
    const MOST: usize;
}

impl Narrow for u8 {
    const MOST: usize = Self::MAX as usize;
}

impl Narrow for u16 {
    const MOST: usize = Self::MAX as usize;
}

impl Narrow for u32 {
    const MOST: usize = Self::MAX as usize;
}

impl Counted {
    /// How many there are, as `T` has it.
    ///
    /// # Errors
    /// [`DataError::TooMany`] if `T` has no such number.
    pub fn count<T: Narrow>(self, found: usize) -> Result<T, DataError> {
        T::try_from(found).map_err(|_| self.too_many(found, T::MOST))
    }

    /// The number of one of them, counted from 0, as `T` has it.
    ///
    /// # Errors
    /// [`DataError::TooMany`] if `T` has no such number. There can be one more than the largest number says.
    pub fn number<T: Narrow>(self, index: usize) -> Result<T, DataError> {
        T::try_from(index).map_err(|_| self.too_many(index.saturating_add(1), T::MOST.saturating_add(1)))
    }

    fn too_many(self, found: usize, most: usize) -> DataError {
        DataError::TooMany { what: self.what, found, most, remedy: self.remedy }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    const TOYS: Counted = Counted { what: "toys", remedy: "give some away" };

    #[test]
    fn too_many_are_told_with_the_bound() {
        assert_eq!(TOYS.count::<u8>(255).unwrap(), 255);
        assert_eq!(
            TOYS.count::<u8>(256).unwrap_err().to_string(),
            "there are 256 toys, at most 255 are possible; give some away"
        );
        assert_eq!(TOYS.number::<u16>(65_535).unwrap(), 65_535);
        assert_eq!(
            TOYS.number::<u16>(65_536).unwrap_err().to_string(),
            "there are 65537 toys, at most 65536 are possible; give some away"
        );
        assert_eq!(TOYS.count::<u32>(70_000).unwrap(), 70_000);
    }

    proptest! {
        #[test]
        fn a_number_is_kept_or_refused(value in 0usize..100_000) {
            prop_assert_eq!(TOYS.count::<u16>(value).ok().map(usize::from), Some(value).filter(|&it| it <= 65_535));
            prop_assert_eq!(TOYS.number::<u8>(value).ok().map(usize::from), Some(value).filter(|&it| it <= 255));
        }
    }
}
