//! The order in which an epoch visits its items.

use crate::{DataError, Seed};

/// One epoch: every item once, in an order fixed by seed and epoch, cut into batches.
///
/// The last batch is smaller when the items do not divide evenly. It is kept if it holds at least
/// two items and dropped if it would hold one: losses over pairs and statistics over a batch are
/// undefined for a single item. (Batches of size one, asked for as such, are all kept.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochOrder {
    order: Vec<usize>,
    batch_size: usize,
}

impl EpochOrder {
    /// Shuffles `indices` for `epoch`.
    ///
    /// # Errors
    /// `batch_size` is 0.
    pub fn new(indices: &[usize], batch_size: usize, seed: Seed, epoch: u32) -> Result<Self, DataError> {
        if batch_size == 0 {
            return Err(DataError::EmptyBatch);
        }
        let mut order = indices.to_vec();
        seed.stream(&format!("order/epoch/{epoch}")).shuffle(&mut order);
        if batch_size > 1 && order.len() % batch_size == 1 {
            order.pop();
        }
        Ok(Self { order, batch_size })
    }

    /// Number of batches.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len().div_ceil(self.batch_size)
    }

    /// Whether there is no batch at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The indices of batch `number`, counted from 0; none beyond the last. Lets a runner stop
    /// after any batch and go on later.
    #[must_use]
    pub fn batch(&self, number: usize) -> Option<&[usize]> {
        self.order.chunks(self.batch_size).nth(number)
    }

    /// The batches in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[usize]> {
        self.order.chunks(self.batch_size)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn sizes(items: usize, batch_size: usize) -> Vec<usize> {
        let indices: Vec<usize> = (0..items).collect();
        EpochOrder::new(&indices, batch_size, Seed(1), 0).unwrap().iter().map(<[usize]>::len).collect()
    }

    #[test]
    fn a_last_batch_of_one_is_dropped() {
        assert_eq!(sizes(10, 4), [4, 4, 2]);
        assert_eq!(sizes(9, 4), [4, 4]);
        assert_eq!(sizes(8, 4), [4, 4]);
        assert_eq!(sizes(1, 4), [0; 0]);
        assert_eq!(sizes(3, 1), [1, 1, 1]);
        assert!(EpochOrder::new(&[1], 0, Seed(1), 0).is_err());
    }

    #[test]
    fn epochs_and_seeds_differ_and_repeat() {
        let indices: Vec<usize> = (100..200).collect();
        let order = |seed, epoch| EpochOrder::new(&indices, 10, Seed(seed), epoch).unwrap();
        assert_eq!(order(1, 0), order(1, 0));
        assert_ne!(order(1, 0), order(1, 1));
        assert_ne!(order(1, 0), order(2, 0));
    }

    proptest! {
        #[test]
        fn an_epoch_is_a_permutation(items in 0usize..200, batch_size in 1usize..40, seed: u64, epoch: u32) {
            let indices: Vec<usize> = (0..items).map(|i| 3 * i).collect();
            let epoch = EpochOrder::new(&indices, batch_size, Seed(seed), epoch).unwrap();
            let mut visited: Vec<usize> = epoch.iter().flatten().copied().collect();
            visited.sort_unstable();
            let dropped = usize::from(batch_size > 1 && items % batch_size == 1);
            prop_assert_eq!(visited.len(), items - dropped);
            visited.dedup();
            prop_assert_eq!(visited.len(), items - dropped);
            prop_assert!(visited.iter().all(|v| v % 3 == 0 && *v < 3 * items.max(1)));
            prop_assert_eq!(epoch.len(), epoch.iter().len());
            for (number, batch) in epoch.iter().enumerate() {
                prop_assert_eq!(epoch.batch(number), Some(batch));
            }
            prop_assert_eq!(epoch.batch(epoch.len()), None);
        }
    }
}
