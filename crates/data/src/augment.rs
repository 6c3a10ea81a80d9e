//! From bytes to the numbers a model sees: normalised, and for training shifted and made noisy.

mod noise;

use crate::{DataError, Items, Normalisation, Rng, Seed};

/// How training pictures are varied. Both parts may be switched off with 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Augmentation {
    /// Every picture moves by a whole number of pixels, uniform in plus or minus this, in both
    /// directions; what comes in is black.
    pub max_shift: u8,
    /// Standard deviation of the Gaussian noise added to every value, where black is 0 and full
    /// intensity 1. Not clipped.
    pub noise_std: f32,
}

impl Augmentation {
    /// Fixes the variation of every item for one epoch.
    #[must_use]
    pub fn for_epoch(self, seed: Seed, epoch: u32) -> EpochAugmentation {
        EpochAugmentation { augmentation: self, stream: seed.stream(&format!("augment/epoch/{epoch}")) }
    }
}

/// An [`Augmentation`] in one epoch. What happens to an item depends on seed, epoch and item alone,
/// not on the batch it came in, so all models of a run can be shown the very same pictures.
#[derive(Debug, Clone)]
pub struct EpochAugmentation {
    augmentation: Augmentation,
    stream: Rng,
}

/// Replaces the content of `out` by the pictures `indices`, as an array of `[batch, channels,
/// height, width]`: every value is (pixel / 255 - mean) / std of its channel. Without
/// `augmentation` the pictures are as they are in the dataset. Rows stay as they are; sequences of tokens are no numbers.
///
/// `normalisation` must have been measured on pictures with as many channels; channels that it does
/// not cover are left at 0.
///
/// # Errors
/// An index is beyond the items, or they are sequences; `out` is then incomplete.
pub fn fill_batch(
    items: &Items,
    normalisation: &Normalisation,
    indices: &[usize],
    augmentation: Option<&EpochAugmentation>,
    out: &mut Vec<f32>,
) -> Result<(), DataError> {
    let size = items.shape().size();
    out.clear();
    out.resize(indices.len().saturating_mul(size), 0.0);
    let Some(shape) = items.image_shape() else {
        for (&index, target) in indices.iter().zip(out.chunks_exact_mut(size.max(1))) {
            target.copy_from_slice(items.row(index)?);
        }
        return Ok(());
    };
    for (&index, target) in indices.iter().zip(out.chunks_exact_mut(shape.size())) {
        let source = items.picture(index)?;
        let mut variation = augmentation.map(|epoch| (epoch.augmentation, epoch.stream.substream(index as u64)));
        let (down, right) = match &mut variation {
            Some((augmentation, rng)) => {
                let reach = i32::from(augmentation.max_shift);
                (rng.integer(-reach, reach), rng.integer(-reach, reach))
            }
            None => (0, 0),
        };
        let planes = source.chunks_exact(shape.plane()).zip(target.chunks_exact_mut(shape.plane()));
        for ((source, target), (&mean, &std)) in planes.zip(normalisation.mean.iter().zip(&normalisation.std)) {
            let (gain, offset) = (1.0 / (255.0 * std), -mean / std);
            if (down, right) == (0, 0) {
                normalise(source, target, gain, offset);
            } else {
                target.fill(offset);
                for (source, target) in overlap(source, target, shape.width, down, right) {
                    normalise(source, target, gain, offset);
                }
            }
            if let Some((augmentation, rng)) = &mut variation
                && augmentation.noise_std > 0.0
            {
                noise::add(target, augmentation.noise_std / std, rng);
            }
        }
    }
    Ok(())
}

fn normalise(source: &[u8], target: &mut [f32], gain: f32, offset: f32) {
    for (&pixel, value) in source.iter().zip(target) {
        *value = f32::from(pixel) * gain + offset;
    }
}

/// The pairs of row segments that cover each other, from their first value on, once `source` was
/// moved by `down` and `right` over `target`. The longer one of a pair reaches beyond the edge.
fn overlap<'a>(
    source: &'a [u8],
    target: &'a mut [f32],
    width: usize,
    down: i32,
    right: i32,
) -> impl Iterator<Item = (&'a [u8], &'a mut [f32])> {
    let skip = |shift: i32| shift.max(0) as usize;
    let rows = source.chunks_exact(width).skip(skip(-down)).zip(target.chunks_exact_mut(width).skip(skip(down)));
    rows.filter_map(move |(source, target)| Some((source.get(skip(-right)..)?, target.get_mut(skip(right)..)?)))
}
