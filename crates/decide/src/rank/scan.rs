//! Which documents are scored.

use std::ops::Range;

use wide::{f32x8, i16x8};

use super::{
    Hit,
    best::Best,
    dot::dot,
    rows::Rows,
    sketch::{self, Bounds, COMMON, LANES, Likeness, QUERIES, Query, Sketch, Sketches},
};
use crate::{DecideError, Pulse, Vectors};

/// Queries whose bounds stand side by side, so that a sketch is read from memory once for all of them. A multiple of [`QUERIES`].
const TOGETHER: usize = 16 * QUERIES;

/// Documents scored between two calls of a pulse, where all are.
const AT_ONCE: usize = 1024;

/// Where a brief sketch leaves more than one in so many documents open, one of all dims is cheaper.
const PRUNED: usize = 4;

/// Most documents of which only the largest bound is looked at to find where the best end.
const GROUP: usize = 64;

/// Times that documents near the processor are bounded between two calls of a pulse.
const STEPS: usize = 32;

/// Panels of documents that are bounded more closely for one query after another while they are near the processor.
const CLOSELY: usize = 32;

/// Parts of a block of queries that are done when all documents are bounded, when the first are scored, and when what was left open is
/// bounded more closely.
const BOUNDED: f64 = 0.6;
const BEGUN: f64 = 0.7;
const REFINED: f64 = 0.9;

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
        let offset = self.offset(query);
        let factor = self.factors.get(document).copied().unwrap_or(1.0);
        let score = (product + offset).clamp(f32::MIN, f32::MAX) * factor;
        // Adding zero turns -0 into +0: the two are equal scores and must stay a tie.
        score.clamp(f32::MIN, f32::MAX) + 0.0
    }

    fn offset(&self, query: usize) -> f32 {
        self.offsets.get(query).copied().unwrap_or(0.0)
    }
}

/// Numbers of documents, panel by panel; the last is filled up with zeros.
fn panels_of(numbers: &[f32]) -> Vec<Bounds> {
    let (whole, rest) = numbers.as_chunks::<LANES>();
    let mut last = [0.0; LANES];
    last.iter_mut().zip(rest).for_each(|(slot, &number)| *slot = number);
    whole.iter().copied().chain((!rest.is_empty()).then_some(last)).collect()
}

/// Queries over documents, both as they are compared.
pub(super) struct Scan<'a> {
    pub rows: &'a Rows<'a>,
    /// Whoever asks; there are as many queries of each, and those of one place are alike.
    pub askings: &'a [Asking<'a>],
    /// How each query of an asking follows from that of the first; empty for the first.
    pub likenesses: &'a [Vec<Likeness>],
    /// Directions that queries may have in common.
    pub common: &'a [Vec<f32>],
    /// How many hits a query gets.
    pub k: usize,
    /// The document that each query is; empty if they are none.
    pub own: &'a [usize],
}

/// Room for the bounds of a block of queries, and what they take of the documents.
struct Desk {
    /// Of each asking and query, `[panels]`.
    bounds: Vec<Vec<Vec<Bounds>>>,
    /// Of each asking the factors, `[panels]`; empty where there are none.
    factors: Vec<Vec<Bounds>>,
    /// Of each direction in common the products with it, `[panels]`.
    common: Vec<Vec<Bounds>>,
    maxima: Vec<f32>,
    room: Vec<f32>,
}

/// What is found of one query so far.
struct Answer {
    best: Best,
    /// The documents whose bounds are so high are scored.
    high: f32,
    /// What a score reaches at least that is one of the best.
    least: f32,
    /// What can still reach it, with its bounds, and how many there were before these were close.
    open: Vec<(usize, f32)>,
    left: usize,
    /// The query in a form that bounds closely, where that is called for.
    closely: Option<(Vec<i16x8>, Query)>,
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
        let mut sketch = sketches.brief.as_ref().unwrap_or(&sketches.whole);
        let common = self.common.iter().take(COMMON);
        let mut desk = Desk {
            bounds: vec![vec![vec![[0.0; LANES]; panels]; TOGETHER.min(count)]; askings],
            factors: self.askings.iter().map(|asking| panels_of(asking.factors)).collect(),
            common: common.map(|direction| panels_of(&sketch::products(self.rows, direction))).collect(),
            maxima: Vec::new(),
            room: Vec::new(),
        };
        let mut found: Vec<_> = self.askings.iter().map(|_| Vec::with_capacity(count)).collect();
        let mut first = 0;
        while first < count {
            // The first few alone, to see what the sketch spares.
            let last = (first + if first == 0 { QUERIES } else { TOGETHER }).min(count);
            let open = self.block(sketch, &sketches.whole, first..last, &mut desk, &mut found, &mut *pulse)?;
            // Queries of one kind leave about as much open as those before: those of another model, say, lie along other directions.
            if open > (last - first) * askings * self.rows.count() / PRUNED {
                sketch = &sketches.whole;
            }
            first = last;
        }
        Ok(found)
    }

    /// Adds the lists of the next queries, at most [`TOGETHER`], by bounds of `sketch`, which those of the whole refine. Returns how many
    /// documents it left open.
    ///
    /// First those are scored whose bounds are highest, at least `k`, and say what the best reach at least; then those that can still reach
    /// it, if they still can when they are bounded more closely, highest bound first, until one cannot.
    fn block(
        &self,
        sketch: &Sketch,
        whole: &Sketch,
        queries: Range<usize>,
        desk: &mut Desk,
        found: &mut [Vec<Vec<Hit>>],
        pulse: Pulse<'_>,
    ) -> Result<usize, DecideError> {
        let (count, block) = (self.count(), queries.len());
        let mut done = |part: f64| pulse(share(queries.start, block, count, part));
        self.bound(sketch, queries.clone(), desk, &mut |part| done(BOUNDED * part))?;
        let Desk { bounds, maxima, room, .. } = desk;
        let closely = sketch.is_brief().then_some(whole);
        let mut answers = Vec::with_capacity(self.askings.len() * block);
        let all = (self.askings.len() * block) as f64;
        for (asking, bounds) in self.askings.iter().zip(&mut *bounds) {
            for (query, bounds) in queries.clone().zip(bounds) {
                done(BOUNDED + (BEGUN - BOUNDED) * answers.len() as f64 / all)?;
                answers.push(self.begin(asking, query, bounds, closely, maxima, room));
            }
        }
        let panels = self.rows.count().div_ceil(LANES);
        for start in (0..panels).step_by(CLOSELY) {
            done(BEGUN + (REFINED - BEGUN) * start as f64 / panels as f64)?;
            let part = start..(start + CLOSELY).min(panels);
            let each = answers.chunks_mut(block).zip(&*bounds).zip(self.askings);
            for ((answers, bounds), asking) in each {
                for ((answer, bounds), query) in answers.iter_mut().zip(bounds).zip(queries.clone()) {
                    let bounds = bounds.get(part.clone()).unwrap_or_default();
                    answer.look(bounds, part.start, |answer, document| match (closely, &answer.closely) {
                        (Some(whole), Some((numbers, ready))) => {
                            let sum = sketch::sum(numbers, whole.document(document));
                            Some(asking.score(query, document, whole.bound(ready, sum, document)))
                        }
                        _ => None,
                    });
                }
            }
        }
        let (mut finished, mut open) = (0.0, 0);
        for (asking, found) in self.askings.iter().zip(found) {
            for (query, answer) in queries.clone().zip(answers.drain(..block)) {
                done(REFINED + (1.0 - REFINED) * finished / all)?;
                finished += 1.0;
                open += answer.left;
                found.push(self.finish(asking, query, answer, room));
            }
        }
        Ok(open)
    }

    /// Bounds of what these queries score with all documents.
    fn bound(
        &self,
        sketch: &Sketch,
        queries: Range<usize>,
        desk: &mut Desk,
        pulse: Pulse<'_>,
    ) -> Result<(), DecideError> {
        let Some(leading) = self.askings.first() else { return Ok(()) };
        let (dims, panels) = (self.rows.dims(), self.rows.count().div_ceil(LANES));
        let numbers = leading.queries.numbers().get(queries.start * dims..queries.end * dims).unwrap_or_default();
        // Of each few queries what they are multiplied as, and what each adds to the bounds of every asking, with its offset.
        let ready = numbers.chunks(QUERIES * dims).zip(queries.step_by(QUERIES)).map(|(rows, first)| {
            let asked = sketch.ask(rows, dims);
            let of_asking = |(asking, likenesses): (&Asking<'_>, &Vec<Likeness>)| -> Vec<(Query, f32)> {
                let like = match likenesses.get(first..(first + QUERIES).min(likenesses.len())) {
                    Some(likenesses) if !likenesses.is_empty() => sketch.like(&asked, likenesses, dims),
                    _ => asked.queries().to_vec(),
                };
                like.into_iter().zip(first..).map(|(query, place)| (query, asking.offset(place))).collect()
            };
            let queries: Vec<_> = self.askings.iter().zip(self.likenesses).map(of_asking).collect();
            (asked, queries)
        });
        let ready: Vec<_> = ready.collect();
        let near = sketch.near();
        for (step, start) in (0..panels).step_by(near).enumerate() {
            if step.is_multiple_of(STEPS) {
                pulse(start as f64 / panels as f64)?;
            }
            for (at, (asked, queries)) in ready.iter().enumerate() {
                for panel in start..(start + near).min(panels) {
                    let sums = sketch.sums(asked, panel);
                    let measures = sketch.measures(panel);
                    let mut common = [[0.0; LANES]; COMMON];
                    for (slot, all) in common.iter_mut().zip(&desk.common) {
                        *slot = all.get(panel).copied().unwrap_or_default();
                    }
                    let each = queries.iter().zip(&desk.factors).zip(&mut desk.bounds);
                    for ((queries, factors), bounds) in each {
                        let factors = factors.get(panel);
                        let slots = bounds.iter_mut().skip(at * QUERIES).filter_map(|bounds| bounds.get_mut(panel));
                        for (((query, offset), sums), slot) in queries.iter().zip(sums).zip(slots) {
                            let common = (!desk.common.is_empty()).then_some(&common);
                            // Whatever is rounded keeps its order.
                            let products = query.bounds(sums, &measures, common) + f32x8::splat(*offset);
                            let scores = factors.map_or(products, |factors| products * f32x8::new(*factors));
                            *slot = scores.to_array();
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Scores the documents whose bounds are highest.
    fn begin(
        &self,
        asking: &Asking<'_>,
        query: usize,
        bounds: &mut [Bounds],
        closely: Option<&Sketch>,
        maxima: &mut Vec<f32>,
        room: &mut Vec<f32>,
    ) -> Answer {
        let flat = bounds.as_flattened_mut();
        if let Some(padding) = flat.get_mut(self.rows.count()..) {
            padding.fill(f32::NEG_INFINITY);
        }
        if let Some(own) = self.own.get(query).and_then(|&own| flat.get_mut(own)) {
            *own = f32::NEG_INFINITY;
        }
        let high = high(bounds, self.k, maxima);
        let row = asking.queries.row(query);
        let closely = closely.and_then(|whole| {
            let (numbers, ready) = whole.ask_one(row, self.rows.dims());
            Some((numbers, ready?))
        });
        let (best, open) = (Best::new(self.k), Vec::new());
        let mut answer = Answer { best, high, least: f32::MIN, open, left: 0, closely };
        for (document, _) in reaching(bounds, 0, high) {
            answer.best.offer(self.hit(asking, query, document, room));
        }
        answer.least = answer.best.least().max(f32::MIN);
        answer
    }

    /// Scores what is open, the highest bound first, until one cannot be among the best.
    fn finish(&self, asking: &Asking<'_>, query: usize, answer: Answer, room: &mut Vec<f32>) -> Vec<Hit> {
        let Answer { mut best, mut open, .. } = answer;
        open.sort_unstable_by(|(_, a), (_, b)| b.total_cmp(a));
        for (document, bound) in open {
            // At the same score the order of ties decides.
            if bound < best.least() {
                break;
            }
            best.offer(self.hit(asking, query, document, room));
        }
        best.into_list()
    }

    fn hit(&self, asking: &Asking<'_>, query: usize, document: usize, room: &mut Vec<f32>) -> Hit {
        let product = dot(asking.queries.row(query), self.rows.row(document, room));
        hit(document, asking.score(query, document, product))
    }

    fn count(&self) -> usize {
        self.askings.first().map_or(0, |asking| asking.queries.count())
    }
}

fn hit(document: usize, score: f32) -> Hit {
    Hit { document: document as u32, score }
}

impl Answer {
    /// Takes in which of these documents, from a panel on, can still be among the best, if they can by what bounds them `closely`.
    fn look(&mut self, bounds: &[Bounds], first: usize, closely: impl Fn(&Self, usize) -> Option<f32>) {
        for (document, bound) in reaching(bounds, first, self.least) {
            if bound < self.high {
                self.left += 1;
                let bound = closely(self, document).unwrap_or(bound);
                if bound >= self.least {
                    self.open.push((document, bound));
                }
            }
        }
    }
}

/// The documents of these panels, from one on, whose bounds are at least this, and their bounds.
fn reaching(bounds: &[Bounds], first: usize, least: f32) -> impl Iterator<Item = (usize, f32)> {
    let reaches = move |(_, panel): &(usize, &Bounds)| panel.iter().fold(false, |any, &bound| any | (bound >= least));
    (first..).zip(bounds).filter(reaches).flat_map(move |(place, panel)| {
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
