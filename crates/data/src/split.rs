//! Which items a model learns from, and which it is asked about.
//!
//! An upgrade is often "the same with more data" or "the same with more classes". For such a
//! comparison to be fair, the old model's data must be part of the new model's, and both must be
//! asked the same questions. So subsets of one seed are nested, and test items are drawn on their
//! own, from their own part.

use crate::{DataError, Dataset, Seed};

/// A class-balanced subset of the training part.
///
/// Subsets of the same seed are nested: fewer classes, fewer items per class or a smaller fraction
/// gives a subset of the larger one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainSubset {
    /// Only the first so many classes, 1 to the number of classes.
    pub classes: usize,
    /// Items per class before the fraction is taken, at least 1; a class that has fewer gives all it has.
    pub per_class: usize,
    /// The part of `per_class` that is kept, above 0 and at most 1; rounded to whole items, at
    /// least one.
    pub fraction: f32,
}

impl TrainSubset {
    /// Indices into `dataset.train`: one item of every class, then a second of every class, and so
    /// on. Within a class the order is fixed by the seed.
    ///
    /// # Errors
    /// The numbers are outside of their ranges or beyond what the dataset has.
    pub fn indices(self, dataset: &Dataset, seed: Seed) -> Result<Vec<usize>, DataError> {
        let available = dataset.class_names.len();
        if self.classes == 0 || self.classes > available {
            return Err(DataError::Classes { asked: self.classes, available });
        }
        if !(self.fraction > 0.0 && self.fraction <= 1.0) {
            return Err(DataError::Fraction { fraction: self.fraction });
        }
        let mut members = shuffled_classes(dataset.train.by_class(self.classes), self.per_class, seed, "split/train")?;
        for class in &mut members {
            let whole = self.per_class.min(class.len()) as f64;
            class.truncate((whole * f64::from(self.fraction)).round().max(1.0) as usize);
        }
        let most = members.iter().map(Vec::len).max().unwrap_or_default();
        Ok((0..most).flat_map(|rank| members.iter().filter_map(move |class| class.get(rank).copied())).collect())
    }
}

/// A class-balanced subset of the test part, over all classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestSubset {
    /// Items per class, at least 1; a class that has fewer gives all it has.
    pub per_class: usize,
}

impl TestSubset {
    /// Indices into `dataset.test`, in random order.
    ///
    /// Ties in a ranking are broken by position. Were the classes in order, a model that maps
    /// everything to one point would be credited with finding the first class; in random order it
    /// scores as chance.
    ///
    /// # Errors
    /// A class has no items, or none were asked for.
    pub fn indices(self, dataset: &Dataset, seed: Seed) -> Result<Vec<usize>, DataError> {
        let members = dataset.test.by_class(dataset.class_names.len());
        let members = shuffled_classes(members, self.per_class, seed, "split/test")?;
        let mut indices: Vec<usize> =
            members.into_iter().flat_map(|class| class.into_iter().take(self.per_class)).collect();
        seed.stream("split/test/order").shuffle(&mut indices);
        Ok(indices)
    }
}

/// Every class in an order of its own stream, so that neither the number of classes nor the size of
/// another class has a say in it.
fn shuffled_classes(
    mut members: Vec<Vec<usize>>,
    asked: usize,
    seed: Seed,
    label: &str,
) -> Result<Vec<Vec<usize>>, DataError> {
    for (class, items) in members.iter_mut().enumerate() {
        if asked == 0 || items.is_empty() {
            return Err(DataError::PerClass { asked, class, available: items.len() });
        }
        seed.stream(&format!("{label}/class/{class}")).shuffle(items);
    }
    Ok(members)
}
