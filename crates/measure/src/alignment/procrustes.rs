//! Orthogonal maps: they turn and mirror a space but keep every distance and angle in it.

use nalgebra::{DMatrix, SVD};

use super::moments::Moments;
use crate::MeasureError;

/// `UV'` of `(X - mx)'(Y - my) = U S V'`.
pub(super) fn orthogonal(moments: &Moments) -> Result<DMatrix<f64>, MeasureError> {
    nearest_orthogonal(&moments.cross_scatter).map(|(matrix, _)| matrix)
}

/// `UV'` times `trace(S) / ||X - mx||_F^2`.
pub(super) fn scaled(moments: &Moments) -> Result<DMatrix<f64>, MeasureError> {
    let (matrix, trace) = nearest_orthogonal(&moments.cross_scatter)?;
    Ok(matrix * (trace / moments.source_scatter.trace()))
}

/// The (semi-)orthogonal matrix nearest to `matrix`, and the sum of the singular values of the latter.
///
/// Where `matrix` lacks rank some directions are free; they get an arbitrary completion, so the result is orthogonal all the same.
pub(super) fn nearest_orthogonal(matrix: &DMatrix<f64>) -> Result<(DMatrix<f64>, f64), MeasureError> {
    let (rows, columns) = matrix.shape();
    // The tolerance is nalgebra's own; the bound on the iterations is ours, so that no input can hang a browser.
    let svd = SVD::try_new(matrix.clone(), true, true, 5.0 * f64::EPSILON, 100 * rows.max(columns).max(10));
    match svd.map(|svd| (svd.u, svd.v_t, svd.singular_values.sum())) {
        Some((Some(u), Some(v_t), trace)) => Ok((u * v_t, trace)),
        _ => Err(MeasureError::NotConverged { rows, columns }),
    }
}
