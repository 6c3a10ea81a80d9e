//! The best documents so far.

use std::{cmp::Ordering, collections::BinaryHeap};

use super::{Hit, before};

/// The `k` best of the hits that were offered.
pub(super) struct Best {
    k: usize,
    /// The worst on top.
    heap: BinaryHeap<Placed>,
}

/// A hit in the order of [`before`]: the larger is the worse.
struct Placed(Hit);

impl Ord for Placed {
    fn cmp(&self, other: &Self) -> Ordering {
        before(self.0, other.0)
    }
}

impl PartialOrd for Placed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Placed {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Placed {}

impl Best {
    /// None so far.
    pub(super) fn new(k: usize) -> Self {
        Self { k, heap: BinaryHeap::new() }
    }

    /// Takes a hit in if it is one of the best.
    pub(super) fn offer(&mut self, hit: Hit) {
        if self.heap.len() < self.k {
            self.heap.push(Placed(hit));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && before(hit, worst.0).is_lt()
        {
            worst.0 = hit;
        }
    }

    /// A hit of a lower score is none of the best.
    pub(super) fn least(&self) -> f32 {
        if self.heap.len() < self.k {
            return f32::NEG_INFINITY;
        }
        self.heap.peek().map_or(f32::INFINITY, |worst| worst.0.score)
    }

    /// All, best first.
    pub(super) fn into_list(self) -> Vec<Hit> {
        self.heap.into_sorted_vec().into_iter().map(|placed| placed.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_kept_in_order() {
        let mut best = Best::new(3);
        for (document, score) in [(4, 0.5), (9, 0.1), (2, 0.9), (5, 0.3), (0, 0.7), (1, 0.05)] {
            best.offer(Hit { document, score });
        }
        assert_eq!(best.least(), 0.5);
        let documents: Vec<u32> = best.into_list().iter().map(|hit| hit.document).collect();
        assert_eq!(documents, [2, 0, 4]);
    }

    #[test]
    fn how_low_a_hit_may_be() {
        let mut best = Best::new(2);
        best.offer(Hit { document: 0, score: 0.5 });
        assert_eq!(best.least(), f32::NEG_INFINITY, "one is missing");
        let mut none = Best::new(0);
        none.offer(Hit { document: 0, score: 0.5 });
        assert_eq!((none.least(), none.into_list().len()), (f32::INFINITY, 0));
    }
}
