//! How much is taken, and how it is brought to size. The page states these numbers too.

use std::ops::RangeInclusive;

/// Most training images of one class.
pub const TRAIN_PER_CLASS: usize = 1000;
/// Most test images of one class.
pub const TEST_PER_CLASS: usize = 200;
/// Most classes.
pub const CLASSES: usize = 100;
/// Most training images in all; where there would be more, every class gets fewer, equally.
pub const TRAIN: usize = 20_000;
/// Most test images in all.
pub const TEST: usize = 5_000;
/// Fewest images of a class, of both parts together.
pub const FEWEST: usize = 8;
/// Where no part is named, one image of so many of a class is a test image: the second of them, so that the smallest class
/// has two, a query and its match.
pub const SPLIT: usize = 6;
/// Fewest and most numbers in an embedding of one model: `cargo bench -p measure --bench alignment -- 1024` tells how long a rotation
/// between two of the longest takes to fit.
pub const DIMS: RangeInclusive<usize> = 2..=1024;
/// Most models whose embeddings follow one another.
pub const MODELS: usize = 8;
/// Most training rows of embeddings in all.
pub const TRAIN_ROWS: usize = 10_000;
/// Most test rows of embeddings in all.
pub const TEST_ROWS: usize = 2_000;
/// Most numbers in the rows of both parts, of all models together; where there would be more, both parts get fewer rows.
pub const FLOATS: usize = 16_000_000;
/// Most rows of one array as it is handed in.
pub const ROWS: usize = 1_000_000;
/// Longest header of a file of tensors, in bytes.
pub const HEADER_BYTES: usize = 1 << 20;
/// Side of images from folders, in pixels, when all of them are grey.
pub const GREY_SIDE: usize = 28;
/// Side of images from folders, in pixels, when some are in colour.
pub const COLOUR_SIDE: usize = 32;
/// Longest side of images of other forms, in pixels.
pub const LONGEST_SIDE: usize = 64;
/// Largest image file, in bytes unpacked.
pub const IMAGE_BYTES: usize = 32 << 20;
/// Largest table or array, in bytes unpacked: the training file of CIFAR-100 has 147 MB.
pub const ARRAY_BYTES: usize = 256 << 20;
/// Most bytes unpacked in all. What is left out by name alone is not unpacked and does not count.
pub const TOTAL_BYTES: usize = 512 << 20;
/// Most pixels of one image: a camera of 50 megapixels.
pub const PIXELS: usize = 50_000_000;
