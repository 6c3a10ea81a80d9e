//! Bounds of many scores at once.
//!
//! A row `x` of length `|x|` is laid along orthonormal directions (or left as it is) and the products rounded to whole numbers `n` of a
//! step `s` of its own. What that leaves out is measured: `off`, how far `s n` is from the products, and `rest`, the length of the part of
//! `x` that lies along none of the directions. By Cauchy and Schwarz
//!
//! ```text
//! x'y <= s(x) s(y) n(x)'n(y) + rest(x) rest(y) + |x| off(y) + off(x) (|y| + off(y))
//! ```
//!
//! Products of whole numbers of 16 bits are exact, and processors add up two at a time: twice as many as of 32-bit floats, in half the
//! memory. All rounding of 32-bit floats, that of the score itself included, is covered by a share of `|x| |y|` on top.
//!
//! One sum bounds the products of several queries, where these are near multiples of one row `x`, but for parts along directions `c` that
//! all have in common: with `y = a x + b c + z`, that of `y` is at most `a` times that of `x`, and `b` times the document's product with
//! `c`, and `|z|` times its length.

use std::ops::Range;

use wide::{f32x8, i16x8, i32x4, i32x8, u32x4};

use super::{
    axes,
    dot::{dot, rounding},
    panels::Panels,
    rows::Rows,
};
use crate::{
    DecideError, Pulse,
    vectors::{self, length},
};

/// Documents that are bounded together.
pub(super) const LANES: usize = 8;

/// Queries that are bounded together: their sums and those of [`HELD`] documents fit the registers of the smallest target.
pub(super) const QUERIES: usize = 4;

/// Directions at most that queries may have in common.
pub(super) const COMMON: usize = 2;

/// Documents whose sums are held in registers together.
const HELD: usize = 2;

/// Documents whose sums are sorted together.
const HALF: usize = LANES / 2;

/// Whole numbers of a register.
const WHOLE: usize = 8;

/// Fewer documents than this are not worth directions of their own.
const LAID_FROM: usize = 16_384;

/// Nor are fewer dims.
const LAID_DIMS: usize = 64;

/// Bytes of documents that stay near the processor while queries are asked one after another: so many that what has to be done once for a few
/// queries and these documents is little beside their products.
const NEAR: usize = 96 * 1024;

/// Rows between two calls of a pulse.
const AT_ONCE: usize = 128;

/// Below this a row's largest product counts as nothing, since a step that small is no exact number of 32 bits.
const SMALLEST: f32 = 1e-30;

/// What products of tiny numbers can lose below the smallest number of 32 bits.
const UNDERFLOW: f64 = 1e-35;

/// Bounds of [`LANES`] documents.
pub(super) type Bounds = [f32; LANES];

/// Documents in two forms that bound their scores.
#[derive(Clone, Debug)]
pub(super) struct Sketches {
    /// Of all numbers, which bounds closely.
    pub whole: Sketch,
    /// Along few directions, which is soon done; none where these would leave too much open.
    pub brief: Option<Sketch>,
}

/// Documents in a form that bounds their scores.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    /// What rows are laid along; nothing where they are left as they are.
    directions: Option<Panels>,
    /// Largest whole number.
    most: f32,
    /// Registers of whole numbers of a row.
    width: usize,
    /// `[rows, width]`, the rows filled up to a multiple of [`LANES`].
    numbers: Vec<i16x8>,
    /// Of every [`LANES`] rows, a number each: `s`, `rest`, and `off` with its share of the rounding.
    measures: Vec<[Bounds; 3]>,
    /// Largest `|y| + off(y)` of the documents.
    reach: f64,
    /// Share of `|x| |y|` that covers all rounding.
    slack: f64,
}

/// One row's numbers in a sketch.
struct Measures {
    step: f32,
    rest: f64,
    off: f64,
    length: f64,
}

/// At most [`QUERIES`] rows that are asked for, in a form that meets a sketch.
pub(super) struct Asked {
    /// Of every register of whole numbers, each query's.
    numbers: Vec<[i16x8; QUERIES]>,
    queries: Vec<Query>,
}

/// What a query adds to the bounds.
#[derive(Clone, Copy)]
pub(super) struct Query {
    step: f32,
    rest: f32,
    length: f32,
    /// The same for all documents.
    margin: f32,
    /// How often each direction in common is in it.
    common: [f32; COMMON],
}

/// How a query follows from the row whose products are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Likeness {
    /// How often that row is in it.
    pub times: f64,
    /// How often each direction in common is.
    pub common: [f64; COMMON],
    /// The length of what is left.
    pub apart: f64,
    /// The length of what is in it of these directions, and its own.
    pub lengths: [f64; 2],
}

impl Likeness {
    /// Of a query that is that row.
    pub(super) const SAME: Self = Self { times: 1.0, common: [0.0; COMMON], apart: 0.0, lengths: [0.0; 2] };

    /// Of `query` and a row, with these directions in common, by least squares.
    pub(super) fn of(query: &[f32], row: &[f32], common: &[Vec<f32>]) -> Self {
        let parts: Vec<&[f32]> = std::iter::once(row).chain(common.iter().take(COMMON).map(Vec::as_slice)).collect();
        let shares = combination(query, &parts);
        let mut left: Vec<f64> = query.iter().copied().map(f64::from).collect();
        let mut lengths = Vec::with_capacity(parts.len());
        for (part, share) in parts.iter().zip(&shares) {
            left.iter_mut().zip(*part).for_each(|(number, &part)| *number -= share * f64::from(part));
            lengths.push(share.abs() * length(part));
        }
        let apart = inner(&left, &left).sqrt() + 1e-12 * lengths.iter().sum::<f64>();
        let times = shares.first().copied().unwrap_or_default();
        let mut of_common = [0.0; COMMON];
        of_common.iter_mut().zip(shares.iter().skip(1)).for_each(|(slot, &share)| *slot = share);
        Self { times, common: of_common, apart, lengths: [lengths.iter().skip(1).sum(), length(query)] }
    }
}

/// How often each part goes into a row, by least squares; parts that lie within those before them do not. The numbers are as they are
/// used, of 32 bits.
fn combination(row: &[f32], parts: &[&[f32]]) -> Vec<f64> {
    let wide = |row: &[f32]| row.iter().copied().map(f64::from).collect::<Vec<f64>>();
    // Each part less what lies along those before it (Gram-Schmidt), and how much that was.
    let mut straight: Vec<(Vec<f64>, f64, Vec<f64>)> = Vec::with_capacity(parts.len());
    for part in parts {
        let mut left = wide(part);
        let whole = inner(&left, &left);
        let mut along = Vec::with_capacity(straight.len());
        for (axis, square, _) in &straight {
            let share = if *square > 0.0 { inner(&left, axis) / square } else { 0.0 };
            left.iter_mut().zip(axis).for_each(|(number, axis)| *number -= share * axis);
            along.push(share);
        }
        let square = inner(&left, &left);
        straight.push((left, if square > 1e-9 * whole { square } else { 0.0 }, along));
    }
    let row = wide(row);
    let of_axis = |(axis, square, _): &(Vec<f64>, f64, Vec<f64>)| {
        if *square > 0.0 { inner(&row, axis) / square } else { 0.0 }
    };
    let mut shares: Vec<f64> = straight.iter().map(of_axis).collect();
    for (at, (_, _, along)) in straight.iter().enumerate().rev() {
        let own = shares.get(at).copied().unwrap_or_default();
        shares.iter_mut().zip(along).for_each(|(share, along)| *share -= own * along);
    }
    shares.into_iter().map(|share| f64::from(share as f32)).collect()
}

fn inner(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

impl Sketches {
    /// Those that are kept with an index of these rows.
    pub(super) fn new(rows: &Rows<'_>, pulse: Pulse<'_>) -> Result<Self, DecideError> {
        let brief = if rows.count() < LAID_FROM || rows.dims() < LAID_DIMS {
            None
        } else {
            match axes::axes(rows, &mut |_| pulse(0.0))? {
                Some(directions) => Some(Sketch::new(rows, Some(directions), &mut |share| pulse(share / 2.0))?),
                None => None,
            }
        };
        let from = if brief.is_some() { 0.5 } else { 0.0 };
        let whole = Sketch::new(rows, None, &mut |share| pulse(from + (1.0 - from) * share))?;
        Ok(Self { whole, brief })
    }
}

impl Sketch {
    /// Of `rows` along orthonormal directions, or of all their numbers.
    pub(super) fn new(rows: &Rows<'_>, directions: Option<Panels>, pulse: Pulse<'_>) -> Result<Self, DecideError> {
        let dims = rows.dims();
        let laid = directions.as_ref().map_or(dims, Panels::count);
        let width = laid.div_ceil(WHOLE);
        let panels = rows.count().div_ceil(LANES);
        // Sums of this many products of the largest numbers stay below 2^31.
        let most = (f64::from(i32::MAX) / (width * WHOLE) as f64).sqrt().floor().min(f64::from(i16::MAX)) as f32;
        let slack = 2.0 * (rounding(dims) + 16.0 * f64::from(f32::EPSILON));
        let mut sketch = Self {
            directions,
            most,
            width,
            numbers: Vec::with_capacity(panels * LANES * width),
            measures: Vec::with_capacity(panels),
            reach: 0.0,
            slack,
        };
        let mut products = Vec::new();
        for panel in 0..panels {
            if panel.is_multiple_of(AT_ONCE / LANES) {
                pulse(panel as f64 / panels as f64)?;
            }
            let first = panel * LANES;
            let block = rows.gather(first..(first + LANES).min(rows.count()));
            let mut measures = [[0.0; LANES]; 3];
            let [steps, rests, margins] = &mut measures;
            let slots = steps.iter_mut().zip(rests).zip(margins);
            let laid = sketch.along(&block, &mut products).chunks_exact(laid);
            for ((row, products), ((step, rest), margin)) in block.chunks_exact(dims).zip(laid).zip(slots) {
                let (numbers, found) = sketch.lay(row, products);
                sketch.numbers.extend(numbers);
                (*step, *rest) = (found.step, found.rest as f32);
                *margin = (found.off + sketch.slack * found.length) as f32;
                sketch.reach = sketch.reach.max(found.length + found.off);
            }
            // The last panel may lack rows.
            sketch.numbers.resize((panel + 1) * LANES * width, i16x8::splat(0));
            sketch.measures.push(measures);
        }
        Ok(sketch)
    }

    /// Whether it leaves dims out, so that a sketch of all bounds more closely.
    pub(super) fn is_brief(&self) -> bool {
        self.directions.is_some()
    }

    /// Panels of documents that stay near the processor together.
    pub(super) fn near(&self) -> usize {
        (NEAR / (self.width * LANES * size_of::<i16x8>())).max(1)
    }

    /// At most [`QUERIES`] rows, `[queries, dims]`, made ready.
    pub(super) fn ask(&self, queries: &[f32], dims: usize) -> Asked {
        let mut products = Vec::new();
        let laid = self.directions.as_ref().map_or(dims, Panels::count);
        let mut numbers = vec![[i16x8::splat(0); QUERIES]; self.width];
        let rows = queries.chunks_exact(dims).zip(self.along(queries, &mut products).chunks_exact(laid));
        let query = |(lane, (row, products)): (usize, (&[f32], &[f32]))| {
            let (laid, found) = self.lay(row, products);
            for (slots, number) in numbers.iter_mut().zip(laid) {
                if let Some(slot) = slots.get_mut(lane) {
                    *slot = number;
                }
            }
            // The sum of a bound is rounded, too, and this may be most of it.
            let margin = found.off * self.reach * (1.0 + 16.0 * f64::from(f32::EPSILON)) + UNDERFLOW;
            let (rest, length, margin) = (found.rest as f32, found.length as f32, margin as f32);
            Query { step: found.step, rest, length, margin, common: [0.0; COMMON] }
        };
        let queries = rows.enumerate().map(query).collect();
        Asked { numbers, queries }
    }

    /// What each of the rows made ready adds to the bounds of a query that is like it.
    pub(super) fn like(&self, asked: &Asked, likenesses: &[Likeness], dims: usize) -> Vec<Query> {
        let like = |(query, likeness): (&Query, &Likeness)| {
            if *likeness == Likeness::SAME {
                return *query;
            }
            let &Likeness { times, common, apart, lengths: [of_common, of_query] } = likeness;
            let (size, rounded) = (times.abs(), 1.0 + 16.0 * f64::from(f32::EPSILON));
            let further = apart + (self.slack + rounding(dims)) * of_common + self.slack * of_query;
            Query {
                step: (times * f64::from(query.step)) as f32,
                rest: (size * f64::from(query.rest) * rounded) as f32,
                length: (size * f64::from(query.length) * rounded) as f32,
                margin: ((size * f64::from(query.margin) + further * self.reach) * rounded + UNDERFLOW) as f32,
                common: common.map(|share| share as f32),
            }
        };
        asked.queries.iter().zip(likenesses).map(like).collect()
    }

    /// Sums of the products of whole numbers: of each row made ready with the documents of a panel.
    #[inline(never)] // A browser improves a function when it is called again: what is called once stays as slow as it began.
    pub(super) fn sums(&self, asked: &Asked, panel: usize) -> [[i32; LANES]; QUERIES] {
        let rows = self.numbers.get(panel * LANES * self.width..(panel + 1) * LANES * self.width).unwrap_or_default();
        let mut sums = [[0; LANES]; QUERIES];
        for (at, rows) in rows.chunks_exact(HALF * self.width).enumerate() {
            // Of each document, the sums of all queries.
            let mut of_documents = [i32x4::splat(0); HALF];
            let held = of_documents.as_chunks_mut::<HELD>().0.iter_mut();
            for (slots, rows) in held.zip(rows.chunks_exact(HELD * self.width)) {
                let (one, two) = rows.split_at(self.width);
                *slots = tile(&asked.numbers, one, two);
            }
            for (sums, of_query) in sums.iter_mut().zip(columns(of_documents)) {
                if let Some(slots) = sums.as_chunks_mut::<HALF>().0.get_mut(at) {
                    *slots = of_query.to_array();
                }
            }
        }
        sums
    }

    /// What the documents of these panels add to bounds.
    pub(super) fn measures(&self, panels: Range<usize>) -> &[[Bounds; 3]] {
        self.measures.get(panels).unwrap_or_default()
    }

    /// Whole numbers of a document.
    pub(super) fn document(&self, document: usize) -> &[i16x8] {
        self.numbers.get(document * self.width..(document + 1) * self.width).unwrap_or_default()
    }

    /// The bound of one product, by the sum of the products of whole numbers with the document.
    pub(super) fn closer(&self, query: &Query, sum: i32, document: usize) -> f32 {
        let Some(measures) = self.measures.get(document / LANES) else { return f32::INFINITY };
        let [step, rest, margin] = measures.map(|of_panel| of_panel.get(document % LANES).copied().unwrap_or_default());
        sum as f32 * step * query.step + rest * query.rest + margin * query.length + query.margin
    }

    /// Whole numbers of a query, and what it adds to the bounds.
    pub(super) fn ask_one(&self, query: &[f32], dims: usize) -> (Vec<i16x8>, Option<Query>) {
        let asked = self.ask(query, dims);
        (asked.numbers.iter().map(|&[one, ..]| one).collect(), asked.queries.first().copied())
    }

    /// Products of rows with the directions.
    fn along<'p>(&self, rows: &'p [f32], products: &'p mut Vec<f32>) -> &'p [f32] {
        let Some(directions) = &self.directions else { return rows };
        directions.multiply(rows, products);
        products
    }

    /// Rounds a row's products to whole numbers and measures what that leaves out.
    fn lay(&self, row: &[f32], products: &[f32]) -> (Vec<i16x8>, Measures) {
        let length = length(row);
        let largest = products.iter().fold(0.0_f32, |largest, product| largest.max(product.abs()));
        let step = if largest < SMALLEST { 0.0 } else { largest / self.most };
        let inverse = if step > 0.0 { 1.0 / step } else { 0.0 };
        let mut squares = [0.0; WHOLE];
        let mut laid = Vec::with_capacity(self.width);
        for products in products.chunks(WHOLE) {
            let mut eight = [0.0; WHOLE];
            eight.iter_mut().zip(products).for_each(|(slot, &product)| *slot = product);
            let numbers = i16x8::from_i32x8_saturate((f32x8::new(eight) * f32x8::splat(inverse)).round_int());
            for ((square, &product), &number) in squares.iter_mut().zip(&eight).zip(numbers.as_array()) {
                let off = f64::from(product) - f64::from(step) * f64::from(number);
                *square += off * off;
            }
            laid.push(numbers);
        }
        let off = squares.iter().sum::<f64>().sqrt();
        let Some(directions) = &self.directions else {
            return (laid, Measures { step, rest: 0.0, off, length });
        };
        // Products are added up dim by dim in 32 bits, and directions are rounded to them.
        let turning = (row.len() + 1) as f64 * (directions.count() as f64).sqrt() * f64::from(f32::EPSILON) / 2.0;
        let held = (vectors::length(products) - turning * length).max(0.0);
        let rest = (length * length - held * held).max(0.0).sqrt();
        (laid, Measures { step, rest, off: off + turning * length, length })
    }
}

impl Query {
    /// Bounds from above of the products of a query that is like a row made ready, panel by panel: by the sums of this row with the panels,
    /// by what their documents add, and by their products with the directions in common, if there are any.
    pub(super) fn bound<'s>(
        &self,
        sums: impl Iterator<Item = &'s [i32; LANES]>,
        documents: &[[Bounds; 3]],
        common: Option<[&[Bounds]; COMMON]>,
        bounds: &mut [Bounds],
    ) {
        let [step, rest, length, margin] = [self.step, self.rest, self.length, self.margin].map(f32x8::splat);
        for ((slot, &sums), &measures) in bounds.iter_mut().zip(sums).zip(documents) {
            let [steps, rests, margins] = measures.map(f32x8::new);
            let scores = i32x8::new(sums).round_float() * steps * step;
            *slot = (scores + rests * rest + margins * length + margin).to_array();
        }
        for (all, times) in common.into_iter().flatten().zip(self.common) {
            let times = f32x8::splat(times);
            for (slot, &products) in bounds.iter_mut().zip(all) {
                *slot = (f32x8::new(*slot) + f32x8::new(products) * times).to_array();
            }
        }
    }
}

impl Asked {
    /// What each of the rows adds to the bounds.
    pub(super) fn queries(&self) -> &[Query] {
        &self.queries
    }
}

/// The products of every document of these rows with a direction, `[rows]`.
pub(super) fn products(rows: &Rows<'_>, direction: &[f32]) -> Vec<f32> {
    let mut room = Vec::new();
    (0..rows.count()).map(|place| dot(direction, rows.row(place, &mut room))).collect()
}

/// Sums of products over all numbers: for each of two documents, of every query.
fn tile(queries: &[[i16x8; QUERIES]], one: &[i16x8], two: &[i16x8]) -> [i32x4; HELD] {
    let zero = i32x4::splat(0);
    let [mut first, mut second, mut third, mut fourth] = [zero; QUERIES];
    let [mut fifth, mut sixth, mut seventh, mut eighth] = [zero; QUERIES];
    for ((&[a, b, c, d], &one), &two) in queries.iter().zip(one).zip(two) {
        first += a.dot(one);
        fifth += a.dot(two);
        second += b.dot(one);
        sixth += b.dot(two);
        third += c.dot(one);
        seventh += c.dot(two);
        fourth += d.dot(one);
        eighth += d.dot(two);
    }
    [totals([first, second, third, fourth]), totals([fifth, sixth, seventh, eighth])]
}

/// The sum of each of these fours.
fn totals(fours: [i32x4; 4]) -> i32x4 {
    let [a, b, c, d] = fours.map(i32x4::cast_unsigned);
    let (ac, bd) = (a.unpack_lo(c) + a.unpack_hi(c), b.unpack_lo(d) + b.unpack_hi(d));
    (ac.unpack_lo(bd) + ac.unpack_hi(bd)).cast_signed()
}

/// The columns of four rows.
fn columns(rows: [i32x4; 4]) -> [i32x4; 4] {
    let [a, b, c, d] = rows.map(i32x4::cast_unsigned);
    let [(ac, ac_high), (bd, bd_high)] = [(a, c), (b, d)].map(|(one, two)| (one.unpack_lo(two), one.unpack_hi(two)));
    [ac.unpack_lo(bd), ac.unpack_hi(bd), ac_high.unpack_lo(bd_high), ac_high.unpack_hi(bd_high)].map(u32x4::cast_signed)
}

/// The sum of the products of one query and one document.
pub(super) fn sum(query: &[i16x8], document: &[i16x8]) -> i32 {
    let [mut even, mut odd] = [i32x4::splat(0); 2];
    let ((pairs, rest), (others, other_rest)) = (query.as_chunks::<2>(), document.as_chunks::<2>());
    for (&[one, two], &[other_one, other_two]) in pairs.iter().zip(others) {
        even += one.dot(other_one);
        odd += two.dot(other_two);
    }
    for (&one, &other) in rest.iter().zip(other_rest) {
        even += one.dot(other);
    }
    total(even + odd)
}

/// The sum of a four.
fn total(sums: i32x4) -> i32 {
    let [one, two, three, four] = sums.to_array();
    (one + two) + (three + four)
}

#[cfg(test)]
mod tests;
