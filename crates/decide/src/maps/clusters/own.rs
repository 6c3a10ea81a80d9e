//! What is a cluster's own: the penalised regression of its pairs on what the map of all leaves over.

use super::super::{apply::Program, dual::Dual, pairs::Pairs, products::add_scaled, sums::Moments, work::Work};
use crate::DecideError;

/// Weight and bias of one cluster.
type Affine = (Vec<f32>, Vec<f32>);

/// Pairs at most that one cluster is fitted on: its system is as large as there are pairs.
const MOST_PAIRS: usize = 1024;

/// The least penalty, as a share of the mean squared length of a row: in 32 bits a smaller one cannot be told from rounding.
const LEAST: f64 = 1e-3;

/// A cluster's shift counts for as much as that of all once there are so many pairs.
const PRIOR_PAIRS: f64 = 10.0;

/// Centred rows of `from` numbers, and the places of each cluster's.
pub(super) struct Rows {
    pub(super) x: Vec<f32>,
    pub(super) members: Vec<Vec<usize>>,
}

impl Rows {
    /// Of rows whose clusters are known, in `0..count`.
    pub(super) fn new(x: Vec<f32>, clusters: &[usize], count: usize) -> Self {
        let mut members = vec![Vec::new(); count];
        for (row, &cluster) in clusters.iter().enumerate() {
            if let Some(members) = members.get_mut(cluster) {
                members.push(row);
            }
        }
        Self { x, members }
    }

    /// These rows, then those of another.
    pub(super) fn with(self, other: &Self, from: usize) -> Self {
        let count = self.x.len() / from;
        let both = |(own, other): (&Vec<usize>, &Vec<usize>)| {
            own.iter().copied().chain(other.iter().map(|&row| count + row)).collect::<Vec<usize>>()
        };
        let members = self.members.iter().zip(&other.members).map(both).collect();
        Self { x: [self.x, other.x.clone()].concat(), members }
    }
}

/// What each cluster adds to the map of all.
pub(super) struct Additions {
    clusters: Vec<Own>,
    from: usize,
    to: usize,
}

/// What one does.
struct Own {
    /// Rows less the mean of the cluster's.
    rows: Dual<f32>,
    mean: Vec<f32>,
    /// What is left over on average, drawn towards 0, `[to]`.
    shift: Vec<f32>,
    /// What is left over less the shift, `[rows, to]`.
    targets: Vec<f32>,
}

impl Additions {
    /// Of rows of `from` numbers and what the map of all leaves over of each, `[rows, to]`.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn new(
        rows: &Rows,
        left: &[f32],
        (from, to): (usize, usize),
        work: &mut Work<'_>,
    ) -> Result<Self, DecideError> {
        let mut clusters = Vec::with_capacity(rows.members.len());
        for members in &rows.members {
            let members = members.get(..MOST_PAIRS).unwrap_or(members);
            let (mut x, mut targets) = (gathered(&rows.x, members, from), gathered(left, members, to));
            let count = members.len() as f64;
            let mean = mean(&x, from);
            less(&mut x, &mean);
            let share = (count / (count + PRIOR_PAIRS)) as f32;
            let shift: Vec<f32> = self::mean(&targets, to).iter().map(|number| share * number).collect();
            less(&mut targets, &shift);
            clusters.push(Own { rows: Dual::new(x, from, work)?, mean, shift, targets });
        }
        Ok(Self { clusters, from, to })
    }

    /// Adds what clusters predict for their rows to `predicted`, `[rows, to]`.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn add(
        &self,
        predicted: &mut [f32],
        rows: &Rows,
        lambda: f64,
        work: &mut Work<'_>,
    ) -> Result<(), DecideError> {
        for (own, members) in self.clusters.iter().zip(&rows.members) {
            if own.rows.count() == 0 || members.is_empty() {
                continue;
            }
            let mut x = gathered(&rows.x, members, self.from);
            less(&mut x, &own.mean);
            let coefficients = own.coefficients(self.to, lambda, work)?;
            let more = own.rows.predict(&x, &coefficients, self.to, work)?;
            for (&row, more) in members.iter().zip(more.chunks_exact(self.to)) {
                let slots = predicted.get_mut(row * self.to..(row + 1) * self.to).unwrap_or_default();
                slots.iter_mut().zip(more).zip(&own.shift).for_each(|((slot, more), shift)| *slot += more + shift);
            }
        }
        Ok(())
    }

    /// The whole map of each cluster for centred rows: with `weight` and `bias` the map of all, `[from, to]` and `[to]`.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn maps(
        &self,
        weight: &[f64],
        bias: &[f64],
        lambda: f64,
        work: &mut Work<'_>,
    ) -> Result<Vec<Affine>, DecideError> {
        let mut maps = Vec::with_capacity(self.clusters.len());
        for own in &self.clusters {
            let coefficients = own.coefficients(self.to, lambda, work)?;
            let more = own.rows.weight(&coefficients, self.to, work)?;
            let mut shift: Vec<f64> = bias.iter().zip(&own.shift).map(|(all, own)| all + f64::from(*own)).collect();
            for (row, &mean) in more.chunks_exact(self.to).zip(&own.mean) {
                shift.iter_mut().zip(row).for_each(|(sum, more)| *sum -= f64::from(mean) * f64::from(*more));
            }
            let weight = weight.iter().zip(&more).map(|(all, own)| (all + f64::from(*own)) as f32).collect();
            maps.push((weight, shift.iter().map(|&number| number as f32).collect()));
        }
        Ok(maps)
    }
}

impl Own {
    fn coefficients(&self, to: usize, lambda: f64, work: &mut Work<'_>) -> Result<Vec<f32>, DecideError> {
        let least = LEAST * self.rows.mean_square().max(LEAST);
        self.rows.coefficients(&self.targets, to, lambda.max(least), work)
    }
}

/// What the map of all predicts for rows and what it leaves over, both `[rows, to]` in the coordinates of the fit.
///
/// # Errors
/// What the pulse says.
pub(super) fn residuals(
    pairs: &Pairs<'_>,
    rows: &[usize],
    moments: &Moments,
    weight: &[f64],
    work: &mut Work<'_>,
) -> Result<(Vec<f32>, Vec<f32>), DecideError> {
    let step = [pairs.affine(moments, weight)];
    let predicted = Program::new(&step, pairs.dims().0)?.run(pairs.x.rows(rows, work)?, work)?;
    let mut left = pairs.y.rows(rows, work)?;
    add_scaled(&mut left, -1.0, &predicted);
    Ok((predicted, left))
}

/// These rows of `dims` numbers.
fn gathered(rows: &[f32], places: &[usize], dims: usize) -> Vec<f32> {
    let row = |&place: &usize| rows.get(place * dims..(place + 1) * dims).unwrap_or_default();
    places.iter().flat_map(row).copied().collect()
}

/// The mean row; zeros without rows.
fn mean(rows: &[f32], dims: usize) -> Vec<f32> {
    let mut sums = vec![0.0_f64; dims];
    for row in rows.chunks_exact(dims) {
        sums.iter_mut().zip(row).for_each(|(sum, &number)| *sum += f64::from(number));
    }
    let count = (rows.len() / dims).max(1) as f64;
    sums.iter().map(|sum| (sum / count) as f32).collect()
}

/// Takes a row off every row.
fn less(rows: &mut [f32], row: &[f32]) {
    for slots in rows.chunks_exact_mut(row.len().max(1)) {
        slots.iter_mut().zip(row).for_each(|(slot, number)| *slot -= number);
    }
}
