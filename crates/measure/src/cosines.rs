//! How alike pairs of one class and pairs of two classes look to a pair of models: histograms of their cosines, and how well
//! the two are told apart.
//!
//! Pairs are those of a ranking: every query with every gallery item but itself, on the common prefix. They are counted where
//! [`retrieve_counting`](crate::retrieve_counting) has their scores at hand anyway.

use crate::Items;

/// Bins of a histogram: equal parts of `-1..=1`, each with its lower end; the last has both.
pub const BINS: usize = 40;

/// Parts of a bin in which pairs are counted, so that the separation hardly depends on where bins end.
const PARTS: usize = 100;

/// Cosines of the pairs of a ranking, counted by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosines {
    same: Vec<u32>,
    different: Vec<u32>,
}

impl Default for Cosines {
    fn default() -> Self {
        Self { same: vec![0; BINS * PARTS], different: vec![0; BINS * PARTS] }
    }
}

impl Cosines {
    /// Takes in the scores of all gallery items for the query with this label and identity.
    pub(crate) fn count(&mut self, scores: &[f32], (label, id): (u32, u32), gallery: &Items) {
        let items = scores.iter().zip(gallery.labels()).zip(gallery.ids());
        for ((&score, &item), _) in items.filter(|&(_, &item)| item != id) {
            // Rounding can carry a cosine past either end; a cast stops at zero.
            let part = ((score + 1.0) * (BINS * PARTS / 2) as f32) as usize;
            let counts = if item == label { &mut self.same } else { &mut self.different };
            if let Some(count) = counts.get_mut(part.min(BINS * PARTS - 1)) {
                *count += 1;
            }
        }
    }

    /// Pairs of one class per bin.
    pub fn same(&self) -> Vec<u32> {
        bins(&self.same)
    }

    /// Pairs of different classes per bin.
    pub fn different(&self) -> Vec<u32> {
        bins(&self.different)
    }

    /// How well one threshold on the cosine tells the two kinds apart: the probability that a random pair of one class scores
    /// above a random pair of different classes, ties counting half, which is the area under the ROC curve,
    ///
    /// ```text
    /// AUC = sum over parts b of different(b) (same above b + same(b) / 2) / (all same * all different)
    /// ```
    ///
    /// Scores within 0.0005 of each other count as ties. 0.5 is chance; `None` if there are no pairs of either kind.
    pub fn auc(&self) -> Option<f64> {
        let (mut above, mut different, mut won) = (0.0, 0.0, 0.0);
        for (&s, &d) in self.same.iter().zip(&self.different).rev() {
            let (s, d) = (f64::from(s), f64::from(d));
            won += d * (above + 0.5 * s);
            above += s;
            different += d;
        }
        (above * different > 0.0).then(|| won / (above * different))
    }
}

fn bins(parts: &[u32]) -> Vec<u32> {
    parts.chunks(PARTS).map(|parts| parts.iter().sum()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::{Features, retrieve, retrieve_counting};

    /// Counts the pairs of points on the unit circle, given in degrees, with themselves as gallery.
    fn circle(degrees: &[f32], labels: &[u32]) -> Cosines {
        let points: Vec<f32> = degrees.iter().flat_map(|it| [it.to_radians().cos(), it.to_radians().sin()]).collect();
        let ids: Vec<u32> = (0..).take(labels.len()).collect();
        let items = Items::new(Features::new(&points, 2).unwrap(), labels, &ids).unwrap();
        let mut cosines = Cosines::default();
        let counted = retrieve_counting(&items, &items, 1, Some(&mut cosines)).unwrap();
        assert_eq!(counted, retrieve(&items, &items, 1).unwrap(), "counting changes no ranking");
        cosines
    }

    fn filled(bins: &[u32]) -> Vec<(usize, u32)> {
        bins.iter().copied().enumerate().filter(|&(_, count)| count > 0).collect()
    }

    #[test]
    fn cosines_by_hand_without_an_item_and_itself() {
        // Cosines of 50, 170.5 and 120.5 degrees: 0.643 in the bin from 0.60, -0.986 in the first, -0.508 in the bin from -0.55.
        let cosines = circle(&[0.0, 50.0, 170.5], &[0, 0, 1]);
        assert_eq!(filled(&cosines.same()), [(32, 2)]);
        assert_eq!(filled(&cosines.different()), [(0, 2), (9, 2)]);
        assert_eq!(cosines.auc(), Some(1.0));
        assert_eq!((cosines.same().len(), cosines.different().len()), (BINS, BINS));
    }

    #[test]
    fn both_ends_are_in_the_outer_bins() {
        let cosines = circle(&[0.0, 0.0, 180.0], &[0, 0, 1]);
        assert_eq!((filled(&cosines.same()), filled(&cosines.different())), (vec![(BINS - 1, 2)], vec![(0, 4)]));
    }

    #[test]
    fn the_area_counts_pairs_of_pairs_and_halves_ties() {
        // Pairs of one class are 20 and 100 degrees apart, others 40, 60, 140 and 160. The first is nearer than all four of
        // them, the second than two: 6 of 8.
        let cosines = circle(&[0.0, 20.0, 60.0, 160.0], &[0, 0, 1, 1]);
        assert_eq!(cosines.auc(), Some(6.0 / 8.0));
        // All at one point.
        assert_eq!(circle(&[30.0; 4], &[0, 0, 1, 1]).auc(), Some(0.5));
        assert_eq!(circle(&[0.0, 90.0], &[0, 1]).auc(), None, "no pair of one class");
    }

    #[test]
    fn different_widths_are_compared_on_the_common_prefix() {
        let (query, gallery) = ([1.0, 0.0], [0.6, 0.8, 50.0, 0.0, 1.0, 0.0]);
        let query = Items::new(Features::new(&query, 2).unwrap(), &[0], &[9]).unwrap();
        let gallery = Items::new(Features::new(&gallery, 3).unwrap(), &[0, 1], &[0, 1]).unwrap();
        let mut cosines = Cosines::default();
        retrieve_counting(&query, &gallery, 1, Some(&mut cosines)).unwrap();
        // 0.6 with or without a hair less, and 0.
        assert!(matches!(filled(&cosines.same())[..], [(31 | 32, 1)]));
        assert_eq!(filled(&cosines.different()), [(20, 1)]);
    }
}
