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

use std::ops::Range;

use wide::{bytemuck, f32x8, i16x8, i32x4, i32x8};

use super::{axes, dot::rounding, panels::Panels};
use crate::{DecideError, Pulse, Vectors};

/// Documents that are bounded together.
pub(super) const LANES: usize = 8;

/// Queries that are bounded together: their sums and those of [`LANES`] documents fit the registers of the smallest target.
pub(super) const QUERIES: usize = 4;

/// Fewer documents than this are not worth directions of their own.
const LAID_FROM: usize = 16_384;

/// Nor are fewer dims.
const LAID_DIMS: usize = 64;

/// Bytes of documents that stay near the processor while queries are asked one after another.
const NEAR: usize = 256 * 1024;

/// Rows between two calls of a pulse.
const AT_ONCE: usize = 128;

/// Below this a row's largest product counts as nothing, since a step that small is no exact number of 32 bits.
const SMALLEST: f32 = 1e-30;

/// What products of tiny numbers can lose below the smallest number of 32 bits.
const UNDERFLOW: f64 = 1e-35;

/// Bounds of [`LANES`] documents.
pub(super) type Bounds = [f32; LANES];

/// Documents in a form that bounds their scores.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    /// What rows are laid along; nothing where they are left as they are.
    directions: Option<Panels>,
    /// Largest whole number.
    most: f32,
    /// Pairs of whole numbers of a row.
    pairs: usize,
    /// `[panels, pairs]`, each of [`LANES`] rows times two numbers.
    numbers: Vec<[i16x8; 2]>,
    /// Of every panel, a number a document: `s`, `rest`, and `off` with its share of the rounding.
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

/// At most [`QUERIES`] queries in a form that meets a sketch.
pub(super) struct Asked {
    /// Of every pair of whole numbers, each query's, four times over.
    numbers: Vec<[i16x8; QUERIES]>,
    queries: Vec<Query>,
}

/// What a query adds to the bounds.
struct Query {
    step: f32,
    rest: f32,
    length: f32,
    /// The same for all documents.
    margin: f32,
}

impl Sketch {
    /// The sketch that is kept with an index of these rows; none where only one of all dims prunes so many rows, which is half as large as
    /// they are and quickly made.
    pub(super) fn kept(rows: &Vectors, pulse: Pulse<'_>) -> Result<Option<Self>, DecideError> {
        if rows.count() < LAID_FROM || rows.dims() < LAID_DIMS {
            return Self::new(rows, None, pulse).map(Some);
        }
        match axes::axes(rows, &mut |_| pulse(0.0))? {
            Some(directions) => Self::new(rows, Some(directions), pulse).map(Some),
            None => Ok(None),
        }
    }

    /// Of `rows` along orthonormal directions, or of all their numbers.
    pub(super) fn new(rows: &Vectors, directions: Option<Panels>, pulse: Pulse<'_>) -> Result<Self, DecideError> {
        let dims = rows.dims();
        let width = directions.as_ref().map_or(dims, Panels::count);
        let pairs = width.div_ceil(2);
        let panels = rows.count().div_ceil(LANES);
        // Sums of this many products of the largest numbers stay below 2^31.
        let most = (f64::from(i32::MAX) / (2 * pairs) as f64).sqrt().floor().min(f64::from(i16::MAX)) as f32;
        let slack = 2.0 * (rounding(dims) + 16.0 * f64::from(f32::EPSILON));
        let mut sketch = Self {
            directions,
            most,
            pairs,
            numbers: Vec::with_capacity(panels * pairs),
            measures: Vec::with_capacity(panels),
            reach: 0.0,
            slack,
        };
        let mut products = Vec::new();
        let mut laid = vec![[[0_i16; LANES]; 2]; pairs];
        for (panel, block) in rows.numbers().chunks(LANES * dims).enumerate() {
            if panel.is_multiple_of(AT_ONCE / LANES) {
                pulse(panel as f64 / panels as f64)?;
            }
            // The last panel may lack rows.
            laid.fill([[0; LANES]; 2]);
            let mut measures = [[0.0; LANES]; 3];
            let [steps, rests, margins] = &mut measures;
            let slots = steps.iter_mut().zip(rests).zip(margins);
            let block = block.chunks_exact(dims).zip(sketch.along(block, &mut products).chunks_exact(width));
            for (lane, ((row, products), ((step, rest), margin))) in block.zip(slots).enumerate() {
                let (half, first) = (lane / 4, lane % 4 * 2);
                let found = sketch.lay(row, products, |pair, numbers| {
                    let slots = laid.get_mut(pair).and_then(|halves| halves.get_mut(half)?.get_mut(first..first + 2));
                    if let Some(slots) = slots {
                        slots.copy_from_slice(&numbers);
                    }
                });
                (*step, *rest) = (found.step, found.rest as f32);
                *margin = (found.off + sketch.slack * found.length) as f32;
                sketch.reach = sketch.reach.max(found.length + found.off);
            }
            sketch.numbers.extend(laid.iter().map(|halves| halves.map(i16x8::new)));
            sketch.measures.push(measures);
        }
        Ok(sketch)
    }

    /// Whether it leaves dims out, so that a sketch of all bounds more closely.
    pub(super) fn is_partial(&self) -> bool {
        self.directions.is_some()
    }

    /// Panels of documents that stay near the processor together.
    pub(super) fn near(&self) -> usize {
        (NEAR / (self.pairs * size_of::<[i16x8; 2]>())).max(1)
    }

    /// At most [`QUERIES`] queries, `[queries, dims]` as the documents are compared, made ready.
    pub(super) fn ask(&self, queries: &[f32], dims: usize) -> Asked {
        let mut products = Vec::new();
        let width = self.directions.as_ref().map_or(dims, Panels::count);
        let mut numbers = vec![[i16x8::splat(0); QUERIES]; self.pairs];
        let rows = queries.chunks_exact(dims).zip(self.along(queries, &mut products).chunks_exact(width));
        let query = |(lane, (row, products)): (usize, (&[f32], &[f32]))| {
            let found = self.lay(row, products, |pair, [one, two]| {
                if let Some(slot) = numbers.get_mut(pair).and_then(|lanes| lanes.get_mut(lane)) {
                    *slot = i16x8::new([one, two, one, two, one, two, one, two]);
                }
            });
            // The sum of a bound is rounded, too, and this may be most of it.
            let margin = found.off * self.reach * (1.0 + 16.0 * f64::from(f32::EPSILON)) + UNDERFLOW;
            Query { step: found.step, rest: found.rest as f32, length: found.length as f32, margin: margin as f32 }
        };
        let queries = rows.enumerate().map(query).collect();
        Asked { numbers, queries }
    }

    /// Bounds from above of what each query scores with the documents of these panels, one list of panels a query.
    pub(super) fn bounds(&self, asked: &Asked, panels: Range<usize>, bounds: &mut [Vec<Bounds>]) {
        let numbers = self.numbers.get(panels.start * self.pairs..panels.end * self.pairs).unwrap_or_default();
        let measures = self.measures.get(panels.clone()).unwrap_or_default();
        for ((place, panel), measures) in panels.zip(numbers.chunks_exact(self.pairs)).zip(measures) {
            let sums = tile(&asked.numbers, panel);
            for ((query, sums), bounds) in asked.queries.iter().zip(sums).zip(bounds.iter_mut()) {
                if let Some(slot) = bounds.get_mut(place) {
                    *slot = query.bounds(sums, measures);
                }
            }
        }
    }

    /// Products of rows with the directions.
    fn along<'p>(&self, rows: &'p [f32], products: &'p mut Vec<f32>) -> &'p [f32] {
        let Some(directions) = &self.directions else { return rows };
        directions.multiply(rows, products);
        products
    }

    /// Rounds a row's products to whole numbers, two at a time, and measures what that leaves out.
    fn lay(&self, row: &[f32], products: &[f32], mut put: impl FnMut(usize, [i16; 2])) -> Measures {
        let length = norm(row);
        let largest = products.iter().fold(0.0_f32, |largest, product| largest.max(product.abs()));
        let step = if largest < SMALLEST { 0.0 } else { largest / self.most };
        let inverse = if step > 0.0 { 1.0 / step } else { 0.0 };
        let mut squares = 0.0;
        for (pair, products) in products.chunks(2).enumerate() {
            let mut numbers = [0; 2];
            for (number, &product) in numbers.iter_mut().zip(products) {
                // A cast cuts off towards zero.
                *number = (product * inverse + 0.5_f32.copysign(product)) as i16;
                squares += (f64::from(product) - f64::from(step) * f64::from(*number)).powi(2);
            }
            put(pair, numbers);
        }
        let Some(directions) = &self.directions else {
            return Measures { step, rest: 0.0, off: squares.sqrt(), length };
        };
        // Products are added up dim by dim in 32 bits, and directions are rounded to them.
        let turning = (row.len() + 1) as f64 * (directions.count() as f64).sqrt() * f64::from(f32::EPSILON) / 2.0;
        let held = (norm(products) - turning * length).max(0.0);
        let rest = (length * length - held * held).max(0.0).sqrt();
        Measures { step, rest, off: squares.sqrt() + turning * length, length }
    }
}

impl Query {
    /// Bounds by the sums of the products of whole numbers.
    fn bounds(&self, sums: [i32x4; 2], &[steps, rests, margins]: &[Bounds; 3]) -> Bounds {
        let sums = bytemuck::cast::<[i32x4; 2], i32x8>(sums).round_float();
        let scores = sums * f32x8::new(steps) * f32x8::splat(self.step);
        let rests = f32x8::new(rests) * f32x8::splat(self.rest);
        let margins = f32x8::new(margins) * f32x8::splat(self.length);
        (scores + rests + margins + f32x8::splat(self.margin)).to_array()
    }
}

/// Sums of products over all pairs of numbers for every query and every document of a panel.
fn tile(queries: &[[i16x8; QUERIES]], panel: &[[i16x8; 2]]) -> [[i32x4; 2]; QUERIES] {
    let zero = i32x4::splat(0);
    let [mut first, mut second, mut third, mut fourth] = [zero; QUERIES];
    let [mut fifth, mut sixth, mut seventh, mut eighth] = [zero; QUERIES];
    for (&[one, two, three, four], &[low, high]) in queries.iter().zip(panel) {
        first += one.dot(low);
        second += one.dot(high);
        third += two.dot(low);
        fourth += two.dot(high);
        fifth += three.dot(low);
        sixth += three.dot(high);
        seventh += four.dot(low);
        eighth += four.dot(high);
    }
    [[first, second], [third, fourth], [fifth, sixth], [seventh, eighth]]
}

/// Length of a row.
fn norm(row: &[f32]) -> f64 {
    row.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests;
