//! Where classes lie among unit features: running means, which is all that a nearest-mean classifier has.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};

use crate::{Kept, StoredFeatures};

/// Names under which they are left for the next stage.
const MEANS: &str = "means";
const COUNTS: &str = "counts";

/// The mean of all features of each class so far: `mu <- mu + (f - mu) / n` with the `n`-th feature `f` of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct Means {
    dims: usize,
    /// `[classes, dims]`, row-major.
    rows: Vec<f32>,
    /// Features of each class; whole numbers, held as what is kept is.
    counts: Vec<f32>,
}

impl Means {
    /// No feature yet of any of so many classes.
    pub fn new(dims: usize, classes: usize) -> Self {
        Self { dims, rows: vec![0.0; dims * classes], counts: vec![0.0; classes] }
    }

    /// Those that a system left; `None` if it left none of so many dims.
    pub fn of_kept(kept: &Kept, dims: usize) -> Option<Self> {
        let (rows, counts) = (kept.get(MEANS)?, kept.get(COUNTS)?);
        (rows.len() == counts.len() * dims).then(|| Self { dims, rows: rows.clone(), counts: counts.clone() })
    }

    /// As a system leaves them, on `device`.
    pub fn left(&self, device: &Device) -> BTreeMap<&'static str, Tensor<1>> {
        let row = |values: &[f32]| Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device);
        BTreeMap::from([(MEANS, row(&self.rows)), (COUNTS, row(&self.counts))])
    }

    /// Makes room for the first so many classes; those that are there stay.
    pub fn grow(&mut self, classes: usize) {
        let classes = classes.max(self.counts.len());
        self.rows.resize(classes * self.dims, 0.0);
        self.counts.resize(classes, 0.0);
    }

    /// Takes in one feature; one of a class that there is no room for is left out.
    pub fn take(&mut self, feature: &[f32], class: u32) {
        let at = class as usize;
        let (Some(count), Some(mean)) = (self.counts.get_mut(at), self.rows.chunks_exact_mut(self.dims.max(1)).nth(at))
        else {
            return;
        };
        *count += 1.0;
        mean.iter_mut().zip(feature).for_each(|(mean, value)| *mean += (value - *mean) / *count);
    }

    /// Takes in features one by one, in their order. What comes again counts again.
    pub fn take_all(&mut self, features: &StoredFeatures) {
        for (feature, class) in features.iter() {
            self.take(feature, class);
        }
    }

    /// Length of a mean.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// The means, `[classes, dims]` row-major; zeros for a class without features.
    pub fn rows(&self) -> &[f32] {
        &self.rows
    }

    /// Features taken in, by class.
    pub fn counts(&self) -> &[f32] {
        &self.counts
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use data::Seed;
    use pollster::block_on;

    use super::*;
    use crate::Init;
    use crate::engine::read;

    const DIMS: usize = 5;
    const CLASSES: usize = 3;

    fn features(name: &str, items: usize) -> StoredFeatures {
        let rows = Init::new(Seed(4).stream(name), Device::flex()).normal(items, DIMS);
        StoredFeatures::new(&rows, DIMS, (0..items).map(|item| (item % CLASSES) as u32).collect()).unwrap()
    }

    fn near(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        let worst = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-6, "{found:?}, not {expected:?}");
    }

    #[test]
    fn a_running_mean_is_the_mean_of_all() {
        let features = features("running", 100);
        let mut means = Means::new(DIMS, CLASSES);
        means.take_all(&features);
        near(means.rows(), &features.means(CLASSES));
        assert_eq!(means.counts(), [34.0, 33.0, 33.0]);
    }

    #[test]
    fn it_goes_on_from_what_was_left_as_if_it_had_not_stopped() {
        let (first, second) = (features("first", 30), features("second", 21));
        let mut at_once = Means::new(DIMS, CLASSES);
        at_once.take_all(&first);
        let left = at_once.left(&Device::flex());
        let kept = left.into_iter().map(|(name, row)| (name.to_owned(), block_on(read(row)).unwrap())).collect();
        let mut after = Means::of_kept(&kept, DIMS).unwrap();
        assert_eq!(Means::of_kept(&kept, DIMS + 1), None);
        for means in [&mut at_once, &mut after] {
            means.grow(CLASSES + 1);
            means.take_all(&second);
        }
        assert_eq!(after, at_once);
        assert_eq!(
            (after.counts(), &after.rows()[CLASSES * DIMS..]),
            ([17.0, 17.0, 17.0, 0.0].as_slice(), &[0.0; DIMS][..])
        );
        after.take(&[1.0; DIMS], 9);
        assert_eq!(after, at_once, "there is no such class");
    }
}
