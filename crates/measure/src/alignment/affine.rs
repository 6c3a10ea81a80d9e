//! Linear regression between two spaces, of full and of reduced rank.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::moments::Moments;
use crate::MeasureError;

/// `(X'X + r I)^-1 X'Y` of the centred rows, by the eigenvalues of `X'X`.
///
/// Directions in which the source does not vary get no weight, which makes the unpenalised solution the one of smallest norm.
pub(super) fn full(moments: &Moments, ridge: f64) -> Result<DMatrix<f64>, MeasureError> {
    if !(0.0..=f64::INFINITY).contains(&ridge) {
        return Err(MeasureError::NumberOutOfRange {
            what: "the ridge penalty",
            value: ridge,
            min: 0.0,
            max: f64::INFINITY,
        });
    }
    let (values, vectors) = eigen(moments.source_scatter.clone())?;
    let floor = moments.pairs.max(values.len()) as f64 * f64::EPSILON * values.max();
    let inverse = values.map(|value| if value > floor { 1.0 / (value + ridge) } else { 0.0 });
    let mut weighted = vectors.tr_mul(&moments.cross_scatter);
    for (mut row, &inverse) in weighted.row_iter_mut().zip(&inverse) {
        row *= inverse;
    }
    Ok(vectors * weighted)
}

/// The affine solution `W` projected on the `rank` leading eigenvectors of `W'(X'X + r I)W = W'X'Y`, the scatter of what it predicts.
pub(super) fn low_rank(moments: &Moments, rank: usize, ridge: f64) -> Result<DMatrix<f64>, MeasureError> {
    let (source, target) = moments.cross_scatter.shape();
    let max = source.min(target);
    if rank == 0 || rank > max {
        return Err(MeasureError::OutOfRange { what: "the rank of the adapter", value: rank, min: 1, max });
    }
    let matrix = full(moments, ridge)?;
    let (values, vectors) = eigen(matrix.tr_mul(&moments.cross_scatter))?;
    let mut order: Vec<_> = values.iter().zip(vectors.column_iter()).collect();
    order.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let leading: Vec<_> = order.into_iter().take(rank).map(|(_, axis)| axis).collect();
    let axes = DMatrix::from_columns(&leading);
    Ok(matrix * &axes * axes.transpose())
}

/// Eigenvalues, in no order, and the eigenvectors in the columns of a symmetric matrix.
fn eigen(matrix: DMatrix<f64>) -> Result<(DVector<f64>, DMatrix<f64>), MeasureError> {
    let (rows, columns) = matrix.shape();
    let eigen = SymmetricEigen::try_new(matrix, f64::EPSILON, 100 * rows.max(10))
        .ok_or(MeasureError::NotConverged { rows, columns })?;
    Ok((eigen.eigenvalues, eigen.eigenvectors))
}
