//! Training data that someone has tampered with, of which only a part is known.
//!
//! The setting of corrective unlearning (Goel et al., 2024): a set of *manipulated* items is in the training data, a subset of it is
//! *identified*, and a model is to behave as if none of it had ever been there. Pictures are stamped or labels exchanged here; who repairs
//! the model is told of the identified items only.

use crate::{DataError, ImageShape, Items, Part, Rng, Seed};

/// A corner of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Corner {
    /// First row, first column.
    TopLeft,
    /// First row, last column.
    TopRight,
    /// Last row, first column.
    BottomLeft,
    /// Last row, last column.
    BottomRight,
}

/// A square of full intensity in a corner, in all channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trigger {
    /// Pixels along a side, 1 to the shorter side of the picture.
    pub side: usize,
    /// Where it is.
    pub corner: Corner,
}

impl Trigger {
    /// Sets the square in `picture`, `[channels, height, width]`. Test pictures are stamped with it to see whether a model still reacts.
    ///
    /// # Errors
    /// `picture` is not one picture of `shape`, or the square does not fit into it.
    pub fn stamp(self, picture: &mut [u8], shape: ImageShape) -> Result<(), DataError> {
        let ImageShape { channels, height, width } = shape;
        if shape.size() == 0 || picture.len() != shape.size() {
            return Err(DataError::PixelCount { bytes: picture.len(), channels, height, width });
        }
        let most = height.min(width) as f64;
        DataError::check_range("the side of a trigger", self.side as f64, 1.0, most)?;
        let start = |last: bool, length: usize| if last { length - self.side } else { 0 };
        let top = start(matches!(self.corner, Corner::BottomLeft | Corner::BottomRight), height);
        let left = start(matches!(self.corner, Corner::TopRight | Corner::BottomRight), width);
        for plane in picture.chunks_exact_mut(shape.plane()) {
            for row in plane.chunks_exact_mut(width).skip(top).take(self.side) {
                row.iter_mut().skip(left).take(self.side).for_each(|value| *value = u8::MAX);
            }
        }
        Ok(())
    }
}

/// What is done to the items that are manipulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Manipulation {
    /// The trigger is stamped on the picture and the label replaced, so that a model learns to answer `label` to the trigger.
    Backdoor {
        /// What is stamped.
        trigger: Trigger,
        /// The label that stamped pictures get. Pictures of this class are left alone: their label would stay right.
        label: u32,
        /// The only class whose pictures are stamped; all but `label` if none is named.
        of: Option<u32>,
    },
    /// Items of two classes get each other's label (interclass confusion); the share counts within each class.
    Confusion {
        /// The two classes.
        classes: [u32; 2],
    },
}

impl Manipulation {
    /// The label that it teaches for items of `class`; `None` for those that it leaves alone.
    #[must_use]
    pub fn taught(self, class: u32) -> Option<u32> {
        match self {
            Self::Backdoor { label, of, .. } => (class != label && of.is_none_or(|of| of == class)).then_some(label),
            Self::Confusion { classes: [one, other] } if class == one => Some(other),
            Self::Confusion { classes: [one, other] } => (class == other).then_some(one),
        }
    }

    /// What is stamped on pictures, if anything is.
    #[must_use]
    pub fn trigger(self) -> Option<Trigger> {
        match self {
            Self::Backdoor { trigger, .. } => Some(trigger),
            Self::Confusion { .. } => None,
        }
    }

    /// These items with the trigger on each, if there is one.
    ///
    /// # Errors
    /// They are no pictures, or the trigger does not fit.
    pub fn stamp(self, items: &Items, indices: &[usize]) -> Result<Items, DataError> {
        let Some(trigger) = self.trigger() else { return Ok(items.clone()) };
        let shape = items.image_shape().ok_or(DataError::NoPictures)?;
        let mut pixels = items.all_pixels().to_vec();
        for &index in indices {
            let picture = pixels.chunks_exact_mut(shape.size()).nth(index);
            let picture = picture.ok_or(DataError::NoSuchItem { index, len: items.len() })?;
            trigger.stamp(picture, shape)?;
        }
        Items::pixels(shape, pixels)
    }
}

/// How training data is manipulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Poison {
    /// What is done.
    pub manipulation: Manipulation,
    /// The part of the items it could be done to that are manipulated, 0 to 1; rounded to whole items, at least one unless it is 0.
    pub share: f64,
}

impl Poison {
    /// Manipulates some of the items `indices` of a training part that nobody has tampered with.
    ///
    /// The seed fixes an order in which items are manipulated: a larger share contains a smaller one.
    ///
    /// # Errors
    /// The share is not in 0 to 1, the trigger does not fit or the items are no pictures, the two confused classes are one, or an index
    /// is beyond the items.
    pub fn apply(self, part: &Part, indices: &[usize], seed: Seed) -> Result<Part, DataError> {
        DataError::check_range("the manipulated share", self.share, 0.0, 1.0)?;
        let mut labels = part.labels().to_vec();
        let mut manipulated = self.choose(&labels, indices, seed)?;
        manipulated.sort_unstable();
        let items = self.manipulation.stamp(part.items(), &manipulated)?;
        let mut tampered = Vec::with_capacity(manipulated.len());
        for index in manipulated {
            let Some(label) = labels.get_mut(index) else { continue };
            let Some(taught) = self.manipulation.taught(*label) else { continue };
            tampered.push((index, *label));
            *label = taught;
        }
        Ok(part.clone().with_tampered(items, labels, tampered))
    }

    /// The items to manipulate.
    fn choose(self, labels: &[u32], indices: &[usize], seed: Seed) -> Result<Vec<usize>, DataError> {
        // In an order of their own, so that the order of the training data has no say.
        let mut items = indices.to_vec();
        items.sort_unstable();
        items.dedup();
        if let Some(&index) = items.last().filter(|&&index| index >= labels.len()) {
            return Err(DataError::NoSuchItem { index, len: labels.len() });
        }
        let of = |keep: &dyn Fn(u32) -> bool| -> Vec<usize> {
            let kept = items.iter().copied().filter(|&index| labels.get(index).is_some_and(|&label| keep(label)));
            kept.collect()
        };
        let drawn = |items, name: &str| leading(items, self.share, &mut seed.stream(&format!("poison/{name}")));
        match self.manipulation {
            Manipulation::Backdoor { .. } => {
                Ok(drawn(of(&|found| self.manipulation.taught(found).is_some()), "backdoor"))
            }
            Manipulation::Confusion { classes: [one, other] } if one == other => {
                Err(DataError::SameClass { class: one })
            }
            Manipulation::Confusion { classes } => {
                let of_class = |class: u32| drawn(of(&|found| found == class), &format!("confusion/class/{class}"));
                Ok(classes.into_iter().flat_map(of_class).collect())
            }
        }
    }
}

/// The manipulated items of a part that are identified, ascending: `share` of them, 0 to 1, rounded to whole items and at least one unless
/// it is 0. The seed fixes an order: a larger share contains a smaller one.
///
/// # Errors
/// The share is not in 0 to 1.
pub fn identified(part: &Part, share: f64, seed: Seed) -> Result<Vec<usize>, DataError> {
    DataError::check_range("the identified share", share, 0.0, 1.0)?;
    let manipulated = part.tampered().iter().map(|&(index, _)| index).collect();
    let mut identified = leading(manipulated, share, &mut seed.stream("poison/identified"));
    identified.sort_unstable();
    Ok(identified)
}

/// The first items of a drawn order: `share` of all of them.
fn leading(mut items: Vec<usize>, share: f64, rng: &mut Rng) -> Vec<usize> {
    rng.shuffle(&mut items);
    let whole = (share * items.len() as f64).round() as usize;
    items.truncate(if share > 0.0 { whole.max(1) } else { 0 });
    items
}

#[cfg(test)]
mod tests;
