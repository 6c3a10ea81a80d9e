//! The best gallery items of each query.

use super::RunLog;

/// Best gallery items per query under one pair of models.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Training step of the newer model.
    pub step: u32,
    /// Items per query.
    pub depth: usize,
    /// Query item ids.
    pub queries: Vec<u16>,
    /// Gallery item ids, `depth` per query, best first.
    pub items: Vec<u16>,
    /// Average precision per query; NaN where nothing relevant is in the gallery.
    pub precisions: Vec<f32>,
    /// Step at which each query's best item last turned from right to wrong or back; `None` since its first ranking.
    pub turned: Vec<Option<u32>>,
}

impl Ranking {
    /// The best gallery items of a query, best first; `None` if it is not in the sample.
    pub fn of(&self, query: u16) -> Option<&[u16]> {
        let position = self.queries.iter().position(|&item| item == query)?;
        self.items.get(position * self.depth..(position + 1) * self.depth)
    }

    /// Each query with its best gallery item.
    pub fn best(&self) -> impl Iterator<Item = (u16, u16)> + '_ {
        let best = self.items.chunks(self.depth.max(1)).filter_map(|items| items.first());
        self.queries.iter().copied().zip(best.copied())
    }

    /// What [`Ranking::turned`] is after the ranking `before` under the same pair. Queries that were not in it are new.
    pub(super) fn turned_since(&self, before: &Self, log: &RunLog) -> Vec<Option<u32>> {
        let mut by_item = vec![None; log.test_labels.len()];
        for ((query, best), &turned) in before.best().zip(&before.turned) {
            if let Some(slot) = by_item.get_mut(usize::from(query)) {
                *slot = Some((log.is_right(query, best), turned));
            }
        }
        let turned = |(query, best): (u16, u16)| {
            let (was_right, turned) = by_item.get(usize::from(query)).copied().flatten()?;
            if log.is_right(query, best) == was_right { turned } else { Some(self.step) }
        };
        self.best().map(turned).collect()
    }
}
