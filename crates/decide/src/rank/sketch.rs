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

use wide::{f32x8, i16x8, i32x4, i32x8};

use super::{
    axes,
    dot::{dot, rounding},
    panels::Panels,
    rows::{Rows, length},
};
use crate::{DecideError, Pulse};

/// Documents that are bounded together.
pub(super) const LANES: usize = 8;

/// Queries that are bounded together: their sums and those of [`HELD`] documents fit the registers of the smallest target.
pub(super) const QUERIES: usize = 4;

/// Directions at most that queries may have in common.
pub(super) const COMMON: usize = 2;

/// Documents whose sums are held in registers together.
const HELD: usize = 2;

/// Whole numbers of a register.
const WHOLE: usize = 8;

/// Fewer documents than this are not worth directions of their own.
const LAID_FROM: usize = 16_384;

/// Nor are fewer dims.
const LAID_DIMS: usize = 64;

/// Bytes of documents that stay nearest to the processor while queries are asked one after another.
const NEAR: usize = 16 * 1024;

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
    pub(super) fn sums(&self, asked: &Asked, panel: usize) -> [[i32; LANES]; QUERIES] {
        let rows = self.numbers.get(panel * LANES * self.width..(panel + 1) * LANES * self.width).unwrap_or_default();
        let mut sums = [[0; LANES]; QUERIES];
        for (at, rows) in rows.chunks_exact(HELD * self.width).enumerate() {
            let (one, two) = rows.split_at(self.width);
            for (sums, [first, second]) in sums.iter_mut().zip(tile(&asked.numbers, one, two)) {
                if let Some([low, high]) = sums.as_chunks_mut::<HELD>().0.get_mut(at) {
                    (*low, *high) = (first, second);
                }
            }
        }
        sums
    }

    /// What the documents of a panel add to bounds.
    pub(super) fn measures(&self, panel: usize) -> [f32x8; 3] {
        self.measures.get(panel).map_or([f32x8::splat(f32::INFINITY); 3], |measures| measures.map(f32x8::new))
    }

    /// Whole numbers of a document.
    pub(super) fn document(&self, document: usize) -> &[i16x8] {
        self.numbers.get(document * self.width..(document + 1) * self.width).unwrap_or_default()
    }

    /// The bound of one score, by the sum of the products of whole numbers with the document.
    pub(super) fn bound(&self, query: &Query, sum: i32, document: usize) -> f32 {
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
        let mut squares = 0.0;
        let mut laid = Vec::with_capacity(self.width);
        for products in products.chunks(WHOLE) {
            let mut numbers = [0; WHOLE];
            for (number, &product) in numbers.iter_mut().zip(products) {
                // A cast cuts off towards zero.
                *number = (product * inverse + 0.5_f32.copysign(product)) as i16;
                squares += (f64::from(product) - f64::from(step) * f64::from(*number)).powi(2);
            }
            laid.push(i16x8::new(numbers));
        }
        let Some(directions) = &self.directions else {
            return (laid, Measures { step, rest: 0.0, off: squares.sqrt(), length });
        };
        // Products are added up dim by dim in 32 bits, and directions are rounded to them.
        let turning = (row.len() + 1) as f64 * (directions.count() as f64).sqrt() * f64::from(f32::EPSILON) / 2.0;
        let held = (self::length(products) - turning * length).max(0.0);
        let rest = (length * length - held * held).max(0.0).sqrt();
        (laid, Measures { step, rest, off: squares.sqrt() + turning * length, length })
    }
}

impl Query {
    /// Bounds from above of what a query scores that is like a row made ready, by the sums of this row with a panel, by what its documents
    /// add, and by their products with the directions in common, if there are any.
    pub(super) fn bounds(&self, sums: [i32; LANES], measures: &[f32x8; 3], common: Option<&[Bounds; COMMON]>) -> f32x8 {
        let [steps, rests, margins] = *measures;
        let scores = i32x8::new(sums).round_float() * steps * f32x8::splat(self.step);
        let bounds = scores + rests * f32x8::splat(self.rest) + margins * f32x8::splat(self.length);
        let bounds = bounds + f32x8::splat(self.margin);
        match common {
            Some(common) => {
                let [[one, other], [times, other_times]] = [common.map(f32x8::new), self.common.map(f32x8::splat)];
                bounds + one * times + other * other_times
            }
            None => bounds,
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

/// Sums of products over all numbers for every query and each of two documents.
fn tile(queries: &[[i16x8; QUERIES]], one: &[i16x8], two: &[i16x8]) -> [[i32; HELD]; QUERIES] {
    let zero = i32x4::splat(0);
    let [mut first, mut second, mut third, mut fourth] = [zero; QUERIES];
    let [mut fifth, mut sixth, mut seventh, mut eighth] = [zero; QUERIES];
    for ((&[a, b, c, d], &one), &two) in queries.iter().zip(one).zip(two) {
        first += a.dot(one);
        second += a.dot(two);
        third += b.dot(one);
        fourth += b.dot(two);
        fifth += c.dot(one);
        sixth += c.dot(two);
        seventh += d.dot(one);
        eighth += d.dot(two);
    }
    [[first, second], [third, fourth], [fifth, sixth], [seventh, eighth]].map(|of_query| of_query.map(total))
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

/// The sum of four.
fn total(sums: i32x4) -> i32 {
    let [one, two, three, four] = sums.to_array();
    (one + two) + (three + four)
}

#[cfg(test)]
mod tests;
