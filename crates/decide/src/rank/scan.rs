//! Which documents are scored.

use wide::f32x8;

use super::{
    Best, Hit,
    dot::dot,
    rows::Rows,
    sketch::{self, Bounds, LANES, Likeness, QUERIES, Query, Sketch, Sketches},
};
use crate::{DecideError, Pulse, Vectors};

/// Queries whose bounds stand side by side, so that a sketch is read from memory once for all of them. A multiple of [`QUERIES`].
const TOGETHER: usize = 4 * QUERIES;

/// Documents scored between two calls of a pulse, where all are.
const AT_ONCE: usize = 1024;

/// Where a brief sketch leaves more than one in so many documents open, one of all dims is cheaper.
const PRUNED: usize = 4;

/// Most documents of which only the largest bound is looked at to find where the best end.
const GROUP: usize = 64;

/// Part of a block of queries that goes into bounds; the rest goes into scores.
const BOUNDING: f64 = 0.7;

/// Queries and how what documents score follows from their products: a product and the query's offset, times the document's factor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking<'q> {
    /// `[queries, dims]`, as they are multiplied.
    pub queries: &'q Vectors,
    /// What is added to the products of each query; empty where nothing is.
    pub offsets: &'q [f32],
    /// What those of each document are multiplied with, at least 0; empty where nothing is.
    pub factors: &'q [f32],
}

impl<'q> Asking<'q> {
    /// Products are scores.
    pub(crate) fn of(queries: &'q Vectors) -> Self {
        Self { queries, offsets: &[], factors: &[] }
    }

    fn score(&self, query: usize, document: usize, product: f32) -> f32 {
        let offset = self.offsets.get(query).copied().unwrap_or(0.0);
        let factor = self.factors.get(document).copied().unwrap_or(1.0);
        let score = (product + offset).clamp(f32::MIN, f32::MAX) * factor;
        // Adding zero turns -0 into +0: the two are equal scores and must stay a tie.
        score.clamp(f32::MIN, f32::MAX) + 0.0
    }

    /// Bounds of scores by those of products. Whatever is rounded keeps its order.
    fn see(&self, query: usize, panel: usize, bounds: Bounds) -> Bounds {
        let offset = self.offsets.get(query).copied().unwrap_or(0.0);
        let sums = f32x8::new(bounds) + f32x8::splat(offset);
        if self.factors.is_empty() {
            return sums.to_array();
        }
        (sums * f32x8::new(panel_of(self.factors, panel))).to_array()
    }
}

/// The numbers of a panel's documents; the last may lack some.
fn panel_of(numbers: &[f32], panel: usize) -> Bounds {
    let (whole, rest) = numbers.as_chunks::<LANES>();
    whole.get(panel).copied().unwrap_or_else(|| {
        std::array::from_fn(|lane| if panel == whole.len() { rest.get(lane).copied() } else { None }.unwrap_or(0.0))
    })
}

/// Queries over documents, both as they are compared.
pub(super) struct Scan<'a> {
    pub rows: &'a Rows<'a>,
    /// Whoever asks; there are as many queries of each, and those of one place are alike.
    pub askings: &'a [Asking<'a>],
    /// How each query of an asking follows from that of the first; empty for the first.
    pub likenesses: &'a [Vec<Likeness>],
    /// A direction that queries may have in common; empty if there is none.
    pub common: &'a [f32],
    /// How many hits a query gets.
    pub k: usize,
    /// The document that each query is; empty if they are none.
    pub own: &'a [usize],
}

/// Room for the bounds of a block of queries.
struct Desk {
    /// Of each asking and query, `[panels]`.
    bounds: Vec<Vec<Vec<Bounds>>>,
    /// Of each document, its product with the direction in common.
    common: Vec<f32>,
    maxima: Vec<f32>,
    room: Vec<f32>,
}

impl Scan<'_> {
    /// Scores every pair.
    pub(super) fn plain(&self, pulse: Pulse<'_>) -> Result<Vec<Vec<Vec<Hit>>>, DecideError> {
        let (count, documents) = (self.count(), self.rows.count());
        let mut found: Vec<_> = self.askings.iter().map(|_| Vec::with_capacity(count)).collect();
        let mut room = Vec::new();
        for first in (0..count).step_by(QUERIES) {
            let last = (first + QUERIES).min(count);
            let mut best: Vec<Vec<Best>> =
                self.askings.iter().map(|_| (first..last).map(|_| Best::new(self.k)).collect()).collect();
            for document in 0..documents {
                if document.is_multiple_of(AT_ONCE) {
                    pulse(share(first, last - first, count, document as f64 / documents as f64))?;
                }
                let row = self.rows.row(document, &mut room);
                for (asking, best) in self.askings.iter().zip(&mut best) {
                    for (query, best) in (first..).zip(best) {
                        if self.own.get(query) != Some(&document) {
                            let product = dot(asking.queries.row(query), row);
                            best.offer(hit(document, asking.score(query, document, product)));
                        }
                    }
                }
            }
            for (lists, best) in found.iter_mut().zip(best) {
                lists.extend(best.into_iter().map(Best::into_list));
            }
        }
        Ok(found)
    }

    /// Scores only what the bounds of sketches leave open.
    pub(super) fn pruned(&self, sketches: &Sketches, pulse: Pulse<'_>) -> Result<Vec<Vec<Vec<Hit>>>, DecideError> {
        let (count, askings) = (self.count(), self.askings.len());
        let panels = self.rows.count().div_ceil(LANES);
        let mut first_sketch = sketches.brief.as_ref().unwrap_or(&sketches.whole);
        let mut desk = Desk {
            bounds: vec![vec![vec![[0.0; LANES]; panels]; TOGETHER.min(count)]; askings],
            common: if self.common.is_empty() { Vec::new() } else { sketch::products(self.rows, self.common) },
            maxima: Vec::new(),
            room: Vec::new(),
        };
        let mut found: Vec<_> = self.askings.iter().map(|_| Vec::with_capacity(count)).collect();
        for first in (0..count).step_by(TOGETHER) {
            let open = self.block(first_sketch, &sketches.whole, first, &mut desk, &mut found, &mut *pulse)?;
            // Queries of one kind leave about as much open as those before: those of another model, say, lie along other directions.
            let asked = (first + TOGETHER).min(count) - first;
            if open > asked * askings * self.rows.count() / PRUNED {
                first_sketch = &sketches.whole;
            }
        }
        Ok(found)
    }

    /// Adds the lists of the next queries, at most [`TOGETHER`], by bounds of `sketch`, which those of the whole refine. Returns how many
    /// it left open.
    fn block(
        &self,
        sketch: &Sketch,
        whole: &Sketch,
        first: usize,
        desk: &mut Desk,
        found: &mut [Vec<Vec<Hit>>],
        pulse: Pulse<'_>,
    ) -> Result<usize, DecideError> {
        let count = self.count();
        let last = (first + TOGETHER).min(count);
        self.bound(sketch, first, last, desk, &mut *pulse)?;
        let mut open = 0;
        let Desk { bounds, maxima, room, .. } = desk;
        let askings = self.askings.len();
        for (at, ((asking, found), bounds)) in self.askings.iter().zip(found).zip(bounds).enumerate() {
            for (query, bounds) in (first..last).zip(bounds) {
                let done = at * (last - first) + query - first;
                let part = done as f64 / (askings * (last - first)) as f64;
                pulse(share(first, last - first, count, BOUNDING + (1.0 - BOUNDING) * part))?;
                let refining = sketch.is_brief().then_some(whole);
                let (list, left) = self.finish(asking, query, bounds, refining, maxima, room);
                found.push(list);
                open += left;
            }
        }
        Ok(open)
    }

    /// Bounds of what these queries score with all documents.
    fn bound(
        &self,
        sketch: &Sketch,
        first: usize,
        last: usize,
        desk: &mut Desk,
        pulse: Pulse<'_>,
    ) -> Result<(), DecideError> {
        let Some(leading) = self.askings.first() else { return Ok(()) };
        let (count, dims, panels) = (self.count(), self.rows.dims(), self.rows.count().div_ceil(LANES));
        let numbers = leading.queries.numbers().get(first * dims..last * dims).unwrap_or_default();
        // Of each few queries what they are multiplied as, and what each adds to the bounds of every asking.
        let ready = numbers.chunks(QUERIES * dims).zip((first..).step_by(QUERIES)).map(|(rows, first)| {
            let asked = sketch.ask(rows, dims);
            let of_asking = |likenesses: &Vec<Likeness>| -> Vec<Query> {
                match likenesses.get(first..(first + QUERIES).min(likenesses.len())) {
                    Some(likenesses) if !likenesses.is_empty() => sketch.like(&asked, likenesses, dims),
                    _ => asked.queries().to_vec(),
                }
            };
            let queries: Vec<Vec<Query>> = self.likenesses.iter().map(of_asking).collect();
            (asked, queries)
        });
        let ready: Vec<_> = ready.collect();
        let near = sketch.near();
        for start in (0..panels).step_by(near) {
            pulse(share(first, last - first, count, BOUNDING * start as f64 / panels as f64))?;
            for (at, (asked, queries)) in ready.iter().enumerate() {
                for panel in start..(start + near).min(panels) {
                    let sums = sketch.sums(asked, panel);
                    let common = panel_of(&desk.common, panel);
                    let each = self.askings.iter().zip(queries).zip(&mut desk.bounds);
                    for ((asking, queries), bounds) in each {
                        let slots = bounds.iter_mut().skip(at * QUERIES);
                        for ((lane, (query, sums)), slots) in queries.iter().zip(sums).enumerate().zip(slots) {
                            let bounds = sketch.bounds(query, sums, panel, common);
                            if let Some(slot) = slots.get_mut(panel) {
                                *slot = asking.see(first + at * QUERIES + lane, panel, bounds);
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The best documents of a query by their bounds, and how many these left open.
    ///
    /// First those whose bounds are highest, at least `k`, whose scores say what the best reach at least; then those that can still reach
    /// it, if they still can when they are bounded more closely, highest bound first, until one cannot.
    fn finish(
        &self,
        asking: &Asking<'_>,
        query: usize,
        bounds: &mut [Bounds],
        refining: Option<&Sketch>,
        maxima: &mut Vec<f32>,
        room: &mut Vec<f32>,
    ) -> (Vec<Hit>, usize) {
        let flat = bounds.as_flattened_mut();
        if let Some(padding) = flat.get_mut(self.rows.count()..) {
            padding.fill(f32::NEG_INFINITY);
        }
        if let Some(own) = self.own.get(query).and_then(|&own| flat.get_mut(own)) {
            *own = f32::NEG_INFINITY;
        }
        let bounds = &*bounds;
        let high = high(bounds, self.k, maxima);
        let question = asking.queries.row(query);
        let mut score = |document: usize| {
            let product = dot(question, self.rows.row(document, room));
            hit(document, asking.score(query, document, product))
        };
        let mut best = Best::new(self.k);
        for (document, _) in reaching(bounds, high) {
            best.offer(score(document));
        }
        let least = best.least().max(f32::MIN);
        let mut open: Vec<(usize, f32)> = reaching(bounds, least).filter(|&(_, bound)| bound < high).collect();
        let left = open.len();
        if let Some(whole) = refining
            && let (numbers, Some(ready)) = whole.ask_one(question, self.rows.dims())
        {
            for (document, bound) in &mut open {
                let sum = sketch::sum(&numbers, whole.document(*document));
                *bound = asking.score(query, *document, whole.bound(&ready, sum, *document));
            }
            open.retain(|&(_, bound)| bound >= least);
        }
        open.sort_unstable_by(|(_, a), (_, b)| b.total_cmp(a));
        for (document, bound) in open {
            // At the same score the order of ties decides.
            if bound < best.least() {
                break;
            }
            best.offer(score(document));
        }
        (best.into_list(), left)
    }

    fn count(&self) -> usize {
        self.askings.first().map_or(0, |asking| asking.queries.count())
    }
}

fn hit(document: usize, score: f32) -> Hit {
    Hit { document: document as u32, score }
}

/// The documents whose bounds are at least this, and these.
fn reaching(bounds: &[Bounds], least: f32) -> impl Iterator<Item = (usize, f32)> {
    let reaches = move |&(_, panel): &(usize, &Bounds)| panel.iter().fold(false, |any, &bound| any | (bound >= least));
    bounds.iter().enumerate().filter(reaches).flat_map(move |(place, panel)| {
        let each = panel.iter().enumerate().map(move |(lane, &bound)| (place * LANES + lane, bound));
        each.filter(move |&(_, bound)| bound >= least)
    })
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
