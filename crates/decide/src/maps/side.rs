//! The rows of one model, in the coordinates that maps are fitted in: scaled to unit length, and projected where they are too wide.

use super::{Step, apply::normalize, axes::Axes, pairs::Limits, work::Work};
use crate::{DecideError, Vectors, vectors::length};

/// Rows of one model.
pub(super) struct Side<'a> {
    vectors: &'a Vectors,
    /// The mean of all fitted rows, scaled to unit length, `[whole dims]`.
    mean: Vec<f64>,
    /// What wide rows are projected on, once the mean is taken off.
    axes: Option<Axes>,
    /// Where the mean lies in the coordinates of the fit, `[dims]`.
    origin: Vec<f64>,
}

impl<'a> Side<'a> {
    /// Of these rows, none of which is zeros, in random order.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn new(
        vectors: &'a Vectors,
        rows: &[usize],
        limits: Limits,
        work: &mut Work<'_>,
    ) -> Result<Self, DecideError> {
        let mut mean = vec![0.0; vectors.dims()];
        for &row in rows {
            let row = vectors.row(row);
            let norm = length(row);
            mean.iter_mut().zip(row).for_each(|(sum, &number)| *sum += f64::from(number) / norm);
            work.advance(vectors.dims() as f64)?;
        }
        mean.iter_mut().for_each(|sum| *sum /= rows.len() as f64);
        if vectors.dims() <= limits.whole {
            return Ok(Self { vectors, origin: mean.clone(), mean, axes: None });
        }
        let mut side = Self { vectors, origin: mean.clone(), mean, axes: None };
        let sample = rows.get(..Axes::sample(limits.axes)).unwrap_or(rows);
        let axes = Axes::find(&side.centred(sample, work)?, vectors.dims(), limits.axes, work)?;
        side.origin = vec![0.0; axes.count()];
        side.axes = Some(axes);
        Ok(side)
    }

    /// Numbers of a row in the coordinates of the fit.
    pub(super) fn dims(&self) -> usize {
        self.origin.len()
    }

    /// Numbers of a row as it came.
    pub(super) fn whole_dims(&self) -> usize {
        self.vectors.dims()
    }

    /// How many dims a projection kept, if there is one.
    pub(super) fn projected(&self) -> Option<usize> {
        self.axes.as_ref().map(Axes::count)
    }

    /// Where the mean of all fitted rows lies in the coordinates of the fit, `[dims]`.
    pub(super) fn origin(&self) -> &[f64] {
        &self.origin
    }

    /// The mean of all fitted rows, scaled to unit length, as they came.
    pub(super) fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// These rows scaled to unit length, `[rows, whole dims]`.
    pub(super) fn units(&self, rows: &[usize]) -> Vec<f32> {
        let mut units: Vec<f32> = rows.iter().flat_map(|&row| self.vectors.row(row)).copied().collect();
        units.chunks_exact_mut(self.vectors.dims()).for_each(normalize);
        units
    }

    /// These rows in the coordinates of the fit, `[rows, dims]`.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn rows(&self, rows: &[usize], work: &mut Work<'_>) -> Result<Vec<f32>, DecideError> {
        // Projected rows are centred by the way.
        if self.axes.is_some() { self.centred(rows, work) } else { Ok(self.units(rows)) }
    }

    /// These rows less the mean of all in the coordinates of the fit, `[rows, dims]`.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn centred(&self, rows: &[usize], work: &mut Work<'_>) -> Result<Vec<f32>, DecideError> {
        let mut centred = Vec::with_capacity(rows.len() * self.vectors.dims());
        for &row in rows {
            let row = self.vectors.row(row);
            let norm = length(row);
            centred.extend(row.iter().zip(&self.mean).map(|(&number, mean)| (f64::from(number) / norm - mean) as f32));
        }
        match &self.axes {
            Some(axes) => axes.project(&centred, work),
            None => Ok(centred),
        }
    }

    /// From rows of unit length into the coordinates of the fit.
    pub(super) fn entrance(&self) -> Option<Step> {
        self.axes.as_ref().map(|axes| axes.entrance(&self.mean))
    }

    /// From the coordinates of the fit to rows as they came.
    pub(super) fn exit(&self) -> Option<Step> {
        self.axes.as_ref().map(|axes| axes.exit(&self.mean))
    }
}
