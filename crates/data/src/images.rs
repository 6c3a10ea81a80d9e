//! Pictures and labels in memory.

use protocol::GivenModel;
use serde::{Deserialize, Serialize};

use crate::{DataError, Provenance};

/// The shape of one picture. Pixels are stored channel by channel, each row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageShape {
    /// 1 for grey, 3 for red, green, blue.
    pub channels: usize,
    /// In pixels.
    pub height: usize,
    /// In pixels.
    pub width: usize,
}

impl ImageShape {
    /// Values in one picture: channels x height x width.
    #[must_use]
    pub fn size(self) -> usize {
        self.channels.saturating_mul(self.plane())
    }

    /// Values in one channel of one picture: height x width.
    #[must_use]
    pub fn plane(self) -> usize {
        self.height.saturating_mul(self.width)
    }
}

/// What models look at: pictures of one shape, as bytes (0 = black, 255 = full intensity), in an array of `[items, channels,
/// height, width]`; or in their place rows of numbers, what models that are trained already say of items that are not at hand.
/// A row counts as a picture of one channel and one line.
#[derive(Debug, Clone, PartialEq)]
pub struct Images {
    shape: ImageShape,
    values: Values,
}

#[derive(Debug, Clone, PartialEq)]
enum Values {
    Pixels(Vec<u8>),
    Rows(Vec<f32>),
}

impl Images {
    /// Pictures of `shape` over `pixels`, one after the other.
    ///
    /// # Errors
    /// `pixels` is not a whole number of pictures, or a picture would have no pixels.
    pub fn new(shape: ImageShape, pixels: Vec<u8>) -> Result<Self, DataError> {
        if shape.size() == 0 || !pixels.len().is_multiple_of(shape.size()) {
            let ImageShape { channels, height, width } = shape;
            return Err(DataError::PixelCount { bytes: pixels.len(), channels, height, width });
        }
        Ok(Self { shape, values: Values::Pixels(pixels) })
    }

    /// Rows of `width` numbers each, one after the other.
    ///
    /// # Errors
    /// `values` is not a whole number of rows, or a row would have no numbers.
    pub fn of_rows(width: usize, values: Vec<f32>) -> Result<Self, DataError> {
        if width == 0 || !values.len().is_multiple_of(width) {
            return Err(DataError::RowCount { values: values.len(), width });
        }
        Ok(Self { shape: ImageShape { channels: 1, height: 1, width }, values: Values::Rows(values) })
    }

    /// The shape of every picture.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// Number of pictures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count() / self.shape.size()
    }

    /// Whether there are no pictures.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The pixels of picture `index`, in an array of `[channels, height, width]`.
    ///
    /// # Errors
    /// There is no such picture; rows are none.
    pub fn item(&self, index: usize) -> Result<&[u8], DataError> {
        self.part(self.pixels(), index)
    }

    /// The numbers of row `index`.
    ///
    /// # Errors
    /// There is no such row; pictures are none.
    pub fn row(&self, index: usize) -> Result<&[f32], DataError> {
        self.part(self.rows().unwrap_or_default(), index)
    }

    /// All pixels, in an array of `[items, channels, height, width]`; none of rows.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        match &self.values {
            Values::Pixels(pixels) => pixels,
            Values::Rows(_) => &[],
        }
    }

    /// All rows, in an array of `[items, width]`, if these are no pictures.
    #[must_use]
    pub fn rows(&self) -> Option<&[f32]> {
        match &self.values {
            Values::Pixels(_) => None,
            Values::Rows(rows) => Some(rows),
        }
    }

    fn part<'a, T>(&self, values: &'a [T], index: usize) -> Result<&'a [T], DataError> {
        let size = self.shape.size();
        let start = index.checked_mul(size);
        start
            .and_then(|start| values.get(start..)?.get(..size))
            .ok_or_else(|| DataError::NoSuchItem { index, len: self.len() })
    }

    fn count(&self) -> usize {
        match &self.values {
            Values::Pixels(pixels) => pixels.len(),
            Values::Rows(rows) => rows.len(),
        }
    }
}

/// Pictures, each with the number of its class.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledImages {
    images: Images,
    labels: Vec<u32>,
}

impl LabelledImages {
    /// `images` with one label each, all of them below `classes`.
    ///
    /// # Errors
    /// The numbers of pictures and labels differ, or a label is not below `classes`.
    pub fn new(images: Images, labels: Vec<u32>, classes: usize) -> Result<Self, DataError> {
        if images.len() != labels.len() {
            return Err(DataError::LabelCount { images: images.len(), labels: labels.len() });
        }
        match labels.iter().enumerate().find(|&(_, &label)| label as usize >= classes) {
            Some((index, &label)) => Err(DataError::UnknownClass { index, label, classes }),
            None => Ok(Self { images, labels }),
        }
    }

    /// The pictures.
    #[must_use]
    pub fn images(&self) -> &Images {
        &self.images
    }

    /// The label of every picture, in the same order.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The indices of the items of every class in `0..classes`, ascending.
    pub fn by_class(&self, classes: usize) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); classes];
        for (index, &label) in self.labels.iter().enumerate() {
            if let Some(class) = members.get_mut(label as usize) {
                class.push(index);
            }
        }
        members
    }
}

/// Mean and standard deviation of the pixels of every channel, where black is 0 and full intensity
/// 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalisation {
    /// One mean per channel, in 0..1.
    pub mean: Vec<f32>,
    /// One standard deviation per channel, above 0.
    pub std: Vec<f32>,
}

impl Normalisation {
    /// Measures `images`. A channel without variation (or without pictures) gets a standard
    /// deviation of 1, so that dividing by it is harmless. Rows stay as they are: read like pixels, in 255ths, they get a mean of 0 and
    /// a standard deviation of 1/255.
    #[must_use]
    pub fn of(images: &Images) -> Self {
        let shape = images.shape();
        if images.rows().is_some() {
            return Self { mean: vec![0.0], std: vec![1.0 / 255.0] };
        }
        // Sums of whole numbers: exact, so no order of summation can change the result.
        let mut sums = vec![(0u64, 0u64); shape.channels];
        for picture in images.pixels().chunks_exact(shape.size()) {
            for (plane, (sum, squares)) in picture.chunks_exact(shape.plane()).zip(&mut sums) {
                *sum += plane.iter().map(|&p| u64::from(p)).sum::<u64>();
                *squares += plane.iter().map(|&p| u64::from(p) * u64::from(p)).sum::<u64>();
            }
        }
        let count = (images.len() * shape.plane()).max(1) as f64;
        let (mean, std) = sums
            .into_iter()
            .map(|(sum, squares)| {
                let mean = sum as f64 / count;
                let variance = squares as f64 / count - mean * mean;
                let std = if variance > 0.0 { variance.sqrt() / 255.0 } else { 1.0 };
                ((mean / 255.0) as f32, std as f32)
            })
            .unzip();
        Self { mean, std }
    }
}

/// A dataset: a training and a test part that share nothing but their classes.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Stable identifier, as in scenarios: `fashion-mnist`.
    pub id: String,
    /// Name for people: `Fashion-MNIST`.
    pub name: String,
    /// The name of every class; labels count into it.
    pub class_names: Vec<String>,
    /// What models may learn from.
    pub train: LabelledImages,
    /// What queries and galleries are made of. Never learned from.
    pub test: LabelledImages,
    /// Measured on the training part alone.
    pub normalisation: Normalisation,
    /// The models whose embeddings the rows hold, one after the other, oldest first; none where models look at pictures.
    pub given: Vec<GivenModel>,
    /// Where the pictures come from and what one may do with them.
    pub provenance: Provenance,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SHAPE: ImageShape = ImageShape { channels: 2, height: 1, width: 2 };

    #[test]
    fn every_channel_is_measured_on_its_own() {
        let images = Images::new(SHAPE, vec![0, 255, 51, 51, 0, 255, 51, 51]).unwrap();
        let Normalisation { mean, std } = Normalisation::of(&images);
        assert_eq!(mean, [0.5, 0.2]);
        assert_eq!(std, [0.5, 1.0]);
    }

    #[test]
    fn a_picture_that_does_not_exist_is_named() {
        let images = Images::new(SHAPE, vec![0, 1, 2, 3, 4, 5, 6, 7]).unwrap();
        assert_eq!(images.item(1).unwrap(), [4, 5, 6, 7]);
        for index in [2, usize::MAX] {
            let sentence = images.item(index).unwrap_err().to_string();
            assert!(sentence.starts_with(&format!("item {index} was asked for, there are 2")), "{sentence}");
        }
    }

    #[test]
    fn parts_that_do_not_fit_together_are_refused() {
        let images = || Images::new(SHAPE, vec![0; 8]).unwrap();
        assert!(matches!(Images::new(SHAPE, vec![0; 7]), Err(DataError::PixelCount { bytes: 7, .. })));
        assert!(matches!(LabelledImages::new(images(), vec![0], 1), Err(DataError::LabelCount { .. })));
        let unknown = LabelledImages::new(images(), vec![0, 3], 3).unwrap_err();
        assert_eq!(unknown.to_string(), "item 1 has label 3, but there are 3 classes");
    }
}
