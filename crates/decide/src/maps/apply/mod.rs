//! Maps at work: steps made ready once, then rows block by block.

use super::{
    Map, Step,
    activation::gelu,
    products::{Packed, Part, Target, View, WIDE, dot, multiply, product, transposed},
    undefined,
    work::Work,
};
use crate::{
    DecideError, Pulse, Vectors,
    vectors::{length, scaled},
};

#[cfg(test)]
mod tests;

/// Rows that go through all steps together.
const BLOCK: usize = 1024;

/// The length below which a row counts as zeros.
const LEAST: f64 = f64::MIN_POSITIVE;

impl Map {
    /// Maps every row, `[rows, from]`, to `[rows, to]`. The first step of a fitted map scales rows to unit length; mapped rows have none.
    ///
    /// # Errors
    /// The rows are of another width, the steps do not fit together, a mapped number is not finite, or what the pulse says.
    pub fn apply(&self, rows: &Vectors, pulse: Pulse<'_>) -> Result<Vectors, DecideError> {
        if rows.dims() != self.from {
            let why = format!(
                "it takes rows of {} numbers and there are {}; hand in those it was fitted on",
                self.from,
                rows.dims()
            );
            return Err(DecideError::Undefined { what: "a mapped row", why });
        }
        let program = Program::new(&self.steps, self.from)?;
        if program.to != self.to {
            return Err(misfit());
        }
        let mut work = Work::start(pulse, program.cost * rows.count() as f64)?;
        let mut mapped = Vec::with_capacity(rows.count() * self.to);
        for block in rows.numbers().chunks(BLOCK * self.from) {
            mapped.extend(program.run(block.to_vec(), &mut work)?);
        }
        Vectors::new(self.to, mapped)
    }
}

/// Steps made ready.
pub(super) struct Program<'a> {
    steps: Vec<Ready<'a>>,
    /// Numbers of a row that goes in and of one that comes out.
    from: usize,
    to: usize,
    /// Multiply-adds for a row.
    cost: f64,
}

enum Ready<'a> {
    Add(&'a [f32]),
    Affine(Layer<'a>),
    Normalize,
    Gelu,
    Clustered(Clustered<'a>),
    Residual(Program<'a>),
}

impl<'a> Program<'a> {
    /// Steps for rows of `from` numbers.
    ///
    /// # Errors
    /// A step is made for rows of another width than the one before it gives.
    pub(super) fn new(steps: &'a [Step], from: usize) -> Result<Self, DecideError> {
        let (mut ready, mut to, mut cost) = (Vec::with_capacity(steps.len()), from, 0.0);
        for step in steps {
            cost += to as f64;
            ready.push(match step {
                Step::Add(shift) if shift.len() == to => Ready::Add(shift),
                Step::Add(_) => return Err(misfit()),
                Step::Affine { weight, bias } => {
                    let layer = Layer::new(weight, bias, to)?;
                    cost += weight.len() as f64;
                    to = bias.len();
                    Ready::Affine(layer)
                }
                Step::Normalize => Ready::Normalize,
                Step::Gelu => Ready::Gelu,
                Step::Clustered { centroids, maps } => {
                    let clustered = Clustered::new(centroids, maps, to)?;
                    cost += (centroids.len() + to * clustered.to) as f64;
                    to = clustered.to;
                    Ready::Clustered(clustered)
                }
                Step::Residual(steps) => {
                    let inner = Self::new(steps, to)?;
                    if inner.to != to {
                        return Err(misfit());
                    }
                    cost += inner.cost;
                    Ready::Residual(inner)
                }
            });
        }
        Ok(Self { steps: ready, from, to, cost })
    }

    /// Takes rows, `[rows, from]`, through all steps: `[rows, to]`.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn run(&self, mut rows: Vec<f32>, work: &mut Work<'_>) -> Result<Vec<f32>, DecideError> {
        let mut dims = self.from;
        for step in &self.steps {
            match step {
                Ready::Add(shift) => {
                    for row in rows.chunks_exact_mut(dims) {
                        row.iter_mut().zip(*shift).for_each(|(number, shift)| *number += shift);
                    }
                }
                Ready::Affine(layer) => {
                    rows = layer.run(&rows, dims, work)?;
                    dims = layer.bias.len();
                }
                Ready::Normalize => rows.chunks_exact_mut(dims).for_each(normalize),
                Ready::Gelu => rows.iter_mut().for_each(|number| *number = gelu(*number)),
                Ready::Clustered(clustered) => {
                    rows = clustered.run(&rows, dims, work)?;
                    dims = clustered.to;
                }
                Ready::Residual(inner) => {
                    let more = inner.run(rows.clone(), work)?;
                    rows.iter_mut().zip(more).for_each(|(number, more)| *number += more);
                }
            }
            work.advance(rows.len() as f64)?;
        }
        Ok(rows)
    }
}

/// `x W + b`.
pub(super) struct Layer<'a> {
    weight: Packed<f32, WIDE>,
    bias: &'a [f32],
}

impl<'a> Layer<'a> {
    /// Of `weight`, `[dims, length of bias]`.
    ///
    /// # Errors
    /// The lengths do not fit.
    pub(super) fn new(weight: &[f32], bias: &'a [f32], dims: usize) -> Result<Self, DecideError> {
        if bias.is_empty() || weight.len() != dims * bias.len() {
            return Err(misfit());
        }
        Ok(Self { weight: Packed::of(View::new(weight, bias.len())), bias })
    }

    /// Rows of `dims` numbers, mapped.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn run(&self, rows: &[f32], dims: usize, work: &mut Work<'_>) -> Result<Vec<f32>, DecideError> {
        let rows = View::new(rows, dims);
        let mut mapped = self.bias.repeat(rows.count());
        multiply(Target::new(&mut mapped, self.bias.len()), rows, &self.weight, 1.0, Part::All, work)?;
        Ok(mapped)
    }
}

/// A map for each cluster of rows.
struct Clustered<'a> {
    /// As long as 1, `[dims, clusters]`.
    centroids: Vec<f32>,
    maps: Vec<Layer<'a>>,
    to: usize,
}

impl<'a> Clustered<'a> {
    fn new(centroids: &[f32], maps: &'a [(Vec<f32>, Vec<f32>)], dims: usize) -> Result<Self, DecideError> {
        let to = maps.first().map_or(0, |(_, bias)| bias.len());
        if dims == 0 || centroids.len() != maps.len() * dims || maps.iter().any(|(_, bias)| bias.len() != to) {
            return Err(misfit());
        }
        let mut centroids = centroids.to_vec();
        centroids.chunks_exact_mut(dims).for_each(normalize);
        let maps: Result<Vec<_>, _> = maps.iter().map(|(weight, bias)| Layer::new(weight, bias, dims)).collect();
        let maps = maps?;
        if maps.is_empty() {
            return Err(misfit());
        }
        Ok(Self { centroids: transposed(&centroids, dims), maps, to })
    }

    fn run(&self, rows: &[f32], dims: usize, work: &mut Work<'_>) -> Result<Vec<f32>, DecideError> {
        let mut members = vec![Vec::new(); self.maps.len()];
        let cosines = product(View::new(rows, dims), View::new(&self.centroids, self.maps.len()), work)?;
        for (row, cosines) in cosines.chunks_exact(self.maps.len()).enumerate() {
            if let Some(members) = members.get_mut(largest(cosines)) {
                members.push(row);
            }
        }
        let mut mapped = vec![0.0; rows.len() / dims * self.to];
        for (map, members) in self.maps.iter().zip(&members) {
            let own = members.iter().filter_map(|&row| rows.get(row * dims..(row + 1) * dims)).flatten();
            let own: Vec<f32> = own.copied().collect();
            let results = map.run(&own, dims, work)?;
            for (&row, result) in members.iter().zip(results.chunks_exact(self.to)) {
                if let Some(slots) = mapped.get_mut(row * self.to..(row + 1) * self.to) {
                    slots.copy_from_slice(result);
                }
            }
        }
        Ok(mapped)
    }
}

/// The place of the largest number, the first of equals.
pub(super) fn largest(numbers: &[f32]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (place, &number) in numbers.iter().enumerate() {
        if number > best.1 {
            best = (place, number);
        }
    }
    best.0
}

/// Scales a row to length 1; a row of zeros stays.
pub(super) fn normalize(row: &mut [f32]) {
    let norm = length(row);
    if norm > LEAST {
        let scale = 1.0 / norm;
        row.iter_mut().for_each(|number| *number = scaled(*number, scale));
    }
}

/// The sum of the cosines of rows of `dims` numbers with rows as long as 1; a row of zeros has none.
pub(super) fn cosines(rows: &[f32], units: &[f32], dims: usize) -> f64 {
    let cosine = |(row, unit): (&[f32], &[f32])| {
        let norm = length(row);
        if norm > LEAST { f64::from(dot(row, unit)) / norm } else { 0.0 }
    };
    rows.chunks_exact(dims.max(1)).zip(units.chunks_exact(dims.max(1))).map(cosine).sum()
}

fn misfit() -> DecideError {
    undefined("a mapped row", "the steps of the map do not fit together; take it as it was fitted")
}
