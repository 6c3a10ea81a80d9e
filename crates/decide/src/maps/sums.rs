//! Sums over pairs of rows.

use super::{
    products::{Number, Part, Target, View, add_scaled, mirror, trace},
    side::Side,
    work::Work,
};
use crate::DecideError;

/// Rows copied at a time.
const BLOCK: usize = 512;

/// Means and scatter of pairs in coordinates that are centred about the mean of all, so that no digits are lost.
pub(super) struct Moments {
    /// How many pairs there are.
    pub(super) count: usize,
    /// Means, `[from]` and `[to]`.
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    /// `(X - mx)'(X - mx)`, `[from, from]`.
    pub(super) auto: Vec<f64>,
    /// `(X - mx)'(Y - my)`, `[from, to]`.
    pub(super) cross: Vec<f64>,
    /// The sums of squared distances from the means.
    pub(super) spread: (f64, f64),
}

/// Sums over rows that go by.
pub(super) struct Sums {
    count: usize,
    x: Vec<f64>,
    y: Vec<f64>,
    auto: Vec<f64>,
    cross: Vec<f64>,
    squares: f64,
}

impl Sums {
    /// Of no rows yet.
    pub(super) fn new(from: usize, to: usize) -> Self {
        let zeros = |count: usize| vec![0.0; count];
        Self { count: 0, x: zeros(from), y: zeros(to), auto: zeros(from * from), cross: zeros(from * to), squares: 0.0 }
    }

    /// Adds pairs of rows.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn add_rows(
        &mut self,
        x: &Side<'_>,
        y: &Side<'_>,
        rows: &[usize],
        work: &mut Work<'_>,
    ) -> Result<(), DecideError> {
        for rows in rows.chunks(BLOCK) {
            self.add(&x.centred(rows, work)?, &y.centred(rows, work)?, work)?;
            self.count += rows.len();
        }
        Ok(())
    }

    fn add(&mut self, x: &[f32], y: &[f32], work: &mut Work<'_>) -> Result<(), DecideError> {
        let (from, to) = (self.x.len(), self.y.len());
        let (rows, columns) = (View::new(x, from), View::new(x, from).transposed());
        f32::add_wide_product(Target::new(&mut self.auto, from), columns, rows, Part::Upper, work)?;
        f32::add_wide_product(Target::new(&mut self.cross, to), columns, View::new(y, to), Part::All, work)?;
        for (sums, rows) in [(&mut self.x, x), (&mut self.y, y)] {
            for row in rows.chunks_exact(sums.len()) {
                sums.iter_mut().zip(row).for_each(|(sum, &number)| *sum += f64::from(number));
            }
        }
        self.squares += y.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>();
        Ok(())
    }

    /// Means, and scatter about them.
    pub(super) fn moments(&self) -> Moments {
        let (from, to, count) = (self.x.len(), self.y.len(), self.count as f64);
        let mean = |sums: &[f64]| sums.iter().map(|sum| sum / count).collect::<Vec<f64>>();
        let (x, y) = (mean(&self.x), mean(&self.y));
        let (mut auto, mut cross) = (self.auto.clone(), self.cross.clone());
        mirror(&mut auto, from);
        for ((auto, cross), &mean) in auto.chunks_exact_mut(from).zip(cross.chunks_exact_mut(to)).zip(&x) {
            add_scaled(auto, -count * mean, &x);
            add_scaled(cross, -count * mean, &y);
        }
        let about = |sum: f64, mean: &[f64]| (sum - count * mean.iter().map(|mean| mean * mean).sum::<f64>()).max(0.0);
        let spread = (trace(&auto, from).max(0.0), about(self.squares, &y));
        Moments { count: self.count, x, y, auto, cross, spread }
    }
}
