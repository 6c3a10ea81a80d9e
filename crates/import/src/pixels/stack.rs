//! Many pictures in one array.

use data::ImageShape;

/// What the sides of an array of pictures say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stack {
    pub count: usize,
    pub shape: ImageShape,
    /// Whether the channels of a pixel lie side by side, not picture by picture of each.
    interleaved: bool,
}

impl Stack {
    /// Of an array with these sides; none where they are not those of pictures: rank 3, or rank 4 with 1 or 3 channels.
    pub fn of(sides: &[usize]) -> Option<Self> {
        let (count, shape, interleaved) = match *sides {
            [count, height, width] => (count, ImageShape { channels: 1, height, width }, false),
            [count, channels @ (1 | 3), height, width] => (count, ImageShape { channels, height, width }, false),
            [count, height, width, channels @ (1 | 3)] => (count, ImageShape { channels, height, width }, true),
            _ => return None,
        };
        Some(Self { count, shape, interleaved })
    }

    /// The pictures one after the other, each channel by channel.
    pub fn in_planes(&self, values: Vec<u8>) -> Vec<u8> {
        let Self { shape, interleaved, .. } = *self;
        if !interleaved || shape.channels == 1 {
            return values;
        }
        let picture = |picture: &[u8]| {
            let channel = |channel| picture.iter().skip(channel).step_by(shape.channels).copied();
            (0..shape.channels).flat_map(channel).collect::<Vec<u8>>()
        };
        values.chunks_exact(shape.size().max(1)).flat_map(picture).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_side_by_side_are_taken_apart() {
        let beside = Stack::of(&[1, 2, 1, 3]).unwrap();
        assert_eq!(beside.in_planes(vec![1, 2, 3, 4, 5, 6]), [1, 4, 2, 5, 3, 6]);
        assert_eq!(Stack::of(&[1, 3, 1, 2]).unwrap().in_planes(vec![1, 2, 3, 4, 5, 6]), [1, 2, 3, 4, 5, 6]);
        assert_eq!(Stack::of(&[5, 2, 2, 4]), None);
    }
}
