//! What models say of images, kept on the host.

use burn::tensor::{Device, Int, Tensor, TensorData};
use measure::Features;

use crate::LabError;
use crate::counts::CLASSES;

/// Embeddings of the first so many test items, row-major.
#[derive(Clone, Debug)]
pub(crate) struct Embedded {
    pub(crate) rows: Vec<f32>,
    pub(crate) dims: usize,
}

impl Embedded {
    /// The first `count` of them.
    pub(crate) fn first(&self, count: usize) -> Result<Features<'_>, LabError> {
        let rows = self.rows.get(..count * self.dims).unwrap_or(&self.rows);
        Ok(Features::new(rows, self.dims)?)
    }

    /// All of them.
    pub(crate) fn features(&self) -> Result<Features<'_>, LabError> {
        Ok(Features::new(&self.rows, self.dims)?)
    }
}

/// Unit features of training images with their classes.
#[derive(Clone, Debug)]
pub struct StoredFeatures {
    rows: Vec<f32>,
    labels: Vec<u32>,
    dims: usize,
}

impl StoredFeatures {
    /// Keeps `rows`, `[labels.len(), dims]` row-major, normalised.
    ///
    /// # Errors
    /// [`LabError::Measure`] if `rows` is no such matrix or holds what is no number, [`LabError::Data`] if a label is none of a
    /// dataset.
    pub fn new(rows: &[f32], dims: usize, labels: Vec<u32>) -> Result<Self, LabError> {
        for &label in &labels {
            CLASSES.number::<u8>(label as usize)?;
        }
        Ok(Self { rows: Features::new(rows, dims)?.prefix(dims)?, labels, dims })
    }

    /// Length of a feature.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// All features, `[images, dims]` row-major.
    pub fn rows(&self) -> &[f32] {
        &self.rows
    }

    /// Those of these images, in this order; what is out of range is left out.
    pub fn only(&self, indices: &[usize]) -> Self {
        let row = |&at: &usize| self.rows.chunks_exact(self.dims).nth(at).zip(self.labels.get(at));
        let (rows, labels): (Vec<&[f32]>, Vec<u32>) = indices.iter().filter_map(row).unzip();
        Self { rows: rows.concat(), labels, dims: self.dims }
    }

    /// Class of each image.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// The images in order: unit feature and class.
    pub fn iter(&self) -> impl Iterator<Item = (&[f32], u32)> {
        self.rows.chunks_exact(self.dims).zip(self.labels.iter().copied())
    }

    /// Features `[indices, dims]` and classes `[indices]` of these images, on `device`; what is out of range is left out.
    pub fn draw(&self, indices: &[usize], device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
        let Self { rows, labels, dims } = self.only(indices);
        let count = labels.len();
        let labels: Vec<i32> = labels.into_iter().map(u32::cast_signed).collect();
        let rows = TensorData::new(rows, [count, dims]);
        (Tensor::from_data(rows, device), Tensor::from_data(TensorData::new(labels, [count]), device))
    }

    /// Those of every class that lie nearest its mean, as a `share` of the class in `0..=1`, at least one.
    pub fn credible(&self, share: f64, classes: usize) -> Self {
        let mut ranked: Vec<Vec<(f32, usize)>> = vec![Vec::new(); classes];
        for (at, (cosine, label)) in self.cosines(classes).into_iter().zip(&self.labels).enumerate() {
            if let Some(class) = ranked.get_mut(*label as usize) {
                class.push((cosine, at));
            }
        }
        let mut kept: Vec<usize> = Vec::new();
        for mut class in ranked {
            class.sort_by(|left, right| right.0.total_cmp(&left.0));
            let count = (share * class.len() as f64).ceil() as usize;
            kept.extend(class.iter().take(count.max(1)).map(|&(_, at)| at));
        }
        kept.sort_unstable();
        self.only(&kept)
    }

    /// Smallest cosine of each class's features with the class mean; 1 for a class without images.
    pub fn smallest_cosines(&self, classes: usize) -> Vec<f32> {
        let mut smallest = vec![1f32; classes];
        for (cosine, label) in self.cosines(classes).into_iter().zip(&self.labels) {
            if let Some(value) = smallest.get_mut(*label as usize) {
                *value = value.min(cosine);
            }
        }
        smallest
    }

    /// Cosine of each feature with the mean of its class.
    fn cosines(&self, classes: usize) -> Vec<f32> {
        let means = self.means(classes);
        let cosine = |(row, label): (&[f32], u32)| {
            let start = label as usize * self.dims;
            let mean = means.get(start..start + self.dims).unwrap_or_default();
            let dot: f32 = row.iter().zip(mean).map(|(value, mean)| value * mean).sum();
            dot / mean.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE)
        };
        self.iter().map(cosine).collect()
    }

    /// Mean feature per class, `[classes, dims]` row-major; zero for a class without images.
    pub fn means(&self, classes: usize) -> Vec<f32> {
        let mut sums = vec![0f64; classes * self.dims];
        let mut counts = vec![0u32; classes];
        for (row, label) in self.iter() {
            let start = label as usize * self.dims;
            if let (Some(sum), Some(count)) = (sums.get_mut(start..start + self.dims), counts.get_mut(label as usize)) {
                sum.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value));
                *count += 1;
            }
        }
        let per_class = counts.iter().map(|&count| f64::from(count.max(1)));
        let means = sums.chunks_exact(self.dims).zip(per_class);
        means.flat_map(|(sum, count)| sum.iter().map(move |value| (value / count) as f32)).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn means_are_those_of_unit_features() {
        let stored = StoredFeatures::new(&[2.0, 0.0, 0.0, 3.0, -1.0, 0.0], 2, vec![1, 1, 0]).unwrap();
        assert_eq!(stored.means(3), [-1.0, 0.0, 0.5, 0.5, 0.0, 0.0]);
        assert_eq!(stored.smallest_cosines(3), [1.0, 0.5f32.sqrt(), 1.0]);
    }

    #[test]
    fn a_label_that_no_dataset_has_is_refused() {
        let stored = |label| StoredFeatures::new(&[1.0, 0.0], 2, vec![label]).map(|stored| stored.labels().to_vec());
        assert_eq!(stored(255).unwrap(), [255]);
        assert_eq!(
            stored(256).unwrap_err().to_string(),
            "there are 257 classes, at most 256 are possible; choose a dataset with fewer"
        );
    }

    #[test]
    fn credible_features_are_those_nearest_the_mean_of_their_class() {
        let stored = StoredFeatures::new(&[0.0, 1.0, 1.0, 0.0, 1.0, 0.1, 3.0, 0.0], 2, vec![1, 0, 0, 0]).unwrap();
        let credible = stored.credible(0.5, 2);
        assert_eq!(credible.labels(), [1, 0, 0], "half of three, rounded up, and at least one");
        assert!(credible.iter().any(|(row, _)| row == [1.0, 0.0]));
        assert_eq!(stored.credible(1.0, 2).labels(), stored.labels());
    }
}
