//! Which documents are scored.

use std::borrow::Cow;

use super::{
    Best, Hit, Sketch, dot,
    sketch::{Bounds, LANES, QUERIES},
};
use crate::{DecideError, Pulse, Vectors};

/// Queries whose bounds stand side by side, so that a sketch is read from memory once for all of them. A multiple of [`QUERIES`].
const TOGETHER: usize = 4 * QUERIES;

/// Documents scored between two calls of a pulse, where all are.
const AT_ONCE: usize = 1024;

/// Where more than one in so many documents has to be scored, a sketch of all dims is cheaper than one of some.
const PRUNED: usize = 4;

/// Most documents of which only the largest bound is looked at to find where the best end.
const GROUP: usize = 64;

/// Part of a block of queries that goes into bounds; the rest goes into scores.
const BOUNDING: f64 = 0.7;

/// Queries over documents, both as they are compared.
pub(super) struct Scan<'a> {
    /// `[documents, dims]`.
    pub rows: &'a Vectors,
    /// `[queries, dims]`.
    pub queries: &'a Vectors,
    /// How many hits a query gets.
    pub k: usize,
    /// The document that each query is; empty if they are none.
    pub own: &'a [usize],
}

/// Room for the bounds of a block of queries.
struct Desk {
    /// Of each query, `[panels]`.
    bounds: Vec<Vec<Bounds>>,
    maxima: Vec<f32>,
}

impl Scan<'_> {
    /// Scores every pair.
    pub(super) fn plain(&self, pulse: Pulse<'_>) -> Result<Vec<Vec<Hit>>, DecideError> {
        let (count, documents) = (self.queries.count(), self.rows.count());
        let mut lists = Vec::with_capacity(count);
        for first in (0..count).step_by(QUERIES) {
            let mut best: Vec<Best> = (first..count).take(QUERIES).map(|_| Best::new(self.k)).collect();
            for (document, row) in self.rows.rows().enumerate() {
                if document.is_multiple_of(AT_ONCE) {
                    pulse(share(first, best.len(), count, document as f64 / documents as f64))?;
                }
                for (query, best) in (first..).zip(&mut best) {
                    if self.own.get(query) != Some(&document) {
                        best.offer(self.hit(self.queries.row(query), document, row));
                    }
                }
            }
            lists.extend(best.into_iter().map(Best::into_list));
        }
        Ok(lists)
    }

    /// Scores only what the bounds of a sketch leave open: of `kept`, or of one of all dims where there is none or it leaves too much.
    pub(super) fn pruned(&self, kept: Option<&Sketch>, pulse: Pulse<'_>) -> Result<Vec<Vec<Hit>>, DecideError> {
        let count = self.queries.count();
        let panels = self.rows.count().div_ceil(LANES);
        let mut sketch = match kept {
            Some(kept) => Cow::Borrowed(kept),
            None => self.whole(0.0, &mut *pulse)?,
        };
        let mut desk = Desk { bounds: vec![vec![[0.0; LANES]; panels]; TOGETHER.min(count)], maxima: Vec::new() };
        let mut lists = Vec::with_capacity(count);
        for first in (0..count).step_by(TOGETHER) {
            let scored = self.block(&sketch, first, &mut desk, &mut lists, &mut *pulse)?;
            // Queries of one kind leave about as much open as those before: those of another model, say, lie along other directions.
            let asked = lists.len() - first;
            if sketch.is_partial() && scored > asked * self.rows.count() / PRUNED && lists.len() < count {
                sketch = self.whole(lists.len() as f64 / count as f64, &mut *pulse)?;
            }
        }
        Ok(lists)
    }

    /// A sketch of all dims, made when so much is done.
    fn whole(&self, done: f64, pulse: Pulse<'_>) -> Result<Cow<'static, Sketch>, DecideError> {
        Sketch::new(self.rows, None, &mut |_| pulse(done)).map(Cow::Owned)
    }

    /// Adds the lists of the next queries, at most [`TOGETHER`], and returns how many scores that took.
    fn block(
        &self,
        sketch: &Sketch,
        first: usize,
        desk: &mut Desk,
        lists: &mut Vec<Vec<Hit>>,
        pulse: Pulse<'_>,
    ) -> Result<usize, DecideError> {
        let (count, dims) = (self.queries.count(), self.queries.dims());
        let last = (first + TOGETHER).min(count);
        let panels = self.rows.count().div_ceil(LANES);
        let numbers = self.queries.numbers().get(first * dims..last * dims).unwrap_or_default();
        let asked: Vec<_> = numbers.chunks(QUERIES * dims).map(|queries| sketch.ask(queries, dims)).collect();
        let near = sketch.near();
        for start in (0..panels).step_by(near) {
            pulse(share(first, last - first, count, BOUNDING * start as f64 / panels as f64))?;
            for (asked, bounds) in asked.iter().zip(desk.bounds.chunks_mut(QUERIES)) {
                sketch.bounds(asked, start..(start + near).min(panels), bounds);
            }
        }
        let mut scored = 0;
        for (query, bounds) in (first..last).zip(&mut desk.bounds) {
            let part = (query - first) as f64 / (last - first) as f64;
            pulse(share(first, last - first, count, BOUNDING + (1.0 - BOUNDING) * part))?;
            let (list, scores) = self.finish(query, bounds, &mut desk.maxima);
            lists.push(list);
            scored += scores;
        }
        Ok(scored)
    }

    /// The best documents of a query by their bounds, and how many were scored.
    ///
    /// First those whose bounds are highest, at least `k`, whose scores say what the best reach at least; then those that can still reach
    /// it, highest bound first, until one cannot.
    fn finish(&self, query: usize, bounds: &mut [Bounds], maxima: &mut Vec<f32>) -> (Vec<Hit>, usize) {
        let flat = bounds.as_flattened_mut();
        if let Some(padding) = flat.get_mut(self.rows.count()..) {
            padding.fill(f32::NEG_INFINITY);
        }
        if let Some(own) = self.own.get(query).and_then(|&own| flat.get_mut(own)) {
            *own = f32::NEG_INFINITY;
        }
        let bounds = &*bounds;
        let high = high(bounds, self.k, maxima);
        let each = || bounds.as_flattened().iter().copied().enumerate();
        let question = self.queries.row(query);
        let score = |document: usize| self.hit(question, document, self.rows.row(document));
        let mut best = Best::new(self.k);
        let mut scored = 0;
        for (document, _) in each().filter(|&(_, bound)| bound >= high) {
            best.offer(score(document));
            scored += 1;
        }
        let least = best.least().max(f32::MIN);
        let mut open: Vec<_> = each().filter(|&(_, bound)| bound >= least && bound < high).collect();
        open.sort_unstable_by(|(_, a), (_, b)| b.total_cmp(a));
        for (document, bound) in open {
            // At the same score the order of ties decides.
            if bound < best.least() {
                break;
            }
            best.offer(score(document));
            scored += 1;
        }
        (best.into_list(), scored)
    }

    fn hit(&self, query: &[f32], document: usize, row: &[f32]) -> Hit {
        Hit { document: document as u32, score: dot(query, row) }
    }
}

/// A bound that at least `k` documents reach (all, if there are no more) and not many more do: the `k`-th largest of the largest bounds of
/// small groups.
fn high(bounds: &[Bounds], k: usize, maxima: &mut Vec<f32>) -> f32 {
    // Eight groups for each hit, so that the best are hardly ever in one.
    let group = (bounds.len() / k.max(1)).clamp(1, GROUP);
    maxima.clear();
    for panels in bounds.chunks(group) {
        let mut most = [f32::NEG_INFINITY; LANES];
        for panel in panels {
            for (most, &bound) in most.iter_mut().zip(panel) {
                // Not `max`, which minds NaN and so is no single instruction.
                if bound > *most {
                    *most = bound;
                }
            }
        }
        maxima.extend(most);
    }
    match k.checked_sub(1).filter(|&place| place < maxima.len()) {
        Some(place) => {
            let (_, &mut high, _) = maxima.select_nth_unstable_by(place, |a, b| b.total_cmp(a));
            high.max(f32::MIN)
        }
        None => f32::MIN,
    }
}

/// How much is done: `first` of `count` queries and a part of the next `block`.
fn share(first: usize, block: usize, count: usize, part: f64) -> f64 {
    (first as f64 + block as f64 * part) / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_that_k_documents_reach() {
        let bound = |document: usize| (document * 7 % 400) as f32;
        let bounds: Vec<Bounds> = (0..50).map(|panel| std::array::from_fn(|lane| bound(panel * 8 + lane))).collect();
        let reached = |k: usize| {
            let high = high(&bounds, k, &mut Vec::new());
            bounds.as_flattened().iter().filter(|&&bound| bound >= high).count()
        };
        // 400 different bounds.
        assert_eq!((reached(400), reached(401), reached(1)), (400, 400, 1));
        for k in [2, 5, 10, 40] {
            assert!((k..=2 * k).contains(&reached(k)), "{k}: {}", reached(k));
        }
        assert_eq!(high(&[[f32::NEG_INFINITY; LANES]], 2, &mut Vec::new()), f32::MIN, "what is left out stays out");
    }
}
