//! The order in which a model meets what it is asked at test time.
//!
//! What adapts to the batch at hand is only as good as the batch: a stream in random order hands it a fair sample of all classes, a stream
//! sorted by class does not.

use crate::{DataError, Seed};

/// Most items in one batch of a stream.
pub const MAX_STREAM_BATCH: usize = 128;

/// In which order the items of a stream come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamOrder {
    /// Every order is as likely: independent and identically distributed.
    Shuffled,
    /// All items of class 0, then all of class 1, and so on; within a class every order is as likely.
    Sorted,
    /// As a camera that stays with one thing for a while: runs of so many items of one class, the last run of a class shorter, in any
    /// order. Two runs of one class may follow each other.
    Runs(usize),
}

/// A stream of test items, each asked once, cut into batches. Unlike an epoch of training it keeps its last batch whatever its size:
/// every item is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestStream {
    order: Vec<usize>,
    batch_size: usize,
}

impl TestStream {
    /// The items `indices` in `order`; `labels[index]` is the class of an item.
    ///
    /// # Errors
    /// `batch_size` is not in 1 to [`MAX_STREAM_BATCH`], a run is to hold no items, or an index has no label.
    pub fn new(
        indices: &[usize],
        labels: &[u32],
        order: StreamOrder,
        batch_size: usize,
        seed: Seed,
    ) -> Result<Self, DataError> {
        let at_most = MAX_STREAM_BATCH as f64;
        DataError::check_range("the batch size of a stream", batch_size as f64, 1.0, at_most)?;
        if order == StreamOrder::Runs(0) {
            let (what, max) = ("the number of items in a run", indices.len().max(1) as f64);
            return Err(DataError::OutOfRange { what, value: 0.0, min: 1.0, max });
        }
        let class = |&index: &usize| {
            let label = labels.get(index).copied();
            label.map(|label| (label, index)).ok_or(DataError::NoSuchItem { index, len: labels.len() })
        };
        let mut items = indices.iter().map(class).collect::<Result<Vec<_>, _>>()?;
        seed.stream("stream/order").shuffle(&mut items);
        if order != StreamOrder::Shuffled {
            // Stable, so that the order within a class stays the one that was drawn.
            items.sort_by_key(|&(label, _)| label);
        }
        if let StreamOrder::Runs(length) = order {
            let classes = items.chunk_by(|(left, _), (right, _)| left == right);
            let mut runs: Vec<_> = classes.flat_map(|class| class.chunks(length)).collect();
            seed.stream("stream/runs").shuffle(&mut runs);
            items = runs.concat();
        }
        Ok(Self { order: items.into_iter().map(|(_, index)| index).collect(), batch_size })
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

    /// The indices of batch `number`, counted from 0; none beyond the last. Lets a runner stop after any batch and go on later.
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
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::*;

    fn items(stream: &TestStream) -> Vec<usize> {
        stream.iter().flatten().copied().collect()
    }

    #[test]
    fn orders_differ_in_how_classes_follow_each_other() {
        let labels: Vec<u32> = (0..60).map(|item| item % 3).collect();
        let indices: Vec<usize> = (0..60).collect();
        let classes = |order, seed| -> Vec<u32> {
            let stream = TestStream::new(&indices, &labels, order, 7, Seed(seed)).unwrap();
            items(&stream).iter().map(|&item| labels[item]).collect()
        };
        let sorted = classes(StreamOrder::Sorted, 1);
        assert!(sorted.is_sorted());
        let runs = classes(StreamOrder::Runs(5), 1);
        assert!(runs.chunks(5).all(|run| run.iter().all(|class| *class == run[0])));
        assert!(!runs.is_sorted(), "the runs themselves are in any order");
        let changes = |classes: &[u32]| classes.windows(2).filter(|pair| pair[0] != pair[1]).count();
        // Two of three neighbours differ where the order is drawn: about 39 of 59.
        assert!(changes(&classes(StreamOrder::Shuffled, 1)) > 25 && changes(&runs) <= 11 && changes(&sorted) == 2);
        assert_ne!(classes(StreamOrder::Runs(5), 1), classes(StreamOrder::Runs(5), 2));
    }

    #[test]
    fn within_a_class_the_order_is_drawn() {
        let (indices, labels): (Vec<usize>, Vec<u32>) = ((0..40).collect(), vec![0; 40]);
        let order = |seed| items(&TestStream::new(&indices, &labels, StreamOrder::Sorted, 1, Seed(seed)).unwrap());
        assert_eq!(order(1), order(1));
        assert!(order(1) != order(2) && !order(1).is_sorted());
    }

    #[test]
    fn the_last_item_is_asked_too() {
        let sizes = |count: usize, size| -> Vec<usize> {
            let indices: Vec<usize> = (0..count).collect();
            let stream = TestStream::new(&indices, &vec![0; count], StreamOrder::Shuffled, size, Seed(1)).unwrap();
            assert_eq!((stream.len(), stream.is_empty()), (stream.iter().len(), count == 0));
            stream.iter().map(<[usize]>::len).collect()
        };
        assert_eq!(
            (sizes(9, 4), sizes(3, 1), sizes(5, 128), sizes(0, 8)),
            (vec![4, 4, 1], vec![1; 3], vec![5], vec![])
        );
    }

    #[test]
    fn streams_that_cannot_be_are_refused() {
        let refused = |indices: &[usize], order, size| {
            TestStream::new(indices, &[0, 1], order, size, Seed(1)).unwrap_err().to_string()
        };
        for size in [0, 129] {
            let expected = format!("the batch size of a stream is {size}; choose 1 to 128");
            assert_eq!(refused(&[0, 1], StreamOrder::Shuffled, size), expected);
        }
        assert_eq!(refused(&[0, 1], StreamOrder::Runs(0), 1), "the number of items in a run is 0; choose 1 to 2");
        assert!(refused(&[0, 2], StreamOrder::Sorted, 1).starts_with("item 2 was asked for, there are 2"));
    }

    proptest! {
        #[test]
        fn every_item_comes_once(count in 0_usize..200, classes in 1_u32..8, kind in 0_usize..3, length in 1_usize..30, size in 1_usize..=128, seed: u64) {
            let labels: Vec<u32> = (0..3 * count as u32).map(|item| item % classes).collect();
            let indices: Vec<usize> = (0..count).map(|item| 3 * item).collect();
            let order = [StreamOrder::Shuffled, StreamOrder::Sorted, StreamOrder::Runs(length)][kind];
            let stream = TestStream::new(&indices, &labels, order, size, Seed(seed)).unwrap();
            let mut seen = items(&stream);
            seen.sort_unstable();
            prop_assert_eq!(seen, indices);
            for (number, batch) in stream.iter().enumerate() {
                prop_assert_eq!(stream.batch(number), Some(batch));
                prop_assert!(batch.len() == size || number + 1 == stream.len());
            }
            prop_assert_eq!(stream.batch(stream.len()), None);
        }
    }
}
