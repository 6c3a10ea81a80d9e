//! Principal components: the plane in which embeddings are drawn.
//!
//! To watch a space move, fit the axes once, on the old model, and project every later model on them.

use nalgebra::{DMatrix, SymmetricEigen};
use serde::{Deserialize, Serialize};

use crate::{Features, MeasureError};

/// Axes of largest variance of one embedding.
///
/// The sign of an axis is arbitrary in theory and fixed here: its loading of largest magnitude (the first of equals) is positive, so
/// that a picture does not flip between runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pca {
    /// Column means, `[dim]`.
    pub mean: Vec<f64>,
    /// Unit-length axes by falling variance, `[components, dim]` row-major.
    pub axes: Vec<f64>,
    /// Sample variance (denominator `rows - 1`) along each axis, `[components]`.
    pub explained_variance: Vec<f64>,
    /// Each variance as a fraction of the total over all dimensions, `[components]`; 0 when nothing varies.
    pub explained_variance_ratio: Vec<f64>,
}

impl Pca {
    /// Finds the first `components` axes of the features as they are, without scaling rows.
    ///
    /// # Errors
    /// When there are fewer than 2 rows, `components` is not in `1..=dim`, or the eigenvalues do not converge.
    pub fn fit(features: &Features, components: usize) -> Result<Self, MeasureError> {
        let (rows, dim) = (features.rows(), features.dim());
        if rows < 2 {
            return Err(MeasureError::TooFewRows { measure: "a principal component fit", needed: 2, found: rows });
        }
        if components == 0 || components > dim {
            return Err(MeasureError::OutOfRange {
                what: "the number of components",
                value: components,
                min: 1,
                max: dim,
            });
        }
        let raw = features.values().iter().map(|&value| f64::from(value));
        let mut values = DMatrix::from_row_iterator(rows, dim, raw);
        let mean = values.row_mean();
        for mut row in values.row_iter_mut() {
            row -= &mean;
        }
        let covariance = values.tr_mul(&values) / (rows as f64 - 1.0);
        let total = covariance.trace();
        let eigen = SymmetricEigen::try_new(covariance, f64::EPSILON, 100 * dim.max(10))
            .ok_or(MeasureError::NotConverged { rows: dim, columns: dim })?;

        let mut order: Vec<_> = eigen.eigenvalues.iter().copied().zip(eigen.eigenvectors.column_iter()).collect();
        order.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        order.truncate(components);
        // Rounding can push a variance of zero slightly below it.
        let explained_variance: Vec<f64> = order.iter().map(|(variance, _)| variance.max(0.0)).collect();
        let ratio = |variance: &f64| if total > 0.0 { variance / total } else { 0.0 };
        let explained_variance_ratio = explained_variance.iter().map(ratio).collect();
        let mut axes = Vec::with_capacity(components * dim);
        for (_, axis) in &order {
            let largest =
                axis.iter().fold(0.0_f64, |largest, &value| if value.abs() > largest.abs() { value } else { largest });
            axes.extend(axis.iter().map(|value| value * 1.0_f64.copysign(largest)));
        }
        Ok(Self { mean: mean.iter().copied().collect(), axes, explained_variance, explained_variance_ratio })
    }

    /// Width of the features the axes were fitted on.
    pub fn dim(&self) -> usize {
        self.mean.len()
    }

    /// Number of axes.
    pub fn components(&self) -> usize {
        self.explained_variance.len()
    }

    /// Coordinates of every row on the axes, `[rows, components]` row-major.
    ///
    /// Of wider features the first [`dim`](Self::dim) coordinates are used as they are, which is how an embedding with extra dimensions
    /// is compared with an older one. If the fit was on unit rows, pass [`Features::prefix`] so that the prefix has unit rows too.
    ///
    /// # Errors
    /// When the features are narrower than the axes.
    pub fn project(&self, features: &Features) -> Result<Vec<f32>, MeasureError> {
        if features.dim() < self.dim() {
            let expected = self.dim();
            return Err(MeasureError::LengthMismatch {
                what: "dimensions to project",
                expected,
                found: features.dim(),
            });
        }
        let mut coordinates = Vec::with_capacity(features.rows() * self.components());
        for row in features.iter() {
            for axis in self.axes.chunks_exact(self.dim()) {
                let terms = axis.iter().zip(row.iter().zip(&self.mean));
                coordinates
                    .push(terms.map(|(axis, (&value, mean))| axis * (f64::from(value) - mean)).sum::<f64>() as f32);
            }
        }
        Ok(coordinates)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn axes_of_a_known_ellipse() {
        // Spread 2 along (3, 4) / 5 and 1 across it, around (10, -10).
        let points = [(2.0, 0.0), (-2.0, 0.0), (0.0, 1.0), (0.0, -1.0)];
        let values: Vec<f32> = points
            .iter()
            .flat_map(|(a, b): &(f32, f32)| [0.6 * a - 0.8 * b + 10.0, 0.8 * a + 0.6 * b - 10.0])
            .collect();
        let pca = Pca::fit(&Features::new(&values, 2).unwrap(), 2).unwrap();
        let near = |found: &[f64], expected: &[f64]| found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(near(&pca.mean, &[10.0, -10.0]));
        assert!(near(&pca.axes, &[0.6, 0.8, 0.8, -0.6]), "{:?}", pca.axes);
        assert!(near(&pca.explained_variance, &[8.0 / 3.0, 2.0 / 3.0]));
        assert!(near(&pca.explained_variance_ratio, &[0.8, 0.2]));
    }

    #[test]
    fn wider_features_are_drawn_by_their_prefix() {
        let narrow = [1.0, 2.0, 3.0, 5.0, -1.0, 0.5];
        let wide = [1.0, 2.0, 9.0, 3.0, 5.0, 9.0, -1.0, 0.5, 7.0];
        let pca = Pca::fit(&Features::new(&narrow, 2).unwrap(), 1).unwrap();
        let (narrow, wide) = (Features::new(&narrow, 2).unwrap(), Features::new(&wide, 3).unwrap());
        assert_eq!(pca.project(&narrow), pca.project(&wide));
        assert_eq!((pca.dim(), pca.components()), (2, 1));
        assert!(pca.project(&Features::new(&[1.0], 1).unwrap()).is_err());
    }

    #[test]
    fn collapsed_features_have_axes_but_no_variance() {
        let pca = Pca::fit(&Features::new(&[0.5; 12], 3).unwrap(), 2).unwrap();
        assert_eq!(pca.explained_variance_ratio, [0.0, 0.0]);
        let too_many = Pca::fit(&Features::new(&[0.5; 12], 3).unwrap(), 4).unwrap_err();
        assert_eq!(too_many.to_string(), "the number of components is 4; choose 1 to 3");
        assert!(Pca::fit(&Features::new(&[0.5; 3], 3).unwrap(), 1).is_err());
    }
}
