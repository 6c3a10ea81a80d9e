//! Inner products of many queries with many gallery rows, the one hot loop of this crate.
//!
//! The gallery is packed so that neighbouring items sit in neighbouring lanes: the products of one coordinate become plain vector
//! multiplications and no sum ever crosses lanes. Every score adds its coordinates in the same order whatever its place in a block,
//! without fused operations, so equal rows give bit-equal scores (ties are real ties) and a browser gives the bits a server gives.
//! Lanes are vectors by type: left to the compiler, a build for size in the end multiplies them one by one.

use wide::f32x8;

/// Items per panel: two 128-bit registers, the widest that WebAssembly has.
const LANES: usize = 8;

/// Queries scored together: `QUERIES x LANES` sums still fit the registers of the smallest target.
pub(crate) const QUERIES: usize = 4;

/// A gallery packed for scoring.
pub(crate) struct Gallery {
    /// `[panels, dim, LANES]`; the last panel is padded with zeros.
    panels: Vec<[f32; LANES]>,
    items: usize,
    dim: usize,
}

impl Gallery {
    /// Packs `rows`, `[items, dim]` row-major with `dim > 0`.
    pub(crate) fn pack(rows: &[f32], dim: usize) -> Self {
        let items = rows.len() / dim;
        let mut panels = vec![[0.0; LANES]; items.div_ceil(LANES) * dim];
        for (panel, rows) in panels.chunks_exact_mut(dim).zip(rows.chunks(dim * LANES)) {
            for (lane, row) in rows.chunks_exact(dim).enumerate() {
                for (coordinate, &value) in panel.iter_mut().zip(row) {
                    if let Some(slot) = coordinate.get_mut(lane) {
                        *slot = value;
                    }
                }
            }
        }
        Self { panels, items, dim }
    }

    /// Calls `visit(query index, scores of all items)` for every row of `queries`, `[queries, dim]` row-major, in order.
    pub(crate) fn score_each(&self, queries: &[f32], mut visit: impl FnMut(usize, &[f32])) {
        let mut scores = Vec::new();
        for (block, rows) in queries.chunks(self.dim * QUERIES).enumerate() {
            self.score_block(rows, &mut scores);
            for (offset, scores) in scores.chunks_exact(self.items).enumerate() {
                visit(block * QUERIES + offset, scores);
            }
        }
    }

    /// Scores at most [`QUERIES`] rows; `scores` becomes `[rows, items]` row-major.
    pub(crate) fn score_block(&self, rows: &[f32], scores: &mut Vec<f32>) {
        let mut queries = vec![[0.0; QUERIES]; self.dim];
        for (lane, row) in rows.chunks_exact(self.dim).enumerate() {
            for (coordinate, &value) in queries.iter_mut().zip(row) {
                if let Some(slot) = coordinate.get_mut(lane) {
                    *slot = value;
                }
            }
        }
        scores.clear();
        scores.resize(rows.len() / self.dim * self.items, 0.0);
        for (index, panel) in self.panels.chunks_exact(self.dim).enumerate() {
            let tile = score_tile(&queries, panel);
            for (scores, sums) in scores.chunks_exact_mut(self.items).zip(&tile) {
                for (score, &sum) in scores.iter_mut().skip(index * LANES).zip(sums) {
                    *score = sum;
                }
            }
        }
    }
}

/// Sums of products over the coordinates for every pair of a query lane and an item lane.
fn score_tile(queries: &[[f32; QUERIES]], panel: &[[f32; LANES]]) -> [[f32; LANES]; QUERIES] {
    let [mut first, mut second, mut third, mut fourth] = [f32x8::ZERO; QUERIES];
    for (&[one, two, three, four], &items) in queries.iter().zip(panel) {
        let items = f32x8::new(items);
        first += f32x8::splat(one) * items;
        second += f32x8::splat(two) * items;
        third += f32x8::splat(three) * items;
        fourth += f32x8::splat(four) * items;
    }
    [first, second, third, fourth].map(f32x8::to_array)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn every_score_is_the_plain_sum_whatever_its_place_in_a_block() {
        let dim = 5;
        let value = |i: usize| ((i * 2_654_435_761) % 1000) as f32 / 500.0 - 1.0;
        for (queries, items) in [(1, 1), (3, 7), (4, 8), (9, 17)] {
            let q: Vec<f32> = (0..queries * dim).map(value).collect();
            let g: Vec<f32> = (7..7 + items * dim).map(value).collect();
            let mut seen = 0;
            Gallery::pack(&g, dim).score_each(&q, |index, scores| {
                assert_eq!((index, scores.len()), (seen, items));
                seen += 1;
                for (item, &score) in scores.iter().enumerate() {
                    let mut sum = 0.0;
                    for k in 0..dim {
                        sum += q[index * dim + k] * g[item * dim + k];
                    }
                    assert_eq!(score.to_bits(), sum.to_bits());
                }
            });
            assert_eq!(seen, queries);
        }
    }
}
