//! Orthogonal maps: they turn and mirror a space but keep every distance and angle in it.

use nalgebra::DMatrix;

use super::moments::Moments;
use crate::{
    MeasureError,
    linear::{Unwatched, polar::polar},
};

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
    // Here columns lie one after another, so what is handed over is the transpose, and so is what comes back.
    let found = polar(matrix.as_slice(), rows, &mut Unwatched);
    let found = found.map_err(|_| MeasureError::NotConverged { rows, columns })?;
    Ok((DMatrix::from_vec(rows, columns, found.turn), found.trace))
}
