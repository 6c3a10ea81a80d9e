//! Pictures of 16 bits a channel, brought to 8.

/// The lowest and the highest value in all pictures of 16 bits. Where these are few of all that 16 bits can hold, as of a sensor of 12
/// bits, they are spread over black to white: the upper 8 bits alone would tell nothing apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    lowest: u16,
    highest: u16,
}

impl Range {
    /// Of no picture yet.
    pub fn new() -> Self {
        Self { lowest: u16::MAX, highest: 0 }
    }

    /// Takes in the values of a picture.
    pub fn take_in(&mut self, values: &[u16]) {
        for &value in values {
            self.lowest = self.lowest.min(value);
            self.highest = self.highest.max(value);
        }
    }

    /// Whether values are spread: what fills half of 16 bits or more stays as it is.
    fn is_narrow(&self) -> bool {
        self.highest > self.lowest && self.highest - self.lowest < 1 << 15
    }

    /// A value in 8 bits.
    pub fn byte(&self, value: u16) -> u8 {
        let (value, white) = match self.is_narrow() {
            true => (value.clamp(self.lowest, self.highest) - self.lowest, self.highest - self.lowest),
            false => (value, u16::MAX),
        };
        let white = u32::from(white);
        ((u32::from(value) * 255 + white / 2) / white.max(1)) as u8
    }

    /// A sentence where values were spread.
    pub fn in_words(&self) -> Option<String> {
        let Self { lowest, highest } = self;
        self.is_narrow().then(|| {
            format!(
                "The images of 16 bits a channel hold values from {lowest} to {highest} only, so these were spread over black to \
                 white, in all of them alike."
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[u16]) -> (Vec<u8>, bool) {
        let mut range = Range::new();
        range.take_in(values);
        (values.iter().map(|&value| range.byte(value)).collect(), range.in_words().is_some())
    }

    #[test]
    fn few_values_are_spread_and_many_stay() {
        assert_eq!(of(&[0, 2048, 4095]), (vec![0, 128, 255], true));
        assert_eq!(of(&[31_000, 31_100, 31_200]), (vec![0, 128, 255], true));
        assert_eq!(of(&[257, 25_700, 65_535]), (vec![1, 100, 255], false));
        assert_eq!(of(&[65_535; 2]), (vec![255; 2], false));
        assert_eq!(of(&[]), (vec![], false));
    }
}
