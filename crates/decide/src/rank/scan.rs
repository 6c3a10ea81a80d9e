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

/// Most panels of which only the largest bounds are looked at to find where the best end, and who may be one of them. Their documents are
/// bounded more closely for one query after another while they are near the processor.
const GROUP: usize = 64;

/// Times that documents near the processor are bounded between two calls of a pulse.
const STEPS: usize = 32;

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
    /// Of each asking.
    tables: Vec<Table>,
    /// Of each asking the factors, `[panels]`; empty where there are none.
    factors: Vec<Vec<Bounds>>,
    /// Of each direction in common the products with it, `[panels]`.
    common: Vec<Vec<Bounds>>,
    room: Vec<f32>,
}

/// Bounds of a block of queries. Those of a group of panels lie together: so much of the memory is near the processor at a time.
struct Table {
    /// How many queries there is room for.
    queries: usize,
    /// Panels of a group.
    group: usize,
    /// `[groups, queries, group]`.
    bounds: Vec<Bounds>,
    /// The largest of each group's, lane by lane, `[groups, queries]`.
    maxima: Vec<Bounds>,
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
        // Eight groups for each hit, so that the best are hardly ever in one.
        let group = (panels / self.k.max(1)).clamp(1, GROUP);
        let mut desk = Desk {
            tables: (0..askings).map(|_| Table::new(panels, group, TOGETHER.min(count))).collect(),
            factors: self.askings.iter().map(|asking| panels_of(asking.factors)).collect(),
            common: common.map(|direction| panels_of(&sketch::products(self.rows, direction))).collect(),
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
    #[inline(never)] // See `Sketch::sums`.
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
        let Desk { tables, room, .. } = desk;
        let closely = sketch.is_brief().then_some(whole);
        let mut answers = Vec::with_capacity(self.askings.len() * block);
        let all = (self.askings.len() * block) as f64;
        for (asking, table) in self.askings.iter().zip(&mut *tables) {
            for (place, query) in queries.clone().enumerate() {
                done(BOUNDED + (BEGUN - BOUNDED) * answers.len() as f64 / all)?;
                answers.push(self.begin(asking, query, (&mut *table, place), closely, room));
            }
        }
        let groups = tables.first().map_or(0, Table::groups);
        for group in 0..groups {
            done(BEGUN + (REFINED - BEGUN) * group as f64 / groups as f64)?;
            for ((answers, table), asking) in answers.chunks_mut(block).zip(&*tables).zip(self.askings) {
                for ((place, answer), query) in answers.iter_mut().enumerate().zip(queries.clone()) {
                    if table.reaches(group, place, answer.least) {
                        answer.look(table.part(group, place), group * table.group, |answer, document| {
                            let (whole, (numbers, ready)) = closely.zip(answer.closely.as_ref())?;
                            let sum = sketch::sum(numbers, whole.document(document));
                            Some(asking.score(query, document, whole.closer(ready, sum, document)))
                        });
                    }
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
        // The last panel may lack documents.
        let lanes = self.rows.count() - (panels.max(1) - 1) * LANES;
        let Desk { tables, factors, common, .. } = desk;
        let Some(group) = tables.first().map(|table| table.group) else { return Ok(()) };
        let near = sketch.near();
        let mut sums = Vec::new();
        for (of_group, first) in (0..panels).step_by(group).enumerate() {
            let last = (first + group).min(panels);
            tables.iter_mut().for_each(|table| table.forget(of_group));
            for (step, start) in (first..last).step_by(near).enumerate() {
                if step.is_multiple_of(STEPS) {
                    pulse(start as f64 / panels as f64)?;
                }
                let part = start..(start + near).min(last);
                let documents = sketch.measures(part.clone());
                let [one, other] = [0, 1].map(|at| common.get(at).and_then(|all| all.get(part.clone())));
                let common = one.map(|one| [one, other.unwrap_or_default()]);
                for (at, (asked, queries)) in ready.iter().enumerate() {
                    sums.clear();
                    sums.extend(part.clone().map(|panel| sketch.sums(asked, panel)));
                    for ((queries, factors), table) in queries.iter().zip(&*factors).zip(&mut *tables) {
                        let factors = factors.get(part.clone()).unwrap_or_default();
                        for (lane, (query, offset)) in queries.iter().enumerate() {
                            let of_query = table.part_mut(of_group, at * QUERIES + lane);
                            let Some((slots, most)) = of_query else { continue };
                            let slots = slots.get_mut(part.start - first..part.end - first).unwrap_or_default();
                            let sums = sums.iter().filter_map(|sums| sums.get(lane));
                            query.bound(sums, documents, common, slots);
                            // Whatever is rounded keeps its order.
                            if *offset != 0.0 || !factors.is_empty() {
                                weigh(slots, *offset, factors);
                            }
                            let padding = slots.last_mut().filter(|_| part.end == panels);
                            if let Some(padding) = padding.and_then(|last| last.get_mut(lanes..)) {
                                padding.fill(f32::NEG_INFINITY);
                            }
                            *most = largest(slots, *most);
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
        (table, place): (&mut Table, usize),
        closely: Option<&Sketch>,
        room: &mut Vec<f32>,
    ) -> Answer {
        if let Some(&own) = self.own.get(query) {
            table.leave_out(place, own);
        }
        // Whoever asks may be one of those whose bounds are largest.
        let high = high(table.maxima_of(place), self.k.saturating_add(usize::from(!self.own.is_empty())));
        let row = asking.queries.row(query);
        let closely = closely.and_then(|whole| {
            let (numbers, ready) = whole.ask_one(row, self.rows.dims());
            Some((numbers, ready?))
        });
        let (best, open) = (Best::new(self.k), Vec::new());
        let mut answer = Answer { best, high, least: f32::MIN, open, left: 0, closely };
        for group in 0..table.groups() {
            if table.reaches(group, place, high) {
                for (document, _) in reaching(table.part(group, place), group * table.group, high) {
                    answer.best.offer(self.hit(asking, query, document, room));
                }
            }
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

impl Table {
    fn new(panels: usize, group: usize, queries: usize) -> Self {
        let groups = panels.div_ceil(group);
        let nothing = [f32::NEG_INFINITY; LANES];
        Self {
            queries,
            group,
            bounds: vec![nothing; groups * queries * group],
            maxima: vec![nothing; groups * queries],
        }
    }

    fn groups(&self) -> usize {
        self.maxima.len() / self.queries.max(1)
    }

    /// A query's bounds of a group.
    fn part(&self, group: usize, query: usize) -> &[Bounds] {
        let at = (group * self.queries + query) * self.group;
        self.bounds.get(at..at + self.group).unwrap_or_default()
    }

    /// Those and their largest, to be found.
    fn part_mut(&mut self, group: usize, query: usize) -> Option<(&mut [Bounds], &mut Bounds)> {
        let at = group * self.queries + query;
        self.bounds.get_mut(at * self.group..(at + 1) * self.group).zip(self.maxima.get_mut(at))
    }

    /// The largest bounds of a group are to be found anew.
    fn forget(&mut self, group: usize) {
        let of_group = self.maxima.get_mut(group * self.queries..(group + 1) * self.queries);
        of_group.unwrap_or_default().fill([f32::NEG_INFINITY; LANES]);
    }

    /// Whether any of a query's bounds of a group is at least this.
    fn reaches(&self, group: usize, query: usize, least: f32) -> bool {
        self.maxima.get(group * self.queries + query).is_some_and(|most| any_reaches(most, least))
    }

    /// The largest of each group and lane.
    fn maxima_of(&self, query: usize) -> Vec<f32> {
        self.maxima.iter().skip(query).step_by(self.queries.max(1)).flatten().copied().collect()
    }

    /// A document that is nothing to a query.
    fn leave_out(&mut self, query: usize, document: usize) {
        let (panel, lane) = (document / LANES, document % LANES);
        let (group, place) = (panel / self.group, panel % self.group);
        let of_group = self.part_mut(group, query).and_then(|(bounds, _)| bounds.get_mut(place));
        if let Some(slot) = of_group.and_then(|panel| panel.get_mut(lane)) {
            *slot = f32::NEG_INFINITY;
        }
    }
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
    let reaches = move |(_, panel): &(usize, &Bounds)| any_reaches(panel, least);
    (first..).zip(bounds).filter(reaches).flat_map(move |(place, panel)| {
        let each = panel.iter().enumerate().map(move |(lane, &bound)| (place * LANES + lane, bound));
        each.filter(move |&(_, bound)| bound >= least)
    })
}

/// Bounds of scores in place of those of products.
fn weigh(bounds: &mut [Bounds], offset: f32, factors: &[Bounds]) {
    let offset = f32x8::splat(offset);
    for (at, bounds) in bounds.iter_mut().enumerate() {
        let factor = factors.get(at).map_or(f32x8::splat(1.0), |&factors| f32x8::new(factors));
        *bounds = ((f32x8::new(*bounds) + offset) * factor).to_array();
    }
}

/// The largest of each lane, `most` included.
fn largest(bounds: &[Bounds], most: Bounds) -> Bounds {
    bounds.iter().fold(f32x8::new(most), |most, &bounds| most.fast_max(f32x8::new(bounds))).to_array()
}

fn any_reaches(bounds: &Bounds, least: f32) -> bool {
    f32x8::new(*bounds).simd_ge(f32x8::splat(least)).any()
}

/// A bound that at least `k` documents reach (all, if there are no more) and not many more do: the `k`-th largest of the largest bounds of
/// small groups.
fn high(mut maxima: Vec<f32>, k: usize) -> f32 {
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
        // 400 different bounds, in groups of five panels.
        let bound = |document: usize| (document * 7 % 400) as f32;
        let bounds: Vec<Bounds> = (0..50).map(|panel| std::array::from_fn(|lane| bound(panel * 8 + lane))).collect();
        let most = |panels: &[Bounds]| {
            std::array::from_fn(|lane| panels.iter().map(|panel| panel[lane]).fold(f32::NEG_INFINITY, f32::max))
        };
        let maxima: Vec<Bounds> = bounds.chunks(5).map(most).collect();
        let reached = |k: usize| {
            let high = high(maxima.as_flattened().to_vec(), k);
            bounds.as_flattened().iter().filter(|&&bound| bound >= high).count()
        };
        assert_eq!((reached(1), reached(81)), (1, 400), "there are 80 groups of a lane");
        for k in [2, 5, 10] {
            assert!((k..=2 * k).contains(&reached(k)), "{k}: {}", reached(k));
        }
        assert_eq!(high(vec![f32::NEG_INFINITY; LANES], 2), f32::MIN, "what is left out stays out");
    }
}
