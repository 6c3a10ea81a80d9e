//! Two parts' lists as one.

use crate::rank::{Hit, Ranking, before};

/// Where a query's scores in one part lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) mean: f64,
    pub(super) deviation: f64,
}

impl Scale {
    /// Leaves a score as it is.
    pub(super) const RAW: Self = Self { mean: 0.0, deviation: 1.0 };

    pub(super) fn of(scores: &[f64]) -> Self {
        let count = scores.len().max(1) as f64;
        let mean = scores.iter().sum::<f64>() / count;
        let deviation = (scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / count).sqrt();
        let largest = scores.iter().fold(0.0_f64, |largest, score| largest.max(score.abs()));
        // Equal scores but for their rounding have no scale of their own; dividing by it would blow the rounding up.
        let is_scale = deviation > f64::from(f32::EPSILON) * largest;
        Self { mean, deviation: if is_scale { deviation } else { 1.0 } }
    }

    pub(super) fn place(self, score: f32) -> f64 {
        (f64::from(score) - self.mean) / self.deviation
    }
}

/// Two parts' lists of each query as one, each with its part's scales (none: raw scores), cut at `need`.
pub(super) fn merged(old: (&[Vec<Hit>], &[Scale]), new: (&[Vec<Hit>], &[Scale]), need: usize) -> Ranking {
    let of_query = |query: usize| {
        let placed = [old, new].into_iter().flat_map(|(lists, scales)| {
            let scale = scales.get(query).copied().unwrap_or(Scale::RAW);
            lists.get(query).into_iter().flatten().map(move |&hit| (scale.place(hit.score), hit))
        });
        let mut placed: Vec<(f64, Hit)> = placed.collect();
        // At equal places the model must not decide, so both count as of one score.
        let level = |hit: Hit| Hit { score: 0.0, ..hit };
        placed.sort_by(|&(a, x), &(b, y)| b.total_cmp(&a).then_with(|| before(level(x), level(y))));
        placed.truncate(need);
        placed.into_iter().map(|(place, hit)| Hit { score: place as f32, ..hit }).collect()
    };
    Ranking::new((0..old.0.len()).map(of_query).collect())
}
