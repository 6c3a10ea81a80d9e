//! How alike pairs of one class and pairs of different classes look under each pair of models, as histograms of cosines.

use protocol::{RunLog, Scores};

use crate::view::draw::format;
use crate::view::draw::series::Ink;
use crate::view::upgrade::Upgrade;

/// What stands in the place of histograms that are not there.
pub const EMPTY: &str = "Cosine similarities of pairs of one class and of different classes appear here with the final matrix, \
                         for the last upgrade.";

/// The histograms of one upgrade.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoresView {
    /// old/old, new/old, new/new; empty where nothing was measured.
    pub histograms: Vec<Histogram>,
    /// What was measured, in a sentence or two.
    pub caption: String,
}

/// The cosines under one pair of models.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Pair in the field's words, as in `new/old`.
    pub pair: String,
    /// Decides the colour.
    pub ink: Ink,
    /// Share of the pairs of one class per bin, `0..=1`.
    pub same: Vec<f64>,
    /// The same of pairs of different classes.
    pub different: Vec<f64>,
    /// Probability that a pair of one class scores above a pair of different classes.
    pub auc: Option<f64>,
}

impl ScoresView {
    /// The histograms of an upgrade.
    pub fn of(log: &RunLog, upgrade: &Upgrade) -> Self {
        let Upgrade { old, new, .. } = *upgrade;
        let pairs = [
            (old, old, Ink::Model(upgrade.role(old))),
            (new, old, Ink::Cross),
            (new, new, Ink::Model(upgrade.role(new))),
        ];
        // Of another upgrade of the chain one pair may be known; alone it says nothing about this one.
        let found = |(query, gallery, ink)| {
            let scores = log.scores.iter().find(|scores| (scores.query, scores.gallery) == (query, gallery))?;
            Some(Histogram::of(scores, upgrade.pair(query, gallery), ink))
        };
        let Some(histograms) = pairs.into_iter().map(found).collect::<Option<Vec<_>>>() else { return Self::default() };
        let items = format::count(log.test_labels.len() as u64);
        let caption = format!("Cosine similarities of all pairs of {items} test items; each kind sums to 100\u{a0}%.");
        Self { histograms, caption }
    }

    /// Lower end of each bin that holds any pair, highest first, with the shares under each pair of models: of one class, of
    /// different ones.
    pub fn table(&self) -> Vec<(f64, Vec<[f64; 2]>)> {
        let bins = self.histograms.iter().map(|it| it.same.len()).max().unwrap_or(0);
        let share = |shares: &[f64], bin: usize| shares.get(bin).copied().unwrap_or(0.0);
        let row = |bin: usize| {
            let both = |it: &Histogram| [share(&it.same, bin), share(&it.different, bin)];
            (edge(bin, bins), self.histograms.iter().map(both).collect::<Vec<_>>())
        };
        (0..bins).rev().map(row).filter(|(_, shares)| shares.iter().flatten().any(|&share| share > 0.0)).collect()
    }
}

impl Histogram {
    fn of(scores: &Scores, pair: String, ink: Ink) -> Self {
        let shares = |counts: &[u32]| {
            let all: f64 = counts.iter().copied().map(f64::from).sum();
            counts.iter().map(|&count| f64::from(count) / all.max(1.0)).collect()
        };
        Self { pair, ink, same: shares(&scores.same.0), different: shares(&scores.different.0), auc: scores.auc }
    }

    /// The separation, as in `AUC 0.931`.
    pub fn separation(&self) -> String {
        self.auc.map(|auc| format!("AUC {auc:.3}")).unwrap_or_default()
    }

    /// What the histogram shows, for those who do not see it.
    pub fn described(&self) -> String {
        let of = |shares: &[f64]| median(shares).map_or("unknown".to_owned(), |median| format!("{median:.2}"));
        let (same, different) = (of(&self.same), of(&self.different));
        let text = format!(
            "{}: median cosine {same} in pairs of one class, {different} in pairs of different classes; {}",
            self.pair,
            self.separation()
        );
        text.replace('-', "\u{2212}")
    }
}

/// The outline of a histogram, from its first filled bin to its last, down to zero at both ends.
pub fn outline(shares: &[f64]) -> Vec<(f64, f64)> {
    let filled = |share: &f64| *share > 0.0;
    let (Some(first), Some(last)) = (shares.iter().position(filled), shares.iter().rposition(filled)) else {
        return Vec::new();
    };
    let at = |bin: usize| edge(bin, shares.len());
    let inside = shares.iter().enumerate().skip(first).take(last + 1 - first);
    let mut points = vec![(at(first), 0.0)];
    points.extend(inside.flat_map(|(bin, &share)| [(at(bin), share), (at(bin + 1), share)]));
    points.push((at(last + 1), 0.0));
    points
}

/// Lower end of a bin.
fn edge(bin: usize, bins: usize) -> f64 {
    2.0 * bin as f64 / bins.max(1) as f64 - 1.0
}

/// The cosine with half of the pairs below it, as though they were evenly spread within its bin.
fn median(shares: &[f64]) -> Option<f64> {
    let mut below = 0.0;
    for (bin, &share) in shares.iter().enumerate() {
        if share > 0.0 && below + share >= 0.5 {
            return Some(edge(bin, shares.len()) + (0.5 - below) / share * 2.0 / shares.len() as f64);
        }
        below += share;
    }
    None
}

#[cfg(test)]
mod tests {
    use protocol::{Event, ModelId, Packed};

    use super::*;
    use crate::view::testing::{NEW, OLD, half_way};

    fn scored(query: ModelId, gallery: ModelId) -> Event {
        let (same, different) = (Packed(vec![0, 0, 1, 3]), Packed(vec![0, 4, 4, 0]));
        Event::ScoresMeasured { scores: Scores { query, gallery, same, different, auc: Some(0.9375) } }
    }

    fn measured() -> ScoresView {
        let mut log = half_way();
        for (query, gallery) in [(OLD, OLD), (NEW, OLD), (NEW, NEW)] {
            assert_eq!(ScoresView::of(&log, &Upgrade::to_stage(2)), ScoresView::default(), "one pair is missing");
            log.apply(&scored(query, gallery));
        }
        ScoresView::of(&log, &Upgrade::to_stage(2))
    }

    #[test]
    fn each_kind_of_pair_sums_to_one() {
        let view = measured();
        let names: Vec<&str> = view.histograms.iter().map(|it| it.pair.as_str()).collect();
        assert_eq!(names, ["old/old", "new/old", "new/new"]);
        let cross = &view.histograms[1];
        assert_eq!(
            (cross.same.as_slice(), cross.different.as_slice()),
            (&[0.0, 0.0, 0.25, 0.75][..], &[0.0, 0.5, 0.5, 0.0][..])
        );
        assert_eq!(
            cross.described(),
            "new/old: median cosine 0.67 in pairs of one class, 0.00 in pairs of different classes; AUC 0.938"
        );
        assert_eq!(view.caption, "Cosine similarities of all pairs of 6 test items; each kind sums to 100\u{a0}%.");
    }

    #[test]
    fn the_table_has_the_bins_that_hold_something() {
        let table = measured().table();
        assert_eq!(table.iter().map(|(low, _)| *low).collect::<Vec<_>>(), [0.5, 0.0, -0.5]);
        assert_eq!(table[1].1, [[0.25, 0.5]; 3]);
        assert!(ScoresView::default().table().is_empty());
    }

    #[test]
    fn outlines_are_steps_that_begin_and_end_at_zero() {
        let steps = outline(&[0.0, 0.25, 0.75, 0.0]);
        assert_eq!(steps, [(-0.5, 0.0), (-0.5, 0.25), (0.0, 0.25), (0.0, 0.75), (0.5, 0.75), (0.5, 0.0)]);
        assert_eq!((outline(&[0.0; 4]), median(&[0.0; 4])), (Vec::new(), None));
    }
}
