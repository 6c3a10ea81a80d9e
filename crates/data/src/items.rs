//! What models look at, in memory: pictures, rows of numbers, sequences of tokens, and their labels.

use protocol::{GivenModel, ItemKind};
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

    /// Height and width, in pixels; `None` if they cannot be counted so far.
    #[must_use]
    pub fn height_and_width(self) -> Option<(u32, u32)> {
        Some((u32::try_from(self.height).ok()?, u32::try_from(self.width).ok()?))
    }

    /// Values in one channel of one picture: height x width.
    #[must_use]
    pub fn plane(self) -> usize {
        self.height.saturating_mul(self.width)
    }
}

/// What one item is, and how large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemShape {
    /// A picture.
    Pixels(ImageShape),
    /// A row of numbers: an embedding by a model that is trained already, a point of the plane.
    Rows {
        /// Numbers of one row.
        width: usize,
    },
    /// A sequence of tokens.
    Tokens {
        /// Tokens of one sequence.
        length: usize,
        /// Tokens there are: every token is below.
        vocabulary: usize,
    },
}

impl ItemShape {
    /// What an item of this shape is.
    #[must_use]
    pub fn kind(self) -> ItemKind {
        match self {
            Self::Pixels(_) => ItemKind::Pixels,
            Self::Rows { .. } => ItemKind::Rows,
            Self::Tokens { .. } => ItemKind::Tokens,
        }
    }

    /// Channels, height and width, as files of models have them: rows and sequences count as pictures of one line.
    #[must_use]
    pub fn sides(self) -> [usize; 3] {
        match self {
            Self::Pixels(ImageShape { channels, height, width }) => [channels, height, width],
            Self::Rows { width } | Self::Tokens { length: width, .. } => [1, 1, width],
        }
    }

    /// Values of one item.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::Pixels(shape) => shape.size(),
            Self::Rows { width } => width,
            Self::Tokens { length, .. } => length,
        }
    }
}

impl std::fmt::Display for ItemShape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pixels(ImageShape { channels, height, width }) => {
                write!(f, "pictures of {channels} x {height} x {width} pixels")
            }
            Self::Rows { width } => write!(f, "rows of {width} numbers"),
            Self::Tokens { length, vocabulary } => write!(f, "sequences of {length} tokens out of {vocabulary}"),
        }
    }
}

/// What models look at, all of one shape: pictures as bytes (0 = black, 255 = full intensity), `[items, channels, height, width]`; or
/// rows of numbers, `[items, width]`; or sequences of tokens, `[items, length]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Items {
    shape: ItemShape,
    values: Values,
}

#[derive(Debug, Clone, PartialEq)]
enum Values {
    Pixels(Vec<u8>),
    Rows(Vec<f32>),
    Tokens(Vec<u16>),
}

impl Items {
    /// Pictures of `shape` over `pixels`, one after the other.
    ///
    /// # Errors
    /// `pixels` is not a whole number of pictures, or a picture would have no pixels.
    pub fn pixels(shape: ImageShape, pixels: Vec<u8>) -> Result<Self, DataError> {
        if shape.size() == 0 || !pixels.len().is_multiple_of(shape.size()) {
            let ImageShape { channels, height, width } = shape;
            return Err(DataError::PixelCount { bytes: pixels.len(), channels, height, width });
        }
        Ok(Self { shape: ItemShape::Pixels(shape), values: Values::Pixels(pixels) })
    }

    /// Rows of `width` numbers each, one after the other.
    ///
    /// # Errors
    /// `values` is not a whole number of rows, or a row would have no numbers.
    pub fn rows(width: usize, values: Vec<f32>) -> Result<Self, DataError> {
        if width == 0 || !values.len().is_multiple_of(width) {
            return Err(DataError::RowCount { values: values.len(), width });
        }
        Ok(Self { shape: ItemShape::Rows { width }, values: Values::Rows(values) })
    }

    /// Sequences of `length` tokens each, one after the other, all of them below `vocabulary`.
    ///
    /// # Errors
    /// `tokens` is not a whole number of sequences, a sequence would have no tokens, or a token is not below `vocabulary`.
    pub fn tokens(length: usize, vocabulary: usize, tokens: Vec<u16>) -> Result<Self, DataError> {
        if length == 0 || !tokens.len().is_multiple_of(length) {
            return Err(DataError::TokenCount { tokens: tokens.len(), length });
        }
        if let Some((at, &token)) = tokens.iter().enumerate().find(|&(_, &token)| usize::from(token) >= vocabulary) {
            return Err(DataError::UnknownToken { index: at / length, token, vocabulary });
        }
        Ok(Self { shape: ItemShape::Tokens { length, vocabulary }, values: Values::Tokens(tokens) })
    }

    /// The shape of every item.
    #[must_use]
    pub fn shape(&self) -> ItemShape {
        self.shape
    }

    /// The shape of every picture; `None` of what are no pictures.
    #[must_use]
    pub fn image_shape(&self) -> Option<ImageShape> {
        match self.shape {
            ItemShape::Pixels(shape) => Some(shape),
            ItemShape::Rows { .. } | ItemShape::Tokens { .. } => None,
        }
    }

    /// Number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count() / self.shape.size().max(1)
    }

    /// Whether there are no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The pixels of picture `index`, in an array of `[channels, height, width]`.
    ///
    /// # Errors
    /// There is no such picture; rows and sequences are none.
    pub fn picture(&self, index: usize) -> Result<&[u8], DataError> {
        self.part(self.all_pixels(), index)
    }

    /// The numbers of row `index`.
    ///
    /// # Errors
    /// There is no such row; pictures and sequences are none.
    pub fn row(&self, index: usize) -> Result<&[f32], DataError> {
        self.part(self.all_rows(), index)
    }

    /// The tokens of sequence `index`.
    ///
    /// # Errors
    /// There is no such sequence; pictures and rows are none.
    pub fn sequence(&self, index: usize) -> Result<&[u16], DataError> {
        self.part(self.all_tokens(), index)
    }

    /// All pixels, in an array of `[items, channels, height, width]`; none of what are no pictures.
    #[must_use]
    pub fn all_pixels(&self) -> &[u8] {
        if let Values::Pixels(pixels) = &self.values { pixels } else { &[] }
    }

    /// All rows, in an array of `[items, width]`; none of what are no rows.
    #[must_use]
    pub fn all_rows(&self) -> &[f32] {
        if let Values::Rows(rows) = &self.values { rows } else { &[] }
    }

    /// All tokens, in an array of `[items, length]`; none of what are no sequences.
    #[must_use]
    pub fn all_tokens(&self) -> &[u16] {
        if let Values::Tokens(tokens) = &self.values { tokens } else { &[] }
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
            Values::Tokens(tokens) => tokens.len(),
        }
    }
}

/// Items, each with the number of its class: the training or the test part of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    items: Items,
    beside: Option<Items>,
    labels: Vec<u32>,
    domains: Vec<u32>,
    /// Items that someone tampered with, ascending, each with the class that it is of.
    tampered: Vec<(usize, u32)>,
}

impl Part {
    /// `items` with one label each, all of them below `classes`.
    ///
    /// # Errors
    /// The numbers of items and labels differ, or a label is not below `classes`.
    pub fn new(items: Items, labels: Vec<u32>, classes: usize) -> Result<Self, DataError> {
        if items.len() != labels.len() {
            return Err(DataError::LabelCount { images: items.len(), labels: labels.len() });
        }
        match labels.iter().enumerate().find(|&(_, &label)| label as usize >= classes) {
            Some((index, &label)) => Err(DataError::UnknownClass { index, label, classes }),
            None => Ok(Self { items, beside: None, labels, domains: Vec::new(), tampered: Vec::new() }),
        }
    }

    /// The same with something that stands beside each item: its caption, a second view, what is to be answered at every place of a
    /// sequence.
    ///
    /// # Errors
    /// There are not as many as items.
    pub fn with_beside(mut self, beside: Items) -> Result<Self, DataError> {
        if beside.len() != self.len() {
            return Err(DataError::Beside { items: self.len(), beside: beside.len() });
        }
        self.beside = Some(beside);
        Ok(self)
    }

    /// The same with the number of the domain of each item: its artist, its style, its task.
    ///
    /// # Errors
    /// There are not as many as items.
    pub fn with_domains(mut self, domains: Vec<u32>) -> Result<Self, DataError> {
        if domains.len() != self.len() {
            return Err(DataError::Beside { items: self.len(), beside: domains.len() });
        }
        self.domains = domains;
        Ok(self)
    }

    /// The same after someone tampered with these items, ascending, each with the class that it is of: it has these pictures and labels
    /// now.
    pub(crate) fn with_tampered(self, items: Items, labels: Vec<u32>, tampered: Vec<(usize, u32)>) -> Self {
        Self { items, labels, tampered, ..self }
    }

    /// Gives its classes other numbers: class `c` is number `numbers[c]` from now on, and keeps its own where there is none.
    pub(crate) fn renumber(&mut self, numbers: &[u32]) {
        let number = |class: u32| numbers.get(class as usize).copied().unwrap_or(class);
        self.labels.iter_mut().for_each(|label| *label = number(*label));
        self.tampered.iter_mut().for_each(|(_, class)| *class = number(*class));
    }

    /// The items that someone tampered with, ascending, each with the class that it is of, whatever its label says now. Nothing that
    /// trains a model may look at it.
    #[must_use]
    pub fn tampered(&self) -> &[(usize, u32)] {
        &self.tampered
    }

    /// The class that an item is of, whatever its label says.
    #[must_use]
    pub fn class(&self, index: usize) -> Option<u32> {
        match self.tampered.binary_search_by_key(&index, |&(index, _)| index) {
            Ok(at) => self.tampered.get(at).map(|&(_, class)| class),
            Err(_) => self.labels.get(index).copied(),
        }
    }

    /// The items.
    #[must_use]
    pub fn items(&self) -> &Items {
        &self.items
    }

    /// What stands beside each item, if anything does.
    #[must_use]
    pub fn beside(&self) -> Option<&Items> {
        self.beside.as_ref()
    }

    /// The label of every item, in the same order.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// The domain of every item, in the same order; empty where there is only one.
    #[must_use]
    pub fn domains(&self) -> &[u32] {
        &self.domains
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

    /// The indices of the items of every class in `0..classes`, ascending. An item that someone tampered with stands where it belongs, so
    /// that which items are drawn does not depend on it.
    pub fn by_class(&self, classes: usize) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); classes];
        for (index, class) in (0..self.len()).filter_map(|index| Some((index, self.class(index)?))) {
            if let Some(class) = members.get_mut(class as usize) {
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
    /// Measures pictures. A channel without variation (or without pictures) gets a standard deviation of 1, so that dividing by it is
    /// harmless. Rows and tokens stay as they are: read like pixels, in 255ths, they have a mean of 0 and a standard deviation of 1/255.
    #[must_use]
    pub fn of(items: &Items) -> Self {
        let Some(shape) = items.image_shape() else { return Self { mean: vec![0.0], std: vec![1.0 / 255.0] } };
        // Sums of whole numbers: exact, so no order of summation can change the result.
        let mut sums = vec![(0u64, 0u64); shape.channels];
        for picture in items.all_pixels().chunks_exact(shape.size()) {
            for (plane, (sum, squares)) in picture.chunks_exact(shape.plane()).zip(&mut sums) {
                *sum += plane.iter().map(|&p| u64::from(p)).sum::<u64>();
                *squares += plane.iter().map(|&p| u64::from(p) * u64::from(p)).sum::<u64>();
            }
        }
        let count = (items.len() * shape.plane()).max(1) as f64;
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
    pub train: Part,
    /// What queries and galleries are made of. Never learned from.
    pub test: Part,
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
        let images = Items::pixels(SHAPE, vec![0, 255, 51, 51, 0, 255, 51, 51]).unwrap();
        let Normalisation { mean, std } = Normalisation::of(&images);
        assert_eq!(mean, [0.5, 0.2]);
        assert_eq!(std, [0.5, 1.0]);
    }

    #[test]
    fn a_picture_that_does_not_exist_is_named() {
        let images = Items::pixels(SHAPE, vec![0, 1, 2, 3, 4, 5, 6, 7]).unwrap();
        assert_eq!(images.picture(1).unwrap(), [4, 5, 6, 7]);
        for index in [2, usize::MAX] {
            let sentence = images.picture(index).unwrap_err().to_string();
            assert!(sentence.starts_with(&format!("item {index} was asked for, there are 2")), "{sentence}");
        }
    }

    #[test]
    fn rows_and_sequences_are_no_pictures() {
        let rows = Items::rows(2, vec![0.0, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!((rows.row(1).unwrap(), rows.image_shape()), ([2.0, 3.0].as_slice(), None));
        assert!(rows.picture(0).is_err() && rows.sequence(0).is_err());
        let tokens = Items::tokens(3, 5, vec![0, 1, 2, 4, 4, 4]).unwrap();
        assert_eq!((tokens.sequence(1).unwrap(), tokens.len()), ([4, 4, 4].as_slice(), 2));
        let refused = |length, tokens| Items::tokens(length, 5, tokens).unwrap_err().to_string();
        assert_eq!(refused(2, vec![0; 3]), "3 tokens are not a whole number of sequences of 2");
        assert_eq!(refused(2, vec![0, 1, 2, 5]), "sequence 1 has the token 5, but there are 5 tokens, counted from 0");
        assert_eq!(rows.shape().to_string(), "rows of 2 numbers");
        assert_eq!(tokens.shape().to_string(), "sequences of 3 tokens out of 5");
        let part = || Part::new(Items::rows(1, vec![0.0, 1.0]).unwrap(), vec![0, 1], 2).unwrap();
        assert!(part().with_domains(vec![0]).is_err() && part().with_beside(rows.clone()).is_ok());
        assert!(part().with_beside(Items::rows(1, vec![0.0]).unwrap()).is_err());
    }

    #[test]
    fn parts_that_do_not_fit_together_are_refused() {
        let images = || Items::pixels(SHAPE, vec![0; 8]).unwrap();
        assert!(matches!(Items::pixels(SHAPE, vec![0; 7]), Err(DataError::PixelCount { bytes: 7, .. })));
        assert!(matches!(Part::new(images(), vec![0], 1), Err(DataError::LabelCount { .. })));
        let unknown = Part::new(images(), vec![0, 3], 3).unwrap_err();
        assert_eq!(unknown.to_string(), "item 1 has label 3, but there are 3 classes");
    }
}
