//! The network itself, and how it learns.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::super::{
    Step,
    activation::gelu_and_slope,
    apply::Program,
    products::{Number, Part, Target, View, add_scaled, dot, narrow, product},
    work::Work,
};
use super::{HIDDEN, STEPS};
use crate::{DecideError, vectors::length};

/// How far a step moves weights: those of the first layer as a share of their own size, those of the second so that what a row gains in a
/// step is small beside its length of 1.
const FIRST_RATE: f32 = 0.02;
const SECOND_RATE: f32 = 2e-3;

/// Both layers.
pub(super) struct Network {
    dims: usize,
    /// `[dims, HIDDEN]`, and what is added.
    first: Weights,
    first_bias: Weights,
    /// `[HIDDEN, dims]`, and what is added.
    second: Weights,
    second_bias: Weights,
}

impl Network {
    /// A network that adds nothing yet, for rows such as these: its neurons see them with mean 0 and variance 1.
    pub(super) fn new(rows: &[f32], dims: usize, rng: &mut ChaCha8Rng) -> Self {
        let count = (rows.len() / dims).max(1) as f64;
        let mut mean = vec![0.0_f64; dims];
        for row in rows.chunks_exact(dims) {
            mean.iter_mut().zip(row).for_each(|(sum, &number)| *sum += f64::from(number) / count);
        }
        let mean = narrow(&mean);
        let apart = |row: &[f32]| row.iter().zip(&mean).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
        let spread = (rows.chunks_exact(dims).map(apart).sum::<f64>() / count).sqrt().max(1e-6);
        // Drawn evenly, with variance 1 / spread^2.
        let size = (3.0_f64.sqrt() / spread) as f32;
        let first: Vec<f32> = (0..dims * HIDDEN).map(|_| rng.random_range(-size..size)).collect();
        let mut bias = vec![0.0; HIDDEN];
        for (row, &mean) in first.chunks_exact(HIDDEN).zip(&mean) {
            add_scaled(&mut bias, -mean, row);
        }
        let second_rate = SECOND_RATE / (dims as f32).sqrt();
        Self {
            dims,
            first: Weights::new(first, FIRST_RATE / spread as f32),
            first_bias: Weights::new(bias, FIRST_RATE),
            second: Weights::new(vec![0.0; HIDDEN * dims], second_rate),
            second_bias: Weights::new(vec![0.0; dims], 0.1 * second_rate),
        }
    }

    /// One step of Adam on these rows and those of length 1 that they should point to, `[rows, dims]` both.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn learn(&mut self, x: &[f32], y: &[f32], step: usize, work: &mut Work<'_>) -> Result<(), DecideError> {
        let dims = self.dims;
        let count = (x.len() / dims).max(1);
        let mut active = self.first_bias.values.repeat(count);
        add(&mut active, HIDDEN, View::new(x, dims), View::new(&self.first.values, HIDDEN), work)?;
        let mut slopes = Vec::with_capacity(active.len());
        for number in &mut active {
            let (value, slope) = gelu_and_slope(*number);
            *number = value;
            slopes.push(slope);
        }
        let mut out = self.second_bias.values.repeat(count);
        add_scaled(&mut out, 1.0, x);
        add(&mut out, dims, View::new(&active, HIDDEN), View::new(&self.second.values, dims), work)?;

        // From here on back: slopes of 1 - cosine.
        for (out, y) in out.chunks_exact_mut(dims).zip(y.chunks_exact(dims)) {
            slope_of_cosine(out, y, count);
        }
        let out = View::new(&out, dims);
        let second = product(View::new(&active, HIDDEN).transposed(), out, work)?;
        let mut hidden = product(out, View::new(&self.second.values, dims).transposed(), work)?;
        hidden.iter_mut().zip(&slopes).for_each(|(number, slope)| *number *= slope);
        let hidden = View::new(&hidden, HIDDEN);
        let first = product(View::new(x, dims).transposed(), hidden, work)?;

        let pace = Pace::of(step);
        let ones = vec![1.0; count];
        let ones = View::new(&ones, count);
        self.first_bias.learn(&product(ones, hidden, work)?, pace);
        self.second_bias.learn(&product(ones, out, work)?, pace);
        self.first.learn(&first, pace);
        self.second.learn(&second, pace);
        Ok(())
    }

    /// The layers as a step of a map.
    pub(super) fn step(&self) -> Step {
        let affine = |weight: &Weights, bias: &Weights| Step::Affine {
            weight: weight.values.clone(),
            bias: bias.values.clone(),
        };
        let (first, second) = (affine(&self.first, &self.first_bias), affine(&self.second, &self.second_bias));
        Step::Residual(vec![first, Step::Gelu, second])
    }

    /// What it makes of rows.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn apply(&self, rows: &[f32], work: &mut Work<'_>) -> Result<Vec<f32>, DecideError> {
        Program::new(&[self.step()], self.dims)?.run(rows.to_vec(), work)
    }
}

/// `target += a b`.
fn add(
    target: &mut [f32],
    columns: usize,
    a: View<'_, f32>,
    b: View<'_, f32>,
    work: &mut Work<'_>,
) -> Result<(), DecideError> {
    f32::add_product(Target::new(target, columns), a, b, 1.0, Part::All, work)
}

/// Puts the slope of `1 - cosine` with a row of length 1, over so many rows, in place of a row.
fn slope_of_cosine(row: &mut [f32], unit: &[f32], count: usize) {
    let norm = length(row).max(1e-6) as f32;
    let cosine = dot(row, unit) / norm;
    let scale = 1.0 / (norm * count as f32);
    for (number, &unit) in row.iter_mut().zip(unit) {
        *number = scale * (cosine * *number / norm - unit);
    }
}

/// How Adam weighs one step.
#[derive(Clone, Copy)]
struct Pace {
    /// The share of the rate that is left: it falls evenly to 0.
    share: f32,
    /// What running means of slopes and of their squares have to be divided by, since they start at 0.
    means: f32,
    squares: f32,
}

impl Pace {
    const MEANS: f32 = 0.9;
    const SQUARES: f32 = 0.999;

    /// Of step `step`, from 1 on.
    fn of(step: usize) -> Self {
        let power = |base: f32| (0..step).fold(1.0_f64, |product, _| product * f64::from(base)) as f32;
        Self {
            share: 1.0 - step as f32 / (STEPS + 1) as f32,
            means: 1.0 - power(Self::MEANS),
            squares: 1.0 - power(Self::SQUARES),
        }
    }
}

/// Weights, and the running means of their slopes.
struct Weights {
    values: Vec<f32>,
    means: Vec<f32>,
    squares: Vec<f32>,
    rate: f32,
}

impl Weights {
    fn new(values: Vec<f32>, rate: f32) -> Self {
        let zeros = vec![0.0; values.len()];
        Self { values, means: zeros.clone(), squares: zeros, rate }
    }

    fn learn(&mut self, slopes: &[f32], pace: Pace) {
        let rate = pace.share * self.rate;
        let means = self.means.iter_mut().zip(&mut self.squares);
        for ((value, (mean, square)), &slope) in self.values.iter_mut().zip(means).zip(slopes) {
            *mean = Pace::MEANS * *mean + (1.0 - Pace::MEANS) * slope;
            *square = Pace::SQUARES * *square + (1.0 - Pace::SQUARES) * slope * slope;
            *value -= rate * (*mean / pace.means) / ((*square / pace.squares).sqrt() + 1e-8);
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::super::super::{
        apply::cosines,
        testing::{bent, noise, quiet, unit},
    };
    use super::*;

    #[test]
    fn slopes_are_what_differences_give() {
        let numbers = noise(10, 6);
        let unit_row = unit(5, &numbers[5..]);
        let row = narrow(&numbers[..5]);
        let mut slopes = row.clone();
        slope_of_cosine(&mut slopes, unit_row.numbers(), 1);
        for (at, slope) in slopes.iter().enumerate() {
            let moved = |by: f32| {
                let mut row = row.clone();
                row[at] += by;
                1.0 - cosines(&row, unit_row.numbers(), 5)
            };
            assert!(((moved(1e-2) - moved(-1e-2)) / 2e-2 - f64::from(*slope)).abs() < 1e-3);
        }
    }

    #[test]
    fn a_step_lowers_what_it_is_taken_for() {
        let (x, y) = bent(128, 6);
        let mut quiet = quiet;
        let mut work = Work::start(&mut quiet, 1.0).unwrap();
        let mut network = Network::new(x.numbers(), 6, &mut ChaCha8Rng::seed_from_u64(1));
        let cosine = |network: &Network, work: &mut Work<'_>| {
            cosines(&network.apply(x.numbers(), work).unwrap(), y.numbers(), 6) / 128.0
        };
        let before = cosine(&network, &mut work);
        for step in 1..=20 {
            network.learn(x.numbers(), y.numbers(), step, &mut work).unwrap();
        }
        assert!(cosine(&network, &mut work) > before + 0.01);
    }
}
