//! Arrays of numbers that travel inside JSON without growing ninefold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Numbers written as base64 of their little-endian bytes: exact, and four characters for three bytes.
#[derive(Clone, Debug, Default)]
pub struct Packed<T>(pub Vec<T>);

impl<T: Number> PartialEq for Packed<T> {
    /// Bit by bit: two arrays that hold no number at the same place are the same array.
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(|(left, right)| left.same(*right))
    }
}

/// Plain numbers with a fixed width.
pub trait Number: Copy {
    /// Bytes of one number.
    const WIDTH: usize;
    /// Whether the other number has the same bits.
    fn same(self, other: Self) -> bool;
    /// Appends the little-endian bytes.
    fn write(self, bytes: &mut Vec<u8>);
    /// Reads from exactly [`Number::WIDTH`] bytes; `None` if there are fewer.
    fn read(bytes: &[u8]) -> Option<Self>;
}

macro_rules! number {
    ($($kind:ty),+) => {$(
        impl Number for $kind {
            const WIDTH: usize = size_of::<$kind>();
            fn same(self, other: Self) -> bool {
                self.to_le_bytes() == other.to_le_bytes()
            }
            fn write(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
            fn read(bytes: &[u8]) -> Option<Self> {
                Some(<$kind>::from_le_bytes(bytes.try_into().ok()?))
            }
        }
    )+};
}
number!(u8, u16, u32, f32);

impl<T: Number> Serialize for Packed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(self.0.len() * T::WIDTH);
        self.0.iter().for_each(|number| number.write(&mut bytes));
        serializer.serialize_str(&STANDARD.encode(bytes))
    }
}

impl<'de, T: Number> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
        if bytes.len() % T::WIDTH != 0 {
            let message = format!("{} bytes are no whole number of {}-byte numbers", bytes.len(), T::WIDTH);
            return Err(D::Error::custom(message));
        }
        Ok(Self(bytes.chunks_exact(T::WIDTH).filter_map(T::read).collect()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packed_numbers_round_trip(numbers: Vec<u16>, reals in prop::collection::vec(-1e9f32..1e9, 0..50)) {
            let text = serde_json::to_string(&Packed(numbers.clone())).unwrap();
            prop_assert_eq!(serde_json::from_str::<Packed<u16>>(&text).unwrap().0, numbers);
            let text = serde_json::to_string(&Packed(reals.clone())).unwrap();
            prop_assert_eq!(serde_json::from_str::<Packed<f32>>(&text).unwrap().0, reals);
        }
    }

    #[test]
    fn arrays_are_equal_bit_by_bit() {
        assert_eq!(Packed(vec![1.0f32, f32::NAN]), Packed(vec![1.0, f32::NAN]));
        assert_ne!(Packed(vec![0.0f32]), Packed(vec![-0.0]));
        assert_ne!(Packed(vec![1u8]), Packed(vec![1, 1]));
    }

    #[test]
    fn half_a_number_is_refused() {
        assert!(serde_json::from_str::<Packed<u16>>("\"AAAA\"").is_err());
        assert!(serde_json::from_str::<Packed<u16>>("\"no base64!\"").is_err());
    }
}
